//! The lake: Parquet tables and the ledger of inputs. The only module that
//! knows where files lie.
//!
//! ```text
//! lake/
//!   lock                                    held by the one writer, with its process
//!   format                                  how the lake is written
//!   ledger/<digest>.json                    one entry for each input: what it gave
//!   ledger/change                           a change of several entries under way
//!   requests/day=2025-11-03/<digest>.parquet
//!   accounts/<digest>.parquet               ...
//!   editions/0001/                          what was published, never changed
//!   staging/                                files of a run that did not commit
//!   spill/<process>/                        what a query put aside
//! ```
//!
//! A file that no ledger entry lists does not exist for a reader. The entry is
//! written last, by rename, so an input is wholly in the lake or not at all.

mod commit;
mod compact;
mod editions;
mod erase;
mod format;
mod gather;
mod keyed;
mod integrity;
mod ledger;
mod lines;
mod lock;
mod maintenance;
mod snapshot;
mod spill;
mod stats;
mod table;
mod writer;

pub use compact::Compacted;
pub use editions::{CELLS, Edition, RECORD, TABLES};
pub use erase::{Erased, Purge};
pub use format::FORMAT;
pub use gather::Gathered;
pub use integrity::{Damage, Damaged, Depth, Verified, checksum};
pub use ledger::{Counts, InputFile, LedgerEntry, StoredFile, Told};
pub use maintenance::Retracted;
pub use snapshot::Snapshot;
pub use spill::Spill;
pub use stats::TableStats;
pub use table::{Column, Kind, Table};
pub use writer::{Columns, Transaction, Value};

use ledger::Change;
use lines::LineIndex;
pub use lines::{line_key, stored_hash};
use lock::Lock;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A lake on a local disk.
pub struct Lake {
    root: PathBuf,
}

/// The right to write, held until dropped.
pub struct Writer<'a> {
    lake: &'a Lake,
    lines: Rc<RefCell<LineIndex>>,
    lock: Lock,
}

impl Lake {
    /// The lake in a folder. A lake of a later program is refused.
    ///
    /// # Errors
    /// A folder that has none.
    pub fn open(root: &Path) -> Result<Self, String> {
        if !root.join("ledger").is_dir() {
            return Err(format!(
                "`{}` is no lake\nhint: check `--lake` or the configuration; `entobs run` and `entobs ingest access` make one",
                root.display()
            ));
        }
        format::refuse_later(root)?;
        Ok(Self { root: root.into() })
    }

    /// The lake in a folder, made if it is not there.
    ///
    /// # Errors
    /// A folder that cannot be made or written to.
    pub fn create(root: &Path) -> Result<Self, String> {
        fs::create_dir_all(root.join("ledger")).map_err(|error| {
            format!(
                "lake `{}` cannot be opened: {error}\nhint: choose a folder that you may write to with `--lake`",
                root.display()
            )
        })?;
        Self::open(root)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Takes the lock, completes what an interrupted run wrote down and clears
    /// what it left.
    pub fn writer(&self) -> Result<Writer<'_>, String> {
        self.writer_with(Lock::take(&self.root)?)
    }

    fn writer_with(&self, lock: Lock) -> Result<Writer<'_>, String> {
        if let Some(change) = Change::pending(&self.root)? {
            change.carry_out(&self.root)?;
        }
        let ledger = self.ledger()?;
        let writer = Writer {
            lake: self,
            lines: Rc::new(RefCell::new(LineIndex::new(&self.root, ledger.values()))),
            lock,
        };
        writer.clear_leftovers(&ledger)?;
        writer.migrate(&ledger)?;
        Ok(writer)
    }

    /// The process that writes to the lake, and whether it is still there: one
    /// that is not was interrupted.
    pub fn holder(&self) -> Result<Option<(String, bool)>, String> {
        lock::state(&self.root)
    }

    /// Every entry of the ledger, by digest.
    pub fn ledger(&self) -> Result<BTreeMap<String, LedgerEntry>, String> {
        Ok(self.snapshot()?.into_entries())
    }

    /// The files of a table, in the order of their names.
    pub fn files(&self, table: Table) -> Result<Vec<PathBuf>, String> {
        Ok(self.snapshot()?.files(table))
    }

    /// A digest of all that was ingested and of the rules it was read by: two
    /// lakes with the same digest hold the same rows.
    pub fn digest(&self) -> Result<String, String> {
        let mut hash = Sha256::new();
        for entry in self.ledger()?.values() {
            hash.update(&entry.digest);
            hash.update(entry.rules.as_deref().unwrap_or_default());
            for (day, rules) in &entry.redone {
                hash.update(format!("{day} {rules}"));
            }
            hash.update([u8::from(entry.incomplete)]);
        }
        Ok(hex(&hash.finalize()))
    }

    /// A digest of the files: it changes whenever the lake does.
    pub fn revision(&self) -> Result<String, String> {
        Ok(self.snapshot()?.revision())
    }
}

