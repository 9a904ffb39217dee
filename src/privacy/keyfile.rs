//! The file of keys: 32 bytes of a master key, or, once a year's key was
//! destroyed or replaced, the keys of line hashes and of school years as text.
//!
//! ```text
//! entobs keys 2
//! lines <32 hexadecimal digits>
//! year 2025-2026 <64 hexadecimal digits>
//! destroyed 2023-2024 2026-09-01 <fingerprint>
//! rotated 2026-2027 2026-08-15
//! ```
//!
//! While the master is there, every year's key can be made again: so the first
//! destruction writes down the keys that it gave and lets the master go. HKDF
//! cannot be turned round, so what is left says nothing of what went.

use super::pseudonym::{KEY_BYTES, MasterKey, NoKey, fingerprint, random};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const HEAD: &str = "entobs keys 2";
/// No key file is longer.
const LONGEST: u64 = 64 << 10;

type Key = Zeroizing<[u8; KEY_BYTES]>;

/// The school years that a master key gives keys for when it goes.
pub(super) fn school_years() -> impl Iterator<Item = String> {
    (2000..2100).map(|year| format!("{year}-{}", year + 1))
}

/// Keys one by one.
pub(super) struct Years {
    lines: Zeroizing<[u8; 16]>,
    keys: BTreeMap<String, Key>,
    destroyed: BTreeMap<String, (NaiveDate, String)>,
    rotated: BTreeMap<String, NaiveDate>,
}

impl Years {
    pub fn new(lines: Zeroizing<[u8; 16]>, keys: BTreeMap<String, Key>) -> Self {
        Self {
            lines,
            keys,
            destroyed: BTreeMap::new(),
            rotated: BTreeMap::new(),
        }
    }

    pub fn key(&self, school_year: &str) -> Result<Key, NoKey> {
        self.keys.get(school_year).cloned().ok_or_else(|| NoKey {
            school_year: school_year.to_owned(),
            destroyed: self.destroyed.get(school_year).map(|(day, _)| *day),
        })
    }

    pub fn lines(&self) -> Zeroizing<[u8; 16]> {
        self.lines.clone()
    }

    pub fn destroyed(&self) -> impl Iterator<Item = NoKey> {
        self.destroyed.iter().map(|(year, (day, _))| NoKey {
            school_year: year.clone(),
            destroyed: Some(*day),
        })
    }

    pub fn rotated(&self) -> impl Iterator<Item = (String, NaiveDate)> {
        self.rotated.iter().map(|(year, day)| (year.clone(), *day))
    }

    /// Reads the text of a file; none where it is no such text.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return None;
        }
        let first = lines.next()?.strip_prefix("lines ")?;
        let mut years = Self::new(unhex(first)?, BTreeMap::new());
        lines.try_for_each(|line| years.line(line))?;
        Some(years)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["year", year, key] => {
                self.keys.insert(year.to_owned(), unhex(key)?);
            }
            ["destroyed", year, day, fingerprint] => {
                let what = (day.parse().ok()?, fingerprint.to_owned());
                self.destroyed.insert(year.to_owned(), what);
            }
            ["rotated", year, day] => {
                self.rotated.insert(year.to_owned(), day.parse().ok()?);
            }
            _ => return None,
        }
        Some(())
    }

    fn text(&self) -> Zeroizing<String> {
        // Room for all of it: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize));
        text.push_str(HEAD);
        text.push_str("\nlines ");
        push_hex(&mut text, self.lines.as_slice());
        for (year, key) in &self.keys {
            let _ = write!(text, "\nyear {year} ");
            push_hex(&mut text, key.as_slice());
        }
        for (year, (day, fingerprint)) in &self.destroyed {
            let _ = write!(text, "\ndestroyed {year} {day} {fingerprint}");
        }
        for (year, day) in &self.rotated {
            let _ = write!(text, "\nrotated {year} {day}");
        }
        text.push('\n');
        text
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
}

fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0u8; N]);
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()?;
    }
    Some(bytes)
}

/// What says that a key is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Its school year.
    pub school_year: String,
    /// The day that the operator gave.
    pub destroyed_on: NaiveDate,
    /// Of the key that went: tells whether a backup still holds it.
    pub fingerprint: String,
    /// What it means.
    pub statement: &'static str,
}

const STATEMENT: &str = "The key file holds neither this key nor a key from which it could be derived. Pseudonyms of this school year in the lake cannot be made again from account ids, nor linked to another year, by whoever holds the key file. Copies and backups of the key file made before that day are not reached by this program and must be destroyed too; `entobs privacy key status --key COPY` shows what a copy still holds.";

/// Destroys the key of a school year that is over: the file as it was is
/// overwritten and replaced. A key that was destroyed before gives its proof again.
///
/// # Errors
/// A year that is not over on `at`, or of which there never was a key.
pub fn destroy(path: &Path, school_year: &str, at: NaiveDate) -> Result<Proof, String> {
    let period = crate::domain::Period::parse(school_year).ok();
    let is_year = school_years().any(|known| known == school_year);
    let period = period.filter(|_| is_year).ok_or_else(|| {
        format!("unknown school year `{school_year}`\nhint: write it as `2023-2024`")
    })?;
    if period.last() >= at {
        return Err(format!(
            "{school_year} is not over on {at}: its inputs could not be read any more\nhint: destroy its key after {}",
            period.last()
        ));
    }
    let mut years = MasterKey::load(path)?.into_years();
    if let Some(key) = years.keys.remove(school_year) {
        let what = (at, fingerprint(&key));
        years.destroyed.insert(school_year.to_owned(), what);
        replace(path, &years)?;
    }
    let (destroyed_on, fingerprint) = years.destroyed[school_year].clone();
    Ok(Proof {
        school_year: school_year.to_owned(),
        destroyed_on,
        fingerprint,
        statement: STATEMENT,
    })
}

