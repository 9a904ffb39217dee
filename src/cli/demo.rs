//! `entobs demo` and `entobs synth`.

use super::{Failure, Outcome, chain};
use crate::config::{Config, EXAMPLE};
use crate::lake::Lake;
use crate::privacy::pseudonym::MasterKey;
use crate::synth::{self, Request};
use chrono::NaiveDate;
use clap::Args;
use std::fs;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Demo {
    /// Where to put inputs, lake and deliverables.
    #[arg(long, value_name = "DIR", default_value = "observatoire-demo")]
    out: PathBuf,
    /// About how many accounts, of 50 establishments.
    #[arg(long, value_name = "N", default_value_t = 6_000)]
    accounts: usize,
}

#[derive(Args)]
pub(super) struct Synth {
    /// About how many accounts.
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    accounts: usize,
    /// How many establishments, from 12 to 5,570; one for 60 accounts unless said.
    #[arg(long, value_name = "N")]
    schools: Option<usize>,
    /// First day.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// Everything follows from it.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Directories, accounts and school list alone, no activity.
    #[arg(long)]
    directories_only: bool,
    /// Where to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn synth(arguments: &Synth) -> Result<Outcome, Failure> {
    if arguments.from > arguments.to {
        return Err(Failure::Message(
            "`--from` is after `--to`\nhint: exchange them".into(),
        ));
    }
    let request = Request {
        accounts: arguments.accounts,
        schools: arguments.schools,
        from: arguments.from,
        to: arguments.to,
        seed: arguments.seed,
    };
    let made = match arguments.directories_only {
        true => synth::write_directories(&request, &arguments.out)?,
        false => synth::write(&request, &arguments.out, &mut |month| {
            eprintln!("synth: {month}")
        })?,
    };
    eprintln!(
        "synth: {} establishments, {} accounts, {} log lines, {} tickets in `{}`\nlog format: {}",
        made.schools,
        made.accounts,
        made.log_lines,
        made.tickets,
        arguments.out.display(),
        synth::LOG_FORMAT
    );
    Ok(Outcome::Well)
}

/// So many establishments of so many accounts have rolls like those of real ones: in smaller
/// ones nearly all cells about teachers would be secret.
const SCHOOLS: usize = 50;

pub(super) fn run(arguments: &Demo) -> Result<Outcome, Failure> {
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let request = Request {
        accounts: arguments.accounts,
        schools: Some(SCHOOLS),
        from: day("2024-08-01"),
        to: day("2026-07-31"),
        seed: 1,
    };
    let out = &arguments.out;
    let message = |e: std::io::Error| {
        format!(
            "`{}` cannot be written: {e}\nhint: choose another folder with `--out`",
            out.display()
        )
    };
    fs::create_dir_all(out).map_err(message)?;
    eprintln!(
        "1/3 making inputs of two school years in `{}`",
        out.join("entrees").display()
    );
    synth::write(&request, &out.join("entrees"), &mut |_| ())?;
    let path = out.join("observatory.toml");
    fs::write(&path, EXAMPLE).map_err(message)?;
    let config = Config::load(&path)?;
    let key = config.path(&config.key);
    if !key.exists() {
        MasterKey::create(&key).map_err(message)?;
    }
    eprintln!("2/3 reading them into the lake");
    let lake = Lake::create(&config.path(&config.lake))?;
    chain::ingest(&config, &lake, &mut chain::Summary::default())?;
    eprintln!("3/3 making the deliverables");
    let made = chain::reports(&config)?;
    eprintln!("done. Open:");
    for file in made {
        eprintln!("  {}", file.display());
    }
    Ok(Outcome::Well)
}
