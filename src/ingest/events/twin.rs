//! The PostgreSQL twins of the events, one table a type, as `COPY ... WITH
//! (FORMAT csv, HEADER)` writes them. Columns are found by name. Dates are the
//! server's local time.

use super::form::is_credential;
use super::{Event, Identity, PASSWORD_TYPE, Reason, Sink, cut};
use crate::domain::time;
use crate::ingest::unreadable;
use crate::source;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::io::{self, BufRead};
use std::path::Path;

/// Longer records come of a quote that is missing.
const LONGEST: usize = 1 << 20;

/// Reads a file; returns why it could not be read to its end.
pub(super) fn read(path: &Path, zone: Tz, sink: &mut Sink<'_>) -> Result<Option<String>, String> {
    let mut input = source::reader(path).map_err(|error| unreadable(path, &error))?;
    let fault = |error: io::Error, read| Ok(Some(cut(read, &error)));
    let header = match record(&mut input) {
        Ok(header) => header.unwrap_or_default(),
        Err(error) => return fault(error, 0),
    };
    let separator = separator(&header);
    let columns = Columns::of(&cells(text(&header), separator), zone, path)?;
    loop {
        match record(&mut input) {
            Ok(Some(row)) if row.trim_ascii().is_empty() => {}
            Ok(Some(row)) if row.last() != Some(&b'\n') => sink.take(Err("unfinished"))?,
            Ok(Some(row)) => sink.take(columns.event(&cells(text(&row), separator)))?,
            Ok(None) => return Ok(None),
            Err(error) => return fault(error, sink.counts.read),
        }
    }
}

/// Where the columns that are looked at stand.
struct Columns {
    width: usize,
    zone: Tz,
    date: usize,
    event_type: usize,
    id: Option<usize>,
    user: Option<usize>,
    profile: Option<usize>,
    module: Option<usize>,
    override_module: Option<usize>,
}

impl Columns {
    fn of(header: &[String], zone: Tz, path: &Path) -> Result<Self, String> {
        let find = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
        let needed = |name: &str| {
            find(name).ok_or_else(|| {
                format!(
                    "`{}` has no column `{name}`\nhint: it has {}",
                    path.display(),
                    header.join(", ")
                )
            })
        };
        Ok(Self {
            width: header.len(),
            zone,
            date: needed("date")?,
            event_type: needed("event_type")?,
            id: find("id"),
            user: find("user_id"),
            profile: find("profile").or_else(|| find("profil")),
            module: find("module"),
            override_module: find("override_module"),
        })
    }

    fn event<'a>(&self, cells: &'a [String]) -> Result<Event<'a>, Reason> {
        if cells.len() != self.width {
            return Err("columns");
        }
        let cell = |place: Option<usize>| {
            let cell = place.map(|place| cells[place].as_str());
            cell.filter(|cell| !cell.is_empty()).map(Cow::Borrowed)
        };
        let identity = match cell(self.id) {
            Some(id) => Identity::Id(id),
            None => Identity::Content(cells.join("\u{1f}").into_bytes()),
        };
        Ok(Event {
            identity,
            event_type: cell(Some(self.event_type)).ok_or("event-type")?,
            module: cell(self.override_module).or_else(|| cell(self.module)),
            time: instant(&cells[self.date], self.zone).ok_or("date")?,
            user: cell(self.user),
            profile: cell(self.profile),
        })
    }
}

/// `2025-11-03 08:00:07.123`, local unless it says its offset.
fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.replacen('T', " ", 1);
    if let Ok(time) = DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f%#z") {
        return Some(time.with_timezone(&Utc));
    }
    let local = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(time::instant_in(zone, local))
}

/// The column or the type of the first row that tells a table of credentials.
pub(super) fn credential(head: &[u8]) -> Option<&'static str> {
    let mut input = head;
    let header = record(&mut input).ok()??;
    let names = cells(text(&header), separator(&header));
    if let Some(found) = names.iter().find_map(|name| is_credential(name)) {
        return Some(found);
    }
    let place = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case("event_type"))?;
    let first = record(&mut input).ok()??;
    let first = cells(text(&first), separator(&header));
    (first.get(place)? == PASSWORD_TYPE).then_some(PASSWORD_TYPE)
}

/// A record with its end: quotes may hold line ends.
fn record(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut record = Vec::new();
    loop {
        if input.read_until(b'\n', &mut record)? == 0 {
            return Ok((!record.is_empty()).then_some(record));
        }
        let quotes = memchr::memchr_iter(b'"', &record).count();
        if quotes.is_multiple_of(2) || record.len() > LONGEST {
            return Ok(Some(record));
        }
    }
}

/// Without its end, and without the mark before the first.
fn text(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    let record = record.strip_suffix(b"\r").unwrap_or(record);
    record.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(record)
}

/// The first of `,`, `;` and tab.
pub(super) fn separator(header: &[u8]) -> u8 {
    let is_separator = |byte: &&u8| matches!(**byte, b',' | b';' | b'\t');
    header.iter().find(is_separator).copied().unwrap_or(b',')
}

/// The cells of a record; `""` inside quotes is a quote.
pub(super) fn cells(record: &[u8], separator: u8) -> Vec<String> {
    let mut cells = vec![Vec::new()];
    let mut in_quotes = false;
    let mut bytes = record.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let cell = cells.last_mut().expect("there is a first cell");
        match byte {
            b'"' if in_quotes && bytes.peek() == Some(&b'"') => {
                cell.push(byte);
                bytes.next();
            }
            b'"' => in_quotes = !in_quotes,
            _ if byte == separator && !in_quotes => cells.push(Vec::new()),
            _ => cell.push(byte),
        }
    }
    let text = |cell: Vec<u8>| String::from_utf8_lossy(&cell).trim().to_owned();
    cells.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_quotes_separators_and_line_ends() {
        let found = cells(b"1,\"a,\"\"b\"\"\nc\",,x", b',');
        assert_eq!(found, ["1", "a,\"b\"\nc", "", "x"]);
        let mut input: &[u8] = b"a,\"b\nc\"\nd\n";
        assert_eq!(record(&mut input).unwrap().unwrap(), b"a,\"b\nc\"\n");
        assert_eq!(record(&mut input).unwrap().unwrap(), b"d\n");
    }

    #[test]
    fn local_times_of_the_server() {
        let utc = |text: &str| instant(text, time::SCHOOLS).map(|t| t.to_rfc3339());
        let winter = utc("2025-11-03 08:00:07.123");
        assert_eq!(winter.unwrap(), "2025-11-03T07:00:07.123+00:00");
        let stated = utc("2025-07-03 08:00:07+00");
        assert_eq!(stated.unwrap(), "2025-07-03T08:00:07+00:00");
        assert_eq!(utc("03/11/2025"), None);
    }
}
