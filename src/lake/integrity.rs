//! Whether the files of the lake are those that were written. What is damaged is
//! named with the inputs that gave it; repaired, the lake has forgotten these
//! inputs, so that the next run reads them again.

use super::ledger::{self, Change, LedgerEntry};
use super::lock::Lock;
use super::{Lake, Writer, hex, io_message, lines};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that is summed while it is written.
pub(super) struct Summed {
    file: File,
    hash: Sha256,
}

impl Summed {
    pub fn new(file: File) -> Self {
        Self {
            file,
            hash: Sha256::new(),
        }
    }

    /// Puts it on the disk; its checksum.
    pub fn end(self) -> io::Result<String> {
        self.file.sync_all()?;
        Ok(hex(&self.hash.finalize()))
    }
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// SHA-256 of the bytes of a file.
pub fn checksum(path: &Path) -> Result<String, String> {
    let mut hash = Sha256::new();
    let summed = File::open(path).and_then(|mut file| io::copy(&mut file, &mut hash));
    summed.map_err(|e| io_message(path, &e))?;
    Ok(hex(&hash.finalize()))
}

/// What is wrong with a file of the lake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// The ledger lists it and it is not there.
    Missing,
    /// Its bytes are not those that were written.
    Changed,
    /// It cannot be read.
    Unreadable(String),
    /// It holds another number of rows than the ledger says.
    Rows {
        /// In the ledger.
        listed: u64,
        /// In the file.
        found: u64,
    },
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Changed => f.write_str("is not what was written (checksum)"),
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::Rows { listed, found } => {
                write!(f, "holds {found} rows where the ledger says {listed}")
            }
        }
    }
}

/// A file of the lake that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damaged {
    /// From the root of the lake.
    pub path: String,
    /// What is wrong.
    pub damage: Damage,
    /// Names of the input files that gave its rows.
    pub inputs: Vec<String>,
}

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files that the ledger lists.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files of a lake of format 1 that have no checksum.
    pub without_checksum: u64,
    /// What is wrong, in the order of the paths.
    pub damaged: Vec<Damaged>,
    /// Files that nothing lists: what an interrupted run left, which the next clears.
    pub leftovers: u64,
}

impl Verified {
    /// The first damage as an error of whoever wanted to read the lake.
    pub fn whole(&self, lake: &Lake) -> Result<(), String> {
        match self.damaged.first() {
            None => Ok(()),
            Some(first) => Err(format!(
                "`{}` {}\nhint: {} of {} files of the lake are damaged; `entobs lake verify --repair` takes them out, then `entobs run` reads their inputs again",
                lake.root().join(&first.path).display(),
                first.damage,
                self.damaged.len(),
                self.files
            )),
        }
    }
}

/// How the files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// That they are there, with as many rows as the ledger says.
    Rows,
    /// Every byte.
    Bytes,
}

/// A file as the ledger lists it.
#[derive(Default)]
struct Listed {
    rows: u64,
    sha256: Option<String>,
    inputs: Vec<String>,
}

impl Lake {
    /// Looks at every file that the ledger lists; changes nothing.
    pub fn verify(&self, depth: Depth) -> Result<Verified, String> {
        let mut verified = Verified::default();
        let (mut entries, broken) = self.entries_and_broken()?;
        if let Some(change) = Change::pending(self.root())? {
            change.overlay(&mut entries);
        }
        for (path, error) in broken {
            verified.files += 1;
            verified.damaged.push(Damaged {
                path: format!("ledger/{}", path.file_name().unwrap_or_default().display()),
                damage: Damage::Unreadable(error),
                inputs: Vec::new(),
            });
        }
        let listed = listed(&entries);
        for (path, file) in &listed {
            verified.look_at(self.root(), path, file, depth);
        }
        verified.leftovers = self.leftovers(listed.keys())?;
        verified.damaged.sort();
        Ok(verified)
    }

    /// The entries that can be read, and why the others cannot.
    #[allow(clippy::type_complexity)]
    fn entries_and_broken(
        &self,
    ) -> Result<(BTreeMap<String, LedgerEntry>, Vec<(PathBuf, String)>), String> {
        let mut entries = BTreeMap::new();
        let mut broken = Vec::new();
        for path in ledger::entry_files(self.root())? {
            match LedgerEntry::load(&path) {
                Ok(entry) => drop(entries.insert(entry.digest.clone(), entry)),
                Err(message) => {
                    let first = message.lines().next().unwrap_or_default();
                    let why = first
                        .rsplit_once("is damaged: ")
                        .map_or(first, |(_, why)| why);
                    broken.push((path, why.to_owned()));
                }
            }
        }
        Ok((entries, broken))
    }

