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
    if fit_at_once(format, line, values).is_some() {
        return Ok(());
    }
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

/// Most lines fit at the first place of each separator. What this finds is
/// what the search with ways back would find first.
fn fit_at_once(format: &TextFormat, line: &[u8], values: &mut Vec<Span>) -> Option<()> {
    let mut at = 0;
    let mut in_quotes = false;
    let mut pieces = format.pieces().iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Literal(literal) => {
                at = match_literal(line, at, literal)?;
                in_quotes = literal.last() == Some(&b'"');
            }
            Piece::Value(field) => {
                let end = match pieces.peek() {
                    Some(Piece::Literal(next)) if in_quotes && next[0] == b'"' => {
                        match format.is_escaped() {
                            true => quote_end(line, at)?,
                            false => first_match(line, at, next)?,
                        }
                    }
                    Some(Piece::Literal(next)) => first_end(line, at, *field, next)?,
                    _ => line.len(),
                };
                let is_last_request = *field == Field::Request && pieces.peek().is_none();
                if end == line.len() && !is_last_request {
                    shape(*field, &line[at..end]).ok()?;
                }
                values.push((*field, at..end));
                at = end;
            }
        }
    }
    line[at..].iter().all(|b| *b == b' ').then_some(())
}

/// The first place where a value of the right shape ends at the next literal.
fn first_end(line: &[u8], at: usize, field: Field, next: &[u8]) -> Option<usize> {
    memchr::memchr_iter(next[0], &line[at..])
        .map(|offset| at + offset)
        .filter(|end| !(field.is_list() && continues_list(line, *end)))
        .find(|end| {
            shape(field, &line[at..*end]).is_ok() && match_literal(line, *end, next).is_some()
        })
}

/// The first place of the next literal: the end of a value in quotes whose own
/// quotes are not escaped.
fn first_match(line: &[u8], at: usize, next: &[u8]) -> Option<usize> {
    let end = memchr::memchr_iter(next[0], &line[at..])
        .map(|offset| at + offset)
        .find(|end| match_literal(line, *end, next).is_some())?;
    is_one_value(&line[at..end]).then_some(end)
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
fn match_literal(line: &[u8], mut at: usize, literal: &[u8]) -> Option<usize> {
    let after = at + literal.len();
    if line.get(at..after) == Some(literal) && line.get(after) != Some(&b' ') {
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
    let dots = value.iter().filter(|b| **b == b'.').count();
    dots <= 1 && value.iter().all(|b| b.is_ascii_digit() || *b == b'.')
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
            let mut values = Vec::new();
            if fit_at_once(&format, line.as_bytes(), &mut values).is_some() {
                prop_assert_eq!(Some(values), searched(&format, line.as_bytes()));
            }
        }
    }
}
