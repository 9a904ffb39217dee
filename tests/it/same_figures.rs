//! Fifty cells at random, as the dashboard shows them in a browser, as the
//! workbook stores them and as the PDF prints them.

use crate::browser::{Browser, missing};
use crate::fixture::observatory;
use flate2::read::DeflateDecoder;
use std::collections::BTreeMap;
use std::io::Read;
use std::process::Command;

const REPORT: &str = "observatoire/2025-2026-S1/observatoire";
const LEVELS: [(&str, &str); 3] = [
    ("all", "Ensemble"),
    ("1D", "Premier degré"),
    ("2D", "Second degré"),
];
/// Titles of the dashboard and of the report.
const TITLES: [(&str, &str); 7] = [
    ("Comptes chargés", "Chargés"),
    ("Comptes activés", "Activés"),
    ("Taux d’activation", "Taux d’activation"),
    ("Visiteurs", "Visiteurs"),
    ("Taux de visiteurs", "Taux de visiteurs"),
    ("Visites", "Visites"),
    ("Visites par visiteur", "Visites par visiteur"),
];

/// Level, role and title of the dashboard, to the text of a cell.
type Cells = BTreeMap<(String, String, String), String>;

fn on_the_page(browser: &mut Browser) -> Cells {
    let file = observatory()
        .root
        .join("sorties/observatoire/2025-2026-S1/tableau-de-bord.html");
    browser.window(1280, false);
    browser.visit(&file, "");
    let mut cells = Cells::new();
    for (code, level) in LEVELS {
        for view in ["comptes", "ensemble"] {
            browser.follow(&format!("#vue={view}&degre={code}"));
            let rows = browser.value("[...document.querySelector('#vue figure table').rows].map((row) => [...row.cells].map((cell) => cell.textContent))");
            let rows: Vec<Vec<String>> = serde_json::from_value(rows).unwrap();
            for row in &rows[1..] {
                for (title, text) in rows[0].iter().zip(row).skip(1) {
                    let key = (level.to_owned(), row[0].clone(), title.clone());
                    if let Some(before) = cells.insert(key.clone(), text.clone()) {
                        assert_eq!(before, *text, "{key:?}");
                    }
                }
            }
        }
    }
    cells
}

