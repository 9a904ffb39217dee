//! Reads one line with a compiled format. Every line gives a reading or a
//! reason; none panics, none stops a run.

use super::format::{Field, LogFormat, Piece};
use super::time;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// What the request field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// A method and a URI.
    Http,
    /// Nothing: the client closed before it sent a request.
    Empty,
    /// A TLS hello sent to a plain port.
    Tls,
    /// Anything else; a line to keep, never a visit.
    Garbage,
}

impl RequestKind {
    /// The word in `inspect`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Empty => "empty",
            Self::Tls => "tls",
            Self::Garbage => "garbage",
        }
    }
}

/// One request as read. It holds personal data (address, account, query), so
/// it can be neither printed nor serialised as a whole.
pub struct AccessLine<'a> {
    /// UTC.
    pub time: DateTime<Utc>,
    /// The peer, where it is an address.
    pub client: Option<IpAddr>,
    /// The account as logged.
    pub user: Option<Cow<'a, [u8]>>,
    /// `GET`...
    pub method: Option<Vec<u8>>,
    /// Without query; absent where the URI is no path.
    pub path: Option<Vec<u8>>,
    /// What follows `?`.
    pub query: Option<Vec<u8>>,
    /// `HTTP/1.1`.
    pub protocol: Option<Vec<u8>>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Bytes of the answer; `-` is 0.
    pub bytes: Option<u64>,
    /// Microseconds.
    pub duration_us: Option<i64>,
    /// Milliseconds, one for each try.
    pub upstream_ms: Vec<Option<i64>>,
    /// The referring page.
    pub referer: Option<Cow<'a, [u8]>>,
    /// The user agent.
    pub user_agent: Option<Cow<'a, [u8]>>,
    /// What the request field holds.
    pub request_kind: RequestKind,
}

/// Why a line could not be read. Holds no content of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// Ended inside a quoted value: a line still being written, or cut.
    Truncated,
    /// A separator of the format is missing.
    Columns,
    /// No date that can be read.
    Date,
    /// A status that is not three digits.
    Status,
    /// A number that is none.
    Number,
}

impl LineError {
    /// The reason under which the line is counted.
    pub fn code(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Columns => "columns",
            Self::Date => "date",
            Self::Status => "status",
            Self::Number => "number",
        }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Reads one line, without its line end.
pub fn read<'a>(format: &LogFormat, line: &'a [u8]) -> Result<AccessLine<'a>, LineError> {
    let mut reading = Reading::default();
    let mut at = 0;
    let pieces = format.pieces();
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(literal) => {
                at = match_literal(line, at, literal).ok_or(LineError::Columns)?;
            }
            Piece::Value(field) => {
                let quoted = i > 0 && ends_with_quote(&pieces[i - 1]);
                let end = value_end(line, at, *field, quoted, pieces.get(i + 1))?;
                reading.take(*field, &line[at..end])?;
                at = end;
            }
        }
    }
    let rest_is_blank = line[at..].iter().all(|b| *b == b' ');
    if !rest_is_blank {
        return Err(LineError::Columns);
    }
    reading.finish()
}

fn ends_with_quote(piece: &Piece) -> bool {
    matches!(piece, Piece::Literal(l) if l.last() == Some(&b'"'))
}

