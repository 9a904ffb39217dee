//! Cells of one measure over several parts of a whole (months of a semester, hours of a week,
//! kinds of devices), decided together. Each part is a system of its own over the territory;
//! what adds up over the parts ties these systems: a hidden part that the others leave no room
//! for takes another one with it, and both are decided on again.

use super::register::{Decisions, Key, Least, Tallies, Tally, Territory};
use crate::side_by_side;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What parts make together.
#[derive(Clone)]
pub enum Whole {
    /// Another part, by number.
    Part(usize),
    /// What was decided on before.
    Decided(Arc<Decisions>),
    /// Nothing: some of them make the same as the others.
    Nothing,
}

/// Parts of which the volumes make that of a whole, by number.
pub struct Line {
    /// What they make.
    pub whole: Whole,
    /// What makes it.
    pub parts: Vec<usize>,
}

/// What is to be decided on.
pub struct Parted<'a> {
    /// The sets of the cells.
    pub territory: &'a Territory,
    /// By part: people and volumes.
    pub tallies: Vec<&'a Tallies>,
    /// By part: volumes that are shown and that it is within, as the visits of its month; none
    /// where nothing else bounds it.
    pub within: Vec<Option<Arc<Least>>>,
    /// By part: cells that readers know, which cannot be hidden any more.
    pub shown: Vec<BTreeSet<Key>>,
    /// What adds up.
    pub lines: Vec<Line>,
    /// How wide what is possible of a hidden volume must be, at least; fewer people are few.
    pub room: i64,
}

/// Of a volume of few people, this share of it, from above and below together, is not known.
const AROUND: f64 = 0.2;

/// Decides on each part by `decide`, which is told the part, the cells of it that are hidden
/// already and what is decided of the wholes of other parts; again where lines tell hidden
/// volumes. Parts are decided on by all processors, wholes before the others.
///
/// # Errors
/// Those of `decide`.
pub fn settle(
    parted: &Parted<'_>,
    decide: impl Fn(usize, &BTreeSet<Key>, &Wholes) -> Result<Decisions, String> + Sync,
) -> Result<Vec<Arc<Decisions>>, String> {
    let is_whole = parted.are_wholes();
    let mut standing = Standing::new(parted.tallies.len());
    let mut open: Vec<usize> = (0..parted.tallies.len()).collect();
    loop {
        let (wholes, others) = open.iter().partition(|part| is_whole[**part]);
        for wave in [wholes, others] as [Vec<usize>; 2] {
            standing.decide_on(parted, &wave, &decide)?;
        }
        let more = parted.told(&standing.hidden, &standing.least);
        if more.is_empty() {
            return Ok(standing.decided.into_iter().flatten().collect());
        }
        open = more.keys().copied().collect();
        for (part, keys) in more {
            standing.hidden[part].extend(keys);
        }
    }
}

/// By part, how things stand.
struct Standing {
    decided: Vec<Option<Arc<Decisions>>>,
    /// All that was ever hidden.
    hidden: Vec<BTreeSet<Key>>,
    least: Vec<Least>,
}

impl Standing {
    fn new(parts: usize) -> Self {
        Self {
            decided: vec![None; parts],
            hidden: vec![BTreeSet::new(); parts],
            least: vec![Least::new(); parts],
        }
    }

    /// Decides on some parts, none of which is the whole of another one.
    fn decide_on(
        &mut self,
        parted: &Parted<'_>,
        parts: &[usize],
        decide: &(impl Fn(usize, &BTreeSet<Key>, &Wholes) -> Result<Decisions, String> + Sync),
    ) -> Result<(), String> {
        let made = side_by_side::each(parts, |part| {
            let decisions = decide(*part, &self.hidden[*part], &self.decided)?;
            let hidden = self.hidden[*part].iter().chain(decisions.hidden());
            let hidden: BTreeSet<Key> = hidden.copied().collect();
            let least = parted.territory.least(parted.tallies[*part], &hidden);
            Ok((decisions, hidden, least))
        })?;
        for (part, (decisions, hidden, least)) in parts.iter().zip(made) {
            self.decided[*part] = Some(Arc::new(decisions));
            self.hidden[*part] = hidden;
            self.least[*part] = least;
        }
        Ok(())
    }
}

