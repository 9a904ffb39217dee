//! One entry for each input: what was read and what became of it. Holds no
//! personal data: names of files, digests and counts.

use super::io_message;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

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
    /// What its file is known by before it is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<String>,
    /// Version of the rules that classified its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Version of the program that read it.
    pub program: String,
    /// The files read.
    pub inputs: Vec<InputFile>,
    /// The files written.
    pub files: Vec<StoredFile>,
}

impl LedgerEntry {
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|e| io_message(path, &e))?;
        serde_json::from_str(&text).map_err(|error| {
            format!("ledger entry `{}` is damaged: {error}\nhint: restore it from a backup, or remove it and ingest its input again", path.display())
        })
    }

    /// By rename, so that a reader sees the whole entry or none.
    pub(super) fn store(&self, path: &Path) -> Result<(), String> {
        let staged = path.with_extension("tmp");
        let text = serde_json::to_string_pretty(self).expect("an entry is plain data");
        let mut file = File::create(&staged).map_err(|e| io_message(&staged, &e))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|e| io_message(&staged, &e))?;
        fs::rename(&staged, path).map_err(|e| io_message(path, &e))
    }
}
