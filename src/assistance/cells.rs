//! What a cell says: ids, dates, levels, references. A text that is outside of its
//! domain is a reason to reject the row, so a shifted column never passes.

use super::{DateOrder, Reference};
use crate::domain::time;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

const LONGEST_NAME: usize = 160;

/// Infers the order of dates over whole columns; refuses to guess.
pub(super) fn date_order<'a>(dates: impl Iterator<Item = &'a str>) -> Result<DateOrder, String> {
    let (mut year, mut day, mut month, mut any) = (false, false, false, false);
    for date in dates {
        let Some([a, b, _]) = numbers(date) else {
            continue;
        };
        match (a, b) {
            (a, _) if a > 31 => year = true,
            (a, b) => {
                any = true;
                day |= a > 12;
                month |= b > 12;
            }
        }
    }
    match (year, any, day, month) {
        (true, false, _, _) | (false, false, _, _) => Ok(DateOrder::YearFirst),
        (false, _, true, false) => Ok(DateOrder::DayFirst),
        (false, _, false, true) => Ok(DateOrder::MonthFirst),
        (false, _, false, false) => Err("the dates can be read day first or month first\nhint: export a longer period, or with the year first, or declare `order` in the file of tools".into()),
        _ => Err("dates of several orders stand in one file\nhint: export again with one date format".into()),
    }
}

/// The three numbers of a date: `05-01-2026 08:12`, `2026-01-05T08:12:00Z`.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let date = text.trim().split([' ', 'T']).next()?;
    let mut parts = date.split(['-', '/', '.']).map(|part| part.parse().ok());
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// A local date and time as an instant; an offset that is written wins over the zone.
pub(super) fn instant(text: &str, order: DateOrder, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Some(exact.with_timezone(&Utc));
    }
    let [a, b, c] = numbers(text)?;
    let (year, month, day) = match order {
        DateOrder::DayFirst => (c, b, a),
        DateOrder::MonthFirst => (c, a, b),
        DateOrder::YearFirst => (a, b, c),
    };
    let (_, clock) = text.split_once([' ', 'T'])?;
    let clock = clock
        .trim_start_matches(['-', ' '])
        .trim_end_matches(" UTC")
        .trim_end_matches('Z');
    let mut clock = clock.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (clock.next()??, clock.next()??);
    let second = clock.next().unwrap_or(Some(0))?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let plausible = (1990..2100).contains(&year);
    let local = date.and_hms_opt(hour, minute, second)?;
    plausible.then(|| time::instant_in(zone, local))
}

/// An id without the blanks that group its digits: digits, with at most a word of
/// letters before (`R-000123`).
pub(super) fn id(text: &str) -> Option<String> {
    let id: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = id.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let letters = id.len() - digits.len();
    let digits = match letters {
        0 => digits,
        _ => digits.trim_start_matches('-'),
    };
    let right = letters <= 4
        && (1..=24).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit());
    right.then_some(id)
}

/// `academie/123`, `academie#123` or `123`.
pub(super) fn reference(text: &str) -> Option<Reference> {
    let (helpdesk, number) = match text.rsplit_once(['/', '#']) {
        Some((helpdesk, number)) => (Some(helpdesk.trim()).filter(|h| !h.is_empty()), number),
        None => (None, text),
    };
    Some(Reference {
        helpdesk: helpdesk.map(str::to_lowercase),
        id: id(number)?,
    })
}

/// The highest level that groups name: `Assistance N1` and `Assistance N2` in one
/// cell, `Niveau 3`, `Level 2`.
pub(super) fn level(groups: &str) -> Option<u8> {
    let lower = groups.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let digit = |text: &str| match text.as_bytes() {
        [d @ b'0'..=b'3'] => Some(d - b'0'),
        _ => None,
    };
    let named = words
        .iter()
        .enumerate()
        .filter_map(|(place, word)| match *word {
            "niveau" | "level" | "n" => words.get(place + 1).and_then(|next| digit(next)),
            word => word
                .strip_prefix('n')
                .or(word.strip_prefix('l'))
                .and_then(digit),
        });
    named.max()
}

/// A number of stars from 1 to 5, written `4`, `4/5` or `4,0`.
pub(super) fn satisfaction(text: &str) -> Option<u8> {
    let whole = text.trim().split(['/', ',', '.']).next()?;
    whole.trim().parse().ok().filter(|n| (1..=5).contains(n))
}

