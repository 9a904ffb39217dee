//! `entobs register`: the registers that analysts keep.

use super::{Failure, Outcome};
use crate::ingest::{REGISTERS, Register, register_template};
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// All registers.
    List,
    /// The columns of a register and what they hold.
    Show {
        /// Its name.
        name: String,
    },
    /// Print an empty register: its header.
    Template {
        /// Its name.
        name: String,
    },
}

pub(super) fn run(command: &Command) -> Result<Outcome, Failure> {
    match command {
        Command::List => REGISTERS.iter().for_each(|r| println!("{}", r.name)),
        Command::Show { name } => {
            for (column, holds) in Register::named(name)?.columns {
                println!("{column:<15} {}", holds.explain());
            }
        }
        Command::Template { name } => print!("{}", register_template(&Register::named(name)?)),
    }
    Ok(Outcome::Well)
}
