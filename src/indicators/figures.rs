//! One call gives all figures of a scope and a period, and of the same period
//! a year before.

use super::{Secrets, Terms};
use crate::domain::Period;
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable, Shown};
use crate::query::{Argument, Cell, Session, indicator};
use crate::side_by_side;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// The establishments that a deliverable is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// `region`, `departement`, `partner`...
    pub node_kind: String,
    /// Its code.
    pub node: String,
    /// Shown.
    pub name: String,
}

impl Scope {
    /// The whole region.
    pub fn region() -> Self {
        Self {
            node_kind: "region".into(),
            node: "32".into(),
            name: "Région académique Hauts-de-France".into(),
        }
    }
}

/// A row of a register: its fields by name.
pub type RegisterRow = BTreeMap<String, String>;

/// Every table of a deliverable.
pub struct Figures {
    /// Whose establishments.
    pub scope: Scope,
    /// The calendar and the rules.
    pub terms: Terms,
    /// The period told.
    pub period: Period,
    /// The same period of the year before.
    pub before: Period,
    /// The day of the denominators.
    pub reference: NaiveDate,
    /// Tables of the period, by the name of their query.
    pub now: BTreeMap<&'static str, ProtectedTable>,
    /// Tables from the beginning of the school year to the end of the period.
    pub to_date: BTreeMap<&'static str, ProtectedTable>,
    /// Tables of the year before.
    pub previous: BTreeMap<&'static str, ProtectedTable>,
    /// Tables of the region, which is told beside a partner's perimeter; none for other scopes.
    pub region: BTreeMap<&'static str, ProtectedTable>,
    /// Rows of the registers.
    pub registers: BTreeMap<String, Vec<RegisterRow>>,
}

/// Queries about the establishments of a scope.
const QUERIES: [&str; 26] = [
    "assistance_months",
    "assistance_work",
    "assistance_delays",
    "assistance_compliance",
    "assistance_cohort",
    "assistance_backlog",
    "assistance_matrix",
    "assistance_quality",
    "assistance_breakdown",
    "assistance_weeks",
    "assistance_incidents",
    "usage",
    "weekly",
    "hours",
    "services",
    "devices",
    "constant_perimeter",
    "equity",
    "coverage",
    "establishments",
    "trend",
    "frequency",
    "moments",
    "types",
    "effects",
    "national_comparison",
];
/// Queries about the platform as a whole.
const QUERIES_OF_PLATFORM: [&str; 10] = [
    "quality",
    "outages",
    "unusual_silences",
    "convention",
    "communications",
    "peaks",
    "latency",
    "latency_hours",
    "coverage_days",
    "surveys",
];
/// Queries for the deliverables of the region.
const QUERIES_OF_REGION: [&str; 2] = ["territory_weeks", "spread"];
const QUERIES_BEFORE: [&str; 7] = [
    "establishments",
    "usage",
    "weekly",
    "assistance_breakdown",
    "assistance_quality",
    "coverage",
    "coverage_days",
];
/// Queries of which the region is told beside a partner's perimeter (`usage` has both).
const QUERIES_BESIDE: [&str; 4] = [
    "services",
    "devices",
    "assistance_compliance",
    "assistance_quality",
];
/// Queries that tell a whole school year up to the end of the period.
const QUERIES_TO_DATE: [&str; 3] = ["assistance_months", "assistance_cohort", "assistance_weeks"];

