//! The column map of the ticket tools: which label is which field, which word is
//! which status. Data (`src/data/ticket-tools.toml`), never code.

use super::{Priority, Status, TicketKind};
use chrono_tz::Tz;
use serde::Deserialize;
use std::collections::BTreeMap;

const BUILT_IN: &str = include_str!("../data/ticket-tools.toml");

/// A field that a label may name. The order of the enum is that of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The tool's id.
    Id,
    /// Looked at for keywords only, never kept.
    Subject,
    /// Establishment or entity.
    Structure,
    /// Where it stands.
    Status,
    /// Incident or request.
    Kind,
    /// From very low to major.
    Priority,
    /// What it is about.
    Category,
    /// Profile of the requester.
    Role,
    /// How it came: form, telephone, mail.
    Channel,
    /// Group of technicians: tells the level.
    Group,
    /// When it was opened.
    Opened,
    /// When somebody first answered or took it.
    FirstResponse,
    /// When it was solved.
    Resolved,
    /// When it was closed.
    Closed,
    /// When it last changed.
    Updated,
    /// From 1 to 5.
    Satisfaction,
    /// The ticket of another helpdesk that this one continues.
    EscalatedFrom,
    /// The ticket of another helpdesk that continues this one.
    EscalatedTo,
}

/// A field of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryField {
    /// The id of the ticket.
    Ticket,
    /// When.
    Time,
    /// What changed.
    Field,
    /// A sentence that ends with the new value.
    Change,
    /// The new value.
    Value,
}

/// The order of day, month and year in dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `05-01-2026`
    DayFirst,
    /// `01-05-2026`
    MonthFirst,
    /// `2026-01-05`
    YearFirst,
}

/// How one kind of export is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "F: Ord + Deserialize<'de>"))]
pub struct Map<F: Ord> {
    /// Names it in messages.
    pub id: String,
    /// Shown.
    pub name: String,
    /// The zone of its dates; without it, that of the schools.
    zone: Option<String>,
    /// The order of its dates; without it, inferred.
    pub order: Option<DateOrder>,
    columns: BTreeMap<F, Vec<String>>,
    #[serde(default)]
    status_codes: BTreeMap<String, Status>,
}

/// An export of tickets.
pub type Tool = Map<Field>;
/// An export of their changes.
pub type History = Map<HistoryField>;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    status: BTreeMap<Status, Vec<String>>,
    priority: BTreeMap<String, Vec<String>>,
    kind: BTreeMap<TicketKind, Vec<String>>,
    field: BTreeMap<Changed, Vec<String>>,
}

/// What a row of a history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// A new status.
    Status,
    /// A new group, and so perhaps a new level.
    Group,
    /// Somebody of the service answered or took it.
    Response,
    /// It went to another tool.
    Escalation,
}

/// All tools, and their words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tools {
    #[serde(rename = "tool")]
    tools: Vec<Tool>,
    #[serde(rename = "history")]
    histories: Vec<History>,
    words: Words,
    #[serde(default)]
    keywords: BTreeMap<String, Vec<String>>,
}

impl<F: Copy + Ord> Map<F> {
    /// The place of each field in a header.
    pub fn places(&self, header: &[String]) -> BTreeMap<F, usize> {
        let place = |labels: &[String]| {
            let mut labels = labels.iter();
            labels.find_map(|label| header.iter().position(|h| same_label(h, label)))
        };
        let places = self.columns.iter();
        places
            .filter_map(|(field, labels)| Some((*field, place(labels)?)))
            .collect()
    }

    /// The first label of a field, for messages.
    pub fn label(&self, field: F) -> &str {
        let labels = self.columns.get(&field);
        labels.and_then(|l| l.first()).map_or("", String::as_str)
    }

    /// The zone of dates written without offset.
    pub fn zone(&self) -> Tz {
        let named = self.zone.as_deref().and_then(|name| name.parse().ok());
        named.unwrap_or(crate::domain::time::SCHOOLS)
    }
}

/// Labels carry hard blanks in some exports, and straight or curly apostrophes.
fn same_label(header: &str, label: &str) -> bool {
    let plain = |text: &str| {
        text.replace("&nbsp;", " ")
            .replace(['\u{a0}', '\u{202f}'], " ")
            .replace('’', "'")
            .trim()
            .to_lowercase()
    };
    plain(header) == plain(label)
}

impl Tools {
    /// The tools that the program knows.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("the built-in tools are right")
    }

    /// Reads a file of tools; the error says line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tools: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let zones = tools.tools.iter().filter_map(|t| t.zone.as_deref());
        for zone in zones.chain(tools.histories.iter().filter_map(|h| h.zone.as_deref())) {
            zone.parse::<Tz>()
                .map_err(|_| format!("unknown zone `{zone}`\nhint: write `Europe/Paris`"))?;
        }
        Ok(tools)
    }

    /// The tool of which most columns are in the header.
    pub fn tool(&self, header: &[String]) -> &Tool {
        nearest(&self.tools, header)
    }

    /// The history whose ticket, time and field are all in the header.
    pub fn history(&self, header: &[String]) -> Option<&History> {
        let needed = [
            HistoryField::Ticket,
            HistoryField::Time,
            HistoryField::Field,
        ];
        self.histories.iter().find(|history| {
            let places = history.places(header);
            needed.iter().all(|field| places.contains_key(field)) && places.len() > 3
        })
    }

    /// The status of a label or of a tool's code.
    pub fn status<F: Ord>(&self, map: &Map<F>, text: &str) -> Option<Status> {
        let text = text.trim().trim_start_matches('_').trim();
        let code = map.status_codes.get(text).copied();
        code.or_else(|| word(&self.words.status, text))
    }

    /// The priority of a label or a code.
    pub fn priority(&self, text: &str) -> Option<Priority> {
        let found = self
            .words
            .priority
            .iter()
            .find(|(_, words)| has(words, text));
        found
            .and_then(|(number, _)| number.parse().ok())
            .map(Priority)
    }

    /// Incident or request.
    pub fn kind(&self, text: &str) -> Option<TicketKind> {
        word(&self.words.kind, text)
    }

    /// What a row of a history is about.
    pub fn changed(&self, text: &str) -> Option<Changed> {
        word(&self.words.field, text)
    }

    /// The declared category whose words a subject holds.
    pub fn category_of(&self, subject: &str) -> Option<&str> {
        let subject = subject.to_lowercase();
        let holds = |words: &[String]| words.iter().any(|w| subject.contains(w.as_str()));
        let found = self.keywords.iter().find(|(_, words)| holds(words));
        found.map(|(category, _)| category.as_str())
    }
}

fn nearest<'a, F: Copy + Ord>(maps: &'a [Map<F>], header: &[String]) -> &'a Map<F> {
    let mut best = &maps[0];
    for map in maps {
        if map.places(header).len() > best.places(header).len() {
            best = map;
        }
    }
    best
}

fn has(words: &[String], text: &str) -> bool {
    let text = text.trim().to_lowercase();
    words.iter().any(|word| word.to_lowercase() == text)
}

fn word<T: Copy + Ord>(words: &BTreeMap<T, Vec<String>>, text: &str) -> Option<T> {
    let found = words.iter().find(|(_, known)| has(known, text));
    found.map(|(meaning, _)| *meaning)
}
