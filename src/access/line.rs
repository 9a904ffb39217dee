//! Reads one line with a compiled format. Every line gives a reading or a
//! reason; none panics, none stops a run.

use super::field::{Conventions, Field};
use super::format::{Grammar, LogFormat};
use super::json::JsonFormat;
use super::text::TextFormat;
use super::time::{self, MinuteCache, Stamp};
use super::value::{decimal, micros, number, status, unescape};
use super::w3c::Columns;
use super::{fit, glued, transport, value};
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

/// What the request field holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestKind {
    /// A method and a URI.
    Http,
    /// Nothing: the client closed before it sent a request.
    #[default]
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
/// it can be neither printed nor serialised as a whole. Lists stay as written
/// until somebody asks for them: the lake keeps none of them.
#[derive(Default)]
pub struct AccessLine<'a> {
    /// UTC; absent where the format has no date.
    pub time: Option<DateTime<Utc>>,
    /// The peer, as written.
    pub client: Option<Cow<'a, [u8]>>,
    /// `X-Forwarded-For`, as written.
    pub forwarded: Option<Cow<'a, [u8]>>,
    /// The account as logged.
    pub user: Option<Cow<'a, [u8]>>,
    /// `GET`...
    pub method: Option<Cow<'a, [u8]>>,
    /// Without query; absent where the URI is no path.
    pub path: Option<Cow<'a, [u8]>>,
    /// What follows `?`.
    pub query: Option<Cow<'a, [u8]>>,
    /// `HTTP/1.1`.
    pub protocol: Option<Cow<'a, [u8]>>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Bytes of the answer; `-` is 0.
    pub bytes: Option<u64>,
    /// Microseconds.
    pub duration_us: Option<i64>,
    /// Upstream times, as written; each is a number or absent.
    pub upstream: Option<Cow<'a, [u8]>>,
    /// The referring page.
    pub referer: Option<Cow<'a, [u8]>>,
    /// The user agent.
    pub user_agent: Option<Cow<'a, [u8]>>,
    /// What the request field holds.
    pub request_kind: RequestKind,
    /// Whether an attempt to read it has begun.
    is_begun: bool,
}

impl AccessLine<'_> {
    /// The peer, where it is an address.
    pub fn client_address(&self) -> Option<IpAddr> {
        value::text(self.client.as_deref()?)?.parse().ok()
    }

    /// The addresses of `X-Forwarded-For`: from the one that says it is the
    /// first to the last proxy but one. What is no address is left out.
    pub fn forwarded_addresses(&self) -> Vec<IpAddr> {
        value::addresses(self.forwarded.as_deref().unwrap_or_default())
    }

    /// Milliseconds, one for each try; absent where a try gave none.
    pub fn upstream_ms(&self) -> Vec<Option<i64>> {
        let list = self.upstream.as_deref();
        let times = list.into_iter().flat_map(value::times);
        times.filter_map(Result::ok).collect()
    }
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
    /// No JSON object, where the format is JSON.
    Json,
    /// A directive or a blank line of a W3C log: no request at all.
    Comment,
    /// The `#Fields:` line before it names other columns than the format.
    Fields,
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
            Self::Json => "json",
            Self::Comment => "comment",
            Self::Fields => "fields",
        }
    }

    /// Whether the line is of the format, but for one value.
    fn is_of_a_value(self) -> bool {
        !matches!(self, Self::Columns | Self::Json)
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
    Reader::new(format).read(line)
}

/// Reads the lines of one log, in their order. It remembers what the lines
/// before said: the last minute, the columns of a W3C log.
pub struct Reader<'f> {
    first: Grammatical<'f>,
    others: Vec<Grammatical<'f>>,
}

impl<'f> Reader<'f> {
    /// A reader of lines in a format.
    pub fn new(format: &'f LogFormat) -> Self {
        let (first, others) = format.alternatives();
        Self {
            first: Grammatical::new(first),
            others: others.iter().map(Grammatical::new).collect(),
        }
    }

