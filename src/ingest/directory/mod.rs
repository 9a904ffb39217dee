//! Directories: deliveries of an académie, kept as what they tell at their day.
//! Marts make intervals of them, so a corrected or a late delivery needs no
//! log to be read again.
//!
//! Nothing of a delivery is kept unless all of it can be: a cut file would look
//! like a mass departure, and so would one that tells much fewer people than
//! the one before.

mod facts;
mod rows;

use super::{Context, FileReport, Input, Report, as_duplicate, school_year, unreadable};
use crate::directory::aaf::{self, Category};
use crate::directory::delivery::{self, Delivery, Document, Documents, Extent};
use crate::directory::table::{self, Columns};
use crate::lake::{Counts, LedgerEntry, Told, Transaction, hex};
use chrono::NaiveDate;
use facts::{Fact, Ids, Translator};
use rows::Rows;
use sha2::{Digest, Sha256};
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};

/// A delivery that tells less than this of what the one before told is refused.
const LEAST_PERCENT: u64 = 80;
/// Entries that go from the thread that parses to the one that stores at once.
const ENTRIES_IN_A_BATCH: usize = 1_024;
const BATCHES_UNDER_WAY: usize = 16;

/// What becomes of a complete delivery that tells much less than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shrinking {
    /// Nothing of it is kept: a file may be missing.
    Refused,
    /// Somebody looked: so many really left.
    Accepted,
}

/// Why no more deliveries were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// This delivery is not taken; others may be.
    Refused(String),
    /// The lake cannot be written, or somebody asked to stop.
    Lake(String),
}

impl Stop {
    /// What is wrong and what to do.
    pub fn message(self) -> String {
        match self {
            Self::Refused(message) | Self::Lake(message) => message,
        }
    }
}

/// Whose deliveries they are, and what the columns of its tables tell.
#[derive(Clone, Copy)]
pub struct DirectorySource<'a> {
    /// The académie, or the platform.
    pub academie: &'a str,
    /// Of tables; XML says itself what it tells.
    pub columns: &'a Columns,
}

/// Ingests deliveries of one académie from files, folders and archives, in the
/// order of their days. Account ids become `<académie>-<join key>`, for join
/// keys are unique only inside one. Each delivery enters at once with all that it
/// tells, in the place of what it replaces. What became of the deliveries before a
/// refused one is added to `report` too.
pub fn directory(
    context: &mut Context<'_>,
    paths: &[PathBuf],
    from: DirectorySource<'_>,
    shrinking: Shrinking,
    report: &mut Report,
) -> Result<(), Stop> {
    let mut history = History::of(context, from.academie).map_err(Stop::Lake)?;
    for (delivery, documents) in delivery::find(paths).map_err(Stop::Refused)? {
        let read = read(context, &history, from, &delivery, documents)?;
        for unit in &read.staged {
            let checked = unit.check_size(&history, from.academie, shrinking);
            checked.map_err(Stop::Refused)?;
        }
        let told = read.commit(context, &mut history).map_err(Stop::Lake)?;
        told.into_iter().for_each(|file| report.push(file));
    }
    Ok(())
}

/// The digests that what a path holds has as inputs of the lake.
pub(super) fn digests_of(path: &std::path::Path, academie: &str) -> Result<Vec<String>, String> {
    let mut digests = Vec::new();
    let columns = &Columns::default();
    for (delivery, documents) in delivery::find(&[path.to_owned()])? {
        for (category, documents) in &documents {
            let unit = Unit::new(
                DirectorySource { academie, columns },
                &delivery,
                *category,
                documents,
            );
            digests.push(unit.input()?.digest);
        }
    }
    Ok(digests)
}

/// A delivery that was read.
#[derive(Default)]
struct Read {
    /// What the lake does not hold; nothing of it is in place yet.
    staged: Vec<Staged>,
    /// What it holds.
    held: Vec<LedgerEntry>,
    /// Files of which nothing is kept.
    known: Vec<FileReport>,
}

