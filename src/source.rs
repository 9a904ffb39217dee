//! Bytes: plain or gzipped files as numbered lines, or as blocks of whole lines
//! for readers that work on several at once. Knows nothing of what a line means,
//! and never assumes that it is UTF-8.

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// Lines of an input, numbered from 1, without their line end.
pub struct Lines {
    input: Box<dyn BufRead + Send>,
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
pub fn reader(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    unpacked(BufReader::with_capacity(1 << 16, File::open(path)?))
}

/// The uncompressed bytes of what may be gzipped.
pub fn unpacked<'a, R: BufRead + Send + 'a>(
    mut input: R,
) -> io::Result<Box<dyn BufRead + Send + 'a>> {
    if !input.fill_buf()?.starts_with(&GZIP_MAGIC) {
        return Ok(Box::new(input));
    }
    let decoder = MultiGzDecoder::new(Counted { input, bytes: 0 });
    let bounded = Bounded::new(decoder, |decoder| decoder.get_ref().bytes);
    Ok(Box::new(BufReader::with_capacity(1 << 16, bounded)))
}

/// Bytes that may come out of any packed input, and how many times its size
/// beyond: logs and XML give 10 to 60 times, a bomb up to 1,000.
const UNPACKED_FREELY: u64 = 256 << 20;
const MOST_TIMES: u64 = 250;

/// A packed input that stops where it gives far more than any real one.
pub struct Bounded<R, P> {
    input: R,
    given: u64,
    packed: P,
}

impl<R: Read, P: Fn(&R) -> u64> Bounded<R, P> {
    /// `packed` tells how many packed bytes were read.
    pub fn new(input: R, packed: P) -> Self {
        Self {
            input,
            given: 0,
            packed,
        }
    }
}

impl<R: Read, P: Fn(&R) -> u64> Read for Bounded<R, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.given += read as u64;
        if self.given > UNPACKED_FREELY && self.given / MOST_TIMES > (self.packed)(&self.input) {
            return Err(io::Error::other(format!(
                "it unpacks to more than {MOST_TIMES} times its size, as no log or export does"
            )));
        }
        Ok(read)
    }
}

/// Counts the bytes that are taken.
struct Counted<R> {
    input: R,
    bytes: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.input.consume(bytes);
    }
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

/// Bytes of a block; a longer line makes a longer block.
const BLOCK: usize = 1 << 20;
/// A line that is longer is not kept in memory: it is one reject.
const LONGEST_LINE: usize = 16 << 20;

/// Whole lines that follow each other in an input.
pub struct Block {
    bytes: Vec<u8>,
    is_first: bool,
    /// Whether it stands for one line that is longer than can be read.
    pub too_long: bool,
}

impl Block {
    /// Its memory, for another.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Its lines; the line number counts from 1 in the block.
    pub fn lines(&self) -> BlockLines<'_> {
        let bom = self.is_first && self.bytes.starts_with(UTF8_BOM);
        BlockLines {
            rest: &self.bytes[if bom { UTF8_BOM.len() } else { 0 }..],
            number: 0,
        }
    }
}

/// The lines of a block.
pub struct BlockLines<'a> {
    rest: &'a [u8],
    number: u64,
}

impl<'a> Iterator for BlockLines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest);
        let bytes = &self.rest[..end.unwrap_or(self.rest.len())];
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        self.number += 1;
        let bytes = match end {
            Some(_) => bytes.strip_suffix(b"\r").unwrap_or(bytes),
            None => bytes,
        };
        Some(Line {
            number: self.number,
            bytes,
            ended: end.is_some(),
        })
    }
}

/// An input as blocks of whole lines.
pub struct Blocks {
    input: Box<dyn BufRead + Send>,
    rest: Vec<u8>,
    fault: Option<io::Error>,
    is_first: bool,
    ended: bool,
}

impl Blocks {
    /// Opens a file as [`open`] does.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            input: reader(path)?,
            rest: Vec::new(),
            fault: None,
            is_first: true,
            ended: false,
        })
    }

    /// The next block; `Ok(None)` at the end. After an error (a truncated
    /// gzip, say) the blocks given so far stay good; of the line that the
    /// error cut, nothing is given.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        self.next_block_in(Vec::new())
    }

    /// As [`Blocks::next_block`], in the memory of a block used before.
    pub fn next_block_in(&mut self, mut bytes: Vec<u8>) -> io::Result<Option<Block>> {
        if let Some(fault) = self.fault.take() {
            self.ended = true;
            return Err(fault);
        }
        if self.ended {
            return Ok(None);
        }
        bytes.clear();
        bytes.append(&mut self.rest);
        loop {
            if bytes.len() > LONGEST_LINE {
                return self.skip_line();
            }
            let wanted = bytes.len() + BLOCK;
            self.fill(&mut bytes, wanted);
            if let Some(last) = memchr::memrchr(b'\n', &bytes) {
                if !(self.ended && self.fault.is_none()) {
                    self.rest.extend_from_slice(&bytes[last + 1..]);
                    bytes.truncate(last + 1);
                }
                return Ok(Some(self.block(bytes, false)));
            }
            if self.fault.is_some() {
                return self.next_block();
            }
            if self.ended {
                return Ok((!bytes.is_empty()).then(|| self.block(bytes, false)));
            }
        }
    }

    /// Reads up to `wanted` bytes; notes the end and what went wrong.
    fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) {
        bytes.reserve_exact(wanted - bytes.len());
        let missing = (wanted - bytes.len()) as u64;
        match self.input.by_ref().take(missing).read_to_end(bytes) {
            Ok(_) => self.ended = bytes.len() < wanted,
            Err(fault) => self.fault = Some(fault),
        }
    }

    fn block(&mut self, bytes: Vec<u8>, too_long: bool) -> Block {
        Block {
            bytes,
            is_first: std::mem::take(&mut self.is_first),
            too_long,
        }
    }

    /// Reads to the end of a line that is too long to be kept.
    fn skip_line(&mut self) -> io::Result<Option<Block>> {
        self.input.skip_until(b'\n')?;
        Ok(Some(self.block(Vec::new(), true)))
    }
}

