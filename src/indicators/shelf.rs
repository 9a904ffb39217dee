//! Protected tables kept between runs in `lake/marts/results`: the second deliverable of a period
//! needs no query. A table is that of the same program, rows, settings, rules and editions, whose
//! digests name its folder, of the same query and the same values. What cannot be read is made
//! again; what cannot be written is not kept. Only what may be shown is here.
//!
//! ```text
//! lake/marts/results/<program and rows>/<settings, rules, editions>/<query and values>.gz
//! ```

use super::Terms;
use crate::lake::hex;
use crate::privacy::disclosure::ProtectedTable;
use crate::privacy::kept;
use crate::privacy::memory::Memory;
use crate::query::marts::{RESULTS, state_bytes};
use crate::query::{Argument, Contract, Session};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the tables of one state of everything lie.
pub(super) struct Shelf {
    lake: PathBuf,
    folder: PathBuf,
    /// The state of the marts that tables are made from.
    marts: Vec<u8>,
    /// Of files that are being written.
    written: AtomicUsize,
}

impl Shelf {
    /// The shelf of a session of a lake in a folder; none where nobody said what its tables were
    /// made from. Tables of another program or of other rows are thrown away.
    pub fn of(
        lake: &Path,
        program: &str,
        session: &Session,
        terms: &Terms,
        memory: &Memory,
    ) -> Option<Self> {
        let origin = session.origin()?;
        let results = lake.join("marts").join(RESULTS);
        let data = digest(&[program, &origin.data]);
        let rules = digest(&[&origin.settings, &format!("{terms:?}"), &memory.digest()]);
        clear(&results, &data);
        Some(Self {
            lake: lake.to_owned(),
            marts: origin.marts.clone(),
            folder: results.join(data).join(rules),
            written: AtomicUsize::new(0),
        })
    }

    /// The table of a query and its values.
    pub fn get(
        &self,
        contract: &Contract,
        arguments: &[(&'static str, Argument)],
    ) -> Option<ProtectedTable> {
        kept::read(&fs::read(self.file(contract, arguments)).ok()?)
    }

    /// Keeps it, unless somebody made the marts anew meanwhile: it may be of others. A run that is
    /// killed leaves it whole or not at all.
    pub fn put(
        &self,
        contract: &Contract,
        arguments: &[(&'static str, Argument)],
        table: &ProtectedTable,
    ) {
        if state_bytes(&self.lake) != self.marts {
            return;
        }
        // Writers of the same name write the same.
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let mut partial = self.file(contract, arguments).into_os_string();
        partial.push(format!(".{}-{number}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        let kept = kept::write(table).and_then(|bytes| {
            fs::create_dir_all(&self.folder)?;
            fs::write(&partial, bytes)?;
            fs::rename(&partial, self.file(contract, arguments))
        });
        if kept.is_err() {
            // A lake that is only read, a full disk: the next run makes the table again.
            let _ = fs::remove_file(&partial);
        }
    }

    fn file(&self, contract: &Contract, arguments: &[(&'static str, Argument)]) -> PathBuf {
        let values = format!("{arguments:?}");
        let name = digest(&[&contract.sql, &values]);
        self.folder.join(format!("{name}.gz"))
    }
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())[..32].to_owned()
}

/// Removes what was made by another program or of other rows; what cannot be removed stays.
fn clear(results: &Path, data: &str) {
    let others = fs::read_dir(results).into_iter().flatten().flatten();
    for other in others.filter(|entry| entry.file_name() != data) {
        let _ = fs::remove_dir_all(other.path());
    }
}
