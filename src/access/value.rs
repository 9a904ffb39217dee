//! Values of a line: numbers, lists, and what servers escape.

use super::line::LineError;
use super::time;
use std::borrow::Cow;
use std::net::IpAddr;

/// Addresses of a list; what is none (`unknown`, a port) is left out.
pub(super) fn addresses(raw: &[u8]) -> Vec<IpAddr> {
    let Some(list) = text(raw) else {
        return Vec::new();
    };
    list.split(',')
        .filter_map(|one| one.trim().parse().ok())
        .collect()
}

pub(super) fn text(raw: &[u8]) -> Option<&str> {
    std::str::from_utf8(raw).ok()
}

/// A whole number, without sign.
pub(super) fn number(raw: &[u8]) -> Result<u64, LineError> {
    if raw.is_empty() {
        return Err(LineError::Number);
    }
    raw.iter()
        .try_fold(0u64, |sum, digit| {
            let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
            sum.checked_mul(10)?.checked_add(digit)
        })
        .ok_or(LineError::Number)
}

/// A decimal number in thousandths.
pub(super) fn decimal(raw: &[u8]) -> Result<i64, LineError> {
    time::thousandths(raw).ok_or(LineError::Number)
}

/// A decimal number in millionths.
pub(super) fn micros(raw: &[u8]) -> Result<i64, LineError> {
    time::fixed_point(raw, 6).ok_or(LineError::Number)
}

/// Three digits.
pub(super) fn status(raw: &[u8]) -> Result<u16, LineError> {
    match raw {
        [a, b, c] if raw.iter().all(u8::is_ascii_digit) => {
            let digit = |d: u8| u16::from(d - b'0');
            Ok(digit(*a) * 100 + digit(*b) * 10 + digit(*c))
        }
        _ => Err(LineError::Status),
    }
}

/// The elements of a list of times, in milliseconds: one for each try, absent
/// where a try gave none.
pub(super) fn times(raw: &[u8]) -> impl Iterator<Item = Result<Option<i64>, LineError>> + '_ {
    let groups = raw.split(|b| *b == b',').flat_map(|part| {
        // ` : ` stands between groups; a time holds no `:`.
        part.split(|b| *b == b':')
    });
    groups.map(|one| match one.trim_ascii() {
        b"-" => Ok(None),
        value => decimal(value).map(Some),
    })
}

/// Undoes the escapes of nginx (`\x22`), of Apache (`\"`, `\n`) and of JSON
/// (`\/`, `\u00e9`).
pub(super) fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        if let Some(c) = unicode_escape(&raw[at..]) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            at += 6;
            continue;
        }
        let (byte, taken) = unescape_one(&raw[at..]);
        out.push(byte);
        at += taken;
    }
    Cow::Owned(out)
}

/// `\u00e9` of JSON; half of a surrogate pair becomes the mark of what cannot
/// be read.
fn unicode_escape(raw: &[u8]) -> Option<char> {
    let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
    let code = digits
        .iter()
        .try_fold(0, |code, digit| Some(code * 16 + u32::from(hex(*digit)?)))?;
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn unescape_one(raw: &[u8]) -> (u8, usize) {
    match raw {
        [b'\\', b'x', high, low, ..] => match (hex(*high), hex(*low)) {
            (Some(high), Some(low)) => (high * 16 + low, 4),
            _ => (b'\\', 1),
        },
        [b'\\', b'n', ..] => (b'\n', 2),
        [b'\\', b'r', ..] => (b'\r', 2),
        [b'\\', b't', ..] => (b'\t', 2),
        [b'\\', other @ (b'"' | b'\\' | b'/'), ..] => (*other, 2),
        [byte, ..] => (*byte, 1),
        [] => (0, 1),
    }
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|n| n as u8)
}
