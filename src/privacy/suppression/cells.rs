//! The register of cells: everything that deliverables could show, and what
//! is known to tie these cells together.

/// Whether a cell may be shown, before suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// May be shown or hidden.
    Open,
    /// Secret by a primary rule: never shown, nor computable.
    Primary,
    /// Never shown, but may be computed (all but a few are active).
    Unshown,
    /// Known already: an earlier edition showed it.
    Published,
    /// An earlier edition hid it: it stays hidden.
    Withheld,
}

/// How wide the possible interval of a secret cell must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Protection {
    /// The interval is at least this wide: counts of people.
    Width(f64),
    /// The interval goes this far below and above the value: volumes.
    Around(f64),
}

/// One cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The true value, 0 or more.
    pub value: f64,
    /// May it be shown.
    pub state: State,
    /// What its interval must hold if it is secret.
    pub protection: Protection,
    /// 0 for the finest cells, higher for what more readers look at: of two
    /// cells the lower one is hidden.
    pub height: u32,
    /// The establishment that knows this cell from its own records.
    pub owner: Option<u32>,
}

/// How a relation binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind {
    /// The sum is 0.
    Equal,
    /// The sum is 0 or less.
    AtMost,
}

/// A sum of cells with whole coefficients that is 0, or not more than 0.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Cells and coefficients; each cell once.
    pub terms: Vec<(usize, i64)>,
    /// Equation or inequality.
    pub bind: Bind,
}

/// Cells and relations.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// By number.
    pub cells: Vec<Cell>,
    /// In the order in which they were declared.
    pub relations: Vec<Relation>,
}

impl Register {
    /// Adds a cell; returns its number.
    pub fn cell(&mut self, cell: Cell) -> usize {
        self.cells.push(cell);
        self.cells.len() - 1
    }

    /// Declares that a whole is the sum of its parts.
    pub fn sum(&mut self, whole: usize, parts: &[usize]) {
        self.relate(whole, parts, Bind::Equal);
    }

    /// Declares what binds numbers of distinct people: each part is at most
    /// the whole, and the whole at most the sum of its parts.
    pub fn distinct(&mut self, whole: usize, parts: &[usize]) {
        self.relate(whole, parts, Bind::AtMost);
        for part in parts {
            self.at_most(*part, whole);
        }
    }

    /// Declares that a cell is at most another one.
    pub fn at_most(&mut self, less: usize, more: usize) {
        let terms = vec![(less, 1), (more, -1)];
        let bind = Bind::AtMost;
        self.relations.push(Relation { terms, bind });
    }

    fn relate(&mut self, whole: usize, parts: &[usize], bind: Bind) {
        let mut terms = vec![(whole, 1)];
        terms.extend(parts.iter().map(|part| (*part, -1)));
        self.relations.push(Relation { terms, bind });
    }

    /// Of each cell, the relations that hold it.
    pub(super) fn relations_of(&self) -> Vec<Vec<usize>> {
        let mut found = vec![Vec::new(); self.cells.len()];
        for (number, relation) in self.relations.iter().enumerate() {
            for (cell, _) in &relation.terms {
                found[*cell].push(number);
            }
        }
        found
    }
}
