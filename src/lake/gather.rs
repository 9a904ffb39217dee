//! Lakes that processes of a job array made, each of its part of the logs, into
//! one: the lines that two parts brought are kept once, as if one process had read
//! all of them.

use super::{Lake, LedgerEntry, Writer, checksum, compact, line_key, lines};
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{TimestampMillisecondType, UInt64Type};
use std::collections::BTreeSet;

/// What a part gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Inputs that the lake did not hold.
    pub inputs: u64,
    /// Rows taken in.
    pub rows: u64,
    /// Rows that the lake held already.
    pub duplicates: u64,
}

impl Writer<'_> {
    /// Takes in the inputs of a part, which stays as it is. Killed in the middle, it
    /// is done again: inputs that the lake holds are passed over.
    pub fn gather(&self, part: &Lake) -> Result<Gathered, String> {
        let snapshot = part.snapshot()?;
        refuse(part, snapshot.entries().values())?;
        if let Some(key) = part.key()? {
            self.written_with(&key)?;
        }
        let mut done = Gathered::default();
        for entry in snapshot.entries().values() {
            if !self.holds(&entry.digest) {
                self.take_in(part, entry.clone(), &mut done)?;
            }
        }
        Ok(done)
    }

    fn take_in(
        &self,
        part: &Lake,
        mut entry: LedgerEntry,
        done: &mut Gathered,
    ) -> Result<(), String> {
        let mut transaction = self.begin(&entry.source)?;
        let mut known = 0;
        for file in std::mem::take(&mut entry.files) {
            let path = part.root().join(&file.path);
            if file.sha256.is_some() && file.sha256 != Some(checksum(&path)?) {
                part.verify(super::Depth::Bytes)?.whole(part)?;
            }
            let (table, day) = lines::place(&file.path).expect("others were refused");
            let mut batches = Vec::new();
            compact::read(&path, &mut batches)?;
            for batch in batches {
                let new = new_rows(&batch, |key| transaction.is_new_key(table, day, key))?;
                known += (batch.num_rows() - new.num_rows()) as u64;
                done.rows += new.num_rows() as u64;
                if new.num_rows() > 0 {
                    transaction.batch(table, day, &new)?;
                }
            }
        }
        entry.hold_less(known);
        done.duplicates += known;
        done.inputs += 1;
        self.commit(transaction, entry)
    }
}

/// Only what is known line by line adds up, and only where each input has files of
/// its own.
fn refuse<'a>(part: &Lake, entries: impl Iterator<Item = &'a LedgerEntry>) -> Result<(), String> {
    let mut files = BTreeSet::new();
    for entry in entries {
        let adds_up = entry.version_of.is_none();
        let by_line = |path: &str| lines::place(path).is_some();
        if !adds_up || !entry.files.iter().all(|file| by_line(&file.path)) {
            return Err(format!(
                "`{}` holds more than access logs, events and logins ({})\nhint: ingest those into the lake itself",
                part.root().display(),
                entry.kind
            ));
        }
        if !entry.files.iter().all(|file| files.insert(&file.path)) {
            return Err(format!(
                "`{}` is compacted: which input gave which row is not known any more\nhint: compact the lake once all parts are in it",
                part.root().display()
            ));
        }
    }
    Ok(())
}

/// The rows whose lines are new.
fn new_rows(
    batch: &RecordBatch,
    mut is_new: impl FnMut(u64) -> Result<bool, String>,
) -> Result<RecordBatch, String> {
    let column = |name| batch.column_by_name(name).expect("a line has both");
    let times = column("time").as_primitive::<TimestampMillisecondType>();
    let hashes = column(lines::LINE_HASH).as_primitive::<UInt64Type>();
    let lines = times.values().iter().zip(hashes.values());
    let new = lines.map(|(time, hash)| is_new(line_key(*time, *hash)));
    let new: Vec<bool> = new.collect::<Result<_, _>>()?;
    filter_record_batch(batch, &BooleanArray::from(new)).map_err(|e| e.to_string())
}
