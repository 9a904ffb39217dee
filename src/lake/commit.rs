//! What is done at once: inputs put in place, and those taken back that they
//! replace. A delivery of several parts enters as one.

use super::ledger::Change;
use super::{LedgerEntry, Retracted, Transaction, Writer};
use std::collections::{BTreeMap, BTreeSet};

/// The ledger as it will be, and what that changes.
struct Plan {
    ledger: BTreeMap<String, LedgerEntry>,
    touched: BTreeSet<String>,
    removed: BTreeSet<String>,
    unlink: Vec<String>,
    retracted: Retracted,
}

impl Writer<'_> {
    /// Moves the files of a transaction into place, then writes the entry; takes
    /// back the inputs that this one is a later version of.
    pub fn commit(&self, transaction: Transaction, entry: LedgerEntry) -> Result<(), String> {
        if entry.version_of.is_some() {
            return self.put(vec![(transaction, entry)], &[]).map(drop);
        }
        // Of an input that adds up, no other entry changes: the ledger is not read.
        let mut entry = entry;
        entry.files = transaction.finish(&self.lake.root, &entry.digest)?;
        self.lines.borrow_mut().add(&entry);
        if self.ledger_path(&entry.digest).exists() {
            entry = self.entry(&entry.digest)?.completed_by(entry);
        }
        entry.store(&self.ledger_path(&entry.digest))
    }

    /// Puts several inputs in place, takes back those that they are later versions
    /// of and those of `gone`, as one change: all of it or nothing.
    pub fn put(
        &self,
        made: Vec<(Transaction, LedgerEntry)>,
        gone: &[LedgerEntry],
    ) -> Result<Retracted, String> {
        let mut plan = Plan::of(self.lake.ledger()?);
        let mut added = Vec::new();
        for (transaction, mut entry) in made {
            entry.files = transaction.finish(&self.lake.root, &entry.digest)?;
            added.push(entry.clone());
            plan.put(entry);
        }
        gone.iter().for_each(|entry| plan.take_back(&entry.digest));
        let (change, mut retracted) = plan.change();
        if !change.is_empty() {
            change.apply(&self.lake.root)?;
        }
        let mut lines = self.lines.borrow_mut();
        lines.remove_files(&change.unlink);
        added.iter().for_each(|entry| lines.add(entry));
        retracted.incomplete.sort();
        Ok(retracted)
    }

    /// Takes back the inputs that this one is a later version of.
    pub fn supersede(&self, entry: &LedgerEntry) -> Result<(), String> {
        if entry.version_of.is_none() {
            return Ok(());
        }
        let others = self.lake.ledger()?.into_values();
        let others: Vec<LedgerEntry> = others.filter(|other| replaces(entry, other)).collect();
        self.put(Vec::new(), &others).map(drop)
    }
}

/// Whether one input is another version of the other.
fn replaces(entry: &LedgerEntry, other: &LedgerEntry) -> bool {
    let of = |entry: &LedgerEntry| {
        let LedgerEntry {
            kind,
            source,
            version_of,
            ..
        } = entry;
        (kind.clone(), source.clone(), version_of.clone())
    };
    entry.version_of.is_some() && entry.digest != other.digest && of(entry) == of(other)
}

impl Plan {
    fn of(ledger: BTreeMap<String, LedgerEntry>) -> Self {
        Self {
            ledger,
            touched: BTreeSet::new(),
            removed: BTreeSet::new(),
            unlink: Vec::new(),
            retracted: Retracted::default(),
        }
    }

    fn put(&mut self, mut entry: LedgerEntry) {
        let others = self.ledger.values();
        let replaced = others.filter(|other| replaces(&entry, other));
        let replaced: Vec<String> = replaced.map(|other| other.digest.clone()).collect();
        for digest in replaced {
            self.take_back(&digest);
        }
        if let Some(held) = self.ledger.remove(&entry.digest) {
            entry = held.completed_by(entry);
        }
        self.touched.insert(entry.digest.clone());
        self.ledger.insert(entry.digest.clone(), entry);
    }

    fn take_back(&mut self, digest: &str) {
        let Some(entry) = self.ledger.remove(digest) else {
            return;
        };
        self.touched.remove(digest);
        self.removed.insert(digest.to_owned());
        let gone: BTreeSet<String> = entry.files.iter().map(|file| file.path.clone()).collect();
        self.retracted.rows += entry.files.iter().map(|file| file.rows).sum::<u64>();
        for other in self.ledger.values_mut() {
            let overlaps = (&other.kind, &other.source) == (&entry.kind, &entry.source)
                && other.version_of.is_none()
                && other.has_duplicates();
            other.incomplete |= overlaps;
            if other.lose(&gone) || overlaps {
                self.touched.insert(other.digest.clone());
                self.retracted.incomplete.push(other.digest.clone());
            }
        }
        self.unlink.extend(gone);
    }

    fn change(mut self) -> (Change, Retracted) {
        let stored = self
            .touched
            .iter()
            .filter_map(|digest| self.ledger.remove(digest));
        let change = Change {
            store: stored.collect(),
            remove: self.removed.difference(&self.touched).cloned().collect(),
            unlink: self.unlink,
            ..Change::default()
        };
        let removed = &self.removed;
        let left = |digest: &String| !removed.contains(digest);
        self.retracted.incomplete.retain(left);
        self.retracted.incomplete.dedup();
        (change, self.retracted)
    }
}
