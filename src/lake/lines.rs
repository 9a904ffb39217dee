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
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
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

/// Lines of a day: each hash once, how often the lake holds it, and how often
/// it came so far. 16 bytes a line.
#[derive(Default)]
struct Day {
    hashes: Vec<u64>,
    held: Vec<u32>,
    seen: Vec<u32>,
}

impl Day {
    fn of(mut all: Vec<u64>) -> Self {
        all.sort_unstable();
        let mut day = Self::default();
        for hash in all {
            if day.hashes.last() != Some(&hash) {
                day.hashes.push(hash);
                day.held.push(0);
            }
            *day.held.last_mut().expect("just pushed") += 1;
        }
        day.seen = vec![0; day.hashes.len()];
        day
    }

    fn is_new(&mut self, hash: u64) -> bool {
        // A day of which the lake holds nothing has nothing to be compared with.
        let Ok(place) = self.hashes.binary_search(&hash) else {
            return true;
        };
        self.seen[place] += 1;
        self.seen[place] > self.held[place]
    }
}

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

    /// Several files became one.
    pub fn replace(&mut self, old: &BTreeSet<String>, new: &str) {
        for files in self.files.values_mut() {
            let before = files.len();
            files.retain(|path| !old.contains(path));
            if files.len() < before {
                files.insert(new.to_owned());
            }
        }
    }

    pub fn remove(&mut self, entry: &LedgerEntry) {
        let gone: BTreeSet<&String> = entry.files.iter().map(|file| &file.path).collect();
        for files in self.files.values_mut() {
            files.retain(|path| !gone.contains(path));
        }
    }

    /// The lines that the lake holds of a source and a day.
    fn held(&self, table: Table, source: &str, day: NaiveDate) -> Result<Day, String> {
        let mut held = Vec::new();
        let key = (table, source.to_owned(), day);
        for file in self.files.get(&key).into_iter().flatten() {
            read_hashes(&self.root.join(file), &mut held)?;
        }
        Ok(Day::of(held))
    }
}

/// Table and day of a file that holds lines (`requests/day=2025-11-03/...`).
pub(super) fn place(path: &str) -> Option<(Table, NaiveDate)> {
    let (table, rest) = path.split_once("/day=")?;
    let table = Table::ALL.into_iter().find(|known| known.name() == table)?;
    let has_hash = |Column(name, _): &Column| *name == LINE_HASH;
    table.columns().iter().any(has_hash).then_some(())?;
    Some((table, rest.split('/').next()?.parse().ok()?))
}

pub(super) fn read_hashes(path: &Path, held: &mut Vec<u64>) -> Result<(), String> {
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
        held.extend(batch.column(0).as_primitive::<UInt64Type>().values());
    }
    Ok(())
}

/// The lines of one input as they come, against those of the lake.
#[derive(Default)]
pub(super) struct Arrivals {
    days: BTreeMap<(Table, NaiveDate), Day>,
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
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(index.held(table, source, day)?),
        };
        Ok(state.is_new(hash))
    }
}