/// A blank of the format stands for one or more blanks of the line: some
/// servers pad their columns.
fn match_literal(line: &[u8], mut at: usize, literal: &[u8]) -> Option<usize> {
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

fn value_end(
    line: &[u8],
    at: usize,
    field: Field,
    quoted: bool,
    next: Option<&Piece>,
) -> Result<usize, LineError> {
    let Some(Piece::Literal(literal)) = next else {
        return Ok(line.len());
    };
    if quoted && literal[0] == b'"' {
        return quote_end(line, at).ok_or(LineError::Truncated);
    }
    memchr::memchr_iter(literal[0], &line[at..])
        .map(|offset| at + offset)
        .find(|end| {
            let inside_list = field.is_list() && continues_list(line, *end);
            !inside_list && match_literal(line, *end, literal).is_some_and(|stop| stop > *end)
        })
        .ok_or(LineError::Columns)
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

#[derive(Default)]
struct Reading<'a> {
    time: Option<DateTime<Utc>>,
    client: Option<IpAddr>,
    user: Option<Cow<'a, [u8]>>,
    method: Option<Vec<u8>>,
    path: Option<Vec<u8>>,
    query: Option<Vec<u8>>,
    protocol: Option<Vec<u8>>,
    status: Option<u16>,
    bytes: Option<u64>,
    duration_us: Option<i64>,
    upstream_ms: Vec<Option<i64>>,
    referer: Option<Cow<'a, [u8]>>,
    user_agent: Option<Cow<'a, [u8]>>,
    kind: Option<RequestKind>,
}

impl<'a> Reading<'a> {
    fn take(&mut self, field: Field, raw: &'a [u8]) -> Result<(), LineError> {
        let present = !raw.is_empty() && raw != b"-";
        match field {
            Field::TimeLocal | Field::TimeIso | Field::TimeEpoch => self.take_time(field, raw)?,
            Field::Request => self.take_request(&unescape(raw)),
            Field::Bytes => self.bytes = if present { Some(number(raw)?) } else { Some(0) },
            _ if !present => {}
            Field::Client => self.client = text(raw).and_then(|t| t.parse().ok()),
            Field::User => self.user = Some(unescape(raw)),
            Field::Method => self.method = Some(unescape(raw).into_owned()),
            Field::Uri | Field::Path => self.take_uri(&unescape(raw)),
            Field::Query => self.query = Some(unescape(raw).into_owned()),
            Field::Protocol => self.protocol = Some(unescape(raw).into_owned()),
            Field::Status => self.status = Some(status(raw)?),
            Field::Seconds => self.duration_us = Some(decimal(raw)? * 1_000),
            Field::Milliseconds => self.duration_us = Some(decimal(raw)?),
            Field::Microseconds => self.duration_us = Some(number(raw)? as i64),
            Field::Upstream => self.upstream_ms = upstream(raw)?,
            Field::Referer => self.referer = Some(unescape(raw)),
            Field::UserAgent => self.user_agent = Some(unescape(raw)),
            Field::ForwardedFor | Field::Ignored { .. } => {}
        }
        Ok(())
    }

    fn take_time(&mut self, field: Field, raw: &[u8]) -> Result<(), LineError> {
        let text = text(raw).ok_or(LineError::Date)?;
        let time = match field {
            Field::TimeIso => time::iso8601(text),
            Field::TimeEpoch => time::epoch_seconds(text),
            _ => time::common_log(text),
        };
        self.time = Some(time.ok_or(LineError::Date)?);
        Ok(())
    }

    fn take_request(&mut self, request: &[u8]) {
        let kind = request_kind(request);
        self.kind = Some(kind);
        if kind != RequestKind::Http {
            return;
        }
        let (method, rest) = split_first(request);
        let (uri, protocol) = split_protocol(rest);
        self.method = Some(method.to_vec());
        self.protocol = protocol.map(<[u8]>::to_vec);
        self.take_uri(uri);
    }

    fn take_uri(&mut self, uri: &[u8]) {
        let mut parts = uri.splitn(2, |b| *b == b'?');
        let target = parts.next().unwrap_or_default();
        self.query = parts.next().map(<[u8]>::to_vec).or(self.query.take());
        self.path = path_of(target).map(<[u8]>::to_vec);
    }

    fn finish(self) -> Result<AccessLine<'a>, LineError> {
        let kind = match (self.kind, &self.method) {
            (Some(kind), _) => kind,
            (None, Some(_)) => RequestKind::Http,
            (None, None) => RequestKind::Empty,
        };
        Ok(AccessLine {
            time: self.time.ok_or(LineError::Date)?,
            client: self.client,
            user: self.user,
            method: self.method,
            path: self.path,
            query: self.query,
            protocol: self.protocol,
            status: self.status,
            bytes: self.bytes,
            duration_us: self.duration_us,
            upstream_ms: self.upstream_ms,
            referer: self.referer,
            user_agent: self.user_agent,
            request_kind: kind,
        })
    }
}

fn request_kind(request: &[u8]) -> RequestKind {
    if request.is_empty() || request == b"-" {
        return RequestKind::Empty;
    }
    if request.starts_with(b"\x16\x03") {
        return RequestKind::Tls;
    }
    let (method, rest) = split_first(request);
    let (uri, protocol) = split_protocol(rest);
    let method_like = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
    // Without protocol (HTTP/0.9) only a plain path is taken for a request.
    let uri_like = protocol.is_some() || (uri.starts_with(b"/") && !uri.contains(&b' '));
    if method_like && !uri.is_empty() && uri_like {
        RequestKind::Http
    } else {
        RequestKind::Garbage
    }
}

