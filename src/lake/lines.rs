//! Which lines the lake holds, so that each is kept once, whatever files bring
//! it: the same log delivered longer, cut in two, or overlapping another.
//!
//! A line is known by its source, its hash and how often it occurs. Of several
//! files that hold a line, the one that holds it most often says how often it
//! is: so equal lines of one second are all kept, once, in any order of the
//! files. Two equal lines that a cut separates count once, for nothing says
//! that they are two.

use super::io_message;
use super::ledger::LedgerEntry;
use super::table::{Column, Table};
use arrow::array::AsArray;
use arrow::datatypes::UInt64Type;
use chrono::NaiveDate;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The column of the hash.
pub(super) const LINE_HASH: &str = "line_hash";

/// The files of the lake that hold lines, by table, source and day.
#[derive(Default)]
pub(super) struct LineIndex {
    root: PathBuf,
    files: BTreeMap<(Table, String, NaiveDate), BTreeSet<String>>,
}

/// How often each hash occurs.
type Occurrences = HashMap<u64, u32>;

impl LineIndex {
    pub fn new<'a>(root: &Path, entries: impl Iterator<Item = &'a LedgerEntry>) -> Self {
        let mut index = Self {
            root: root.to_owned(),
            files: BTreeMap::new(),
        };
        entries.for_each(|entry| index.add(entry));
        index
    }

    pub fn add(&mut self, entry: &LedgerEntry) {
        for file in &entry.files {
            if let Some((table, day)) = place(&file.path) {
                let key = (table, entry.source.clone(), day);
                self.files.entry(key).or_default().insert(file.path.clone());
            }
        }
    }

    /// The lines that the lake holds of a source and a day.
    fn held(&self, table: Table, source: &str, day: NaiveDate) -> Result<Occurrences, String> {
        let mut held = Occurrences::new();
        let key = (table, source.to_owned(), day);
        for file in self.files.get(&key).into_iter().flatten() {
            count(&self.root.join(file), &mut held)?;
        }
        Ok(held)
    }
}

/// Table and day of a file that holds lines (`requests/day=2025-11-03/...`).
fn place(path: &str) -> Option<(Table, NaiveDate)> {
    let (table, rest) = path.split_once("/day=")?;
    let table = Table::ALL.into_iter().find(|known| known.name() == table)?;
    let has_hash = |Column(name, _): &Column| *name == LINE_HASH;
    table.columns().iter().any(has_hash).then_some(())?;
    Some((table, rest.split('/').next()?.parse().ok()?))
}

fn count(path: &Path, held: &mut Occurrences) -> Result<(), String> {
    let message = |error: &dyn std::fmt::Display| {
        format!(
            "`{}` is damaged: {error}\nhint: take its input out of the ledger and ingest it again",
            path.display()
        )
    };
    let file = File::open(path).map_err(|e| io_message(path, &e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| message(&e))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), [LINE_HASH]);
    let reader = builder
        .with_projection(mask)
        .build()
        .map_err(|e| message(&e))?;
    for batch in reader {
        let batch = batch.map_err(|e| message(&e))?;
        for hash in batch
            .column(0)
            .as_primitive::<UInt64Type>()
            .iter()
            .flatten()
        {
            *held.entry(hash).or_insert(0) += 1;
        }
    }
    Ok(())
}

/// The lines of one input as they come, against those of the lake.
#[derive(Default)]
pub(super) struct Arrivals {
    days: BTreeMap<(Table, NaiveDate), Day>,
}

#[derive(Default)]
struct Day {
    held: Occurrences,
    seen: Occurrences,
}

impl Arrivals {
    /// Whether the lake does not hold this occurrence of a line yet.
    pub fn is_new(
        &mut self,
        index: &LineIndex,
        source: &str,
        table: Table,
        day: NaiveDate,
        hash: u64,
    ) -> Result<bool, String> {
        let state = match self.days.entry((table, day)) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Day {
                held: index.held(table, source, day)?,
                seen: Occurrences::new(),
            }),
        };
        // A day of which the lake holds nothing has nothing to be compared with.
        let Some(held) = state.held.get(&hash) else {
            return Ok(true);
        };
        let seen = state.seen.entry(hash).or_insert(0);
        *seen += 1;
        Ok(*seen > *held)
    }
}
