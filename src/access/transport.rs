//! What carries a log line and is no part of it.

use super::time::MONTHS;

/// The line without the header of its transport; none where there is no such
/// header.
pub(super) fn strip(line: &[u8]) -> Option<&[u8]> {
    // Most lines begin with an address: one look is enough.
    if !matches!(line.first(), Some(b'<' | b'e' | b'A'..=b'Z')) {
        return None;
    }
    // nginx before 1.11.8 takes `escape=json` of its configuration for text.
    if let Some(bare) = line.strip_prefix(b"escape=json") {
        return Some(bare);
    }
    syslog(line)
}

/// RFC 3164: `<134>Jan 26 19:23:16 host tag: `, the priority optional.
fn syslog(line: &[u8]) -> Option<&[u8]> {
    let rest = match line.strip_prefix(b"<") {
        Some(inside) => after(inside, b'>', |b| b.is_ascii_digit())?,
        None => line,
    };
    let month = rest.get(..3)?;
    if !MONTHS.iter().any(|name| name.as_bytes() == month) {
        return None;
    }
    let rest = rest[3..].trim_ascii_start();
    let rest = after(rest, b' ', |b| b.is_ascii_digit())?.trim_ascii_start();
    let rest = after(rest, b' ', |b| b.is_ascii_digit() || b == b':')?;
    let rest = after(rest, b' ', |b| b != b':')?;
    after(rest, b':', |b| b != b' ').map(<[u8]>::trim_ascii_start)
}

/// What follows the first `end`, if all before it is as it should be.
fn after(text: &[u8], end: u8, is_right: impl Fn(u8) -> bool) -> Option<&[u8]> {
    let at = memchr::memchr(end, text)?;
    (at > 0 && text[..at].iter().all(|b| is_right(*b))).then(|| &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syslog_headers() {
        let line = b"<134>Jan 26 19:23:16 myfirewall.example.tld nginx: 192.0.2.241 - -";
        assert_eq!(strip(line), Some(&b"192.0.2.241 - -"[..]));
        assert_eq!(strip(b"Sep  5 06:05:27 host nginx[68]: x"), Some(&b"x"[..]));
        assert_eq!(strip(b"192.0.2.241 - - [x]"), None);
        assert_eq!(strip(b"May the force: be with"), None);
        assert_eq!(strip(b""), None);
    }
}
