//! The open data of the national measure of usage (DNMA): one row an establishment and ISO
//! week, wide. Compared with what is counted here, never added to it.
//!
//! ```text
//! debutsemaine;uai;...;visites_globales;utilisateurs_globales;duree_globales;visites_eleve;...
//! 2025-09-01;0599999A;...;1250;410;61:12:05;700;...
//! ```
//!
//! A column is a measure (`visites`, `utilisateurs`, `duree`) of a profile, of a kind of device,
//! of a service, or of a profile and one of these (`visites_eleve_smartphone`). Whatever else a
//! row tells (names, communes) is not read. Source: spec 2, "The national measure".

use crate::domain::Uai;
use chrono::{Datelike, NaiveDate, Weekday};

/// What a number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// `all` for all profiles.
    pub role: &'static str,
    /// `computer`, `smartphone`, `tablet` or `other`.
    pub device: Option<&'static str>,
    /// As the national list calls it.
    pub service: Option<&'static str>,
}

/// What a row tells of one group of visits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Visits that began in the week.
    pub visits: Option<i64>,
    /// Distinct users of the week; they do not add up over weeks nor establishments.
    pub visitors: Option<i64>,
    /// Of all visits together, in seconds.
    pub duration_s: Option<i64>,
}

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Monday.
    pub week: NaiveDate,
    /// The establishment.
    pub uai: Uai,
    /// What is told, by what it is of; without what is told of nobody.
    pub told: Vec<(About, Told)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Visits,
    Visitors,
    Duration,
}

#[derive(Debug, PartialEq, Eq)]
enum Column {
    Week,
    Uai,
    /// A measure, and the place in the list of what numbers are of.
    Number(Measure, usize),
    Ignored,
}

/// The columns of a file.
#[derive(Debug)]
pub struct Header {
    columns: Vec<Column>,
    abouts: Vec<About>,
    /// Columns that begin as a measure does and are of nothing that is known.
    pub unknown: Vec<String>,
}

const MEASURES: [(&str, Measure); 3] = [
    ("visites_", Measure::Visits),
    ("utilisateurs_", Measure::Visitors),
    ("duree_", Measure::Duration),
];
const PROFILES: [(&str, &str); 5] = [
    ("globales", "all"),
    ("eleve", "student"),
    ("parent", "parent"),
    ("enseignant", "teacher"),
    ("admin_vie_scol_tech", "staff"),
];
const DEVICES: [(&str, &str); 4] = [
    ("ordinateur", "computer"),
    ("smartphone", "smartphone"),
    ("tablette", "tablet"),
    ("autresappareil", "other"),
];

/// The services of the national list.
const SERVICES: [&str; 25] = [
    "accueil",
    "actualites",
    "cahier_textes",
    "cahier_liaison",
    "courrier_electronique",
    "messagerie_instantanee",
    "visioconference",
    "stockage_partage",
    "production_collaborative",
    "documentation_cdi",
    "parcours_pedagogique",
    "reservation_salles_materiels",
    "service_collectivite",
    "services_vie_scolaire",
    "gestion_temps",
    "absences",
    "gestion_competences",
    "notes",
    "manuel_numerique",
    "ressource_multimedia",
    "ressource_orientation",
    "ressource_production",
    "ressource_accompagnement_entrainement",
    "ressource_reference_dictionnaire",
    "ressource_documentaire",
];

