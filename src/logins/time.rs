//! The dates of the audits.

use crate::domain::time;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// An ISO date (`2025-11-03T08:00:07.5Z`, or without offset), or one that Java
/// writes (`Mon Nov 03 08:00:07 CET 2025`).
pub(super) fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    iso(text, zone).or_else(|| java(text))
}

/// `20251103T080007Z`
pub(super) fn basic(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(local.and_utc())
}

pub(super) fn iso(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.with_timezone(&Utc));
    }
    // The logger of CAS writes a comma before milliseconds.
    let text = text.replace(',', ".").replacen(' ', "T", 1);
    let local = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(time::instant_in(zone, local))
}

/// The name of the zone gives the offset: so the hour that occurs twice is told.
fn java(text: &str) -> Option<DateTime<Utc>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, clock, zone, year] = words[..] else {
        return None;
    };
    let date = NaiveDate::parse_from_str(&format!("{day} {month} {year}"), "%d %b %Y").ok()?;
    let clock = NaiveTime::parse_from_str(clock, "%H:%M:%S").ok()?;
    let hours = match zone {
        "CEST" | "MEST" => 2,
        "CET" | "MET" | "BST" => 1,
        "UTC" | "GMT" | "Z" | "WET" => 0,
        _ => return None,
    };
    let offset = FixedOffset::east_opt(hours * 3600)?;
    let time = offset.from_local_datetime(&date.and_time(clock)).single()?;
    Some(time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_hours_of_the_night_of_october() {
        let utc = |text: &str| instant(text, time::SCHOOLS).map(|t| t.to_rfc3339());
        assert_eq!(
            utc("Sun Oct 26 02:30:00 CEST 2025").unwrap(),
            "2025-10-26T00:30:00+00:00"
        );
        assert_eq!(
            utc("Sun Oct 26 02:30:00 CET 2025").unwrap(),
            "2025-10-26T01:30:00+00:00"
        );
        assert_eq!(
            utc("2025-11-03 08:00:07,250").unwrap(),
            "2025-11-03T07:00:07.250+00:00"
        );
        for other in ["Sun Oct 26 02:30:00 XYZ 2025", "26/10/2025", ""] {
            assert_eq!(utc(other), None, "{other}");
        }
    }
}
