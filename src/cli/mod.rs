//! The command line: one file per subcommand; what was typed, then what it means.

mod inspect;
mod privacy;

use clap::{Parser, Subcommand};
use std::io;
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
    /// Show how each of the first lines of an input is read; stores nothing.
    #[command(subcommand)]
    Inspect(inspect::Inspect),
    /// Keys and personal data.
    #[command(subcommand)]
    Privacy(privacy::Privacy),
}

/// How a run that did its work ended.
enum Outcome {
    /// Exit code 0.
    Well,
    /// Exit code 3: a person should read what was printed.
    Findings,
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

/// Runs the command that was typed; usage errors exit with 2 (clap).
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Inspect(command) => inspect::run(&command),
        Command::Privacy(command) => privacy::run(&command),
    };
    match result {
        Ok(Outcome::Well) | Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(3),
        Err(Failure::Message(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(1)
        }
    }
}