    /// As [`read`]. Of several alternatives the first that fits reads the line;
    /// where none does, the reason is that of one that fits but for a value,
    /// else that of the first.
    #[inline]
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Result<AccessLine<'a>, LineError> {
        let mut read = AccessLine::default();
        let mut reason = match self.first.read(line, &mut read) {
            Ok(()) => return Ok(read),
            Err(reason) => reason,
        };
        for other in &mut self.others {
            match other.read(line, &mut read) {
                Ok(()) => return Ok(read),
                Err(other) if other.is_of_a_value() && !reason.is_of_a_value() => reason = other,
                Err(_) => {}
            }
        }
        Err(reason)
    }

    /// The requests that a shipper glued into one record, writing the line end
    /// between them as a backslash and an `n`: for a record that [`Reader::read`]
    /// refuses. It is split at each `\n` that stands outside of quotes; none
    /// where there is no such place, or where a part is no whole request. Each
    /// part counts as a line read.
    pub fn split_glued<'a>(&mut self, record: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        let parts = glued::parts(record)?;
        let all_read = parts.iter().all(|part| self.read(part).is_ok());
        all_read.then_some(parts)
    }
}

/// A reader of one grammar.
enum Grammatical<'f> {
    Text(TextReader<'f>),
    Json(&'f JsonFormat, MinuteCache),
    W3c(&'f Conventions, Columns<'f>, MinuteCache),
}

impl<'f> Grammatical<'f> {
    fn new(grammar: &'f Grammar) -> Self {
        match grammar {
            Grammar::Text(format) => Self::Text(TextReader::new(format)),
            Grammar::Json(format) => Self::Json(format, MinuteCache::default()),
            Grammar::W3c(format) => Self::W3c(
                format.conventions(),
                Columns::new(format),
                MinuteCache::default(),
            ),
        }
    }

    #[inline(always)]
    fn read<'a>(&mut self, line: &'a [u8], into: &mut AccessLine<'a>) -> Result<(), LineError> {
        // First without its header: a lenient format would read that as a value.
        match transport::strip(line) {
            Some(bare) => self.bare(bare, into).or_else(|_| self.bare(line, into)),
            None => self.bare(line, into),
        }
    }

    #[inline(always)]
    fn bare<'a>(&mut self, line: &'a [u8], into: &mut AccessLine<'a>) -> Result<(), LineError> {
        match self {
            Self::Text(reader) => reader.read(line, into),
            Self::Json(format, minute) => {
                let mut reading = Reading::new(format.conventions(), minute, into);
                for (field, value) in format.values(line)? {
                    reading.take(field, value)?;
                }
                reading.finish()
            }
            Self::W3c(conventions, columns, minute) => {
                let values = columns.values(line)?;
                let mut reading = Reading::new(conventions, minute, into);
                for (field, value) in values {
                    reading.take(field, Cow::Borrowed(value))?;
                }
                reading.finish()
            }
        }
    }
}

struct TextReader<'f> {
    format: &'f TextFormat,
    minute: MinuteCache,
    spans: Vec<fit::Span>,
}

impl<'f> TextReader<'f> {
    fn new(format: &'f TextFormat) -> Self {
        Self {
            format,
            minute: MinuteCache::default(),
            spans: Vec::new(),
        }
    }

    #[inline(always)]
    fn read<'a>(&mut self, line: &'a [u8], into: &mut AccessLine<'a>) -> Result<(), LineError> {
        match self.plain(line, into) {
            Some(()) => Ok(()),
            None => self.searched(line, into),
        }
    }

    /// Reads a line as most are.
    #[inline(always)]
    fn plain<'a>(&mut self, line: &'a [u8], into: &mut AccessLine<'a>) -> Option<()> {
        let mut reading = Reading::new(self.format.conventions(), &mut self.minute, into);
        fit::plain_values(self.format, line, |field, value| {
            reading.take(field, Cow::Borrowed(value)).ok()
        })?;
        reading.finish().ok()
    }

    fn searched<'a>(&mut self, line: &'a [u8], into: &mut AccessLine<'a>) -> Result<(), LineError> {
        fit::fit(self.format, line, &mut self.spans)?;
        let mut reading = Reading::new(self.format.conventions(), &mut self.minute, into);
        reading.is_escaped = self.format.is_escaped();
        for (field, span) in &self.spans {
            reading.take(*field, Cow::Borrowed(&line[span.clone()]))?;
        }
        reading.finish()
    }
}

