//! Keyed pseudonyms of accounts, one key for each school year.
//!
//! `pseudonym = HMAC-SHA-256(key of the school year, account id)`, the first
//! 64 bits. Yearly keys derive from the master key by HKDF. A pseudonym
//! cannot be made without a key, and a key cannot be printed.

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use siphasher::sip::SipHasher13;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;

/// The master key: 32 random bytes kept in a file outside the lake.
pub struct MasterKey(Zeroizing<[u8; KEY_BYTES]>);

/// The key of line hashes. A line holds addresses and accounts: without a key
/// its hash could be tried against guesses.
pub struct LineKey(Zeroizing<[u8; 16]>);

/// The key of one school year.
pub struct YearKey(Zeroizing<[u8; KEY_BYTES]>);

impl MasterKey {
    /// Creates a key file, mode 0600. Fails where the file is there already.
    pub fn create(path: &Path) -> io::Result<()> {
        let mut bytes = Zeroizing::new([0u8; KEY_BYTES]);
        fs::File::open("/dev/urandom")?.read_exact(bytes.as_mut_slice())?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(bytes.as_slice())?;
        file.sync_all()
    }

    /// Reads a key file; refuses one that others may read.
    pub fn load(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let file = fs::File::open(path).map_err(|error| {
            format!("key file `{shown}` cannot be opened: {error}\nhint: create one with `entobs privacy key new --key {shown}`")
        })?;
        refuse_open_modes(&file, path)?;
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(KEY_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("key file `{shown}` cannot be read: {error}"))?;
        let key = bytes.as_slice().try_into().map_err(|_| {
            format!("key file `{shown}` does not hold {KEY_BYTES} bytes\nhint: it is not a key of this program, or it is damaged; restore it from its backup")
        })?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// The key of a school year (`2025-2026`).
    pub fn for_year(&self, school_year: &str) -> YearKey {
        let mut key = Zeroizing::new([0u8; KEY_BYTES]);
        let info = format!("entobs pseudonym {school_year}");
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(info.as_bytes(), key.as_mut_slice())
            .expect("32 bytes are within HKDF's limit");
        YearKey(key)
    }

    /// The key of line hashes, the same for all years.
    pub fn for_lines(&self) -> LineKey {
        let mut key = Zeroizing::new([0u8; 16]);
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(b"entobs line hash", key.as_mut_slice())
            .expect("16 bytes are within HKDF's limit");
        LineKey(key)
    }
}

impl LineKey {
    /// SipHash-1-3 of a raw line: equal lines have equal hashes, and only they
    /// but for one pair in 2^64.
    pub fn hash(&self, line: &[u8]) -> u64 {
        SipHasher13::new_with_key(&self.0).hash(line)
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
}

#[cfg(unix)]
fn refuse_open_modes(file: &fs::File, path: &Path) -> Result<(), String> {
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
fn refuse_open_modes(_file: &fs::File, _path: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MasterKey {
        MasterKey(Zeroizing::new([byte; KEY_BYTES]))
    }

    #[test]
    fn followed_within_a_year_and_not_across() {
        let master = key(1);
        let this_year = master.for_year("2025-2026");
        assert_eq!(
            this_year.pseudonym(b"1234567"),
            key(1).for_year("2025-2026").pseudonym(b"1234567")
        );
        assert_ne!(
            this_year.pseudonym(b"1234567"),
            this_year.pseudonym(b"1234568")
        );
        let next = master.for_year("2026-2027");
        assert_ne!(this_year.pseudonym(b"1234567"), next.pseudonym(b"1234567"));
        let other = key(2).for_year("2025-2026");
        assert_ne!(this_year.pseudonym(b"1234567"), other.pseudonym(b"1234567"));
    }

    /// Computed with another implementation (Python's `hmac` and RFC 5869 by hand).
    #[test]
    fn equals_a_second_implementation() {
        let pseudonym = key(7).for_year("2025-2026").pseudonym(b"1234567");
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
