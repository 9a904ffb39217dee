//! Instants as the local time of the schools, through both clock changes.

use chrono::{DateTime, Duration, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::Paris;

/// The local date and time in Europe/Paris of an instant.
pub fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&Paris).naive_local()
}

/// The instant of a local time of Europe/Paris. The hour that occurs twice in
/// October is read as the first; the hour missing in March as if the clock
/// had not changed.
pub fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    let found = Paris.from_local_datetime(&local);
    match found.earliest() {
        Some(time) => time.with_timezone(&Utc),
        None => {
            let before = Paris
                .from_local_datetime(&(local - Duration::hours(1)))
                .earliest()
                .expect("an hour before a gap is not in a gap");
            before.with_timezone(&Utc) + Duration::hours(1)
        }
    }
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