/// The values of a line on their way into what is read of it.
struct Reading<'a, 'r> {
    conventions: &'r Conventions,
    minute: &'r mut MinuteCache,
    /// Whether values hold escapes of the server.
    is_escaped: bool,
    line: &'r mut AccessLine<'a>,
    stamp: Option<Box<Stamp>>,
    kind: Option<RequestKind>,
}

impl<'a, 'r> Reading<'a, 'r> {
    fn new(
        conventions: &'r Conventions,
        minute: &'r mut MinuteCache,
        line: &'r mut AccessLine<'a>,
    ) -> Self {
        // An attempt before this one may have left values.
        if line.is_begun {
            *line = AccessLine::default();
        }
        line.is_begun = true;
        Self {
            conventions,
            minute,
            is_escaped: false,
            line,
            stamp: None,
            kind: None,
        }
    }

    #[inline(always)]
    fn take(&mut self, field: Field, raw: Cow<'a, [u8]>) -> Result<(), LineError> {
        let present = self.conventions.is_present(&raw);
        match field {
            Field::Bytes if !present => self.line.bytes = Some(0),
            Field::Request => self.take_request(self.plain(raw)),
            _ if field.is_time() => self.take_time(field, &raw)?,
            _ if !present => {}
            Field::Status => self.line.status = Some(status(&raw)?),
            Field::Bytes => self.line.bytes = Some(number(&raw)?),
            Field::Method => self.line.method = Some(self.plain(raw)),
            Field::Uri | Field::Path => self.take_uri(self.plain(raw)),
            Field::Query => self.line.query = Some(self.plain(raw)),
            Field::Protocol => self.line.protocol = Some(self.plain(raw)),
            Field::Client => self.line.client = Some(raw),
            Field::ForwardedFor => self.line.forwarded = Some(raw),
            Field::User => self.line.user = Some(self.plain(raw)),
            Field::Referer => self.line.referer = Some(self.plain(raw)),
            Field::UserAgent => self.line.user_agent = Some(self.plain(raw)),
            Field::Upstream => {
                // One try is the rule.
                if decimal(&raw).is_err() {
                    value::times(&raw).try_for_each(|time| time.map(drop))?;
                }
                self.line.upstream = Some(raw);
            }
            _ => self.take_duration(field, &raw)?,
        }
        Ok(())
    }

    /// A value as it was before the server escaped it.
    fn plain(&self, raw: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        match raw {
            Cow::Borrowed(raw) if self.is_escaped => unescape(raw),
            plain => plain,
        }
    }

    fn take_duration(&mut self, field: Field, raw: &[u8]) -> Result<(), LineError> {
        let duration = &mut self.line.duration_us;
        match field {
            // `%T` beside `%D` cuts the second that the other tells in full.
            Field::Seconds => *duration = duration.or(Some(micros(raw)?)),
            Field::Milliseconds => *duration = Some(decimal(raw)?),
            Field::Microseconds => *duration = Some(whole(raw)?),
            Field::Nanoseconds => *duration = Some(whole(raw)? / 1_000),
            _ => {}
        }
        Ok(())
    }

    fn take_time(&mut self, field: Field, raw: &[u8]) -> Result<(), LineError> {
        let time = match field {
            Field::Stamp(part) => return self.take_stamp(part, raw),
            Field::TimeIso => value::text(raw).and_then(time::iso8601),
            Field::TimeEpoch => time::epoch_seconds(raw),
            Field::TimeEpochMillis => time::epoch_millis(raw),
            _ => self.minute.common_log(raw),
        };
        self.line.time = Some(time.ok_or(LineError::Date)?);
        Ok(())
    }

