//! One entry for each input: what was read and what became of it. Holds no
//! personal data: names of files, digests and counts.

use super::{Table, hex, io_message};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// read = kept + duplicates + rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows (lines, entries) of the input.
    pub read: u64,
    /// Rows that the lake holds because of it.
    pub kept: u64,
    /// Rows that the lake held already.
    pub duplicates: u64,
    /// Rows that could not be read, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// What was kept though no table of ours knows it (`unmapped module X`),
    /// and how often: not part of the balance.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, u64>,
}

impl Counts {
    /// Counts one rejected row.
    pub fn reject(&mut self, reason: &str) {
        *self.rejected.entry(reason.to_owned()).or_insert(0) += 1;
    }

    /// Adds the counts of another input.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.kept += other.kept;
        self.duplicates += other.duplicates;
        for (reason, count) in &other.rejected {
            *self.rejected.entry(reason.clone()).or_insert(0) += count;
        }
        for (note, count) in &other.notes {
            *self.notes.entry(note.clone()).or_insert(0) += count;
        }
    }

    /// Whether no row was lost from the count.
    pub fn balance(&self) -> bool {
        self.read == self.kept + self.duplicates + self.rejected.values().sum::<u64>()
    }
}

/// A file of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The name without its folders.
    pub name: String,
    /// What became of its rows.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A Parquet file of the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// From the root of the lake.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of its bytes; none in a lake of format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl StoredFile {
    /// The name of its table.
    pub fn table(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// The local day of its rows, for a table kept by day.
    pub fn day(&self) -> Option<NaiveDate> {
        let folder = self.path.split('/').nth(1)?;
        folder.strip_prefix("day=")?.parse().ok()
    }
}

/// What one input of a directory tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The feed of the académie: 1D, 2D, agriculture...
    pub feed: String,
    /// The day of the delivery.
    pub day: NaiveDate,
    /// Pupils, relatives, staff, structures.
    pub category: String,
    /// `complete` or `delta`.
    pub extent: String,
}

