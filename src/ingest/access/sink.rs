//! Rows into the lake, file by file, each line once.

use super::feed::{self, Content, Step};
use super::parse::{ENOUGH_PEOPLE, Parsed, Row, Unmapped};
use super::{AccessSource, Spare};
use crate::access::Rules;
use crate::ingest::{FileReport, Report, as_duplicate, school_year};
use crate::lake::{Columns, Counts, Table, Transaction, Writer};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

pub(super) struct Sink<'a, 'w> {
    writer: &'a Writer<'w>,
    rules: &'a Rules,
    source: &'a AccessSource,
    paths: std::slice::Iter<'a, PathBuf>,
    spare: &'a Spare<Parsed>,
    open: Option<Open>,
    report: Report,
}

/// A file on its way.
struct Open {
    delivered: String,
    store: Store,
    counts: Counts,
    content: Content,
    rules: Vec<u64>,
    unmapped: Unmapped,
}

/// Rows into a transaction.
pub(super) struct Store {
    pub transaction: Transaction,
}

impl<'a, 'w> Sink<'a, 'w> {
    pub fn new(
        writer: &'a Writer<'w>,
        rules: &'a Rules,
        source: &'a AccessSource,
        paths: &'a [PathBuf],
        spare: &'a Spare<Parsed>,
    ) -> Self {
        Self {
            writer,
            rules,
            source,
            paths: paths.iter(),
            spare,
            open: None,
            report: Report::default(),
        }
    }

    /// What became of the files.
    pub fn report(self) -> Report {
        self.report
    }

    /// Takes one step; the steps of all files come in their order.
    pub fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Start(delivered) => self.start(delivered),
            Step::Rows(parsed) => {
                self.rows(&parsed)?;
                self.spare.put(parsed);
                Ok(())
            }
            Step::End(fault) => self.end(fault),
            Step::Known(digest) => {
                self.next_path();
                self.known(&digest)
            }
            Step::Unknown => unreachable!("asked for new files"),
            Step::Refused(message) => Err(message),
        }
    }

    fn start(&mut self, delivered: String) -> Result<(), String> {
        self.open = Some(Open {
            delivered,
            store: Store::new(self.writer.begin(&self.source.front_end)?),
            counts: Counts::default(),
            content: Content::default(),
            rules: vec![0; self.rules.labels().len()],
            unmapped: Unmapped::default(),
        });
        Ok(())
    }

    fn rows(&mut self, parsed: &Parsed) -> Result<(), String> {
        let open = self.open.as_mut().expect("rows come after a start");
        open.content.add(&parsed.hashes);
        if parsed.unfinished {
            open.content.is_unfinished();
        }
        open.counts.add(&parsed.counts);
        open.unmapped.merge(&parsed.unmapped);
        for (sum, count) in open.rules.iter_mut().zip(&parsed.rules) {
            *sum += count;
        }
        let (rules, front_end) = (self.rules, &self.source.front_end);
        for rows in parsed.rows.chunk_by(|a, b| a.day == b.day) {
            let kept = open.store.new_rows(rows, rules, front_end)?;
            open.counts.kept += kept;
            open.counts.duplicates += rows.len() as u64 - kept;
        }
        Ok(())
    }

    fn end(&mut self, fault: Option<io::Error>) -> Result<(), String> {
        let open = self.open.take().expect("an end comes after a start");
        let path = self.next_path();
        let read = open.counts.read;
        let file = FileReport {
            path: path.display().to_string(),
            fault: fault.map(|error| {
                format!("cannot be read after line {read}: {error}\nhint: the file was cut; ask for it again")
            }),
            classified: self.classified(&open.rules),
            unmapped: named(&open.unmapped),
            counts: open.counts,
        };
        let content = open.content.digest();
        let input = feed::input(self.source, &content);
        if self.writer.holds(&input.digest) {
            // The same lines under another compression.
            return self.known(&input.digest);
        }
        let files = [file];
        let mut entry = input.entry(&files);
        entry.content = Some(content);
        entry.delivered = Some(open.delivered);
        entry.rules = Some(self.rules.version().to_owned());
        self.writer.commit(open.store.transaction, entry)?;
        let [file] = files;
        self.report.push(file);
        Ok(())
    }

    fn known(&mut self, digest: &str) -> Result<(), String> {
        for file in self.writer.entry(digest)?.inputs {
            self.report.push(as_duplicate(file));
        }
        Ok(())
    }

    fn next_path(&mut self) -> &'a PathBuf {
        self.paths.next().expect("a path for each file")
    }

    fn classified(&self, counts: &[u64]) -> BTreeMap<String, u64> {
        let named = self
            .rules
            .labels()
            .iter()
            .cloned()
            .zip(counts.iter().copied());
        named.filter(|(_, count)| *count > 0).collect()
    }
}

impl Store {
    pub fn new(transaction: Transaction) -> Self {
        Self { transaction }
    }

    /// Stores those rows of a day that the lake does not hold; returns how many.
    fn new_rows(&mut self, rows: &[Row], rules: &Rules, front_end: &str) -> Result<u64, String> {
        let day = rows[0].day;
        if self.transaction.is_new_day(Table::Requests, day)? {
            self.keep(rows, rules, front_end)?;
            return Ok(rows.len() as u64);
        }
        let mut new = Vec::new();
        for row in rows {
            let (time, hash) = (row.time, row.line_hash);
            if self.transaction.is_new(Table::Requests, day, time, hash)? {
                new.push(*row);
            }
        }
        self.keep(&new, rules, front_end)?;
        Ok(new.len() as u64)
    }

    /// Stores rows of one day.
    pub fn keep(&mut self, rows: &[Row], rules: &Rules, front_end: &str) -> Result<(), String> {
        let Some(Row { day, .. }) = rows.first() else {
            return Ok(());
        };
        let school_year = school_year(*day);
        let fill = |rows: &[Row], columns: &mut Columns<'_>| {
            columns.same_text(&school_year, rows.len());
            columns.same_date(*day, rows.len());
            columns.instant(rows.iter().map(|row| row.time));
            columns.same_text(front_end, rows.len());
            columns.pseudonym(rows.iter().map(|row| row.account));
            columns.text(rows.iter().map(|row| row.class.code()));
            columns.text(rows.iter().map(|row| rules.services().code(row.service)));
            columns.text(rows.iter().map(|row| row.device));
            columns.integer(rows.iter().map(|row| row.status.map(i64::from)));
            columns.integer(rows.iter().map(|row| row.duration_us));
            columns.line_hash(rows.iter().map(|row| row.line_hash));
        };
        self.transaction
            .rows(Table::Requests, Some(*day), rows, fill)
    }
}

/// The paths that may be named: plain words that enough people asked for.
fn named(unmapped: &Unmapped) -> BTreeMap<String, u64> {
    let plain = |segment: &[u8]| {
        let word = |b: &u8| b.is_ascii_lowercase() || *b == b'-';
        segment.len() <= 32 && segment.iter().all(word)
    };
    let enough = unmapped
        .0
        .iter()
        .filter(|(segment, (_, accounts))| plain(segment) && accounts.len() >= ENOUGH_PEOPLE);
    enough
        .map(|(segment, (count, _))| {
            let name = String::from_utf8_lossy(segment);
            (format!("/{name}"), *count)
        })
        .collect()
}