fn split_first(request: &[u8]) -> (&[u8], &[u8]) {
    match request.iter().position(|b| *b == b' ') {
        Some(i) => (&request[..i], &request[i + 1..]),
        None => (request, &[]),
    }
}

/// URI and protocol; the URI may hold blanks, the protocol is the last word.
fn split_protocol(rest: &[u8]) -> (&[u8], Option<&[u8]>) {
    match rest.iter().rposition(|b| *b == b' ') {
        Some(i) if rest[i + 1..].starts_with(b"HTTP/") => (&rest[..i], Some(&rest[i + 1..])),
        _ => (rest, None),
    }
}

fn path_of(target: &[u8]) -> Option<&[u8]> {
    if target.starts_with(b"/") {
        return Some(target);
    }
    let scheme = target.windows(3).position(|w| w == b"://")?;
    if !target[..scheme].iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let rest = &target[scheme + 3..];
    Some(
        rest.iter()
            .position(|b| *b == b'/')
            .map_or(b"/", |i| &rest[i..]),
    )
}

fn text(raw: &[u8]) -> Option<&str> {
    std::str::from_utf8(raw).ok()
}

fn number(raw: &[u8]) -> Result<u64, LineError> {
    text(raw)
        .and_then(|t| t.parse().ok())
        .ok_or(LineError::Number)
}

fn decimal(raw: &[u8]) -> Result<i64, LineError> {
    text(raw)
        .and_then(time::thousandths)
        .filter(|n| *n < i64::MAX / 1_000)
        .ok_or(LineError::Number)
}

fn status(raw: &[u8]) -> Result<u16, LineError> {
    let digits = raw.len() == 3 && raw.iter().all(u8::is_ascii_digit);
    let status = text(raw).and_then(|t| t.parse().ok());
    status.filter(|_| digits).ok_or(LineError::Status)
}

fn upstream(raw: &[u8]) -> Result<Vec<Option<i64>>, LineError> {
    let text = text(raw).ok_or(LineError::Number)?;
    text.split(" : ")
        .flat_map(|group| group.split(','))
        .map(|one| match one.trim() {
            "-" => Ok(None),
            value => decimal(value.as_bytes()).map(Some),
        })
        .collect()
}