impl Writer<'_> {
    /// The process that held the lock before and died, if it did.
    pub fn interrupted(&self) -> Option<&str> {
        self.lock.interrupted.as_deref()
    }

    /// Whether all of an input with this digest is in the lake.
    pub fn holds(&self, digest: &str) -> bool {
        let entry = self.entry(digest);
        entry.is_ok_and(|entry| !entry.incomplete)
    }

    /// Every entry of the ledger, by digest.
    pub fn entries(&self) -> Result<BTreeMap<String, LedgerEntry>, String> {
        self.lake.ledger()
    }

    /// The entry of an input that the lake holds.
    pub fn entry(&self, digest: &str) -> Result<LedgerEntry, String> {
        LedgerEntry::load(&self.ledger_path(digest))
    }

    /// Inputs by what their files are known by before they are read.
    pub fn delivered(&self) -> Result<HashMap<String, String>, String> {
        let ledger = self.lake.ledger()?.into_values();
        let known = ledger
            .filter(|entry| !entry.incomplete)
            .filter_map(|entry| Some((entry.delivered?, entry.digest)));
        Ok(known.collect())
    }

    /// The different texts of a column.
    pub fn texts(&self, table: Table, column: &str) -> Result<BTreeSet<String>, String> {
        let mut texts = BTreeSet::new();
        for path in self.lake.files(table)? {
            lines::read_texts(&path, column, &mut texts)?;
        }
        Ok(texts)
    }

    /// Starts to store one input of a source.
    pub fn begin(&self, source: &str) -> Result<Transaction, String> {
        Transaction::new(&self.lake.root, source, Rc::clone(&self.lines))
    }

    fn ledger_path(&self, digest: &str) -> PathBuf {
        ledger::entry_path(&self.lake.root, digest)
    }

    /// Removes staged files and files in place that no entry lists: what a
    /// killed run left behind.
    fn clear_leftovers(&self, ledger: &BTreeMap<String, LedgerEntry>) -> Result<(), String> {
        let staging = self.lake.root.join("staging");
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(|e| io_message(&staging, &e))?;
        }
        let files = ledger.values().flat_map(|entry| &entry.files);
        let listed: BTreeSet<PathBuf> = files.map(|file| self.lake.root.join(&file.path)).collect();
        for table in Table::ALL {
            each_file(
                &self.lake.root.join(table.name()),
                &mut |path| match listed.contains(path) {
                    true => Ok(()),
                    false => fs::remove_file(path).map_err(|e| io_message(path, &e)),
                },
            )?;
        }
        each_file(&self.lake.root.join("ledger"), &mut |path| {
            // Being written when its run was killed: the next one says the same again.
            match path.extension().is_some_and(|extension| extension == "tmp") {
                true => fs::remove_file(path).map_err(|e| io_message(path, &e)),
                false => Ok(()),
            }
        })?;
        spill::clear(&self.lake.root);
        Ok(())
    }
}

/// Every file of a folder and its folders; none where there is no folder.
fn each_file(
    folder: &Path,
    work: &mut dyn FnMut(&Path) -> Result<(), String>,
) -> Result<(), String> {
    if !folder.exists() {
        return Ok(());
    }
    for item in fs::read_dir(folder).map_err(|e| io_message(folder, &e))? {
        let path = item.map_err(|e| io_message(folder, &e))?.path();
        match path.is_dir() {
            true => each_file(&path, work)?,
            false => work(&path)?,
        }
    }
    Ok(())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(crate) fn io_message(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!(
        "`{}`: {error}\nhint: check the path, its permissions and the room on the disk",
        path.display()
    )
}
