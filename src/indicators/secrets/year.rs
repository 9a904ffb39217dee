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
    came: Tallies,
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
        let threshold = secrets.terms.policy.threshold;
        let name = "visitors of a school year";
        let year = secrets.decide(name, &self.came, accounts, &settled, threshold)?;
        let hidden = year.hidden().copied();
        Ok(hidden.filter(|key| !of_semesters.contains(key)).collect())
    }
}
