//! Bytes: plain or gzipped files as numbered lines. Knows nothing of what a
//! line means, and never assumes that it is UTF-8.

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// Lines of an input, numbered from 1, without their line end.
pub struct Lines {
    input: Box<dyn BufRead>,
    buffer: Vec<u8>,
    number: u64,
}

/// One line: its number, its bytes, and whether a newline ended it. A last
/// line without newline may still be growing.
pub struct Line<'a> {
    /// From 1.
    pub number: u64,
    /// Without `\n`, nor one `\r` before it.
    pub bytes: &'a [u8],
    /// Whether a newline ended it.
    pub ended: bool,
}

/// Opens a file, gzipped or not (told by its first bytes, not by its name).
/// Several gzip members are read as one.
pub fn open(path: &Path) -> io::Result<Lines> {
    Ok(Lines::new(reader(path)?))
}

/// Opens a file as uncompressed bytes.
pub fn reader(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let gzipped = file.fill_buf()?.starts_with(&GZIP_MAGIC);
    Ok(if gzipped {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}

/// SHA-256 of the uncompressed content, so that a file and its gzipped copy
/// are the same input. A file that cannot be read to its end is known by what
/// could be read.
pub fn digest_into(hash: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut input = reader(path)?;
    loop {
        let Ok(bytes) = input.fill_buf() else {
            hash.update(b"cut here");
            return Ok(());
        };
        if bytes.is_empty() {
            return Ok(());
        }
        hash.update(bytes);
        let taken = bytes.len();
        input.consume(taken);
    }
}

impl Lines {
    /// Lines of any reader.
    pub fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// The next line; `Ok(None)` at the end. After an error (a truncated
    /// gzip, say) the lines given so far stay good.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        if self.input.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let mut bytes = self.buffer.as_slice();
        let ended = bytes.last() == Some(&b'\n');
        if ended {
            bytes = &bytes[..bytes.len() - 1];
            bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        }
        if self.number == 1 {
            bytes = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes);
        }
        Ok(Some(Line {
            number: self.number,
            bytes,
            ended,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gz(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> (Vec<String>, bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("input");
        std::fs::write(&path, bytes).unwrap();
        let mut lines = open(&path).unwrap();
        let mut found = Vec::new();
        loop {
            match lines.next_line() {
                Ok(Some(line)) => found.push(String::from_utf8_lossy(line.bytes).into_owned()),
                Ok(None) => return (found, true),
                Err(_) => return (found, false),
            }
        }
    }

    #[test]
    fn line_ends_and_bom() {
        let (lines, whole) = read(b"\xEF\xBB\xBFa\r\nb\n\nc\rd");
        assert_eq!(lines, ["a", "b", "", "c\rd"]);
        assert!(whole);
    }

    #[test]
    fn several_gzip_members_are_one_file() {
        let (lines, whole) = read(&[gz("a\nb\n"), gz("c\n")].concat());
        assert_eq!(lines, ["a", "b", "c"]);
        assert!(whole);
    }

    #[test]
    fn a_truncated_gzip_keeps_what_was_read_and_says_so() {
        let text: String = (0..50_000).map(|n| format!("line {n}\n")).collect();
        let bytes = gz(&text);
        let (lines, whole) = read(&bytes[..bytes.len() / 2]);
        assert!(!whole);
        assert!(lines.len() > 1_000);
        assert_eq!(lines[999], "line 999");
    }
}
