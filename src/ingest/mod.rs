//! Raw inputs into the lake: read, enrich, pseudonymise, drop. One file per
//! kind of input; nothing is written before the pseudonym is made.

mod access;
mod accounts;
mod directory;
mod events;
mod logins;
mod national;
mod registers;
mod schools;
mod statistics;
mod tabular;
mod tally;
mod tickets;

pub use access::{AccessSource, access, redo_day};
pub use accounts::platform_accounts;
pub use directory::{DirectorySource, Shrinking, Stop, directory};
pub use events::events;
pub use logins::logins;
pub use national::national;
pub use registers::{Holds, Known, REGISTERS, Register, known, register, register_template};
pub use schools::schools;
pub use statistics::statistics;
pub use tickets::tickets;

use crate::access::Rules;
use crate::domain::{Period, ServiceMap};
use crate::lake::{Counts, InputFile, Lake, LedgerEntry, Retracted, Transaction, Writer, hex};
use crate::privacy::pseudonym::{LineKey, MasterKey, YearKey};
use crate::source;
use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What became of one file.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// The path as given.
    pub path: String,
    /// read = kept + duplicates + rejected.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why the file could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Requests by the rule that classified them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub classified: BTreeMap<String, u64>,
    /// Requests of people by path, where no service claims it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unmapped: BTreeMap<String, u64>,
}

impl FileReport {
    /// A report of counts alone.
    fn of(path: String, counts: Counts, fault: Option<String>) -> Self {
        Self {
            path,
            counts,
            fault,
            classified: BTreeMap::new(),
            unmapped: BTreeMap::new(),
        }
    }
}

/// What became of all files of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// File by file.
    pub files: Vec<FileReport>,
    /// The sums.
    #[serde(flatten)]
    pub total: Counts,
}

impl Report {
    /// Adds the report of a file.
    pub fn push(&mut self, file: FileReport) {
        debug_assert!(file.counts.balance(), "no row is lost from the count");
        self.total.add(&file.counts);
        self.files.push(file);
    }

    /// Adds all of another report.
    pub fn extend(&mut self, other: Self) {
        other.files.into_iter().for_each(|file| self.push(file));
    }

    /// Requests by the rule that classified them, the most frequent first.
    pub fn classified(&self) -> Vec<(&str, u64)> {
        ranked(self.files.iter().map(|file| &file.classified))
    }

    /// Requests of people by path that no service claims, the most frequent
    /// first: what the table of services should name next.
    pub fn unmapped(&self) -> Vec<(&str, u64)> {
        ranked(self.files.iter().map(|file| &file.unmapped))
    }

    /// Whether a person should read it: rejects other than what is passed over
    /// by design (comments of a log, what a directory tells besides people and
    /// schools), or a file cut short.
    pub fn has_findings(&self) -> bool {
        let by_design = ["comment", "not_a_school", "not_a_person_nor_a_structure"];
        let mut reasons = self.total.rejected.keys();
        reasons.any(|reason| !by_design.contains(&reason.as_str()))
            || self.files.iter().any(|file| file.fault.is_some())
    }
}

fn ranked<'a>(counts: impl Iterator<Item = &'a BTreeMap<String, u64>>) -> Vec<(&'a str, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in counts.flatten() {
        *sums.entry(name).or_default() += count;
    }
    let mut ranked: Vec<_> = sums.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    ranked
}

/// What every kind of ingestion needs.
pub struct Context<'a> {
    writer: Writer<'a>,
    keys: Keys,
    rules: Rules,
    stop: Arc<AtomicBool>,
}

/// What an ingestion says that was asked to stop.
pub const STOPPED: &str = "stopped as asked; what was committed stays\nhint: run again to go on";

/// Why a row about a person is rejected of whose school year the key is gone.
const NO_KEY: &str = "year_key_destroyed";

/// Yearly keys, made when first needed.
struct Keys {
    master: MasterKey,
    lines: LineKey,
    years: BTreeMap<String, Option<YearKey>>,
}

