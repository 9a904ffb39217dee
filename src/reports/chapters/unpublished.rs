//! What is said in place of tables and charts that hold nothing to show. Their cells stay in
//! the workbook and the files.

use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::french;

const TOO_FEW: &str =
    "non publié, les effectifs sont trop faibles pour être montrés sans désigner des personnes";

/// A chapter with a sentence in place of each table and chart that holds nothing to show.
pub(super) fn readable(mut chapter: Chapter) -> Chapter {
    for block in &mut chapter.blocks {
        match block {
            Block::Table(table) if table.said.is_none() => table.said = of_table(table),
            Block::Figure(figure) => {
                if let Some(sentence) = of_figure(figure) {
                    let data = std::mem::take(&mut figure.data);
                    *block = instead(data, &sentence);
                }
            }
            _ => {}
        }
    }
    chapter
}

/// A table of which a reader sees a sentence only.
pub(super) fn instead(table: Table, sentence: &str) -> Block {
    Block::Table(Table {
        said: Some(french::typeset(sentence)),
        ..table
    })
}

/// A table of which a reader sees that it is not published.
pub(super) fn withheld(table: Table) -> Block {
    let sentence = format!("{} : {TOO_FEW}.", table.caption);
    instead(table, &sentence)
}

/// Establishments are public: how many there are is nothing that a table is read for.
const PUBLIC: &str = "Établissements";

fn values(table: &Table) -> impl Iterator<Item = &TableCell> {
    let rows = table.rows.iter();
    let cells = rows.flat_map(|row| row.iter().zip(&table.header).skip(table.text_columns));
    cells
        .filter(|(_, name)| *name != PUBLIC)
        .map(|(cell, _)| cell)
}

fn is_nothing(cell: &TableCell) -> bool {
    cell.number.is_none_or(|number| number == 0.0)
}

/// Of a table of marks and zeros of which some are hidden.
fn of_table(table: &Table) -> Option<String> {
    let is_mark = |cell: &TableCell| is_nothing(cell) && is_sign(&cell.text);
    let has = |mark: &str| values(table).any(|cell| cell.text == mark);
    let why = match (has("s"), has("ns")) {
        (true, _) => TOO_FEW,
        (false, true) => "non publié, les effectifs sont trop faibles pour être significatifs",
        _ => return None,
    };
    let sentence = || french::typeset(&format!("{} : {why}.", table.caption));
    values(table).all(is_mark).then(sentence)
}

/// Whether a cell shows a sign, or nothing.
fn is_sign(text: &str) -> bool {
    ["s", "ns", "nd", "///", "-"].contains(&text)
        || text.starts_with("0\u{a0}%")
        || text == "0,0\u{a0}%"
}

/// Of a chart without a value, or of one value only.
fn of_figure(figure: &Figure) -> Option<String> {
    let caption = &figure.data.caption;
    if values(&figure.data).all(is_nothing) {
        let none = format!("{caption} : aucune valeur sur la période.");
        return Some(of_table(&figure.data).unwrap_or(none));
    }
    let rows = figure.data.rows.iter();
    let shown = rows.filter(|row| row.iter().any(|cell| cell.number.is_some()));
    let said = figure.reading.trim_start_matches("Lecture\u{a0}: ");
    (shown.count() < 2).then(|| format!("{caption} : {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, number: Option<f64>) -> TableCell {
        TableCell {
            text: text.into(),
            number,
            ratio: false,
        }
    }

    fn table(cells: &[TableCell]) -> Table {
        let rows = cells
            .iter()
            .map(|of| vec![cell("Élèves", None), of.clone()]);
        Table {
            caption: "Visiteurs par profil".into(),
            header: vec!["Profil".into(), "Visiteurs".into()],
            text_columns: 1,
            rows: rows.collect(),
            ..Table::default()
        }
    }

    fn figure(cells: &[TableCell]) -> Figure {
        Figure {
            id: "a".into(),
            title: "A".into(),
            subtitle: String::new(),
            alt: String::new(),
            reading: "Lecture\u{a0}: 7 élèves.".into(),
            champ: String::new(),
            source: String::new(),
            svg: String::new(),
            data: table(cells),
        }
    }

    #[test]
    fn a_table_of_marks_only_is_a_sentence() {
        let (secret, zero) = (cell("s", None), cell("-", Some(0.0)));
        let said = of_table(&table(&[secret.clone(), zero.clone()])).unwrap();
        assert!(
            said.starts_with("Visiteurs par profil\u{a0}: non publié"),
            "{said}"
        );
        let shown = cell("7", Some(7.0));
        assert_eq!(of_table(&table(&[secret, shown])), None);
        // Nothing is hidden, or there is nothing.
        assert_eq!(of_table(&table(&[zero])), None);
        assert_eq!(of_table(&table(&[])), None);
        // How many establishments there are changes nothing.
        let mut places = table(&[cell("s", None)]);
        places.header.push(PUBLIC.into());
        places.rows[0].push(cell("4", Some(4.0)));
        assert!(of_table(&places).is_some());
        let weak = of_table(&table(&[cell("ns", None), cell("///", None)])).unwrap();
        assert!(weak.ends_with("significatifs."), "{weak}");
    }

    #[test]
    fn a_chart_of_one_value_is_a_sentence() {
        let (secret, seven) = (cell("s", None), cell("7", Some(7.0)));
        let one = of_figure(&figure(&[seven.clone(), secret.clone()])).unwrap();
        assert_eq!(one, "Visiteurs par profil : 7 élèves.");
        assert_eq!(of_figure(&figure(&[seven.clone(), seven])), None);
        let none = of_figure(&figure(&[secret])).unwrap();
        assert!(none.contains("non publié"), "{none}");
        let empty = of_figure(&figure(&[cell("-", Some(0.0))])).unwrap();
        assert!(empty.contains("aucune valeur"), "{empty}");
    }

    #[test]
    fn the_cells_stay_behind_the_sentence() {
        let chapter = Chapter {
            id: "a".into(),
            title: "A".into(),
            blocks: vec![Block::Figure(figure(&[cell("s", None)]))],
        };
        let Block::Table(table) = &readable(chapter).blocks[0] else {
            panic!("no table");
        };
        assert_eq!(table.rows.len(), 1);
        assert!(table.said.is_some() && !table.is_printed());
    }
}
