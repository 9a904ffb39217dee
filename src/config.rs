//! `observatory.toml`: where the inputs are, how they are written, what to make.

use crate::access::Rules;
use crate::assistance::Tools;
use crate::directory::table::Columns;
use crate::domain::{Assistance, Partner, Period, SchoolCalendar, ServiceMap};
use crate::indicators::{Note, Terms};
use crate::privacy::disclosure::Policy;
use crate::privacy::retention::Retention;
use crate::privacy::threshold::Threshold;
use crate::publication::Limits;
use crate::query::marts::{Settings, UsageSource};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The commented configuration that `entobs demo` writes and the analyst's
/// starting point.
pub const EXAMPLE: &str = include_str!("data/observatory.toml");

/// The whole configuration. Paths are from the folder of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(skip)]
    folder: PathBuf,
    /// The lake.
    pub lake: PathBuf,
    /// The master key, outside the lake.
    pub key: PathBuf,
    /// Where deliverables go.
    pub outputs: PathBuf,
    /// A visit ends after so many minutes without a request.
    #[serde(default = "thirty")]
    pub timeout_minutes: i64,
    /// Megabytes that a query may gather in memory; more is spilled to disk.
    pub memory_mb: Option<u64>,
    /// Where `entobs run` writes what it did, for a node exporter.
    pub metrics: Option<PathBuf>,
    /// A cell about fewer people is secret.
    #[serde(default = "five")]
    pub threshold: i64,
    /// The same where three variables cross; twice as many unless said.
    pub crossed_threshold: Option<i64>,
    /// How long personal data are kept.
    #[serde(default)]
    pub retention: Retention,
    /// A file of partners in place of the built-in twelve.
    pub partners: Option<PathBuf>,
    /// A table of services in place of the built-in one.
    pub services: Option<PathBuf>,
    /// Rules that classify requests in place of the built-in ones.
    pub classification: Option<PathBuf>,
    /// School holidays in place of those of zone B.
    pub calendar: Option<PathBuf>,
    /// Helpdesks, opening hours and service levels in place of the built-in ones.
    pub assistance: Option<PathBuf>,
    /// How exports of ticket tools are read, in place of the built-in tools.
    pub ticket_tools: Option<PathBuf>,
    /// What measures usage, from which day on.
    #[serde(default)]
    pub usage: Vec<Usage>,
    /// Access logs.
    #[serde(default)]
    pub access: Vec<Access>,
    /// Platform events.
    #[serde(default)]
    pub events: Vec<ZonedSource>,
    /// Exports of the provider's statistics.
    #[serde(default)]
    pub statistics: Vec<Source>,
    /// Files of the national measure of usage.
    #[serde(default)]
    pub dnma: Vec<Source>,
    /// Audit logs of the login path.
    #[serde(default)]
    pub logins: Vec<ZonedSource>,
    /// Directories, one académie (or one platform) each.
    #[serde(default)]
    pub directory: Vec<Directory>,
    /// The platform's account exports.
    #[serde(default)]
    pub accounts: Vec<Source>,
    /// Official school lists.
    #[serde(default)]
    pub schools: Vec<Source>,
    /// Tickets, one helpdesk each.
    #[serde(default)]
    pub tickets: Vec<Source>,
    /// Registers.
    #[serde(default)]
    pub register: Vec<Source>,
    /// Deliverables.
    #[serde(default)]
    pub report: Vec<Report>,
    /// What data must be like for an edition to be published.
    #[serde(default)]
    pub publication: Limits,
    /// Words on data that are not like that, printed in deliverables.
    #[serde(default)]
    pub note: Vec<Note>,
}

/// Files of one source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Académie, helpdesk, register.
    #[serde(default)]
    pub name: String,
    /// A path with `*`.
    pub files: String,
}

/// A directory: AAF files, or tables.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// The académie: join keys are unique only inside it.
    #[serde(default)]
    pub name: String,
    /// A path with `*`.
    pub files: String,
    /// Of tables: which column tells what, `{ key = "externalId", profile = "type" }`.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

impl Directory {
    /// The map of columns, checked.
    pub fn columns(&self) -> Result<Columns, String> {
        let pairs = self.columns.iter();
        Columns::new(pairs.map(|(field, column)| (field.as_str(), column.as_str())))
            .map_err(|error| format!("directory `{}`: {error}", self.name))
    }
}

/// Files of one source that may hold dates without offset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZonedSource {
    /// The platform, the login server.
    #[serde(default)]
    pub name: String,
    /// A path with `*`.
    pub files: String,
    /// The zone of such dates; without it, Europe/Paris.
    pub zone: Option<String>,
}

/// What measures usage from a day on, until the next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// `2025-09-01`
    pub from: String,
    /// `requests` or `events`.
    pub source: String,
}

/// Access logs of one front-end.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The machine.
    pub front_end: String,
    /// A path with `*`.
    pub files: String,
    /// One log format, or several tried in order.
    pub log_format: LogFormats,
    /// The nginx variable that holds the account.
    pub account: Option<String>,
    /// The zone of dates written without offset.
    pub zone: Option<String>,
}

