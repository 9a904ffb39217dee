//! Compiles an nginx `log_format` or an Apache `LogFormat` to a sequence of
//! literals and fields, and refuses what could not be read without ambiguity.

use super::directive;
use super::time::Layout;
use chrono_tz::Tz;
use std::fmt;

/// What a field of the format holds. Units are said by the format, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The peer: `$remote_addr`, `%h`, `%a`.
    Client,
    /// `X-Forwarded-For`: a list.
    ForwardedFor,
    /// `$remote_user`, `%u`, or a variable declared as the account.
    User,
    /// `12/Apr/2018:09:48:40 +0200`.
    TimeLocal,
    /// RFC 3339.
    TimeIso,
    /// Seconds since 1970 with decimals.
    TimeEpoch,
    /// A part of a date written as the format's layout of this number says.
    Stamp(usize),
    /// Method, URI and protocol.
    Request,
    /// The method alone.
    Method,
    /// Path and query.
    Uri,
    /// The path alone.
    Path,
    /// The query alone.
    Query,
    /// `HTTP/1.1`.
    Protocol,
    /// Three digits.
    Status,
    /// Bytes of the answer.
    Bytes,
    /// Duration in seconds.
    Seconds,
    /// Duration in milliseconds.
    Milliseconds,
    /// Duration in microseconds.
    Microseconds,
    /// Upstream response times in seconds: a list.
    Upstream,
    /// The referring page.
    Referer,
    /// The user agent.
    UserAgent,
    /// Read over and dropped; a list where the flag says so.
    Ignored {
        /// Elements separated by `, ` and ` : `.
        list: bool,
    },
}

impl Field {
    /// Whether the value may hold `, ` between its elements.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::ForwardedFor | Self::Upstream | Self::Ignored { list: true }
        )
    }
}

/// A part of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes that stand in every line.
    Literal(Vec<u8>),
    /// A value.
    Value(Field),
}

/// Why a format is refused; the column is in characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// Where in the format.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log format, column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for FormatError {}

/// A compiled format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFormat {
    pieces: Vec<Piece>,
    stamps: Vec<Layout>,
    zone: Option<Tz>,
}

/// What a format does not say of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Declared<'a> {
    /// The nginx variable that holds the account of the ENT.
    pub account: Option<&'a str>,
    /// The zone of dates written without offset.
    pub zone: Option<Tz>,
}

const COMMON: &str = r#"%h %l %u %t "%r" %>s %b"#;
const COMBINED: &str = r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#;
const VHOST_COMBINED: &str = r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#;

impl LogFormat {
    /// Compiles `common`, `combined`, `vhost_combined`, or a format string in
    /// either grammar (nginx where it holds a `$name`, Apache otherwise).
    pub fn compile(text: &str) -> Result<Self, FormatError> {
        Self::compile_declared(text, Declared::default())
    }

    /// As [`LogFormat::compile`], with what the format does not say. A whole
    /// `log_format` or `LogFormat` directive may be given, as it stands in the
    /// configuration of the server.
    pub fn compile_declared(text: &str, declared: Declared<'_>) -> Result<Self, FormatError> {
        let text = match text {
            "common" => COMMON.to_owned(),
            "combined" => COMBINED.to_owned(),
            "vhost_combined" => VHOST_COMBINED.to_owned(),
            other => directive::content(other),
        };
        let mut compiler = Compiler::new(&text, declared);
        if text.contains('$') {
            compiler.nginx()?;
        } else {
            compiler.apache()?;
        }
        compiler.finish()
    }

    /// The pieces in order; two values never touch.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// How the parts of a composite date are written.
    pub fn stamps(&self) -> &[Layout] {
        &self.stamps
    }

    /// The zone of dates written without offset.
    pub fn zone(&self) -> Option<Tz> {
        self.zone
    }
}

struct Compiler {
    chars: Vec<char>,
    at: usize,
    literal: String,
    pieces: Vec<Piece>,
    has_time: bool,
    stamps: Vec<Layout>,
    account: Option<String>,
    zone: Option<Tz>,
}

impl Compiler {
    fn new(text: &str, declared: Declared<'_>) -> Self {
        Self {
            account: declared.account.map(str::to_owned),
            zone: declared.zone,
            stamps: Vec::new(),
            chars: text.chars().collect(),
            at: 0,
            literal: String::new(),
            pieces: Vec::new(),
            has_time: false,
        }
    }

