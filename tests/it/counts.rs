//! The figures of the report against a second program over the raw inputs.

use crate::fixture::observatory;
use crate::page::Page;
use crate::second_program;
use chrono::NaiveDate;

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
const DAYS: [&str; 7] = [
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
];

/// `1er septembre 2025` as a day; `septembre 2025` as its first.
fn day(text: &str) -> NaiveDate {
    let words: Vec<&str> = text.split('\u{a0}').collect();
    let month = |name: &str| MONTHS.iter().position(|m| *m == name).unwrap() as u32 + 1;
    match words[..] {
        [number, name, year] => {
            let number = number.trim_end_matches("er").parse().unwrap();
            NaiveDate::from_ymd_opt(year.parse().unwrap(), month(name), number).unwrap()
        }
        [name, year] => NaiveDate::from_ymd_opt(year.parse().unwrap(), month(name), 1).unwrap(),
        _ => panic!("not a date: {text}"),
    }
}

/// The key under which the second program counted a row of a table.
fn key(table: &str, labels: &[String], column: &str) -> String {
    let first = match table {
        "Visites par semaine" | "Demandes par mois et demandes en cours" => {
            day(&labels[0]).to_string()
        }
        "Visites par jour et heure" => {
            let weekday = DAYS.iter().position(|d| *d == labels[0]).unwrap() + 1;
            format!("{weekday} / {}", labels[1].trim_end_matches("\u{a0}h"))
        }
        _ => labels.join(" / "),
    };
    format!("{first} / {column}")
}

/// A number above zero in a column that the second program counts is one that
/// it found too.
fn assert_nothing_else_is_shown(page: &Page, table: &str, counted: &second_program::Counts) {
    let of_table = || counted.keys().filter(|(name, _)| *name == table);
    let is_counted =
        |column: &str| of_table().any(|(_, key)| key.ends_with(&format!(" / {column}")));
    for (labels, cells) in page.rows(table) {
        // Minutes of school time need a calendar, which it does not have.
        let in_school_time = labels.iter().any(|label| label == "temps scolaire");
        let shown = cells.iter().filter(|(column, value)| {
            !in_school_time && is_counted(column) && value.is_some_and(|value| value > 0.0)
        });
        for (column, value) in shown {
            let wanted = key(table, &labels, column);
            assert!(
                of_table().any(|(_, key)| *key == wanted),
                "{table}: {wanted} = {value:?}"
            );
        }
    }
}

#[test]
fn every_shown_count_of_the_report_is_that_of_the_second_program() {
    let observatory = observatory();
    let counted = second_program::count(&observatory.root.join("entrees"));
    let html = observatory.deliverable("observatoire/2025-2026-S1/observatoire.html");
    let page = Page::new(String::from_utf8(html).unwrap());
    let mut compared = std::collections::BTreeMap::<&str, usize>::new();
    for ((table, wanted), count) in &counted {
        if table.starts_with("query ") {
            continue;
        }
        let found = page.rows(table).into_iter().find_map(|(labels, cells)| {
            cells
                .into_iter()
                .find(|(column, _)| key(table, &labels, column) == *wanted)
        });
        // Else secret, or beyond the rows that the table holds.
        if let Some((_, Some(shown))) = found {
            assert_eq!(shown as i64, *count, "{table}: {wanted}");
            *compared.entry(table).or_default() += 1;
        }
    }
    for table in compared.keys() {
        assert_nothing_else_is_shown(&page, table, &counted);
    }
    assert_eq!(compared.len(), 9, "{compared:?}");
    assert!(compared.values().sum::<usize>() >= 150, "{compared:?}");
}

#[test]
fn counts_that_only_queries_give_are_those_of_the_second_program() {
    let observatory = observatory();
    let counted = second_program::count(&observatory.root.join("entrees"));
    let usage = observatory.query("usage", &["--level", "all", "--role", "all"]);
    let region = usage
        .iter()
        .find(|row| row["node_kind"] == "region")
        .unwrap();
    assert_eq!(
        region["page_views"],
        counted[&("query usage", "page_views".to_owned())]
    );
    let devices = observatory.query("devices", &["--level", "all", "--role", "all"]);
    assert_eq!(devices.len(), 4);
    for row in devices {
        let device = row["device"].as_str().unwrap().to_owned();
        assert_eq!(row["visits"], counted[&("query devices", device)]);
    }
}
