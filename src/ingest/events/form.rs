//! The form of a file of events, told by its beginning, and the refusal of
//! what holds credentials.

use super::{CREDENTIALS, array, object, twin};
use crate::ingest::unreadable;
use crate::source;
use std::io::{Cursor, Read};
use std::path::Path;

/// How a file holds its events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// An object a line.
    Lines,
    /// One array, or several after each other.
    Array,
    /// CSV with a header.
    Twin,
}

/// As much of a file as is looked at.
const HEAD: u64 = 64 << 10;

impl Form {
    /// Tells the form; the error says why the file is refused as a whole.
    pub(super) fn of(path: &Path) -> Result<Self, String> {
        let head = head(path)?;
        let shown = path.display();
        let form = told(&head).ok_or_else(|| {
            format!("`{shown}` is neither JSON nor a table with a header\nhint: give NDJSON, the JSON array of the read-out, or `COPY ... TO ... WITH (FORMAT csv, HEADER)`")
        })?;
        match credential(form, &head) {
            None => Ok(form),
            Some(what) => Err(format!(
                "`{shown}` holds credentials (`{what}`), as the table `auth_events` does: nothing of it was read\nhint: leave that table out of the export and delete this file; usage is in the other events"
            )),
        }
    }
}

fn head(path: &Path) -> Result<Vec<u8>, String> {
    let input = source::reader(path).map_err(|error| unreadable(path, &error))?;
    let mut head = Vec::new();
    // A file that is cut is read as far as it goes, then said to be cut.
    let _ = input.take(HEAD).read_to_end(&mut head);
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head);
    Ok(start.trim_ascii_start().to_vec())
}

fn told(head: &[u8]) -> Option<Form> {
    let begins_object = |line: &[u8]| line.trim_ascii_start().starts_with(b"{");
    match head.first() {
        Some(b'[') => Some(Form::Array),
        None | Some(b'{') => Some(Form::Lines),
        Some(_) if is_header(head) => Some(Form::Twin),
        // The first line may be the end of one that was cut.
        Some(_) if head.split(|b| *b == b'\n').any(begins_object) => Some(Form::Lines),
        Some(_) => None,
    }
}

/// Names only: a row of values, which may be about a person, is no header.
fn is_header(head: &[u8]) -> bool {
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    let names = twin::cells(line.trim_ascii_end(), twin::separator(line));
    let is_word = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    names.len() > 1 && names.iter().all(is_word)
}

/// The name of the column, key or type that tells a file of credentials.
fn credential(form: Form, head: &[u8]) -> Option<&'static str> {
    match form {
        Form::Twin => twin::credential(head),
        Form::Array => {
            let mut objects = array::Objects::new(Cursor::new(head));
            let first = objects.next().ok()?;
            first.object().and_then(object::credential)
        }
        Form::Lines => {
            let line = head.split(|b| *b == b'\n').next()?;
            object::credential(line)
        }
    }
}

/// Whether a name is that of a credential.
pub(super) fn is_credential(name: &str) -> Option<&'static str> {
    let same = |credential: &&str| credential.eq_ignore_ascii_case(name);
    CREDENTIALS.into_iter().find(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_by_their_beginning() {
        let told = |text: &str| told(text.as_bytes());
        assert_eq!(told("[\n{\"_id\""), Some(Form::Array));
        assert_eq!(told("{\"_id\":1}"), Some(Form::Lines));
        assert_eq!(told(""), Some(Form::Lines));
        assert_eq!(told("id,date,event_type\r\n1,2,3"), Some(Form::Twin));
        assert_eq!(told("ule\":\"Auth\"}\n{\"_id\":1}"), Some(Form::Lines));
        // A table without header.
        assert_eq!(told("7c0b,2025-11-03 08:00:00,LOGIN\n"), None);
    }
}