impl Header {
    /// Reads the names of the columns.
    ///
    /// # Errors
    /// What is missing for a file of the national measure.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut header = Self {
            columns: Vec::new(),
            abouts: Vec::new(),
            unknown: Vec::new(),
        };
        for name in names {
            let column = header.column(&name.trim().to_lowercase());
            header.columns.push(column);
        }
        for (column, name) in [(Column::Week, "debutsemaine"), (Column::Uai, "uai")] {
            if !header.columns.contains(&column) {
                return Err(format!(
                    "it has no column `{name}`\nhint: give a file of the national measure by establishment and week, as its open data has it"
                ));
            }
        }
        match header.abouts.is_empty() {
            true => Err(
                "it has no column of visits, users or durations\nhint: their names begin with `visites_`, `utilisateurs_` or `duree_`".into(),
            ),
            false => Ok(header),
        }
    }

    fn column(&mut self, name: &str) -> Column {
        match name {
            "debutsemaine" => return Column::Week,
            "uai" => return Column::Uai,
            _ => {}
        }
        let mut measures = MEASURES.iter();
        let found = measures.find_map(|(head, of)| Some((of, name.strip_prefix(head)?)));
        let Some((measure, rest)) = found else {
            return Column::Ignored;
        };
        let Some(about) = about(rest) else {
            self.unknown.push(name.to_owned());
            return Column::Ignored;
        };
        let known = self.abouts.iter().position(|known| *known == about);
        let place = known.unwrap_or_else(|| {
            self.abouts.push(about);
            self.abouts.len() - 1
        });
        Column::Number(*measure, place)
    }

    /// Reads a row.
    ///
    /// # Errors
    /// The reason of its reject.
    pub fn row(&self, cells: &[&str]) -> Result<Row, &'static str> {
        if cells.len() != self.columns.len() {
            return Err("columns");
        }
        let (mut week, mut uai) = (Err("date"), Err("uai"));
        let mut told = vec![Told::default(); self.abouts.len()];
        for (column, cell) in self.columns.iter().zip(cells) {
            let cell = cell.trim();
            match column {
                Column::Week => week = monday(cell),
                Column::Uai => uai = Uai::parse(cell).map_err(|_| "uai"),
                Column::Ignored => {}
                Column::Number(_, _) if cell.is_empty() => {}
                Column::Number(measure, place) => told[*place].set(*measure, cell)?,
            }
        }
        let told = self.abouts.iter().copied().zip(told);
        Ok(Row {
            week: week?,
            uai: uai?,
            told: told.filter(|(_, told)| !told.is_nothing()).collect(),
        })
    }
}

impl Told {
    fn set(&mut self, measure: Measure, cell: &str) -> Result<(), &'static str> {
        match measure {
            Measure::Visits => self.visits = Some(number(cell)?),
            Measure::Visitors => self.visitors = Some(number(cell)?),
            Measure::Duration => self.duration_s = Some(duration(cell).ok_or("duration")?),
        }
        Ok(())
    }

    fn is_nothing(&self) -> bool {
        let numbers = [self.visits, self.visitors, self.duration_s];
        numbers.iter().all(|number| number.unwrap_or(0) == 0)
    }
}

/// A profile, a device, a service, or a profile and one of these.
fn about(name: &str) -> Option<About> {
    let of = |role, rest: &str| {
        let device = DEVICES.iter().find(|(known, _)| *known == rest);
        let service = SERVICES.iter().find(|known| **known == rest).copied();
        let device = device.map(|(_, device)| *device);
        let is_known = rest.is_empty() || device.is_some() || service.is_some();
        is_known.then_some(About {
            role,
            device,
            service,
        })
    };
    let profiles = PROFILES.iter();
    let mut after = profiles.filter_map(|(known, role)| {
        let rest = name.strip_prefix(known)?;
        match rest.strip_prefix('_') {
            Some(rest) => of(role, rest),
            None if rest.is_empty() => of(role, ""),
            None => None,
        }
    });
    after.next().or_else(|| of("all", name))
}

fn number(cell: &str) -> Result<i64, &'static str> {
    let digits: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    let number: u32 = digits.parse().map_err(|_| "number")?;
    Ok(number.into())
}

/// `H:M:S`, sometimes with milliseconds after another colon; hours go beyond 24.
fn duration(cell: &str) -> Option<i64> {
    let parts: Vec<i64> = cell
        .split(':')
        .map(|part| part.parse::<u32>().ok().map(i64::from))
        .collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes, seconds] | [hours, minutes, seconds, _]
            if minutes < 60 && seconds < 60 =>
        {
            Some(hours * 3_600 + minutes * 60 + seconds)
        }
        _ => None,
    }
}

