//! Reads one line with a compiled format. Every line gives a reading or a
//! reason; none panics, none stops a run.

use super::format::{Field, LogFormat};
use super::time::{self, Stamp};
use super::{fit, transport};
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
    /// The addresses of `X-Forwarded-For`, as written: from the one that says
    /// it is the first to the last proxy but one.
    pub forwarded: Vec<IpAddr>,
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

/// Reads one line, without its line end. What a transport put before it (a
/// syslog header, `escape=json` of an old nginx) is read over.
pub fn read<'a>(format: &LogFormat, line: &'a [u8]) -> Result<AccessLine<'a>, LineError> {
    // First without its header: a lenient format would read that as a value.
    match transport::strip(line) {
        Some(bare) => read_bare(format, bare).or_else(|_| read_bare(format, line)),
        None => read_bare(format, line),
    }
}

fn read_bare<'a>(format: &LogFormat, line: &'a [u8]) -> Result<AccessLine<'a>, LineError> {
    let mut reading = Reading::new(format);
    for (field, value) in fit::fit(format, line)? {
        reading.take(field, value)?;
    }
    reading.finish()
}

struct Reading<'a, 'f> {
    format: &'f LogFormat,
    time: Option<DateTime<Utc>>,
    stamp: Stamp,
    forwarded: Vec<IpAddr>,
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

impl<'a, 'f> Reading<'a, 'f> {
    fn new(format: &'f LogFormat) -> Self {
        Self {
            format,
            time: None,
            stamp: Stamp::default(),
            forwarded: Vec::new(),
            client: None,
            user: None,
            method: None,
            path: None,
            query: None,
            protocol: None,
            status: None,
            bytes: None,
            duration_us: None,
            upstream_ms: Vec::new(),
            referer: None,
            user_agent: None,
            kind: None,
        }
    }

