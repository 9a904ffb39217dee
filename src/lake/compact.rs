//! The lines of a day and a source as one file in one order: the same bytes
//! whatever files brought them, in whatever order.

use super::ledger::{Change, sync_folder};
use super::writer::{self, free_name};
use super::{Table, Writer, hex, integrity, io_message};
use arrow::array::RecordBatch;
use arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

/// What compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Files of several inputs that are one now.
    pub before: usize,
    /// Files made.
    pub after: usize,
}

/// The files of a table, a source and a day.
type Groups = BTreeMap<(Table, String, NaiveDate), BTreeSet<String>>;

impl Writer<'_> {
    /// Puts the files of each day and source together. An input taken back
    /// later takes the whole day of its source with it, until the others that
    /// share it are read again.
    pub fn compact(&self) -> Result<Compacted, String> {
        let mut done = Compacted::default();
        for ((table, source, day), files) in self.groups()? {
            let wanted = name_of(&source);
            let is_done = files.len() == 1 && files.iter().all(|file| file.contains(&wanted));
            if !is_done {
                self.compact_day(table, &source, day, &files)?;
                done.before += files.len();
                done.after += 1;
            }
        }
        Ok(done)
    }

    fn groups(&self) -> Result<Groups, String> {
        let mut groups = Groups::new();
        for entry in self.entries()?.into_values() {
            for file in &entry.files {
                if let Some((table, day)) = super::lines::place(&file.path) {
                    let key = (table, entry.source.clone(), day);
                    groups.entry(key).or_default().insert(file.path.clone());
                }
            }
        }
        Ok(groups)
    }

    fn compact_day(
        &self,
        table: Table,
        source: &str,
        day: NaiveDate,
        files: &BTreeSet<String>,
    ) -> Result<(), String> {
        let root = &self.lake.root;
        let rows = sorted(table, root, files)?;
        let made = free_name(root, &table.folder(Some(day)), &name_of(source));
        store(table, &rows, &root.join(&made))?;
        let sha256 = integrity::checksum(&root.join(&made))?;
        let mut change = Change {
            unlink: files.iter().cloned().collect(),
            ..Change::default()
        };
        for mut entry in self.entries()?.into_values() {
            let mut touched = false;
            for file in entry.files.iter_mut().filter(|f| files.contains(&f.path)) {
                file.path.clone_from(&made);
                file.sha256 = Some(sha256.clone());
                touched = true;
            }
            if touched {
                entry.merge_files();
                change.store.push(entry);
            }
        }
        change.apply(root)?;
        self.lines.borrow_mut().replace(files, &made);
        Ok(())
    }
}

/// The name of the files of a source that hold whole days.
fn name_of(source: &str) -> String {
    hex(&Sha256::digest(format!("whole days of {source}")))[..32].to_owned()
}

/// All rows of the files by time, then by hash: lines that are equal in both
/// are the same line.
fn sorted(table: Table, root: &Path, files: &BTreeSet<String>) -> Result<RecordBatch, String> {
    let mut batches = Vec::new();
    for file in files {
        read(&root.join(file), &mut batches)?;
    }
    let all = concat_batches(&table.schema(), &batches).map_err(|e| e.to_string())?;
    let by = ["time", super::lines::LINE_HASH].map(|name| SortColumn {
        values: all.column_by_name(name).expect("a line has both").clone(),
        options: None,
    });
    let order = lexsort_to_indices(&by, None).map_err(|e| e.to_string())?;
    take_record_batch(&all, &order).map_err(|e| e.to_string())
}

pub(super) fn read(path: &Path, batches: &mut Vec<RecordBatch>) -> Result<(), String> {
    let message = |error: &dyn std::fmt::Display| {
        format!(
            "`{}` is damaged: {error}\nhint: `entobs lake verify --repair` takes it out; then `entobs run` reads its inputs again",
            path.display()
        )
    };
    let file = File::open(path).map_err(|e| io_message(path, &e))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|e| message(&e))?;
    for batch in reader {
        batches.push(batch.map_err(|e| message(&e))?);
    }
    Ok(())
}

fn store(table: Table, rows: &RecordBatch, path: &Path) -> Result<(), String> {
    let staged = path.with_extension("tmp");
    let file = writer::write_batch(table, rows, &staged)?;
    file.sync_all().map_err(|e| io_message(&staged, &e))?;
    fs::rename(&staged, path).map_err(|e| io_message(path, &e))?;
    sync_folder(path.parent().expect("a file is in a folder"))
}
