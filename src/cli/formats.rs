//! The format of a log: named, pasted, or found by the lines of each file.

use crate::access::sniff::{self, Choice};
use crate::access::{Declared, LogFormat, TimeIs};
use crate::ingest::AccessSource;
use crate::source;
use chrono_tz::Tz;
use clap::Args;
use std::path::{Path, PathBuf};

/// The name that stands for the format which reads most lines of each file.
const AUTO: &str = "auto";

/// How a log is written, as typed.
#[derive(Args)]
pub(super) struct Written {
    /// A named format (`common`, `combined`, `vhost_combined`, `entcore`,
    /// `entcore-json`, `caddy`, `traefik`, `squid`, `haproxy`, `ingress-nginx`,
    /// `w3c`), or `auto` to find it by the lines of each file.
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// An nginx `log_format`, an Apache `LogFormat`, a map of JSON keys
    /// (`json: time=ts status=response.status`), a `#Fields:` line or a name;
    /// given again, an alternative for the lines that do not fit.
    #[arg(long, value_name = "STRING", conflicts_with = "format")]
    log_format: Vec<String>,
    /// The nginx variable that holds the account.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The zone of dates written without offset, `Europe/Paris`.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

impl Written {
    /// The zone typed.
    pub(super) fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// What was typed, checked.
    pub(super) fn formats(&self) -> Result<Formats<'_>, String> {
        let texts = self.log_format.iter().chain(&self.format);
        let texts: Vec<&str> = texts.map(String::as_str).collect();
        if texts.is_empty() {
            return Err("no log format is given\nhint: paste it with `--log-format`, name one with `--format combined`, or try `--format auto`".into());
        }
        Formats::new(texts, self.account.as_deref(), self.zone.as_deref())
    }
}

/// The formats of the files of one source.
pub(super) struct Formats<'a> {
    texts: Vec<&'a str>,
    declared: Declared<'a>,
    /// What needs no file to be known.
    compiled: Option<LogFormat>,
}

impl<'a> Formats<'a> {
    /// Compiles what does not depend on a file, so that a wrong format is said
    /// before any is read.
    pub(super) fn new(
        texts: Vec<&'a str>,
        account: Option<&'a str>,
        zone: Option<&str>,
    ) -> Result<Self, String> {
        let declared = Declared {
            account,
            zone: zone.map(parse_zone).transpose()?,
        };
        if texts.len() > 1 && texts.contains(&AUTO) {
            return Err(
                "`auto` beside other formats\nhint: name the formats, or give `auto` alone".into(),
            );
        }
        let is_of_file = |text: &&str| matches!(*text, AUTO | sniff::W3C);
        let compiled = match texts.iter().any(is_of_file) {
            true => None,
            false => Some(compile(&texts, declared)?),
        };
        Ok(Self {
            texts,
            declared,
            compiled,
        })
    }

    /// The format of a file; what was found by its lines is said.
    pub(super) fn of_file(&self, path: &Path) -> Result<LogFormat, String> {
        if let Some(format) = &self.compiled {
            return Ok(format.clone());
        }
        let sample = sample(path)?;
        if self.texts == [AUTO] {
            let choice = sniff::choose(&sample, self.declared);
            let choice = choice.map_err(|error| format!("`{}`: {error}", path.display()))?;
            eprintln!("{}: {}", path.display(), said(&choice));
            return Ok(choice.format);
        }
        let fields = sniff::w3c_fields(&sample).ok_or_else(|| {
            format!("`{}` has no `#Fields:` line among its first {}\nhint: paste the one of its server with `--log-format`, or try `--format auto`", path.display(), sniff::SAMPLE)
        })?;
        let texts = self.texts.iter().map(|text| match *text {
            sniff::W3C => fields.as_str(),
            other => other,
        });
        compile(&texts.collect::<Vec<_>>(), self.declared)
    }
}

impl Formats<'_> {
    /// The files of a front-end with their formats, in their order; files of one
    /// format that follow each other are one source.
    pub(super) fn sources(
        &self,
        front_end: &str,
        files: Vec<PathBuf>,
    ) -> Result<Vec<(AccessSource, Vec<PathBuf>)>, String> {
        let mut sources: Vec<(AccessSource, Vec<PathBuf>)> = Vec::new();
        for path in files {
            let format = self.of_file(&path)?;
            match sources.last_mut() {
                Some((last, files)) if last.format == format => files.push(path),
                _ => {
                    let source = AccessSource {
                        front_end: front_end.to_owned(),
                        format,
                    };
                    sources.push((source, vec![path]));
                }
            }
        }
        Ok(sources)
    }
}

fn compile(texts: &[&str], declared: Declared<'_>) -> Result<LogFormat, String> {
    let format = LogFormat::compile_several(texts.iter().copied(), declared);
    format.map_err(|error| error.to_string())
}

fn sample(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let unreadable = |error| {
        format!(
            "`{}` cannot be read: {error}\nhint: check the path and its permissions",
            path.display()
        )
    };
    let mut lines = source::open(path).map_err(unreadable)?;
    let mut sample = Vec::new();
    while sample.len() < sniff::SAMPLE {
        match lines.next_line() {
            Ok(Some(line)) => sample.push(line.bytes.to_vec()),
            // What comes after a cut is said when the file is read.
            Ok(None) => break,
            Err(_) if !sample.is_empty() => break,
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(sample)
}

/// ``read as `combined`: it fits 99 of the first 100 lines, `common` 3; ...``
fn said(choice: &Choice) -> String {
    let next = match choice.next {
        Some((name, read)) if read == choice.read => {
            format!("`{name}` as many, of which it uses fewer values")
        }
        Some((name, read)) => format!("the next, `{name}`, {read}"),
        None => "no other fits any".to_owned(),
    };
    let time = match choice.format.has_time().then(|| choice.format.time_is()) {
        Some(TimeIs::Arrival) => "dates are of arrival",
        Some(TimeIs::End) => "dates are of the end of the request",
        None => "its lines bear no date",
    };
    format!(
        "read as `{}`, which fits {} of its first {} lines; {next}; {time}",
        choice.name, choice.read, choice.of
    )
}

/// A zone by its name in the IANA database.
pub(super) fn parse_zone(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| {
        format!("unknown zone `{name}`\nhint: zones are named as `Europe/Paris` or `UTC`")
    })
}
