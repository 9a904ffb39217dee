//! `entobs retract DIGEST|PATH` and `entobs rebuild DAY`.

use super::{Failure, Outcome, Place, chain};
use crate::config::Config;
use crate::ingest::{self, Context};
use crate::privacy::pseudonym::MasterKey;
use chrono::NaiveDate;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Retract {
    /// The beginning of an input's digest (a name in the `ledger` folder), or a
    /// file with its content.
    #[arg(value_name = "DIGEST|PATH")]
    input: String,
    #[command(flatten)]
    place: Place,
    /// The key file.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

pub(super) fn retract(arguments: &Retract) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let key = MasterKey::load(&arguments.place.key(arguments.key.as_deref())?)?;
    let mut context = Context::new(&lake, key, arguments.place.classification()?)?;
    let mut outcome = Outcome::Well;
    let (entries, done) = ingest::retract(&mut context, &arguments.input)?;
    for entry in entries {
        let names: Vec<&str> = entry.inputs.iter().map(|f| f.name.as_str()).collect();
        let rows: u64 = entry.files.iter().map(|file| file.rows).sum();
        eprintln!(
            "{} ({}): {rows} rows taken back",
            names.join(", "),
            entry.source
        );
    }
    for digest in done.incomplete {
        outcome = Outcome::Findings;
        let other = context.entry(&digest)?;
        eprintln!(
            "warning: `{}` shared lines with it\nhint: ingest it again, which adds only what is missing; `entobs run` does",
            other.inputs[0].name
        );
    }
    Ok(outcome)
}

#[derive(Args)]
pub(super) struct Rebuild {
    /// The day, `2025-11-03`.
    day: NaiveDate,
    /// The configuration, which says where the logs are.
    #[arg(short, long, value_name = "FILE", default_value = "observatory.toml")]
    config: PathBuf,
}

pub(super) fn rebuild(arguments: &Rebuild) -> Result<Outcome, Failure> {
    let config = Config::load(&arguments.config)?;
    let lake = crate::lake::Lake::open(&config.path(&config.lake))?;
    let key = MasterKey::load(&config.path(&config.key))?;
    let mut context = Context::new(&lake, key, config.rules()?)?;
    let sources = chain::access_sources(&config)?;
    let rows = ingest::redo_day(&mut context, &sources, arguments.day)?;
    eprintln!(
        "{}: {rows} requests read again by the rules of today",
        arguments.day
    );
    Ok(Outcome::Well)
}
