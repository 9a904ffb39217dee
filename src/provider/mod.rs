//! The statistics that the platform's provider exports: counts already made,
//! by establishment, period and profile. Compared with what is counted here,
//! never added to it.
//!
//! ```text
//! "Établissement";"UAI";"Date";"Profil";"Connexions";"Visiteurs uniques";"Comptes chargés";"Comptes activés"
//! "CLG-L&#39;EXEMPLE";"0599999A";"2025-11-03T00:00";"Élèves";"1250";"410";"520";"498"
//! ```
//!
//! Every cell is quoted and escaped as HTML, so `";"` is never inside one.

mod html;

pub use html::unescape;

use crate::domain::{Role, Uai};
use chrono::{NaiveDate, NaiveDateTime};

/// French labels of applications, to services.
const APPLICATIONS: &str = include_str!("../data/applications.csv");

/// What a number of the export counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// `Connexions`
    Logins,
    /// `Visiteurs uniques`
    Visitors,
    /// `Comptes chargés`
    LoadedAccounts,
    /// `Comptes activés`
    ActivatedAccounts,
    /// `Nombre d'accès` to an application.
    Accesses,
    /// `Nombre d'accès` to a connector.
    ConnectorAccesses,
}

impl Measure {
    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::Logins => "logins",
            Self::Visitors => "visitors",
            Self::LoadedAccounts => "loaded_accounts",
            Self::ActivatedAccounts => "activated_accounts",
            Self::Accesses => "accesses",
            Self::ConnectorAccesses => "connector_accesses",
        }
    }
}

/// One row of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name of the establishment, or of the whole.
    pub name: String,
    /// Given at the level of establishments only.
    pub uai: Option<Uai>,
    /// When its period starts, local time.
    pub start: NaiveDateTime,
    /// Of the profile; `unknown` for those of no table.
    pub role: Role,
    /// The profile as written.
    pub profile: String,
    /// Application or connector as written.
    pub application: Option<String>,
    /// Kind of device as written.
    pub device: Option<String>,
    /// What is counted; a cell without a number is left out.
    pub values: Vec<(Measure, i64)>,
}

/// The columns of an export.
pub struct Header {
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Uai,
    Date,
    Profile,
    Application,
    Connector,
    Device,
    Count(Measure),
    /// A second variant of a count (`..._wta`), whose meaning is not documented.
    Ignored,
}

const REQUIRED: [(Column, &str); 4] = [
    (Column::Name, "Établissement"),
    (Column::Uai, "UAI"),
    (Column::Date, "Date"),
    (Column::Profile, "Profil"),
];

impl Header {
    /// Reads the first line; the error says what is wrong with it.
    pub fn parse(line: &str) -> Result<Self, String> {
        let cells = cells(line).ok_or(
            "its header has cells without quotes\nhint: give the file as it was downloaded, not saved again by a spreadsheet",
        )?;
        let mut columns: Vec<Column> = cells
            .iter()
            .map(|label| column(label))
            .collect::<Option<_>>()
            .ok_or_else(|| unknown(&cells))?;
        let missing = REQUIRED
            .iter()
            .find(|(column, _)| !columns.contains(column));
        if let Some((_, label)) = missing {
            return Err(format!(
                "it has no column `{label}`\nhint: it has {}",
                cells.join(", ")
            ));
        }
        if columns.contains(&Column::Connector) {
            for column in &mut columns {
                if *column == Column::Count(Measure::Accesses) {
                    *column = Column::Count(Measure::ConnectorAccesses);
                }
            }
        }
        if !columns
            .iter()
            .any(|column| matches!(column, Column::Count(_)))
        {
            return Err(format!(
                "it has no count\nhint: it has {}",
                cells.join(", ")
            ));
        }
        Ok(Self { columns })
    }

