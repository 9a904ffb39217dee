//! What goes out of the lake for good: lines and facts whose retention is over,
//! and one person. Files are dropped or written again without some rows; the
//! ledger changes at once, so a killed run leaves the old lake or the new one.

use super::ledger::{Change, StoredFile};
use super::writer::{self, free_name};
use super::{Column, InputFile, LedgerEntry, Table, Writer, checksum, hex, io_message};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{cast, concat_batches, filter_record_batch};
use arrow::datatypes::{Date32Type, TimestampMillisecondType, UInt64Type};
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that went, by table.
pub type Erased = BTreeMap<Table, u64>;

/// What retention takes.
pub struct Purge {
    /// Lines (requests, events, logins) of days before this one go.
    pub lines_before: NaiveDate,
    /// Visits of days before this one go, and what directories told of school
    /// years that ended before it.
    pub visits_before: NaiveDate,
    /// Files that keep what is to stay of the lines, under [`Writer::stage`].
    pub kept: Vec<(Table, PathBuf)>,
    /// Of accounts under way at the cut, until when (milliseconds UTC) their
    /// requests of the first day that stays belong to a visit that was kept.
    pub under_way: FxHashMap<u64, i64>,
}

const LINES: [Table; 3] = [Table::Requests, Table::Events, Table::Logins];
const PAST: [Table; 4] = [
    Table::PastVisits,
    Table::PastVisitServices,
    Table::PastMinutes,
    Table::PastSourceHours,
];
const FACTS: [Table; 5] = [
    Table::DirectorySnapshots,
    Table::Accounts,
    Table::Attachments,
    Table::Kinships,
    Table::PlatformAccounts,
];

impl Purge {
    /// Whether a file of lines goes, by its path.
    fn drops_lines(&self, path: &str) -> bool {
        line_day(path).is_some_and(|(_, day)| day < self.lines_before)
    }

    /// Whether the facts of a school year go.
    fn drops_year(&self, school_year: &str) -> bool {
        let end = school_year.split('-').nth(1).and_then(|y| y.parse().ok());
        let end = end.and_then(|year| NaiveDate::from_ymd_opt(year, 7, 31));
        end.is_some_and(|end| end < self.visits_before)
    }
}

/// Table and day of a file of lines.
fn line_day(path: &str) -> Option<(Table, NaiveDate)> {
    super::lines::place(path).filter(|(table, _)| LINES.contains(table))
}

fn table_of(path: &str) -> Option<Table> {
    let folder = path.split('/').next()?;
    Table::ALL.into_iter().find(|table| table.name() == folder)
}

impl Writer<'_> {
    /// The path of a file that is made for [`Purge::kept`].
    pub fn stage(&self, table: Table) -> Result<PathBuf, String> {
        let folder = self.lake.root.join("staging/kept");
        fs::create_dir_all(&folder).map_err(|e| io_message(&folder, &e))?;
        Ok(folder.join(table.name()))
    }

    /// What a purge would take.
    pub fn would_purge(&self, purge: &Purge) -> Result<Erased, String> {
        let mut draft = Draft::new(self)?;
        draft.drop_files(purge)?;
        Ok(draft.erased)
    }

    /// Applies retention; `at` names the record.
    pub fn purge(&self, purge: &Purge, at: NaiveDate) -> Result<Erased, String> {
        let mut draft = Draft::new(self)?;
        draft.drop_files(purge)?;
        draft.close_visits(purge)?;
        let mut record = draft.record("purge", at);
        for table in LINES {
            record.floors.insert(table, purge.lines_before);
        }
        for (table, staged) in &purge.kept {
            let rows = rows_of(staged)?;
            if rows == 0 {
                continue;
            }
            let path = free_name(&self.lake.root, &table.folder(None), &record.digest);
            let target = self.lake.root.join(&path);
            let folder = self.lake.root.join(table.name());
            fs::create_dir_all(&folder).map_err(|e| io_message(&folder, &e))?;
            fs::rename(staged, &target).map_err(|e| io_message(&target, &e))?;
            let sha256 = Some(checksum(&target)?);
            record.files.push(StoredFile { path, rows, sha256 });
        }
        draft.apply(record)
    }

    /// Takes all rows of some pseudonyms out of every table.
    pub fn forget(&self, people: &FxHashSet<u64>, at: NaiveDate) -> Result<Erased, String> {
        let mut draft = Draft::new(self)?;
        for path in draft.paths() {
            let Some(table) = table_of(&path).filter(|t| holds_people(*t)) else {
                continue;
            };
            if mentions(&self.lake.root.join(&path), table, people)? {
                draft.rewrite(table, &path, |rows| without(table, rows, people))?;
            }
        }
        let record = draft.record("erasure", at);
        draft.apply(record)
    }

    /// Every place of the lake where a pseudonym still stands: decoded values,
    /// and the bytes of files of any kind.
    pub fn traces(&self, people: &FxHashSet<u64>) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for table in Table::ALL.into_iter().filter(|table| holds_people(*table)) {
            for path in self.lake.files(table)? {
                if mentions(&path, table, people)? {
                    found.push(path.display().to_string());
                }
            }
        }
        let needles: Vec<[u8; 8]> = people.iter().map(|p| p.to_le_bytes()).collect();
        raw_traces(&self.lake.root, &needles, &mut found)?;
        Ok(found)
    }
}

