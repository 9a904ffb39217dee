//! Opening hours of a service, dated: the time between two instants in which it was
//! open. Segments are half-open and told in local time; what counts is the time
//! that passes, so the day of a clock change has the hours that it has.

use super::calendar::is_public_holiday;
use super::time;
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use std::fmt;

/// Days for which hours are laid out.
const FIRST_YEAR: i32 = 2010;
const LAST_YEAR: i32 = 2079;

/// From a local time to another of the same day, the end excluded; 24:00 is the end
/// of the day. In minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    from: u16,
    to: u16,
}

/// The week of a service from a day on, until the day before another.
#[derive(Clone, Debug)]
pub struct Week {
    /// First day.
    pub from: NaiveDate,
    /// First day after it, if it ends.
    pub to: Option<NaiveDate>,
    /// Monday first.
    pub days: [Vec<Segment>; 7],
    /// Whether it is open on public holidays.
    pub on_public_holidays: bool,
}

/// A text that is no segment, or hours that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningError(String);

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Segment {
    /// Reads `08:00-12:00` or `13:00-24:00`.
    pub fn parse(text: &str) -> Result<Self, OpeningError> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            let at = hour * 60 + minute;
            (hour <= 24 && minute < 60 && at <= 24 * 60).then_some(at)
        };
        let parts = text.split_once('-').map(|(a, b)| (minute(a), minute(b)));
        match parts {
            Some((Some(from), Some(to))) if from < to => Ok(Self { from, to }),
            _ => Err(OpeningError(format!(
                "`{text}` is no span of opening hours\nhint: write `08:00-12:00`, the end after the start"
            ))),
        }
    }
}

/// When a service is open, laid out as spans of time with what passed before each.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Start and end in milliseconds since 1970, and open time before the start.
    spans: Vec<(i64, i64, i64)>,
    /// Open days, in order.
    days: Vec<NaiveDate>,
}

impl Opening {
    /// Lays out the weeks of a service; days of closure are given one by one. Weeks
    /// must not overlap.
    pub fn new(
        weeks: &[Week],
        is_closed: impl Fn(NaiveDate) -> bool,
    ) -> Result<Self, OpeningError> {
        let mut opening = Self {
            spans: Vec::new(),
            days: Vec::new(),
        };
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
        let (first, end) = (day(FIRST_YEAR), day(LAST_YEAR + 1));
        let mut passed = 0;
        for day in first.iter_days().take_while(|day| *day < end) {
            let mut valid = weeks.iter().filter(|week| week.holds(day));
            let week = valid.next();
            if valid.next().is_some() {
                return Err(OpeningError(format!(
                    "two weeks of opening hours hold on {day}\nhint: end the one before with `to`"
                )));
            }
            let Some(week) = week.filter(|_| !is_closed(day)) else {
                continue;
            };
            let spans = week.spans(day);
            if !spans.is_empty() {
                opening.days.push(day);
            }
            for (from, to) in spans {
                opening.spans.push((from, to, passed));
                passed += to - from;
            }
        }
        Ok(opening)
    }

    /// Open time from an instant to another, in milliseconds; 0 where the second is
    /// not later.
    pub fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        (self.before(to) - self.before(from)).max(0)
    }

    /// Open days after the day of an instant, up to the day of another included: 0
    /// for something done on the same day.
    pub fn days_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        let until = |at: DateTime<Utc>| {
            let day = time::local(at).date();
            self.days.partition_point(|open| *open <= day) as i64
        };
        (until(to) - until(from)).max(0)
    }

    /// Open time before an instant.
    fn before(&self, at: DateTime<Utc>) -> i64 {
        let at = at.timestamp_millis();
        let next = self.spans.partition_point(|(from, _, _)| *from <= at);
        let Some((from, to, passed)) = next.checked_sub(1).map(|i| self.spans[i]) else {
            return 0;
        };
        passed + at.min(to) - from
    }
}

impl Week {
    fn holds(&self, day: NaiveDate) -> bool {
        day >= self.from && self.to.is_none_or(|to| day < to)
    }