impl Keys {
    /// None where the year's key was destroyed: the row is a reject ([`NO_KEY`]).
    fn pseudonym(&mut self, school_year: &str, account: &[u8]) -> Option<u64> {
        if !self.years.contains_key(school_year) {
            let key = self.master.for_year(school_year).ok();
            self.years.insert(school_year.to_owned(), key);
        }
        Some(self.years[school_year].as_ref()?.pseudonym(account))
    }
}

impl<'a> Context<'a> {
    /// Takes the right to write to the lake.
    ///
    /// # Errors
    /// A lake that somebody writes, or that was written with another key.
    pub fn new(lake: &'a Lake, master: MasterKey, rules: Rules) -> Result<Self, String> {
        let writer = lake.writer()?;
        let lines = master.for_lines();
        writer.written_with(&lines.fingerprint())?;
        Ok(Self {
            writer,
            keys: Keys {
                lines,
                master,
                years: BTreeMap::new(),
            },
            rules,
            stop: Arc::default(),
        })
    }

    /// Ends between two steps of an input once this is true: the input under way
    /// is left out, those before it stay.
    pub fn stop_when(&mut self, stop: Arc<AtomicBool>) {
        self.stop = stop;
    }

    fn go_on(&self) -> Result<(), String> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(STOPPED.into()),
            false => Ok(()),
        }
    }

    /// The process that was interrupted while it wrote to the lake, if one was.
    pub fn interrupted(&self) -> Option<&str> {
        self.writer.interrupted()
    }

    /// What the ledger says of an input.
    pub fn entry(&self, digest: &str) -> Result<LedgerEntry, String> {
        self.writer.entry(digest)
    }
}

/// Takes back an input: by the beginning of its digest, or by a file that has
/// its content, whatever the name and the compression. A delivery of a directory,
/// in a file, an archive or a folder, goes with all that it told, at once.
pub fn retract(
    context: &mut Context<'_>,
    named: &str,
) -> Result<(Vec<LedgerEntry>, Retracted), String> {
    let path = Path::new(named);
    let entries = match path.exists() {
        true => inputs_of(context, path)?,
        false => vec![context.writer.entry_named(named)?],
    };
    let retracted = context.writer.put(Vec::new(), &entries)?;
    Ok((entries, retracted))
}

fn inputs_of(context: &Context<'_>, path: &Path) -> Result<Vec<LedgerEntry>, String> {
    let lines = match path.is_dir() {
        true => String::new(),
        false => access::content(path, &context.keys)?,
    };
    // The file is read once for each kind and source, not for each entry.
    let mut digests: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in context.writer.entries()?.into_values() {
        let same = if let Some(content) = &entry.content {
            *content == lines
        } else {
            let of = (entry.kind.clone(), entry.source.clone());
            if !digests.contains_key(&of) {
                let found = match of.0.as_str() {
                    // A file whose name is none of a directory is no input of one.
                    "directory" => directory::digests_of(path, &of.1).unwrap_or_default(),
                    _ if path.is_dir() => Vec::new(),
                    _ => vec![Input::identify(&of.0, &of.1, &[path.to_owned()])?.digest],
                };
                digests.insert(of.clone(), found);
            }
            digests[&of].contains(&entry.digest)
        };
        if same {
            found.push(entry);
        }
    }
    if found.is_empty() {
        return Err(format!(
            "`{}` is no input of the lake\nhint: an input of several files is named by its digest, the name of its file in the `ledger` folder",
            path.display()
        ));
    }
    Ok(found)
}

/// One input on its way: its files, the transaction and the counts.
struct Input {
    digest: String,
    kind: String,
    source: String,
    version_of: Option<String>,
}

