//! With which key the rows of the lake were made: rows of another key would be of other people.

use super::{Lake, Writer, io_message};
use std::fs;
use std::path::{Path, PathBuf};

fn path(root: &Path) -> PathBuf {
    root.join("key")
}

impl Lake {
    /// The fingerprint of the key with which the lake was written; none of one that no program
    /// wrote to since there are fingerprints.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn key(&self) -> Result<Option<String>, String> {
        let path = path(&self.root);
        match path.exists() {
            true => fs::read_to_string(&path)
                .map(|text| Some(text.trim().to_owned()))
                .map_err(|error| io_message(&path, &error)),
            false => Ok(None),
        }
    }
}

impl Writer<'_> {
    /// Says with which key rows are made from now on.
    ///
    /// # Errors
    /// Another key than that of the rows that are there.
    pub fn written_with(&self, fingerprint: &str) -> Result<(), String> {
        let root = &self.lake.root;
        match self.lake.key()? {
            Some(known) if known == fingerprint => Ok(()),
            Some(known) => Err(format!(
                "lake `{}` was written with another key ({known}, this one is {fingerprint}): the same people would be others in it\nhint: name the key file that the lake was made with; `entobs doctor` shows fingerprints",
                root.display()
            )),
            None => {
                let path = path(root);
                let staged = root.join("key.tmp");
                fs::write(&staged, format!("{fingerprint}\n"))
                    .map_err(|error| io_message(&staged, &error))?;
                fs::rename(&staged, &path).map_err(|error| io_message(&path, &error))
            }
        }
    }
}
