//! Numbers, dates and sentences as a French reader expects them. Figures are
//! rounded here, once, half away from zero.

use crate::privacy::disclosure::Shown;
use chrono::{Datelike, NaiveDate};

const THIN: char = '\u{202f}';
const NBSP: char = '\u{a0}';
const MINUS: char = '\u{2212}';

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// Days of the week, Monday first.
pub const WEEKDAYS: [&str; 7] = [
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
];

/// `1 234 567`
pub fn integer(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    if number < 0 {
        text.push(MINUS);
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// `1 234,5` with so many decimals.
pub fn decimal(number: f64, decimals: usize) -> String {
    let factor = 10_i64.pow(decimals as u32);
    let scaled = (number * factor as f64).round() as i64;
    let (whole, rest) = (scaled.abs() / factor, scaled.abs() % factor);
    let sign = if scaled < 0 {
        MINUS.to_string()
    } else {
        String::new()
    };
    if decimals == 0 {
        return format!("{sign}{}", integer(whole));
    }
    format!("{sign}{},{rest:0decimals$}", integer(whole))
}

/// `78,4 %` from a base of 1,000, `78 %` below (spec 6, rates).
pub fn percent(share: f64, base: i64) -> String {
    format!("{}{NBSP}%", per_hundred(share, base))
}

/// `78,4` of a hundred, as precise as [`percent`].
pub fn per_hundred(share: f64, base: i64) -> String {
    decimal(share * 100.0, usize::from(base >= 1_000))
}

/// `+ 0,8 %` or `− 1,2 %`, `+ 1 %` from a base under 1,000 (spec 6, rates); `stable` where that
/// rounds to nothing.
pub fn change(ratio: f64, base: i64) -> String {
    let decimals = usize::from(base >= 1_000);
    let unit = [1.0, 10.0][decimals];
    let rounded = (ratio * 100.0 * unit).round() / unit;
    match rounded {
        r if r > 0.0 => format!("+{NBSP}{}{NBSP}%", decimal(r, decimals)),
        r if r < 0.0 => format!("{MINUS}{NBSP}{}{NBSP}%", decimal(-r, decimals)),
        _ => "stable".into(),
    }
}

/// A change of a rate, from its difference: `+ 1,2 point`, `− 2,0 points`;
/// `stable` under half a tenth.
pub fn points(difference: f64) -> String {
    let rounded = (difference * 1000.0).round() / 10.0;
    // French has a plural from two on.
    let plural = plural(rounded.abs() as i64);
    let text = decimal(rounded.abs(), 1);
    match rounded {
        r if r > 0.0 => format!("+{NBSP}{text}{NBSP}point{plural}"),
        r if r < 0.0 => format!("{MINUS}{NBSP}{text}{NBSP}point{plural}"),
        _ => "stable".into(),
    }
}

/// `1er septembre 2025`
pub fn date(day: NaiveDate) -> String {
    let number = match day.day() {
        1 => "1er".to_owned(),
        n => n.to_string(),
    };
    format!(
        "{number}{NBSP}{}{NBSP}{}",
        MONTHS[day.month0() as usize],
        day.year()
    )
}

/// `du 13 au 17 janvier 2025`, `du 30 janvier 2025 au 2 février 2025`, `le 3 mars 2025`
pub fn span(first: NaiveDate, last: NaiveDate) -> String {
    let (start, end) = (date(first), date(last));
    if first == last {
        return format!("le {end}");
    }
    let is_of_month = (first.year(), first.month()) == (last.year(), last.month());
    let start = match is_of_month {
        true => start.split(NBSP).next().unwrap_or_default(),
        false => &start,
    };
    format!("du {start} au {end}")
}

/// `septembre 2025`
pub fn month(day: NaiveDate) -> String {
    format!("{}{NBSP}{}", MONTHS[day.month0() as usize], day.year())
}

/// `sept.`, for the axes of charts.
pub fn month_short(day: NaiveDate) -> &'static str {
    const SHORT: [&str; 12] = [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
        "déc.",
    ];
    SHORT[day.month0() as usize]
}

/// `8 h 05`
pub fn minute_of_day(minute: i64) -> String {
    format!("{}{NBSP}h{NBSP}{:02}", minute / 60, minute % 60)
}

/// A cell of a table, with its mark where it is not shown.
pub fn shown(value: &Shown) -> String {
    match value {
        Shown::Integer(0) => "-".into(),
        Shown::Integer(number) => integer(*number),
        Shown::Real(number) => decimal(*number, 1),
        Shown::Text(text) => text.clone(),
        Shown::Date(day) => date(*day),
        Shown::Secret => "s".into(),
        Shown::NotSignificant => "ns".into(),
        Shown::Missing => "nd".into(),
    }
}

/// A rate of a table as a percentage over a base.
pub fn shown_percent(value: &Shown, base: &Shown) -> String {
    match (value, base) {
        (Shown::Real(rate), Shown::Integer(base)) => percent(*rate, *base),
        (Shown::Real(rate), _) => percent(*rate, 0),
        (other, _) => shown(other),
    }
}

/// Puts the spaces of French typography into a sentence: before `: ; ! ? %`, inside
/// guillemets and after `n°`, and the apostrophe. What is set is not set again.
pub fn typeset(text: &str) -> String {
    let mut out = text.to_owned();
    for (plain, space) in [
        (" :", NBSP),
        (" %", NBSP),
        (" »", NBSP),
        (" ;", THIN),
        (" !", THIN),
        (" ?", THIN),
    ] {
        let sign = plain.trim_start();
        out = out.replace(plain, &format!("{space}{sign}"));
    }
    out = out.replace("« ", &format!("«{NBSP}"));
    out = out.replace("n° ", &format!("n°{NBSP}"));
    with_units(&out).replace('\'', "’")
}

/// Words that stay on the line of the number before them.
const UNITS: [&str; 12] = [
    "h", "min", "ms", "heure", "heures", "minute", "minutes", "jour", "jours", "point", "points",
    "o",
];

/// No line ends between a number and its unit.
fn with_units(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut words = text.split(' ');
    out.push_str(words.next().unwrap_or_default());
    for word in words {
        let letters = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let is_unit = UNITS.contains(&letters) && out.ends_with(|c: char| c.is_ascii_digit());
        out.push(if is_unit { NBSP } else { ' ' });
        out.push_str(word);
    }
    out
}

/// The plural mark after a count: none below two.
pub fn plural(count: i64) -> &'static str {
    if count.abs() < 2 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers() {
        assert_eq!(integer(0), "0");
        assert_eq!(integer(999), "999");
        assert_eq!(integer(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(integer(-1_000), "\u{2212}1\u{202f}000");
        assert_eq!(decimal(1234.56, 1), "1\u{202f}234,6");
        assert_eq!(decimal(0.25, 1), "0,3");
        assert_eq!(decimal(-0.04, 1), "0,0");
        assert_eq!(percent(0.784, 5_000), "78,4\u{a0}%");
        assert_eq!(percent(0.784, 500), "78\u{a0}%");
        assert_eq!(per_hundred(0.784, 5_000), "78,4");
        assert_eq!(per_hundred(0.784, 500), "78");
    }

    #[test]
    fn changes() {
        assert_eq!(change(0.0081, 1_000), "+\u{a0}0,8\u{a0}%");
        assert_eq!(change(-0.012, 5_000), "\u{2212}\u{a0}1,2\u{a0}%");
        assert_eq!(change(0.125, 999), "+\u{a0}13\u{a0}%");
        assert_eq!(change(-0.004, 40), "stable");
        assert_eq!(change(0.0001, 1_000_000), "stable");
    }

    #[test]
    fn changes_of_a_rate_are_in_points() {
        assert_eq!(points(0.012), "+\u{a0}1,2\u{a0}point");
        assert_eq!(points(-0.0196), "\u{2212}\u{a0}2,0\u{a0}points");
        assert_eq!(points(0.0194), "+\u{a0}1,9\u{a0}point");
        assert_eq!(points(-0.0004), "stable");
    }

    #[test]
    fn months_ordinals_and_marks() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(month(day("2025-08-01")), "août\u{a0}2025");
        assert_eq!(month_short(day("2025-02-01")), "févr.");
        assert_eq!(date(day("2025-12-02")), "2\u{a0}décembre\u{a0}2025");
        assert_eq!(typeset("n° 12"), "n°\u{a0}12");
        assert_eq!(typeset("de 18 h à 19 h."), "de 18\u{a0}h à 19\u{a0}h.");
        assert_eq!(
            typeset("21,4 heures, 3 jourdains"),
            "21,4\u{a0}heures, 3 jourdains"
        );
        assert_eq!(shown(&Shown::Integer(0)), "-");
        assert_eq!(shown(&Shown::Secret), "s");
        assert_eq!(shown(&Shown::NotSignificant), "ns");
        assert_eq!(shown(&Shown::Missing), "nd");
        assert_eq!((plural(0), plural(1), plural(2)), ("", "", "s"));
    }

    proptest! {
        /// Any number is its digits with spaces between thousands only.
        #[test]
        fn a_number_reads_back(number in -1_000_000_000_000_i64..1_000_000_000_000) {
            let text = integer(number);
            let plain = text.replace(THIN, "").replace(MINUS, "-");
            prop_assert_eq!(plain.parse::<i64>().unwrap(), number);
            let groups: Vec<usize> = text.trim_start_matches(MINUS).split(THIN).map(str::len).collect();
            prop_assert!(groups[1..].iter().all(|digits| *digits == 3));
            prop_assert!((1..=3).contains(&groups[0]));
        }

        /// Typesetting twice is typesetting once, and no plain space stands before a
        /// high sign or inside guillemets.
        #[test]
        fn typesetting_is_done_once(words in "[a-zé ':;!?%«»0-9]{0,40}") {
            let once = typeset(&words);
            prop_assert_eq!(&typeset(&once), &once);
            for wrong in [" :", " ;", " !", " ?", " %", " »", "« ", "'"] {
                prop_assert!(!once.contains(wrong), "{:?}", once);
            }
        }
    }

    #[test]
    fn spans_of_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let told = |from, to| span(day(from), day(to)).replace(NBSP, " ");
        assert_eq!(told("2025-01-13", "2025-01-17"), "du 13 au 17 janvier 2025");
        assert_eq!(told("2025-01-01", "2025-01-02"), "du 1er au 2 janvier 2025");
        let two = told("2025-01-30", "2025-02-02");
        assert_eq!(two, "du 30 janvier 2025 au 2 février 2025");
        assert_eq!(told("2025-03-03", "2025-03-03"), "le 3 mars 2025");
    }

    #[test]
    fn dates_and_sentences() {
        assert_eq!(
            date("2025-09-01".parse().unwrap()),
            "1er\u{a0}septembre\u{a0}2025"
        );
        assert_eq!(minute_of_day(485), "8\u{a0}h\u{a0}05");
        assert_eq!(
            typeset("« l'ENT » : 5 % ?"),
            "«\u{a0}l’ENT\u{a0}»\u{a0}: 5\u{a0}%\u{202f}?"
        );
    }
}