    /// Reads a row; the error is the reason of its reject.
    pub fn row(&self, line: &str) -> Result<Row, &'static str> {
        let cells = cells(line).ok_or("columns")?;
        if cells.len() != self.columns.len() {
            return Err("columns");
        }
        let get = |wanted: Column| {
            let place = self.columns.iter().position(|column| *column == wanted)?;
            Some(cells[place].trim()).filter(|cell| !cell.is_empty())
        };
        let uai = get(Column::Uai).map(|uai| Uai::parse(uai).map_err(|_| "uai"));
        let profile = get(Column::Profile).ok_or("profile")?;
        let application = get(Column::Application).or_else(|| get(Column::Connector));
        Ok(Row {
            name: get(Column::Name).unwrap_or_default().to_owned(),
            uai: uai.transpose()?,
            start: get(Column::Date).and_then(start).ok_or("date")?,
            role: Role::from_profile(profile),
            profile: profile.to_owned(),
            application: application.map(str::to_owned),
            device: get(Column::Device).map(str::to_owned),
            values: self.values(&cells)?,
        })
    }

    fn values(&self, cells: &[String]) -> Result<Vec<(Measure, i64)>, &'static str> {
        let mut values = Vec::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            let Column::Count(measure) = column else {
                continue;
            };
            let digits: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
            if !digits.is_empty() {
                let number: u32 = digits.parse().map_err(|_| "number")?;
                values.push((*measure, i64::from(number)));
            }
        }
        Ok(values)
    }
}

fn unknown(cells: &[String]) -> String {
    let labels: Vec<&str> = cells.iter().map(String::as_str).collect();
    let known = labels.iter().any(|label| column(label).is_some());
    let wrong = labels.iter().find(|label| column(label).is_none());
    match wrong {
        // Labels are shown only where some are those of the export.
        Some(label) if known => format!(
            "column `{label}` is none of the provider's export\nhint: exports are those of accounts, of accounts by device, of accesses and of connectors"
        ),
        _ => "its first line is not the header of the provider's export\nhint: it begins with `\"Établissement\";\"UAI\";\"Date\";\"Profil\"`".to_owned(),
    }
}

fn column(label: &str) -> Option<Column> {
    let label = label.trim().to_lowercase().replace('’', "'");
    if label.ends_with("_wta") {
        return Some(Column::Ignored);
    }
    Some(match label.as_str() {
        "établissement" => Column::Name,
        "uai" => Column::Uai,
        "date" => Column::Date,
        "profil" => Column::Profile,
        "application" => Column::Application,
        "connecteur" => Column::Connector,
        "support" => Column::Device,
        "connexions" => Column::Count(Measure::Logins),
        "visiteurs uniques" => Column::Count(Measure::Visitors),
        "comptes chargés" => Column::Count(Measure::LoadedAccounts),
        "comptes activés" => Column::Count(Measure::ActivatedAccounts),
        "nombre d'accès" => Column::Count(Measure::Accesses),
        _ => return None,
    })
}

/// The cells of a line, without quotes and entities; `None` if one is not quoted.
fn cells(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_end_matches(';');
    let inside = line.strip_prefix('"')?.strip_suffix('"')?;
    let cells: Vec<&str> = inside.split("\";\"").collect();
    let stray = cells.iter().any(|cell| cell.contains('"'));
    (!stray).then(|| cells.into_iter().map(unescape).collect())
}

/// A local date and time as Java writes it: without seconds where they are zero.
fn start(text: &str) -> Option<NaiveDateTime> {
    let time = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    time.or_else(|| day().and_then(|day| day.and_hms_opt(0, 0, 0)))
}

/// The service of an application by its French label.
pub fn service_of(label: &str) -> Option<&'static str> {
    let label = label.to_lowercase().replace('’', "'");
    APPLICATIONS.lines().skip(1).find_map(|row| {
        let (known, service) = row.rsplit_once(',')?;
        (known.to_lowercase() == label).then_some(service)
    })
}

/// What one export covers and how it is cut, told by all of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grain {
    /// `structure`, `platform`, or `other` (tenants, classes).
    pub level: &'static str,
    /// `hour`, `day`, `week` or `month`.
    pub frequency: &'static str,
}

impl Grain {
    /// The file does not say it: an UAI stands at the level of establishments
    /// only; one name alone is the whole; days that are all the first of a
    /// month, or all Mondays, are months or weeks. A single Monday is a day.
    pub fn of(rows: &[Row]) -> Self {
        let same_name = rows.windows(2).all(|pair| pair[0].name == pair[1].name);
        let level = match () {
            () if rows.iter().any(|row| row.uai.is_some()) => "structure",
            () if same_name => "platform",
            () => "other",
        };
        Self {
            level,
            frequency: frequency(rows),
        }
    }
}

