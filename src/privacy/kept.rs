//! Protected tables as bytes, for the shelf of tables: what is read back is what was kept, real
//! numbers to the bit. Nothing but what may be shown is in them.

use super::disclosure::{ProtectedTable, Shown};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// A table as it is written.
#[derive(Serialize, Deserialize)]
struct KeptTable {
    names: Vec<String>,
    rows: Vec<Vec<KeptCell>>,
}

/// [`Shown`] with short names, and the bits of a real number, as decimals may not give it back.
#[derive(Serialize, Deserialize)]
enum KeptCell {
    T(String),
    I(i64),
    R(u64),
    D(NaiveDate),
    S,
    N,
    M,
}

impl From<&Shown> for KeptCell {
    fn from(shown: &Shown) -> Self {
        match shown {
            Shown::Text(text) => Self::T(text.clone()),
            Shown::Integer(number) => Self::I(*number),
            Shown::Real(number) => Self::R(number.to_bits()),
            Shown::Date(day) => Self::D(*day),
            Shown::Secret => Self::S,
            Shown::NotSignificant => Self::N,
            Shown::Missing => Self::M,
        }
    }
}

impl From<KeptCell> for Shown {
    fn from(kept: KeptCell) -> Self {
        match kept {
            KeptCell::T(text) => Self::Text(text),
            KeptCell::I(number) => Self::Integer(number),
            KeptCell::R(bits) => Self::Real(f64::from_bits(bits)),
            KeptCell::D(day) => Self::Date(day),
            KeptCell::S => Self::Secret,
            KeptCell::N => Self::NotSignificant,
            KeptCell::M => Self::Missing,
        }
    }
}

/// A table as gzipped bytes, which bear their own checksum.
///
/// # Errors
/// What the compressor says.
pub fn write(table: &ProtectedTable) -> std::io::Result<Vec<u8>> {
    let rows = table.rows();
    let kept = KeptTable {
        names: table.names().to_vec(),
        rows: rows
            .map(|row| row.cells().iter().map(KeptCell::from).collect())
            .collect(),
    };
    let text = serde_json::to_vec(&kept)?;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&text)?;
    packed.finish()
}

/// The table of bytes that [`write()`] made; none of others, such as those of a file that was cut.
pub fn read(packed: &[u8]) -> Option<ProtectedTable> {
    let mut text = Vec::new();
    let mut unpacked = flate2::read::GzDecoder::new(packed);
    unpacked.read_to_end(&mut text).ok()?;
    let kept: KeptTable = serde_json::from_slice(&text).ok()?;
    let width = kept.names.len();
    let rows = kept.rows.into_iter();
    let rows: Vec<Vec<Shown>> = rows
        .map(|row| row.into_iter().map(Shown::from).collect())
        .collect();
    let is_whole = rows.iter().all(|row| row.len() == width);
    is_whole.then(|| ProtectedTable::kept(kept.names, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ProtectedTable {
        let day = NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();
        let row = vec![
            Shown::Text("l’école\n\"é\"".into()),
            Shown::Integer(-3),
            Shown::Real(0.1 + 0.2),
            Shown::Real(f64::MIN_POSITIVE),
            Shown::Date(day),
            Shown::Secret,
            Shown::NotSignificant,
            Shown::Missing,
        ];
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"].map(str::to_owned);
        ProtectedTable::kept(names.to_vec(), vec![row.clone(), row])
    }

    fn cells(table: &ProtectedTable) -> Vec<Vec<Shown>> {
        table.rows().map(|row| row.cells().to_vec()).collect()
    }

    #[test]
    fn what_is_read_is_what_was_kept() {
        let (kept, table) = (read(&write(&table()).unwrap()).unwrap(), table());
        assert_eq!(kept.names(), table.names());
        assert_eq!(cells(&kept), cells(&table));
    }

    #[test]
    fn a_damaged_file_is_no_table() {
        let whole = write(&table()).unwrap();
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_none(), "{length}");
        }
        for place in 10..whole.len() - 8 {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            // Another table would be worse than none; a bit that pads tells nothing.
            let same = read(&bytes).is_none_or(|read| cells(&read) == cells(&table()));
            assert!(same, "{place}");
        }
    }
}
