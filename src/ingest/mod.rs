//! Raw inputs into the lake: read, enrich, pseudonymise, drop. One file per
//! kind of input; nothing is written before the pseudonym is made.

mod access;
mod directory;
mod events;
mod registers;
mod schools;
mod tabular;
mod tickets;

pub use access::{AccessSource, access};
pub use directory::{directory, platform_accounts};
pub use events::events;
pub use registers::{REGISTERS, Register, register, register_template};
pub use schools::schools;
pub use tickets::tickets;

use crate::domain::{Period, ServiceMap};
use crate::lake::{Counts, InputFile, Lake, LedgerEntry, Transaction, Writer, hex};
use crate::privacy::pseudonym::{LineKey, MasterKey, YearKey};
use crate::source;
use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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

    /// Whether a person should read it: rejects other than the comments of a
    /// log, or a file cut short.
    pub fn has_findings(&self) -> bool {
        let mut reasons = self.total.rejected.keys();
        reasons.any(|reason| reason != "comment")
            || self.files.iter().any(|file| file.fault.is_some())
    }
}

/// What every kind of ingestion needs.
pub struct Context<'a> {
    writer: Writer<'a>,
    keys: Keys,
    services: ServiceMap,
}

/// Yearly keys, made when first needed.
struct Keys {
    master: MasterKey,
    lines: LineKey,
    years: BTreeMap<String, YearKey>,
}

impl Keys {
    fn pseudonym(&mut self, school_year: &str, account: &[u8]) -> u64 {
        if !self.years.contains_key(school_year) {
            let key = self.master.for_year(school_year);
            self.years.insert(school_year.to_owned(), key);
        }
        self.years[school_year].pseudonym(account)
    }
}

impl<'a> Context<'a> {
    /// Takes the right to write to the lake.
    pub fn new(lake: &'a Lake, master: MasterKey, services: ServiceMap) -> Result<Self, String> {
        Ok(Self {
            writer: lake.writer()?,
            keys: Keys {
                lines: master.for_lines(),
                master,
                years: BTreeMap::new(),
            },
            services,
        })
    }
}

/// One input on its way: its files, the transaction and the counts.
struct Input {
    digest: String,
    kind: &'static str,
    source: String,
    version_of: Option<String>,
}

impl Input {
    /// Identifies an input by its content, its kind and its source.
    fn identify(kind: &'static str, source: &str, paths: &[PathBuf]) -> Result<Self, String> {
        let mut hash = Sha256::new();
        hash.update(format!("{kind}\n{source}\n"));
        for path in paths {
            source::digest_into(&mut hash, path).map_err(|error| unreadable(path, &error))?;
        }
        Ok(Self {
            digest: hex(&hash.finalize()),
            kind,
            source: source.to_owned(),
            version_of: None,
        })
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
            kind: self.kind.to_owned(),
            source: self.source.clone(),
            version_of: self.version_of.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
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
    let mut transaction = context.writer.begin(&input.digest, &input.source)?;
    let files = read(&mut context.keys, &context.services, &mut transaction)?;
    let entry = input.entry(&files);
    context.writer.commit(transaction, entry.clone())?;
    context.writer.supersede(&entry)?;
    files.into_iter().for_each(|file| report.push(file));
    Ok(report)
}

/// A file seen again: what was kept then is a duplicate now; rejects stay rejects.
fn as_duplicate(file: InputFile) -> FileReport {
    let mut counts = file.counts;
    counts.duplicates += counts.kept;
    counts.kept = 0;
    FileReport {
        path: file.name,
        counts,
        fault: None,
    }
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
