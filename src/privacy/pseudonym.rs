//! Keyed pseudonyms of accounts, one key for each school year.
//!
//! `pseudonym = HMAC-SHA-256(key of the school year, account id)`, the first
//! 64 bits. Yearly keys derive from the master key by HKDF. A pseudonym
//! cannot be made without a key, and a key cannot be printed.

use super::keyfile::{self, Years};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use siphasher::sip::SipHasher13;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

pub(super) const KEY_BYTES: usize = 32;

/// The keys of a deployment, from a file outside the lake: the master key, or,
/// once a year's key was destroyed or replaced, the keys that it gave.
pub struct MasterKey(Source);

enum Source {
    /// 32 random bytes, from which all keys derive.
    Master(Zeroizing<[u8; KEY_BYTES]>),
    /// What the master gave, the master itself being gone.
    Derived(Years),
}

/// The key of line hashes. A line holds addresses and accounts: without a key
/// its hash could be tried against guesses.
pub struct LineKey(Zeroizing<[u8; 16]>);

/// The key of one school year.
pub struct YearKey(Zeroizing<[u8; KEY_BYTES]>);

/// A school year of which there is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoKey {
    /// `2023-2024`.
    pub school_year: String,
    /// The day on which it was destroyed; none if there never was one.
    pub destroyed: Option<chrono::NaiveDate>,
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = &self.school_year;
        match self.destroyed {
            Some(day) => write!(
                f,
                "the key of {year} was destroyed on {day}: nobody of that school year can be pseudonymised any more\nhint: leave out the files of {year}"
            ),
            None => write!(
                f,
                "the key file has no key for {year}\nhint: check the dates of the input; keys go from 2000-2001 to 2099-2100"
            ),
        }
    }
}

pub(super) fn random<const N: usize>() -> io::Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0u8; N]);
    File::open("/dev/urandom")?.read_exact(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// What a key derives to for a purpose.
fn derive<const N: usize>(key: &[u8], purpose: &str) -> Zeroizing<[u8; N]> {
    let mut derived = Zeroizing::new([0u8; N]);
    Hkdf::<Sha256>::new(None, key)
        .expand(purpose.as_bytes(), derived.as_mut_slice())
        .expect("a key is within HKDF's limit");
    derived
}

impl MasterKey {
    /// Creates a key file, mode 0600. Fails where the file is there already.
    pub fn create(path: &Path) -> io::Result<()> {
        let bytes = random::<KEY_BYTES>()?;
        let mut file = keyfile::create(path, OpenOptions::new().create_new(true))?;
        file.write_all(bytes.as_slice())?;
        file.sync_all()
    }

    /// Reads a key file; refuses one that others may read.
    pub fn load(path: &Path) -> Result<Self, String> {
        let bytes = keyfile::read(path)?;
        if let Ok(key) = bytes.as_slice().try_into() {
            return Ok(Self(Source::Master(Zeroizing::new(key))));
        }
        let years = Years::parse(&bytes).ok_or_else(|| {
            format!("key file `{}` does not hold {KEY_BYTES} bytes, nor the keys of school years\nhint: it is not a key of this program, or it is damaged; restore it from its backup", path.display())
        })?;
        Ok(Self(Source::Derived(years)))
    }

    /// The key of a school year (`2025-2026`).
    pub fn for_year(&self, school_year: &str) -> Result<YearKey, NoKey> {
        match &self.0 {
            Source::Master(master) => Ok(YearKey(derive(
                master.as_slice(),
                &format!("entobs pseudonym {school_year}"),
            ))),
            Source::Derived(years) => years.key(school_year).map(YearKey),
        }
    }

    /// The key of line hashes, the same for all years.
    pub fn for_lines(&self) -> LineKey {
        LineKey(match &self.0 {
            Source::Master(master) => derive(master.as_slice(), "entobs line hash"),
            Source::Derived(years) => years.lines(),
        })
    }

    /// The keys one by one: what is left of the master when one of them must go.
    pub(super) fn into_years(self) -> Years {
        if let Source::Derived(years) = self.0 {
            return years;
        }
        let each = |name: String| {
            let key = self.for_year(&name).ok()?.0;
            Some((name, key))
        };
        let keys = keyfile::school_years().filter_map(each).collect();
        Years::new(self.for_lines().0, keys)
    }

    /// Which school years have no key any more, and since when.
    pub fn destroyed(&self) -> Vec<NoKey> {
        match &self.0 {
            Source::Master(_) => Vec::new(),
            Source::Derived(years) => years.destroyed().collect(),
        }
    }

    /// From which school years on the keys were replaced, and when.
    pub fn rotated(&self) -> Vec<(String, chrono::NaiveDate)> {
        match &self.0 {
            Source::Master(_) => Vec::new(),
            Source::Derived(years) => years.rotated().collect(),
        }
    }
}

impl LineKey {
    /// SipHash-1-3 of a raw line: equal lines have equal hashes, and only they
    /// but for one pair in 2^64.
    pub fn hash(&self, line: &[u8]) -> u64 {
        SipHasher13::new_with_key(&self.0).hash(line)
    }

    /// What tells the keys of two deployments apart and says nothing of them: a key file
    /// keeps it whatever years are destroyed or given new keys. 16 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        crate::lake::hex(derive::<8>(self.0.as_slice(), "entobs fingerprint").as_slice())
    }
}