    fn take(&mut self, field: Field, raw: &'a [u8]) -> Result<(), LineError> {
        let present = !raw.is_empty() && raw != b"-";
        match field {
            Field::TimeLocal | Field::TimeIso | Field::TimeEpoch => self.take_time(field, raw)?,
            Field::Stamp(part) => self.take_stamp(part, raw)?,
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
            // `%T` beside `%D` cuts the second that the other tells in full.
            Field::Seconds => {
                let seconds = decimal(raw)? * 1_000;
                self.duration_us = self.duration_us.or(Some(seconds));
            }
            Field::Milliseconds => self.duration_us = Some(decimal(raw)?),
            Field::Microseconds => self.duration_us = Some(number(raw)? as i64),
            Field::Upstream => self.upstream_ms = upstream(raw)?,
            Field::Referer => self.referer = Some(unescape(raw)),
            Field::UserAgent => self.user_agent = Some(unescape(raw)),
            Field::ForwardedFor => self.forwarded = forwarded(raw),
            Field::Ignored { .. } => {}
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

    fn take_stamp(&mut self, part: usize, raw: &[u8]) -> Result<(), LineError> {
        let text = text(raw).ok_or(LineError::Date)?;
        let read = self.stamp.read(&self.format.stamps()[part], text);
        read.ok_or(LineError::Date)
    }

    fn take_request(&mut self, request: &[u8]) {
        // PHP-FPM writes the URI alone, and the method apart.
        if request.starts_with(b"/") && !request.contains(&b' ') {
            return self.take_uri(request);
        }
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
        let time = match self.format.stamps().is_empty() {
            true => self.time,
            false => self.stamp.instant(self.format.zone()),
        };
        let kind = match (self.kind, &self.method) {
            (Some(kind), _) => kind,
            (None, Some(_)) => RequestKind::Http,
            (None, None) => RequestKind::Empty,
        };
        Ok(AccessLine {
            time: time.ok_or(LineError::Date)?,
            client: self.client,
            forwarded: self.forwarded,
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

/// Addresses of a list; what is none (`unknown`, a port) is left out.
fn forwarded(raw: &[u8]) -> Vec<IpAddr> {
    let Some(list) = text(raw) else {
        return Vec::new();
    };
    list.split(',')
        .filter_map(|one| one.trim().parse().ok())
        .collect()
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

/// Undoes the escapes of nginx (`\x22`), of Apache (`\"`, `\n`) and of JSON
/// (`\/`, `\u00e9`).
fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
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

    #[test]
    fn values_without_quotes_find_their_ends() {
        let format = r#"$remote_addr $http_user_agent $request $http_x_forwarded_for $uri $upstream_addr $status "u status" $upstream_status  "MSec" $msec"#;
        let line = r#"192.0.2.38 - POST /rtb/getAd/12 HTTP/1.1 203.0.113.154 /rtb/getAd/12 192.168.23.82:9558 499 "u status" -  "MSec" 1429233379.104"#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(shown(&read.path).unwrap(), "/rtb/getAd/12");
        assert_eq!((read.status, read.user_agent.is_none()), (Some(499), true));
        assert_eq!(read.forwarded, ["203.0.113.154".parse::<IpAddr>().unwrap()]);
        assert_eq!(read.time.to_rfc3339(), "2015-04-17T01:16:19.104+00:00");

        let format = r#"$remote_addr [$time_local] "$request" $status $bytes_sent "$http_referer" $http_user_agent $http_x_forwarded_for"#;
        let line = r#"172.17.0.1 [29/Aug/2018:10:55:13 +0000] "GET /a HTTP/1.1" 404 423 "-" Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) Safari/537.36 -"#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(read.status, Some(404));
        assert_eq!(
            read.user_agent.unwrap().as_ref(),
            b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) Safari/537.36"
        );

        let format = r#"$request_time [$time_local] $request $status $body_bytes_sent "$host" $remote_addr $remote_user  $connection"#;
        let line = r#"0.001 [23/Jan/2017:04:06:22 -0800] GET /app/ajs/x.js HTTP/1.1 304 0 "hostname" 10.0.0.9 -  4710110"#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(
            (read.status, shown(&read.path)),
            (Some(304), Some("/app/ajs/x.js".into()))
        );
        assert_eq!(read.client, "10.0.0.9".parse().ok());
    }

    #[test]
    fn what_carries_a_line_is_read_over() {
        let syslog = r#"<134>Jan 26 19:23:16 fw.example nginx: 192.0.2.241 - - [26/Jan/2022:19:23:16 +0100] "GET /index.php/204 HTTP/2.0" 204 0 "-"        "Mozilla/5.0 (Android)""#;
        let read = parse(COMBINED, syslog).ok().unwrap();
        assert_eq!(
            (read.status, read.client),
            (Some(204), "192.0.2.241".parse().ok())
        );
    }

    #[test]
    fn json_templates() {
        let format = r#"escape=json{"ip":"$remote_addr","time":"$time_iso8601","request":"$request","body":"$request_body","status":"$status","size":$body_bytes_sent,"time_s":"$request_time","agent":"$http_user_agent"}"#;
        let line = r#"escape=json{"ip":"172.60.30.14","time":"2017-08-30T15:23:48+08:00","request":"GET \/ HTTP/1.1","body":"{\"id\": \"R:1070\"}","status":"200","size":562,"time_s":"","agent":"\u00e9t\u00e9"}"#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(read.time.to_rfc3339(), "2017-08-30T07:23:48+00:00");
        assert_eq!((read.bytes, read.duration_us), (Some(562), None));
        assert_eq!(shown(&read.path).unwrap(), "/");
        assert_eq!(read.user_agent.unwrap().as_ref(), "été".as_bytes());
    }

    #[test]
    fn dates_in_parts() {
        let format = r#"%h %A:%p,%V>%v %u [%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{%z}t] "%r" %>s %b "REFERER=%{Referer}i""#;
        let line = r#"192.0.2.11 10.0.0.1:443,a.example.eu>b.example.eu - [2022-08-23 10:54:19.786 +0200] "GET /x HTTP/1.1" 200 66479 "REFERER=https://c.example.com?m=z""#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(read.time.to_rfc3339(), "2022-08-23T08:54:19.786+00:00");
        assert_eq!(read.referer.unwrap().as_ref(), b"https://c.example.com?m=z");

        let format = "%{%Y-%m-%dT%H:%M:%SZ}t %m %s %{mili}d ms %{kilo}M kB %C%% %r";
        let line = "2023-12-20T08:17:21Z GET 200 260.403 ms 2048 kB 15.36% /list/default";
        let read = parse(format, line).ok().unwrap();
        assert_eq!(read.duration_us, Some(260_403));
    }

    #[test]
    fn two_requests_glued_into_one_record_are_no_request() {
        let one = r#"192.0.2.1 - boss [25/Feb/2020:18:55:34 +0100] "GET / HTTP/1.1" 200 5 "-" "X""#;
        let glued = format!(r"{one}\n{one}");
        assert_eq!(parse(COMBINED, &glued).err(), Some(LineError::Columns));
        let named = one.replace("boss", "uid=x,ou=Personnels Admin");
        let read = parse(COMBINED, &named).ok().unwrap();
        assert_eq!(read.user.unwrap().as_ref(), b"uid=x,ou=Personnels Admin");
    }

    #[test]
    fn a_line_of_blanks_is_given_up_soon() {
        let format =
            LogFormat::compile("$host $server_name $scheme $hostname $pid [$time_local]").unwrap();
        let blanks = b"a ".repeat(100_000);
        assert_eq!(read(&format, &blanks).err(), Some(LineError::Columns));
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
