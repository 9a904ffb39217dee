//! Pages of the read-out: `[ {...}, {...} ]`, on one line or on many, one or
//! several in a file. Objects are cut out of the stream one by one, so that a
//! page is never held whole and a page that is cut gives what it has.

use super::{Sink, cut, object};
use crate::ingest::unreadable;
use crate::source;
use std::io::{self, BufRead};
use std::path::Path;

/// An event is under a kilobyte; longer ones come of a quote that is missing.
const LONGEST: usize = 4 << 20;

/// Reads a file; returns why it could not be read to its end.
pub(super) fn read(path: &Path, sink: &mut Sink<'_>) -> Result<Option<String>, String> {
    let input = source::reader(path).map_err(|error| unreadable(path, &error))?;
    let mut objects = Objects::new(input);
    loop {
        match objects.next() {
            Ok(Piece::Object(bytes)) => sink.take(object::read(bytes))?,
            Ok(Piece::Other) => sink.take(Err("json"))?,
            Ok(Piece::Unfinished) => sink.take(Err("unfinished"))?,
            Ok(Piece::End { closed: true }) => return Ok(None),
            Ok(Piece::End { closed: false }) => {
                return Ok(Some(cut(sink.counts.read, &"the array has no end")));
            }
            Err(error) => {
                if objects.is_inside_object() {
                    sink.take(Err("unfinished"))?;
                }
                return Ok(Some(cut(sink.counts.read, &error)));
            }
        }
    }
}

/// What stands in an array.
pub(super) enum Piece<'a> {
    /// An object, as it is written.
    Object(&'a [u8]),
    /// Something else than an object.
    Other,
    /// An object without its end.
    Unfinished,
    /// Nothing more; whether every array was closed.
    End { closed: bool },
}

impl<'a> Piece<'a> {
    pub(super) fn object(&self) -> Option<&'a [u8]> {
        match self {
            Self::Object(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// The objects of the arrays of a stream.
pub(super) struct Objects<R> {
    input: R,
    scan: Scan,
}

/// Where the stream stands.
#[derive(Default)]
struct Scan {
    object: Vec<u8>,
    /// Open braces and brackets inside the object.
    depth: usize,
    in_text: bool,
    escaped: bool,
    in_array: bool,
    in_other: bool,
}

/// What the scan of some bytes came to.
enum Found {
    Object,
    Other,
    NoEnd,
}

impl<R: BufRead> Objects<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            scan: Scan::default(),
        }
    }

    /// The next piece; after an error nothing more comes.
    pub(super) fn next(&mut self) -> io::Result<Piece<'_>> {
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(self.scan.at_end());
            }
            let (used, found) = self.scan.over(bytes);
            self.input.consume(used);
            match found {
                Some(Found::Object) => return Ok(Piece::Object(&self.scan.object)),
                Some(Found::Other) => return Ok(Piece::Other),
                Some(Found::NoEnd) => return Err(io::Error::other("an object has no end")),
                None => {}
            }
        }
    }

    /// Whether the stream stands inside an object.
    fn is_inside_object(&self) -> bool {
        self.scan.depth > 0
    }
}

impl Scan {
    /// How many bytes it went over, and what they ended.
    fn over(&mut self, bytes: &[u8]) -> (usize, Option<Found>) {
        for (index, byte) in bytes.iter().enumerate() {
            let found = if self.depth > 0 {
                self.inside(*byte);
                match self.depth {
                    0 => Some(Found::Object),
                    _ if self.object.len() > LONGEST => Some(Found::NoEnd),
                    _ => None,
                }
            } else {
                self.between(*byte).then_some(Found::Other)
            };
            if found.is_some() {
                return (index + 1, found);
            }
        }
        (bytes.len(), None)
    }

    fn at_end(&mut self) -> Piece<'static> {
        if std::mem::take(&mut self.depth) > 0 {
            return Piece::Unfinished;
        }
        if std::mem::take(&mut self.in_other) {
            return Piece::Other;
        }
        Piece::End {
            closed: !self.in_array,
        }
    }

    /// A byte of an object.
    fn inside(&mut self, byte: u8) {
        self.object.push(byte);
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
    }

    /// A byte between objects; whether it ends something that is no object.
    fn between(&mut self, byte: u8) -> bool {
        match byte {
            b'{' => {
                self.object.clear();
                self.object.push(byte);
                self.depth = 1;
                self.in_text = false;
                std::mem::take(&mut self.in_other)
            }
            b'[' | b']' | b',' => {
                if byte != b',' {
                    self.in_array = byte == b'[';
                }
                std::mem::take(&mut self.in_other)
            }
            // A byte order mark is nothing.
            b' ' | b'\t' | b'\r' | b'\n' | 0xEF | 0xBB | 0xBF => false,
            _ => {
                self.in_other = true;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let mut objects = Objects::new(text.as_bytes());
        let mut found = Vec::new();
        loop {
            let piece = match objects.next().unwrap() {
                Piece::Object(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Piece::Other => "other".to_owned(),
                Piece::Unfinished => "unfinished".to_owned(),
                Piece::End { closed } => {
                    found.push(format!("closed {closed}"));
                    return found;
                }
            };
            found.push(piece);
        }
    }

    #[test]
    fn objects_one_by_one() {
        assert_eq!(
            pieces("[ {\"a\": [1, {}]},\n  {\"b\": \"}\\\"]\"} ]\n"),
            ["{\"a\": [1, {}]}", "{\"b\": \"}\\\"]\"}", "closed true"]
        );
        assert_eq!(pieces("[]"), ["closed true"]);
        assert_eq!(pieces("[{}][{}]"), ["{}", "{}", "closed true"]);
    }

    #[test]
    fn a_cut_page_gives_what_it_has() {
        assert_eq!(
            pieces("[{\"a\":1},{\"b\""),
            ["{\"a\":1}", "unfinished", "closed false"]
        );
        assert_eq!(pieces("[{\"a\":1},"), ["{\"a\":1}", "closed false"]);
        assert_eq!(
            pieces("[x{\"a\":1}]"),
            ["other", "{\"a\":1}", "closed true"]
        );
        assert_eq!(
            pieces("[null,{\"a\":1},2]"),
            ["other", "{\"a\":1}", "other", "closed true"]
        );
    }
}
