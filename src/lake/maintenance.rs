//! What is done to inputs that the lake holds: taken back, or a day of them
//! made anew. Each is one change of the ledger: all of it or nothing.

use super::ledger::Change;
use super::{LedgerEntry, StoredFile, Table, Transaction, Writer};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What taking an input back means for others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Retracted {
    /// Rows that are gone.
    pub rows: u64,
    /// Digests of inputs that held some of its lines too: they have to be read
    /// again, which gives those lines back.
    pub incomplete: Vec<String>,
}

impl Writer<'_> {
    /// The entry whose digest begins so; none or several are an error.
    pub fn entry_named(&self, beginning: &str) -> Result<LedgerEntry, String> {
        let ledger = self.lake.ledger()?;
        let mut found = ledger
            .into_values()
            .filter(|entry| entry.digest.starts_with(beginning));
        match (found.next(), found.next()) {
            (Some(entry), None) => Ok(entry),
            (None, _) => Err(format!(
                "no input has a digest that begins with `{beginning}`\nhint: digests are the names of the files in the `ledger` folder of the lake"
            )),
            (Some(_), Some(_)) => Err(format!(
                "several inputs have a digest that begins with `{beginning}`\nhint: give more of it"
            )),
        }
    }

    /// Takes one input back. Inputs of the same source that brought lines which
    /// the lake held already may have lost some: they are marked as incomplete.
    pub fn retract(&self, entry: &LedgerEntry) -> Result<Retracted, String> {
        self.put(Vec::new(), std::slice::from_ref(entry))
    }

    /// The keys of the lines that an input gave to a day.
    pub fn lines_of(
        &self,
        entry: &LedgerEntry,
        table: Table,
        day: NaiveDate,
    ) -> Result<Vec<u64>, String> {
        let folder = table.folder(Some(day));
        let mut keys = Vec::new();
        for file in entry.files_in(&folder) {
            super::lines::read_keys(&self.lake.root.join(&file.path), &mut keys)?;
        }
        Ok(keys)
    }

    /// Refuses to make a day anew of which files hold several inputs.
    pub fn refuse_whole_days(&self, table: Table, day: NaiveDate) -> Result<(), String> {
        let folder = table.folder(Some(day));
        let mut seen = BTreeSet::new();
        for entry in self.lake.ledger()?.values() {
            for file in entry.files_in(&folder) {
                if !seen.insert(file.path.clone()) {
                    return Err(format!(
                        "{day} is compacted: which input gave which row is not known any more\nhint: take its inputs back with `entobs retract`, and ingest them again"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Puts the rows of transactions in the place of what their inputs gave to
    /// a day, all at once.
    pub fn replace_day(
        &self,
        table: Table,
        day: NaiveDate,
        made: Vec<(LedgerEntry, Transaction)>,
    ) -> Result<(), String> {
        let folder = table.folder(Some(day));
        let mut change = Change::default();
        for (mut entry, transaction) in made {
            self.lines.borrow_mut().remove(&entry);
            let new: Vec<StoredFile> = transaction.finish(&self.lake.root, &entry.digest)?;
            let old = entry.files_in(&folder).map(|file| file.path.clone());
            change.unlink.extend(old);
            let prefix = format!("{folder}/");
            entry.files.retain(|file| !file.path.starts_with(&prefix));
            entry.files.extend(new);
            entry.files.sort_by(|a, b| a.path.cmp(&b.path));
            change.store.push(entry);
        }
        change.apply(&self.lake.root)?;
        let mut lines = self.lines.borrow_mut();
        change.store.iter().for_each(|entry| lines.add(entry));
        Ok(())
    }
}