/// The files of a zip archive, by name.
fn unzipped(bytes: &[u8]) -> BTreeMap<String, String> {
    let number = |at: usize, width: usize| -> usize {
        let bytes = bytes[at..at + width].iter().rev();
        bytes.fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let end = bytes.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    let (count, mut at) = (number(end + 10, 2), number(end + 16, 4));
    let mut files = BTreeMap::new();
    for _ in 0..count {
        let (size, name, extra, comment) = (
            number(at + 20, 4),
            number(at + 28, 2),
            number(at + 30, 2),
            number(at + 32, 2),
        );
        let local = number(at + 42, 4);
        let start = local + 30 + number(local + 26, 2) + number(local + 28, 2);
        let mut text = String::new();
        DeflateDecoder::new(&bytes[start..start + size])
            .read_to_string(&mut text)
            .unwrap();
        files.insert(
            String::from_utf8_lossy(&bytes[at + 46..at + 46 + name]).into_owned(),
            text,
        );
        at += 46 + name + extra + comment;
    }
    files
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split(end).next()
}

/// The rows of each sheet as texts.
fn sheets(bytes: &[u8]) -> Vec<Vec<Vec<String>>> {
    let files = unzipped(bytes);
    let shared: Vec<String> = files["xl/sharedStrings.xml"]
        .split("<si>")
        .skip(1)
        .map(|si| {
            between(si, "<t", "</t>")
                .unwrap()
                .split_once('>')
                .unwrap()
                .1
                .to_owned()
        })
        .collect();
    let cell = |xml: &str| {
        let value = between(xml, "<v>", "</v>")?;
        let is_text = xml.split('>').next()?.contains("t=\"s\"");
        Some(if is_text {
            shared[value.parse::<usize>().unwrap()].clone()
        } else {
            value.to_owned()
        })
    };
    let sheets = files
        .iter()
        .filter(|(name, _)| name.starts_with("xl/worksheets/sheet"));
    sheets
        .map(|(_, xml)| {
            let rows = xml.split("<row ").skip(1);
            rows.map(|row| row.split("<c ").skip(1).filter_map(cell).collect())
                .collect()
        })
        .collect()
}

/// Cells of the two tables by level and role, as the workbook stores them.
fn in_the_workbook() -> Cells {
    let mut cells = Cells::new();
    for sheet in sheets(&observatory().deliverable(&format!("{REPORT}.xlsx"))) {
        let Some(at) = sheet
            .iter()
            .position(|row| row.len() > 4 && row[0] == "Degré" && row[1] == "Profil")
        else {
            continue;
        };
        for row in sheet[at + 1..].iter().filter(|row| row.len() > 4) {
            for (page, report) in TITLES {
                let column = sheet[at].iter().position(|title| title == report);
                if let Some(text) = column.and_then(|column| row.get(column)) {
                    cells.insert(
                        (row[0].clone(), row[1].clone(), page.to_owned()),
                        text.clone(),
                    );
                }
            }
        }
    }
    cells
}

/// The lines of the PDF, blanks made one; None without its reader.
fn in_the_pdf() -> Option<Vec<String>> {
    let file = observatory().path(&format!("sorties/{REPORT}.pdf"));
    let output = Command::new("pdftotext")
        .args(["-layout", &file, "-"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    Some(
        text.lines()
            .map(|line| {
                format!(
                    " {} ",
                    line.split_whitespace().collect::<Vec<_>>().join(" ")
                )
            })
            .collect(),
    )
}

/// The number that a French text says, and half of its last digit.
fn said(text: &str) -> Option<(f64, f64)> {
    if text == "-" {
        return Some((0.0, 0.0));
    }
    let percent = text.ends_with('%');
    let plain: String = text
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == ',')
        .collect();
    let decimals = plain
        .split_once(',')
        .map_or(0, |(_, rest)| rest.len() as i32);
    let number: f64 = plain.replace(',', ".").parse().ok()?;
    let unit = if percent { 100.0 } else { 1.0 };
    Some((number / unit, 0.5 * 10_f64.powi(-decimals) / unit))
}

#[test]
fn fifty_cells_of_the_page_are_those_of_the_workbook_and_of_the_pdf() {
    let Some(mut browser) = Browser::open() else {
        return missing("chromium");
    };
    let page = on_the_page(&mut browser);
    let workbook = in_the_workbook();
    let pdf = in_the_pdf();
    if pdf.is_none() {
        missing("pdftotext");
    }
    let mut common: Vec<_> = page
        .iter()
        .filter(|(key, _)| workbook.contains_key(key))
        .collect();
    assert!(
        common.len() >= 50,
        "{} of {} and {}",
        common.len(),
        page.len(),
        workbook.len()
    );
    fastrand::Rng::with_seed(50).shuffle(&mut common);
    let mut numbers = 0;
    for (key, text) in common.into_iter().take(50) {
        let stored = &workbook[key];
        match said(text).zip(stored.parse::<f64>().ok()) {
            Some(((shown, half), stored)) => {
                assert!(
                    (shown - stored).abs() <= half + 1e-9,
                    "{key:?}: {text}, {stored}"
                );
                numbers += 1;
            }
            None => assert_eq!(text, stored, "{key:?}"),
        }
        let Some(lines) = &pdf else { continue };
        let (level, role) = (&key.0, &key.1);
        let wanted = format!(
            " {} ",
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        let found = lines
            .iter()
            .any(|line| line.starts_with(&format!(" {level} {role} ")) && line.contains(&wanted));
        assert!(found, "{key:?}: {text} in the PDF");
    }
    assert!(numbers >= 15, "{numbers} numbers, the rest are marks");
}
