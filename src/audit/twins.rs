//! The tables of one deliverable, told by its workbook and as CSV, held against each other:
//! what one hides, the other must not show.

use super::published::{Deliverable, Table};
use super::{Fault, Finding};
use std::path::Path;

/// Where sheets show other numbers than the CSV tables of the same name, or have none beside
/// them.
pub(super) fn differences(deliverable: &Deliverable) -> Vec<Finding> {
    let sheets = deliverable.sheets.iter();
    let found = sheets.flat_map(|(name, sheet)| {
        let is_twin = |table: &&Table| {
            let stem = Path::new(&table.file).file_stem();
            stem.is_some_and(|stem| stem == name.as_str())
        };
        match deliverable.tables.iter().find(is_twin) {
            Some(table) => compare(name, sheet, table),
            None => vec![finding(name, sheet, None, 0.0)],
        }
    });
    found.collect()
}

/// Numbers of a sheet that are not those of the table, by row and column.
fn compare(name: &str, sheet: &Table, table: &Table) -> Vec<Finding> {
    let mut found = Vec::new();
    for (place, row) in sheet.rows.iter().enumerate() {
        let told = table.rows.get(place).map_or(&[][..], Vec::as_slice);
        for (column, title) in sheet.header.iter().enumerate() {
            let number = |cells: &[String]| cells.get(column).and_then(|cell| number(cell));
            let (here, there) = (number(row), number(told));
            if here.is_some() && here != there {
                let at = format!("ligne {}, « {title} »", place + 1);
                found.push(finding(name, sheet, Some(at), here.unwrap_or_default()));
            }
        }
    }
    found
}

fn number(cell: &str) -> Option<f64> {
    cell.replace(',', ".").parse().ok()
}

fn finding(name: &str, sheet: &Table, at: Option<String>, value: f64) -> Finding {
    let at = at.map_or_else(String::new, |at| format!(", {at}"));
    Finding {
        cell: format!("feuille {name}{at}"),
        fault: Fault::OtherInWorkbook,
        low: value,
        high: Some(value),
        files: vec![sheet.file.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(file: &str, cells: &[[&str; 3]]) -> Table {
        Table {
            file: file.into(),
            header: vec!["Profil".into(), "Visiteurs".into()],
            rows: cells
                .iter()
                .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
                .collect(),
        }
    }

    fn deliverable(sheet: &[[&str; 3]], file: &str) -> Deliverable {
        Deliverable {
            territory: "all".into(),
            period: "2025-2026-S1".into(),
            lake: String::new(),
            rank: 0,
            threshold: 5.0,
            tables: vec![table(
                file,
                &[["Élèves", "1204,5", ""], ["Personnels", "", "s"]],
            )],
            sheets: vec![("02-usages".into(), table("pack.xlsx", sheet))],
            dashboards: Vec::new(),
        }
    }

    #[test]
    fn a_workbook_shows_what_the_table_shows() {
        let same = [["Élèves", "1204,5", ""], ["Personnels", "-", "s"]];
        let told = deliverable(&same, "donnees/02-usages.csv");
        assert!(differences(&told).is_empty());
        let more = [["Élèves", "1204,5", ""], ["Personnels", "3", "s"]];
        let found = differences(&deliverable(&more, "donnees/02-usages.csv"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cell, "feuille 02-usages, ligne 2, « Visiteurs »");
        assert_eq!(found[0].low, 3.0);
        let further = [
            ["Élèves", "1204,5", ""],
            ["Personnels", "", "s"],
            ["Parents", "9", ""],
        ];
        let told = deliverable(&further, "donnees/02-usages.csv");
        assert_eq!(differences(&told).len(), 1);
        // A sheet without table beside it cannot be held against anything.
        let told = deliverable(&same, "donnees/03-usages.csv");
        assert_eq!(differences(&told)[0].cell, "feuille 02-usages");
    }
}
