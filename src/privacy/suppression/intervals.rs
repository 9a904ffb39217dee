//! How far the value of a secret cell is known, and what to hide so that it is
//! not known too well.
//!
//! For each secret cell: the cheapest change of values that keeps all
//! relations and moves the cell as far as it must. The cells that change are
//! hidden, and are free of charge for the next secret cell. What no change
//! needs is shown.

use super::Conflict;
use super::cells::{Bind, Cell, Protection, Register, State};
use crate::privacy::bounds::{Constraint, add};
use microlp::{OptimizationDirection, Problem};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

const SMALL: f64 = 1e-6;

/// What is sure about a secret cell so far.
#[derive(Clone)]
struct Sure {
    /// The least and the most that anybody must believe possible.
    low: f64,
    high: f64,
    /// The establishments that could rule out every change found that goes
    /// far enough up, or down; none where no such change was found.
    knowing: [Option<BTreeSet<u32>>; 2],
}

impl Sure {
    /// Takes note of a change of the cell in which establishments have a part.
    fn take(&mut self, of: &Cell, change: f64, knowing: &BTreeSet<u32>) {
        if knowing
            .iter()
            .all(|establishment| Some(*establishment) == of.owner)
        {
            self.low = self.low.min(of.value + change);
            self.high = self.high.max(of.value + change);
        } else if change.abs() >= far(of) - SMALL {
            let way = match of.protection {
                Protection::Width(_) => 0,
                Protection::Around(_) => usize::from(change < 0.0),
            };
            match &mut self.knowing[way] {
                Some(before) => before.retain(|establishment| knowing.contains(establishment)),
                none => *none = Some(knowing.clone()),
            }
        }
    }

    /// The moves that would make the interval wide enough; none if it is.
    fn due(&self, of: &Cell) -> Vec<f64> {
        let safe = |way: usize| {
            let knowing = self.knowing[way].iter().flatten();
            self.knowing[way].is_some() && knowing.copied().all(|e| Some(e) == of.owner)
        };
        match of.protection {
            Protection::Width(width) => {
                let is_wide = self.high - self.low >= width - SMALL || safe(0);
                let step = width - (of.value - self.low);
                if is_wide { Vec::new() } else { vec![step] }
            }
            Protection::Around(share) => {
                let step = share * of.value;
                let up = self.high < of.value + step - SMALL && !safe(0);
                let down = self.low > of.value - step + SMALL && !safe(1);
                up.then_some(step)
                    .into_iter()
                    .chain(down.then_some(-step))
                    .collect()
            }
        }
    }
}

/// How far a cell must be able to move.
fn far(of: &Cell) -> f64 {
    match of.protection {
        Protection::Width(width) => width,
        Protection::Around(share) => share * of.value,
    }
}

/// Cells that change, and by how much.
type Change = Vec<(usize, f64)>;

/// What is hidden, and why.
struct Board<'a> {
    register: &'a Register,
    relations_of: Vec<Vec<usize>>,
    /// Cells that may be hidden.
    movable: Vec<bool>,
    /// Cells that somebody needs hidden.
    needed: Vec<bool>,
    /// Cells that the step before hid: cheaper than cells that are shown.
    preferred: Vec<bool>,
    sure: Vec<Sure>,
}

impl<'a> Board<'a> {
    fn new(register: &'a Register, movable: Vec<bool>, preferred: Vec<bool>) -> Self {
        let cells = &register.cells;
        let sure = |cell: &Cell| Sure {
            low: cell.value,
            high: cell.value,
            knowing: [None, None],
        };
        let needed = |cell: &Cell| !matches!(cell.state, State::Open | State::Published);
        Self {
            relations_of: register.relations_of(),
            movable,
            needed: cells.iter().map(needed).collect(),
            preferred,
            sure: cells.iter().map(sure).collect(),
            register,
        }
    }

    fn owner(&self, cell: usize) -> Option<u32> {
        self.register.cells[cell].owner
    }

    /// What hiding a cell costs.
    fn cost(&self, cell: usize) -> f64 {
        if self.needed[cell] {
            return 0.001;
        }
        let of = &self.register.cells[cell];
        // A zero can move one way only: a change through it serves few others.
        let weight = match of.value == 0.0 {
            true => 20.0,
            false => 2.0 + (1.0 + of.value).log2(),
        };
        let share = if self.preferred[cell] { 0.5 } else { 1.0 };
        share * weight * f64::from(of.height + 1).powi(2)
    }