/// Reads what the lake does not hold of a delivery.
fn read(
    context: &mut Context<'_>,
    history: &History,
    from: DirectorySource<'_>,
    delivery: &Delivery,
    documents: Documents,
) -> Result<Read, Stop> {
    let mut done = Read::default();
    for (category, documents) in &documents {
        let unit = Unit::new(from, delivery, *category, documents);
        let input = unit.input().map_err(Stop::Refused)?;
        if context.writer.holds(&input.digest) {
            let entry = context.writer.entry(&input.digest).map_err(Stop::Lake)?;
            let files = entry.inputs.iter().cloned().map(as_duplicate);
            done.known.extend(files);
            done.held.push(entry);
            continue;
        }
        let told_before = history.completes(&unit).map_err(Stop::Refused)?;
        let mut read = unit.read(context, input)?;
        if told_before {
            read.files.iter_mut().for_each(as_told);
            done.known.append(&mut read.files);
        } else {
            done.staged.push(read);
        }
    }
    Ok(done)
}

impl Read {
    /// Puts all of it in place of what it replaces; what became of its files.
    fn commit(
        self,
        context: &Context<'_>,
        history: &mut History,
    ) -> Result<Vec<FileReport>, String> {
        let mut files = self.known;
        let mut gone: Vec<LedgerEntry> = Vec::new();
        let (mut made, mut told) = (Vec::new(), Vec::new());
        for entry in &self.held {
            gone.extend(history.replaced_by(entry));
        }
        for unit in self.staged {
            gone.extend(history.replaced_by(&unit.entry));
            told.push((unit.told().clone(), unit.kept(), unit.entry.clone()));
            made.push((unit.transaction, unit.entry));
            files.extend(unit.files);
        }
        if !made.is_empty() || !gone.is_empty() {
            context.writer.put(made, &gone)?;
        }
        history.told.retain(|(_, _, entry)| !gone.contains(entry));
        history.told.extend(told);
        Ok(files)
    }
}

/// The changes of a day of which the lake holds the whole are in it.
fn as_told(file: &mut FileReport) {
    file.counts.duplicates += file.counts.kept;
    file.counts.kept = 0;
}

/// What a delivery tells of one category: one input of the lake.
struct Unit<'a> {
    academie: &'a str,
    columns: &'a Columns,
    delivery: &'a Delivery,
    category: Category,
    documents: &'a [Document],
    year: String,
}

impl<'a> Unit<'a> {
    fn new(
        from: DirectorySource<'a>,
        delivery: &'a Delivery,
        category: Category,
        documents: &'a [Document],
    ) -> Self {
        Self {
            academie: from.academie,
            columns: from.columns,
            delivery,
            category,
            documents,
            year: school_year(delivery.day),
        }
    }

    /// Known by its content and by what its name says of it: the same people
    /// may be told at two days. Another delivery under this name replaces it.
    fn input(&self) -> Result<Input, String> {
        let Delivery { day, extent, feed } = self.delivery;
        let name = format!("{feed} {day} {} {}", extent.code(), self.category.code());
        let mut hash = Sha256::new();
        hash.update(format!("directory\n{}\n{name}\n", self.academie));
        for document in self.documents {
            if document.is_table() {
                hash.update(self.columns.identity());
            }
            let digested = document.read(|bytes| digest(&mut hash, bytes));
            digested.map_err(|error| unreadable(document.shown().as_ref(), &error))?;
        }
        let input = Input {
            digest: hex(&hash.finalize()),
            kind: "directory".into(),
            source: self.academie.into(),
            version_of: None,
        };
        Ok(input.version_of(&name))
    }

    fn told(&self) -> Told {
        Told {
            feed: self.delivery.feed.clone(),
            day: self.delivery.day,
            category: self.category.code().into(),
            extent: self.delivery.extent.code().into(),
        }
    }

