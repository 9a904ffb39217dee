//! What is planted, to be found again by the observatory.

use chrono::{NaiveDate, NaiveDateTime};

/// The faults planted in the inputs, local times.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    /// Saturation of the rentrée: half of the requests fail.
    pub saturation: (NaiveDateTime, NaiveDateTime),
    /// Within it, nothing is answered.
    pub outage: (NaiveDateTime, NaiveDateTime),
    /// The federation does not answer: nobody new comes in.
    pub federation: (NaiveDateTime, NaiveDateTime),
    /// Parents are kept out by a decision of the crisis cell.
    pub crisis: (NaiveDateTime, NaiveDateTime),
    /// From this day on, the schools of an action are used more.
    pub action: NaiveDate,
    /// A day without any log.
    pub missing: NaiveDate,
    /// A partner that joins, and its first day.
    pub joining: (&'static str, NaiveDate),
    /// Days whose logs hold one line in two.
    pub known_bad: (NaiveDate, NaiveDate),
}

impl Default for Planted {
    fn default() -> Self {
        let time = |text: &str| text.parse().expect("a built-in time");
        let day = |text: &str| text.parse().expect("a built-in day");
        Self {
            saturation: (time("2025-09-02T07:45:00"), time("2025-09-02T08:40:00")),
            outage: (time("2025-09-02T08:02:00"), time("2025-09-02T08:27:00")),
            federation: (time("2025-11-18T08:10:00"), time("2025-11-18T09:40:00")),
            crisis: (time("2025-09-02T08:45:00"), time("2025-09-02T17:30:00")),
            action: day("2025-10-01"),
            missing: day("2025-12-04"),
            joining: ("somme-numerique", day("2025-09-01")),
            known_bad: (day("2025-01-13"), day("2025-01-17")),
        }
    }
}

pub(super) fn within(at: NaiveDateTime, range: (NaiveDateTime, NaiveDateTime)) -> bool {
    at >= range.0 && at < range.1
}

/// How much more often people of the schools of the action come after it.
pub(super) const ACTION_GAIN: f64 = 1.6;
