//! `entobs privacy key new|status`.

use super::{Failure, Outcome};
use crate::privacy::pseudonym::MasterKey;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Privacy {
    /// The master key of the pseudonyms.
    #[command(subcommand)]
    Key(Key),
}

#[derive(Subcommand)]
pub(super) enum Key {
    /// Create a key file, mode 0600; never overwrites one.
    New(KeyFile),
    /// Say whether a key file can be used.
    Status(KeyFile),
}

#[derive(Args)]
pub(super) struct KeyFile {
    /// The key file, outside the lake.
    #[arg(long = "key", value_name = "FILE")]
    path: PathBuf,
}

pub(super) fn run(command: &Privacy) -> Result<Outcome, Failure> {
    let Privacy::Key(command) = command;
    match command {
        Key::New(file) => {
            let shown = file.path.display();
            MasterKey::create(&file.path).map_err(|error| {
                format!("key file `{shown}` cannot be created: {error}\nhint: choose a path that does not exist, in a folder that you may write to")
            })?;
            eprintln!("key file `{shown}` created, mode 0600; back it up apart from the lake");
        }
        Key::Status(file) => {
            MasterKey::load(&file.path)?;
            eprintln!("key file `{}` can be used", file.path.display());
        }
    }
    Ok(Outcome::Well)
}
