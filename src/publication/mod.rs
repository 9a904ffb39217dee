//! From drafts to an edition: what must hold before deliverables are given out, and what is
//! remembered of them.
//!
//! Two gates. Completeness: the logs came, accounts are known, nothing was silent for hours
//! without a word; a person may answer for it by a note, which deliverables print. Disclosure:
//! the audit of the drafts beside all that was published before; nobody can answer for that.
//!
//! Not here: how deliverables are made, and how cells are chosen to be hidden.

mod drafts;
mod gates;

pub use drafts::{Draft, drafts};
pub use gates::{Gate, Limits, Refusal, refusals};

use crate::indicators::Note;
use crate::lake::{CELLS, Edition, Lake, RECORD, TABLES};
use crate::privacy::memory::{self, Memory, Remembered};
use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// What all editions told.
///
/// # Errors
/// An edition that cannot be read.
pub fn memory(lake: &Lake) -> Result<Memory, String> {
    let mut memory = Memory::default();
    for edition in lake.editions()? {
        memory.add(&edition.read(CELLS)?)?;
    }
    Ok(memory)
}

/// What was published, when, and after what.
#[derive(Debug, Serialize)]
struct Record<'a> {
    number: u32,
    /// The day that the operator gave.
    at: NaiveDate,
    program: &'a str,
    /// Digest of the lake that the drafts were made of.
    lake: &'a str,
    /// SHA-256 of the record of the edition before; empty for the first.
    previous: &'a str,
    /// SHA-256 of the file of cells.
    cells: String,
    notes: Vec<&'a Note>,
    deliverables: Vec<Published<'a>>,
}

#[derive(Debug, Serialize)]
struct Published<'a> {
    folder: String,
    title: &'a str,
    perimeter: &'a str,
    period: &'a str,
    /// SHA-256 of the manifest, which has those of all files.
    manifest: String,
}

/// Adds an edition of drafts that passed the gates; returns its number.
///
/// # Errors
/// A lake that cannot be written.
pub fn publish(
    lake: &Lake,
    drafts: &[Draft],
    cells: &[Remembered],
    at: NaiveDate,
) -> Result<u32, String> {
    let writer = lake.writer()?;
    let before = lake.editions()?;
    let number = before.last().map_or(1, |edition| edition.number + 1);
    let cells = memory::write(cells).map_err(|error| format!("cells: {error}"))?;
    let record = record(drafts, before.last(), number, &cells, at);
    let mut files = vec![
        (PathBuf::from(RECORD), record),
        (PathBuf::from(CELLS), cells),
    ];
    for draft in drafts {
        let folder = Path::new(TABLES).join(&draft.folder);
        let kept = draft.kept.iter();
        files.extend(kept.map(|(name, bytes)| (folder.join(name), bytes.clone())));
    }
    writer.add_edition(number, &files)?;
    Ok(number)
}

fn record(
    drafts: &[Draft],
    before: Option<&Edition>,
    number: u32,
    cells: &[u8],
    at: NaiveDate,
) -> Vec<u8> {
    let mut notes: Vec<&Note> = drafts.iter().flat_map(|draft| &draft.notes).collect();
    notes.dedup();
    let record = Record {
        number,
        at,
        program: env!("CARGO_PKG_VERSION"),
        lake: drafts.first().map_or("", |draft| &draft.lake),
        previous: before.map_or("", |edition| &edition.digest),
        cells: crate::lake::hex(&Sha256::digest(cells)),
        notes,
        deliverables: drafts.iter().map(published).collect(),
    };
    let text = serde_json::to_string_pretty(&record).expect("a record is plain data");
    (text + "\n").into_bytes()
}

fn published(draft: &Draft) -> Published<'_> {
    Published {
        folder: draft.folder.display().to_string(),
        title: &draft.title,
        perimeter: &draft.perimeter,
        period: &draft.period,
        manifest: draft.digest.clone(),
    }
}
