//! A day made anew: the same lines of the same inputs, read by the rules of
//! today. Each input keeps the lines that it gave, so none is lost or doubled.

use super::AccessSource;
use super::feed::Step;
use super::sink::Store;
use crate::access::Rules;
use crate::lake::{LedgerEntry, Table, Transaction, Writer, line_key, stored_hash};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};

pub(super) struct Redo<'a, 'w> {
    writer: &'a Writer<'w>,
    rules: &'a Rules,
    source: &'a AccessSource,
    day: NaiveDate,
    open: Option<Open>,
    made: Vec<(LedgerEntry, Transaction)>,
}

struct Open {
    entry: LedgerEntry,
    store: Store,
    /// Lines of the day that the input gave, and how many of each.
    owned: HashMap<u64, u32>,
}

impl<'a, 'w> Redo<'a, 'w> {
    pub fn new(
        writer: &'a Writer<'w>,
        rules: &'a Rules,
        source: &'a AccessSource,
        day: NaiveDate,
    ) -> Self {
        Self {
            writer,
            rules,
            source,
            day,
            open: None,
            made: Vec::new(),
        }
    }

    /// The inputs read and their rows of the day.
    pub fn made(self) -> Vec<(LedgerEntry, Transaction)> {
        self.made
    }

    /// Takes one step; the steps of all files come in their order.
    pub fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Start(digest) => return self.start(&digest),
            Step::Rows(parsed) => {
                let open = self.open.as_mut().expect("rows come after a start");
                let mut kept = Vec::new();
                for row in parsed.rows.iter().filter(|row| row.day == self.day) {
                    let key = line_key(row.time.timestamp_millis(), stored_hash(row.line_hash));
                    if let Some(owned) = open.owned.get_mut(&key).filter(|n| **n > 0) {
                        *owned -= 1;
                        kept.push(*row);
                    }
                }
                let front_end = &self.source.front_end;
                open.store.keep(&kept, self.rules, front_end)?;
            }
            Step::End(_) => {
                let open = self.open.take().expect("an end comes after a start");
                return self.end(open);
            }
            Step::Refused(message) => return Err(message),
            Step::Known(_) | Step::Unknown => {}
        }
        Ok(())
    }

    fn start(&mut self, digest: &str) -> Result<(), String> {
        let entry = self.writer.entry(digest)?;
        let mut owned = HashMap::new();
        for key in self.writer.lines_of(&entry, Table::Requests, self.day)? {
            *owned.entry(key).or_insert(0) += 1;
        }
        let transaction = self.writer.begin(&self.source.front_end)?;
        self.open = Some(Open {
            entry,
            store: Store::new(transaction),
            owned,
        });
        Ok(())
    }

    fn end(&mut self, open: Open) -> Result<(), String> {
        if open.owned.values().any(|left| *left > 0) {
            return Err(format!(
                "input {} does not give the lines again that it gave\nhint: its files changed; nothing was changed in the lake",
                open.entry.digest
            ));
        }
        let mut entry = open.entry;
        let known = self
            .made
            .iter()
            .any(|(made, _)| made.digest == entry.digest);
        if entry.has_rows(Table::Requests, self.day) && !known {
            entry
                .redone
                .insert(self.day.to_string(), self.rules.version().into());
            self.made.push((entry, open.store.transaction));
        }
        Ok(())
    }
}

/// Puts what was made in the place of the day, if it is all of the day.
pub(super) fn replace(
    writer: &Writer<'_>,
    day: NaiveDate,
    made: Vec<(LedgerEntry, Transaction)>,
) -> Result<u64, String> {
    let digests: BTreeSet<&str> = made.iter().map(|(e, _)| e.digest.as_str()).collect();
    let missing: Vec<String> = writer
        .entries()?
        .into_values()
        .filter(|entry| entry.has_rows(Table::Requests, day))
        .filter(|entry| !digests.contains(entry.digest.as_str()))
        .map(|entry| format!("{} ({})", entry.inputs[0].name, entry.source))
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "{day} cannot be made anew: the files of some of its inputs are not here: {}\nhint: put them where the configuration looks for them; nothing was changed",
            missing.join(", ")
        ));
    }
    let rows = made
        .iter()
        .map(|(entry, _)| entry.rows(Table::Requests, day));
    let rows = rows.sum();
    writer.replace_day(Table::Requests, day, made)?;
    Ok(rows)
}
