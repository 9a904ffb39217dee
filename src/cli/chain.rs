//! `entobs run`: what the configuration asks for, in order; what is done
//! already is recognised by its content and not done again.

use super::formats::Formats;
use super::{Failure, Outcome, ingest, metrics, report};
use crate::config::{Config, Directory, Source, ZonedSource};
use crate::ingest::{
    AccessSource, Context, DirectorySource, FileReport, Register, Report as Ingested, Shrinking,
    Stop,
};
use crate::lake::{Counts, Lake};
use crate::privacy::pseudonym::MasterKey;
use clap::Args;
use serde::Serialize;
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
    /// Write what was done as OpenMetrics text, for a node exporter.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
}

pub(super) fn run(arguments: &Run) -> Result<Outcome, Failure> {
    let config = Config::load(&arguments.config)?;
    // What is wrong with the data files is said now, not after hours of reading.
    config.settings()?;
    config.rules()?;
    let lake = Lake::create(&config.path(&config.lake))?;
    let mut summary = Summary::default();
    let mut done = ingest(&config, &lake, &mut summary);
    if done.is_ok() {
        done = make_reports(&config, &mut summary);
    }
    summary.error = done.err();
    if arguments.json {
        super::print_json(&summary)?;
    }
    let metrics = arguments.metrics.clone();
    let configured = config.metrics.as_ref().map(|path| config.path(path));
    if let Some(path) = metrics.or(configured) {
        // What went wrong before is not hidden by metrics that cannot be written.
        let told = metrics::write(&path, &lake, &summary);
        let errors = summary.error.take().into_iter().chain(told.err());
        summary.error = joined(errors.collect());
    }
    match summary.error {
        Some(message) => Err(Failure::Message(message)),
        None if summary.total.has_findings() => Ok(Outcome::Findings),
        None => Ok(Outcome::Well),
    }
}

/// What went wrong, an error after the other.
fn joined(errors: Vec<String>) -> Option<String> {
    (!errors.is_empty()).then(|| errors.join("\nerror: "))
}

fn make_reports(config: &Config, summary: &mut Summary) -> Result<(), String> {
    for file in reports(config)? {
        eprintln!("{}", file.display());
        summary.made.push(file);
    }
    Ok(())
}

