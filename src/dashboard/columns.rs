//! A protected table as columns of JSON: dimensions as codes of a dictionary,
//! in runs where that is shorter; measures as whole numbers in the unit in
//! which they are shown, so that what a page does not say is not in its file.
//! Numbers are words in base 36 with a blank between: a third shorter.

use crate::privacy::disclosure::{ProtectedRow, ProtectedTable, Shown};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How a measure is written.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// As it is.
    Count,
    /// A ratio over another column: tenths of a percent, rounded to whole
    /// percents under a base of 1,000 (spec 6, rates).
    Share(&'static str),
    /// A relative change from another column: tenths of a percent, rounded alike.
    Change(&'static str),
    /// One decimal: tenths.
    Tenths,
}

/// What names a cell of an area.
const CELL: [&str; 5] = ["area_kind", "area", "slice", "sector", "role"];

/// Which columns of a table a page needs.
pub(super) struct Layout {
    pub dimensions: &'static [&'static str],
    pub measures: &'static [(&'static str, Form)],
}

/// `{"n": rows, "d": {name: {"v": [texts], "c": "codes"}}, "m": {name: "values"}}`;
/// `"r"` instead of `"c"`: code, times, code, times. Codes of `uai` are places
/// in `uais`, which is sorted. A value is a number, `S`, `N`, `D` for a mark, or
/// `=` for the value before.
pub(super) fn columns(
    table: &ProtectedTable,
    keep: impl Fn(&ProtectedRow<'_>) -> bool,
    layout: &Layout,
    uais: &[&str],
) -> Value {
    let mut rows: Vec<ProtectedRow<'_>> = table.rows().filter(|row| keep(row)).collect();
    // Queries put the roles of a cell side by side, a page reads cell by cell.
    if layout.dimensions.starts_with(&CELL) {
        rows.sort_by_cached_key(|row| CELL.map(|name| text(row.get(name))));
    }
    let mut dimensions = Map::new();
    for name in layout.dimensions {
        let value = match *name {
            "uai" => places(&rows, uais),
            name => dictionary(rows.iter().map(|row| text(row.get(name)))),
        };
        dimensions.insert((*name).into(), value);
    }
    let mut measures = Map::new();
    for (name, form) in layout.measures {
        let values = rows.iter().map(|row| measure(row, name, *form));
        measures.insert((*name).into(), json!(unrepeated(values)));
    }
    json!({ "n": rows.len(), "d": dimensions, "m": measures })
}

fn text(value: &Shown) -> String {
    match value {
        Shown::Text(text) => text.clone(),
        Shown::Integer(number) => number.to_string(),
        Shown::Date(day) => day.to_string(),
        _ => String::new(),
    }
}

fn places(rows: &[ProtectedRow<'_>], uais: &[&str]) -> Value {
    let place = |row: &ProtectedRow<'_>| {
        let found = uais.binary_search(&row.get("uai").text());
        found.unwrap_or(uais.len())
    };
    coded(rows.iter().map(place).collect())
}

fn dictionary(texts: impl Iterator<Item = String>) -> Value {
    let mut known = BTreeMap::new();
    let mut codes = Vec::new();
    let mut order = Vec::new();
    for text in texts {
        let next = order.len();
        let code = *known.entry(text.clone()).or_insert(next);
        if code == next {
            order.push(text);
        }
        codes.push(code);
    }
    let mut value = coded(codes);
    value["v"] = json!(order);
    value
}

fn coded(codes: Vec<usize>) -> Value {
    let mut runs: Vec<usize> = Vec::new();
    let mut last = None;
    for code in &codes {
        match runs.last_mut() {
            Some(times) if last == Some(code) => *times += 1,
            _ => runs.extend([*code, 1]),
        }
        last = Some(code);
    }
    let words = |numbers: &[usize]| {
        let words: Vec<String> = numbers.iter().map(|n| base36(*n as i64)).collect();
        words.join(" ")
    };
    match runs.len() < codes.len() {
        true => json!({ "r": words(&runs) }),
        false => json!({ "c": words(&codes) }),
    }
}

fn unrepeated(words: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    let mut last = String::new();
    for (place, word) in words.enumerate() {
        if place > 0 {
            out.push(' ');
        }
        // One letter says as much as the sign of repetition.
        out.push_str(if word == last && word.len() > 1 {
            "="
        } else {
            &word
        });
        last = word;
    }
    out
}

fn base36(number: i64) -> String {
    let mut digits = Vec::new();
    let mut rest = number.unsigned_abs();
    loop {
        digits.push(char::from_digit((rest % 36) as u32, 36).expect("a digit"));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    let sign = if number < 0 { "-" } else { "" };
    sign.chars().chain(digits.into_iter().rev()).collect()
}

fn measure(row: &ProtectedRow<'_>, name: &str, form: Form) -> String {
    let value = row.get(name);
    let Some(number) = value.number() else {
        let mark = match value {
            Shown::Secret => "S",
            Shown::NotSignificant => "N",
            _ => "D",
        };
        return mark.to_owned();
    };
    let whole = match form {
        Form::Count => number,
        Form::Share(over) | Form::Change(over) if row.get(over).integer().unwrap_or(0) < 1_000 => {
            (number * 100.0).round() * 10.0
        }
        Form::Share(_) | Form::Change(_) => (number * 1_000.0).round(),
        Form::Tenths => (number * 10.0).round(),
    };
    base36(whole as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_runs_where_that_is_shorter() {
        assert_eq!(coded(vec![3, 3, 3, 3, 5]), json!({ "r": "3 4 5 1" }));
        assert_eq!(coded(vec![0, 1, 0]), json!({ "c": "0 1 0" }));
        assert_eq!([0, 35, 36, -1_295].map(base36), ["0", "z", "10", "-zz"]);
        let words = ["10", "10", "s", "s"].map(str::to_owned);
        assert_eq!(unrepeated(words.into_iter()), "10 = s s");
        let texts = ["b", "b", "a", "b"].map(str::to_owned);
        let value = dictionary(texts.into_iter());
        assert_eq!(value, json!({ "c": "0 0 1 0", "v": ["b", "a"] }));
    }
}
