//! Lays the pieces of a format over a line. Where a value is not quoted, its
//! end is the first place from which the rest of the line fits the rest of the
//! format, each value having the shape of its field.

use super::field::{Dropped, Field};
use super::line::LineError;
use super::text::{Piece, TextFormat};
use std::ops::Range;

/// Places tried for one line before it is given up; a real line needs few.
const TRIES: usize = 4_096;

const TIME_LOCAL: &str = "12/Apr/2018:09:48:40 +0200";

/// A field and where its value stands in the line.
pub(super) type Span = (Field, Range<usize>);

/// Finds the values of a line, in the order of the format. The error is that
/// of the piece that the best attempt reached.
pub(super) fn fit(
    format: &TextFormat,
    line: &[u8],
    values: &mut Vec<Span>,
) -> Result<(), LineError> {
    values.clear();
    let mut fit = Fit {
        format,
        line,
        values,
        tries: 0,
        worst: (0, LineError::Columns),
    };
    match fit.from(0, 0) {
        true => Ok(()),
        false => Err(fit.worst.1),
    }
}

/// Hands on the values of a line as most lines are: each value ends at the
/// first place of its separator, and the line holds no escape. What this finds
/// is what [`fit`] would find first. None where the line is not so, or where
/// `take` refuses a value, as it must do with a number or a status that is none;
/// then `fit` decides.
pub(super) fn plain_values<'a>(
    format: &TextFormat,
    line: &'a [u8],
    mut take: impl FnMut(Field, &'a [u8]) -> Option<()>,
) -> Option<()> {
    if memchr::memchr(b'\\', line).is_some() {
        return None;
    }
    let mut at = 0;
    let mut in_quotes = false;
    let mut pieces = format.pieces().iter();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Literal(literal) => {
                at = match_literal(line, at, literal)?;
                in_quotes = literal.last() == Some(&b'"');
            }
            Piece::Value(field) => {
                let next = match pieces.as_slice().first() {
                    Some(Piece::Literal(next)) => Some(next[0]),
                    _ => None,
                };
                let rest = &line[at..];
                let length = match (next, format.is_escaped()) {
                    (Some(b'"'), true) if in_quotes => memchr::memchr(b'"', rest)?,
                    (Some(_), false) if in_quotes => return None,
                    (Some(end), _) => {
                        let length = first(end, rest)?;
                        if !is_known_to_fit(*field, end) {
                            let goes_on = field.is_list() && continues_list(line, at + length);
                            is_plain(*field, &rest[..length], goes_on)?;
                        }
                        length
                    }
                    (None, _) => {
                        is_plain(*field, rest, *field == Field::Request)?;
                        rest.len()
                    }
                };
                take(*field, &rest[..length])?;
                at += length;
            }
        }
    }
    line[at..].iter().all(|b| *b == b' ').then_some(())
}

/// Whether a value that ends at the first `end` needs no look at its shape: it may
/// hold anything but blanks, or whoever takes it refuses what is no number.
#[inline(always)]
fn is_known_to_fit(field: Field, end: u8) -> bool {
    match field {
        Field::Status
        | Field::Bytes
        | Field::Seconds
        | Field::Milliseconds
        | Field::Microseconds
        | Field::Nanoseconds => true,
        Field::Client
        | Field::Method
        | Field::Referer
        | Field::Protocol
        | Field::Ignored(Dropped::Word) => end == b' ',
        _ => false,
    }
}

/// Values without quotes are short: a few bytes are looked at one by one.
fn first(end: u8, rest: &[u8]) -> Option<usize> {
    const SHORT: usize = 16;
    let (near, far) = rest.split_at(rest.len().min(SHORT));
    let found = near.iter().position(|b| *b == end);
    found.or_else(|| memchr::memchr(end, far).map(|at| SHORT + at))
}

/// Whether a value without quotes is one whatever the rest of the line.
#[inline(always)]
fn is_plain(field: Field, value: &[u8], goes_on: bool) -> Option<()> {
    shape(field, value).ok()?;
    (!goes_on).then_some(())
}

/// Whether what stands between quotes that are not escaped is one value. With a
/// quote and a line end written `\n` inside, it is the end of one request and
/// the beginning of the next, glued by a shipper.
fn is_one_value(value: &[u8]) -> bool {
    !value.contains(&b'"') || memchr::memmem::find(value, b"\\n").is_none()
}

