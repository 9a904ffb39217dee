//! The lake: Parquet tables and the ledger of inputs. The only module that
//! knows where files lie.
//!
//! ```text
//! lake/
//!   lock                                    held by the one writer
//!   ledger/<digest>.json                    one entry for each input: what it gave
//!   ledger/change                           a change of several entries under way
//!   requests/day=2025-11-03/<digest>.parquet
//!   accounts/<digest>.parquet               ...
//!   staging/                                files of a run that did not commit
//! ```
//!
//! A file that no ledger entry lists does not exist for a reader. The entry is
//! written last, by rename, so an input is wholly in the lake or not at all.

mod compact;
mod erase;
mod ledger;
mod lines;
mod maintenance;
mod table;
mod writer;

pub use compact::Compacted;
pub use erase::{Erased, Purge};
pub use ledger::{Counts, InputFile, LedgerEntry, StoredFile, Told};
pub use maintenance::Retracted;
pub use table::{Column, Kind, Table};
pub use writer::{Columns, Transaction, Value};

use ledger::Change;
use lines::LineIndex;
pub use lines::{line_key, stored_hash};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File, TryLockError};
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
    lock: File,
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        // Closing the file is not enough: a process just started by another thread
        // may still hold a copy of it.
        let _ = self.lock.unlock();
    }
}

impl Lake {
    /// The lake in a folder, made if it is not there.
    pub fn open(root: &Path) -> Result<Self, String> {
        fs::create_dir_all(root.join("ledger")).map_err(|error| {
            format!(
                "lake `{}` cannot be opened: {error}\nhint: choose a folder that you may write to with `--lake`",
                root.display()
            )
        })?;
        Ok(Self { root: root.into() })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Takes the lock and clears what an interrupted run left.
    pub fn writer(&self) -> Result<Writer<'_>, String> {
        let path = self.root.join("lock");
        let lock = File::create(&path).map_err(|e| io_message(&path, &e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "lake `{}` is being written by another run\nhint: wait for it to end",
                    self.root.display()
                ));
            }
            Err(TryLockError::Error(e)) => return Err(io_message(&path, &e)),
        }
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
        Ok(writer)
    }

    /// Every entry of the ledger, by digest.
    pub fn ledger(&self) -> Result<BTreeMap<String, LedgerEntry>, String> {
        let folder = self.root.join("ledger");
        let mut entries = BTreeMap::new();
        for file in fs::read_dir(&folder).map_err(|e| io_message(&folder, &e))? {
            let path = file.map_err(|e| io_message(&folder, &e))?.path();
            if path.extension().is_some_and(|e| e == "json") {
                let entry = LedgerEntry::load(&path)?;
                entries.insert(entry.digest.clone(), entry);
            }
        }
        if let Some(change) = Change::pending(&self.root)? {
            change.overlay(&mut entries);
        }
        Ok(entries)
    }

    /// The files of a table, in the order of their names.
    pub fn files(&self, table: Table) -> Result<Vec<PathBuf>, String> {
        let prefix = format!("{}/", table.name());
        let mut files: Vec<PathBuf> = self
            .ledger()?
            .values()
            .flat_map(|entry| &entry.files)
            .filter(|file| file.path.starts_with(&prefix))
            .map(|file| self.root.join(&file.path))
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
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
        let mut hash = Sha256::new();
        for entry in self.ledger()?.values() {
            hash.update(&entry.digest);
            for file in &entry.files {
                hash.update(&file.path);
                hash.update(file.rows.to_le_bytes());
            }
        }
        Ok(hex(&hash.finalize()))
    }
}

impl Writer<'_> {
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

    /// Moves the files of a transaction into place, then writes the entry.
    pub fn commit(&self, transaction: Transaction, mut entry: LedgerEntry) -> Result<(), String> {
        entry.files = transaction.finish(&self.lake.root, &entry.digest)?;
        self.lines.borrow_mut().add(&entry);
        if self.ledger_path(&entry.digest).exists() {
            entry = self.entry(&entry.digest)?.completed_by(entry);
        }
        entry.store(&self.ledger_path(&entry.digest))
    }

    /// Takes back the inputs that this one is a later version of. Safe to do
    /// again: a run killed before it is completed by the next.
    pub fn supersede(&self, entry: &LedgerEntry) -> Result<(), String> {
        if entry.version_of.is_none() {
            return Ok(());
        }
        for (digest, other) in self.lake.ledger()? {
            let same = (&other.kind, &other.source, &other.version_of)
                == (&entry.kind, &entry.source, &entry.version_of);
            if same && digest != entry.digest {
                self.retract(&other)?;
            }
        }
        Ok(())
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
        let listed: std::collections::BTreeSet<PathBuf> = ledger
            .values()
            .flat_map(|entry| &entry.files)
            .map(|file| self.lake.root.join(&file.path))
            .collect();
        for table in Table::ALL {
            remove_unlisted(&self.lake.root.join(table.name()), &listed)?;
        }
        Ok(())
    }
}

fn remove_unlisted(
    folder: &Path,
    listed: &std::collections::BTreeSet<PathBuf>,
) -> Result<(), String> {
    if !folder.exists() {
        return Ok(());
    }
    for item in fs::read_dir(folder).map_err(|e| io_message(folder, &e))? {
        let path = item.map_err(|e| io_message(folder, &e))?.path();
        if path.is_dir() {
            remove_unlisted(&path, listed)?;
        } else if !listed.contains(&path) {
            fs::remove_file(&path).map_err(|e| io_message(&path, &e))?;
        }
    }
    Ok(())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(crate) fn io_message(path: &Path, error: &std::io::Error) -> String {
    format!(
        "`{}`: {error}\nhint: check the path, its permissions and the room on the disk",
        path.display()
    )
}