/// One input as committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// SHA-256 of kind, source and uncompressed content.
    pub digest: String,
    /// `access`, `events`, `directory`...
    pub kind: String,
    /// Front-end, académie, helpdesk: where it comes from.
    pub source: String,
    /// What it is a version of, for inputs of which the last delivery counts;
    /// none for those that add up (logs, events).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_of: Option<String>,
    /// A digest of the lines of its file, whatever they were read as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// What its file is known by before it is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<String>,
    /// Version of the rules that classified its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Version of the rules for days that were made anew since.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub redone: BTreeMap<String, String>,
    /// What it tells, for a directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// Rows that it gave and that retention or the right to erasure took since.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub erased: u64,
    /// Of a purge: before which day no line of a table is kept, nor taken again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub floors: BTreeMap<Table, NaiveDate>,
    /// Version of the program that read it.
    pub program: String,
    /// Lines of it that another input brought are gone with that input: it has
    /// to be read again, for those alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// The files read.
    pub inputs: Vec<InputFile>,
    /// The files written.
    pub files: Vec<StoredFile>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl LedgerEntry {
    /// The record of something done to the lake that is no input.
    pub(super) fn record(digest: String, kind: &str, source: String) -> Self {
        Self {
            digest,
            kind: kind.into(),
            source,
            version_of: None,
            content: None,
            delivered: None,
            rules: None,
            redone: BTreeMap::new(),
            told: None,
            erased: 0,
            floors: BTreeMap::new(),
            program: env!("CARGO_PKG_VERSION").into(),
            incomplete: false,
            inputs: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Whether the lake held rows of it already when it was read.
    pub(super) fn has_duplicates(&self) -> bool {
        self.inputs.iter().any(|file| file.counts.duplicates > 0)
    }

    /// Whether it gave rows to a day of a table.
    pub fn has_rows(&self, table: Table, day: NaiveDate) -> bool {
        self.rows(table, day) > 0
    }

    /// Rows that it gave to a day of a table.
    pub fn rows(&self, table: Table, day: NaiveDate) -> u64 {
        let folder = table.folder(Some(day));
        self.files_in(&folder).map(|file| file.rows).sum()
    }

    /// Its files in a folder of the lake.
    pub(super) fn files_in(&self, folder: &str) -> impl Iterator<Item = &StoredFile> {
        let prefix = format!("{folder}/");
        let files = self.files.iter();
        files.filter(move |file| file.path.starts_with(&prefix))
    }

    /// Files of the same name, which several of its files became, as one.
    pub(super) fn merge_files(&mut self) {
        let mut merged: BTreeMap<String, StoredFile> = BTreeMap::new();
        for file in std::mem::take(&mut self.files) {
            let rows = file.rows;
            match merged.entry(file.path.clone()) {
                Entry::Vacant(place) => drop(place.insert(file)),
                Entry::Occupied(mut known) => known.get_mut().rows += rows,
            }
        }
        self.files = merged.into_values().collect();
    }

    /// Forgets its rows in files that go; it has to be read again for them.
    pub(super) fn lose(&mut self, gone: &BTreeSet<String>) -> bool {
        let lost = self.files.extract_if(.., |file| gone.contains(&file.path));
        let rows: u64 = lost.map(|file| file.rows).sum();
        self.hold_less(rows);
        self.incomplete |= rows > 0;
        rows > 0
    }

    /// So many of its rows are not held because of it.
    pub(super) fn hold_less(&mut self, mut rows: u64) {
        for file in &mut self.inputs {
            let taken = rows.min(file.counts.kept);
            file.counts.kept -= taken;
            file.counts.duplicates += taken;
            rows -= taken;
        }
    }

    /// What an incomplete entry is after its input was read again: `again`
    /// found its old rows to be duplicates.
    pub(super) fn completed_by(mut self, again: Self) -> Self {
        for (file, new) in self.inputs.iter_mut().zip(again.inputs) {
            // What was erased since is not found again as a duplicate.
            let kept = file.counts.kept.min(new.counts.duplicates);
            file.counts = new.counts;
            file.counts.kept += kept;
            file.counts.duplicates -= kept;
        }
        self.files.extend(again.files);
        Self {
            incomplete: false,
            ..self
        }
    }

    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let text = fs::read(path).map_err(|e| io_message(path, &e))?;
        unsealed(&text).map_err(|error| {
            format!("ledger entry `{}` is damaged: {error}\nhint: `entobs lake verify --repair` takes it out; then ingest its input again", path.display())
        })
    }

    /// By rename, so that a reader sees the whole entry or none.
    pub(super) fn store(&self, path: &Path) -> Result<(), String> {
        replace(path, self)
    }
}

/// What stands before the seal of a file of the ledger: SHA-256 of its text
/// without the seal. A flipped bit would be another count, not another text.
const BEFORE_SEAL: &str = "{\n  \"seal\": \"";
const AFTER_SEAL: &str = "\",\n";

fn sealed(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("an entry is plain data");
    let seal = hex(&Sha256::digest(&text));
    let rest = text.strip_prefix("{\n").expect("an object of several keys");
    format!("{BEFORE_SEAL}{seal}{AFTER_SEAL}{rest}")
}

/// The value of a text, if it is the one that was sealed. A lake of format 1
/// has no seals.
fn unsealed<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text")?;
    if let Some(rest) = text.strip_prefix(BEFORE_SEAL) {
        let (seal, rest) = rest.split_once(AFTER_SEAL).ok_or("its seal is cut")?;
        if hex(&Sha256::digest(format!("{{\n{rest}"))) != seal {
            return Err("it is not what was written (checksum)".into());
        }
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn replace(path: &Path, value: &impl Serialize) -> Result<(), String> {
    let staged = path.with_extension("tmp");
    let mut file = File::create(&staged).map_err(|e| io_message(&staged, &e))?;
    file.write_all(sealed(value).as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|e| io_message(&staged, &e))?;
    fs::rename(&staged, path).map_err(|e| io_message(path, &e))?;
    sync_folder(path.parent().expect("a file is in a folder"))
}

/// Names of files are on the disk once their folder is: without it, a power cut
/// might keep an entry and lose the names of the files that it lists.
pub(super) fn sync_folder(folder: &Path) -> Result<(), String> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|e| io_message(folder, &e))
}

/// A change of several entries that takes effect at once: it is written down
/// first, and a run killed in the middle is completed by the next. Readers see
/// it as done from the moment it is written down.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Change {
    /// Entries as they will be.
    pub store: Vec<LedgerEntry>,
    /// Digests of entries that go.
    pub remove: Vec<String>,
    /// Files that go, from the root of the lake.
    pub unlink: Vec<String>,
    /// Whether the marts go too: they hold what was taken out of the tables.
    #[serde(default)]
    pub drop_marts: bool,
}

