//! What was published: one folder for each edition, never changed afterwards. Editions are no
//! part of what a digest of the lake is about: figures do not come from them.
//!
//! ```text
//! editions/0001/edition.json      who, when, which files (SHA-256), digest of the edition before
//! editions/0001/cells.csv.gz      which cells it showed and which it hid
//! editions/0001/tables/...        its manifests and tables, which later audits read
//! ```

use super::{Lake, Writer, hex, io_message};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

const FOLDER: &str = "editions";
/// The file that an edition is told by.
pub const RECORD: &str = "edition.json";
/// The file of its cells.
pub const CELLS: &str = "cells.csv.gz";
/// The folder of its tables.
pub const TABLES: &str = "tables";

/// An edition that is in the lake.
#[derive(Clone, Debug)]
pub struct Edition {
    /// From 1, in the order of publication.
    pub number: u32,
    /// Its folder.
    pub folder: PathBuf,
    /// SHA-256 of its record, by which the next edition names it.
    pub digest: String,
}

impl Edition {
    /// Its manifests and tables.
    pub fn tables(&self) -> PathBuf {
        self.folder.join(TABLES)
    }

    /// One of its files.
    ///
    /// # Errors
    /// A file that cannot be read, by name.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.folder.join(name);
        fs::read(&path).map_err(|e| io_message(&path, &e))
    }
}

impl Lake {
    /// What was published, oldest first.
    ///
    /// # Errors
    /// A record that cannot be read, and one that is not the one its successor names.
    pub fn editions(&self) -> Result<Vec<Edition>, String> {
        let mut editions = Vec::new();
        for number in 1.. {
            let folder = self.root().join(format!("{FOLDER}/{number:04}"));
            if !folder.is_dir() {
                break;
            }
            let record = folder.join(RECORD);
            let bytes = fs::read(&record).map_err(|e| io_message(&record, &e))?;
            editions.push(Edition {
                number,
                folder,
                digest: hex(&Sha256::digest(&bytes)),
            });
        }
        check_chain(&editions)?;
        Ok(editions)
    }
}

/// Each record names the digest of the one before: none was changed or put between.
fn check_chain(editions: &[Edition]) -> Result<(), String> {
    for pair in editions.windows(2) {
        let bytes = pair[1].read(RECORD)?;
        let record: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if record["previous"] != pair[0].digest.as_str() {
            return Err(format!(
                "edition {:04} is not the one that edition {:04} was published after: its record was changed\nhint: bring `{FOLDER}` back from a backup of the lake",
                pair[0].number, pair[1].number
            ));
        }
    }
    Ok(())
}

impl Writer<'_> {
    /// Adds an edition: all of its files are there, or none. `files` are paths from its folder
    /// and bytes; returns its number.
    ///
    /// # Errors
    /// A file that cannot be written, by name.
    pub fn add_edition(&self, number: u32, files: &[(PathBuf, Vec<u8>)]) -> Result<(), String> {
        let root = &self.lake.root;
        let staged = root.join("staging/edition");
        for (name, bytes) in files {
            write(&staged.join(name), bytes)?;
        }
        let place = root.join(format!("{FOLDER}/{number:04}"));
        let parent = root.join(FOLDER);
        fs::create_dir_all(&parent).map_err(|e| io_message(&parent, &e))?;
        fs::rename(&staged, &place).map_err(|e| io_message(&place, &e))?;
        let synced = File::open(&parent).and_then(|folder| folder.sync_all());
        synced.map_err(|e| io_message(&parent, &e))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let parent = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(parent).map_err(|e| io_message(parent, &e))?;
    let mut file = File::create(path).map_err(|e| io_message(path, &e))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| io_message(path, &e))
}