    /// Reads the documents, of which one thread parses and this one stores.
    fn read(&self, context: &Context<'_>, input: Input) -> Result<Staged, Stop> {
        let key = context.keys.master.for_year(&self.year);
        let key = key.map_err(|error| Stop::Refused(error.to_string()))?;
        let begun = context.writer.begin(&input.source);
        let mut transaction = begun.map_err(Stop::Lake)?;
        let mut counts = vec![Counts::default(); self.documents.len()];
        let mut rows = Rows::new(self, &mut transaction).map_err(Stop::Lake)?;
        let translator = Translator {
            key,
            academie: self.academie.to_owned(),
            extent: self.delivery.extent,
        };
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(BATCHES_UNDER_WAY);
            let parser = scope.spawn(|| parse(self, &translator, sender));
            let stored = receiver
                .into_iter()
                .try_for_each(|(document, facts): Batch| {
                    context.go_on()?;
                    let counts: &mut Counts = &mut counts[document];
                    facts.iter().try_for_each(|fact| rows.add(fact, counts))
                });
            let parsed = parser.join().expect("parsing does not panic");
            stored.map_err(Stop::Lake)?;
            parsed.map_err(Stop::Refused)
        })?;
        if let Some(last) = counts.last_mut() {
            rows.finish(last);
        }
        let files = self.documents.iter().zip(counts);
        let files: Vec<FileReport> = files
            .map(|(document, counts)| FileReport::of(document.shown(), counts, None))
            .collect();
        let mut entry = input.entry(&files);
        entry.told = Some(self.told());
        Ok(Staged {
            entry,
            files,
            transaction,
        })
    }
}

type Batch = (usize, Vec<Fact>);

/// Sends the facts of each document in the order of the documents. The sender
/// goes with the end of the work, which ends the reading of the other side.
fn parse(
    unit: &Unit<'_>,
    translator: &Translator,
    sender: SyncSender<Batch>,
) -> Result<(), String> {
    for (number, document) in unit.documents.iter().enumerate() {
        let mut batch = Vec::with_capacity(ENTRIES_IN_A_BATCH);
        let send = |batch: &mut Vec<Fact>| {
            let full = std::mem::replace(batch, Vec::with_capacity(ENTRIES_IN_A_BATCH));
            // Nobody takes it where storing failed, which is told by the other side.
            let _ = sender.send((number, full));
        };
        let read = document.read(|bytes| {
            let mut take = |fact| {
                batch.push(fact);
                if batch.len() == ENTRIES_IN_A_BATCH {
                    send(&mut batch);
                }
            };
            if !document.is_table() {
                return aaf::read(bytes, |entry| take(translator.fact(&entry, Ids::JoinKeys)));
            }
            let (columns, is_of_all) = (unit.columns, document.is_of_all());
            table::read(bytes, columns, unit.category, is_of_all, |row| {
                let fact = |entry| translator.fact(&entry, Ids::OfPlatform);
                take(row.map_or_else(Fact::Rejected, fact));
            })
        });
        let read = read.map_err(|error| unreadable(document.shown().as_ref(), &error))?;
        read.map_err(|fault| {
            format!(
                "`{}`, byte {}: {}\nhint: nothing of this delivery was kept",
                document.shown(),
                fault.offset,
                fault.message
            )
        })?;
        send(&mut batch);
    }
    Ok(())
}

/// A document that cannot be read to its end is known by what could be read.
fn digest(hash: &mut Sha256, bytes: &mut dyn BufRead) {
    while let Ok(read) = bytes.fill_buf() {
        let length = read.len();
        if length == 0 {
            return;
        }
        hash.update(read);
        bytes.consume(length);
    }
    hash.update(b"cut here");
}

/// A unit that was read and is not in place yet.
struct Staged {
    entry: LedgerEntry,
    files: Vec<FileReport>,
    transaction: Transaction,
}

impl Staged {
    fn told(&self) -> &Told {
        self.entry
            .told
            .as_ref()
            .expect("a directory tells something")
    }

    fn kept(&self) -> u64 {
        self.files.iter().map(|file| file.counts.kept).sum()
    }