impl YearKey {
    /// The pseudonym of an account id as it stands in the directory.
    pub fn pseudonym(&self, account: &[u8]) -> u64 {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(account);
        let digest = mac.finalize().into_bytes();
        u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
    }

    /// What tells keys apart and says nothing of them: 16 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.0)
    }
}

pub(super) fn fingerprint(key: &[u8; KEY_BYTES]) -> String {
    crate::lake::hex(derive::<8>(key, "entobs fingerprint").as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn key(byte: u8) -> MasterKey {
        MasterKey(Source::Master(Zeroizing::new([byte; KEY_BYTES])))
    }

    #[test]
    fn followed_within_a_year_and_not_across() {
        let master = key(1);
        let this_year = master.for_year("2025-2026").unwrap();
        assert_eq!(
            this_year.pseudonym(b"1234567"),
            key(1).for_year("2025-2026").unwrap().pseudonym(b"1234567")
        );
        assert_ne!(
            this_year.pseudonym(b"1234567"),
            this_year.pseudonym(b"1234568")
        );
        let next = master.for_year("2026-2027").unwrap();
        assert_ne!(this_year.pseudonym(b"1234567"), next.pseudonym(b"1234567"));
        let other = key(2).for_year("2025-2026").unwrap();
        assert_ne!(this_year.pseudonym(b"1234567"), other.pseudonym(b"1234567"));
    }

    /// Computed with another implementation (Python's `hmac` and RFC 5869 by hand).
    #[test]
    fn equals_a_second_implementation() {
        let pseudonym = key(7).for_year("2025-2026").unwrap().pseudonym(b"1234567");
        assert_eq!(pseudonym, 857414017511609226);
    }

    /// The key and the message of the vectors of the paper, computed by another
    /// implementation, which gives the paper's vector for SipHash-2-4.
    #[test]
    fn line_hashes_are_siphash_1_3() {
        let bytes: [u8; 16] = std::array::from_fn(|i| i as u8);
        let key = LineKey(Zeroizing::new(bytes));
        assert_eq!(key.hash(&bytes[..15]), 0xd320_d86d_2a51_9956);
        assert_ne!(super::tests::key(1).for_lines().hash(b"x"), key.hash(b"x"));
    }

    #[test]
    fn a_new_key_loads_once_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        MasterKey::create(&path).unwrap();
        assert!(MasterKey::load(&path).is_ok());
        assert!(MasterKey::create(&path).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        MasterKey::create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let message = MasterKey::load(&path).err().unwrap();
        assert!(message.contains("0640") && message.contains("chmod 600"));
    }

    #[test]
    fn a_damaged_or_missing_key_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert!(
            MasterKey::load(&path)
                .err()
                .unwrap()
                .contains("privacy key new")
        );
        MasterKey::create(&path).unwrap();
        fs::write(&path, b"short").unwrap();
        assert!(MasterKey::load(&path).err().unwrap().contains("backup"));
    }
}
