//! What a deliverable says of how it was made.

use crate::domain::{Period, SchoolCalendar};
use crate::privacy::disclosure::Policy;
use crate::privacy::retention::Retention;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A person's word on data that are not complete: printed in the deliverables of the period,
/// without which such an edition is not published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// `2025-2026-S1`
    pub period: String,
    /// Who answers for it: a function rather than a name.
    pub by: String,
    /// The day it was written.
    pub at: NaiveDate,
    /// In French, as readers see it.
    pub text: String,
}

/// The calendar and the rules that figures are told by.
#[derive(Clone, Debug)]
pub struct Terms {
    /// School days.
    pub calendar: SchoolCalendar,
    /// What may be shown.
    pub policy: Policy,
    /// How long what follows people is kept.
    pub retention: Retention,
    /// Of all periods.
    pub notes: Vec<Note>,
}

impl Terms {
    /// The notes of a period.
    pub fn notes_of(&self, period: &Period) -> impl Iterator<Item = &Note> {
        let name = period.name().to_owned();
        self.notes.iter().filter(move |note| note.period == name)
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            calendar: SchoolCalendar::zone_b(),
            policy: Policy::default(),
            retention: Retention::default(),
            notes: Vec::new(),
        }
    }
}
