//! Instants as access logs write them. Always by the offset in the line: a
//! date without offset is refused rather than guessed.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `12/Apr/2018:09:48:40 +0200`, brackets already taken off.
pub fn common_log(text: &str) -> Option<DateTime<Utc>> {
    let (stamp, offset) = text.split_once(' ')?;
    let (date, clock) = stamp.split_once(':')?;
    let mut date = date.split('/');
    let day = date.next()?.parse().ok()?;
    let name = date.next()?;
    let month = MONTHS.iter().position(|m| *m == name)? as u32 + 1;
    let year = date.next()?.parse().ok()?;
    let mut clock = clock.split(':').map(str::parse::<u32>);
    let mut part = || clock.next()?.ok();
    let local =
        NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(part()?, part()?, part()?)?;
    let at = local.and_local_timezone(offset_of(offset)?).single()?;
    Some(at.with_timezone(&Utc))
}

/// `2018-04-12T09:48:40+02:00`, fractions and `Z` allowed.
pub fn iso8601(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc))
}

/// `1664915739.787`: seconds since 1970, up to three decimals used.
pub fn epoch_seconds(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(thousandths(text)?)
}

/// A decimal number as thousandths, without going through a float.
pub fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let padded = format!("{fraction:0<3}");
    let thousandths: i64 = padded[..3].parse().ok()?;
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(thousandths)
}

fn offset_of(text: &str) -> Option<FixedOffset> {
    let sign = match text.as_bytes() {
        [b'+', _, _, _, _] => 1,
        [b'-', _, _, _, _] => -1,
        _ => return None,
    };
    let digits = text
        .get(1..)
        .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    if minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_rule() {
        let utc = |t: &str| common_log(t).map(|d| d.to_rfc3339());
        assert_eq!(
            utc("14/Jun/2024:12:20:12 +0530").unwrap(),
            "2024-06-14T06:50:12+00:00"
        );
        // The hour that comes twice on 25 October 2026.
        assert_eq!(
            utc("25/Oct/2026:02:30:00 +0200").unwrap(),
            "2026-10-25T00:30:00+00:00"
        );
        assert_eq!(
            utc("25/Oct/2026:02:30:00 +0100").unwrap(),
            "2026-10-25T01:30:00+00:00"
        );
        for bad in [
            "25/Oct/2026:02:30:00",
            "32/Oct/2026:02:30:00 +0200",
            "25/octobre/2026:02:30:00 +0200",
            "25/Oct/2026:02:30:00 +02é",
            "25/Oct/2026:25:30:00 +0200",
        ] {
            assert_eq!(utc(bad), None, "{bad}");
        }
    }

    #[test]
    fn decimal_numbers_are_exact() {
        assert_eq!(thousandths("0.055"), Some(55));
        assert_eq!(thousandths("3"), Some(3000));
        assert_eq!(thousandths("1.5"), Some(1500));
        assert_eq!(thousandths("-"), None);
        assert_eq!(thousandths("1,5"), None);
        assert_eq!(
            epoch_seconds("1664915739.787").unwrap().timestamp_millis(),
            1_664_915_739_787
        );
    }
}
