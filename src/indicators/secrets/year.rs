//! A school year beside its semesters: what is told of it follows from them, so that the
//! second one must not tell, with the first, what the year has to hide.

use super::parts::{Span, semesters};
use super::{Secrets, among};
use crate::privacy::register::{Decisions, Key, Settled, Tallies};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The year that a second semester ends.
pub(super) struct Year {
    first: Arc<Decisions>,
    accounts: Arc<Decisions>,
    came: Arc<Tallies>,
}

impl Year {
    /// None where a span is no second semester.
    pub fn ended_by(secrets: &Secrets<'_>, span: Span) -> Result<Option<Self>, String> {
        let [first, second] = semesters(span.0)?;
        if span != second {
            return Ok(None);
        }
        Ok(Some(Self {
            first: secrets.visitors(first)?,
            accounts: secrets.accounts_at_end(second)?,
            came: secrets.visitors_tallied((first.0, second.1))?,
        }))
    }

    /// Cells that the year hides beside those that a semester hides: of few accounts that came
    /// in neither, or that others of the year would tell.
    pub fn told(&self, secrets: &Secrets<'_>, second: &Decisions) -> Result<BTreeSet<Key>, String> {
        let of_semesters: BTreeSet<Key> = self
            .first
            .hidden()
            .chain(second.hidden())
            .copied()
            .collect();
        let settled = Settled {
            hidden: of_semesters.clone(),
            ..Settled::default()
        };
        let accounts = Some(among(&self.accounts));
        let name = "visitors of a school year";
        let year = secrets.decide(name, &self.came, accounts, &settled)?;
        let hidden = year.hidden().copied();
        Ok(hidden.filter(|key| !of_semesters.contains(key)).collect())
    }
}

/// Cells of a part of the second semester by which nearly all came of those of the year, so that
/// what is shown of it would tell the year, hidden or not: those that are to be hidden, as the
/// first semester hides them, and those that cannot be, as it shows them.
pub(super) fn nearly_all(
    before: &Decisions,
    year: &Decisions,
    part: &Tallies,
    threshold: i64,
) -> [BTreeSet<Key>; 2] {
    let cells = part.iter().enumerate().flat_map(|(set, roles)| {
        let roles = roles.iter();
        roles.map(move |(role, tally)| ((set, *role), tally.people))
    });
    let [mut hidden, mut known] = [BTreeSet::new(), BTreeSet::new()];
    for (key, people) in cells {
        let is_hidden = before.is_hidden(key.0, key.1);
        let shown = before.count(&key).filter(|_| !is_hidden).unwrap_or(0);
        let left = year.count(&key).map(|all| all - shown.max(people));
        match left.is_some_and(|left| left < threshold) {
            true if is_hidden => hidden.insert(key),
            true => known.insert(key),
            false => false,
        };
    }
    [hidden, known]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::register::{Tally, Volume};

    const KEY: Key = (0, None);

    fn decided(people: i64, is_hidden: bool) -> Decisions {
        Decisions::of([(KEY, is_hidden)]).counted(vec![[(None, people)].into()])
    }

    /// Of 30 who came in the year, so many came by a part in the first semester, hidden or
    /// not, and in the second one: whether it must be hidden, and whether it is known.
    fn told(first: i64, is_hidden: bool, second: i64) -> (bool, bool) {
        let tally = Tally {
            people: second,
            volume: Volume::default(),
        };
        let before = decided(first, is_hidden);
        let part = vec![[(None, tally)].into()];
        let [hidden, known] = nearly_all(&before, &decided(30, false), &part, 5);
        (hidden.contains(&KEY), known.contains(&KEY))
    }

    #[test]
    fn what_nearly_all_did_goes_with_the_first_semester() {
        assert_eq!(told(20, true, 28), (true, false));
        assert_eq!(told(20, false, 28), (false, true));
        assert_eq!(told(20, true, 25), (false, false), "five are left");
        assert_eq!(told(20, false, 25), (false, false));
    }

    /// What the first semester shows of a part leaves few as well; what it hides, nobody knows.
    #[test]
    fn the_first_semester_may_leave_few_alone() {
        assert_eq!(told(28, false, 10), (false, true));
        assert_eq!(told(28, true, 10), (false, false));
    }

    #[test]
    fn a_part_of_whom_the_year_does_not_count_is_free() {
        let part = vec![[(None, Tally::default())].into()];
        let none = Decisions::nothing_shown(Vec::new());
        let told = nearly_all(&none, &none, &part, 5);
        assert_eq!(told, [BTreeSet::new(), BTreeSet::new()]);
    }
}