/// A log format pasted or named, or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a log format, or a list of log formats")]
pub enum LogFormats {
    /// `log_format = "combined"`.
    One(String),
    /// `log_format = ["combined", "common"]`.
    Several(Vec<String>),
}

impl LogFormats {
    /// The formats in their order.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::Several(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// A deliverable to make.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `all`, `observatory`, `costra`, `partner`, `coter`, `assistance` or `coordination`.
    pub kind: String,
    /// `2025-2026-S1`...
    pub period: String,
    /// For `partner`, and for `assistance` of a partner.
    pub partner: Option<String>,
    /// For `coter`.
    pub territory: Option<String>,
}

fn thirty() -> i64 {
    30
}

fn five() -> i64 {
    5
}

impl Config {
    /// Reads a file; the error says line, column and the key that was meant.
    pub fn load(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| {
            format!(
                "configuration `{shown}` cannot be read: {error}\nhint: give its path with `-c`"
            )
        })?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|error| format!("configuration `{shown}`: {}", explain(&error.to_string())))?;
        config.folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        Ok(config)
    }

    /// A path from the folder of the file.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// The files of a pattern, in the order of their names; none is an error.
    pub fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let full = self.folder.join(pattern);
        let full = full.to_string_lossy();
        let found = glob::glob(&full).map_err(|error| format!("pattern `{pattern}`: {error}"))?;
        let mut files: Vec<PathBuf> = found
            .filter_map(Result::ok)
            .filter(|p| p.is_file())
            .collect();
        files.sort();
        if files.is_empty() {
            return Err(format!(
                "no file fits `{full}`\nhint: correct `files` in the configuration, or take the source out"
            ));
        }
        Ok(files)
    }

    /// The patterns of all sections that name files.
    pub fn patterns(&self) -> Vec<&str> {
        let plain = [
            &self.statistics,
            &self.dnma,
            &self.accounts,
            &self.schools,
            &self.tickets,
            &self.register,
        ];
        let plain = plain.into_iter().flatten().map(|source| &source.files);
        let zoned = [&self.events, &self.logins].into_iter().flatten();
        let zoned = zoned.map(|source| &source.files);
        let access = self.access.iter().map(|source| &source.files);
        let directories = self.directory.iter().map(|source| &source.files);
        plain
            .chain(directories)
            .chain(zoned)
            .chain(access)
            .map(String::as_str)
            .collect()
    }

    /// What figures depend on besides the lake.
    pub fn settings(&self) -> Result<Settings, String> {
        let mut partners = self.data("partners", self.partners.as_deref(), Partner::parse)?;
        for partner in partners.iter_mut().flatten() {
            self.read_logo(partner)?;
        }
        let assistance = self.data("assistance", self.assistance.as_deref(), Assistance::parse)?;
        Ok(Settings {
            assistance: assistance.unwrap_or_else(Assistance::built_in),
            partners: partners.unwrap_or_else(Partner::defaults),
            calendar: self.school_calendar()?,
            timeout_minutes: self.timeout_minutes,
            memory: self.memory()?,
            usage: self.usage()?,
        })
    }

    /// Bytes that a query may gather.
    fn memory(&self) -> Result<usize, String> {
        match self.memory_mb {
            None => Ok(Settings::default().memory),
            Some(megabytes @ 16..) => Ok(usize::try_from(megabytes << 20).unwrap_or(usize::MAX)),
            Some(few) => Err(format!(
                "`memory_mb = {few}` is too little to work with\nhint: give at least 16; 2048 is usual"
            )),
        }
    }

    /// The logo of a partner, from the folder of the file that names it.
    fn read_logo(&self, partner: &mut Partner) -> Result<(), String> {
        let Some(logo) = &partner.logo else {
            return Ok(());
        };
        let file = self.partners.as_deref().unwrap_or(Path::new(""));
        let path = self.path(&file.parent().unwrap_or(Path::new("")).join(logo));
        let bytes = fs::read(&path).map_err(|error| {
            format!(
                "logo of partner `{}`: `{}` cannot be read: {error}\nhint: `logo` is a PNG or SVG file, from the folder of the partners' file",
                partner.id,
                path.display()
            )
        })?;
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]);
        if !bytes.starts_with(b"\x89PNG") && !text.contains("<svg") {
            return Err(format!(
                "logo of partner `{}`: `{}` is neither PNG nor SVG\nhint: save it as one of them",
                partner.id,
                path.display()
            ));
        }
        partner.logo_bytes = Some(bytes);
        Ok(())
    }

    /// What measures usage; the days must follow each other.
    fn usage(&self) -> Result<Vec<(NaiveDate, UsageSource)>, String> {
        let mut spans: Vec<(NaiveDate, UsageSource)> = Vec::new();
        for usage in &self.usage {
            let from: NaiveDate = usage.from.parse().map_err(|_| {
                format!(
                    "usage from `{}`: not a day\nhint: days are written `2025-09-01`",
                    usage.from
                )
            })?;
            if spans.last().is_some_and(|(before, _)| *before >= from) {
                return Err(format!(
                    "usage from `{from}` does not come after the one before it\nhint: put the sections `[[usage]]` in the order of their days, one a day"
                ));
            }
            spans.push((from, UsageSource::named(&usage.source)?));
        }
        Ok(spans)
    }

    /// The rules that classify requests, with the services of the ENT.
    pub fn rules(&self) -> Result<Rules, String> {
        let map = self.data("services", self.services.as_deref(), ServiceMap::parse)?;
        let map = map.unwrap_or_else(ServiceMap::default_map);
        let parse = |text: &str| Rules::parse(text, map.clone());
        let rules = self.data("classification", self.classification.as_deref(), parse)?;
        Ok(rules.unwrap_or_else(|| Rules::built_in(map)))
    }

    /// How the exports of ticket tools are read.
    pub fn tools(&self) -> Result<Tools, String> {
        let tools = self.data("ticket_tools", self.ticket_tools.as_deref(), Tools::parse)?;
        Ok(tools.unwrap_or_else(Tools::built_in))
    }

    /// A data file that the configuration names in place of a built-in one.
    fn data<T>(
        &self,
        key: &str,
        path: Option<&Path>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        let Some(path) = path.map(|path| self.path(path)) else {
            return Ok(None);
        };
        let shown = path.display();
        let text = fs::read_to_string(&path).map_err(|error| {
            format!("{key} `{shown}` cannot be read: {error}\nhint: correct `{key}` in the configuration, or take it out for what is built in")
        })?;
        let parsed =
            parse(&text).map_err(|error| format!("{key} `{shown}`: {}", explain(&error)))?;
        Ok(Some(parsed))
    }

    /// The calendar and the rules that figures are told by.
    pub fn terms(&self) -> Result<Terms, String> {
        for note in &self.note {
            Period::parse(&note.period).map_err(|error| format!("note: {error}"))?;
        }
        Ok(Terms {
            calendar: self.school_calendar()?,
            policy: Policy {
                threshold: self.threshold()?,
                ..Policy::default()
            },
            retention: self.retention,
            notes: self.note.clone(),
        })
    }

    fn threshold(&self) -> Result<Threshold, String> {
        let plain = self.threshold;
        let crossed = self.crossed_threshold.unwrap_or(plain * 2);
        if crossed < plain {
            return Err(format!(
                "crossed_threshold: {crossed} is less than threshold = {plain}\nhint: a cell in which three variables cross is about fewer people; give at least {plain}"
            ));
        }
        Ok(Threshold { plain, crossed })
    }

    fn school_calendar(&self) -> Result<SchoolCalendar, String> {
        let calendar = self.data("calendar", self.calendar.as_deref(), SchoolCalendar::parse)?;
        Ok(calendar.unwrap_or_else(SchoolCalendar::zone_b))
    }
}