/// Undoes the escapes of nginx (`\x22`) and of Apache (`\"`, `\n`).
fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let (byte, taken) = unescape_one(&raw[at..]);
        out.push(byte);
        at += taken;
    }
    Cow::Owned(out)
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
        [b'\\', other @ (b'"' | b'\\'), ..] => (*other, 2),
        [byte, ..] => (*byte, 1),
        [] => (0, 1),
    }
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|n| n as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMBINED: &str = "combined";

    fn parse<'a>(format: &str, line: &'a str) -> Result<AccessLine<'a>, LineError> {
        read(&LogFormat::compile(format).unwrap(), line.as_bytes())
    }

    fn shown(bytes: &Option<Vec<u8>>) -> Option<String> {
        bytes
            .as_ref()
            .map(|b| String::from_utf8_lossy(b).into_owned())
    }

    #[test]
    fn a_plain_request() {
        let line = r#"192.0.2.1 - - [25/Feb/2020:18:55:34 +0100] "GET /a/b?c=d e HTTP/2" 200 - "-" "X \"y\"""#;
        let read = parse(COMBINED, line).ok().unwrap();
        assert_eq!(read.time.to_rfc3339(), "2020-02-25T17:55:34+00:00");
        assert_eq!(shown(&read.path).unwrap(), "/a/b");
        assert_eq!(shown(&read.query).unwrap(), "c=d e");
        assert_eq!(shown(&read.protocol).unwrap(), "HTTP/2");
        assert_eq!((read.status, read.bytes), (Some(200), Some(0)));
        assert_eq!(read.user_agent.unwrap().as_ref(), br#"X "y""#);
        assert!(read.referer.is_none() && read.user.is_none());
    }

    #[test]
    fn requests_that_are_none() {
        let kind = |request: &str| {
            let line = format!(r#"192.0.2.1 - - [25/Feb/2020:18:55:34 +0100] "{request}" 400 0"#);
            parse("common", &line).ok().unwrap().request_kind
        };
        assert_eq!(kind(""), RequestKind::Empty);
        assert_eq!(kind("-"), RequestKind::Empty);
        assert_eq!(kind(r"\x16\x03\x01\x01D \xB8"), RequestKind::Tls);
        assert_eq!(kind(r"]&\xDF\xBD\x10;"), RequestKind::Garbage);
        assert_eq!(kind("moteSubmit=Save"), RequestKind::Garbage);
        assert_eq!(kind("- - HTTP/1.0"), RequestKind::Garbage);
        assert_eq!(kind("GET /index.html"), RequestKind::Http);
    }

    #[test]
    fn a_uri_that_is_no_path() {
        let path = |uri: &str| {
            let line = format!(r#"h - - [25/Feb/2020:18:55:34 +0100] "GET {uri} HTTP/1.1" 400 0"#);
            shown(&parse("common", &line).ok().unwrap().path)
        };
        assert_eq!(path(":@bxss.me::80/rpb.png"), None);
        assert_eq!(path("http://[:1]/foo"), Some("/foo".into()));
        assert_eq!(path("http://host"), Some("/".into()));
    }

    #[test]
    fn lists_without_quotes() {
        let format = r#"$http_x_forwarded_for $remote_addr [$time_local] "$request" $status $upstream_response_time $request_time"#;
        let line = r#"10.0.0.2, 2001:db8::7 192.0.2.9 [25/Feb/2020:18:55:34 +0100] "GET / HTTP/1.1" 502 0.004, - : 0.012 0.016"#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(read.client, "192.0.2.9".parse().ok());
        assert_eq!(read.upstream_ms, [Some(4), None, Some(12)]);
        assert_eq!(read.duration_us, Some(16_000));
    }

    #[test]
    fn padding_and_long_separators() {
        let line = r#"192.0.2.1 - - [25/Feb/2020:18:55:34 +0100]   "GET / HTTP/1.1" 200 10    "-"       "X"  "#;
        assert!(parse(COMBINED, line).is_ok());
        let format = "v1{]$host{]$request{]$time_local{]$status{]$request_time";
        let line = "v1{]example.com{]GET /a b HTTP/1.1{]07/Jun/2023:07:57:59 +0800{]200{]0.055";
        let read = parse(format, line).ok().unwrap();
        assert_eq!(shown(&read.path).unwrap(), "/a b");
        assert_eq!(read.duration_us, Some(55_000));
    }

    #[test]
    fn units_glued_to_numbers() {
        let read = parse(
            "%h %t %Dus %s",
            "127.0.0.1 [16/Aug/2013:15:45:34 +0000] 1966093us 200",
        );
        assert_eq!(read.ok().unwrap().duration_us, Some(1_966_093));
    }

    #[test]
    fn a_bad_line_has_a_reason() {
        let reason = |line: &str| parse(COMBINED, line).err().map(LineError::code);
        let start = "192.0.2.1 - - [25/Feb/2020:18:55:34 +0100] ";
        assert_eq!(
            reason(&format!(r#"{start}"GET / HTTP/1.1" 200 5 "-" "Mozi"#)),
            Some("truncated")
        );
        assert_eq!(
            reason(r#"192.0.2.1 [25/Feb/2020:18:55:34 +0100] "GET / HTTP/1.1" 200 5 "-" "-""#),
            Some("columns")
        );
        assert_eq!(
            reason(&format!(r#"{start}"GET / HTTP/1.1" 2000 5 "-" "-""#)),
            Some("status")
        );
        assert_eq!(
            reason(&format!(r#"{start}"GET / HTTP/1.1" 200 x "-" "-""#)),
            Some("number")
        );
        assert_eq!(
            reason(r#"192.0.2.1 - - [25/Foo/2020:18:55:34 +0100] "GET / HTTP/1.1" 200 5 "-" "-""#),
            Some("date")
        );
    }

    proptest! {
        #[test]
        fn never_panics(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let combined = LogFormat::compile(COMBINED).unwrap();
            let upstream = LogFormat::compile("$msec $upstream_response_time \"$request\"").unwrap();
            let _ = read(&combined, &line);
            let _ = read(&upstream, &line);
        }

        #[test]
        fn a_quoted_value_reads_back(agent in "[ -~]{1,40}") {
            prop_assume!(agent != "-");
            let escaped = agent.replace('\\', r"\x5C").replace('"', r"\x22");
            let line = format!(r#"192.0.2.1 - - [25/Feb/2020:18:55:34 +0100] "GET / HTTP/1.1" 200 5 "-" "{escaped}""#);
            let read_back = parse(COMBINED, &line).ok().unwrap().user_agent.unwrap();
            prop_assert_eq!(read_back.as_ref(), agent.as_bytes());
        }
    }
}
