//! Instants as access logs write them. Always by the offset in the line: a
//! date without offset is refused rather than guessed.

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, FixedOffset, NaiveDate, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

pub(super) const MONTHS: [&str; 12] = [
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

/// Reads `12/Apr/2018:09:48:40 +0200` when its minute is that of the line before.
#[derive(Default)]
pub(super) struct MinuteCache {
    /// Day, hour, minute and offset as written; the instant at its second 0.
    last: Option<([u8; MINUTE], [u8; OFFSET], DateTime<Utc>)>,
    /// The last date as written, and its instant: lines of a second follow each other.
    same: Option<([u8; LENGTH], DateTime<Utc>)>,
}

/// `12/Apr/2018:09:48:40 +0200`
const LENGTH: usize = 26;

/// `12/Apr/2018:09:48:`
const MINUTE: usize = 18;
/// ` +0200`
const OFFSET: usize = 6;

impl MinuteCache {
    /// As [`common_log`].
    #[inline]
    pub fn common_log(&mut self, raw: &[u8]) -> Option<DateTime<Utc>> {
        let Ok(date) = <&[u8; LENGTH]>::try_from(raw) else {
            return common_log(std::str::from_utf8(raw).ok()?);
        };
        match &self.same {
            Some((same, time)) if same == date => Some(*time),
            _ => {
                let time = self.in_minute(raw)?;
                self.same = Some((*date, time));
                Some(time)
            }
        }
    }

    fn in_minute(&mut self, raw: &[u8]) -> Option<DateTime<Utc>> {
        let parts = raw.split_first_chunk::<MINUTE>();
        let (minute, [tens, units, offset @ ..]) = parts? else {
            return None;
        };
        let second = |digit: &u8| digit.is_ascii_digit().then(|| i64::from(digit - b'0'));
        if let Some((last, last_offset, start)) = &self.last
            && last == minute
            && last_offset == offset
            && *tens < b'6'
        {
            let seconds = second(tens)? * 10 + second(units)?;
            return Some(*start + TimeDelta::seconds(seconds));
        }
        let time = common_log(std::str::from_utf8(raw).ok()?)?;
        if let Ok(offset) = offset.try_into() {
            let past = i64::from(time.timestamp().rem_euclid(60) as u8);
            self.last = Some((*minute, offset, time - TimeDelta::seconds(past)));
        }
        Some(time)
    }
}

/// `1664915739.787`: seconds since 1970, up to six decimals used.
pub fn epoch_seconds(text: &[u8]) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(fixed_point(text, 6)?)
}

/// `1664915739787`: milliseconds since 1970, up to three decimals used.
pub fn epoch_millis(text: &[u8]) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(fixed_point(text, 3)?)
}

/// A decimal number as thousandths.
pub fn thousandths(text: &[u8]) -> Option<i64> {
    fixed_point(text, 3)
}

/// A decimal number in units of its last decimal kept, without going through a
/// float; decimals after that are cut.
pub fn fixed_point(text: &[u8], decimals: u32) -> Option<i64> {
    if text.first().is_none_or(|first| *first == b'.') {
        return None;
    }
    // So many digits fit the number, with all decimals added.
    if text.len() <= 11
        && let Some(value) = short_fixed_point(text, decimals)
    {
        return Some(value);
    }
    let mut value = 0i64;
    let mut point = None;
    for byte in text {
        match (byte, point) {
            (b'.', None) => point = Some(0),
            (b'0'..=b'9', Some(kept)) if kept == decimals => {}
            (digit @ b'0'..=b'9', _) => {
                value = value
                    .checked_mul(10)?
                    .checked_add(i64::from(digit - b'0'))?;
                point = point.map(|kept| kept + 1);
            }
            _ => return None,
        }
    }
    value.checked_mul(10i64.pow(decimals - point.unwrap_or(0)))
}

/// As [`fixed_point`], for numbers that cannot be too large.
#[inline]
fn short_fixed_point(text: &[u8], decimals: u32) -> Option<i64> {
    let at = text.iter().position(|b| *b == b'.');
    let (whole, fraction) = text.split_at(at.unwrap_or(text.len()));
    let fraction = fraction.get(1..).unwrap_or_default();
    let digits = |sum: i64, digit: &u8| match digit {
        b'0'..=b'9' => Some(sum * 10 + i64::from(digit - b'0')),
        _ => None,
    };
    let kept = fraction.len().min(decimals as usize);
    let value = whole.iter().chain(&fraction[..kept]).try_fold(0, digits)?;
    let cut = fraction[kept..].iter().all(u8::is_ascii_digit);
    cut.then(|| value * POWERS[decimals as usize - kept])
}

