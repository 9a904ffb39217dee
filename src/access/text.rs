//! Compiles an nginx `log_format` or an Apache `LogFormat` to a sequence of
//! literals and fields, and refuses what could not be read without ambiguity.

use super::field::{Conventions, Dropped, Field, TimeIs};
use super::format::{Declared, FormatError, NO_DATE, NO_ZONE};
use super::time::Layout;

/// A part of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes that stand in every line.
    Literal(Vec<u8>),
    /// A value.
    Value(Field),
}

/// A compiled format of one line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextFormat {
    pieces: Vec<Piece>,
    conventions: Conventions,
    /// Whether the server escapes quotes and backslashes inside a value.
    is_escaped: bool,
}

/// What the text of a format does not say of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner<'a> {
    /// What the administrator declared.
    pub declared: Declared<'a>,
    /// Words that stand for no value.
    pub absent: &'a [Vec<u8>],
    /// The lines bear no date: the logging framework puts it before them.
    pub is_dateless: bool,
    /// The server escapes nothing (`escape=none`).
    pub is_unescaped: bool,
}

impl TextFormat {
    /// Compiles parts that follow each other, each in its own grammar: nginx
    /// where it holds a `$`, Apache otherwise.
    pub fn compile(parts: &[&str], manner: Manner<'_>) -> Result<Self, FormatError> {
        let mut compiler = Compiler::new(manner.declared);
        for part in parts {
            compiler.part(part)?;
        }
        compiler.finish(manner)
    }

    /// The pieces in order; two values never touch.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// How dates and absent values are written.
    pub fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    /// Whether the server escapes quotes and backslashes inside a value.
    pub fn is_escaped(&self) -> bool {
        self.is_escaped
    }

    /// How many values of a line are used.
    pub fn used(&self) -> usize {
        let is_used =
            |piece: &&Piece| matches!(piece, Piece::Value(f) if !matches!(f, Field::Ignored(_)));
        self.pieces.iter().filter(is_used).count()
    }
}

struct Compiler {
    chars: Vec<char>,
    at: usize,
    literal: String,
    pieces: Vec<Piece>,
    conventions: Conventions,
    account: Option<String>,
}

impl Compiler {
    fn new(declared: Declared<'_>) -> Self {
        Self {
            account: declared.account.map(str::to_owned),
            conventions: Conventions {
                zone: declared.zone,
                ..Conventions::default()
            },
            chars: Vec::new(),
            at: 0,
            literal: String::new(),
            pieces: Vec::new(),
        }
    }

