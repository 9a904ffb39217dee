//! Folders for what queries cannot keep in memory, one a session. A process that
//! dies leaves its own; the next writer clears those that nobody holds.

use super::Lake;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder of a session's own, which goes with it.
pub struct Spill {
    folder: PathBuf,
    // Held, so that others leave the folder alone.
    _lock: File,
}

impl Spill {
    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        // What stays is cleared by the next writer.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Lake {
    /// A folder to spill to; none where the lake cannot be written.
    pub fn spill(&self) -> Option<Spill> {
        static SESSIONS: AtomicU64 = AtomicU64::new(0);
        let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let name = format!("spill/{}-{number}", std::process::id());
        let folder = self.root().join(name);
        fs::create_dir_all(&folder).ok()?;
        let lock = File::create(folder.join("lock")).ok()?;
        lock.try_lock().ok()?;
        Some(Spill {
            folder,
            _lock: lock,
        })
    }
}

/// Removes the folders of sessions that are over.
pub(super) fn clear(root: &Path) {
    let folders = fs::read_dir(root.join("spill")).into_iter().flatten();
    for folder in folders.filter_map(Result::ok).map(|item| item.path()) {
        let lock = File::open(folder.join("lock"));
        if lock.is_ok_and(|lock| lock.try_lock().is_err()) {
            continue;
        }
        // Somebody else may clear it too.
        let _ = fs::remove_dir_all(&folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_session_left_is_cleared_and_a_living_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::create(folder.path()).unwrap();
        let dead = folder.path().join("spill/1-0");
        fs::create_dir_all(&dead).unwrap();
        fs::write(dead.join("lock"), "").unwrap();
        fs::write(dead.join("rows"), "rows").unwrap();
        let alive = lake.spill().unwrap();
        clear(folder.path());
        assert!(!dead.exists() && alive.folder().exists());
        let path = alive.folder().to_owned();
        drop(alive);
        assert!(!path.exists());
    }
}