/// What a run did.
#[derive(Default, Serialize)]
pub(super) struct Summary {
    /// Every file, and the sums.
    #[serde(flatten)]
    pub total: Ingested,
    /// The sums by kind of input, in their order.
    pub stages: Vec<Stage>,
    /// Deliverables.
    pub made: Vec<PathBuf>,
    /// Why it ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of the inputs of one kind.
#[derive(Serialize)]
pub(super) struct Stage {
    pub name: &'static str,
    #[serde(flatten)]
    pub counts: Counts,
}

type Reading = fn(&Config, &mut Context<'_>, &mut Ingested) -> Result<(), String>;

/// The kinds of inputs in the order in which they are read: schools before what
/// refers to them.
const STAGES: [(&str, Reading); 10] = [
    ("schools", schools),
    ("directories", directories),
    ("accounts", accounts),
    ("access logs", access),
    ("events", events),
    ("statistics", statistics),
    ("national measure", national),
    ("logins", logins),
    ("tickets", tickets),
    ("registers", registers),
];

/// Ingests every source; says what became of each kind, before an error too. What is wrong with
/// the files of one kind keeps no other from being read.
///
/// # Errors
/// All that went wrong, once every kind was read.
pub(super) fn ingest(config: &Config, lake: &Lake, summary: &mut Summary) -> Result<(), String> {
    let key = MasterKey::load(&config.path(&config.key))?;
    let mut context = super::signals::context(lake, key, config.rules()?)?;
    let mut errors = Vec::new();
    for (name, read) in STAGES {
        let mut part = Ingested::default();
        let done = read(config, &mut context, &mut part);
        eprintln!("  {name}: {}", ingest::counts(&part.total));
        ingest::notes(&part.total);
        summary.stages.push(Stage {
            name,
            counts: part.total.clone(),
        });
        summary.total.extend(part);
        errors.extend(done.err());
        if super::signals::is_asked_to_end() {
            break;
        }
    }
    drop(context);
    super::signals::done();
    ingest::unmapped(&summary.total);
    joined(errors).map_or(Ok(()), Err)
}

fn accounts(
    config: &Config,
    context: &mut Context<'_>,
    report: &mut Ingested,
) -> Result<(), String> {
    each(config, &config.accounts, report, |path, _| {
        crate::ingest::platform_accounts(context, path)
    })
}

fn events(config: &Config, context: &mut Context<'_>, report: &mut Ingested) -> Result<(), String> {
    each_zoned(config, &config.events, report, |path, name, zone| {
        crate::ingest::events(context, path, name, zone)
    })
}

fn statistics(
    config: &Config,
    context: &mut Context<'_>,
    report: &mut Ingested,
) -> Result<(), String> {
    each(config, &config.statistics, report, |path, name| {
        crate::ingest::statistics(context, path, name)
    })
}

fn national(
    config: &Config,
    context: &mut Context<'_>,
    report: &mut Ingested,
) -> Result<(), String> {
    each(config, &config.dnma, report, |path, name| {
        crate::ingest::national(context, path, name)
    })
}

fn logins(config: &Config, context: &mut Context<'_>, report: &mut Ingested) -> Result<(), String> {
    each_zoned(config, &config.logins, report, |path, name, zone| {
        crate::ingest::logins(context, path, name, zone)
    })
}

fn tickets(
    config: &Config,
    context: &mut Context<'_>,
    report: &mut Ingested,
) -> Result<(), String> {
    let tools = config.tools()?;
    each(config, &config.tickets, report, |path, name| {
        crate::ingest::tickets(context, path, name, &tools)
    })
}

fn registers(
    config: &Config,
    context: &mut Context<'_>,
    report: &mut Ingested,
) -> Result<(), String> {
    let known = crate::ingest::known(context, &config.settings()?.partners)?;
    each(config, &config.register, report, |path, name| {
        let register = Register::named(name)?;
        let (report, messages) = crate::ingest::register(context, path, &register, &known)?;
        messages
            .iter()
            .for_each(|message| eprintln!("warning: {message}"));
        Ok(report)
    })
}

fn each(
    config: &Config,
    sources: &[Source],
    report: &mut Ingested,
    mut read: impl FnMut(&std::path::Path, &str) -> Result<Ingested, String>,
) -> Result<(), String> {
    for source in sources {
        for path in config.files(&source.files)? {
            report.extend(read(&path, &source.name)?);
        }
    }
    Ok(())
}

fn each_zoned(
    config: &Config,
    sources: &[ZonedSource],
    report: &mut Ingested,
    mut read: impl FnMut(&std::path::Path, &str, chrono_tz::Tz) -> Result<Ingested, String>,
) -> Result<(), String> {
    for source in sources {
        let zone = ingest::zone_or_schools(source.zone.as_deref())?;
        for path in config.files(&source.files)? {
            report.extend(read(&path, &source.name, zone)?);
        }
    }
    Ok(())
}

/// All files of all sections make one list.
fn schools(
    config: &Config,
    context: &mut Context<'_>,
    report: &mut Ingested,
) -> Result<(), String> {
    let mut files = Vec::new();
    for source in &config.schools {
        files.extend(config.files(&source.files)?);
    }
    if !files.is_empty() {
        report.extend(crate::ingest::schools(context, &files)?);
    }
    Ok(())
}

/// A delivery that is refused keeps nothing from the other académies, and is a
/// finding of the run.
fn directories(
    config: &Config,
    context: &mut Context<'_>,
    report: &mut Ingested,
) -> Result<(), String> {
    for source in &config.directory {
        let files = config.files(&source.files)?;
        let columns = source.columns()?;
        let from = DirectorySource {
            academie: &source.name,
            columns: &columns,
        };
        match crate::ingest::directory(context, &files, from, Shrinking::Refused, report) {
            Ok(()) => {}
            Err(Stop::Refused(message)) => {
                eprintln!("warning: {message}");
                report.push(refused_directory(source, message));
            }
            Err(Stop::Lake(message)) => return Err(message),
        }
    }
    Ok(())
}

fn refused_directory(source: &Directory, fault: String) -> FileReport {
    FileReport {
        path: source.files.clone(),
        counts: Counts::default(),
        fault: Some(fault),
        classified: BTreeMap::new(),
        unmapped: BTreeMap::new(),
    }
}

fn access(config: &Config, context: &mut Context<'_>, report: &mut Ingested) -> Result<(), String> {
    for (source, files) in access_sources(config)? {
        crate::ingest::access(context, &files, &source, report)?;
    }
    Ok(())
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
    let wanted = config.report.iter().map(|wanted| {
        Ok(report::Wanted {
            kind: report::Kind::named(&wanted.kind)?,
            period: wanted.period.clone(),
            partner: wanted.partner.clone(),
            territory: wanted.territory.clone(),
        })
    });
    let wanted = wanted.collect::<Result<Vec<_>, String>>()?;
    let outputs = config.path(&config.outputs);
    let terms = config.terms()?;
    report::make(&lake, &settings, &terms, &wanted, &outputs)
}
