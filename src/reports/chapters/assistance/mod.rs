//! Requests for assistance: volume, delays in opening hours, service levels, levels
//! that worked on them, beside usage. Shared by all deliverables.

mod compliance;
mod origins;
mod said;
mod tables;
mod weeks;

pub(super) use compliance::{bars as compliance_bars, table_of as compliance};
pub(super) use origins::{blocks as origins, reasons};
pub(super) use said::sentences;
pub(super) use tables::{COHORT, INCIDENTS, MATRIX, QUALITY, WORK};
pub(super) use tables::{backlog, cohort, delays, incidents, matrix, months, quality, work};
pub(super) use weeks::weeks;

use super::text;
use crate::document::{Block, Chapter, Table, TableCell};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable};

/// The chapter of the observatory's report and of the yearly balance.
pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = paragraphs(figures);
    blocks.push(Block::Table(months(figures.table("assistance_months"))));
    blocks.push(Block::Table(delays(figures)));
    blocks.push(Block::Table(compliance(figures)));
    blocks.push(Block::Table(cohort(figures.table("assistance_cohort"))));
    blocks.push(Block::Table(matrix(figures)));
    blocks.extend(reasons(figures).map(Block::Figure));
    blocks.extend(origins(figures));
    blocks.push(Block::Table(incidents(figures)));
    named(blocks)
}

/// The chapter of a partner's pack.
pub(super) fn of_partner(figures: &Figures) -> Chapter {
    let mut blocks = paragraphs(figures);
    blocks.push(Block::Table(months(figures.table("assistance_months"))));
    blocks.push(Block::Table(delays(figures)));
    blocks.push(Block::Table(compliance(figures)));
    blocks.extend(origins(figures));
    named(blocks)
}

/// A paragraph for each sentence.
pub(super) fn paragraphs(figures: &Figures) -> Vec<Block> {
    let said = sentences(figures);
    said.iter().map(|sentence| text(sentence)).collect()
}

fn named(blocks: Vec<Block>) -> Chapter {
    Chapter {
        id: "assistance".into(),
        title: "Assistance".into(),
        blocks,
    }
}

fn table<const N: usize>(
    caption: &str,
    header: [&str; N],
    text_columns: usize,
    rows: Vec<Vec<TableCell>>,
    note: &str,
) -> Table {
    Table {
        caption: french::typeset(caption),
        header: header.map(french::typeset).to_vec(),
        text_columns,
        rows,
        note: french::typeset(note),
        ..Table::default()
    }
}

/// The row of all requests of the period.
pub(super) fn whole(table: &ProtectedTable) -> Option<ProtectedRow<'_>> {
    table.find(&[("dimension", "all")])
}

/// The row of a measure for all priorities.
pub(super) fn of_measure<'a>(table: &'a ProtectedTable, measure: &str) -> Option<ProtectedRow<'a>> {
    let rows = table.rows();
    let mut rows = rows.filter(|row| row.get("measure").text() == measure);
    rows.find(|row| row.get("priority").integer() == Some(0))
}

fn measure_label(measure: &str) -> &'static str {
    match measure {
        "first_response" => "Première réponse",
        _ => "Résolution",
    }
}

fn priority_label(priority: Option<i64>) -> &'static str {
    match priority {
        Some(0) => "Toutes",
        Some(1) => "Très basse",
        Some(2) => "Basse",
        Some(3) => "Moyenne",
        Some(4) => "Haute",
        Some(5) => "Très haute",
        Some(6) => "Majeure",
        _ => "Non renseigné",
    }
}

fn source() -> String {
    french::typeset(
        "Source : outils d’assistance de l’ENT, de l’académie, des collectivités et de l’éditeur.",
    )
}
