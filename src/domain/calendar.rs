//! School days of zone B: holidays, public holidays, bridges.

use super::Period;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::BTreeSet;

/// Holidays of zone B as `(first day off, day classes resume)`, spec 2.
const ZONE_B: &[(&str, &str)] = &[
    ("2023-07-08", "2023-09-04"),
    ("2023-10-21", "2023-11-06"),
    ("2023-12-23", "2024-01-08"),
    ("2024-02-24", "2024-03-11"),
    ("2024-04-20", "2024-05-06"),
    ("2024-05-10", "2024-05-12"),
    ("2024-07-06", "2024-09-02"),
    ("2024-10-19", "2024-11-04"),
    ("2024-12-21", "2025-01-06"),
    ("2025-02-08", "2025-02-24"),
    ("2025-04-05", "2025-04-22"),
    ("2025-05-30", "2025-06-01"),
    ("2025-07-05", "2025-09-01"),
    ("2025-10-18", "2025-11-03"),
    ("2025-12-20", "2026-01-05"),
    ("2026-02-14", "2026-03-02"),
    ("2026-04-11", "2026-04-27"),
    ("2026-05-15", "2026-05-17"),
    ("2026-07-04", "2026-09-01"),
    ("2026-10-17", "2026-11-02"),
    ("2026-12-19", "2027-01-04"),
    ("2027-02-20", "2027-03-08"),
    ("2027-04-17", "2027-05-03"),
    ("2027-05-07", "2027-05-09"),
    ("2027-07-03", "2027-09-01"),
];

/// Which days are school days.
#[derive(Clone, Debug)]
pub struct SchoolCalendar {
    /// Half-open ranges: first day off, day classes resume.
    holidays: Vec<(NaiveDate, NaiveDate)>,
    closures: BTreeSet<NaiveDate>,
}

impl SchoolCalendar {
    /// Zone B from summer 2023 to summer 2027, the built-in default.
    pub fn zone_b() -> Self {
        let day = |text: &str| text.parse().expect("built-in dates are valid");
        Self {
            holidays: ZONE_B.iter().map(|(a, b)| (day(a), day(b))).collect(),
            closures: BTreeSet::new(),
        }
    }

    /// The same calendar with further single days closed.
    pub fn with_closures(mut self, days: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.closures.extend(days);
        self
    }

    /// Whether the calendar's data cover a day; outside of them a count of
    /// school days would be wrong.
    pub fn covers(&self, day: NaiveDate) -> bool {
        let first = self.holidays.iter().map(|(from, _)| *from).min();
        let last = self.holidays.iter().map(|(_, to)| *to).max();
        first.is_some_and(|d| day >= d) && last.is_some_and(|d| day < d)
    }

    /// In a school holiday or a bridge.
    pub fn is_holiday(&self, day: NaiveDate) -> bool {
        let within = |(from, to): &(NaiveDate, NaiveDate)| day >= *from && day < *to;
        self.holidays.iter().any(within) || self.closures.contains(&day)
    }

    /// Monday to Friday, neither holiday, bridge nor public holiday.
    pub fn is_school_day(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        !weekend && !self.is_holiday(day) && !is_public_holiday(day)
    }

    /// School weekdays of a period.
    pub fn school_days(&self, period: &Period) -> usize {
        period.days().filter(|day| self.is_school_day(*day)).count()
    }
}

/// Easter Sunday of a year of the Gregorian calendar (Meeus' method).
pub fn easter_sunday(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let epact = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (b % 4) + 2 * (c / 4) - epact - c % 4) % 7;
    let shift = (a + 11 * epact + 22 * weekday) / 451;
    let sum = epact + weekday - 7 * shift + 114;
    NaiveDate::from_ymd_opt(year, (sum / 31) as u32, (sum % 31 + 1) as u32)
        .expect("the method gives a day of March or April")
}

fn is_public_holiday(day: NaiveDate) -> bool {
    let fixed = matches!(
        (day.month(), day.day()),
        (1, 1) | (5, 1) | (5, 8) | (7, 14) | (8, 15) | (11, 1) | (11, 11) | (12, 25)
    );
    let easter = easter_sunday(day.year());
    fixed
        || [1, 39, 50]
            .into_iter()
            .any(|n| easter + Days::new(n) == day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_mondays_of_the_spec() {
        for monday in ["2024-04-01", "2025-04-21", "2026-04-06", "2027-03-29"] {
            let monday = day(monday);
            assert_eq!(easter_sunday(monday.year()).succ_opt(), Some(monday));
        }
    }

    #[test]
    fn days_off() {
        let zone_b = SchoolCalendar::zone_b();
        for off in [
            "2025-10-20",
            "2025-11-11",
            "2026-05-14",
            "2026-05-15",
            "2026-05-25",
            "2025-11-08",
        ] {
            assert!(!zone_b.is_school_day(day(off)), "{off}");
        }
        for on in ["2025-09-01", "2025-10-17", "2025-11-03", "2026-05-18"] {
            assert!(zone_b.is_school_day(day(on)), "{on}");
        }
    }

    /// Spec 2: 88 or 89 school weekdays in a first semester, 84 to 87 in a second.
    #[test]
    fn semesters_are_balanced() {
        let zone_b = SchoolCalendar::zone_b();
        for year in ["2023-2024", "2024-2025", "2025-2026", "2026-2027"] {
            let of = |s: &str| zone_b.school_days(&Period::parse(&format!("{year}-{s}")).unwrap());
            assert!((88..=89).contains(&of("S1")), "{year} {}", of("S1"));
            assert!((84..=87).contains(&of("S2")), "{year} {}", of("S2"));
        }
    }

    #[test]
    fn says_where_its_data_end() {
        let zone_b = SchoolCalendar::zone_b();
        assert!(zone_b.covers(day("2025-09-01")));
        assert!(!zone_b.covers(day("2030-09-01")));
        let closed = zone_b.with_closures([day("2025-09-02")]);
        assert!(!closed.is_school_day(day("2025-09-02")));
    }
}
