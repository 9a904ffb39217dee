//! `entobs run`: what the configuration asks for, in order; what is done
//! already is recognised by its content and not done again.

use super::formats::Formats;
use super::{Failure, Outcome, ingest, report};
use crate::config::{Config, Source, ZonedSource};
use crate::ingest::{AccessSource, Context, FileReport, Register, Report as Ingested, Shrinking};
use crate::lake::{Counts, Lake};
use crate::privacy::pseudonym::MasterKey;
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Run {
    /// The configuration.
    #[arg(short, long, value_name = "FILE", default_value = "observatory.toml")]
    config: PathBuf,
    /// Print the counts as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Run) -> Result<Outcome, Failure> {
    let config = Config::load(&arguments.config)?;
    // What is wrong with the data files is said now, not after hours of reading.
    config.settings()?;
    config.rules()?;
    let ingested = ingest(&config, arguments.json)?;
    for file in reports(&config)? {
        eprintln!("{}", file.display());
    }
    Ok(if ingested.has_findings() {
        Outcome::Findings
    } else {
        Outcome::Well
    })
}

/// Ingests every source; returns and prints the counts.
pub(super) fn ingest(config: &Config, json: bool) -> Result<Ingested, String> {
    let lake = Lake::open(&config.path(&config.lake))?;
    let key = MasterKey::load(&config.path(&config.key))?;
    let mut context = Context::new(&lake, key, config.rules()?)?;
    let tools = config.tools()?;
    let mut total = Ingested::default();
    let mut stage = |name: &str, part: Ingested| {
        eprintln!("  {name}: {}", ingest::counts(&part.total));
        ingest::notes(&part.total);
        total.extend(part);
    };
    stage("schools", schools(config, &mut context)?);
    stage("directories", directories(config, &mut context)?);
    stage(
        "accounts",
        each(config, &config.accounts, |path, _| {
            crate::ingest::platform_accounts(&mut context, path)
        })?,
    );
    stage("access logs", access(config, &mut context)?);
    stage(
        "events",
        each_zoned(config, &config.events, |path, name, zone| {
            crate::ingest::events(&mut context, path, name, zone)
        })?,
    );
    stage(
        "statistics",
        each(config, &config.statistics, |path, name| {
            crate::ingest::statistics(&mut context, path, name)
        })?,
    );
    stage(
        "logins",
        each_zoned(config, &config.logins, |path, name, zone| {
            crate::ingest::logins(&mut context, path, name, zone)
        })?,
    );
    stage(
        "tickets",
        each(config, &config.tickets, |path, name| {
            crate::ingest::tickets(&mut context, path, name, &tools)
        })?,
    );
    let known = crate::ingest::known(&context, &config.settings()?.partners)?;
    let registers = each(config, &config.register, |path, name| {
        let register = Register::named(name)?;
        let (report, messages) = crate::ingest::register(&mut context, path, &register, &known)?;
        messages
            .iter()
            .for_each(|message| eprintln!("warning: {message}"));
        Ok(report)
    })?;
    stage("registers", registers);
    ingest::unmapped(&total);
    if json {
        println!(
            "{}",
            serde_json::to_string(&total).expect("counts are plain data")
        );
    }
    Ok(total)
}

fn each(
    config: &Config,
    sources: &[Source],
    mut read: impl FnMut(&std::path::Path, &str) -> Result<Ingested, String>,
) -> Result<Ingested, String> {
    let mut total = Ingested::default();
    for source in sources {
        for path in config.files(&source.files)? {
            total.extend(read(&path, &source.name)?);
        }
    }
    Ok(total)
}

fn each_zoned(
    config: &Config,
    sources: &[ZonedSource],
    mut read: impl FnMut(&std::path::Path, &str, chrono_tz::Tz) -> Result<Ingested, String>,
) -> Result<Ingested, String> {
    let mut total = Ingested::default();
    for source in sources {
        let zone = ingest::zone_or_schools(source.zone.as_deref())?;
        for path in config.files(&source.files)? {
            total.extend(read(&path, &source.name, zone)?);
        }
    }
    Ok(total)
}

/// All files of all sections make one list.
fn schools(config: &Config, context: &mut Context<'_>) -> Result<Ingested, String> {
    let mut files = Vec::new();
    for source in &config.schools {
        files.extend(config.files(&source.files)?);
    }
    if files.is_empty() {
        return Ok(Ingested::default());
    }
    crate::ingest::schools(context, &files)
}

/// A delivery that is refused keeps nothing from the other académies, and is a
/// finding of the run.
fn directories(config: &Config, context: &mut Context<'_>) -> Result<Ingested, String> {
    let mut total = Ingested::default();
    for source in &config.directory {
        let files = config.files(&source.files)?;
        let refused = Shrinking::Refused;
        match crate::ingest::directory(context, &files, &source.name, refused) {
            Ok(report) => total.extend(report),
            Err(message) => {
                eprintln!("warning: {message}");
                total.push(refused_directory(source, message));
            }
        }
    }
    Ok(total)
}

fn refused_directory(source: &Source, fault: String) -> FileReport {
    FileReport {
        path: source.files.clone(),
        counts: Counts::default(),
        fault: Some(fault),
        classified: BTreeMap::new(),
        unmapped: BTreeMap::new(),
    }
}

fn access(config: &Config, context: &mut Context<'_>) -> Result<Ingested, String> {
    let mut total = Ingested::default();
    for (source, files) in access_sources(config)? {
        total.extend(crate::ingest::access(context, &files, &source)?);
    }
    Ok(total)
}

/// The front-ends and the files of their logs.
pub(super) fn access_sources(config: &Config) -> Result<Vec<(AccessSource, Vec<PathBuf>)>, String> {
    let mut sources = Vec::new();
    for source in &config.access {
        let of_front_end = |error| format!("front-end `{}`: {error}", source.front_end);
        let texts = source.log_format.texts();
        let formats = Formats::new(texts, source.account.as_deref(), source.zone.as_deref());
        let formats = formats.map_err(of_front_end)?;
        let files = config.files(&source.files)?;
        let of_files = formats.sources(&source.front_end, files);
        sources.extend(of_files.map_err(of_front_end)?);
    }
    Ok(sources)
}

/// Makes every deliverable of the configuration; returns their main files.
pub(super) fn reports(config: &Config) -> Result<Vec<PathBuf>, String> {
    let lake = Lake::open(&config.path(&config.lake))?;
    let settings = config.settings()?;
    let mut files = Vec::new();
    for wanted in &config.report {
        let request = report::Wanted {
            kind: report::Kind::named(&wanted.kind)?,
            period: wanted.period.clone(),
            partner: wanted.partner.clone(),
            territory: wanted.territory.clone(),
        };
        eprintln!("  {} {}", wanted.kind, wanted.period);
        files.extend(report::make(
            &lake,
            &settings,
            &config.policy(),
            &request,
            &config.path(&config.outputs),
        )?);
    }
    Ok(files)
}
