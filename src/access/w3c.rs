//! The extended log format of the W3C: columns named by a `#Fields:` line of
//! the file itself. IIS, CloudFront and streaming servers write it.

use super::field::{Conventions, Dropped, Field, TimeIs};
use super::format::{Declared, FormatError, NO_ZONE};
use super::line::LineError;
use super::time::Layout;
use std::ops::Range;

/// The columns that a `#Fields:` line names; the line is the format.
///
/// Values are separated by tabs where a line holds one, else by blanks; a value
/// with blanks stands in double quotes. `date` and `time` are UTC and tell the
/// end of the request, `date-local` and `time-local` those of the declared zone.
/// Encoded values (`+` for a blank, `%20`) stay as they are.
///
/// Servers disagree on the unit of `time-taken`: it is read where the format
/// says the unit (`time-taken:ms`), else dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct W3cFormat {
    /// As the file names them.
    names: Vec<String>,
    fields: Vec<Field>,
    conventions: Conventions,
}

impl W3cFormat {
    /// What a format of this grammar begins with.
    pub const MARK: &'static str = "#Fields:";

    pub fn compile(text: &str, declared: Declared<'_>) -> Result<Self, FormatError> {
        let mut format = Self {
            names: Vec::new(),
            fields: Vec::new(),
            conventions: Conventions {
                zone: declared.zone,
                time_is: TimeIs::End,
                ..Conventions::default()
            },
        };
        let names = text.trim_start().trim_start_matches(Self::MARK);
        names.split_whitespace().for_each(|name| format.add(name));
        if format.fields.is_empty() {
            return Err(FormatError::whole(
                "the columns are those of the `#Fields:` line of a file\nhint: name the format with `--format w3c` beside the file, or paste that line",
            ));
        }
        format.conventions.has_time = format.conventions.stamps.len() == 2;
        if !format.conventions.has_time {
            return Err(FormatError::whole(
                "no date in the format\nhint: the server is to log the columns `date` and `time`",
            ));
        }
        match format.conventions.lacks_zone() {
            true => Err(FormatError::whole(NO_ZONE)),
            false => Ok(format),
        }
    }

    fn add(&mut self, name: &str) {
        let bare = name.rsplit_once(':').map_or(name, |(bare, _)| bare);
        self.names.push(bare.to_owned());
        let (layout, is_utc) = match name.to_ascii_lowercase().as_str() {
            "date" => ("%Y-%m-%d", true),
            "date-local" => ("%Y-%m-%d", false),
            "time" => ("%H:%M:%S%.f", true),
            "time-local" => ("%H:%M:%S%.f", false),
            name => return self.fields.push(field(name)),
        };
        let stamps = &mut self.conventions.stamps;
        self.fields.push(Field::Stamp(stamps.len()));
        stamps.extend(Layout::parse(layout).map(|layout| layout.in_utc(is_utc)));
    }

    pub fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    pub fn used(&self) -> usize {
        let is_used = |field: &&Field| !matches!(field, Field::Ignored(_));
        self.fields.iter().filter(is_used).count()
    }

    /// Whether a `#Fields:` line names the same columns.
    fn is_said_by(&self, line: &[u8]) -> bool {
        let said = &line[Self::MARK.len()..];
        let said = said
            .split(u8::is_ascii_whitespace)
            .filter(|n| !n.is_empty());
        said.eq(self.names.iter().map(String::as_bytes))
    }
}

fn field(name: &str) -> Field {
    match name {
        "c-ip" => Field::Client,
        "x-forwarded-for" | "cs(x-forwarded-for)" | "s-xff" => Field::ForwardedFor,
        "cs-username" => Field::User,
        "cs-method" => Field::Method,
        "cs-uri" => Field::Uri,
        "cs-uri-stem" => Field::Path,
        "cs-uri-query" => Field::Query,
        "cs-version" | "cs-protocol-version" => Field::Protocol,
        "sc-status" | "c-status" => Field::Status,
        "sc-bytes" => Field::Bytes,
        "time-taken:s" => Field::Seconds,
        "time-taken:ms" | "timetakenms" => Field::Milliseconds,
        "time-taken:us" => Field::Microseconds,
        "cs(referer)" | "cs(referrer)" | "c-referrer" => Field::Referer,
        "cs(user-agent)" | "c-user-agent" => Field::UserAgent,
        _ => Field::Ignored(Dropped::Text),
    }
}

/// Lays the columns over the lines of one file, in their order.
pub(super) struct Columns<'f> {
    format: &'f W3cFormat,
    /// A `#Fields:` line named other columns: the lines after it are of another
    /// format.
    is_other: bool,
}

impl<'f> Columns<'f> {
    pub fn new(format: &'f W3cFormat) -> Self {
        Self {
            format,
            is_other: false,
        }
    }