    fn take_stamp(&mut self, part: usize, raw: &[u8]) -> Result<(), LineError> {
        let text = value::text(raw).ok_or(LineError::Date)?;
        let layout = &self.conventions.stamps[part];
        let stamp = self.stamp.get_or_insert_with(Box::default);
        stamp.read(layout, text).ok_or(LineError::Date)
    }

    fn take_request(&mut self, request: Cow<'a, [u8]>) {
        // PHP-FPM writes the URI alone, and the method apart.
        if request.starts_with(b"/") && !request.contains(&b' ') {
            return self.take_uri(request);
        }
        let parts = RequestParts::of(&request);
        self.kind = Some(parts.kind);
        if parts.kind != RequestKind::Http {
            return;
        }
        let (method, uri, protocol) = (parts.method, parts.uri, parts.protocol);
        self.line.method = Some(part(&request, method));
        self.line.protocol = protocol.map(|range| part(&request, range));
        self.take_uri(part(&request, uri));
    }

    fn take_uri(&mut self, uri: Cow<'a, [u8]>) {
        let mark = memchr::memchr(b'?', &uri);
        let target = 0..mark.unwrap_or(uri.len());
        if let Some(mark) = mark {
            self.line.query = Some(part(&uri, mark + 1..uri.len()));
        }
        self.line.path = path_of(&uri[target.clone()]).map(|path| match path {
            Path::Root => Cow::Borrowed(&b"/"[..]),
            Path::From(start) => part(&uri, start..target.end),
        });
    }

    #[inline(always)]
    fn finish(self) -> Result<(), LineError> {
        if let Some(stamp) = &self.stamp {
            self.line.time = stamp.instant(self.conventions.zone);
        }
        if self.line.time.is_none() && self.conventions.has_time {
            return Err(LineError::Date);
        }
        // Some proxies log the URI without the method.
        let is_request = self.line.method.is_some() || self.line.path.is_some();
        self.line.request_kind = match self.kind {
            Some(kind) => kind,
            None if is_request => RequestKind::Http,
            None => RequestKind::Empty,
        };
        Ok(())
    }
}

/// A whole number that fits a duration.
fn whole(raw: &[u8]) -> Result<i64, LineError> {
    i64::try_from(number(raw)?).map_err(|_| LineError::Number)
}

/// A part of a text, borrowed where the whole is.
fn part<'a>(whole: &Cow<'a, [u8]>, range: Range<usize>) -> Cow<'a, [u8]> {
    match whole {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[range]),
        Cow::Owned(bytes) => Cow::Owned(bytes[range].to_vec()),
    }
}

/// Where method, URI and protocol stand in a request; the URI may hold blanks.
struct RequestParts {
    kind: RequestKind,
    method: Range<usize>,
    uri: Range<usize>,
    protocol: Option<Range<usize>>,
}

impl RequestParts {
    fn of(request: &[u8]) -> Self {
        let end = request.len();
        let blank = memchr::memchr(b' ', request).unwrap_or(end);
        let rest = (blank + 1).min(end);
        let last = memchr::memrchr(b' ', &request[rest..]).map(|at| rest + at);
        let protocol = last.filter(|at| request[at + 1..].starts_with(b"HTTP/"));
        let mut parts = Self {
            kind: RequestKind::Garbage,
            method: 0..blank,
            uri: rest..protocol.unwrap_or(end),
            protocol: protocol.map(|at| at + 1..end),
        };
        parts.kind = parts.kind_of(request);
        parts
    }

    fn kind_of(&self, request: &[u8]) -> RequestKind {
        if request.is_empty() || request == b"-" {
            return RequestKind::Empty;
        }
        if request.starts_with(b"\x16\x03") {
            return RequestKind::Tls;
        }
        let method = &request[self.method.clone()];
        let method_like = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
        // Without protocol (HTTP/0.9) only a plain path is taken for a request.
        let uri = &request[self.uri.clone()];
        let plain_path = || uri.starts_with(b"/") && !uri.contains(&b' ');
        let uri_like = self.protocol.is_some() || plain_path();
        match method_like && !uri.is_empty() && uri_like {
            true => RequestKind::Http,
            false => RequestKind::Garbage,
        }
    }
}

