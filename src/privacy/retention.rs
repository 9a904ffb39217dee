//! How long what follows people is kept, and what takes it out of the lake.
//!
//! Lines (requests, events, logins) go after some months; the visits that they
//! make stay as such, with their services, until their own time is over. Minutes
//! and hours of the front-ends say nothing of people and stay. The lake keeps no
//! text of rejects: reasons and counts only.

use crate::lake::{Erased, Lake, Purge, Table, Writer};
use crate::query::marts::{self, Settings};
use crate::query::{Argument, Cell, Contract, KEPT, Session};
use chrono::{Months, NaiveDate};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Months after which personal data go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Requests, events, logins.
    pub lines_months: u32,
    /// Visits, and what directories told of people.
    pub visits_months: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            lines_months: 13,
            visits_months: 25,
        }
    }
}

/// What a purge took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// The day that the operator gave.
    pub at: NaiveDate,
    /// Whether nothing was done yet.
    pub dry_run: bool,
    /// The policy.
    pub policy: Retention,
    /// No line of a day before this one is left.
    pub lines_before: NaiveDate,
    /// No visit of a day before this one is left, nor what directories told of
    /// school years that ended before it.
    pub visits_before: NaiveDate,
    /// Rows that went, by table.
    pub erased: Erased,
}

/// Applies the policy as of a day; with `dry_run` it only counts.
///
/// # Errors
/// A policy that keeps lines longer than visits, a lake that somebody writes.
pub fn purge(
    lake: &Lake,
    settings: &Settings,
    policy: Retention,
    at: NaiveDate,
    dry_run: bool,
) -> Result<Purged, String> {
    let before = |months| {
        let day = at.checked_sub_months(Months::new(months));
        day.ok_or_else(|| format!("{months} months before {at} is no day\nhint: correct `[retention]` in the configuration"))
    };
    let (lines_before, visits_before) =
        (before(policy.lines_months)?, before(policy.visits_months)?);
    if visits_before > lines_before {
        return Err("`lines_months` is more than `visits_months`\nhint: lines make visits and go before them; correct `[retention]` in the configuration".into());
    }
    let session = marts::prepare(lake, settings, None)?;
    let revision = lake.revision()?;
    let writer = lake.writer()?;
    if lake.revision()? != revision {
        return Err(
            "the lake was written meanwhile\nhint: purge again when no other run is under way"
                .into(),
        );
    }
    let mut purge = Purge {
        lines_before,
        visits_before,
        kept: Vec::new(),
        under_way: under_way(&session, lines_before)?,
    };
    let erased = if dry_run {
        writer.would_purge(&purge)?
    } else {
        keep(&session, &writer, &mut purge)?;
        writer.purge(&purge, at)?
    };
    Ok(Purged {
        at,
        dry_run,
        policy,
        lines_before,
        visits_before,
        erased,
    })
}

/// Writes what is to stay of the lines that go.
fn keep(session: &Session, writer: &Writer<'_>, purge: &mut Purge) -> Result<(), String> {
    let arguments = [
        ("lines_before", Argument::Date(purge.lines_before)),
        ("visits_before", Argument::Date(purge.visits_before)),
    ];
    for (table, sql) in KEPT {
        let file = format!("queries/kept/{}.sql", table.name());
        let contract = Contract::parse(&file, sql)?;
        let path = writer.stage(*table)?;
        let made = session.materialise(&contract, &arguments, &path);
        made.map_err(|error| format!("{file}: {error}"))?;
        purge.kept.push((*table, path));
    }
    Ok(())
}

/// Accounts with a visit that began before a day and ends in it, and its end.
fn under_way(session: &Session, cut: NaiveDate) -> Result<FxHashMap<u64, i64>, String> {
    let sql = format!(
        "select account, max(arrow_cast(end_time, 'Int64')) from visits \
         where day < date '{cut}' and local_day(end_time) >= date '{cut}' group by account"
    );
    let (_, rows) = session.sql(&sql)?;
    let each = rows.iter().filter_map(|row| match &row[..] {
        [account, Cell::Integer(end)] => Some((pseudonym(account)?, *end)),
        _ => None,
    });
    Ok(each.collect())
}

/// A pseudonym of a result: beyond the largest `i64` it is text.
pub(super) fn pseudonym(cell: &Cell) -> Option<u64> {
    match cell {
        Cell::Integer(number) => u64::try_from(*number).ok(),
        Cell::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The tables of the lake that say of which school year their rows are.
pub(super) fn yearly_tables() -> impl Iterator<Item = &'static str> {
    let has_year = |table: &Table| table.columns().iter().any(|c| c.0 == "school_year");
    Table::ALL.into_iter().filter(has_year).map(Table::name)
}

/// The school years of which the lake holds rows.
pub fn school_years(session: &Session) -> Result<Vec<String>, String> {
    let parts: Vec<String> = yearly_tables()
        .map(|table| format!("select distinct school_year from {table}"))
        .collect();
    let (_, rows) = session.sql(&format!(
        "select distinct school_year from ({}) as years where school_year is not null order by school_year",
        parts.join(" union all ")
    ))?;
    let year = |row: &Vec<Cell>| match row.first() {
        Some(Cell::Text(year)) => Some(year.clone()),
        _ => None,
    };
    Ok(rows.iter().filter_map(year).collect())
}
