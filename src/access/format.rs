//! A log format as its administrator gives it: a name, a text in one of three
//! grammars, or several of them tried in order.

use super::directive;
use super::field::{Conventions, TimeIs};
use super::json::JsonFormat;
use super::named::{self, Named};
use super::text::{Manner, TextFormat};
use super::w3c::W3cFormat;
use chrono_tz::Tz;
use std::fmt;

pub(super) const NO_DATE: &str =
    "no date in the format\nhint: add `$time_local`, `$time_iso8601`, `$msec` or `%t`";
pub(super) const NO_ZONE: &str = "the date has no offset from UTC\nhint: declare the zone of the server with `--zone Europe/Paris` (`zone` in the configuration)";

/// Why a format is refused; the column is in characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// Where in the format.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl FormatError {
    /// An error that concerns the format as a whole.
    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self {
            column: 1,
            message: message.into(),
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log format, column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for FormatError {}

/// What a format does not say of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Declared<'a> {
    /// The nginx variable that holds the account of the ENT.
    pub account: Option<&'a str>,
    /// The zone of dates written without offset.
    pub zone: Option<Tz>,
}

/// A compiled format: one grammar, or several that are tried in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFormat {
    first: Grammar,
    others: Vec<Grammar>,
}

/// One way to write a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    Text(TextFormat),
    Json(JsonFormat),
    W3c(W3cFormat),
}

impl Grammar {
    fn conventions(&self) -> &Conventions {
        match self {
            Self::Text(format) => format.conventions(),
            Self::Json(format) => format.conventions(),
            Self::W3c(format) => format.conventions(),
        }
    }

    fn used(&self) -> usize {
        match self {
            Self::Text(format) => format.used(),
            Self::Json(format) => format.used(),
            Self::W3c(format) => format.used(),
        }
    }
}

impl LogFormat {
    /// Compiles a format that says all of itself.
    pub fn compile(text: &str) -> Result<Self, FormatError> {
        Self::compile_declared(text, Declared::default())
    }

    /// Compiles, with what the format does not say:
    ///
    /// - a name of `src/data/log-formats.csv` (`combined`, `caddy`...), or a
    ///   text that ends with one: `%{%Y-%m-%d %H:%M:%S}t entcore` for lines
    ///   before which a logging framework puts a date;
    /// - a map of JSON keys, `json: time=ts status=response.status`;
    /// - the `#Fields:` line of a W3C extended log;
    /// - a format string of nginx (where it holds a `$name`) or Apache, or the
    ///   whole `log_format` or `LogFormat` directive.
    pub fn compile_declared(text: &str, declared: Declared<'_>) -> Result<Self, FormatError> {
        Self::compile_several([text], declared)
    }

    /// Several formats as one: a line is read by the first that fits it.
    pub fn compile_several<'t>(
        texts: impl IntoIterator<Item = &'t str>,
        declared: Declared<'_>,
    ) -> Result<Self, FormatError> {
        let mut alternatives = Vec::new();
        for text in texts {
            alternatives.extend(alternatives_of(text, declared)?);
        }
        let mut alternatives = alternatives.into_iter();
        let first = alternatives.next().ok_or_else(|| {
            FormatError::whole("no log format is given\nhint: name one, as `combined`")
        })?;
        Ok(Self {
            first,
            others: alternatives.collect(),
        })
    }

    /// The grammar tried first, and the others in their order.
    pub(super) fn alternatives(&self) -> (&Grammar, &[Grammar]) {
        (&self.first, &self.others)
    }

    fn grammars(&self) -> impl Iterator<Item = &Grammar> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Whether every line has a date. Without one a log may be inspected, not
    /// ingested.
    pub fn has_time(&self) -> bool {
        let mut all = self.grammars();
        all.all(|grammar| grammar.conventions().has_time)
    }

    /// What the date of a line tells; of several grammars, the first says it.
    pub fn time_is(&self) -> TimeIs {
        self.first.conventions().time_is
    }

    /// Whether what a line means depends on the lines before it, so that a
    /// file is read from its beginning by one reader.
    pub fn is_stateful(&self) -> bool {
        let mut any = self.grammars();
        any.any(|grammar| matches!(grammar, Grammar::W3c(_)))
    }

    /// How many values of a line are used: the measure of how specific a
    /// format is.
    pub fn used(&self) -> usize {
        self.grammars().map(Grammar::used).max().unwrap_or(0)
    }
}