impl Change {
    fn path(root: &Path) -> PathBuf {
        root.join("ledger/change")
    }

    /// The change that is under way, if any.
    pub fn pending(root: &Path) -> Result<Option<Self>, String> {
        let path = Self::path(root);
        match fs::read(&path) {
            Ok(text) => unsealed(&text).map(Some).map_err(|error| {
                format!(
                    "`{}` is damaged: {error}\nhint: restore it from a backup",
                    path.display()
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_message(&path, &error)),
        }
    }

    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.store.is_empty() && self.remove.is_empty() && self.unlink.is_empty()
    }

    /// Makes the change.
    pub fn apply(&self, root: &Path) -> Result<(), String> {
        replace(&Self::path(root), self)?;
        self.carry_out(root)
    }

    /// Does what the written change says; safe to do again.
    pub fn carry_out(&self, root: &Path) -> Result<(), String> {
        for entry in &self.store {
            entry.store(&entry_path(root, &entry.digest))?;
        }
        for digest in &self.remove {
            remove(&entry_path(root, digest))?;
        }
        for file in &self.unlink {
            remove(&root.join(file))?;
        }
        let marts = root.join("marts");
        if self.drop_marts && marts.exists() {
            fs::remove_dir_all(&marts).map_err(|e| io_message(&marts, &e))?;
        }
        // What was done is on the disk before it is forgotten that it was to be done.
        sync_folder(&root.join("ledger"))?;
        remove(&Self::path(root))
    }

    /// The ledger as it will be.
    pub fn overlay(self, entries: &mut BTreeMap<String, LedgerEntry>) {
        for digest in &self.remove {
            entries.remove(digest);
        }
        for entry in self.store {
            entries.insert(entry.digest.clone(), entry);
        }
    }
}

/// The files of all entries, in the order of their names.
pub(super) fn entry_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join("ledger");
    let mut files = Vec::new();
    for file in fs::read_dir(&folder).map_err(|e| io_message(&folder, &e))? {
        let path = file.map_err(|e| io_message(&folder, &e))?.path();
        if path.extension().is_some_and(|e| e == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The file of an entry.
pub(super) fn entry_path(root: &Path, digest: &str) -> PathBuf {
    root.join("ledger").join(format!("{digest}.json"))
}

fn remove(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_message(path, &error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::Lake;

    fn entry(digest: &str) -> LedgerEntry {
        let text = format!(
            r#"{{"digest": "{digest}", "kind": "access", "source": "fe1", "program": "0", "inputs": [], "files": []}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_flipped_bit_of_an_entry_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        entry("a").store(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        let found: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(found["digest"], "a");
        let after_seal = text.find(AFTER_SEAL).unwrap();
        for place in BEFORE_SEAL.len()..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            fs::write(&path, &bytes).unwrap();
            // A changed quote after the seal is a seal without end.
            assert!(LedgerEntry::load(&path).is_err(), "{place} {after_seal}");
        }
        // Format 1 had no seal.
        fs::write(&path, serde_json::to_string_pretty(&entry("a")).unwrap()).unwrap();
        assert_eq!(LedgerEntry::load(&path).unwrap(), entry("a"));
    }

    /// A run killed once its change is written down, before any of it is done.
    #[test]
    fn a_change_that_was_written_down_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::create(folder.path()).unwrap();
        for digest in ["a", "b"] {
            let path = entry_path(folder.path(), digest);
            entry(digest).store(&path).unwrap();
        }
        fs::write(folder.path().join("rows"), "").unwrap();
        fs::create_dir(folder.path().join("marts")).unwrap();
        fs::write(folder.path().join("marts/visits.parquet"), "").unwrap();
        let change = Change {
            store: vec![LedgerEntry {
                incomplete: true,
                ..entry("b")
            }],
            remove: vec!["a".into()],
            unlink: vec!["rows".into(), "never there".into()],
            drop_marts: true,
        };
        replace(&Change::path(folder.path()), &change).unwrap();
        let as_done = |lake: &Lake| {
            let ledger = lake.ledger().unwrap();
            ledger.len() == 1 && ledger["b"].incomplete
        };
        assert!(as_done(&lake), "readers see it as done");
        assert!(folder.path().join("rows").exists());
        drop(lake.writer().unwrap());
        assert!(as_done(&lake));
        assert!(!folder.path().join("rows").exists());
        assert!(!folder.path().join("marts").exists());
        assert!(!Change::path(folder.path()).exists());
    }
}