    /// The values of a line, in the order of the columns.
    pub fn values<'a>(&mut self, line: &'a [u8]) -> Result<Vec<(Field, &'a [u8])>, LineError> {
        if line.starts_with(b"#") || line.trim_ascii().is_empty() {
            if line.starts_with(W3cFormat::MARK.as_bytes()) {
                self.is_other = !self.format.is_said_by(line);
            }
            return Err(LineError::Comment);
        }
        if self.is_other {
            return Err(LineError::Fields);
        }
        let spans = match line.contains(&b'\t') {
            true => tabbed(line),
            false => spaced(line)?,
        };
        if spans.len() != self.format.fields.len() {
            return Err(LineError::Columns);
        }
        let values = self.format.fields.iter().zip(spans);
        Ok(values.map(|(field, span)| (*field, &line[span])).collect())
    }
}

fn tabbed(line: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\t', line).chain([line.len()]) {
        let value = &line[start..end];
        let is_quoted = value.len() >= 2 && value.starts_with(b"\"") && value.ends_with(b"\"");
        spans.push(match is_quoted {
            true => start + 1..end - 1,
            false => start..end,
        });
        start = end + 1;
    }
    spans
}

/// Values between runs of blanks, in quotes or not.
fn spaced(line: &[u8]) -> Result<Vec<Range<usize>>, LineError> {
    let mut spans = Vec::new();
    let mut at = 0;
    loop {
        at += line[at..].iter().take_while(|b| **b == b' ').count();
        match line.get(at) {
            None => return Ok(spans),
            Some(b'"') => {
                let end = closing_quote(line, at + 1)?;
                spans.push(at + 1..end);
                at = end + 1;
            }
            Some(_) => {
                let end = memchr::memchr(b' ', &line[at..]);
                let end = end.map_or(line.len(), |offset| at + offset);
                spans.push(at..end);
                at = end;
            }
        }
    }
}

/// The quote that ends a value: one inside is doubled.
fn closing_quote(line: &[u8], mut at: usize) -> Result<usize, LineError> {
    loop {
        let rest = line.get(at..).unwrap_or_default();
        at += memchr::memchr(b'"', rest).ok_or(LineError::Truncated)?;
        match line.get(at + 1) {
            Some(b'"') => at += 2,
            Some(b' ') | None => return Ok(at),
            Some(_) => return Err(LineError::Columns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str) -> Result<W3cFormat, FormatError> {
        W3cFormat::compile(text, Declared::default())
    }

    fn values(fields: &str, lines: &[&str]) -> Vec<Result<Vec<String>, &'static str>> {
        let format = compile(fields).unwrap();
        let mut columns = Columns::new(&format);
        let lines = lines.iter().map(|line| {
            let values = columns.values(line.as_bytes()).map_err(LineError::code)?;
            let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
            Ok(values.iter().map(|(_, value)| text(value)).collect())
        });
        lines.collect()
    }

    #[test]
    fn blanks_tabs_and_quotes() {
        let found = values(
            "#Fields:  date time  cs-uri-stem cs(User-Agent)",
            &[
                "2012-04-01 00:00:13  /a Mozilla/5.0+(X11)",
                r#"2012-04-01 00:00:13 "" "Mozilla ""x"" y" "#,
                "2012-04-01\t00:00:13\t/a b\t",
                "2012-04-01 00:00:13 /a",
                r#"2012-04-01 00:00:13 /a "Moz"#,
            ],
        );
        assert_eq!(found[0].as_ref().unwrap()[3], "Mozilla/5.0+(X11)");
        assert_eq!(found[1].as_ref().unwrap()[2..], ["", r#"Mozilla ""x"" y"#]);
        assert_eq!(found[2].as_ref().unwrap()[2..], ["/a b", ""]);
        assert_eq!(found[3], Err("columns"));
        assert_eq!(found[4], Err("truncated"));
    }

    #[test]
    fn other_columns_are_not_misread() {
        let line = "2012-04-01 00:00:13 200";
        let found = values(
            "#Fields: date time sc-status",
            &[
                "#Version: 1.0",
                "#Fields: date  time sc-status",
                line,
                "",
                "#Fields: date time sc-bytes",
                line,
                "#Fields: date time sc-status",
                line,
            ],
        );
        let codes: Vec<&str> = found
            .iter()
            .map(|f| f.as_ref().map_or_else(|e| *e, |_| "read"))
            .collect();
        let comment = "comment";
        assert_eq!(
            codes,
            [
                comment, comment, "read", comment, comment, "fields", comment, "read"
            ]
        );
    }

    #[test]
    fn columns_without_a_date_or_a_zone_are_refused() {
        for (text, word) in [
            ("#Fields:", "--format w3c"),
            ("#Fields: time c-ip", "no date"),
            ("#Fields: date-local time-local c-ip", "--zone"),
        ] {
            let error = compile(text).unwrap_err();
            assert!(error.message.contains(word), "{error}");
        }
        let has = |text: &str, field| compile(text).unwrap().fields.contains(&field);
        assert!(has("#Fields: date time time-taken:ms", Field::Milliseconds));
        assert!(!has("#Fields: date time time-taken", Field::Milliseconds));
    }
}