/// By part: what is decided of it so far, of wholes always.
pub type Wholes = [Option<Arc<Decisions>>];

type More = BTreeMap<usize, BTreeSet<Key>>;

impl Parted<'_> {
    /// By part, whether it is the whole of others.
    fn are_wholes(&self) -> Vec<bool> {
        let mut are_wholes = vec![false; self.tallies.len()];
        for line in &self.lines {
            if let Whole::Part(whole) = line.whole {
                are_wholes[whole] = true;
            }
        }
        are_wholes
    }

    fn tally(&self, part: usize, key: &Key) -> Tally {
        let of_set = self.tallies[part].get(key.0);
        let found = of_set.and_then(|roles| roles.get(&key.1));
        found.copied().unwrap_or_default()
    }

    fn people(&self, part: usize, key: &Key) -> i64 {
        self.tally(part, key).people
    }

    fn volume(&self, part: usize, key: &Key) -> i64 {
        self.tally(part, key).volume.all
    }

    /// What is to be hidden besides, by part.
    fn told(&self, hidden: &[BTreeSet<Key>], least: &[Least]) -> More {
        let mut more = More::new();
        for line in &self.lines {
            if let Whole::Part(whole) = line.whole {
                self.hide_parts(line, &hidden[whole], hidden, &mut more);
            }
            let keys: BTreeSet<&Key> = line.parts.iter().flat_map(|p| &hidden[*p]).collect();
            let is_known = |key: &&Key| match &line.whole {
                Whole::Part(whole) => !hidden[*whole].contains(*key),
                Whole::Decided(whole) => !whole.is_hidden(key.0, key.1),
                Whole::Nothing => true,
            };
            for key in keys.into_iter().filter(is_known) {
                if let Some(part) = self.next(line, key, hidden, least) {
                    more.entry(part).or_default().insert(*key);
                }
            }
        }
        more
    }

    /// The parts of a hidden whole are hidden.
    fn hide_parts(
        &self,
        line: &Line,
        of_whole: &BTreeSet<Key>,
        hidden: &[BTreeSet<Key>],
        more: &mut More,
    ) {
        for part in &line.parts {
            let is_open = |key: &&Key| self.may_go(*part, key, hidden);
            let keys = of_whole.iter().filter(is_open).copied();
            let keys: BTreeSet<Key> = keys.collect();
            if !keys.is_empty() {
                more.entry(*part).or_default().extend(keys);
            }
        }
    }

    fn may_go(&self, part: usize, key: &Key, hidden: &[BTreeSet<Key>]) -> bool {
        let is_open = !hidden[part].contains(key) && !self.shown[part].contains(key);
        is_open && self.volume(part, key) > 0
    }

    /// The smallest part that is shown of a line that leaves its hidden ones too little room;
    /// where all of them are hidden, the whole.
    fn next(
        &self,
        line: &Line,
        key: &Key,
        hidden: &[BTreeSet<Key>],
        least: &[Least],
    ) -> Option<usize> {
        let held = line
            .parts
            .iter()
            .filter(|part| hidden[**part].contains(key));
        let held = held.map(|part| Held {
            is_of_few: self.people(*part, key) < self.room,
            volume: self.volume(*part, key),
            least: least[*part][key.0].get(&key.1).copied().unwrap_or(0),
            most: self.within[*part]
                .as_ref()
                .and_then(|whole| whole[key.0].get(&key.1))
                .copied(),
        });
        let held: Vec<Held> = held.filter(|held| held.volume > 0).collect();
        if !is_told(&held, self.room) {
            return None;
        }
        let others = line.parts.iter().copied();
        let others = others.filter(|part| self.may_go(*part, key, hidden));
        let smallest = others.min_by_key(|part| (self.volume(*part, key), *part));
        smallest.or(match line.whole {
            Whole::Part(whole) if self.may_go(whole, key, hidden) => Some(whole),
            _ => None,
        })
    }
}

/// A hidden volume, and what shown cells tell of it.
struct Held {
    /// It is secret by itself, not for others.
    is_of_few: bool,
    volume: i64,
    least: i64,
    most: Option<i64>,
}

