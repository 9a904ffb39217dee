//! How the lake is written: refused where a later program wrote it, brought up
//! to date where an earlier one did.

use super::{LedgerEntry, Writer, io_message};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The format of the lakes that this program writes.
///
/// 1: no file `format`, neither checksums nor seals. 2: each file of a table has
/// its SHA-256 in the ledger, each file of the ledger its own.
pub const FORMAT: u32 = 2;

fn path(root: &Path) -> PathBuf {
    root.join("format")
}

/// The format of a lake; none of one where nothing was written.
pub(super) fn of(root: &Path) -> Result<Option<u32>, String> {
    let path = path(root);
    if !path.exists() {
        let entries = super::ledger::entry_files(root)?;
        return Ok((!entries.is_empty()).then_some(1));
    }
    let text = fs::read_to_string(&path).map_err(|e| io_message(&path, &e))?;
    text.trim().parse().map(Some).map_err(|_| {
        format!(
            "`{}` is damaged: it should hold a number\nhint: write `{FORMAT}` into it if this program wrote the lake",
            path.display()
        )
    })
}

/// An error where a later program wrote the lake.
pub(super) fn refuse_later(root: &Path) -> Result<(), String> {
    match of(root)? {
        Some(format) if format > FORMAT => Err(format!(
            "lake `{}` has format {format}, written by a later entobs; this one knows formats up to {FORMAT}\nhint: install the entobs that wrote it, or ingest into another lake",
            root.display()
        )),
        _ => Ok(()),
    }
}

impl Writer<'_> {
    /// Brings the lake to the format of this program. Killed in the middle, it
    /// is done again: the number is written last.
    pub(super) fn migrate(&self, ledger: &BTreeMap<String, LedgerEntry>) -> Result<(), String> {
        let root = &self.lake.root;
        if of(root)? == Some(FORMAT) && path(root).exists() {
            return Ok(());
        }
        if !ledger.is_empty() {
            self.seal()?;
        }
        let path = path(root);
        let staged = root.join("format.tmp");
        fs::write(&staged, format!("{FORMAT}\n")).map_err(|e| io_message(&staged, &e))?;
        fs::rename(&staged, &path).map_err(|e| io_message(&path, &e))
    }
}