    /// What a cell costs on the way to others. Also among cells free of charge,
    /// near ones are looked at first, and those that can go down far enough.
    fn way(&self, cell: usize) -> f64 {
        let of = &self.register.cells[cell];
        let is_small = of.value < far(of);
        HOP * if is_small { 4.0 } else { 1.0 } + self.cost(cell).min(HOP)
    }

    /// The cells near one, in order of number: those reached at the least cost.
    fn around(&self, start: usize, most: usize) -> Vec<usize> {
        let mut found = BTreeSet::new();
        let mut through = BTreeSet::new();
        // Costs are positive: their bits are in their order.
        let mut next = BinaryHeap::from([(Reverse(0.0f64.to_bits()), Reverse(start))]);
        while let Some((Reverse(bits), Reverse(cell))) = next.pop() {
            if found.len() == most || !found.insert(cell) {
                continue;
            }
            for relation in &self.relations_of[cell] {
                if !through.insert(*relation) {
                    continue;
                }
                for (other, _) in &self.register.relations[*relation].terms {
                    if self.movable[*other] && !found.contains(other) {
                        let cost = f64::from_bits(bits) + self.way(*other);
                        next.push((Reverse(cost.to_bits()), Reverse(*other)));
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    /// What ties changes of some cells, all others being fixed.
    fn constraints(&self, cells: &[usize]) -> Vec<Constraint> {
        let numbered = cells.iter().enumerate().map(|(n, cell)| (*cell, n));
        let place: BTreeMap<usize, usize> = numbered.collect();
        let relations = cells.iter().flat_map(|cell| &self.relations_of[*cell]);
        let relations: BTreeSet<usize> = relations.copied().collect();
        let each = relations.into_iter().map(|number| {
            let relation = &self.register.relations[number];
            let value = |(cell, c): &(usize, i64)| *c as f64 * self.register.cells[*cell].value;
            let unknown = |(cell, c): &(usize, i64)| Some((*place.get(cell)?, *c as f64));
            let at_most = relation.bind == Bind::AtMost;
            let value = match at_most {
                true => -relation.terms.iter().map(value).sum::<f64>(),
                false => 0.0,
            };
            Constraint {
                terms: relation.terms.iter().filter_map(unknown).collect(),
                at_most,
                value,
            }
        });
        each.collect()
    }

    /// The cheapest change of values that keeps all relations, moves a cell by
    /// a step and leaves the cells of one establishment; none if there is none.
    fn cheapest(
        &self,
        cell: usize,
        step: f64,
        without: Option<u32>,
        most: usize,
    ) -> Option<Change> {
        let mut cells = self.around(cell, most);
        cells.retain(|other| *other == cell || without.is_none() || self.owner(*other) != without);
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        // Of each cell, how far it goes up and how far it goes down.
        let mut ways = Vec::with_capacity(2 * cells.len());
        for number in &cells {
            let (cost, value) = (self.cost(*number), self.register.cells[*number].value);
            ways.push(problem.add_var(cost, (0.0, f64::INFINITY)));
            ways.push(problem.add_var(cost, (0.0, value)));
        }
        let mut constraints = self.constraints(&cells);
        constraints.push(Constraint {
            terms: vec![(cells.binary_search(&cell).ok()?, 1.0)],
            at_most: false,
            value: step,
        });
        for constraint in &mut constraints {
            let terms = std::mem::take(&mut constraint.terms).into_iter();
            constraint.terms = terms
                .flat_map(|(n, c)| [(2 * n, c), (2 * n + 1, -c)])
                .collect();
        }
        add(&mut problem, &ways, &constraints);
        let solution = problem.solve().ok()?.into_solution().ok()?;
        let change =
            |n: usize| solution.var_value(ways[2 * n]) - solution.var_value(ways[2 * n + 1]);
        let changes = cells.iter().enumerate().map(|(n, cell)| (*cell, change(n)));
        Some(changes.filter(|(_, change)| change.abs() > SMALL).collect())
    }

    fn nearest(&self, cell: usize, step: f64, without: Option<u32>) -> Option<Change> {
        let mut sizes = neighbourhoods(self.register.cells.len()).iter();
        sizes.find_map(|most| self.cheapest(cell, step, without, *most))
    }

    /// Hides what lets a cell move by a step, whatever one establishment knows.
    fn loosen(&mut self, cell: usize, step: f64) -> bool {
        let Some(first) = self.nearest(cell, step, None) else {
            return false;
        };
        self.keep(&first);
        let mut knowing = self.owners(&first);
        while let Some(establishment) = knowing.pop_first() {
            if Some(establishment) == self.owner(cell) {
                continue;
            }
            let Some(other) = self.nearest(cell, step, Some(establishment)) else {
                return false;
            };
            // Who has no part in this one cannot undo it.
            let still = self.owners(&other);
            knowing.retain(|establishment| still.contains(establishment));
            self.keep(&other);
        }
        true
    }

    fn owners(&self, change: &Change) -> BTreeSet<u32> {
        change
            .iter()
            .filter_map(|(cell, _)| self.owner(*cell))
            .collect()
    }

    fn keep(&mut self, change: &Change) {
        let knowing = self.owners(change);
        for (cell, moved) in change {
            self.needed[*cell] = true;
            self.sure[*cell].take(&self.register.cells[*cell], *moved, &knowing);
        }
    }

    /// Finds how far a count can go down with what is hidden already: it has
    /// less to go up then.
    fn go_down(&mut self, cell: usize) {
        let of = &self.register.cells[cell];
        let is_count = matches!(of.protection, Protection::Width(_));
        if !is_count || of.value == 0.0 || self.sure[cell].due(of).is_empty() {
            return;
        }
        let movable = (0..self.movable.len()).map(|n| self.needed[n] || self.preferred[n]);
        let all = std::mem::replace(&mut self.movable, movable.collect());
        let down = self.nearest(cell, -of.value.min(far(of)), None);
        self.movable = all;
        if let Some(change) = down.filter(|change| self.owners(change).is_empty()) {
            self.keep(&change);
        }
    }

    /// Loosens secret cells in an order; returns those that cannot be.
    fn loosen_all(&mut self, order: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut stuck = Vec::new();
        for cell in order {
            self.go_down(cell);
            let due = self.sure[cell].due(&self.register.cells[cell]);
            if !due.into_iter().all(|step| self.loosen(cell, step)) {
                stuck.push(cell);
            }
        }
        stuck
    }
}

/// What a relation on the way to a cell costs, beside the cell itself.
const HOP: f64 = 4.0;

/// How many cells around a cell are looked at for what to hide, in turn: few
/// where there are many secrets, else as many as give the best answer.
fn neighbourhoods(cells: usize) -> &'static [usize] {
    match cells > LARGE {
        true => &[40, 120, 400, 1_500],
        false => &[LARGE],
    }
}

/// How often what is hidden is gone through again for what nobody needs.
const ROUNDS: usize = 3;

/// Cells from which on a register is gone through once.
const LARGE: usize = 700;

/// Hides what makes the interval of each secret cell wide enough, preferably
/// cells that are hidden already, and shows the others.
pub(super) fn widen(register: &Register, hidden: &mut Vec<bool>) -> Result<(), Conflict> {
    let is_secret = |cell: &usize| register.cells[*cell].state == State::Primary;
    let secret: Vec<usize> = (0..register.cells.len()).filter(is_secret).collect();
    let movable = register
        .cells
        .iter()
        .map(|cell| cell.state != State::Published);
    let mut board = Board::new(register, movable.collect(), hidden.clone());
    let stuck = board.loosen_all(secret.iter().copied());
    if !stuck.is_empty() {
        return Err(Conflict { cells: stuck });
    }
    *hidden = board.needed;
    let rounds = if register.cells.len() > LARGE {
        0
    } else {
        ROUNDS
    };
    for round in 0..rounds {
        let mut board = Board::new(register, hidden.clone(), vec![false; hidden.len()]);
        let stuck = match round % 2 {
            0 => board.loosen_all(secret.iter().rev().copied()),
            _ => board.loosen_all(secret.iter().copied()),
        };
        if stuck.is_empty() {
            *hidden = board.needed;
        }
    }
    Ok(())
}
