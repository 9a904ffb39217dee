//! The catalogue of definitions, and the figures that a deliverable needs:
//! every table protected, ready to be shown.

mod cube;
mod figures;

pub use cube::{Cube, CubePeriod, CubeTable, compute_cube};
pub(crate) use figures::year_before;
pub use figures::{Figures, RegisterRow, Scope, compute};

use serde::Deserialize;

const CATALOGUE: &str = include_str!("catalogue.toml");

/// One definition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// On the command line and in the workbook.
    pub id: String,
    /// Shown.
    pub label: String,
    /// Shown.
    pub unit: String,
    /// A sentence in French.
    pub definition: String,
    /// Over what it can be added up.
    pub adds: String,
}

#[derive(Deserialize)]
struct File {
    indicator: Vec<Definition>,
}

/// All definitions.
pub fn catalogue() -> Vec<Definition> {
    let file: File = toml::from_str(CATALOGUE).expect("the built-in catalogue is right");
    file.indicator
}