fn frequency(rows: &[Row]) -> &'static str {
    use chrono::{Datelike, Timelike, Weekday};
    let all = |test: fn(NaiveDateTime) -> bool| rows.iter().all(|row| test(row.start));
    let several = rows.windows(2).any(|pair| pair[0].start != pair[1].start);
    if !all(|time| time.hour() == 0) {
        return "hour";
    }
    if all(|time| time.day() == 1) {
        return "month";
    }
    match several && all(|time| time.weekday() == Weekday::Mon) {
        true => "week",
        false => "day",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str = "\"Établissement\";\"UAI\";\"Date\";\"Profil\";\"Connexions\";\"Visiteurs uniques\";\"Comptes chargés\";\"Comptes activés\"";

    fn row(uai: &str, date: &str) -> Row {
        let line =
            format!("\"A &amp; B\";\"{uai}\";\"{date}\";\"Élèves\";\"12\";\"\";\"1 020\";\"3\"");
        Header::parse(ACCOUNTS).unwrap().row(&line).unwrap()
    }

    #[test]
    fn a_row_of_accounts() {
        let row = row("0599999A", "2025-11-03T00:00");
        assert_eq!((row.name.as_str(), row.role), ("A & B", Role::Student));
        assert_eq!(row.start.to_string(), "2025-11-03 00:00:00");
        let values = [
            (Measure::Logins, 12),
            (Measure::LoadedAccounts, 1020),
            (Measure::ActivatedAccounts, 3),
        ];
        assert_eq!(row.values, values);
    }

    #[test]
    fn other_headers() {
        let access = "\"Établissement\";\"UAI\";\"Date\";\"Profil\";\"Connecteur\";\"Nombre d&#39;accès\";\"acces_wta\"";
        let header = Header::parse(access).unwrap();
        let row = header
            .row("\"X\";\"\";\"2025-11-03T08:00\";\"Parents\";\"Pronote\";\"7\";\"9\"")
            .unwrap();
        assert_eq!(row.values, [(Measure::ConnectorAccesses, 7)]);
        let refused = |line: &str| Header::parse(line).err().unwrap();
        assert!(refused("Établissement;UAI").contains("downloaded"));
        assert!(refused("\"Établissement\";\"UAI\";\"Nouveau\"").contains("`Nouveau`"));
        assert!(!refused("\"Dupont\";\"Jean\"").contains("Dupont"));
        assert!(refused(&ACCOUNTS.replace("\"Date\";", "")).contains("`Date`"));
    }

    #[test]
    fn rows_that_cannot_be_read() {
        let header = Header::parse(ACCOUNTS).unwrap();
        let reason = |line: &str| header.row(line).err().unwrap();
        assert_eq!(reason("\"X\";\"\";\"2025-11-03T00:00\";\"Par"), "columns");
        let with = |uai: &str, date: &str, count: &str| {
            format!("\"X\";\"{uai}\";\"{date}\";\"Parents\";\"{count}\";\"1\";\"1\";\"1\"")
        };
        assert_eq!(reason(&with("059", "2025-11-03T00:00", "1")), "uai");
        assert_eq!(reason(&with("", "03/11/2025", "1")), "date");
        assert_eq!(reason(&with("", "2025-11-03T00:00", "-1")), "number");
    }

    #[test]
    fn level_and_frequency_are_told_by_all_rows() {
        let grain = |rows: &[(&str, &str)]| {
            let rows: Vec<Row> = rows.iter().map(|(uai, date)| row(uai, date)).collect();
            let grain = Grain::of(&rows);
            (grain.level, grain.frequency)
        };
        let (monday, next) = ("2025-11-03T00:00", "2025-11-10T00:00");
        assert_eq!(grain(&[("", monday)]), ("platform", "day"));
        assert_eq!(
            grain(&[("", monday), ("0599999A", next)]),
            ("structure", "week")
        );
        assert_eq!(grain(&[("", "2025-11-01T00:00")]), ("platform", "month"));
        assert_eq!(grain(&[("", "2025-11-01T08:00")]), ("platform", "hour"));
    }

    #[test]
    fn labels_of_applications() {
        assert_eq!(service_of("Messagerie"), Some("courrier_electronique"));
        assert_eq!(
            service_of("Console d’administration"),
            Some("administration")
        );
        assert_eq!(service_of("Inconnue"), None);
    }
}
