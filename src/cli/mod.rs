//! The command line: one file per subcommand; what was typed, then what it means.

mod aggregate;
mod chain;
mod convention;
mod check;
mod columns;
mod demo;
mod doctor;
mod edition;
mod formats;
mod ingest;
mod inspect;
mod lake;
mod maintenance;
mod manual;
mod metrics;
mod privacy;
mod publish;
mod query;
mod register;
mod report;
mod signals;
mod territory;

use crate::access::Rules;
use crate::domain::ServiceMap;
use crate::indicators::{Secrets, Terms};
use crate::lake::{Lake, checksum};
use crate::publication;
use crate::query::Session;
use crate::query::marts::Settings;
use clap::{Args, Parser, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Usage observatory of the ENT Hauts-de-France.
#[derive(Parser)]
#[command(name = "entobs", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole chain on made inputs: synth, key, ingest, reports.
    Demo(demo::Demo),
    /// The same chain for a real deployment, as the configuration says; idempotent.
    Run(chain::Run),
    /// Write realistic raw inputs from a seed.
    Synth(demo::Synth),
    /// Read raw inputs into the lake.
    Ingest(ingest::Ingest),
    /// Take one input back out of the lake.
    Retract(maintenance::Retract),
    /// Make the requests of a day anew from their logs, by the rules of today.
    Rebuild(maintenance::Rebuild),
    /// The files of the lake.
    #[command(subcommand)]
    Lake(lake::Command),
    /// Whether all that a run needs is there and in order: configuration, key, lake,
    /// disk, sources.
    Doctor(doctor::Doctor),
    /// Completions for a shell, on standard output.
    Completions(manual::Completions),
    /// The manual pages, one a command.
    Man(manual::Man),
    /// Show how each of the first lines of an input is read; stores nothing.
    #[command(subcommand)]
    Inspect(inspect::Inspect),
    /// Make now what reports are made from: marts, and the tables of a period.
    Aggregate(aggregate::Aggregate),
    /// Run one of the query files, after disclosure control.
    Query(query::Query),
    /// Run free SQL that only reads, for analysts: nothing is protected.
    Sql(query::Sql),
    /// Make a deliverable, or all of an edition.
    Report(report::Report),
    /// Make one dashboard: a region's, or a partner's.
    Dashboard(report::Dashboard),
    /// Make an edition of drafts: refused (exit code 4) where data are missing or something
    /// secret is told.
    Publish(publish::Publish),
    /// The catalogue of indicators.
    #[command(subcommand)]
    Indicators(query::Indicators),
    /// Registers kept by the analysts.
    #[command(subcommand)]
    Register(register::Command),
    /// How the convention is kept.
    #[command(subcommand)]
    Convention(convention::Command),
    /// Keys and personal data.
    #[command(subcommand)]
    Privacy(privacy::Privacy),
    /// Look for what should be put right before figures are made.
    Check(check::Check),
    /// Partners and their perimeters at a date.
    #[command(subcommand)]
    Partners(territory::Partners),
    /// The territory tree.
    #[command(subcommand)]
    Territory(territory::Territory),
}

/// Where lake and key are: on the command line, or in the configuration.
#[derive(Args)]
struct Place {
    /// The configuration [default: observatory.toml where present].
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The lake.
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
}

impl Place {
    /// The configuration, if one is given or stands in the folder.
    fn config(&self) -> Result<Option<crate::config::Config>, String> {
        let default = PathBuf::from("observatory.toml");
        match &self.config {
            Some(path) => crate::config::Config::load(path).map(Some),
            None if default.exists() => crate::config::Config::load(&default).map(Some),
            None => Ok(None),
        }
    }

    /// The key file; the command line wins over the file.
    fn key(&self, given: Option<&std::path::Path>) -> Result<PathBuf, String> {
        if let Some(path) = given {
            return Ok(path.to_owned());
        }
        let config = self.config()?;
        config.map(|config| config.path(&config.key)).ok_or_else(|| {
            "no key file is named\nhint: give `--key FILE`; create one with `entobs privacy key new --key FILE`".into()
        })
    }