/// Adds the nearest known key to a message about an unknown one.
fn explain(message: &str) -> String {
    let message = message.trim_end();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let Some((wrong, known)) = quoted.split_first() else {
        return message.to_owned();
    };
    if !message.contains("unknown field") {
        return message.to_owned();
    }
    let near = known
        .iter()
        .min_by_key(|key| strsim::damerau_levenshtein(key, wrong));
    near.map_or_else(
        || message.to_owned(),
        |near| format!("{message}\nhint: did you mean `{near}`?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("observatory.toml");
        fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn the_example_is_right() {
        let config = load(EXAMPLE).unwrap();
        assert_eq!(config.timeout_minutes, 30);
        assert_eq!(config.access.len(), 2);
    }

    #[test]
    fn a_misspelt_key_says_where_and_what_was_meant() {
        let message =
            load("lake = 'l'\nkey = 'k'\noutputs = 'o'\ntimeout_minute = 20\n").unwrap_err();
        assert!(message.contains("line 4, column 1"), "{message}");
        assert!(
            message.contains("did you mean `timeout_minutes`?"),
            "{message}"
        );
    }

    #[test]
    fn a_log_format_may_be_a_list() {
        let formats = |value: &str| {
            let text = format!(
                "lake = 'l'\nkey = 'k'\noutputs = 'o'\n[[access]]\nfront_end = 'f'\nfiles = '*'\nlog_format = {value}\n"
            );
            let config = load(&text)?;
            let texts = config.access[0].log_format.texts().into_iter();
            Ok::<Vec<String>, String>(texts.map(str::to_owned).collect())
        };
        assert_eq!(formats("'common'").unwrap(), ["common"]);
        assert_eq!(
            formats("['common', 'combined']").unwrap(),
            ["common", "combined"]
        );
        let message = formats("7").unwrap_err();
        assert!(message.contains("list of log formats"), "{message}");
        assert!(message.contains("line 7"), "{message}");
    }

    #[test]
    fn a_missing_file_says_what_to_do() {
        let message = Config::load(Path::new("absent.toml")).unwrap_err();
        assert!(message.contains("absent.toml") && message.contains("hint:"));
    }
}