/// Of ten.
const POWERS: [i64; 10] = {
    let mut powers = [1; 10];
    let mut at = 1;
    while at < 10 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// How a part of a date is written: `%{...}t` of Apache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// As `strftime` writes it; month names in English or French.
    Strftime {
        /// What stands in the part.
        items: Vec<Item<'static>>,
        /// A `Z` at the end says UTC.
        is_utc: bool,
    },
    /// Seconds, milliseconds or microseconds since 1970: so many to a second.
    Epoch(i64),
    /// The fraction of the second: so many to a second.
    Fraction(u32),
}

impl Layout {
    /// The layout of the argument of `%{...}t`; none where it makes no sense.
    pub fn parse(argument: &str) -> Option<Self> {
        let argument = argument.strip_prefix("begin:").unwrap_or(argument);
        let argument = argument.strip_prefix("end:").unwrap_or(argument);
        Some(match argument {
            "sec" => Self::Epoch(1),
            "msec" => Self::Epoch(1_000),
            "usec" => Self::Epoch(1_000_000),
            "msec_frac" => Self::Fraction(1_000),
            "usec_frac" => Self::Fraction(1_000_000),
            format => Self::Strftime {
                items: StrftimeItems::new(format).parse_to_owned().ok()?,
                is_utc: format.ends_with('Z') && !format.ends_with("%Z"),
            },
        })
    }

    /// The same, of a date that is known to be UTC or not.
    pub fn in_utc(self, is_utc: bool) -> Self {
        match self {
            Self::Strftime { items, .. } => Self::Strftime { items, is_utc },
            other => other,
        }
    }

    /// Whether it tells the offset from UTC.
    pub fn tells_offset(&self) -> bool {
        let is_offset = |item: &Item<'_>| {
            let name = format!("{item:?}");
            name.contains("Offset") || name.contains("Timestamp")
        };
        match self {
            Self::Strftime { items, is_utc } => *is_utc || items.iter().any(is_offset),
            Self::Epoch(_) => true,
            Self::Fraction(_) => false,
        }
    }
}

/// An instant put together from the parts of a line.
#[derive(Default)]
pub(super) struct Stamp {
    parsed: Parsed,
    is_utc: bool,
    epoch: Option<DateTime<Utc>>,
}

impl Stamp {
    /// Takes one part; none where it is not as its layout says.
    pub fn read(&mut self, layout: &Layout, text: &str) -> Option<()> {
        match layout {
            Layout::Strftime { items, is_utc } => {
                self.is_utc |= is_utc;
                parse(&mut self.parsed, &in_english(text), items.iter()).ok()
            }
            Layout::Epoch(unit) => {
                let micros = text.parse::<i64>().ok()?.checked_mul(1_000_000 / unit)?;
                self.epoch = Some(DateTime::from_timestamp_micros(micros)?);
                Some(())
            }
            Layout::Fraction(unit) => {
                let fraction = text.parse::<u32>().ok().filter(|n| n < unit)?;
                let nanos = i64::from(fraction) * i64::from(1_000_000_000 / unit);
                self.parsed.set_nanosecond(nanos).ok().map(|_| ())
            }
        }
    }

    /// The instant; a date without offset is of the declared zone. The hour
    /// that occurs twice in October is read as the first.
    pub fn instant(&self, zone: Option<Tz>) -> Option<DateTime<Utc>> {
        if let Some(epoch) = self.epoch {
            // `%{sec}t.%{msec_frac}t`: the seconds and their fraction apart.
            let nanos = self.parsed.nanosecond().unwrap_or(0);
            return Some(epoch + TimeDelta::nanoseconds(nanos.into()));
        }
        if let Ok(time) = self.parsed.to_datetime() {
            return Some(time.to_utc());
        }
        let naive = self.parsed.to_naive_datetime_with_offset(0).ok()?;
        if self.is_utc {
            return Some(naive.and_utc());
        }
        let offset = zone?.offset_from_local_datetime(&naive).earliest()?.fix();
        Some(naive.and_local_timezone(offset).single()?.to_utc())
    }
}