    /// The spans of a day in milliseconds since 1970, merged.
    fn spans(&self, day: NaiveDate) -> Vec<(i64, i64)> {
        if is_public_holiday(day) && !self.on_public_holidays {
            return Vec::new();
        }
        let mut segments = self.days[day.weekday().num_days_from_monday() as usize].clone();
        segments.sort();
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for segment in segments {
            let (from, to) = (edge(day, segment.from), edge(day, segment.to));
            match spans.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ if from < to => spans.push((from, to)),
                _ => {}
            }
        }
        spans
    }
}

/// A local minute as an instant. Of the hour that the clock skips, its end: nothing
/// passes in it.
fn edge(day: NaiveDate, minute: u16) -> i64 {
    let mut local: NaiveDateTime =
        day.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute));
    while time::local(time::instant(local)) != local {
        local += Duration::minutes(1);
    }
    time::instant(local).timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3_600_000;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        time::instant(format!("{text}:00").parse().unwrap())
    }

    fn week(from: &str, to: Option<&str>, hours: [&[&str]; 7]) -> Week {
        Week {
            from: day(from),
            to: to.map(day),
            days: hours.map(|texts| texts.iter().map(|t| Segment::parse(t).unwrap()).collect()),
            on_public_holidays: false,
        }
    }

    fn office(hours: &[&str]) -> Opening {
        let week = week(
            "2010-01-01",
            None,
            [hours, hours, hours, hours, hours, &[], &[]],
        );
        Opening::new(&[week], |_| false).unwrap()
    }

    fn always() -> Opening {
        let whole: &[&str] = &["00:00-24:00"];
        let mut week = week("2010-01-01", None, [whole; 7]);
        week.on_public_holidays = true;
        Opening::new(&[week], |_| false).unwrap()
    }

    /// The case of the issue and its neighbours, counted by hand.
    #[test]
    fn hours_counted_by_hand() {
        let office = office(&["08:00-12:00", "13:00-17:00"]);
        for (from, to, minutes) in [
            // Friday 16:00 to Monday 16:00: one hour on Friday, seven on Monday.
            ("2025-11-14T16:00", "2025-11-17T16:00", 480),
            ("2025-11-14T17:00", "2025-11-17T08:00", 0),
            ("2025-11-15T10:00", "2025-11-17T08:01", 1),
            ("2025-11-17T11:30", "2025-11-17T13:15", 45),
            ("2025-11-17T12:00", "2025-11-17T13:00", 0),
            ("2025-11-17T07:00", "2025-11-17T23:00", 480),
            // 10 November, then the public holiday, then 12 November.
            ("2025-11-10T16:00", "2025-11-12T09:00", 120),
            // Over the clock change of 26 October: nobody works that night.
            ("2025-10-24T16:30", "2025-10-27T08:30", 60),
            ("2025-11-17T10:00", "2025-11-17T09:00", 0),
        ] {
            assert_eq!(
                office.between(at(from), at(to)),
                minutes * 60_000,
                "{from} {to}"
            );
        }
    }

    #[test]
    fn days_of_clock_changes_have_their_own_hours() {
        let always = always();
        let hours = |a: &str, b: &str| always.between(at(a), at(b)) / HOUR;
        assert_eq!(hours("2026-03-29T00:00", "2026-03-30T00:00"), 23);
        assert_eq!(hours("2026-10-25T00:00", "2026-10-26T00:00"), 25);
        assert_eq!(hours("2026-10-25T01:00", "2026-10-25T04:00"), 4);
        let night: &[&str] = &["01:00-04:00"];
        let night = week("2010-01-01", None, [night; 7]);
        let night = Opening::new(&[night], |_| false).unwrap();
        let of = |a: &str, b: &str| night.between(at(a), at(b)) / HOUR;
        assert_eq!(of("2026-03-29T00:00", "2026-03-30T00:00"), 2);
        assert_eq!(of("2026-10-25T00:00", "2026-10-26T00:00"), 4);
        // Hours that do not exist are nobody's.
        let skipped: &[&str] = &["02:15-02:45"];
        let skipped = Opening::new(&[week("2010-01-01", None, [skipped; 7])], |_| false).unwrap();
        assert_eq!(
            skipped.between(at("2026-03-29T00:00"), at("2026-03-30T00:00")),
            0
        );
        assert_eq!(
            skipped.between(at("2026-03-30T00:00"), at("2026-03-31T00:00")),
            HOUR / 2
        );
    }

    /// Longer hours from a day on leave what was before as it was.
    #[test]
    fn past_hours_stay() {
        let short: &[&str] = &["09:00-12:00"];
        let long: &[&str] = &["08:00-18:00"];
        let only = Opening::new(&[week("2010-01-01", None, [short; 7])], |_| false).unwrap();
        let both = [
            week("2010-01-01", Some("2025-09-01"), [short; 7]),
            week("2025-09-01", None, [long; 7]),
        ];
        let both = Opening::new(&both, |_| false).unwrap();
        let span = (at("2025-06-02T00:00"), at("2025-06-04T00:00"));
        assert_eq!(only.between(span.0, span.1), both.between(span.0, span.1));
        assert_eq!(
            both.between(at("2025-08-31T00:00"), at("2025-09-02T00:00")),
            13 * HOUR
        );
        let overlapping = [
            week("2010-01-01", None, [short; 7]),
            week("2025-09-01", None, [long; 7]),
        ];
        let message = Opening::new(&overlapping, |_| false)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("2025-09-01") && message.contains("hint:"),
            "{message}"
        );
    }

    #[test]
    fn opening_days_and_closures() {
        let hours: &[&str] = &["08:00-12:00"];
        let week = week(
            "2010-01-01",
            None,
            [hours, hours, hours, hours, hours, &[], &[]],
        );
        let closed = |d: NaiveDate| (day("2025-12-24")..day("2026-01-02")).contains(&d);
        let opening = Opening::new(&[week], closed).unwrap();
        let days = |a: &str, b: &str| opening.days_between(at(a), at(b));
        assert_eq!(days("2025-11-14T16:00", "2025-11-14T18:00"), 0);
        assert_eq!(days("2025-11-14T16:00", "2025-11-17T09:00"), 1);
        assert_eq!(days("2025-11-15T16:00", "2025-11-17T09:00"), 1);
        assert_eq!(days("2025-12-23T09:00", "2026-01-05T09:00"), 2);
        assert_eq!(
            opening.between(at("2025-12-24T00:00"), at("2026-01-01T00:00")),
            0
        );
    }

    #[test]
    fn segments_that_are_none() {
        for text in [
            "12:00-08:00",
            "8h-12h",
            "08:00",
            "08:00-25:00",
            "08:00-08:00",
        ] {
            assert!(
                Segment::parse(text)
                    .unwrap_err()
                    .to_string()
                    .contains("hint:"),
                "{text}"
            );
        }
    }

    /// Minutes of 2024 to 2027: both clock changes of each year.
    fn instant() -> impl Strategy<Value = DateTime<Utc>> {
        (1_704_063_600_i64..1_830_294_000).prop_map(|s| DateTime::from_timestamp(s, 0).unwrap())
    }

    proptest! {
        #[test]
        fn additive_monotone_never_negative(mut times in [instant(), instant(), instant()]) {
            times.sort();
            let [a, b, c] = times;
            for opening in [office(&["08:00-12:00", "13:30-17:30"]), always()] {
                let (ab, bc, ac) = (opening.between(a, b), opening.between(b, c), opening.between(a, c));
                prop_assert_eq!(ab + bc, ac);
                prop_assert!(ab >= 0 && ab <= ac && ac <= (c - a).num_milliseconds());
                prop_assert_eq!(opening.between(b, a), 0);
            }
            prop_assert_eq!(always().between(a, c), (c - a).num_milliseconds());
        }

        /// Against a count of open minutes one by one.
        #[test]
        fn equals_a_count_by_minutes(from in instant(), minutes in 0_i64..6_000) {
            let from = from - Duration::seconds(from.timestamp() % 60);
            let is_open = |at: DateTime<Utc>| {
                let local = time::local(at);
                let minute = i64::from(chrono::Timelike::num_seconds_from_midnight(&local) / 60);
                local.weekday().number_from_monday() < 6
                    && !is_public_holiday(local.date())
                    && (480..720).contains(&minute) | (780..1020).contains(&minute)
            };
            let open = (0..minutes).filter(|m| is_open(from + Duration::minutes(*m))).count();
            let office = office(&["08:00-12:00", "13:00-17:00"]);
            let found = office.between(from, from + Duration::minutes(minutes));
            prop_assert_eq!(found, open as i64 * 60_000);
        }
    }
}
