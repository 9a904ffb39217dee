//! School days of zone B: holidays, public holidays, bridges.

use super::Period;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::BTreeSet;

/// Holidays of zone B from summer 2023 to summer 2027, spec 2.
const ZONE_B: &str = include_str!("../data/holidays.csv");

/// What a day is for the schools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// Classes are held.
    School,
    /// Saturday or Sunday, outside of holidays.
    Weekend,
    /// In a school holiday, a bridge, or a public holiday of a weekday.
    Holiday,
}

impl DayKind {
    /// The word in SQL.
    pub fn code(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Weekend => "weekend",
            Self::Holiday => "holiday",
        }
    }
}

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
        Self::parse(ZONE_B).expect("the built-in holidays are right")
    }

    /// Reads `first_day_off,classes_resume` rows after a header, dates as
    /// `2025-10-18`; the error says the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut holidays = Vec::new();
        for (number, line) in text.lines().enumerate().skip(1) {
            let days = line
                .split_once(',')
                .map(|(from, to)| (from.trim().parse(), to.trim().parse()));
            match days {
                Some((Ok(from), Ok(to))) if from < to => holidays.push((from, to)),
                _ => {
                    return Err(format!(
                        "line {}: two dates expected, the second later, as `2025-10-18,2025-11-03`",
                        number + 1
                    ));
                }
            }
        }
        Ok(Self {
            holidays,
            closures: BTreeSet::new(),
        })
    }

    /// The same calendar with further single days closed.
    pub fn with_closures(mut self, days: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.closures.extend(days);
        self
    }

    /// Whether the calendar's data cover a day; outside of them a count of
    /// school days would be wrong.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.bounds()
            .is_some_and(|(first, last)| day >= first && day <= last)
    }

    /// The first and the last day that the data cover.
    pub fn bounds(&self) -> Option<(NaiveDate, NaiveDate)> {
        let first = self.holidays.iter().map(|(from, _)| *from).min()?;
        let last = self.holidays.iter().map(|(_, to)| *to).max()?;
        Some((first, last.pred_opt()?))
    }

    /// What a day is; `None` where the data do not cover it.
    pub fn kind(&self, day: NaiveDate) -> Option<DayKind> {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.covers(day).then(|| match self.is_school_day(day) {
            true => DayKind::School,
            false if weekend && !self.is_holiday(day) => DayKind::Weekend,
            false => DayKind::Holiday,
        })
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

pub(super) fn is_public_holiday(day: NaiveDate) -> bool {
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

    #[test]
    fn a_bad_calendar_says_where() {
        let message = |text: &str| SchoolCalendar::parse(text).unwrap_err();
        assert!(message("a,b\n2025-10-18,2025-11-03\n2025-12-20\n").starts_with("line 3"));
        assert!(message("a,b\n2025-11-03,2025-10-18\n").starts_with("line 2"));
    }
}
