//! What can be computed exactly: the equations over the cells that are not
//! known, kept in reduced row echelon form while cells become known.
//!
//! A cell is computable exactly when its unit vector is in the row space, and
//! in reduced form that is a row with this cell alone. Arithmetic is modulo a
//! prime of 61 bits: exact, and a false coincidence is as likely as one in 2^61.

use std::collections::BTreeSet;

const PRIME: u64 = (1 << 61) - 1;

type Row = Vec<(u32, u64)>;

/// The equations over unknown cells.
pub(super) struct Equations {
    rows: Vec<Row>,
    /// The pivot of each row.
    pivots: Vec<u32>,
    /// The row whose pivot a cell is.
    row_of: Vec<Option<u32>>,
    /// Of each cell, the rows that hold it.
    holding: Vec<BTreeSet<u32>>,
}

fn product(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    let folded = (wide & u128::from(PRIME)) as u64 + (wide >> 61) as u64;
    if folded >= PRIME {
        folded - PRIME
    } else {
        folded
    }
}

fn negative(a: u64) -> u64 {
    if a == 0 { 0 } else { PRIME - a }
}

fn inverse(a: u64) -> u64 {
    let (mut base, mut exponent, mut result) = (a, PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, base);
        }
        base = product(base, base);
        exponent >>= 1;
    }
    result
}

fn residue(coefficient: i64) -> u64 {
    let size = coefficient.unsigned_abs() % PRIME;
    if coefficient < 0 {
        negative(size)
    } else {
        size
    }
}

/// `row + factor * other`, both by cell.
fn combined(row: &[(u32, u64)], factor: u64, other: &[(u32, u64)]) -> Row {
    let mut sum = Vec::with_capacity(row.len() + other.len());
    let (mut left, mut right) = (row.iter().peekable(), other.iter().peekable());
    while let (Some((a, x)), Some((b, y))) = (left.peek(), right.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => sum.push(*left.next().expect("peeked")),
            std::cmp::Ordering::Greater => {
                sum.push((*b, product(factor, *y)));
                right.next();
            }
            std::cmp::Ordering::Equal => {
                let total = (x + product(factor, *y)) % PRIME;
                if total != 0 {
                    sum.push((*a, total));
                }
                left.next();
                right.next();
            }
        }
    }
    sum.extend(left.copied());
    sum.extend(right.map(|(cell, y)| (*cell, product(factor, *y))));
    sum
}

impl Equations {
    pub fn new(cells: usize) -> Self {
        Self {
            rows: Vec::new(),
            pivots: Vec::new(),
            row_of: vec![None; cells],
            holding: vec![BTreeSet::new(); cells],
        }
    }

    /// Adds an equation; cells that are known already are to be left out.
    pub fn add(&mut self, terms: &[(usize, i64)]) {
        let mut row: Row = terms
            .iter()
            .map(|(cell, c)| (*cell as u32, residue(*c)))
            .collect();
        row.sort_unstable();
        for (cell, factor) in row.clone() {
            if let Some(pivot) = self.row_of[cell as usize] {
                row = combined(&row, negative(factor), &self.rows[pivot as usize]);
            }
        }
        if row.is_empty() {
            return;
        }
        let number = self.rows.len() as u32;
        for (cell, _) in &row {
            self.holding[*cell as usize].insert(number);
        }
        let pivot = self.fewest(&row, None);
        self.rows.push(row);
        self.pivots.push(pivot);
        self.pivot_on(number, pivot);
    }

    /// The cell of a row that the fewest rows hold.
    fn fewest(&self, row: &[(u32, u64)], but: Option<u32>) -> u32 {
        let cells = row.iter().map(|(cell, _)| *cell);
        let others = cells.filter(|cell| Some(*cell) != but);
        let found = others.min_by_key(|cell| (self.holding[*cell as usize].len(), *cell));
        found.expect("a row with a cell to pivot on")
    }

    /// Makes a cell the pivot of a row and takes it out of all others.
    fn pivot_on(&mut self, number: u32, pivot: u32) {
        let coefficient = |row: &Row| {
            let place = row.binary_search_by_key(&pivot, |(cell, _)| *cell);
            row[place.expect("the index says that the row holds it")].1
        };
        let scale = inverse(coefficient(&self.rows[number as usize]));
        for (_, c) in &mut self.rows[number as usize] {
            *c = product(*c, scale);
        }
        let row = std::mem::take(&mut self.rows[number as usize]);
        let others: Vec<u32> = self.holding[pivot as usize].iter().copied().collect();
        for other in others.into_iter().filter(|other| *other != number) {
            let before = std::mem::take(&mut self.rows[other as usize]);
            let factor = negative(coefficient(&before));
            let after = combined(&before, factor, &row);
            self.note(other, &row, &after);
            self.rows[other as usize] = after;
        }
        self.rows[number as usize] = row;
        self.pivots[number as usize] = pivot;
        self.row_of[pivot as usize] = Some(number);
    }

    /// Keeps the index of a row true where it may have changed.
    fn note(&mut self, number: u32, touched: &Row, after: &Row) {
        for (cell, _) in touched {
            let holds = after.binary_search_by_key(cell, |(c, _)| *c).is_ok();
            let rows = &mut self.holding[*cell as usize];
            if holds {
                rows.insert(number);
            } else {
                rows.remove(&number);
            }
        }
    }

    /// Whether a cell can be computed from what is known.
    pub fn is_computable(&self, cell: usize) -> bool {
        self.row_of[cell].is_some_and(|row| self.rows[row as usize].len() == 1)
    }

    /// The other cells of each equation that holds a cell: what would be left
    /// of it were the cell known.
    pub fn left_without(
        &mut self,
        cell: usize,
    ) -> impl Iterator<Item = impl Iterator<Item = usize>> {
        let number = cell as u32;
        self.free(number);
        let rows = self.holding[cell]
            .iter()
            .map(|row| &self.rows[*row as usize]);
        rows.map(move |row| {
            let others = row.iter().map(|(other, _)| *other);
            others
                .filter(move |other| *other != number)
                .map(|other| other as usize)
        })
    }

    /// Gives the row of a pivot another pivot, if it has another cell.
    fn free(&mut self, cell: u32) {
        let Some(row) = self.row_of[cell as usize] else {
            return;
        };
        if self.rows[row as usize].len() > 1 {
            let next = self.fewest(&self.rows[row as usize], Some(cell));
            self.row_of[cell as usize] = None;
            self.pivot_on(row, next);
        }
    }

    /// A cell becomes known.
    pub fn know(&mut self, cell: usize) {
        let number = cell as u32;
        self.free(number);
        self.row_of[cell] = None;
        for row in std::mem::take(&mut self.holding[cell]) {
            self.rows[row as usize].retain(|(other, _)| *other != number);
        }
    }
}
