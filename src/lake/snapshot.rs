//! The ledger as it was at one moment, while another process may change it.

use super::ledger::{self, Change, LedgerEntry, StoredFile};
use super::{Lake, Table, hex, io_message};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Every entry of the ledger at one moment.
pub struct Snapshot {
    root: PathBuf,
    entries: BTreeMap<String, LedgerEntry>,
}

impl Lake {
    /// The ledger as it is now. Read again where it changed under the reading: a
    /// change of several entries is seen whole or not at all.
    pub fn snapshot(&self) -> Result<Snapshot, String> {
        let mut before = listing(self.root())?;
        loop {
            let entries = read(self.root(), before.keys())?;
            let after = listing(self.root())?;
            match entries {
                Some(entries) if before == after => {
                    return Ok(Snapshot {
                        root: self.root().to_owned(),
                        entries,
                    });
                }
                _ => before = after,
            }
        }
    }
}

/// What changes with a file of the ledger: another inode or another time.
type Listing = BTreeMap<PathBuf, (u64, i64, i64)>;

fn listing(root: &Path) -> Result<Listing, String> {
    let mut listing = Listing::new();
    for path in ledger::entry_files(root)? {
        match fs::metadata(&path) {
            Ok(data) => {
                let state = (data.ino(), data.mtime(), data.mtime_nsec());
                listing.insert(path, state);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io_message(&path, &error)),
        }
    }
    Ok(listing)
}

/// None where an entry went away meanwhile.
fn read<'a>(
    root: &Path,
    files: impl Iterator<Item = &'a PathBuf>,
) -> Result<Option<BTreeMap<String, LedgerEntry>>, String> {
    let mut entries = BTreeMap::new();
    for path in files {
        match LedgerEntry::load(path) {
            Ok(entry) => drop(entries.insert(entry.digest.clone(), entry)),
            Err(_) if !path.exists() => return Ok(None),
            Err(message) => return Err(message),
        }
    }
    if let Some(change) = Change::pending(root)? {
        change.overlay(&mut entries);
    }
    Ok(Some(entries))
}

impl Snapshot {
    /// Every entry, by digest.
    pub fn entries(&self) -> &BTreeMap<String, LedgerEntry> {
        &self.entries
    }

    pub(super) fn into_entries(self) -> BTreeMap<String, LedgerEntry> {
        self.entries
    }

    /// The files of a table, in the order of their names.
    pub fn files(&self, table: Table) -> Vec<PathBuf> {
        self.files_where(table, |_| true)
    }

    /// The files of a table kept by day, of the local days from one to another (both
    /// included), in the order of their names.
    pub fn files_of_days(&self, table: Table, first: NaiveDate, last: NaiveDate) -> Vec<PathBuf> {
        let within = |day: NaiveDate| first <= day && day <= last;
        self.files_where(table, |file| file.day().is_some_and(within))
    }

    fn files_where(&self, table: Table, is_wanted: impl Fn(&StoredFile) -> bool) -> Vec<PathBuf> {
        let files = self.entries.values().flat_map(|entry| &entry.files);
        let mut files: Vec<PathBuf> = files
            .filter(|file| file.table() == table.name() && is_wanted(file))
            .map(|file| self.root.join(&file.path))
            .collect();
        files.sort();
        files.dedup();
        files
    }

    /// A digest of the files: it changes whenever the lake does.
    pub fn revision(&self) -> String {
        let mut hash = Sha256::new();
        for entry in self.entries.values() {
            hash.update(&entry.digest);
            for file in &entry.files {
                hash.update(&file.path);
                hash.update(file.rows.to_le_bytes());
                hash.update(file.sha256.as_deref().unwrap_or_default());
            }
        }
        hex(&hash.finalize())
    }
}
