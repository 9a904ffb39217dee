//! What to hide so that the hidden parts of each whole leave each other room: quick, along
//! one line at a time, for systems of any size.
//!
//! A line is a whole and its parts. Room is also made for what one establishment knows that
//! has its own cells at hand. What follows from one line after the other is looked at then, and
//! more is hidden where it leaves too little room. All lines together may still tell more: that
//! is looked at next (`intervals`).

use super::Conflict;
use super::cells::{Bind, Protection, Register, State};
use crate::privacy::bounds::{Constraint, System};
use crate::privacy::deduction::deduce;
use std::collections::{BTreeSet, VecDeque};

/// Values are whole, the solver's are not quite.
const CLOSE: f64 = 1e-6;

struct Line {
    whole: usize,
    parts: Vec<usize>,
}

struct Board<'a> {
    register: &'a Register,
    hidden: Vec<bool>,
    lines: Vec<Line>,
    lines_of: Vec<Vec<usize>>,
    /// Cells that a cell is not more than.
    caps_of: Vec<Vec<usize>>,
    /// Lines to look at again.
    queue: VecDeque<usize>,
    is_queued: Vec<bool>,
}

/// Which cells are hidden.
///
/// # Errors
/// The hidden parts of a line that keep too little room whatever is hidden of it.
pub(super) fn close(register: &Register) -> Result<Vec<bool>, Conflict> {
    let mut board = Board::new(register);
    board.close()?;
    // Each round but the last hides a cell, so it ends. Of what is still told where nothing
    // beside it is left to hide, the audit tells.
    while board.loosen() {
        board.close()?;
    }
    Ok(board.hidden)
}

/// A hidden number of a line: what it is at most, and whose it is.
#[derive(Clone, Copy)]
struct Held {
    value: f64,
    most: f64,
    owner: Option<u32>,
    room: f64,
    is_secret: bool,
}

/// Who can tell a hidden number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Teller {
    /// Every reader.
    All,
    /// An establishment that knows its own numbers.
    One,
}

/// Whether one of the numbers, of which the sum is known, is left too little room.
fn is_told(held: &[Held]) -> bool {
    let sum: f64 = held.iter().map(|cell| cell.value).sum();
    let most = |cell: &Held| cell.most.min(sum);
    let all: f64 = held.iter().map(most).sum();
    held.iter().any(|cell| {
        let low = (sum - (all - most(cell))).max(0.0);
        most(cell) - low < cell.room - CLOSE
    })
}

/// The same for an establishment that knows its own numbers, of the secrets of others.
fn is_told_to_one(held: &[Held]) -> bool {
    let owners: BTreeSet<u32> = held.iter().filter_map(|cell| cell.owner).collect();
    owners.into_iter().any(|owner| {
        let others: Vec<Held> = held
            .iter()
            .filter(|cell| cell.owner != Some(owner))
            .copied()
            .collect();
        others.iter().any(|cell| cell.is_secret) && is_told(&others)
    })
}

impl<'a> Board<'a> {
    fn new(register: &'a Register) -> Self {
        let cells = &register.cells;
        let lines: Vec<Line> = register
            .relations
            .iter()
            .filter(|relation| relation.terms.len() > 2 || relation.bind == Bind::Equal)
            .map(|relation| Line {
                whole: relation.terms[0].0,
                parts: relation.terms[1..].iter().map(|term| term.0).collect(),
            })
            .collect();
        let mut lines_of = vec![Vec::new(); cells.len()];
        let mut caps_of = vec![Vec::new(); cells.len()];
        for (number, line) in lines.iter().enumerate() {
            for cell in line.parts.iter().chain([&line.whole]) {
                lines_of[*cell].push(number);
            }
        }
        for relation in &register.relations {
            if let [(less, 1), (more, -1)] = relation.terms[..] {
                caps_of[less].push(more);
            }
        }
        let is_hidden = |state| !matches!(state, State::Open | State::Published);
        Self {
            hidden: cells.iter().map(|cell| is_hidden(cell.state)).collect(),
            queue: (0..lines.len()).collect(),
            is_queued: vec![true; lines.len()],
            lines,
            lines_of,
            caps_of,
            register,
        }
    }

    /// How much a cell must be able to move, all ways together.
    fn room(&self, cell: usize) -> f64 {
        let of = &self.register.cells[cell];
        match (of.state, of.protection) {
            (State::Unshown, _) => 0.0,
            (_, Protection::Width(width)) => width,
            (_, Protection::Around(share)) => 2.0 * share * of.value,
        }
    }

    fn hide(&mut self, cell: usize) {
        self.hidden[cell] = true;
        for line in &self.lines_of[cell] {
            if !self.is_queued[*line] {
                self.is_queued[*line] = true;
                self.queue.push_back(*line);
            }
        }
    }

    /// Hides until every line leaves room.
    fn close(&mut self) -> Result<(), Conflict> {
        while let Some(number) = self.queue.pop_front() {
            self.is_queued[number] = false;
            while let Some(teller) = self.tells(number) {
                let part = self.next_part(number);
                let next = part.or_else(|| self.whole_of(number));
                // What one establishment knows takes no whole that others read.
                if teller == Teller::One && part.is_none() {
                    break;
                }
                let Some(next) = next else {
                    let line = &self.lines[number];
                    let cells = line.parts.iter().chain([&line.whole]).copied();
                    return Err(Conflict {
                        cells: cells.filter(|cell| self.hidden[*cell]).collect(),
                    });
                };
                self.hide(next);
            }
        }
        Ok(())
    }

