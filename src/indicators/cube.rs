//! The cells that a dashboard lets its reader choose from: every area of a
//! scope, slice, sector and role, for a period and the parts of it.

use super::Scope;
use super::Secrets;
use super::figures::{argument_values, reference, year_before};
use crate::domain::Period;
use crate::privacy::disclosure::ProtectedTable;
use crate::query::{Session, indicator};
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
/// Tables of the whole period only.
const WHOLE: [&str; 4] = ["weeks", "place_weeks", "place_services", "place_devices"];

/// Computes and protects the cube of a scope.
pub fn compute_cube(secrets: &Secrets<'_>, scope: &Scope, period: &Period) -> Result<Cube, String> {
    let session = secrets.session();
    let periods = periods(session, period)?;
    let run = |name: &str, scope: &Scope, at: &CubePeriod, period: &Period| {
        let query = format!("cube_{name}");
        let values = argument_values(scope, period, &at.before, at.reference);
        let table = secrets.table(&indicator(&query)?, &values);
        table.map_err(|error| format!("queries/dashboard/{query}.sql: {error}"))
    };
    let mut tables = Vec::new();
    let mut add = |name, period, table| {
        tables.push(CubeTable {
            name,
            period,
            table,
        });
    };
    for (index, at) in periods.iter().enumerate() {
        for name in EACH {
            add(name, index, run(name, scope, at, &at.period)?);
        }
    }
    let whole = &periods[0];
    for name in WHOLE {
        add(name, 0, run(name, scope, whole, &whole.period)?);
    }
    add(
        "weeks_before",
        0,
        run("weeks", scope, whole, &whole.before)?,
    );
    let region = Scope::region();
    let mut of_region = Vec::new();
    for at in periods.iter().filter(|_| *scope != region) {
        of_region.push(run("usage", &region, at, &at.period)?);
    }
    Ok(Cube {
        establishments: run("establishments", scope, whole, &whole.period)?,
        tables,
        region: of_region,
        periods,
    })
}

/// A year in its semesters, a semester in its months, up to the last day with
/// data; a shorter period is whole.
fn periods(session: &Session, whole: &Period) -> Result<Vec<CubePeriod>, String> {
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
