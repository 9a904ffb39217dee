//! `entobs completions SHELL` and `entobs man`: what a package of the system wants.

use super::{Arguments, Failure, Outcome};
use clap::{Args, CommandFactory};
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Completions {
    /// For which shell.
    shell: clap_complete::Shell,
}

#[derive(Args)]
pub(super) struct Man {
    /// A folder for the pages of all commands; without it, the first page goes to
    /// standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn completions(arguments: &Completions) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "entobs", &mut text);
    io::stdout().lock().write_all(&text)?;
    Ok(Outcome::Well)
}

pub(super) fn man(arguments: &Man) -> Result<Outcome, Failure> {
    let command = Arguments::command();
    match &arguments.out {
        None => {
            let mut text = Vec::new();
            clap_mangen::Man::new(command).render(&mut text)?;
            io::stdout().lock().write_all(&text)?;
        }
        Some(folder) => {
            let written = std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(command, folder));
            written.map_err(|error| {
                let folder = folder.display();
                format!("manual pages cannot be written to `{folder}`: {error}\nhint: choose another folder with `--out`")
            })?;
        }
    }
    Ok(Outcome::Well)
}
