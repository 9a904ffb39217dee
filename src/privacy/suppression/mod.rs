//! Complementary suppression over the whole linked system of cells.
//!
//! Two steps. In each line, further cells are hidden until those that are hidden leave each
//! other room (`lines`). Then the possible interval of each secret cell is made wide enough
//! in the whole system, by the cheapest cells that let it move, and cells hidden without need
//! are shown again (`intervals`).

mod cells;
mod intervals;
mod lines;

pub use cells::{Bind, Cell, Protection, Register, Relation, State};

use std::fmt;

/// Cells that cannot be protected because of what is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Numbers of cells, in order.
    pub cells: Vec<usize>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cells cannot be protected", self.cells.len())
    }
}

/// Which cells are hidden so that in each line those hidden leave each other room: the first
/// step of [`protect`] alone, for systems of any size.
///
/// # Errors
/// The hidden cells of a line that keep too little room whatever is hidden of it.
pub fn protect_lines(register: &Register) -> Result<Vec<bool>, Conflict> {
    lines::close(register)
}

/// Which cells are hidden: `true` for each that is not to be shown.
///
/// # Errors
/// The secret cells that stay computable, or bounded too tightly, whatever is hidden.
pub fn protect(register: &Register) -> Result<Vec<bool>, Conflict> {
    let mut hidden = lines::close(register)?;
    intervals::widen(register, &mut hidden)?;
    Ok(hidden)
}
