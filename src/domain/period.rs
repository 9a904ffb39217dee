//! School years, semesters, months, weeks and free ranges of days.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use std::fmt;

/// A named range of local days, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    name: String,
    first: NaiveDate,
    last: NaiveDate,
}

/// A text that names no period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodError(String);

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown period `{}`\nhint: write a school year `2025-2026`, a semester `2025-2026-S1`, a month `2025-11`, a week `2025-W45` or a range `2025-11-03..2025-11-30`",
            self.0
        )
    }
}

impl std::error::Error for PeriodError {}

impl Period {
    /// Reads `2025-2026`, `2025-2026-S1`, `2025-11`, `2025-W45` or
    /// `2025-11-03..2025-11-30`.
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        let bounds = range(text)
            .or_else(|| week(text))
            .or_else(|| month(text))
            .or_else(|| school_year(text));
        match bounds {
            Some((first, last)) if first <= last => Ok(Self {
                name: text.to_owned(),
                first,
                last,
            }),
            _ => Err(PeriodError(text.to_owned())),
        }
    }

    /// The first day.
    pub fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last day, included.
    pub fn last(&self) -> NaiveDate {
        self.last
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Each day, in order.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// The school year that holds a day: 1 August to 31 July.
    pub fn school_year_of(day: NaiveDate) -> String {
        let start = day.year() - i32::from(day.month() < 8);
        format!("{start}-{}", start + 1)
    }
}

type Bounds = Option<(NaiveDate, NaiveDate)>;

fn range(text: &str) -> Bounds {
    let (from, to) = text.split_once("..")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

fn week(text: &str) -> Bounds {
    let (year, week) = text.split_once("-W")?;
    let monday =
        NaiveDate::from_isoywd_opt(number(year, 4)?, number(week, 2)? as u32, Weekday::Mon)?;
    Some((monday, monday.checked_add_days(Days::new(6))?))
}

fn month(text: &str) -> Bounds {
    let (year, month) = text.split_once('-')?;
    let first = NaiveDate::from_ymd_opt(number(year, 4)?, number(month, 2)? as u32, 1)?;
    Some((first, first.checked_add_months(Months::new(1))?.pred_opt()?))
}

fn school_year(text: &str) -> Bounds {
    let mut parts = text.split('-');
    let start = number(parts.next()?, 4)?;
    if number(parts.next()?, 4)? != start + 1 {
        return None;
    }
    let semester = parts.next();
    if parts.next().is_some() {
        return None;
    }
    let (august, january) = (ymd(start, 8, 1)?, ymd(start + 1, 1, 31)?);
    let (february, july) = (ymd(start + 1, 2, 1)?, ymd(start + 1, 7, 31)?);
    match semester {
        None => Some((august, july)),
        Some("S1") => Some((august, january)),
        Some("S2") => Some((february, july)),
        Some(_) => None,
    }
}

fn ymd(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn number(text: &str, width: usize) -> Option<i32> {
    let plain = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(text: &str) -> (String, String) {
        let period = Period::parse(text).unwrap();
        (period.first().to_string(), period.last().to_string())
    }

    #[test]
    fn every_form() {
        let is = |text, from: &str, to: &str| assert_eq!(bounds(text), (from.into(), to.into()));
        is("2025-2026", "2025-08-01", "2026-07-31");
        is("2025-2026-S1", "2025-08-01", "2026-01-31");
        is("2025-2026-S2", "2026-02-01", "2026-07-31");
        is("2024-02", "2024-02-01", "2024-02-29");
        is("2025-W45", "2025-11-03", "2025-11-09");
        is("2025-11-03..2025-11-30", "2025-11-03", "2025-11-30");
    }

    #[test]
    fn refuses_and_says_what_to_write() {
        for text in [
            "2025-2027",
            "2025-2026-S3",
            "2025-13",
            "25-11",
            "2025-W60",
            "x",
            "",
            "2025-11-30..2025-11-03",
            "2025-2026-S1-x",
        ] {
            let message = Period::parse(text).unwrap_err().to_string();
            assert!(message.contains("hint:"), "{text}: {message}");
        }
    }

    #[test]
    fn semesters_make_the_year() {
        let days = |text| Period::parse(text).unwrap().days().count();
        assert_eq!(days("2023-2024-S1") + days("2023-2024-S2"), 366);
        assert_eq!(days("2023-2024"), 366);
    }

    #[test]
    fn school_year_turns_in_august() {
        let year = |y, m, d| Period::school_year_of(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        assert_eq!(year(2026, 7, 31), "2025-2026");
        assert_eq!(year(2026, 8, 1), "2026-2027");
    }
}