    fn part(&mut self, text: &str) -> Result<(), FormatError> {
        (self.chars, self.at) = (text.chars().collect(), 0);
        match text.contains('$') {
            true => self.nginx(),
            false => self.apache(),
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
                        Some(_) if name == "remote_user" => Field::Ignored(Dropped::Text),
                        _ => nginx_field(&name),
                    };
                    if field.is_time() {
                        self.conventions.time_is = TimeIs::End;
                    }
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
            return self.value(Field::Ignored(Dropped::Text), column);
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
            ('t', Some(argument)) => self.stamp(argument, column)?,
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

    fn stamp(&mut self, argument: &str, column: usize) -> Result<(), FormatError> {
        let Some(layout) = Layout::parse(argument) else {
            return self.error(column, format!("`%{{{argument}}}t` is no form of a date\nhint: see the Apache manual of mod_log_config"));
        };
        if argument.starts_with("end:") {
            self.conventions.time_is = TimeIs::End;
        }
        let stamps = &mut self.conventions.stamps;
        stamps.push(layout);
        let part = stamps.len() - 1;
        self.value(Field::Stamp(part), column)
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
        self.conventions.has_time |= field.is_time();
        self.pieces.push(Piece::Value(field));
        Ok(())
    }

    fn finish(mut self, manner: Manner<'_>) -> Result<TextFormat, FormatError> {
        self.flush();
        if !self.conventions.has_time && !manner.is_dateless {
            return self.error(0, NO_DATE);
        }
        if self.conventions.lacks_zone() {
            return self.error(0, NO_ZONE);
        }
        self.conventions.absent = manner.absent.to_vec();
        if manner.is_dateless {
            // Whoever wrote the date before the line did so when the line was made.
            self.conventions.time_is = TimeIs::Arrival;
        }
        Ok(TextFormat {
            pieces: self.pieces,
            conventions: self.conventions,
            is_escaped: !manner.is_unescaped,
        })
    }
}

fn nginx_field(name: &str) -> Field {
    match name {
        "remote_addr" | "realip_remote_addr" | "the_real_ip" => Field::Client,
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
        "remote_port" | "server_port" => Field::Ignored(Dropped::Digits),
        other if other.starts_with("upstream_") => Field::Ignored(Dropped::List),
        _ => Field::Ignored(Dropped::Text),
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
            _ => Field::Ignored(Dropped::Text),
        },
        // PHP-FPM: the time that a request took, and the memory.
        'd' => match header.as_str() {
            "" | "s" | "seconds" => Field::Seconds,
            "mili" | "milli" | "miliseconds" | "milliseconds" => Field::Milliseconds,
            "micro" | "microseconds" => Field::Microseconds,
            _ => return None,
        },
        // With blanks inside, it would take the columns of another format for a name.
        'l' => Field::Ignored(Dropped::Word),
        'p' => Field::Ignored(Dropped::Digits),
        'A' | 'C' | 'e' | 'f' | 'I' | 'S' | 'k' | 'L' | 'M' | 'n' | 'o' | 'P' | 'R' | 'v' | 'V'
        | 'X' => Field::Ignored(Dropped::Text),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str) -> Result<TextFormat, FormatError> {
        TextFormat::compile(&[text], Manner::default())
    }

    #[test]
    fn both_grammars_compile_to_the_same_pieces() {
        let nginx =
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent"#;
        let apache = r#"%h - %u %t "%r" %>s %b"#;
        let pieces = |text: &str| compile(text).unwrap().pieces;
        assert_eq!(pieces(nginx), pieces(apache));
        assert_eq!(
            compile(nginx),
            compile(&nginx.replace("$status", "${status}"))
        );
    }

    #[test]
    fn the_grammar_says_what_the_date_tells() {
        let time_is = |text: &str| compile(text).unwrap().conventions.time_is;
        assert_eq!(time_is("%h %t"), TimeIs::Arrival);
        assert_eq!(time_is("%h %{sec}t"), TimeIs::Arrival);
        assert_eq!(time_is("%h %{end:sec}t"), TimeIs::End);
        assert_eq!(time_is("$remote_addr [$time_local]"), TimeIs::End);
    }

    #[test]
    fn refuses_with_the_column_and_a_hint() {
        let error = compile("[$time_local] $status$request_time").unwrap_err();
        assert_eq!(error.column, 22);
        assert!(error.message.contains("hint:"));
        let error = compile("%h %r").unwrap_err();
        assert!(error.message.contains("no date"));
        assert_eq!(compile("%t %{Referer").unwrap_err().column, 6);
        assert!(compile("%t %y").is_err());
        assert!(compile("%h %{session} %u %t").is_ok());
    }

    #[test]
    fn dates_without_offset_need_a_zone() {
        let format = "%h [%{%d/%m/%Y %H:%M:%S}t] %s";
        let error = compile(format).unwrap_err();
        assert!(error.message.contains("--zone"), "{error}");
        let declared = Declared {
            zone: Some(chrono_tz::Europe::Paris),
            ..Declared::default()
        };
        let manner = Manner {
            declared,
            ..Manner::default()
        };
        assert!(TextFormat::compile(&[format], manner).is_ok());
        assert!(compile("%h %{%s}t %s").is_ok());
    }

    #[test]
    fn units_come_from_the_format() {
        let has = |format: &str, field| {
            let format = compile(format).unwrap();
            format.pieces().contains(&Piece::Value(field))
        };
        assert!(has("%t %D", Field::Microseconds));
        assert!(has("%t %{ms}T", Field::Milliseconds));
        assert!(has("%t %T", Field::Seconds));
        assert!(has("$msec $request_time", Field::Seconds));
    }
}
