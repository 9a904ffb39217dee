//! Which lines the lake holds, so that each is kept once, whatever files bring
//! it: the same log delivered longer, cut in two, or overlapping another.
//!
//! A line is known by its source, its second, 47 bits of its keyed hash and how
//! often it occurs. That is as sure as 64 bits without the second: at 100 lines a
//! second, day and night, two unequal lines would be taken for equal once in 900 years.
//!
//! Of several files that hold a line, the one that holds it most often says how
//! often it is: so equal lines of one second are all kept, once, in any order of
//! the files. Two equal lines that a cut separates count once, for nothing says
//! that they are two.

use super::io_message;
use super::ledger::LedgerEntry;
use super::table::{Column, Table};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{TimestampMillisecondType, UInt64Type};
use chrono::NaiveDate;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The column of the hash.
pub(super) const LINE_HASH: &str = "line_hash";

/// Bits of a hash that are stored. 17 bits tell the seconds of a local day, of
/// which the longest has 25 hours: both make one number.
const HASH_BITS: u32 = 47;

/// What is stored of the hash of a line.
pub fn stored_hash(hash: u64) -> u64 {
    hash >> (u64::BITS - HASH_BITS)
}

/// A line within a source and a local day, by its instant and stored hash.
pub fn line_key(milliseconds: i64, stored_hash: u64) -> u64 {
    let second = milliseconds.div_euclid(1_000) as u64;
    second << HASH_BITS | stored_hash
}

/// The files of the lake that hold lines, by table, source and day.
#[derive(Default)]
pub(super) struct LineIndex {
    root: PathBuf,
    files: BTreeMap<(Table, String, NaiveDate), BTreeSet<String>>,
    /// Before which day the lines of a table were purged.
    floors: BTreeMap<Table, NaiveDate>,
}

/// Lines of a day: each key once, how often the lake holds it, and how often
/// it came so far. 16 bytes a line.
#[derive(Default)]
struct Day {
    keys: Vec<u64>,
    held: Vec<u32>,
    seen: Vec<u32>,
}

impl Day {
    fn of(mut all: Vec<u64>) -> Self {
        all.sort_unstable();
        let mut day = Self::default();
        for key in all {
            if day.keys.last() != Some(&key) {
                day.keys.push(key);
                day.held.push(0);
            }
            *day.held.last_mut().expect("just pushed") += 1;
        }
        day.seen = vec![0; day.keys.len()];
        day
    }

    fn is_new(&mut self, key: u64) -> bool {
        // A day of which the lake holds nothing has nothing to be compared with.
        let Ok(place) = self.keys.binary_search(&key) else {
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
            floors: BTreeMap::new(),
        };
        entries.for_each(|entry| index.add(entry));
        index
    }

    pub fn add(&mut self, entry: &LedgerEntry) {
        for (table, day) in &entry.floors {
            let floor = self.floors.entry(*table).or_insert(*day);
            *floor = (*floor).max(*day);
        }
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
        let gone: Vec<String> = entry.files.iter().map(|file| file.path.clone()).collect();
        self.remove_files(&gone);
    }

    /// Files are gone.
    pub fn remove_files(&mut self, gone: &[String]) {
        let gone: BTreeSet<&String> = gone.iter().collect();
        for files in self.files.values_mut() {
            files.retain(|path| !gone.contains(path));
        }
    }

    /// Whether the lines of a day were purged: the lake held them, and takes
    /// none of them again.
    fn is_purged(&self, table: Table, day: NaiveDate) -> bool {
        self.floors.get(&table).is_some_and(|floor| day < *floor)
    }

    /// The lines that the lake holds of a source and a day.
    fn held(&self, table: Table, source: &str, day: NaiveDate) -> Result<Day, String> {
        let mut held = Vec::new();
        let key = (table, source.to_owned(), day);
        for file in self.files.get(&key).into_iter().flatten() {
            read_keys(&self.root.join(file), &mut held)?;
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

pub(super) fn read_keys(path: &Path, held: &mut Vec<u64>) -> Result<(), String> {
    for batch in batches(path, &["time", LINE_HASH])? {
        let batch = batch?;
        let times = batch.column(0).as_primitive::<TimestampMillisecondType>();
        let hashes = batch.column(1).as_primitive::<UInt64Type>();
        let lines = times.values().iter().zip(hashes.values());
        held.extend(lines.map(|(time, hash)| line_key(*time, *hash)));
    }
    Ok(())
}

/// Adds the texts of a column of a file.
pub(super) fn read_texts(
    path: &Path,
    column: &str,
    texts: &mut BTreeSet<String>,
) -> Result<(), String> {
    for batch in batches(path, &[column])? {
        let batch = batch?;
        let values = batch.column(0).as_string::<i32>().iter().flatten();
        texts.extend(values.map(str::to_owned));
    }
    Ok(())
}

/// Some columns of a file.
fn batches(
    path: &Path,
    columns: &[&str],
) -> Result<impl Iterator<Item = Result<RecordBatch, String>>, String> {
    let shown = path.display().to_string();
    let message = move |error: &dyn std::fmt::Display| {
        format!(
            "`{shown}` is damaged: {error}\nhint: `entobs lake verify --repair` takes it out; then `entobs run` reads its inputs again"
        )
    };
    let file = File::open(path).map_err(|e| io_message(path, &e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| message(&e))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader = builder.with_projection(mask).build();
    let reader = reader.map_err(|e| message(&e))?;
    Ok(reader.map(move |batch| batch.map_err(|e| message(&e))))
}

/// The lines of one input as they come, against those of the lake.
#[derive(Default)]
pub(super) struct Arrivals {
    days: BTreeMap<(Table, NaiveDate), Day>,
    /// The day asked for last; lines of a day follow each other.
    last: Option<((Table, NaiveDate), Day)>,
}

impl Arrivals {
    /// Whether the lake does not hold this occurrence of a line yet.
    pub fn is_new(
        &mut self,
        index: &LineIndex,
        source: &str,
        table: Table,
        day: NaiveDate,
        key: u64,
    ) -> Result<bool, String> {
        if index.is_purged(table, day) {
            return Ok(false);
        }
        Ok(self.day(index, source, table, day)?.is_new(key))
    }

    /// Whether the lake holds no line of a day: then every line of it is new.
    pub fn is_new_day(
        &mut self,
        index: &LineIndex,
        source: &str,
        table: Table,
        day: NaiveDate,
    ) -> Result<bool, String> {
        if index.is_purged(table, day) {
            return Ok(false);
        }
        Ok(self.day(index, source, table, day)?.keys.is_empty())
    }

    fn day(
        &mut self,
        index: &LineIndex,
        source: &str,
        table: Table,
        day: NaiveDate,
    ) -> Result<&mut Day, String> {
        let place = (table, day);
        if self.last.as_ref().is_none_or(|(last, _)| *last != place) {
            let state = match self.days.remove(&place) {
                Some(state) => state,
                None => index.held(table, source, day)?,
            };
            if let Some((last, state)) = self.last.replace((place, state)) {
                self.days.insert(last, state);
            }
        }
        Ok(&mut self.last.as_mut().expect("just put there").1)
    }
}
