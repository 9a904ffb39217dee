//! Instants as the local time of the schools, through both clock changes.

use chrono::{DateTime, Duration, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::Paris;
use chrono_tz::Tz;

/// The local date and time in Europe/Paris of an instant.
pub fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&Paris).naive_local()
}

/// The zone of the schools.
pub const SCHOOLS: Tz = Paris;

/// The instant of a local time of Europe/Paris. The hour that occurs twice in
/// October is read as the first; the hour missing in March as if the clock
/// had not changed.
pub fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    instant_in(SCHOOLS, local)
}

/// The instant of a local time of a zone, with the same rules at its clock
/// changes.
pub fn instant_in(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let earliest = |local: NaiveDateTime| {
        let found = zone.from_local_datetime(&local).earliest();
        found.map(|time| time.with_timezone(&Utc))
    };
    // No gap is longer than the day that some islands skipped.
    let after_gap = |hours| {
        let before = local.checked_sub_signed(Duration::hours(hours))?;
        earliest(before)?.checked_add_signed(Duration::hours(hours))
    };
    earliest(local)
        .or_else(|| after_gap(1))
        .or_else(|| after_gap(24))
        .unwrap_or_else(|| local.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn both_clock_changes() {
        let utc = |text| instant(time(text)).to_rfc3339();
        assert_eq!(utc("2026-03-29T01:30:00"), "2026-03-29T00:30:00+00:00");
        assert_eq!(utc("2026-03-29T02:30:00"), "2026-03-29T01:30:00+00:00");
        assert_eq!(utc("2026-10-25T02:30:00"), "2026-10-25T00:30:00+00:00");
        assert_eq!(utc("2026-10-25T03:30:00"), "2026-10-25T02:30:00+00:00");
        assert_eq!(
            local(instant(time("2026-07-01T08:00:00"))),
            time("2026-07-01T08:00:00")
        );
    }
}
