//! What is kept though no table of ours knows it: counted by name, so that the
//! tables can follow the platform.

use crate::lake::Counts;
use std::collections::BTreeMap;

/// Names in the notes of a file, and names remembered while it is read.
const SHOWN: usize = 20;
const REMEMBERED: usize = 1_000;
const LONGEST: usize = 64;

/// How often each unknown name came.
pub(super) struct Tally {
    what: &'static str,
    names: BTreeMap<String, u64>,
}

impl Tally {
    /// `what` begins the notes: `unmapped module`.
    pub(super) fn new(what: &'static str) -> Self {
        Self {
            what,
            names: BTreeMap::new(),
        }
    }

    /// Counts a name once more.
    pub(super) fn add(&mut self, name: &str) {
        if let Some(count) = self.names.get_mut(name) {
            *count += 1;
        } else if self.names.len() < REMEMBERED {
            self.names.insert(name.to_owned(), 1);
        }
    }

    /// The most frequent names, as notes of the counts of a file.
    pub(super) fn note(&self, counts: &mut Counts) {
        let mut ranked: Vec<(&String, &u64)> = self.names.iter().collect();
        ranked.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
        for (name, count) in ranked.into_iter().take(SHOWN) {
            let note = format!("{} {name}", self.what);
            counts.notes.insert(note, *count);
        }
    }
}

/// Whether a text has the shape of a name that programs give (a letter, then
/// letters, digits, blanks and `_ - . : ' &`): what else stands there may be
/// about a person and is neither stored nor shown.
pub(super) fn is_name(text: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || " _-.:'’&".contains(c);
    text.len() <= LONGEST && text.starts_with(char::is_alphabetic) && text.chars().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_names_are_noted() {
        let mut tally = Tally::new("unmapped module");
        (0..30).for_each(|n| tally.add(&format!("M{n:02}")));
        tally.add("M29");
        let mut counts = Counts::default();
        tally.note(&mut counts);
        assert_eq!(counts.notes.len(), 20);
        assert_eq!(counts.notes["unmapped module M29"], 2);
        assert!(!counts.notes.contains_key("unmapped module M19"));
    }

    #[test]
    fn names_are_not_addresses() {
        assert!(is_name("Cahier de textes") && is_name("IMPORT_OK") && is_name("madmagz-nord"));
        for other in ["", "a@b.fr", "192.0.2.1", "x?y=1", "https://a/"] {
            assert!(!is_name(other), "{other}");
        }
    }
}
