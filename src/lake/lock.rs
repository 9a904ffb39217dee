//! The right to write, of one process at a time. The system takes the lock back
//! from a process that died; its number stays in the file, which tells the next
//! run that the one before was interrupted.

use super::io_message;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

pub(super) struct Lock {
    file: File,
    /// The process that held it before and died.
    pub interrupted: Option<String>,
}

impl Lock {
    /// Takes the lock of a lake; the error says who holds it.
    pub fn take(root: &Path) -> Result<Self, String> {
        let path = root.join("lock");
        let mut file = open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&mut file).map_or_else(
                    || "another process".to_owned(),
                    |process| format!("process {process}"),
                );
                return Err(format!(
                    "lake `{}` is being written by {holder}\nhint: wait for it to end; `ps` tells what it is",
                    root.display()
                ));
            }
            Err(TryLockError::Error(e)) => return Err(io_message(&path, &e)),
        }
        let interrupted = holder(&mut file);
        write(&mut file, &std::process::id().to_string()).map_err(|e| io_message(&path, &e))?;
        Ok(Self { file, interrupted })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A number that stays says too much, not too little.
        let _ = write(&mut self.file, "");
        // Closing the file is not enough: a process just started by another thread
        // may still hold a copy of it.
        let _ = self.file.unlock();
    }
}

/// The process that writes to a lake, and whether it is still there.
pub(super) fn state(root: &Path) -> Result<Option<(String, bool)>, String> {
    let path = root.join("lock");
    if !path.exists() {
        return Ok(None);
    }
    let mut file = File::open(&path).map_err(|e| io_message(&path, &e))?;
    let is_held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    let named = holder(&mut file);
    Ok(named.map(|process| (process, is_held)))
}

fn open(path: &Path) -> Result<File, String> {
    // Not truncated: until the lock is ours, it says who has it.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(|e| io_message(path, &e))
}

fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(text)
}

fn write(file: &mut File, text: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_holds_it_and_who_died() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert!(state(root).unwrap().is_none());
        let own = std::process::id().to_string();
        let held = Lock::take(root).unwrap();
        assert_eq!(held.interrupted, None);
        let refused = Lock::take(root).err().unwrap();
        assert!(
            refused.contains(&format!("process {own}\nhint:")),
            "{refused}"
        );
        assert_eq!(state(root).unwrap(), Some((own, true)));
        drop(held);
        assert_eq!(state(root).unwrap(), None);
        // A process that was killed could not take its number back.
        std::fs::write(root.join("lock"), "4194999").unwrap();
        assert_eq!(state(root).unwrap(), Some(("4194999".into(), false)));
        let next = Lock::take(root).unwrap();
        assert_eq!(next.interrupted.as_deref(), Some("4194999"));
    }
}
