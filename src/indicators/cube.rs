//! The cells that a dashboard lets its reader choose from: every area of a
//! scope, slice, sector and role, for a period and the parts of it.

use super::figures::{argument_values, reference, year_before};
use super::{Scope, Secrets};
use crate::domain::Period;
use crate::privacy::disclosure::ProtectedTable;
use crate::query::{Session, indicator};
use crate::side_by_side;
use chrono::{Datelike, NaiveDate};

/// One of the periods of a dashboard.
#[derive(Clone, Debug)]
pub struct CubePeriod {
    /// The period.
    pub period: Period,
    /// The same, a year before.
    pub before: Period,
    /// The day of its denominators.
    pub reference: NaiveDate,
}

/// A table of the cube.
pub struct CubeTable {
    /// Its query, without `cube_`; `weeks_before` is `weeks` a year before.
    pub name: &'static str,
    /// Which of the periods.
    pub period: usize,
    /// Its cells.
    pub table: ProtectedTable,
}

/// All that a dashboard may show of usage.
pub struct Cube {
    /// The whole first, then its parts.
    pub periods: Vec<CubePeriod>,
    /// The establishments of the scope.
    pub establishments: ProtectedTable,
    /// Every other table.
    pub tables: Vec<CubeTable>,
    /// For a perimeter: usage of the whole region, period by period.
    pub region: Vec<ProtectedTable>,
}

/// Tables of each period.
const EACH: [&str; 6] = ["usage", "places", "services", "devices", "hours", "equity"];
/// Tables of the whole period only; `_before`: of the year before.
const WHOLE: [&str; 5] = [
    "weeks",
    "place_weeks",
    "place_services",
    "place_devices",
    "weeks_before",
];

/// Computes and protects the cube of a scope.
pub fn compute_cube(secrets: &Secrets<'_>, scope: &Scope, period: &Period) -> Result<Cube, String> {
    let periods = periods(secrets.session(), period)?;
    let (region, numbers) = (Scope::region(), 0..periods.len());
    let of_region = numbers.clone().filter(|_| *scope != region);
    let mut jobs = vec![("establishments", 0, scope)];
    jobs.extend(of_region.map(|number| ("usage", number, &region)));
    let first_of_scope = jobs.len();
    jobs.extend(numbers.flat_map(|number| EACH.map(|name| (name, number, scope))));
    jobs.extend(WHOLE.map(|name| (name, 0, scope)));
    let made = side_by_side::each(&jobs, |(name, number, scope)| {
        table(secrets, name, scope, &periods[*number])
    })?;
    let mut made = made.into_iter();
    let establishments = made.next().expect("the first job is theirs");
    let region = made.by_ref().take(first_of_scope - 1).collect();
    let of_scope = jobs.iter().skip(first_of_scope).zip(made);
    let tables = of_scope.map(|((name, period, _), table)| CubeTable {
        name,
        period: *period,
        table,
    });
    Ok(Cube {
        establishments,
        tables: tables.collect(),
        region,
        periods,
    })
}

/// One table of a period.
fn table(
    secrets: &Secrets<'_>,
    name: &str,
    scope: &Scope,
    at: &CubePeriod,
) -> Result<ProtectedTable, String> {
    let (query, period) = match name.strip_suffix("_before") {
        Some(name) => (format!("cube_{name}"), &at.before),
        None => (format!("cube_{name}"), &at.period),
    };
    let values = argument_values(scope, period, &at.before, at.reference);
    let table = secrets.table(&indicator(&query)?, &values);
    table.map_err(|error| format!("queries/dashboard/{query}.sql: {error}"))
}

/// A year in its semesters, a semester in its months, up to the last day with
/// data; a shorter period is whole.
pub(super) fn periods(session: &Session, whole: &Period) -> Result<Vec<CubePeriod>, String> {
    let last = reference(session, whole)?;
    let mut names = vec![whole.name().to_owned()];
    let months = months(whole.first(), last.min(whole.last()));
    let year = Period::school_year_of(whole.first());
    if whole.name() == year {
        names.extend(["S1", "S2"].map(|half| format!("{year}-{half}")));
    } else if months.len() > 1 {
        names.extend(months);
    }
    let mut found = Vec::new();
    for name in names {
        let period = Period::parse(&name).map_err(|error| error.to_string())?;
        if period.first() > last {
            continue;
        }
        found.push(CubePeriod {
            before: year_before(&period)?,
            reference: reference(session, &period)?,
            period,
        });
    }
    Ok(found)
}

fn months(first: NaiveDate, last: NaiveDate) -> Vec<String> {
    let mut names = Vec::new();
    for day in first.iter_days().take_while(|day| *day <= last) {
        if day.day() == 1 {
            names.push(day.format("%Y-%m").to_string());
        }
    }
    names
}