/// The text of a name in a tree, with what old exports escape; none where it is too
/// long or has lines, as no name is.
pub(super) fn name(text: &str) -> Option<String> {
    let plain = text
        .replace("&gt;", ">")
        .replace("&#62;", ">")
        .replace("&nbsp;", " ")
        .replace("&#39;", "'")
        .replace("''", "'")
        .replace("&amp;", "&")
        .replace(['\u{a0}', '\u{202f}'], " ");
    let parts: Vec<&str> = plain.split('>').map(str::trim).collect();
    let plain = parts.join(" > ");
    let right = plain.len() <= LONGEST_NAME && !plain.contains(['\n', '@', ';', '<']);
    right.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_dates_is_inferred_or_refused() {
        let order = |dates: &[&str]| date_order(dates.iter().copied());
        assert_eq!(
            order(&["05-01-2026 08:12", "25-01-2026 08:12"]),
            Ok(DateOrder::DayFirst)
        );
        assert_eq!(order(&["01-25-2026 08:12"]), Ok(DateOrder::MonthFirst));
        assert_eq!(order(&["2026-01-05 08:12", ""]), Ok(DateOrder::YearFirst));
        assert!(order(&["05-01-2026 08:12"]).unwrap_err().contains("hint:"));
        for mixed in [["25-01-2026", "01-25-2026"], ["2026-01-05", "25-01-2026"]] {
            assert!(
                order(&mixed).unwrap_err().contains("several orders"),
                "{mixed:?}"
            );
        }
    }

    #[test]
    fn dates_in_their_forms() {
        let paris = time::SCHOOLS;
        let is = |text: &str, order, zone, expected: &str| {
            assert_eq!(
                instant(text, order, zone).unwrap().to_rfc3339(),
                expected,
                "{text}"
            );
        };
        is(
            "15-01-2026 08:12",
            DateOrder::DayFirst,
            paris,
            "2026-01-15T07:12:00+00:00",
        );
        is(
            "15/07/2026 - 08:12",
            DateOrder::DayFirst,
            paris,
            "2026-07-15T06:12:00+00:00",
        );
        is(
            "01-15-2026 08:12",
            DateOrder::MonthFirst,
            paris,
            "2026-01-15T07:12:00+00:00",
        );
        is(
            "2026-01-15 08:12:30",
            DateOrder::YearFirst,
            chrono_tz::UTC,
            "2026-01-15T08:12:30+00:00",
        );
        is(
            "2026-01-15 08:12:30 UTC",
            DateOrder::YearFirst,
            chrono_tz::UTC,
            "2026-01-15T08:12:30+00:00",
        );
        is(
            "2026-01-15T08:12:30+01:00",
            DateOrder::DayFirst,
            paris,
            "2026-01-15T07:12:30+00:00",
        );
        for bad in [
            "",
            "15-01-2026",
            "45-01-2026 08:12",
            "15-01-26 08:12",
            "Haute",
        ] {
            assert!(instant(bad, DateOrder::DayFirst, paris).is_none(), "{bad}");
        }
    }

    #[test]
    fn ids_levels_references_names() {
        assert_eq!(id("5\u{202f}732 943").as_deref(), Some("5732943"));
        assert_eq!(id("R-000123").as_deref(), Some("R-000123"));
        for bad in ["", "Mot de passe", "12a", "-5", "R-"] {
            assert_eq!(id(bad), None, "{bad}");
        }
        assert_eq!(level("Assistance N1\nAssistance N2"), Some(2));
        assert_eq!(level("_DSI > Niveau 3"), Some(3));
        assert_eq!(level("_DSI > _SUPPORT"), None);
        let found = reference("academie#5 732 943").unwrap();
        assert_eq!(
            (found.helpdesk.as_deref(), found.id.as_str()),
            (Some("academie"), "5732943")
        );
        assert_eq!(reference("5732").unwrap().helpdesk, None);
        assert_eq!(name("Académie &gt; 59").as_deref(), Some("Académie > 59"));
        assert_eq!(name("Bonjour,\nmon compte"), None);
        assert_eq!(
            [
                satisfaction("4/5"),
                satisfaction("0"),
                satisfaction("Haute")
            ],
            [Some(4), None, None]
        );
    }
}