impl Input {
    /// Identifies an input by its content, its kind and its source.
    fn identify(kind: &str, source: &str, paths: &[PathBuf]) -> Result<Self, String> {
        let mut hash = Sha256::new();
        hash.update(format!("{kind}\n{source}\n"));
        for path in paths {
            source::digest_into(&mut hash, path).map_err(|error| unreadable(path, &error))?;
        }
        Ok(Self {
            digest: hex(&hash.finalize()),
            kind: kind.to_owned(),
            source: source.to_owned(),
            version_of: None,
        })
    }

    /// An input that is known by a digest of its content.
    fn of_content(kind: &str, source: &str, content: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("{kind}\n{source}\n{content}"));
        Self {
            digest: hex(&hash.finalize()),
            kind: kind.to_owned(),
            source: source.to_owned(),
            version_of: None,
        }
    }

    /// The same content read in another way is another input: a log that was
    /// rejected under a wrong format is read again under the right one. Its
    /// lines are known one by one, so none is kept twice.
    fn read_as(mut self, format: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{format}", self.digest));
        self.digest = hex(&hash.finalize());
        self
    }

    /// Files of which the last delivery counts: a later one under the same
    /// names takes the place of this one.
    fn versioned(self, paths: &[PathBuf]) -> Self {
        let names = paths
            .iter()
            .map(|path| file_name(&path.display().to_string()));
        let mut names: Vec<String> = names.collect();
        names.sort();
        self.version_of(&names.join(" "))
    }

    fn version_of(mut self, what: &str) -> Self {
        self.version_of = Some(what.to_owned());
        self
    }

    fn entry(&self, files: &[FileReport]) -> LedgerEntry {
        let inputs = files.iter().map(|file| InputFile {
            name: file_name(&file.path),
            counts: file.counts.clone(),
        });
        LedgerEntry {
            digest: self.digest.clone(),
            kind: self.kind.clone(),
            source: self.source.clone(),
            version_of: self.version_of.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            content: None,
            delivered: None,
            rules: None,
            redone: BTreeMap::new(),
            told: None,
            erased: 0,
            floors: BTreeMap::new(),
            incomplete: false,
            inputs: inputs.collect(),
            files: Vec::new(),
        }
    }
}

/// Stores one input unless the lake holds it: then all its rows are duplicates.
fn store(
    context: &mut Context<'_>,
    input: &Input,
    read: impl FnOnce(&mut Keys, &ServiceMap, &mut Transaction) -> Result<Vec<FileReport>, String>,
) -> Result<Report, String> {
    let mut report = Report::default();
    if context.writer.holds(&input.digest) {
        let ledger = context.writer.entry(&input.digest)?;
        context.writer.supersede(&ledger)?;
        for file in ledger.inputs {
            report.push(as_duplicate(file));
        }
        return Ok(report);
    }
    context.go_on()?;
    let mut transaction = context.writer.begin(&input.source)?;
    let files = read(
        &mut context.keys,
        context.rules.services(),
        &mut transaction,
    )?;
    context.writer.commit(transaction, input.entry(&files))?;
    files.into_iter().for_each(|file| report.push(file));
    Ok(report)
}

/// A file seen again: what was kept then is a duplicate now; rejects stay rejects.
fn as_duplicate(file: InputFile) -> FileReport {
    let mut counts = file.counts;
    counts.duplicates += counts.kept;
    counts.kept = 0;
    FileReport::of(file.name, counts, None)
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!(
        "`{}` cannot be read: {error}\nhint: check the path and its permissions",
        path.display()
    )
}

fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name();
    name.map_or_else(|| path.to_owned(), |n| n.to_string_lossy().into_owned())
}

/// The eight-digit date in a file's name (`ENT_Complet_20240916_Eleve_0000.xml`).
fn date_in_name(path: &Path) -> Option<NaiveDate> {
    let name = path.file_name()?.to_str()?;
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 8)
        .find_map(|digits| NaiveDate::parse_from_str(digits, "%Y%m%d").ok())
}

fn school_year(day: NaiveDate) -> String {
    Period::school_year_of(day)
}
