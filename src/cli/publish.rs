//! `entobs publish FOLDER --at DATE`: drafts become an edition, or the list of what stops it.

use super::{Failure, Outcome, Place};
use crate::audit::audit;
use crate::domain::Period;
use crate::indicators::{Secrets, Terms};
use crate::lake::Lake;
use crate::privacy::known;
use crate::privacy::memory::Remembered;
use crate::publication::{self, Draft, Limits, Refusal};
use crate::query::Session;
use crate::query::marts::{self, Settings};
use chrono::NaiveDate;
use clap::Args;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Publish {
    /// The folder of the drafts: all deliverables under it become one edition.
    #[arg(value_name = "EDITION")]
    folder: PathBuf,
    #[command(flatten)]
    place: Place,
    /// The day of publication, for the record.
    #[arg(long, value_name = "DATE")]
    at: NaiveDate,
    /// Only say what stops it.
    #[arg(long)]
    dry_run: bool,
    /// Print the outcome as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Publish) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let config = arguments.place.config()?;
    let (settings, terms) = arguments.place.rules()?;
    let limits = config.map_or_else(Limits::default, |config| config.publication);
    let drafts = publication::drafts(&arguments.folder)?;
    let mut folders = vec![arguments.folder.clone()];
    let editions = lake.editions()?;
    // What was told first comes first.
    folders.splice(0..0, editions.iter().map(crate::lake::Edition::tables));
    let pseudonyms = known::pseudonyms(&Session::open(&lake)?)?;
    let audit = audit(&folders, &pseudonyms)?;
    let refusals = publication::refusals(&drafts, &lake.digest()?, &limits, &terms.policy, &audit);
    if !refusals.is_empty() {
        return refuse(arguments, &refusals);
    }
    if arguments.dry_run {
        eprintln!("nothing stops it; not published (--dry-run)");
        return Ok(Outcome::Well);
    }
    let cells = remembered(&lake, &settings, &terms, &drafts)?;
    let number = publication::publish(&lake, &drafts, &cells, arguments.at)?;
    match arguments.json {
        true => super::print_json(
            &json!({ "edition": number, "deliverables": drafts.len(), "cells": cells.len(), "refusals": [] }),
        )?,
        false => eprintln!(
            "edition {number:04}: {} deliverables published; {} cells are settled for later editions",
            drafts.len(),
            cells.len()
        ),
    }
    Ok(Outcome::Well)
}

fn refuse(arguments: &Publish, refusals: &[Refusal]) -> Result<Outcome, Failure> {
    match arguments.json {
        true => super::print_json(&json!({ "edition": null, "refusals": refusals }))?,
        false => {
            for refusal in refusals {
                super::print_line(&format!("{} : {}", refusal.gate.french(), refusal.what))?;
            }
        }
    }
    eprintln!(
        "not published: {} reasons\nhint: for data that will not come any more, put a `[[note]]` into the configuration and make the deliverables again; what is told of secret cells nobody can answer for",
        refusals.len()
    );
    Ok(Outcome::Refused)
}

/// The cells of the periods of the drafts; those whose periods end on one day share a session.
fn remembered(
    lake: &Lake,
    settings: &Settings,
    terms: &Terms,
    drafts: &[Draft],
) -> Result<Vec<Remembered>, String> {
    let mut by_end: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    for draft in drafts {
        let period = Period::parse(&draft.period).map_err(|error| error.to_string())?;
        let together = by_end.entry(period.last()).or_default();
        together.insert(draft.period.clone());
    }
    let mut cells = Vec::new();
    for (end, periods) in by_end {
        let session = marts::prepare(lake, settings, Some(end))?;
        let secrets = Secrets::new(&session, terms).remembering(publication::memory(lake)?);
        for name in periods {
            let period = Period::parse(&name).map_err(|error| error.to_string())?;
            cells.extend(secrets.remembered(&period)?);
        }
    }
    cells.sort();
    cells.dedup();
    Ok(cells)
}