    fn error<T>(&self, column: usize, message: impl Into<String>) -> Result<T, FormatError> {
        Err(FormatError {
            column: column + 1,
            message: message.into(),
        })
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.chars.get(self.at).is_some_and(|c| keep(*c)) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn until(&mut self, end: char) -> Result<String, FormatError> {
        let start = self.at;
        let text = self.take_while(|c| c != end);
        if self.at == self.chars.len() {
            return self.error(start, format!("`{end}` is missing"));
        }
        self.at += 1;
        Ok(text)
    }

    fn nginx(&mut self) -> Result<(), FormatError> {
        while let Some(&c) = self.chars.get(self.at) {
            let column = self.at;
            self.at += 1;
            match c {
                '$' => {
                    let braced = self.chars.get(self.at) == Some(&'{');
                    self.at += usize::from(braced);
                    let name = if braced {
                        self.until('}')?
                    } else {
                        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_')
                    };
                    if name.is_empty() {
                        return self.error(column, "`$` without a variable name");
                    }
                    let field = match &self.account {
                        Some(account) if *account == name => Field::User,
                        Some(_) if name == "remote_user" => Field::Ignored { list: false },
                        _ => nginx_field(&name),
                    };
                    self.value(field, column)?;
                }
                '\\' => self.escape(),
                other => self.literal.push(other),
            }
        }
        Ok(())
    }

    fn apache(&mut self) -> Result<(), FormatError> {
        while let Some(&c) = self.chars.get(self.at) {
            let column = self.at;
            self.at += 1;
            match c {
                '%' => self.directive(column)?,
                '\\' => self.escape(),
                other => self.literal.push(other),
            }
        }
        Ok(())
    }

    fn directive(&mut self, column: usize) -> Result<(), FormatError> {
        self.take_while(|c| matches!(c, '<' | '>' | '!' | ',') || c.is_ascii_digit());
        let argument = if self.chars.get(self.at) == Some(&'{') {
            self.at += 1;
            Some(self.until('}')?)
        } else {
            None
        };
        self.take_while(|c| matches!(c, '<' | '>'));
        // ezPAARSE names a field that it reads over `%{session}`, without a letter.
        let is_named =
            argument.is_some() && self.chars.get(self.at).is_none_or(|c| !c.is_alphabetic());
        if is_named {
            return self.value(Field::Ignored { list: false }, column);
        }
        let Some(&letter) = self.chars.get(self.at) else {
            return self.error(column, "`%` without a directive");
        };
        self.at += 1;
        match (letter, argument.as_deref()) {
            ('%', None) => self.literal.push('%'),
            ('t', None) => {
                self.literal.push('[');
                self.value(Field::TimeLocal, column)?;
                self.literal.push(']');
            }
            ('t', Some(argument)) => {
                let Some(layout) = Layout::parse(argument) else {
                    return self.error(column, format!("`%{{{argument}}}t` is no form of a date\nhint: see the Apache manual of mod_log_config"));
                };
                self.stamps.push(layout);
                self.value(Field::Stamp(self.stamps.len() - 1), column)?;
            }
            (letter, argument) => match apache_field(letter, argument) {
                Some(field) => self.value(field, column)?,
                None => {
                    return self.error(
                        column,
                        format!("directive `%{letter}` cannot be read here\nhint: see the Apache manual of mod_log_config, or take the directive out of the format"),
                    );
                }
            },
        }
        Ok(())
    }

    fn escape(&mut self) {
        let Some(&c) = self.chars.get(self.at) else {
            self.literal.push('\\');
            return;
        };
        self.at += 1;
        match c {
            't' => self.literal.push('\t'),
            'n' => self.literal.push('\n'),
            other => self.literal.push(other),
        }
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.pieces.push(Piece::Literal(literal.into_bytes()));
        }
    }

    fn value(&mut self, field: Field, column: usize) -> Result<(), FormatError> {
        self.flush();
        if let Some(Piece::Value(_)) = self.pieces.last() {
            return self.error(
                column,
                "two values touch, so no reader can tell where the first ends\nhint: put a separator between them",
            );
        }
        self.has_time |= matches!(
            field,
            Field::TimeLocal | Field::TimeIso | Field::TimeEpoch | Field::Stamp(_)
        );
        self.pieces.push(Piece::Value(field));
        Ok(())
    }

    fn finish(mut self) -> Result<LogFormat, FormatError> {
        self.flush();
        if !self.has_time {
            return self.error(
                0,
                "no date in the format\nhint: add `$time_local`, `$time_iso8601`, `$msec` or `%t`",
            );
        }
        let tells_offset = self.stamps.iter().any(Layout::tells_offset);
        if !self.stamps.is_empty() && !tells_offset && self.zone.is_none() {
            return self.error(
                0,
                "the date has no offset from UTC\nhint: declare the zone of the server with `--zone Europe/Paris` (`zone` in the configuration)",
            );
        }
        Ok(LogFormat {
            pieces: self.pieces,
            stamps: self.stamps,
            zone: self.zone,
        })
    }
}