    /// Whether, and to whom, a line tells a hidden part.
    fn tells(&self, number: usize) -> Option<Teller> {
        let line = &self.lines[number];
        if self.hidden[line.whole] {
            // With all its parts at hand, anybody adds them up.
            let is_summed = line.parts.iter().all(|part| !self.hidden[*part]);
            return (is_summed && self.room(line.whole) > 0.0).then_some(Teller::All);
        }
        let held: Vec<Held> = line
            .parts
            .iter()
            .filter(|part| self.hidden[**part])
            .map(|part| self.held(*part))
            .collect();
        match () {
            () if held.is_empty() => None,
            () if is_told(&held) => Some(Teller::All),
            () => is_told_to_one(&held).then_some(Teller::One),
        }
    }

    fn held(&self, cell: usize) -> Held {
        let of = &self.register.cells[cell];
        let caps = self.caps_of[cell].iter().filter(|cap| !self.hidden[**cap]);
        let caps = caps.map(|cap| self.register.cells[*cap].value);
        Held {
            value: of.value,
            most: caps.fold(f64::INFINITY, f64::min),
            owner: of.owner,
            room: self.room(cell),
            is_secret: of.state == State::Primary,
        }
    }

    /// The part of a line to hide next: a fine one, that disturbs few other lines, and small.
    fn next_part(&self, number: usize) -> Option<usize> {
        let cells = &self.register.cells;
        let parts = self.lines[number].parts.iter().copied();
        let parts = parts.filter(|part| self.may_go(*part) && cells[*part].value > 0.0);
        parts.min_by(|a, b| {
            let key = |cell: usize| (cells[cell].height, self.disturbed(cell));
            key(*a)
                .cmp(&key(*b))
                .then(cells[*a].value.total_cmp(&cells[*b].value))
                .then(a.cmp(b))
        })
    }

    fn whole_of(&self, number: usize) -> Option<usize> {
        Some(self.lines[number].whole).filter(|whole| self.may_go(*whole))
    }

    fn may_go(&self, cell: usize) -> bool {
        !self.hidden[cell] && self.register.cells[cell].state == State::Open
    }

    /// Hides one more cell beside hidden ones of which line after line leaves too little room;
    /// whether it hid any. One cell a round for all that share a line with it: it may be enough.
    fn loosen(&mut self) -> bool {
        let unknowns: Vec<usize> = (0..self.hidden.len())
            .filter(|cell| self.hidden[*cell])
            .collect();
        let bounds = deduce(&self.system(&unknowns));
        let told: Vec<usize> = unknowns
            .into_iter()
            .zip(bounds)
            .filter(|(cell, (low, high))| high - low < self.room(*cell) - CLOSE)
            .map(|(cell, _)| cell)
            .collect();
        let mut changed = vec![false; self.lines.len()];
        let mut has_hidden = false;
        for cell in told {
            if self.lines_of[cell].iter().any(|line| changed[*line]) {
                continue;
            }
            if let Some(next) = self.beside(cell) {
                self.hide(next);
                self.lines_of[next]
                    .iter()
                    .for_each(|line| changed[*line] = true);
                has_hidden = true;
            }
        }
        has_hidden
    }

    /// The relations of hidden cells, with the numbers that are shown.
    fn system(&self, unknowns: &[usize]) -> System {
        let mut places = vec![None; self.hidden.len()];
        for (place, cell) in unknowns.iter().enumerate() {
            places[*cell] = Some(place);
        }
        let mut system = System {
            unknowns: unknowns.len(),
            constraints: Vec::new(),
        };
        for relation in &self.register.relations {
            let mut constraint = Constraint {
                terms: Vec::new(),
                at_most: relation.bind == Bind::AtMost,
                value: 0.0,
            };
            for (cell, factor) in &relation.terms {
                match places[*cell] {
                    Some(place) => constraint.terms.push((place, *factor as f64)),
                    None => constraint.value -= self.register.cells[*cell].value * *factor as f64,
                }
            }
            if !constraint.terms.is_empty() {
                system.constraints.push(constraint);
            }
        }
        system
    }

    /// The cell to hide next beside one: of its lines, a part that is shown rather than a
    /// whole, the finest and smallest.
    fn beside(&self, cell: usize) -> Option<usize> {
        let cells = &self.register.cells;
        let lines = || self.lines_of[cell].iter().map(|line| &self.lines[*line]);
        let parts = lines()
            .flat_map(|line| &line.parts)
            .map(|part| (false, *part));
        let wholes = lines().map(|line| (true, line.whole));
        let others = parts.chain(wholes);
        let others = others.filter(|(_, other)| self.may_go(*other) && cells[*other].value > 0.0);
        let next = others.min_by(|(a_whole, a), (b_whole, b)| {
            let heights = cells[*a].height.cmp(&cells[*b].height);
            let values = cells[*a].value.total_cmp(&cells[*b].value);
            a_whole
                .cmp(b_whole)
                .then(heights)
                .then(values)
                .then(a.cmp(b))
        });
        next.map(|(_, other)| other)
    }

    /// Lines in which a cell would be the only hidden one.
    fn disturbed(&self, cell: usize) -> usize {
        let lines = self.lines_of[cell].iter().map(|line| &self.lines[*line]);
        let alone = lines.filter(|line| {
            let hidden = |other: &usize| *other != cell && self.hidden[*other];
            !hidden(&line.whole) && !line.parts.iter().any(hidden)
        });
        alone.count()
    }
}
