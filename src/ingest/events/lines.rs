//! NDJSON: an object a line.

use super::{Sink, cut, object};
use crate::ingest::unreadable;
use crate::source;
use std::path::Path;

/// Reads a file; returns why it could not be read to its end.
pub(super) fn read(path: &Path, sink: &mut Sink<'_>) -> Result<Option<String>, String> {
    let mut lines = source::open(path).map_err(|error| unreadable(path, &error))?;
    loop {
        match lines.next_line() {
            Ok(Some(line)) if line.bytes.iter().all(u8::is_ascii_whitespace) => {}
            Ok(Some(line)) => {
                let row = object::read(line.bytes);
                // An object that its last line does not end may still be written.
                let row = row.map_err(|reason| match (reason, line.ended) {
                    ("json", false) => "unfinished",
                    _ => reason,
                });
                sink.take(row)?;
            }
            Ok(None) => return Ok(None),
            Err(error) => return Ok(Some(cut(sink.counts.read, &error))),
        }
    }
}
