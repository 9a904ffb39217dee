//! `entobs ingest KIND PATH...` and `entobs register template NAME`.

use super::formats::Written;
use super::{Failure, Outcome, Place};
use crate::domain::ServiceMap;
use crate::ingest::{self, AccessSource, Context, Register, Report};
use crate::lake::Counts;
use crate::privacy::pseudonym::MasterKey;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Access logs.
    Access,
    /// Platform events, NDJSON.
    Events,
    /// AAF XML of one académie.
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
    /// Print the counts as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Ingest) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let key = MasterKey::load(&key_path(arguments)?)?;
    let services = match arguments.place.config()? {
        Some(config) => config.service_map()?,
        None => ServiceMap::default_map(),
    };
    let mut context = Context::new(&lake, key, services)?;
    let report = read(arguments, &mut context)?;
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string(&report).expect("counts are plain data")
        );
    }
    for file in &report.files {
        eprintln!("{}: {}", file.path, counts(&file.counts));
        if let Some(fault) = &file.fault {
            eprintln!("warning: `{}` {fault}", file.path);
        }
    }
    eprintln!("total: {}", counts(&report.total));
    Ok(if report.has_findings() {
        Outcome::Findings
    } else {
        Outcome::Well
    })
}

fn key_path(arguments: &Ingest) -> Result<PathBuf, String> {
    if let Some(path) = &arguments.key {
        return Ok(path.clone());
    }
    let config = arguments.place.config()?;
    config.map(|config| config.path(&config.key)).ok_or_else(|| {
        "no key file is named\nhint: give `--key FILE`; create one with `entobs privacy key new --key FILE`".into()
    })
}

fn read(arguments: &Ingest, context: &mut Context<'_>) -> Result<Report, String> {
    let files = files(&arguments.paths)?;
    match arguments.kind {
        Kind::Directory => return ingest::directory(context, &files, &arguments.source),
        Kind::Schools => return ingest::schools(context, &files),
        _ => {}
    }
    if arguments.kind == Kind::Access {
        return access(arguments, &files, context);
    }
    let mut report = Report::default();
    for path in &files {
        report.extend(match arguments.kind {
            Kind::Events => ingest::events(context, path, &arguments.source)?,
            Kind::Accounts => ingest::platform_accounts(context, path)?,
            Kind::Tickets => ingest::tickets(context, path, &arguments.source)?,
            Kind::Register | Kind::Access | Kind::Directory | Kind::Schools => {
                let named = Register::named(&arguments.source)?;
                let (report, messages) = ingest::register(context, path, &named)?;
                messages
                    .iter()
                    .for_each(|message| eprintln!("warning: {message}"));
                report
            }
        });
    }
    Ok(report)
}

fn access(
    arguments: &Ingest,
    files: &[PathBuf],
    context: &mut Context<'_>,
) -> Result<Report, String> {
    let formats = arguments.written.formats()?;
    let mut report = Report::default();
    for path in files {
        let source = AccessSource {
            front_end: arguments.source.clone(),
            format: formats.of_file(path)?,
        };
        report.extend(ingest::access(context, path, &source)?);
    }
    Ok(report)
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

#[derive(Subcommand)]
pub(super) enum RegisterCommand {
    /// Print an empty register: its header.
    Template {
        /// incidents, actions, propositions...
        name: String,
    },
}

pub(super) fn register(command: &RegisterCommand) -> Result<Outcome, Failure> {
    let RegisterCommand::Template { name } = command;
    print!("{}", ingest::register_template(&Register::named(name)?));
    Ok(Outcome::Well)
}