/// Whether hidden volumes of a known sum leave one of them too little room: each is at least
/// what others tell of it, at most what it is within, and the others leave the rest of the sum.
fn is_told(held: &[Held], room: i64) -> bool {
    let sum: i64 = held.iter().map(|held| held.volume).sum();
    let least: i64 = held.iter().map(|held| held.least).sum();
    let bound = |held: &Held| held.most.map_or(sum, |most| most.min(sum));
    let most: i64 = held.iter().map(bound).sum();
    let needed = |held: &Held| match held.is_of_few {
        true => room.max((held.volume as f64 * AROUND) as i64),
        false => room,
    };
    match held {
        [] => false,
        [_] => true,
        _ => held.iter().any(|one| {
            let high = (sum - (least - one.least)).min(bound(one));
            let low = (sum - (most - bound(one))).max(one.least);
            high - low < needed(one)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::register::Volume;
    use super::*;

    fn tallies(volume: i64) -> Tallies {
        let tally = Tally {
            people: volume,
            volume: Volume {
                all: volume,
                most: 1,
            },
        };
        vec![[(None, tally)].into()]
    }

    /// Parts of these volumes, of which the first is the whole of the others; those under five
    /// are secret by themselves. Which are hidden in the end.
    fn settled(volumes: &[i64], has_whole: bool) -> Vec<bool> {
        let tallies: Vec<Tallies> = volumes.iter().map(|volume| tallies(*volume)).collect();
        let territory = Territory::new(&[]);
        let parted = Parted {
            territory: &territory,
            tallies: tallies.iter().collect(),
            lines: vec![Line {
                whole: match has_whole {
                    true => Whole::Part(0),
                    false => Whole::Nothing,
                },
                parts: (usize::from(has_whole)..volumes.len()).collect(),
            }],
            within: vec![None; volumes.len()],
            shown: vec![BTreeSet::new(); volumes.len()],
            room: 5,
        };
        let key: Key = (0, None);
        let decide = |part: usize, hidden: &BTreeSet<Key>, _: &Wholes| {
            let is_hidden = volumes[part] < 5 || hidden.contains(&key);
            Ok(Decisions::of([(key, is_hidden)]))
        };
        let decided = settle(&parted, decide).unwrap();
        decided.iter().map(|d| d.is_hidden(0, None)).collect()
    }

    #[test]
    fn one_hidden_part_takes_the_smallest_other_with_it() {
        assert_eq!(
            settled(&[100, 40, 3, 37, 20], true),
            [false, false, true, false, true]
        );
        assert_eq!(settled(&[40, 3, 37, 20], false), [false, true, false, true]);
    }

    #[test]
    fn two_small_ones_leave_each_other_room() {
        assert_eq!(settled(&[107, 100, 3, 4], true), [false, false, true, true]);
        // 1 and 2 are 3: not five values.
        assert_eq!(
            settled(&[103, 60, 40, 1, 2], true),
            [false, false, true, true, true]
        );
    }

    /// 4 and 11, of which at least 11 is there: 4 at most are left.
    #[test]
    fn what_shown_cells_tell_of_a_hidden_part_bounds_the_others() {
        let held = |volume, least| Held {
            is_of_few: false,
            volume,
            least,
            most: None,
        };
        assert!(!is_told(&[held(4, 0), held(11, 0)], 5));
        assert!(is_told(&[held(4, 0), held(11, 11)], 5));
        assert!(!is_told(&[held(4, 0), held(11, 10)], 5));
    }

    /// All 56 visits of August and all 1,159 of September passed by the home page, of which the
    /// two together are told.
    #[test]
    fn what_a_hidden_part_is_within_bounds_the_others() {
        let held = |volume, most| Held {
            is_of_few: false,
            volume,
            least: 0,
            most: Some(most),
        };
        assert!(is_told(&[held(56, 56), held(1_159, 1_159)], 5));
        assert!(is_told(&[held(56, 58), held(1_159, 1_160)], 5));
        assert!(!is_told(&[held(56, 60), held(1_159, 1_164)], 5));
    }

    #[test]
    fn parts_of_a_hidden_whole_are_hidden() {
        assert_eq!(settled(&[4, 2, 2], true), [true, true, true]);
    }

    #[test]
    fn what_is_made_of_a_single_part_goes_with_it() {
        assert_eq!(settled(&[3, 3], true), [true, true]);
        assert_eq!(settled(&[40, 20, 20], true), [false, false, false]);
    }
}