fn nginx_field(name: &str) -> Field {
    match name {
        "remote_addr" | "realip_remote_addr" => Field::Client,
        "http_x_forwarded_for" | "proxy_add_x_forwarded_for" => Field::ForwardedFor,
        "remote_user" => Field::User,
        "time_local" => Field::TimeLocal,
        "time_iso8601" => Field::TimeIso,
        "msec" => Field::TimeEpoch,
        "request" => Field::Request,
        "request_method" => Field::Method,
        "request_uri" => Field::Uri,
        "uri" | "document_uri" => Field::Path,
        "args" | "query_string" => Field::Query,
        "server_protocol" => Field::Protocol,
        "status" => Field::Status,
        "body_bytes_sent" => Field::Bytes,
        "request_time" => Field::Seconds,
        "upstream_response_time" => Field::Upstream,
        "http_referer" => Field::Referer,
        "http_user_agent" => Field::UserAgent,
        other => Field::Ignored {
            list: other.starts_with("upstream_"),
        },
    }
}

fn apache_field(letter: char, argument: Option<&str>) -> Option<Field> {
    let header = argument.unwrap_or("").to_ascii_lowercase();
    Some(match letter {
        'h' | 'a' => Field::Client,
        'u' => Field::User,
        'r' => Field::Request,
        'm' => Field::Method,
        'U' => Field::Path,
        'q' => Field::Query,
        'H' => Field::Protocol,
        's' => Field::Status,
        'b' | 'B' | 'O' => Field::Bytes,
        'D' => Field::Microseconds,
        'T' => match header.as_str() {
            "" | "s" => Field::Seconds,
            "ms" => Field::Milliseconds,
            "us" => Field::Microseconds,
            _ => return None,
        },
        'i' => match header.as_str() {
            "referer" => Field::Referer,
            "user-agent" => Field::UserAgent,
            "x-forwarded-for" => Field::ForwardedFor,
            _ => Field::Ignored { list: false },
        },
        // PHP-FPM: the time that a request took, and the memory.
        'd' => match header.as_str() {
            "" | "s" | "seconds" => Field::Seconds,
            "mili" | "milli" | "miliseconds" | "milliseconds" => Field::Milliseconds,
            "micro" | "microseconds" => Field::Microseconds,
            _ => return None,
        },
        'l' | 'A' | 'C' | 'e' | 'f' | 'I' | 'S' | 'k' | 'L' | 'M' | 'n' | 'o' | 'p' | 'P' | 'R'
        | 'v' | 'V' | 'X' => Field::Ignored { list: false },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_grammars_compile_to_the_same_pieces() {
        let nginx =
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent"#;
        let apache = r#"%h - %u %t "%r" %>s %b"#;
        assert_eq!(LogFormat::compile(nginx), LogFormat::compile(apache));
        let braces = nginx.replace("$status", "${status}");
        assert_eq!(LogFormat::compile(nginx), LogFormat::compile(&braces));
    }

    #[test]
    fn refuses_with_the_column_and_a_hint() {
        let error = LogFormat::compile("[$time_local] $status$request_time").unwrap_err();
        assert_eq!(error.column, 22);
        assert!(error.message.contains("hint:"));
        assert!(
            LogFormat::compile("%h %r")
                .unwrap_err()
                .message
                .contains("no date")
        );
        assert_eq!(LogFormat::compile("%t %{Referer").unwrap_err().column, 6);
        assert!(LogFormat::compile("%t %y").is_err());
        assert!(LogFormat::compile("%h %{session} %u %t").is_ok());
    }

    #[test]
    fn whole_directives_as_they_stand() {
        let plain = LogFormat::compile(r#"$remote_addr [$time_local] "$request" $status"#);
        let nginx = "log_format  main escape=default '$remote_addr [$time_local] '\n    '\"$request\" $status';";
        assert_eq!(LogFormat::compile(nginx), plain);
        let apache = r#"LogFormat "%h %t \"%r\" %>s" short"#;
        assert_eq!(LogFormat::compile(apache), plain);
    }

    #[test]
    fn dates_without_offset_need_a_zone() {
        let format = "%h [%{%d/%m/%Y %H:%M:%S}t] %s";
        let error = LogFormat::compile(format).unwrap_err();
        assert!(error.message.contains("--zone"), "{error}");
        let declared = Declared {
            zone: Some(chrono_tz::Europe::Paris),
            ..Declared::default()
        };
        assert!(LogFormat::compile_declared(format, declared).is_ok());
        assert!(LogFormat::compile("%h %{%s}t %s").is_ok());
    }

    #[test]
    fn units_come_from_the_format() {
        let has = |format: &str, field| {
            let format = LogFormat::compile(format).unwrap();
            format.pieces().contains(&Piece::Value(field))
        };
        assert!(has("%t %D", Field::Microseconds));
        assert!(has("%t %{ms}T", Field::Milliseconds));
        assert!(has("%t %T", Field::Seconds));
        assert!(has("$msec $request_time", Field::Seconds));
    }
}