    /// The rules that classify requests.
    fn classification(&self) -> Result<Rules, String> {
        match self.config()? {
            Some(config) => config.rules(),
            None => Ok(Rules::built_in(ServiceMap::default_map())),
        }
    }

    /// How the exports of ticket tools are read.
    fn tools(&self) -> Result<crate::assistance::Tools, String> {
        match self.config()? {
            Some(config) => config.tools(),
            None => Ok(crate::assistance::Tools::built_in()),
        }
    }

    /// What figures depend on besides the lake, and what a deliverable says of how it was made.
    fn rules(&self) -> Result<(Settings, Terms), String> {
        Ok(match self.config()? {
            Some(config) => (config.settings()?, config.terms()?),
            None => (Settings::default(), Terms::default()),
        })
    }

    /// The lake, which is there already.
    fn lake(&self) -> Result<crate::lake::Lake, String> {
        crate::lake::Lake::open(&self.root()?)
    }

    /// The lake, made if it is not there.
    fn new_lake(&self) -> Result<crate::lake::Lake, String> {
        crate::lake::Lake::create(&self.root()?)
    }

    /// The folder of the lake; the command line wins over the file.
    fn root(&self) -> Result<PathBuf, String> {
        let config = self.config()?;
        let named = config.map(|config| config.path(&config.lake));
        self.lake.clone().or(named).ok_or_else(|| {
            "no lake is named\nhint: give `--lake DIR`, or a configuration with `-c FILE`".into()
        })
    }
}

/// What is decided on cells, after what editions told, with the tables of earlier runs.
fn secrets<'a>(session: &'a Session, lake: &Lake, terms: &Terms) -> Result<Secrets<'a>, String> {
    let secrets = Secrets::new(session, terms).remembering(publication::memory(lake)?);
    Ok(match program() {
        Some(program) => secrets.keeping(lake, &program),
        None => secrets,
    })
}

/// A digest of this program: another one may make other tables of the same rows.
fn program() -> Option<String> {
    checksum(&std::env::current_exe().ok()?).ok()
}

/// How a run that did its work ended.
enum Outcome {
    /// Exit code 0.
    Well,
    /// Exit code 3: a person should read what was printed.
    Findings,
    /// Exit code 4: not to be published, for what was printed.
    Refused,
}

/// Why a run could not be done.
enum Failure {
    /// The reader of our output went away (`| head`): nobody is left to tell.
    BrokenPipe,
    /// A message with what to do next.
    Message(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Message(format!("output cannot be written: {error}")),
        }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

/// One object on standard output.
fn print_line(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Runs the command that was typed; usage errors exit with 2 (clap).
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo(command) => demo::run(&command),
        Command::Run(command) => chain::run(&command),
        Command::Synth(command) => demo::synth(&command),
        Command::Ingest(command) => ingest::run(&command),
        Command::Retract(command) => maintenance::retract(&command),
        Command::Rebuild(command) => maintenance::rebuild(&command),
        Command::Lake(command) => lake::run(&command),
        Command::Doctor(command) => doctor::run(&command),
        Command::Completions(command) => manual::completions(&command),
        Command::Man(command) => manual::man(&command),
        Command::Inspect(command) => inspect::run(&command),
        Command::Aggregate(command) => aggregate::run(&command),
        Command::Query(command) => query::run(&command),
        Command::Sql(command) => query::sql(&command),
        Command::Report(command) => report::run(&command),
        Command::Dashboard(command) => report::run_dashboard(&command),
        Command::Publish(command) => publish::run(&command),
        Command::Indicators(command) => query::indicators(&command),
        Command::Register(command) => register::run(&command),
        Command::Convention(command) => convention::run(&command),
        Command::Privacy(command) => privacy::run(&command),
        Command::Check(command) => check::run(&command),
        Command::Partners(command) => territory::partners(&command),
        Command::Territory(command) => territory::territory(&command),
    };
    match result {
        Ok(Outcome::Well) | Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(3),
        Ok(Outcome::Refused) => ExitCode::from(4),
        Err(Failure::Message(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(1)
        }
    }
}