/// Month names of a French server in the language that the parser knows.
fn in_english(text: &str) -> String {
    const FRENCH: [(&str, &str); 11] = [
        ("janvier", "January"),
        ("février", "February"),
        ("mars", "March"),
        ("avril", "April"),
        ("mai", "May"),
        ("juin", "June"),
        ("juillet", "July"),
        ("août", "August"),
        ("septembre", "September"),
        ("octobre", "October"),
        ("novembre", "November"),
    ];
    let lower = text.to_lowercase();
    let found = FRENCH.iter().find(|(french, _)| lower.contains(french));
    match found {
        Some((french, english)) => lower.replace(french, english),
        None => text.replace("décembre", "December"),
    }
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
    fn a_remembered_minute_reads_as_a_new_one() {
        let mut cache = MinuteCache::default();
        for text in [
            "12/Apr/2018:09:48:40 +0200",
            "12/Apr/2018:09:48:07 +0200",
            "12/Apr/2018:09:48:07 +0100",
            "12/Apr/2018:09:48:60 +0100",
            "12/Apr/2018:09:48:0x +0100",
            "12/Apr/2018:09:49:07 +0100",
            "12/Apr/2018:09:49:08 +01000",
            "12/Apr/2018:09:49:08",
        ] {
            assert_eq!(
                cache.common_log(text.as_bytes()),
                common_log(text),
                "{text}"
            );
        }
    }

    #[test]
    fn decimal_numbers_are_exact() {
        assert_eq!(thousandths(b"0.055"), Some(55));
        assert_eq!(thousandths(b"3"), Some(3000));
        assert_eq!(thousandths(b"1.5"), Some(1500));
        assert_eq!(thousandths(b"12.3456"), Some(12_345));
        assert_eq!(thousandths(b"1."), Some(1_000));
        for bad in [&b"-"[..], b"", b".5", b"1.2.3", b"99999999999999999999"] {
            assert_eq!(thousandths(bad), None);
        }
        assert_eq!(thousandths(b"1,5"), None);
        assert_eq!(
            epoch_seconds(b"1664915739.787").unwrap().timestamp_millis(),
            1_664_915_739_787
        );
    }

    fn stamp(parts: &[(&str, &str)], zone: Option<Tz>) -> Option<String> {
        let mut stamp = Stamp::default();
        for (layout, text) in parts {
            stamp.read(&Layout::parse(layout).unwrap(), text)?;
        }
        Some(stamp.instant(zone)?.to_rfc3339())
    }

    #[test]
    fn stamps_in_parts() {
        let parts = [
            ("%Y-%m-%d %H:%M:%S", "2022-08-23 10:54:19"),
            ("msec_frac", "786"),
            ("%z", "+0200"),
        ];
        let expected = Some("2022-08-23T08:54:19.786+00:00".to_owned());
        assert_eq!(stamp(&parts, None), expected);
        let utc = [("%Y-%m-%dT%H:%M:%SZ", "2023-12-20T08:17:21Z")];
        assert_eq!(stamp(&utc, None).unwrap(), "2023-12-20T08:17:21+00:00");
        let parts = [("end:sec", "1366787991"), ("end:msec_frac", "123")];
        assert_eq!(
            stamp(&parts, None).unwrap(),
            "2013-04-24T07:19:51.123+00:00"
        );
        let epoch = [("usec", "1366787991123456")];
        assert_eq!(
            stamp(&epoch, None).unwrap(),
            "2013-04-24T07:19:51.123456+00:00"
        );
    }

    #[test]
    fn a_stamp_without_offset_needs_a_zone() {
        let english = [("%B - %d, %Y:%H:%M:%S", "February - 10, 2012:16:42:07")];
        let french = [("%B - %d, %Y:%H:%M:%S", "février - 10, 2012:16:42:07")];
        assert_eq!(stamp(&english, None), None);
        for parts in [english, french] {
            let read = stamp(&parts, Some(chrono_tz::Europe::Paris));
            assert_eq!(read.unwrap(), "2012-02-10T15:42:07+00:00");
        }
    }
}
