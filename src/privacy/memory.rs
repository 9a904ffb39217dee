//! What readers know already: which cells earlier editions showed, and which they hid. What
//! was shown cannot be hidden any more; what was hidden stays so.

use crate::lake::hex;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{Read, Write as _};

/// The name of a cut and a role.
type CellName = (String, String);

/// What editions told of cells, by measure and time.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    cells: BTreeMap<(String, String), HashMap<CellName, bool>>,
    /// Begun with the cells of each edition.
    digest: Sha256,
}

/// One cell that an edition told or hid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remembered {
    /// `accounts`, `activated` or `visitors`.
    pub measure: String,
    /// A day, or a span `first..last`.
    pub time: String,
    /// [`Cut::name`](super::register::Cut::name).
    pub cut: String,
    /// A role, or `all`.
    pub role: String,
    /// It was hidden.
    pub is_hidden: bool,
}

const HEAD: &str = "measure;time;cut;role;status\n";

/// Cells as a gzipped table: the same bytes for the same cells in the same order.
///
/// # Errors
/// What the compressor says.
pub fn write(cells: &[Remembered]) -> std::io::Result<Vec<u8>> {
    let mut text = HEAD.to_owned();
    for cell in cells {
        let status = if cell.is_hidden { "s" } else { "v" };
        let _ = writeln!(
            text,
            "{};{};{};{};{status}",
            cell.measure, cell.time, cell.cut, cell.role
        );
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes())?;
    packed.finish()
}

impl Memory {
    /// Adds what one edition told. Of two editions that hid and showed a cell, the one that
    /// hid it counts.
    ///
    /// # Errors
    /// Bytes that [`write()`] did not make, by line.
    pub fn add(&mut self, packed: &[u8]) -> Result<(), String> {
        self.digest.update(packed.len().to_le_bytes());
        self.digest.update(packed);
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_string(&mut text)
            .map_err(|error| format!("the cells of an edition cannot be read: {error}"))?;
        for (number, line) in text.lines().enumerate().skip(1) {
            let words: Vec<&str> = line.split(';').collect();
            let [measure, time, cut, role, status] = words[..] else {
                return Err(format!(
                    "the cells of an edition, line {}: not five columns",
                    number + 1
                ));
            };
            let of_time = self.cells.entry((measure.into(), time.into())).or_default();
            *of_time.entry((cut.into(), role.into())).or_default() |= status == "s";
        }
        Ok(())
    }

    /// Whether a cell was hidden; none where no edition had it.
    pub fn was_hidden(&self, measure: &str, time: &str, cut: &str, role: &str) -> Option<bool> {
        let of_time = self.cells.get(&(measure.into(), time.into()))?;
        of_time.get(&(cut.into(), role.into())).copied()
    }

    /// Of what was added, in its order.
    pub fn digest(&self) -> String {
        hex(&self.digest.clone().finalize())
    }

    /// Whether an edition had cells of a measure and a time.
    pub fn knows(&self, measure: &str, time: &str) -> bool {
        self.cells.contains_key(&(measure.into(), time.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(role: &str, is_hidden: bool) -> Remembered {
        Remembered {
            measure: "visitors".into(),
            time: "2025-08-01..2026-01-31".into(),
            cut: "region:32/scope:32/1D/all".into(),
            role: role.into(),
            is_hidden,
        }
    }

    #[test]
    fn what_was_written_is_remembered_and_hidden_stays_hidden() {
        let first = write(&[cell("teacher", false), cell("staff", true)]).unwrap();
        let second = write(&[cell("staff", false)]).unwrap();
        let mut memory = Memory::default();
        memory.add(&first).unwrap();
        memory.add(&second).unwrap();
        let of = |role: &str| {
            let cell = cell(role, false);
            memory.was_hidden(&cell.measure, &cell.time, &cell.cut, role)
        };
        assert_eq!(of("teacher"), Some(false));
        assert_eq!(of("staff"), Some(true));
        assert_eq!(of("student"), None);
        assert!(!memory.knows("visitors", "2024-08-01..2025-01-31"));
    }

    #[test]
    fn a_damaged_file_is_not_taken_for_nothing() {
        assert!(Memory::default().add(b"not gzip").is_err());
    }
}
