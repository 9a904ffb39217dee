//! `entobs ingest KIND PATH...`

use super::formats::{Written, parse_zone};
use super::{Failure, Outcome, Place};
use crate::directory::table::Columns;
use crate::domain::time;
use crate::ingest::{self, Context, DirectorySource, Register, Report, Shrinking};
use crate::lake::Counts;
use crate::privacy::pseudonym::MasterKey;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Access logs.
    Access,
    /// Platform events: NDJSON, JSON arrays, PostgreSQL twins as CSV.
    Events,
    /// Exports of the provider's statistics.
    Statistics,
    /// The open data of the national measure of usage.
    Dnma,
    /// Audit logs of the login path: CAS, esup, Shibboleth.
    Logins,
    /// AAF XML of one académie: files, folders, zip archives.
    Directory,
    /// The platform's account export.
    Accounts,
    /// The official school list.
    Schools,
    /// Tickets.
    Tickets,
    /// A register.
    Register,
}

#[derive(Args)]
pub(super) struct Ingest {
    /// What the files are.
    kind: Kind,
    /// The files, or folders of files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// The key file.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Front-end, académie, helpdesk or register.
    #[arg(long, value_name = "NAME", default_value = "defaut")]
    source: String,
    #[command(flatten)]
    written: Written,
    /// Of tables of a directory: which column tells what; once for each
    /// (`--columns key=externalId --columns profile=type --columns uai=structures`).
    #[arg(long, value_name = "FIELD=COLUMN")]
    columns: Vec<String>,
    /// Take a complete directory though it tells much fewer people than before.
    #[arg(long)]
    accept_shrinking: bool,
    /// Of all the files, only those of part I of N (`2/8`): a job array reads them into
    /// lakes of their own, which `entobs lake gather` puts together.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Print the counts as one JSON object.
    #[arg(long)]
    json: bool,
}

/// A part of the files of a job array.
#[derive(Clone, Copy)]
struct Shard {
    /// From 1.
    number: usize,
    of: usize,
}

fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(number, of)| {
        let (number, of): (usize, usize) = (number.parse().ok()?, of.parse().ok()?);
        (1..=of).contains(&number).then_some(Shard { number, of })
    });
    numbers
        .ok_or_else(|| "a part is written `2/8`: its number from 1, and how many there are".into())
}

impl Shard {
    /// One in so many of the files, in the order in which they were given.
    fn of(self, files: Vec<PathBuf>) -> Vec<PathBuf> {
        let all = files.into_iter().skip(self.number - 1);
        all.step_by(self.of).collect()
    }
}

pub(super) fn run(arguments: &Ingest) -> Result<Outcome, Failure> {
    let lake = arguments.place.new_lake()?;
    let key = MasterKey::load(&arguments.place.key(arguments.key.as_deref())?)?;
    let rules = arguments.place.classification()?;
    let mut context = super::signals::context(&lake, key, rules)?;
    let mut report = Report::default();
    let read = read(arguments, &mut context, &mut report);
    drop(context);
    super::signals::done();
    // What was committed before an error stays, and is told.
    if arguments.json {
        super::print_json(&summary(&report, read.as_ref().err()))?;
    }
    for file in &report.files {
        eprintln!("{}: {}", file.path, counts(&file.counts));
        notes(&file.counts);
        if let Some(fault) = &file.fault {
            eprintln!("warning: `{}` {fault}", file.path);
        }
    }
    eprintln!("total: {}", counts(&report.total));
    list("classified by", &report.classified(), usize::MAX);
    unmapped(&report);
    read?;
    Ok(if report.has_findings() {
        Outcome::Findings
    } else {
        Outcome::Well
    })
}

/// The map of columns as typed.
fn columns(typed: &[String]) -> Result<Columns, String> {
    let pairs = typed.iter().map(|text| {
        text.split_once('=').ok_or_else(|| {
            format!("`--columns {text}` says of no column what it tells\nhint: write `--columns key=externalId`")
        })
    });
    Columns::new(pairs.collect::<Result<Vec<_>, _>>()?)
}

/// The counts of a run, and why it ended early if it did.
pub(super) fn summary(report: &Report, error: Option<&String>) -> serde_json::Value {
    let mut summary = serde_json::to_value(report).expect("counts are plain data");
    if let Some(error) = error {
        summary["error"] = error.as_str().into();
    }
    summary
}

