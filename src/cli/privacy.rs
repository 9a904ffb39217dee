//! `entobs privacy key new|rotate|destroy|status`, `purge`, `forget`.

use super::{Failure, Outcome, Place};
use crate::audit::Pseudonyms;
use crate::lake::Lake;
use crate::privacy::erasure::forget;
use crate::privacy::keyfile;
use crate::privacy::known;
use crate::privacy::pseudonym::MasterKey;
use crate::privacy::retention::{Retention, purge, school_years};
use crate::query::Session;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Privacy {
    /// The keys of the pseudonyms.
    #[command(subcommand)]
    Key(Key),
    /// Take out of the lake what is kept long enough, as the configuration says.
    Purge(Purge),
    /// Take one person out of the lake, with a certificate.
    Forget(Forget),
    /// Say what deliverables tell of the cells that they hide.
    Audit(Audit),
}

#[derive(Subcommand)]
pub(super) enum Key {
    /// Create a key file, mode 0600; never overwrites one.
    New(KeyFile),
    /// Give new keys to a school year and the later ones.
    Rotate(Rotate),
    /// Destroy the key of a school year that is over: nobody can be linked to
    /// its pseudonyms any more.
    Destroy(Destroy),
    /// Say whether a key file can be used, and for which school years.
    Status(Status),
}

#[derive(Args)]
pub(super) struct KeyFile {
    /// The key file, outside the lake.
    #[arg(long = "key", value_name = "FILE")]
    path: PathBuf,
}