fn raw_traces(folder: &Path, needles: &[[u8; 8]], found: &mut Vec<String>) -> Result<(), String> {
    for item in fs::read_dir(folder).map_err(|e| io_message(folder, &e))? {
        let path = item.map_err(|e| io_message(folder, &e))?.path();
        if path.is_dir() {
            raw_traces(&path, needles, found)?;
            continue;
        }
        let bytes = fs::read(&path).map_err(|e| io_message(&path, &e))?;
        let holds = |needle: &[u8; 8]| memchr::memmem::find(&bytes, needle).is_some();
        if needles.iter().any(holds) {
            found.push(path.display().to_string());
        }
    }
    Ok(())
}

fn holds_people(table: Table) -> bool {
    table.columns().iter().any(Table::is_of_people)
}

/// The ledger as it will be.
struct Draft<'w> {
    writer: &'w Writer<'w>,
    entries: BTreeMap<String, LedgerEntry>,
    touched: BTreeSet<String>,
    unlink: Vec<String>,
    erased: Erased,
    digest: Sha256,
}

impl<'w> Draft<'w> {
    fn new(writer: &'w Writer<'w>) -> Result<Self, String> {
        let mut digest = Sha256::new();
        digest.update(writer.lake.revision()?);
        Ok(Self {
            entries: writer.entries()?,
            touched: BTreeSet::new(),
            unlink: Vec::new(),
            erased: Erased::new(),
            digest,
            writer,
        })
    }

    fn paths(&self) -> BTreeSet<String> {
        let files = self.entries.values().flat_map(|entry| &entry.files);
        files.map(|file| file.path.clone()).collect()
    }

    /// Drops the files that hold nothing that may stay.
    fn drop_files(&mut self, purge: &Purge) -> Result<(), String> {
        let root = &self.writer.lake.root;
        for path in self.paths() {
            let Some(table) = table_of(&path) else {
                continue;
            };
            let goes = if FACTS.contains(&table) {
                let mut years = BTreeSet::new();
                super::lines::read_texts(&root.join(&path), "school_year", &mut years)?;
                !years.is_empty() && years.iter().all(|year| purge.drops_year(year))
            } else {
                purge.drops_lines(&path)
            };
            if goes {
                self.drop_file(table, &path);
            } else if PAST.contains(&table) {
                self.drop_past(table, &path, purge)?;
            }
        }
        Ok(())
    }

    /// A file of what was kept before is in the one that is kept now, but for
    /// the days that are too old.
    fn drop_past(&mut self, table: Table, path: &str, purge: &Purge) -> Result<(), String> {
        let before = self.erased.get(&table).copied();
        let mut old = 0;
        if table == Table::PastVisits {
            let limit = Date32Type::from_naive_date(purge.visits_before);
            for rows in batches(&self.writer.lake.root.join(path))? {
                let rows = typed(table, &rows?)?;
                let days = column(&rows, "day").as_primitive::<Date32Type>();
                old += days.values().iter().filter(|day| **day < limit).count() as u64;
            }
        }
        self.drop_file(table, path);
        // What moves into the new file is not gone.
        match before.unwrap_or(0) + old {
            0 => self.erased.remove(&table),
            rows => self.erased.insert(table, rows),
        };
        Ok(())
    }