/// Replaces the keys of a school year and of all later ones by new random ones.
/// The key of line hashes stays: by it the lake knows its lines.
pub fn rotate(path: &Path, from: &str, at: NaiveDate) -> Result<(), String> {
    if !school_years().any(|known| known == from) {
        return Err(format!(
            "unknown school year `{from}`\nhint: write it as `2026-2027`"
        ));
    }
    let mut years = MasterKey::load(path)?.into_years();
    for (_, key) in years.keys.range_mut(from.to_owned()..) {
        *key = random().map_err(|error| format!("no random bytes: {error}"))?;
    }
    years.rotated.insert(from.to_owned(), at);
    replace(path, &years)
}

/// Opens a file that nobody else may read.
pub(super) fn create(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// The bytes of a key file; refuses one that others may read.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| {
        format!("key file `{shown}` cannot be opened: {error}\nhint: create one with `entobs privacy key new --key {shown}`")
    })?;
    refuse_open_modes(&file, path)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize));
    let read = file.take(LONGEST).read_to_end(&mut bytes);
    read.map_err(|error| format!("key file `{shown}` cannot be read: {error}"))?;
    Ok(bytes)
}

/// Puts keys in the place of a file. The old bytes are overwritten where they
/// lie, as far as the file system does that.
fn replace(path: &Path, years: &Years) -> Result<(), String> {
    let message = |error: io::Error| {
        format!(
            "key file `{}` cannot be replaced: {error}\nhint: check its permissions and the room on the disk",
            path.display()
        )
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let staged: PathBuf = path.with_file_name(name);
    // One left by a killed run is of no use.
    let _ = fs::remove_file(&staged);
    let mut file = create(&staged, OpenOptions::new().create_new(true)).map_err(message)?;
    file.write_all(years.text().as_bytes()).map_err(message)?;
    file.sync_all().map_err(message)?;
    let mut old = OpenOptions::new().write(true).open(path).map_err(message)?;
    let length = old.metadata().map_err(message)?.len();
    fs::rename(&staged, path).map_err(message)?;
    old.rewind().map_err(message)?;
    let zeros = vec![0; length as usize];
    old.write_all(&zeros).map_err(message)?;
    old.sync_all().map_err(message)
}

#[cfg(unix)]
fn refuse_open_modes(file: &File, path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display();
    let metadata = file
        .metadata()
        .map_err(|error| format!("key file `{shown}` cannot be examined: {error}"))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(format!(
        "key file `{shown}` has mode {mode:04o}, so others may read it\nhint: run `chmod 600 {shown}`, and consider the key known if others had access"
    ))
}

#[cfg(not(unix))]
fn refuse_open_modes(_file: &File, _path: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn pseudonyms(path: &Path) -> Vec<Option<u64>> {
        let key = MasterKey::load(path).unwrap();
        let years = ["2023-2024", "2024-2025", "2025-2026"];
        let of = |year: &&str| key.for_year(year).ok().map(|key| key.pseudonym(b"1234567"));
        years.iter().map(of).collect()
    }

    #[test]
    fn one_year_goes_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        MasterKey::create(&path).unwrap();
        let master = fs::read(&path).unwrap();
        let (before, lines) = (
            pseudonyms(&path),
            MasterKey::load(&path).unwrap().for_lines().hash(b"x"),
        );
        let gone = MasterKey::load(&path).unwrap().for_year("2023-2024");
        let fingerprint = gone.ok().unwrap().fingerprint();

        let proof = destroy(&path, "2023-2024", day("2026-09-01")).unwrap();
        assert_eq!(proof.fingerprint, fingerprint);
        assert_eq!(pseudonyms(&path), [None, before[1], before[2]]);
        let key = MasterKey::load(&path).unwrap();
        assert_eq!(key.for_lines().hash(b"x"), lines);
        let message = key.for_year("2023-2024").err().unwrap().to_string();
        assert!(message.contains("destroyed on 2026-09-01"), "{message}");
        let text = fs::read(&path).unwrap();
        assert!(
            !text.windows(32).any(|bytes| bytes == master),
            "the master is gone"
        );
        assert!(
            destroy(&path, "2023-2024", day("2027-01-01")).unwrap() == proof,
            "the first day"
        );
    }

    #[test]
    fn a_year_under_way_is_not_destroyed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        MasterKey::create(&path).unwrap();
        let message = destroy(&path, "2025-2026", day("2026-07-31")).unwrap_err();
        assert!(message.contains("2026-07-31"), "{message}");
        assert!(destroy(&path, "2025", day("2026-07-31")).is_err());
        assert!(pseudonyms(&path).iter().all(Option::is_some));
    }

    #[test]
    fn new_keys_begin_with_a_year() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        MasterKey::create(&path).unwrap();
        let before = pseudonyms(&path);
        rotate(&path, "2025-2026", day("2025-08-01")).unwrap();
        let after = pseudonyms(&path);
        assert_eq!(before[..2], after[..2]);
        assert_ne!(before[2], after[2]);
        assert!(!folder.path().join("key.new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_replaces_a_key_file_is_as_secret() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        MasterKey::create(&path).unwrap();
        // Another name of the same bytes shows what became of them.
        let copy = folder.path().join("same bytes");
        fs::hard_link(&path, &copy).unwrap();
        destroy(&path, "2023-2024", day("2026-09-01")).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read(&copy).unwrap(), [0; 32]);
    }
}
