//! `entobs convention status`: the duties of the convention and how they are kept.

use super::query::{self, Output};
use super::{Failure, Outcome, Place};
use crate::query::{Argument, Session, indicator};
use chrono::NaiveDate;
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// The duties of the school year on a day; exit code 3 where one is late.
    Status {
        #[command(flatten)]
        place: Place,
        /// The day, `2026-06-30`.
        #[arg(long, value_name = "DATE")]
        at: NaiveDate,
        /// How to print.
        #[arg(long, value_enum, default_value = "table")]
        output: Output,
    },
}

/// What `convention.sql` says of a duty that was not kept in time.
const LATE: &str = "en retard";

pub(super) fn run(command: &Command) -> Result<Outcome, Failure> {
    let Command::Status { place, at, output } = command;
    let session = Session::open(&place.lake()?)?;
    let (_, terms) = place.rules()?;
    let arguments = [("reference_date", Argument::Date(*at))];
    let raw = session.run(&indicator("convention")?, &arguments)?;
    let table = crate::privacy::disclosure::protect(raw, &terms.policy);
    let late = table.rows().filter(|row| row.get("state").text() == LATE);
    let (late, all) = (late.count(), table.rows().count());
    query::print_all(&table, *output)?;
    match late {
        0 => Ok(Outcome::Well),
        _ => {
            eprintln!("{late} of {all} duties are late");
            Ok(Outcome::Findings)
        }
    }
}