struct Fit<'f> {
    format: &'f TextFormat,
    line: &'f [u8],
    values: &'f mut Vec<Span>,
    tries: usize,
    /// The furthest piece that did not fit, and why.
    worst: (usize, LineError),
}

impl Fit<'_> {
    /// Whether the pieces from `piece` on fit the line from `at` on.
    fn from(&mut self, piece: usize, at: usize) -> bool {
        match self.format.pieces().get(piece) {
            None => {
                let blank = self.line[at..].iter().all(|b| *b == b' ');
                blank || self.fail(piece, LineError::Columns)
            }
            Some(Piece::Literal(literal)) => match match_literal(self.line, at, literal) {
                Some(stop) => self.from(piece + 1, stop),
                None => self.fail(piece, LineError::Columns),
            },
            Some(Piece::Value(field)) => self.value(piece, *field, at),
        }
    }

    fn fail(&mut self, piece: usize, error: LineError) -> bool {
        if piece > self.worst.0 {
            self.worst = (piece, error);
        }
        false
    }

    fn value(&mut self, piece: usize, field: Field, at: usize) -> bool {
        let line = self.line;
        let Some(Piece::Literal(next)) = self.format.pieces().get(piece + 1) else {
            // PHP-FPM ends its lines with a request that has no protocol.
            if field == Field::Request {
                self.values.push((field, at..line.len()));
                return true;
            }
            return self.try_value(piece, field, at, line.len());
        };
        if self.is_quoted(piece) && self.format.is_escaped() {
            return match quote_end(line, at) {
                Some(end) => {
                    self.values.push((field, at..end));
                    self.from(piece + 1, end) || self.take_back()
                }
                None => self.fail(piece, LineError::Truncated),
            };
        }
        for offset in memchr::memchr_iter(next[0], &line[at..]) {
            self.tries += 1;
            if self.tries > TRIES {
                break;
            }
            let end = at + offset;
            let inside_list = field.is_list() && continues_list(line, end);
            if !inside_list && self.try_value(piece, field, at, end) {
                return true;
            }
        }
        self.fail(piece, LineError::Columns)
    }

    fn try_value(&mut self, piece: usize, field: Field, at: usize, end: usize) -> bool {
        let value = &self.line[at..end];
        let fits = match self.is_quoted(piece) {
            true if is_one_value(value) => Ok(()),
            true => Err(LineError::Columns),
            false => shape(field, value),
        };
        if let Err(error) = fits {
            return self.fail(piece, error);
        }
        self.values.push((field, at..end));
        self.from(piece + 1, end) || self.take_back()
    }

    fn take_back(&mut self) -> bool {
        self.values.pop();
        false
    }

    fn is_quoted(&self, piece: usize) -> bool {
        let pieces = self.format.pieces();
        let before = piece.checked_sub(1).and_then(|at| pieces.get(at));
        let opens = matches!(before, Some(Piece::Literal(l)) if l.last() == Some(&b'"'));
        let after = pieces.get(piece + 1);
        opens && matches!(after, Some(Piece::Literal(l)) if l.first() == Some(&b'"'))
    }
}

/// A blank of the format stands for one or more blanks of the line: some
/// servers pad their columns.
#[inline]
fn match_literal(line: &[u8], mut at: usize, literal: &[u8]) -> Option<usize> {
    let after = at + literal.len();
    // Literals are short: a loop is faster than a call.
    let same = |here: &[u8]| here.iter().zip(literal).all(|(a, b)| a == b);
    if line.get(at..after).is_some_and(same) && line.get(after) != Some(&b' ') {
        return Some(after);
    }
    for expected in literal {
        if *expected == b' ' {
            let blanks = line[at..].iter().take_while(|b| **b == b' ').count();
            let already_taken = at > 0 && line[at - 1] == b' ';
            if blanks == 0 && !already_taken {
                return None;
            }
            at += blanks;
        } else if line.get(at) == Some(expected) {
            at += 1;
        } else {
            return None;
        }
    }
    Some(at)
}

/// Whether a list goes on over the blank at `end` (`, ` or ` : `).
fn continues_list(line: &[u8], end: usize) -> bool {
    let before = end.checked_sub(1).map(|i| line[i]);
    matches!(before, Some(b',')) || line[end..].starts_with(b" : ") || line[..end].ends_with(b" :")
}

