//! Complementary suppression over the whole linked system of cells.
//!
//! Two steps. Cells become known from the most read to the least, each only
//! if no secret can then be computed (`elimination`: the "Gauss" method, made
//! for linked tables). Then the possible interval of each secret cell is
//! made wide enough, by the cheapest cells that let it move, and cells hidden
//! without need are shown again (`intervals`).

mod cells;
mod elimination;
mod intervals;

pub use cells::{Bind, Cell, Protection, Register, Relation, State};

use elimination::Equations;
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

/// Which cells are hidden: `true` for each that is not to be shown.
///
/// # Errors
/// The secret cells that stay computable, or bounded too tightly, whatever is hidden.
pub fn protect(register: &Register) -> Result<Vec<bool>, Conflict> {
    let order = order(register);
    let mut hidden = hide(register, &order)?;
    intervals::widen(register, &mut hidden)?;
    Ok(hidden)
}

/// Open cells from the most read to the least: wholes before their parts,
/// zeros (which protect from one side only), then large before small.
fn order(register: &Register) -> Vec<usize> {
    let is_open = |cell: &usize| register.cells[*cell].state == State::Open;
    let mut open: Vec<usize> = (0..register.cells.len()).filter(is_open).collect();
    open.sort_by(|a, b| {
        let (x, y) = (&register.cells[*a], &register.cells[*b]);
        let key = |cell: &Cell| (cell.value == 0.0, cell.height);
        key(y)
            .cmp(&key(x))
            .then(y.value.total_cmp(&x.value))
            .then(b.cmp(a))
    });
    open
}

/// Hides what must be hidden so that no secret cell is computable.
fn hide(register: &Register, order: &[usize]) -> Result<Vec<bool>, Conflict> {
    let cells = &register.cells;
    let mut equations = Equations::new(cells.len());
    for relation in register.relations.iter().filter(|r| r.bind == Bind::Equal) {
        let unknown = |term: &&(usize, i64)| cells[term.0].state != State::Published;
        let terms: Vec<_> = relation.terms.iter().filter(unknown).copied().collect();
        equations.add(&terms);
    }
    let mut hidden: Vec<bool> = cells.iter().map(|c| c.state != State::Published).collect();
    for cell in order {
        if !would_disclose(register, &mut equations, *cell) {
            equations.know(*cell);
            hidden[*cell] = false;
        }
    }
    let is_secret = |cell: &usize| cells[*cell].state == State::Primary;
    let computable = (0..cells.len())
        .filter(is_secret)
        .filter(|c| equations.is_computable(*c));
    match computable.collect::<Vec<_>>() {
        computable if computable.is_empty() => Ok(hidden),
        cells => Err(Conflict { cells }),
    }
}

/// The most cells of an equation among which one establishment's are looked for.
const OWN_CELLS: usize = 16;

/// Whether a secret could be computed were a cell known: by anybody, or by the
/// one establishment that knows all the other cells of an equation.
fn would_disclose(register: &Register, equations: &mut Equations, cell: usize) -> bool {
    if equations.is_computable(cell) {
        return false;
    }
    let secret = |cell: &usize| register.cells[*cell].state == State::Primary;
    for rest in equations.left_without(cell) {
        let rest: Vec<usize> = rest.take(OWN_CELLS + 1).collect();
        let alone = rest.len() == 1 && secret(&rest[0]);
        if alone
            || rest.len() <= OWN_CELLS
                && rest
                    .iter()
                    .filter(|c| secret(c))
                    .any(|c| known_to_one(register, &rest, *c))
        {
            return true;
        }
    }
    false
}

/// Whether one establishment knows all cells but a secret one of another.
fn known_to_one(register: &Register, cells: &[usize], secret: usize) -> bool {
    let owner = |cell: usize| register.cells[cell].owner;
    let mut others = cells.iter().filter(|cell| **cell != secret);
    let Some(first) = others.next().and_then(|cell| owner(*cell)) else {
        return false;
    };
    owner(secret) != Some(first) && others.all(|cell| owner(*cell) == Some(first))
}