/// Bytes at each end of a plain file that are looked at to tell it from others.
const SAMPLE: u64 = 1 << 16;

/// What a file is known by before it is read: of a gzipped file the SHA-256 of
/// its bytes, which is a proof that it is the same; of a plain one its length
/// and both its ends, which is none.
pub struct Fingerprint {
    /// Hexadecimal.
    pub digest: [u8; 32],
    /// Whether the same fingerprint means the same content.
    pub is_proof: bool,
}

/// The fingerprint of a file.
pub fn fingerprint(path: &Path) -> io::Result<Fingerprint> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(SAMPLE).read_to_end(&mut head)?;
    let mut hash = Sha256::new();
    hash.update(&head);
    let is_proof = head.starts_with(&GZIP_MAGIC);
    if is_proof {
        io::copy(&mut file, &mut hash)?;
    } else {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(SAMPLE)))?;
        io::copy(&mut file.take(SAMPLE), &mut hash)?;
        hash.update(length.to_le_bytes());
    }
    Ok(Fingerprint {
        digest: hash.finalize().into(),
        is_proof,
    })
}

impl Lines {
    /// Lines of any reader.
    pub fn new(input: Box<dyn BufRead + Send>) -> Self {
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
        let mut bounded = self.input.by_ref().take(LONGEST_LINE as u64 + 1);
        if bounded.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        if self.buffer.len() > LONGEST_LINE {
            let megabytes = LONGEST_LINE >> 20;
            return Err(io::Error::other(format!(
                "a line is longer than {megabytes} MB"
            )));
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

    /// The lines of the file's blocks, and whether it could be read to its end.
    fn read_blocks(bytes: &[u8]) -> (Vec<String>, bool) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("input");
        std::fs::write(&path, bytes).unwrap();
        let mut blocks = Blocks::open(&path).unwrap();
        let mut found = Vec::new();
        loop {
            match blocks.next_block() {
                Ok(Some(block)) if block.too_long => found.push("too long".into()),
                Ok(Some(block)) => {
                    let text = |l: Line<'_>| String::from_utf8_lossy(l.bytes).into_owned();
                    found.extend(block.lines().map(text));
                }
                Ok(None) => return (found, true),
                Err(_) => return (found, false),
            }
        }
    }

    #[test]
    fn blocks_hold_the_lines_of_the_file() {
        let many: String = (0..200_000).map(|n| format!("line {n}\r\n")).collect();
        let cut = gz(&many);
        for bytes in [
            b"".to_vec(),
            b"\n\n".to_vec(),
            b"\xEF\xBB\xBFa\r\nb\n\nc\rd".to_vec(),
            many.clone().into_bytes(),
            [gz("a\nb\n"), gz("c")].concat(),
            format!("{}\nshort\n{}", "x".repeat(3 << 20), "y".repeat(2 << 20)).into_bytes(),
        ] {
            assert_eq!(read_blocks(&bytes), read(&bytes));
        }
        // Cut in the middle: the same lines but for those of the last 64 kB.
        let (lines, whole) = read_blocks(&cut[..cut.len() / 2]);
        assert!(!whole && lines.len() > 50_000);
        assert_eq!(lines[49_999], "line 49999");
    }

    #[test]
    fn a_line_without_end_is_not_kept_in_memory() {
        let long = "x".repeat(LONGEST_LINE + 3 * BLOCK);
        let (lines, whole) = read_blocks(format!("a\n{long}\nb\n").as_bytes());
        assert_eq!(
            (lines, whole),
            (vec!["a".into(), "too long".into(), "b".into()], true)
        );
    }

    #[test]
    fn fingerprints_tell_files_apart() {
        let dir = tempfile::tempdir().unwrap();
        let of = |bytes: &[u8]| {
            let path = dir.path().join("input");
            std::fs::write(&path, bytes).unwrap();
            fingerprint(&path).unwrap()
        };
        let plain = of(b"a\nb\n");
        assert!(!plain.is_proof && of(&gz("a\nb\n")).is_proof);
        assert_eq!(plain.digest, of(b"a\nb\n").digest);
        assert_ne!(plain.digest, of(b"a\nc\n").digest);
        assert_ne!(of(&gz("a\nb\n")).digest, of(&gz("a\nc\n")).digest);
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