/// The first `"` that an even run of backslashes precedes: nginx writes
/// `\x22` inside, Apache `\"`.
fn quote_end(line: &[u8], at: usize) -> Option<usize> {
    let mut from = at;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', &line[from..])?;
        if line[found] == b'"' {
            return Some(found);
        }
        // A backslash takes the byte after it with it.
        from = (found + 2).min(line.len());
    }
}

/// Whether an unquoted value looks like its field; absent values always do.
fn shape(field: Field, value: &[u8]) -> Result<(), LineError> {
    if value.is_empty() || value == b"-" {
        return Ok(());
    }
    let has_blank = || value.contains(&b' ');
    let (right, error) = match field {
        Field::Status => {
            let digits = value.len() == 3 && value.iter().all(u8::is_ascii_digit);
            (digits, LineError::Status)
        }
        Field::Bytes
        | Field::Seconds
        | Field::Milliseconds
        | Field::Microseconds
        | Field::Nanoseconds => (is_number(value), LineError::Number),
        Field::TimeEpoch | Field::TimeEpochMillis => (is_number(value), LineError::Date),
        Field::TimeLocal => {
            let like = value.get(2) == Some(&b'/') && value.len() <= TIME_LOCAL.len();
            (like, LineError::Date)
        }
        Field::Request => (ends_with_protocol(value), LineError::Columns),
        Field::ForwardedFor => (is_address_list(value), LineError::Columns),
        // A name may hold blanks (`ou=Personnels Admin`), never a quote: servers
        // escape it, so one would be the start of another value.
        // `- name` would be the column before it, taken for a part of the name.
        Field::User => {
            let is_one = !value.contains(&b'"') && !value.starts_with(b"- ");
            (is_one, LineError::Columns)
        }
        Field::Ignored(Dropped::Text | Dropped::List) => {
            (!value.contains(&b'"'), LineError::Columns)
        }
        Field::Ignored(Dropped::Digits) => {
            (value.iter().all(u8::is_ascii_digit), LineError::Columns)
        }
        Field::Client
        | Field::Method
        | Field::Referer
        | Field::Protocol
        | Field::Ignored(Dropped::Word) => (!has_blank(), LineError::Columns),
        _ => (true, LineError::Columns),
    };
    if right { Ok(()) } else { Err(error) }
}

fn is_number(value: &[u8]) -> bool {
    let mut dots = 0;
    let right = value.iter().all(|byte| {
        dots += usize::from(*byte == b'.');
        byte.is_ascii_digit() || *byte == b'.'
    });
    right && dots <= 1
}

fn ends_with_protocol(request: &[u8]) -> bool {
    let last = request.rsplit(|b| *b == b' ').next().unwrap_or_default();
    last.starts_with(b"HTTP/") && last.len() < request.len()
}

/// Addresses or names separated by commas, without blanks inside.
fn is_address_list(value: &[u8]) -> bool {
    value.split(|b| *b == b',').all(|one| {
        let one = one.trim_ascii();
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b".:-_[]".contains(b);
        !one.is_empty() && one.iter().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::text::Manner;
    use proptest::prelude::*;

    /// What the search with ways back finds, without the short way.
    fn searched(format: &TextFormat, line: &[u8]) -> Option<Vec<Span>> {
        let mut values = Vec::new();
        let mut fit = Fit {
            format,
            line,
            values: &mut values,
            tries: 0,
            worst: (0, LineError::Columns),
        };
        fit.from(0, 0).then_some(values)
    }

    proptest! {
        #[test]
        fn the_short_way_finds_what_the_search_finds(
            format in "(%h |%h:%p |%l |%u |\\[%t\\] |\"%r\" |%>s |%D,|\"%\\{Referer\\}i\" |%\\{X-Forwarded-For\\}i ){1,5}%t",
            line in "([0-9]{1,3}|[a-z]{1,3}| {1,2}|-|:|\"|\\\\|, |\\[12/Apr/2018:09:48:40 \\+0200\\]|GET / HTTP/1.1){0,16}",
            is_unescaped in any::<bool>(),
        ) {
            let manner = Manner { is_unescaped, ..Manner::default() };
            let format = TextFormat::compile(&[&format], manner).unwrap();
            let bytes = line.as_bytes();
            let mut values = Vec::new();
            let found = plain_values(&format, bytes, |field, value| {
                let at = value.as_ptr() as usize - bytes.as_ptr() as usize;
                values.push((field, at..at + value.len()));
                shape(field, value).ok()
            });
            if found.is_some() {
                prop_assert_eq!(Some(values), searched(&format, bytes));
            }
        }
    }
}