    /// Refuses a complete delivery that tells much less than the one before.
    fn check_size(
        &self,
        history: &History,
        academie: &str,
        shrinking: Shrinking,
    ) -> Result<(), String> {
        let told = self.told();
        let Some((before, count)) = history.before(told) else {
            return Ok(());
        };
        let kept = self.kept();
        if shrinking == Shrinking::Accepted || kept * 100 >= count * LEAST_PERCENT {
            return Ok(());
        }
        Err(format!(
            "directory `{academie}`, {} of {}: {kept} entries ({}) where the delivery of {} had {count}; nothing of this delivery was kept\nhint: a file may be missing or cut; if so many really left, give it again with `--accept-shrinking`",
            told.feed, told.day, told.category, before.day
        ))
    }
}

/// What the lake knows of the deliveries of an académie.
struct History {
    told: Vec<(Told, u64, LedgerEntry)>,
}

impl History {
    fn of(context: &Context<'_>, academie: &str) -> Result<Self, String> {
        let entries = context.writer.entries()?.into_values();
        let told = entries
            .filter(|entry| entry.kind == "directory" && entry.source == academie)
            .filter_map(|entry| {
                let kept = entry.inputs.iter().map(|file| file.counts.kept).sum();
                Some((entry.told.clone()?, kept, entry))
            });
        Ok(Self {
            told: told.collect(),
        })
    }

    fn same<'a>(&'a self, told: &'a Told) -> impl Iterator<Item = &'a (Told, u64, LedgerEntry)> {
        let all = self.told.iter();
        all.filter(|(of, _, _)| of.feed == told.feed && of.category == told.category)
    }

    /// The last complete delivery until the day of this one, itself replaced.
    fn before<'a>(&'a self, told: &'a Told) -> Option<(&'a Told, u64)> {
        if told.extent != Extent::Complete.code() {
            return None;
        }
        let complete = self.same(told).filter(|(of, _, _)| is_complete(of));
        complete
            .filter(|(of, _, _)| of.day <= told.day)
            .max_by_key(|(of, _, _)| of.day)
            .map(|(of, kept, _)| (of, *kept))
    }

    /// Whether the lake holds a complete delivery of the day of this delta. An
    /// error where there is none before it in its school year, at the beginning
    /// of which pseudonyms change.
    fn completes(&self, unit: &Unit<'_>) -> Result<bool, String> {
        let is_of_people = !matches!(unit.category, Category::Structure | Category::Other);
        if unit.delivery.extent == Extent::Complete || !is_of_people {
            return Ok(false);
        }
        let told = unit.told();
        let days = self.same(&told).filter(|(of, _, _)| is_complete(of));
        let days: Vec<NaiveDate> = days.map(|(of, _, _)| of.day).collect();
        if days.contains(&told.day) {
            return Ok(true);
        }
        let fits = |day: &NaiveDate| *day <= told.day && school_year(*day) == unit.year;
        if days.iter().any(fits) {
            return Ok(false);
        }
        Err(format!(
            "`{}` tells changes since a complete delivery of `{}` ({}) that the lake does not hold for {}\nhint: ingest the `Complet` of this feed and school year first",
            unit.documents[0].shown(),
            told.feed,
            told.category,
            unit.year
        ))
    }

    /// What goes when an entry is in place: other versions of it and, with a
    /// complete delivery, the deltas of its day, which it tells too.
    fn replaced_by(&self, entry: &LedgerEntry) -> Vec<LedgerEntry> {
        let Some(told) = &entry.told else {
            return Vec::new();
        };
        let others = self
            .same(told)
            .filter(|(_, _, other)| other.digest != entry.digest);
        let replaced = others.filter(|(of, _, _)| {
            of == told || is_complete(told) && !is_complete(of) && of.day == told.day
        });
        replaced.map(|(_, _, other)| other.clone()).collect()
    }
}

fn is_complete(told: &Told) -> bool {
    told.extent == Extent::Complete.code()
}