/// Computes and protects all figures.
pub fn compute(secrets: &Secrets<'_>, scope: &Scope, period: &Period) -> Result<Figures, String> {
    let session = secrets.session();
    check_data(session, period)?;
    let before = year_before(period)?;
    let reference = reference(session, period)?;
    let mut queries = QUERIES.to_vec();
    queries.extend(QUERIES_OF_PLATFORM);
    if *scope == Scope::region() {
        queries.extend(QUERIES_OF_REGION);
    }
    let earlier = year_before(&before)?;
    let reference_before = self::reference(session, &before)?;
    let to_date = year_to_date(period)?;
    let region = Scope::region();
    let beside = match scope.node_kind == "partner" {
        true => &QUERIES_BESIDE[..],
        false => &[],
    };
    let values = [
        argument_values(scope, period, &before, reference),
        argument_values(scope, &to_date, &before, reference),
        argument_values(scope, &before, &earlier, reference_before),
        argument_values(&region, period, &before, reference),
    ];
    let names = [&queries[..], &QUERIES_TO_DATE, &QUERIES_BEFORE, beside];
    let [now, to_date, previous, region] = tables(secrets, names, &values)?;
    Ok(Figures {
        now,
        to_date,
        previous,
        region,
        registers: registers(session)?,
        terms: secrets.terms().clone(),
        scope: scope.clone(),
        period: period.clone(),
        before,
        reference,
    })
}

type Tables = BTreeMap<&'static str, ProtectedTable>;