    fn drop_file(&mut self, table: Table, path: &str) {
        for entry in self.entries.values_mut() {
            for file in entry.files.extract_if(.., |file| file.path == path) {
                entry.erased += file.rows;
                *self.erased.entry(table).or_default() += file.rows;
                self.touched.insert(entry.digest.clone());
            }
        }
        self.unlink.push(path.to_owned());
    }

    /// Requests of the first day that stays lose their account where they
    /// belong to a visit that was kept: else it would count twice.
    fn close_visits(&mut self, purge: &Purge) -> Result<(), String> {
        if purge.under_way.is_empty() {
            return Ok(());
        }
        for path in self.paths() {
            let Some((table, day)) = line_day(&path) else {
                continue;
            };
            if day == purge.lines_before && table != Table::Logins {
                self.rewrite(table, &path, |rows| closed(table, rows, &purge.under_way))?;
            }
        }
        Ok(())
    }

    /// Writes a file again with other rows of its table, unless they are the same.
    fn rewrite(
        &mut self,
        table: Table,
        path: &str,
        edit: impl Fn(RecordBatch) -> Result<RecordBatch, String>,
    ) -> Result<(), String> {
        let root = &self.writer.lake.root;
        let old = whole(table, &root.join(path))?;
        let (before, new) = (old.num_rows(), edit(old.clone())?);
        if new == old {
            return Ok(());
        }
        let mut hash = self.digest.clone();
        hash.update(path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let made = free_name(root, folder, &hex(&hash.finalize()));
        if new.num_rows() > 0 {
            let target = root.join(&made);
            let file = writer::write_batch(table, &new, &target)?;
            file.sync_all().map_err(|e| io_message(&target, &e))?;
        }
        let gone = (before - new.num_rows()) as u64;
        let sha256 = match new.num_rows() {
            0 => None,
            _ => Some(checksum(&root.join(&made))?),
        };
        let made = StoredFile {
            path: made,
            rows: new.num_rows() as u64,
            sha256,
        };
        self.replace_file(path, &made, gone);
        if gone > 0 {
            *self.erased.entry(table).or_default() += gone;
        }
        self.unlink.push(path.to_owned());
        Ok(())
    }

    /// A file has another name and fewer rows; of a file that several inputs
    /// share nobody knows whose rows went.
    fn replace_file(&mut self, path: &str, made: &StoredFile, mut gone: u64) {
        for entry in self.entries.values_mut() {
            for file in entry.files.iter_mut().filter(|file| file.path == path) {
                let taken = gone.min(file.rows);
                gone -= taken;
                file.rows -= taken;
                entry.erased += taken;
                file.path.clone_from(&made.path);
                file.sha256.clone_from(&made.sha256);
                self.touched.insert(entry.digest.clone());
            }
            let is_empty = made.rows == 0;
            entry
                .files
                .retain(|file| !is_empty || file.path != made.path);
            entry.files.sort_by(|a, b| a.path.cmp(&b.path));
        }
    }

    /// The record of what is done: rows by table, no person.
    fn record(&self, kind: &str, at: NaiveDate) -> LedgerEntry {
        let mut hash = self.digest.clone();
        hash.update(format!("{kind} {at}"));
        let mut record = LedgerEntry::record(hex(&hash.finalize()), kind, at.to_string());
        for (table, rows) in &self.erased {
            let mut file = InputFile {
                name: table.name().into(),
                counts: super::Counts::default(),
            };
            file.counts.notes.insert("erased".into(), *rows);
            record.inputs.push(file);
        }
        record
    }

    fn apply(mut self, record: LedgerEntry) -> Result<Erased, String> {
        let touched = std::mem::take(&mut self.touched);
        let mut store: Vec<LedgerEntry> = touched
            .iter()
            .filter_map(|digest| self.entries.remove(digest))
            .collect();
        store.push(record);
        let change = Change {
            store,
            unlink: self.unlink,
            drop_marts: true,
            ..Change::default()
        };
        let root = &self.writer.lake.root;
        change.apply(root)?;
        let entries = self.writer.entries()?;
        *self.writer.lines.borrow_mut() = super::LineIndex::new(root, entries.values());
        Ok(self.erased)
    }
}

fn damaged(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!(
        "`{}` is damaged: {error}\nhint: take its input back with `entobs retract`, and ingest it again",
        path.display()
    )
}

/// Rows of a file; none where the engine had nothing to write.
fn rows_of(path: &Path) -> Result<u64, String> {
    let mut count = 0;
    if path.exists() {
        for rows in batches(path)? {
            count += rows?.num_rows() as u64;
        }
    }
    Ok(count)
}

fn batches(
    path: &Path,
) -> Result<impl Iterator<Item = Result<RecordBatch, String>> + use<>, String> {
    let file = File::open(path).map_err(|e| io_message(path, &e))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|e| damaged(path, &e))?;
    let path = path.to_owned();
    Ok(reader.map(move |batch| batch.map_err(|e| damaged(&path, &e))))
}