#[derive(Args)]
pub(super) struct Audit {
    /// Folders of deliverables: of one edition or of several, of all partners.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// A lake of which no pseudonym may stand in a file.
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print the findings as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    file: KeyFile,
    /// The first school year with a new key, `2026-2027`.
    #[arg(long, value_name = "YEAR")]
    from: String,
    /// The day of today, for the record.
    #[arg(long, value_name = "DATE")]
    at: NaiveDate,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct Destroy {
    #[command(flatten)]
    file: KeyFile,
    /// The school year, `2023-2024`.
    #[arg(value_name = "YEAR")]
    school_year: String,
    /// The day of today, for the proof.
    #[arg(long, value_name = "DATE")]
    at: NaiveDate,
    /// Where to write the proof [default: beside the key file].
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Status {
    #[command(flatten)]
    file: KeyFile,
    /// School years to show the fingerprints of, beside those that have no key.
    #[arg(long, value_name = "YEAR")]
    year: Vec<String>,
}

#[derive(Args)]
pub(super) struct Purge {
    #[command(flatten)]
    place: Place,
    /// The day of today: what is older than the policy allows goes.
    #[arg(long, value_name = "DATE")]
    at: NaiveDate,
    /// Only count what would go.
    #[arg(long)]
    dry_run: bool,
    /// Where to write the record, beside standard output.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Forget {
    #[command(flatten)]
    place: Place,
    /// The key file.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// An id of the account: the directory's (`<académie>-<join key>`), the platform's, the
    /// login name; `-` reads them from standard input, one a line.
    #[arg(long, value_name = "ID", required = true)]
    account: Vec<String>,
    /// The day of today, for the certificate.
    #[arg(long, value_name = "DATE")]
    at: NaiveDate,
    /// Where to write the certificate, beside standard output.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

pub(super) fn run(command: &Privacy) -> Result<Outcome, Failure> {
    match command {
        Privacy::Key(Key::New(file)) => new(&file.path),
        Privacy::Key(Key::Rotate(command)) => rotate(command),
        Privacy::Key(Key::Destroy(command)) => destroy(command),
        Privacy::Key(Key::Status(command)) => status(command),
        Privacy::Purge(command) => run_purge(command),
        Privacy::Forget(command) => run_forget(command),
        Privacy::Audit(command) => run_audit(command),
    }
}

/// In French: it is read by those who decide whether to publish.
fn run_audit(command: &Audit) -> Result<Outcome, Failure> {
    let pseudonyms = match &command.lake {
        Some(root) => known::pseudonyms(&Session::open(&Lake::open(root)?)?)?,
        None => Pseudonyms::default(),
    };
    let audit = crate::audit::audit(&command.folders, &pseudonyms)?;
    if command.json {
        super::print_json(&serde_json::to_value(&audit).expect("findings are plain data"))?;
    } else {
        for finding in &audit.findings {
            let high = finding
                .high
                .map_or_else(|| "sans limite".into(), |high| format!("{high:.1}"));
            super::print_line(&format!(
                "{} : {} (de {:.1} à {high})",
                finding.cell,
                finding.fault.french(),
                finding.low
            ))?;
        }
        super::print_line(&format!(
            "{} livrables, {} tableaux, {} cases dont {} secrètes : {} constats",
            audit.deliverables,
            audit.tables,
            audit.cells,
            audit.secret,
            audit.findings.len()
        ))?;
    }
    Ok(match audit.findings.is_empty() {
        true => Outcome::Well,
        false => Outcome::Refused,
    })
}

fn new(path: &Path) -> Result<Outcome, Failure> {
    let shown = path.display();
    MasterKey::create(path).map_err(|error| {
        format!("key file `{shown}` cannot be created: {error}\nhint: choose a path that does not exist, in a folder that you may write to")
    })?;
    eprintln!("key file `{shown}` created, mode 0600; back it up apart from the lake");
    Ok(Outcome::Well)
}

/// Pseudonyms of a school year must all be by one key: refused where the lake
/// holds some already.
fn rotate(command: &Rotate) -> Result<Outcome, Failure> {
    let years = school_years(&Session::open(&command.place.lake()?)?)?;
    if let Some(year) = years.iter().find(|year| **year >= command.from) {
        return Err(Failure::Message(format!(
            "the lake holds pseudonyms of {year}: under a new key the same person would be two\nhint: begin with a later school year, or take the inputs of {year} back with `entobs retract` first"
        )));
    }
    keyfile::rotate(&command.file.path, &command.from, command.at)?;
    eprintln!(
        "new keys from {} on; back the file up again, apart from the lake",
        command.from
    );
    Ok(Outcome::Well)
}

fn destroy(command: &Destroy) -> Result<Outcome, Failure> {
    let proof = keyfile::destroy(&command.file.path, &command.school_year, command.at)?;
    let beside = || {
        let mut name = command.file.path.clone().into_os_string();
        name.push(format!(".{}.destroyed.json", command.school_year));
        PathBuf::from(name)
    };
    let path = command.proof.clone().unwrap_or_else(beside);
    write_json(&path, &proof)?;
    eprintln!(
        "the key of {} is destroyed; proof in `{}`\nhint: backups of the key file still hold it: destroy them, and back the file up again",
        command.school_year,
        path.display()
    );
    Ok(Outcome::Well)
}

fn status(command: &Status) -> Result<Outcome, Failure> {
    let key = MasterKey::load(&command.file.path)?;
    eprintln!("key file `{}` can be used", command.file.path.display());
    for gone in key.destroyed() {
        if let Some(day) = gone.destroyed {
            eprintln!("{}: destroyed on {day}", gone.school_year);
        }
    }
    for (year, day) in key.rotated() {
        eprintln!("{year}: new keys from this year on, since {day}");
    }
    for year in &command.year {
        match key.for_year(year) {
            Ok(key) => eprintln!("{year}: there, fingerprint {}", key.fingerprint()),
            Err(none) => eprintln!("{none}"),
        }
    }
    Ok(Outcome::Well)
}

fn run_purge(command: &Purge) -> Result<Outcome, Failure> {
    let lake = command.place.lake()?;
    let (settings, _) = command.place.rules()?;
    let config = command.place.config()?;
    let policy = config.map_or_else(Retention::default, |config| config.retention);
    let record = purge(&lake, &settings, policy, command.at, command.dry_run)?;
    print(&record, command.record.as_deref())?;
    Ok(Outcome::Well)
}

fn run_forget(command: &Forget) -> Result<Outcome, Failure> {
    let lake = command.place.lake()?;
    let key = MasterKey::load(&command.place.key(command.key.as_deref())?)?;
    let mut ids = Vec::new();
    for id in &command.account {
        match id.as_str() {
            "-" => {
                let text = std::io::read_to_string(std::io::stdin())?;
                ids.extend(text.lines().map(str::trim).map(str::to_owned));
            }
            _ => ids.push(id.clone()),
        }
    }
    ids.retain(|id| !id.is_empty());
    let certificate = forget(&lake, &key, &ids, command.at)?;
    print(&certificate, command.certificate.as_deref())?;
    if certificate.erased.is_empty() {
        eprintln!(
            "warning: nobody with this id is in the lake\nhint: directories write ids as `<académie>-<join key>`; try the platform's id or the login name"
        );
        return Ok(Outcome::Findings);
    }
    Ok(Outcome::Well)
}

fn print(value: &impl Serialize, file: Option<&Path>) -> Result<(), String> {
    println!("{}", json(value));
    file.map_or(Ok(()), |path| write_json(path, value))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("a record is plain data")
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), String> {
    let text = json(value) + "\n";
    std::fs::write(path, text).map_err(|error| {
        format!(
            "`{}` cannot be written: {error}\nhint: choose another path",
            path.display()
        )
    })
}