fn alternatives_of(text: &str, declared: Declared<'_>) -> Result<Vec<Grammar>, FormatError> {
    let manner = Manner {
        declared,
        ..Manner::default()
    };
    if let Some(directive) = directive::content(text) {
        let manner = Manner {
            is_unescaped: directive.is_unescaped,
            ..manner
        };
        let format = TextFormat::compile(&[&directive.format], manner)?;
        return Ok(vec![Grammar::Text(format)]);
    }
    match named::at_end(text) {
        Some((prefix, named)) => compile_named(prefix, &named, declared),
        None if !holds_values(text) => Err(FormatError::whole(named::unknown(text.trim()))),
        None => Ok(vec![compile_one("", text, manner)?]),
    }
}

/// Whether a text is a format at all, in any grammar.
fn holds_values(text: &str) -> bool {
    let start = text.trim_start();
    let marks = [JsonFormat::MARK, W3cFormat::MARK];
    text.contains(['$', '%']) || marks.iter().any(|mark| start.starts_with(mark))
}

fn compile_named(
    prefix: &str,
    named: &Named,
    declared: Declared<'_>,
) -> Result<Vec<Grammar>, FormatError> {
    let manner = Manner {
        declared,
        absent: &named.absent,
        is_dateless: named.is_dateless,
        is_unescaped: named.is_unescaped,
    };
    let texts = named.texts.iter();
    texts
        .map(|text| compile_one(prefix, text, manner))
        .collect()
}

fn compile_one(prefix: &str, text: &str, manner: Manner<'_>) -> Result<Grammar, FormatError> {
    let is_json = text.trim_start().starts_with(JsonFormat::MARK);
    let is_w3c = text.trim_start().starts_with(W3cFormat::MARK);
    if (is_json || is_w3c) && !prefix.trim().is_empty() {
        return Err(FormatError::whole(
            "only a named format of text may follow a prefix\nhint: take away what stands before the name",
        ));
    }
    if is_json {
        return JsonFormat::compile(text, manner).map(Grammar::Json);
    }
    if is_w3c {
        return W3cFormat::compile(text, manner.declared).map(Grammar::W3c);
    }
    TextFormat::compile(&[prefix, text], manner).map(Grammar::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_paris() -> Declared<'static> {
        Declared {
            zone: Some(chrono_tz::Europe::Paris),
            ..Declared::default()
        }
    }

    #[test]
    fn whole_directives_as_they_stand() {
        let plain = LogFormat::compile(r#"$remote_addr [$time_local] "$request" $status"#);
        let nginx = "log_format  main escape=default '$remote_addr [$time_local] '\n    '\"$request\" $status';";
        assert_eq!(LogFormat::compile(nginx), plain);
        let apache = LogFormat::compile(r#"%h %t "%r" %>s"#);
        // The name of the directive is no format of ours.
        let directive = r#"LogFormat "%h %t \"%r\" %>s" combined"#;
        assert_eq!(LogFormat::compile(directive), apache);
    }

    #[test]
    fn every_name_compiles_and_says_what_its_date_tells() {
        for name in named::names() {
            let format = LogFormat::compile_declared(name, in_paris());
            assert_eq!(format.is_err(), name == "w3c", "{name}");
            if let Ok(format) = format {
                assert_eq!(format.has_time(), name != "entcore", "{name}");
                let at_end = ["caddy", "squid", "ingress-nginx"].contains(&name);
                assert_eq!(format.time_is() == TimeIs::End, at_end, "{name}");
            }
        }
    }

    #[test]
    fn a_name_may_follow_the_prefix_of_a_framework() {
        let dated = "%{%Y-%m-%d %H:%M:%S}t entcore";
        let error = LogFormat::compile(dated).unwrap_err();
        assert!(error.message.contains("--zone"), "{error}");
        let format = LogFormat::compile_declared(dated, in_paris()).unwrap();
        assert!(format.has_time());
        // Each part in its own grammar; the date is still that of arrival.
        let format = LogFormat::compile("[$time_local] entcore").unwrap();
        assert_eq!(
            (format.has_time(), format.time_is()),
            (true, TimeIs::Arrival)
        );
        assert!(LogFormat::compile("%t caddy").is_err());
    }

    #[test]
    fn only_a_declared_format_may_lack_a_date() {
        assert!(!LogFormat::compile("entcore").unwrap().has_time());
        let error = LogFormat::compile(r#"%h "%r""#).unwrap_err();
        assert!(error.message.contains("no date"), "{error}");
    }

    #[test]
    fn a_misspelt_name_says_which_was_meant() {
        let error = LogFormat::compile("combinde").unwrap_err();
        assert!(
            error.message.contains("did you mean `combined`?"),
            "{error}"
        );
    }

    #[test]
    fn several_formats_make_one() {
        let both = LogFormat::compile_several(["common", "combined"], Declared::default());
        assert_eq!(both.unwrap().grammars().count(), 2);
        assert!(LogFormat::compile_several([], Declared::default()).is_err());
    }
}