/// Rows in the types of their table: an engine may have written others.
fn typed(table: Table, rows: &RecordBatch) -> Result<RecordBatch, String> {
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| {
        let column = column(rows, field.name());
        cast(column, field.data_type()).map_err(|e| e.to_string())
    });
    let columns = columns.collect::<Result<Vec<ArrayRef>, String>>()?;
    RecordBatch::try_new(schema.clone(), columns).map_err(|e| e.to_string())
}

fn column<'a>(rows: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    let found = rows.column_by_name(name);
    found.expect("a file has the columns of its table")
}

fn whole(table: Table, path: &Path) -> Result<RecordBatch, String> {
    let mut parts = Vec::new();
    for rows in batches(path)? {
        parts.push(typed(table, &rows?)?);
    }
    concat_batches(&table.schema(), &parts).map_err(|e| e.to_string())
}

fn people_columns(table: Table) -> impl Iterator<Item = &'static str> {
    let columns = table.columns().iter();
    columns
        .filter(|c| Table::is_of_people(c))
        .map(|Column(name, _)| *name)
}

/// Whether a file has a row about somebody.
fn mentions(path: &Path, table: Table, people: &FxHashSet<u64>) -> Result<bool, String> {
    for rows in batches(path)? {
        let rows = rows?;
        for name in people_columns(table) {
            let values = column(&rows, name).as_primitive::<UInt64Type>();
            if values.iter().flatten().any(|value| people.contains(&value)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Rows without some people. A pupil stays where a legal relative goes.
fn without(
    table: Table,
    rows: RecordBatch,
    people: &FxHashSet<u64>,
) -> Result<RecordBatch, String> {
    let mut keep = vec![true; rows.num_rows()];
    for name in people_columns(table).filter(|name| *name != "parent") {
        let values = column(&rows, name).as_primitive::<UInt64Type>();
        for (keep, value) in keep.iter_mut().zip(values) {
            *keep &= value.is_none_or(|value| !people.contains(&value));
        }
    }
    let kept = filter_record_batch(&rows, &BooleanArray::from(keep)).map_err(|e| e.to_string())?;
    match table {
        Table::Kinships => with_column(&kept, "parent", |_, value| !people.contains(&value)),
        _ => Ok(kept),
    }
}

/// Rows of the first day that stays, without the account of a visit under way.
fn closed(
    table: Table,
    rows: RecordBatch,
    under_way: &FxHashMap<u64, i64>,
) -> Result<RecordBatch, String> {
    let name = people_columns(table).next().expect("lines have an account");
    let times = column(&rows, "time")
        .as_primitive::<TimestampMillisecondType>()
        .clone();
    with_column(&rows, name, |row, account| {
        let until = under_way.get(&account);
        until.is_none_or(|until| times.is_null(row) || times.value(row) > *until)
    })
}

/// Rows whose values of a column of pseudonyms become null unless they are kept.
fn with_column(
    rows: &RecordBatch,
    name: &str,
    keep: impl Fn(usize, u64) -> bool,
) -> Result<RecordBatch, String> {
    let values = column(rows, name).as_primitive::<UInt64Type>();
    let values = values.iter().enumerate();
    let new: arrow::array::UInt64Array = values
        .map(|(row, value)| value.filter(|value| keep(row, *value)))
        .collect();
    let place = rows.schema().index_of(name).map_err(|e| e.to_string())?;
    let mut columns = rows.columns().to_vec();
    columns[place] = Arc::new(new);
    RecordBatch::try_new(rows.schema(), columns).map_err(|e| e.to_string())
}
