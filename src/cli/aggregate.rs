//! `entobs aggregate [--period P]`: what takes long, before anybody waits for a report.

use super::{Failure, Outcome, Place, edition, print_json};
use crate::domain::Period;
use crate::query::marts;
use clap::Args;
use serde_json::json;

#[derive(Args)]
pub(super) struct Aggregate {
    #[command(flatten)]
    place: Place,
    /// Make the tables of the whole edition of a period too: `2025-2026-S1`, `2024-2025`...
    #[arg(long, value_name = "P")]
    period: Option<String>,
    /// The summary as an object.
    #[arg(long)]
    json: bool,
}

/// Brings the marts up to date, and keeps the protected tables of every deliverable of a period:
/// its reports are then made without a query.
pub(super) fn run(arguments: &Aggregate) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let (settings, terms) = arguments.place.rules()?;
    let mut deliverables = 0;
    match &arguments.period {
        None => drop(marts::prepare(&lake, &settings, None)?),
        Some(name) => {
            let period = Period::parse(name).map_err(|error| error.to_string())?;
            let session = marts::prepare_for_many(&lake, &settings, Some(period.last()))?;
            let jobs = edition::jobs(&session, &settings, &period)?;
            deliverables = jobs.len();
            edition::aggregate(&session, &lake, &terms, jobs)?;
        }
    }
    if arguments.json {
        print_json(&json!({ "deliverables": deliverables }))?;
    } else if let Some(period) = &arguments.period {
        eprintln!(
            "marts are up to date; tables of {deliverables} deliverables of {period} are kept"
        );
    } else {
        eprintln!("marts are up to date");
    }
    Ok(Outcome::Well)
}
