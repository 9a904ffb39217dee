//! `manifest.json`: what a deliverable was made of, and what it is made up of.

use super::chapters::interruptions::is_explained;
use crate::document::Document;
use crate::indicators::{Figures, Note, catalogue};
use crate::privacy::disclosure::Shown;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// What a deliverable was made of.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// What was asked for, and the rules it was made by.
    pub parameters: BTreeMap<String, String>,
    /// Digest of the lake.
    pub lake: String,
    /// What the lake was made of.
    pub inputs: Vec<Inputs>,
}

/// The inputs of one kind and source.
#[derive(Clone, Debug, Serialize)]
pub struct Inputs {
    /// `access`, `directory`...
    pub kind: String,
    /// Front-end, académie, helpdesk.
    pub source: String,
    /// How many.
    pub inputs: usize,
    /// SHA-256 of their digests in rising order, a line each.
    pub sha256: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    title: &'a str,
    perimeter: &'a str,
    period: &'a str,
    data_date: &'a str,
    mark: &'a str,
    program: &'a str,
    #[serde(flatten)]
    provenance: &'a Provenance,
    notes: Vec<&'a Note>,
    coverage: Vec<Coverage>,
    silences: Vec<Silence>,
    known_bad: Vec<KnownBad>,
    definitions: Vec<Defined>,
    files: Vec<File>,
}

/// Days of one front-end.
#[derive(Serialize)]
struct Coverage {
    front_end: String,
    days_expected: Option<i64>,
    days_received: Option<i64>,
    unknown_share: Option<f64>,
}

/// A silence of a path or of a role that no register explains.
#[derive(Serialize)]
struct Silence {
    subject: String,
    day: String,
    minutes: i64,
}

/// Days whose data are known to be wrong.
#[derive(Serialize)]
struct KnownBad {
    first_day: String,
    last_day: String,
    reason: String,
}

/// A definition and since when it is as it is.
#[derive(Serialize)]
struct Defined {
    id: String,
    definition: String,
    since: String,
}

#[derive(Serialize)]
struct File {
    path: String,
    bytes: usize,
    sha256: String,
}

/// The files of a deliverable as they are written.
#[derive(Default)]
pub(super) struct Written(Vec<File>);

impl Written {
    pub fn add(&mut self, path: &Path, bytes: &[u8]) {
        self.0.push(File {
            path: path.to_string_lossy().into_owned(),
            bytes: bytes.len(),
            sha256: crate::lake::hex(&Sha256::digest(bytes)),
        });
    }

    /// Whether a file of this path was written.
    pub fn holds(&self, path: &str) -> bool {
        self.0.iter().any(|file| file.path == path)
    }
}

/// The text of the manifest.
pub(super) fn manifest(
    document: &Document,
    figures: &Figures,
    provenance: &Provenance,
    mut written: Written,
) -> String {
    written.0.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = Manifest {
        title: &document.title,
        perimeter: &document.perimeter,
        period: &document.period,
        data_date: &document.data_date,
        mark: &document.mark,
        program: env!("CARGO_PKG_VERSION"),
        provenance,
        notes: figures.terms.notes_of(&figures.period).collect(),
        coverage: coverage(figures),
        silences: silences(figures),
        known_bad: known_bad(figures),
        definitions: definitions(),
        files: written.0,
    };
    serde_json::to_string_pretty(&manifest).expect("a manifest is plain data")
}

fn coverage(figures: &Figures) -> Vec<Coverage> {
    let rows = figures.table("coverage").rows();
    rows.map(|row| Coverage {
        front_end: row.get("front_end").text().to_owned(),
        days_expected: row.get("days_expected").integer(),
        days_received: row.get("days_received").integer(),
        unknown_share: row.get("unknown_share").number(),
    })
    .collect()
}

fn silences(figures: &Figures) -> Vec<Silence> {
    let known = figures.known_bad_in(&figures.period);
    let rows = figures.table("unusual_silences").rows();
    rows.filter_map(|row| {
        let Shown::Date(day) = *row.get("day") else {
            return None;
        };
        let is_known = known
            .iter()
            .any(|(from, to, _)| (*from..=*to).contains(&day));
        let minute = |name: &str| row.get(name).integer().unwrap_or(0);
        (!is_known && !is_explained(figures, &row)).then(|| Silence {
            subject: row.get("subject").text().to_owned(),
            day: day.to_string(),
            minutes: minute("last_minute") - minute("first_minute") + 1,
        })
    })
    .collect()
}

fn known_bad(figures: &Figures) -> Vec<KnownBad> {
    let periods = figures.known_bad_in(&figures.period);
    let periods = periods.into_iter().map(|(from, to, reason)| KnownBad {
        first_day: from.to_string(),
        last_day: to.to_string(),
        reason: reason.to_owned(),
    });
    periods.collect()
}

fn definitions() -> Vec<Defined> {
    let all = catalogue().into_iter();
    all.map(|definition| Defined {
        since: definition
            .version
            .last()
            .map_or(definition.since, |version| version.from)
            .to_string(),
        id: definition.id,
        definition: definition.definition,
    })
    .collect()
}