/// The day on which an ISO week begins.
fn monday(cell: &str) -> Result<NaiveDate, &'static str> {
    let day = cell.get(..10).ok_or("date")?;
    let read = |format| NaiveDate::parse_from_str(day, format).ok();
    let day = read("%Y-%m-%d").or_else(|| read("%d/%m/%Y"));
    let day = day.ok_or("date")?;
    match day.weekday() {
        Weekday::Mon => Ok(day),
        _ => Err("not_a_monday"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(line: &str) -> Result<Header, String> {
        Header::new(line.split(';'))
    }

    fn row(header: &Header, line: &str) -> Result<Row, &'static str> {
        header.row(&line.split(';').collect::<Vec<_>>())
    }

    #[test]
    fn profiles_devices_and_services() {
        let of = |name| about(name).map(|about| (about.role, about.device, about.service));
        assert_eq!(of("globales"), Some(("all", None, None)));
        let staff = Some(("staff", None, None));
        assert_eq!(of("admin_vie_scol_tech"), staff);
        assert_eq!(of("tablette"), Some(("all", Some("tablet"), None)));
        let phone = Some(("student", Some("smartphone"), None));
        assert_eq!(of("eleve_smartphone"), phone);
        let books = Some(("parent", None, Some("cahier_textes")));
        assert_eq!(of("parent_cahier_textes"), books);
        assert_eq!(of("eleves"), None);
        assert_eq!(of("minitel"), None);
    }

    #[test]
    fn a_row() {
        let header = header("Debutsemaine;UAI;nom;visites_globales;utilisateurs_globales;duree_globales;visites_eleve;visites_minitel").unwrap();
        assert_eq!(header.unknown, ["visites_minitel"]);
        let read = row(&header, "2025-09-01;0590001A;X;1 250;410;61:12:05;700;3").unwrap();
        assert_eq!(read.week.to_string(), "2025-09-01");
        let told = Told {
            visits: Some(1250),
            visitors: Some(410),
            duration_s: Some(61 * 3_600 + 12 * 60 + 5),
        };
        assert_eq!(read.told[0].1, told);
        assert_eq!((read.told.len(), read.told[1].0.role), (2, "student"));
        // What is told of nobody is no row of the lake.
        let nobody = row(&header, "2025-09-01;0590001A;X;0;0;0:0:0;;").unwrap();
        assert!(nobody.told.is_empty());
    }

    #[test]
    fn what_cannot_be_read() {
        let header = header("debutsemaine;uai;visites_eleve;duree_eleve").unwrap();
        let reason = |line| row(&header, line).err();
        assert_eq!(reason("2025-09-01;0590001A;1;0:0:1"), None);
        assert_eq!(reason("2025-09-01;0590001A;1;0:0:1:250"), None);
        assert_eq!(reason("01/09/2025;0590001A;1;0:0:1"), None);
        assert_eq!(reason("2025-09-02;0590001A;1;0:0:1"), Some("not_a_monday"));
        assert_eq!(reason("S36;0590001A;1;0:0:1"), Some("date"));
        assert_eq!(reason("2025-09-01;059;1;0:0:1"), Some("uai"));
        assert_eq!(reason("2025-09-01;0590001A;-1;0:0:1"), Some("number"));
        assert_eq!(reason("2025-09-01;0590001A;1;0:61:1"), Some("duration"));
        assert_eq!(reason("2025-09-01;0590001A;1"), Some("columns"));
    }

    #[test]
    fn a_header_says_what_is_missing() {
        let refused = |line| header(line).err().unwrap();
        assert!(refused("uai;visites_eleve").contains("`debutsemaine`"));
        assert!(refused("debutsemaine;uai;nom").contains("`visites_`"));
    }
}