    /// Takes out what is damaged, as one change. Inputs of which the rows are known
    /// line by line lose those rows alone and are incomplete; others go whole. The
    /// next run reads both again.
    pub fn repair(&self) -> Result<Verified, String> {
        let verified = self.verify(Depth::Bytes)?;
        let lock = Lock::take(self.root())?;
        let (_, broken) = self.entries_and_broken()?;
        for (path, _) in broken {
            fs::remove_file(&path).map_err(|e| io_message(&path, &e))?;
        }
        let writer = self.writer_with(lock)?;
        let paths = verified.damaged.iter().map(|file| file.path.clone());
        writer.forget_files(&paths.collect())?;
        Ok(verified)
    }

    /// Files in the folders of tables that nothing lists, and staged ones.
    fn leftovers<'a>(&self, listed: impl Iterator<Item = &'a String>) -> Result<u64, String> {
        let listed: BTreeSet<PathBuf> = listed.map(|path| self.root().join(path)).collect();
        let mut count = 0;
        let tables = super::Table::ALL.iter().map(|table| table.name());
        for folder in tables.chain(["staging"]) {
            super::each_file(&self.root().join(folder), &mut |path| {
                count += u64::from(!listed.contains(path));
                Ok(())
            })?;
        }
        Ok(count)
    }
}

/// Several inputs share a file of a compacted day: their rows add up.
fn listed(entries: &BTreeMap<String, LedgerEntry>) -> BTreeMap<String, Listed> {
    let mut files: BTreeMap<String, Listed> = BTreeMap::new();
    for entry in entries.values() {
        for file in &entry.files {
            let listed = files.entry(file.path.clone()).or_default();
            listed.rows += file.rows;
            listed.sha256.clone_from(&file.sha256);
            let names = entry.inputs.iter().map(|input| input.name.clone());
            listed.inputs.extend(names);
        }
    }
    files
}

impl Verified {
    fn look_at(&mut self, root: &Path, path: &str, listed: &Listed, depth: Depth) {
        self.files += 1;
        self.without_checksum += u64::from(listed.sha256.is_none());
        let file = root.join(path);
        self.bytes += fs::metadata(&file).map_or(0, |data| data.len());
        if let Some(damage) = damage(&file, listed, depth) {
            self.damaged.push(Damaged {
                path: path.to_owned(),
                damage,
                inputs: listed.inputs.clone(),
            });
        }
    }
}

fn damage(path: &Path, listed: &Listed, depth: Depth) -> Option<Damage> {
    if !path.exists() {
        return Some(Damage::Missing);
    }
    if let (Depth::Bytes, Some(wanted)) = (depth, &listed.sha256) {
        match checksum(path) {
            Err(message) => return Some(unreadable(&message)),
            Ok(found) if found != *wanted => return Some(Damage::Changed),
            Ok(_) => {}
        }
    }
    match rows(path) {
        Err(message) => Some(unreadable(&message)),
        Ok(found) if found != listed.rows => Some(Damage::Rows {
            listed: listed.rows,
            found,
        }),
        Ok(_) => None,
    }
}

fn unreadable(message: &str) -> Damage {
    Damage::Unreadable(message.lines().next().unwrap_or_default().to_owned())
}

/// Rows that the foot of a Parquet file tells.
fn rows(path: &Path) -> Result<u64, String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let reader = SerializedFileReader::new(file).map_err(|e| e.to_string())?;
    Ok(reader.metadata().file_metadata().num_rows() as u64)
}

impl Writer<'_> {
    /// Takes files out of the lake with what hangs on them.
    fn forget_files(&self, gone: &BTreeSet<String>) -> Result<(), String> {
        let mut change = Change {
            unlink: gone.iter().cloned().collect(),
            ..Change::default()
        };
        for (digest, mut entry) in self.entries()? {
            let files = || entry.files.iter().filter(|file| gone.contains(&file.path));
            if files().next().is_none() {
                continue;
            }
            let by_line = entry.version_of.is_none()
                && entry
                    .files
                    .iter()
                    .all(|file| lines::place(&file.path).is_some());
            if by_line {
                entry.lose(gone);
                change.store.push(entry);
            } else {
                change
                    .unlink
                    .extend(entry.files.iter().map(|f| f.path.clone()));
                change.remove.push(digest);
            }
        }
        change.unlink.retain(|path| !path.starts_with("ledger/"));
        match change.is_empty() {
            true => Ok(()),
            false => change.apply(&self.lake.root),
        }
    }

    /// Gives the files of a lake of format 1 their checksums, as one change.
    pub(super) fn seal(&self) -> Result<(), String> {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        let mut change = Change::default();
        for mut entry in self.entries()?.into_values() {
            for file in &mut entry.files {
                let sha256 = match known.get(&file.path) {
                    Some(sha256) => sha256.clone(),
                    None => checksum(&self.lake.root.join(&file.path))?,
                };
                known.insert(file.path.clone(), sha256.clone());
                file.sha256 = Some(sha256);
            }
            change.store.push(entry);
        }
        match change.is_empty() {
            true => Ok(()),
            false => change.apply(&self.lake.root),
        }
    }
}