/// Where the path of a target begins.
enum Path {
    /// An absolute URI without path.
    Root,
    From(usize),
}

fn path_of(target: &[u8]) -> Option<Path> {
    if target.starts_with(b"/") {
        return Some(Path::From(0));
    }
    let scheme = target.windows(3).position(|w| w == b"://")?;
    if !target[..scheme].iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let host = scheme + 3;
    let slash = memchr::memchr(b'/', &target[host..]);
    Some(slash.map_or(Path::Root, |at| Path::From(host + at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMBINED: &str = "combined";

    fn parse<'a>(format: &str, line: &'a str) -> Result<AccessLine<'a>, LineError> {
        read(&LogFormat::compile(format).unwrap(), line.as_bytes())
    }

    fn shown(bytes: &Option<Cow<'_, [u8]>>) -> Option<String> {
        bytes
            .as_ref()
            .map(|b| String::from_utf8_lossy(b).into_owned())
    }

    #[test]
    fn a_plain_request() {
        let line = r#"192.0.2.1 - - [25/Feb/2020:18:55:34 +0100] "GET /a/b?c=d e HTTP/2" 200 - "-" "X \"y\"""#;
        let read = parse(COMBINED, line).ok().unwrap();
        assert_eq!(read.time.unwrap().to_rfc3339(), "2020-02-25T17:55:34+00:00");
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
        assert_eq!(read.client_address(), "192.0.2.9".parse().ok());
        assert_eq!(read.upstream_ms(), [Some(4), None, Some(12)]);
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
        assert_eq!(
            read.forwarded_addresses(),
            ["203.0.113.154".parse::<IpAddr>().unwrap()]
        );
        assert_eq!(
            read.time.unwrap().to_rfc3339(),
            "2015-04-17T01:16:19.104+00:00"
        );

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
        assert_eq!(read.client_address(), "10.0.0.9".parse().ok());
    }

    #[test]
    fn what_carries_a_line_is_read_over() {
        let syslog = r#"<134>Jan 26 19:23:16 fw.example nginx: 192.0.2.241 - - [26/Jan/2022:19:23:16 +0100] "GET /index.php/204 HTTP/2.0" 204 0 "-"        "Mozilla/5.0 (Android)""#;
        let read = parse(COMBINED, syslog).ok().unwrap();
        assert_eq!(
            (read.status, read.client_address()),
            (Some(204), "192.0.2.241".parse().ok())
        );
    }

    #[test]
    fn json_templates() {
        let format = r#"escape=json{"ip":"$remote_addr","time":"$time_iso8601","request":"$request","body":"$request_body","status":"$status","size":$body_bytes_sent,"time_s":"$request_time","agent":"$http_user_agent"}"#;
        let line = r#"escape=json{"ip":"172.60.30.14","time":"2017-08-30T15:23:48+08:00","request":"GET \/ HTTP/1.1","body":"{\"id\": \"R:1070\"}","status":"200","size":562,"time_s":"","agent":"\u00e9t\u00e9"}"#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(read.time.unwrap().to_rfc3339(), "2017-08-30T07:23:48+00:00");
        assert_eq!((read.bytes, read.duration_us), (Some(562), None));
        assert_eq!(shown(&read.path).unwrap(), "/");
        assert_eq!(read.user_agent.unwrap().as_ref(), "été".as_bytes());
    }

    #[test]
    fn dates_in_parts() {
        let format = r#"%h %A:%p,%V>%v %u [%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{%z}t] "%r" %>s %b "REFERER=%{Referer}i""#;
        let line = r#"192.0.2.11 10.0.0.1:443,a.example.eu>b.example.eu - [2022-08-23 10:54:19.786 +0200] "GET /x HTTP/1.1" 200 66479 "REFERER=https://c.example.com?m=z""#;
        let read = parse(format, line).ok().unwrap();
        assert_eq!(
            read.time.unwrap().to_rfc3339(),
            "2022-08-23T08:54:19.786+00:00"
        );
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