/// Tables of several times or places, by their queries and what these are given.
fn tables<const N: usize>(
    secrets: &Secrets<'_>,
    names: [&[&'static str]; N],
    values: &[Vec<(&'static str, Argument)>; N],
) -> Result<[Tables; N], String> {
    let jobs = names.iter().enumerate();
    let jobs: Vec<(usize, &str)> = jobs
        .flat_map(|(group, names)| names.iter().map(move |name| (group, *name)))
        .collect();
    let made = side_by_side::each(&jobs, |(group, name)| {
        let table = secrets.table(&indicator(name)?, &values[*group]);
        table.map_err(|error| format!("queries/indicators/{name}.sql: {error}"))
    })?;
    let mut tables: [Tables; N] = std::array::from_fn(|_| Tables::new());
    for ((group, name), table) in jobs.into_iter().zip(made) {
        tables[group].insert(name, table);
    }
    Ok(tables)
}

pub(super) fn argument_values(
    scope: &Scope,
    period: &Period,
    before: &Period,
    reference: NaiveDate,
) -> Vec<(&'static str, Argument)> {
    vec![
        ("period_start", Argument::Date(period.first())),
        ("period_end", Argument::Date(period.last())),
        ("previous_start", Argument::Date(before.first())),
        ("previous_end", Argument::Date(before.last())),
        ("reference_date", Argument::Date(reference)),
        ("node_kind", Argument::Text(scope.node_kind.clone())),
        ("node", Argument::Text(scope.node.clone())),
    ]
}

/// The same period, a year before: by name where it has one, else by date.
pub(crate) fn year_before(period: &Period) -> Result<Period, String> {
    let earlier = |day: NaiveDate| {
        let year = day.year() - 1;
        day.with_year(year)
            .or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
            .expect("a day")
    };
    let name = format!("{}..{}", earlier(period.first()), earlier(period.last()));
    Period::parse(&name).map_err(|error| error.to_string())
}

/// The school year before a school year.
pub(crate) fn school_year_before(year: &Period) -> Result<Period, String> {
    let day = year_before(year)?.first();
    Period::parse(&Period::school_year_of(day)).map_err(|error| error.to_string())
}

/// From 1 August of the school year of a period to its last day.
fn year_to_date(period: &Period) -> Result<Period, String> {
    let year = Period::school_year_of(period.last());
    let year = Period::parse(&year).map_err(|error| error.to_string())?;
    Period::parse(&format!("{}..{}", year.first(), period.last()))
        .map_err(|error| error.to_string())
}

/// The last day of the period, or the last day with data if that is earlier.
pub(crate) fn reference(session: &Session, period: &Period) -> Result<NaiveDate, String> {
    let (_, last) = data_bounds(session)?;
    Ok(last.min(period.last()).max(period.first()))
}

fn data_bounds(session: &Session) -> Result<(NaiveDate, NaiveDate), String> {
    crate::query::marts::data_bounds(session)?.ok_or_else(|| {
        "the lake holds no request\nhint: run `entobs ingest access` first".to_owned()
    })
}

/// Refuses a period of which the lake knows nothing.
fn check_data(session: &Session, period: &Period) -> Result<(), String> {
    let (first, last) = data_bounds(session)?;
    if period.last() >= first && period.first() <= last {
        return Ok(());
    }
    Err(format!(
        "the lake holds no request of {}\nhint: its requests go from {first} to {last}; choose a period inside, or ingest its logs",
        period.name()
    ))
}

fn registers(session: &Session) -> Result<BTreeMap<String, Vec<RegisterRow>>, String> {
    let sql = "select register, row, field, value from registers order by register, row, field";
    let (_, rows) = session.sql(sql)?;
    let mut found: BTreeMap<String, BTreeMap<i64, RegisterRow>> = BTreeMap::new();
    for row in rows {
        if let [
            Cell::Text(register),
            Cell::Integer(number),
            Cell::Text(field),
            value,
        ] = &row[..]
        {
            let text = match value {
                Cell::Text(text) => text.clone(),
                _ => String::new(),
            };
            let rows = found.entry(register.clone()).or_default();
            rows.entry(*number).or_default().insert(field.clone(), text);
        }
    }
    let rows = found.into_iter();
    Ok(rows
        .map(|(name, rows)| (name, rows.into_values().collect()))
        .collect())
}

impl Figures {
    /// A table of the period.
    pub fn table(&self, name: &str) -> &ProtectedTable {
        &self.now[name]
    }

    /// A table of the region, told beside that of a partner's perimeter.
    pub fn of_region(&self, name: &str) -> Option<&ProtectedTable> {
        self.region.get(name)
    }

    /// A table from the beginning of the school year to the end of the period.
    pub fn to_date(&self, name: &str) -> &ProtectedTable {
        &self.to_date[name]
    }

    /// A table of the year before.
    pub fn table_before(&self, name: &str) -> &ProtectedTable {
        &self.previous[name]
    }

    /// The rows of a register whose date is in the period, or all where it has none.
    pub fn register(&self, name: &str) -> Vec<&RegisterRow> {
        let rows = self.registers.get(name).into_iter().flatten();
        let within = |row: &&RegisterRow| {
            let date = ["date", "debut"].iter().find_map(|field| row.get(*field));
            let date = date
                .and_then(|text| text.get(..10))
                .and_then(|t| t.parse::<NaiveDate>().ok());
            date.is_none_or(|day| day >= self.period.first() && day <= self.period.last())
        };
        rows.filter(within).collect()
    }

    /// All rows of a register.
    pub fn whole_register(&self, name: &str) -> &[RegisterRow] {
        self.registers.get(name).map_or(&[], Vec::as_slice)
    }

    /// The school year after that of the period's last day, as `2026-2027`.
    pub fn next_year(&self) -> String {
        let last = self.period.last();
        let start = last.year() + i32::from(last.month() >= 8);
        format!("{start}-{}", start + 1)
    }

    /// The roadmap of the school year to come; rows without a year are of any.
    pub fn roadmap(&self) -> Vec<&RegisterRow> {
        let next = self.next_year();
        let is_next = |row: &&RegisterRow| {
            let year = row.get("annee").filter(|year| !year.is_empty());
            year.is_none_or(|year| *year == next)
        };
        self.whole_register("feuille-de-route")
            .iter()
            .filter(is_next)
            .collect()
    }

    /// Rows of a register dated up to the end of the period, or without a date: what was
    /// known then.
    pub fn register_to_date(&self, name: &str) -> Vec<&RegisterRow> {
        let is_later = |row: &RegisterRow| {
            let day: Option<NaiveDate> = row.get("date").and_then(|text| text.parse().ok());
            day.is_some_and(|day| day > self.period.last())
        };
        let rows = self.whole_register(name).iter();
        rows.filter(|row| !is_later(row)).collect()
    }

    /// Whether a deliverable of this scope tells what a query gives: the platform as a whole
    /// is the region's to tell.
    pub fn is_told(&self, query: &str) -> bool {
        let is_of_region = QUERIES_OF_PLATFORM.contains(&query) && query != "coverage_days";
        let is_region = self.scope == Scope::region();
        let tables = [&self.now, &self.to_date];
        tables.iter().any(|tables| tables.contains_key(query)) && (is_region || !is_of_region)
    }

    /// Days of the period of which a front-end has no logs.
    pub fn missing_days(&self, front_end: &str) -> Vec<NaiveDate> {
        let wanted = [("front_end", front_end), ("state", "missing")];
        let rows = self.table("coverage_days").select(&wanted);
        let day = |row: ProtectedRow<'_>| match row.get("day") {
            Shown::Date(day) => Some(*day),
            _ => None,
        };
        rows.filter_map(day).collect()
    }

    /// Days, of the period and of the one before, of which a front-end has no logs.
    pub fn days_without_logs(&self) -> BTreeSet<NaiveDate> {
        let tables = [
            self.table("coverage_days"),
            self.table_before("coverage_days"),
        ];
        let rows = tables
            .into_iter()
            .flat_map(|table| table.select(&[("state", "missing")]));
        let day = |row: ProtectedRow<'_>| match row.get("day") {
            Shown::Date(day) => Some(*day),
            _ => None,
        };
        rows.filter_map(day).collect()
    }

    /// Periods whose data are known to be wrong (register): first day, last
    /// day, reason.
    pub fn known_bad(&self) -> Vec<(NaiveDate, NaiveDate, &str)> {
        let rows = self.whole_register("periodes-erronees").iter();
        rows.filter_map(|row| {
            let day = |name: &str| row.get(name)?.parse().ok();
            let reason = row.get("motif").map_or("", String::as_str);
            Some((day("debut")?, day("fin")?, reason))
        })
        .collect()
    }

    /// Those that touch a period.
    pub fn known_bad_in(&self, period: &Period) -> Vec<(NaiveDate, NaiveDate, &str)> {
        let touches =
            |from: NaiveDate, to: NaiveDate| from <= period.last() && to >= period.first();
        let all = self.known_bad().into_iter();
        all.filter(|(from, to, _)| touches(*from, *to)).collect()
    }

    /// Whether the lake knows the year before.
    pub fn has_before(&self) -> bool {
        self.table_before("coverage").rows().next().is_some()
    }

    /// Days of the two periods on which what is counted as a visit or a visitor changed, and
    /// why (register `ruptures`).
    pub fn breaks(&self) -> Vec<(NaiveDate, &str)> {
        let mut breaks = self.all_breaks();
        breaks.retain(|(day, _)| *day > self.before.first() && *day <= self.period.last());
        breaks
    }

    /// The same of any day, in order.
    pub fn all_breaks(&self) -> Vec<(NaiveDate, &str)> {
        let rows = self.whole_register("ruptures").iter();
        let told = rows.filter_map(|row| {
            let counted = row.get("indicateur")?;
            let day: NaiveDate = row.get("date")?.parse().ok()?;
            let reason = row.get("motif").map_or("", String::as_str);
            ["visits", "visitors"]
                .contains(&counted.as_str())
                .then_some((day, reason))
        });
        let mut breaks: Vec<_> = told.collect();
        breaks.sort_unstable();
        breaks.dedup();
        breaks
    }

    /// Whether the visits of the two periods are not counted alike.
    pub fn is_broken(&self) -> bool {
        !self.breaks().is_empty()
    }

    /// Whether a comparison with the year before must bear a mark: days are
    /// missing or known to be wrong in one of the two.
    pub fn comparison_is_marked(&self) -> bool {
        if !self.has_before() {
            return false;
        }
        let tables = [self.table("coverage"), self.table_before("coverage")];
        let mut rows = tables.into_iter().flat_map(ProtectedTable::rows);
        let days_missing =
            rows.any(|row| row.get("days_received").integer() < row.get("days_expected").integer());
        days_missing
            || !self.known_bad_in(&self.period).is_empty()
            || !self.known_bad_in(&self.before).is_empty()
    }
}