/// Adds what became of each input to `report`, before an error too.
fn read(arguments: &Ingest, context: &mut Context<'_>, report: &mut Report) -> Result<(), String> {
    let is_in_parts = matches!(arguments.kind, Kind::Access | Kind::Events);
    if arguments.shard.is_some() && !is_in_parts {
        return Err("only access logs and events are read in parts\nhint: leave `--shard` out; the other inputs are small".into());
    }
    if arguments.kind == Kind::Directory {
        let shrinking = match arguments.accept_shrinking {
            true => Shrinking::Accepted,
            false => Shrinking::Refused,
        };
        let columns = columns(&arguments.columns)?;
        let from = DirectorySource {
            academie: &arguments.source,
            columns: &columns,
        };
        let done = ingest::directory(context, &arguments.paths, from, shrinking, report);
        return done.map_err(ingest::Stop::message);
    }
    let mut files = files(&arguments.paths)?;
    if let Some(shard) = arguments.shard {
        files = shard.of(files);
    }
    match arguments.kind {
        Kind::Schools => {
            report.extend(ingest::schools(context, &files)?);
            return Ok(());
        }
        Kind::Access => return access(arguments, files, context, report),
        _ => {}
    }
    for path in &files {
        report.extend(file(arguments, path, context)?);
    }
    Ok(())
}

fn file(arguments: &Ingest, path: &Path, context: &mut Context<'_>) -> Result<Report, String> {
    let source = &arguments.source;
    let zone = zone_or_schools(arguments.written.zone())?;
    match arguments.kind {
        Kind::Events => ingest::events(context, path, source, zone),
        Kind::Statistics => ingest::statistics(context, path, source),
        Kind::Dnma => ingest::national(context, path, source),
        Kind::Logins => ingest::logins(context, path, source, zone),
        Kind::Accounts => ingest::platform_accounts(context, path),
        Kind::Tickets => ingest::tickets(context, path, source, &arguments.place.tools()?),
        Kind::Register | Kind::Access | Kind::Directory | Kind::Schools => {
            let named = Register::named(source)?;
            let known = ingest::known(context, &arguments.place.rules()?.0.partners)?;
            let (report, messages) = ingest::register(context, path, &named, &known)?;
            messages
                .iter()
                .for_each(|message| eprintln!("warning: {message}"));
            Ok(report)
        }
    }
}

fn access(
    arguments: &Ingest,
    files: Vec<PathBuf>,
    context: &mut Context<'_>,
    report: &mut Report,
) -> Result<(), String> {
    let formats = arguments.written.formats()?;
    for (source, files) in formats.sources(&arguments.source, files)? {
        ingest::access(context, &files, &source, report)?;
    }
    Ok(())
}

/// The zone declared, or that of the schools.
pub(super) fn zone_or_schools(name: Option<&str>) -> Result<chrono_tz::Tz, String> {
    name.map_or(Ok(time::SCHOOLS), parse_zone)
}

/// The files named, and those of the folders named, in the order of their names.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let inside = std::fs::read_dir(path).map_err(|e| {
            format!(
                "folder `{}` cannot be read: {e}\nhint: check its permissions",
                path.display()
            )
        })?;
        let mut inside: Vec<PathBuf> = inside
            .filter_map(Result::ok)
            .map(|item| item.path())
            .filter(|p| p.is_file())
            .collect();
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

/// Says which paths the table of services does not know.
pub(super) fn unmapped(report: &Report) {
    list("paths of no service", &report.unmapped(), 20);
}

fn list(title: &str, ranked: &[(&str, u64)], most: usize) {
    let items: Vec<String> = ranked
        .iter()
        .take(most)
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if !items.is_empty() {
        eprintln!("{title}: {}", items.join(", "));
    }
}

/// `10,000 read = 9,999 kept + 0 duplicates + 1 rejected (truncated 1)`
pub(super) fn counts(counts: &Counts) -> String {
    let rejected: u64 = counts.rejected.values().sum();
    let reasons: Vec<String> = counts
        .rejected
        .iter()
        .map(|(reason, n)| format!("{reason} {n}"))
        .collect();
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join(", "))
    };
    format!(
        "{} read = {} kept + {} duplicates + {rejected} rejected{reasons}",
        counts.read, counts.kept, counts.duplicates
    )
}

/// `note: unmapped module Sso: 12`, the most frequent first.
pub(super) fn notes(counts: &Counts) {
    let mut notes: Vec<(&String, &u64)> = counts.notes.iter().collect();
    notes.sort_by_key(|(note, count)| (std::cmp::Reverse(**count), *note));
    for (note, count) in notes {
        eprintln!("note: {note}: {count}");
    }
}
