//! Cells and tables of a document from protected values.

use crate::document::{Table, TableCell};
use crate::french;
use crate::privacy::disclosure::Shown;
use std::collections::BTreeSet;

/// A cell of text.
pub(super) fn text(text: impl Into<String>) -> TableCell {
    TableCell {
        text: text.into(),
        number: None,
        ratio: false,
    }
}

/// A count or a real number.
pub(super) fn number(value: &Shown) -> TableCell {
    TableCell {
        text: french::shown(value),
        number: value.number(),
        ratio: false,
    }
}

/// A ratio over a base.
pub(super) fn rate(value: &Shown, base: &Shown) -> TableCell {
    TableCell {
        text: french::shown_percent(value, base),
        number: value.number(),
        ratio: true,
    }
}

/// A ratio over a base, of a hundred: without a sign, it may be more.
pub(super) fn per_hundred(value: &Shown, base: i64) -> TableCell {
    let number = value.number();
    let text = number.map(|number| french::per_hundred(number, base));
    TableCell {
        text: text.unwrap_or_else(|| french::shown(value)),
        number: number.map(|number| number * 100.0),
        ratio: false,
    }
}

/// `;`-separated, UTF-8 with BOM, a status column for each table.
pub(super) fn csv(table: &Table) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = String::from("\u{feff}");
    let header: Vec<String> = table.header.iter().map(|h| quote(h)).collect();
    out.push_str(&format!("{};\"statut\"\n", header.join(";")));
    for row in &table.rows {
        let mut marks = Vec::new();
        let cells = row
            .iter()
            .enumerate()
            .map(|(place, cell)| match cell.number {
                Some(number) => {
                    marks.extend(cell.is_provisional().then(|| "p".to_owned()));
                    format!("{number}").replace('.', ",")
                }
                None if place < table.text_columns => quote(&cell.text),
                None => {
                    marks.push(cell.text.clone());
                    String::new()
                }
            });
        let cells: Vec<String> = cells.collect();
        let mut told = BTreeSet::new();
        marks.retain(|mark| told.insert(mark.clone()));
        out.push_str(&format!(
            "{};{}\n",
            cells.join(";"),
            quote(&marks.join(" "))
        ));
    }
    out
}
