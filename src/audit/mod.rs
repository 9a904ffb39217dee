//! What a reader with all deliverables at hand can compute of what they hide. It reads the
//! files as they were written and knows nothing of how cells were chosen to be hidden.
//!
//! Looked at today: accounts, activated accounts, visitors and visits by territory,
//! establishment, level, type, sector and role, in the tables as CSV and in the data inside the
//! dashboards of any number of deliverables of any period. Secret cells are bounded line by line
//! (`privacy::deduction`), those of the tables also by linear programming over all lines together.
//! Workbooks are held against the tables of their deliverable, and every readable file is searched
//! for what names a person. Not yet: services, devices, weeks, assistance and the numbers of texts
//! (the tables say the same: a test of deliverables compares them).

mod board;
mod published;
mod system;
mod traces;
mod twins;

pub use board::{Board, Said};
pub use published::{Dashboard, Deliverable, Table, read};
pub(crate) use published::{MANIFEST, manifests_under};
pub use traces::{Pseudonyms, traces};

use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How a secret shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Two files tell two values of one cell.
    TwoValues,
    /// One file hides what another one shows.
    ShownElsewhere,
    /// A file shows a count of people, or the rest of one, under the threshold.
    UnderThreshold,
    /// The files leave one value only.
    Exact,
    /// The files leave fewer values than the threshold.
    Narrow,
    /// The files leave small values only.
    Small,
    /// The workbook shows another number than the table.
    OtherInWorkbook,
    /// A file holds what names a person.
    Personal,
}

impl Fault {
    /// In words.
    pub fn french(self) -> &'static str {
        match self {
            Self::TwoValues => "deux valeurs dans deux fichiers",
            Self::ShownElsewhere => "masquée dans un fichier, montrée dans un autre",
            Self::UnderThreshold => "montrée bien qu’elle ou son complément soit sous le seuil",
            Self::Exact => "secrète, mais calculable exactement",
            Self::Narrow => "secrète, mais connue à moins du seuil près",
            Self::Small => "secrète, mais connue comme inférieure au seuil",
            Self::OtherInWorkbook => "nombre du classeur que la table ne montre pas",
            Self::Personal => "donnée qui désigne une personne",
        }
    }
}

/// A cell that is not as secret as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The cell: territory, period, measure, level, role.
    pub cell: String,
    /// What is wrong.
    pub fault: Fault,
    /// The least that the cell can be.
    pub low: f64,
    /// The most; none where nothing bounds it.
    pub high: Option<f64>,
    /// The files that hold the cell.
    pub files: Vec<String>,
}

/// What was looked at and what was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Audit {
    /// Deliverables read.
    pub deliverables: usize,
    /// Tables with cells of people.
    pub tables: usize,
    /// Cells of people, each once.
    pub cells: usize,
    /// Of them, secret ones, each bounded by linear programming.
    pub secret: usize,
    /// In the order of the cells.
    pub findings: Vec<Finding>,
}

/// Audits all deliverables under some folders, together: partners read each other's. The
/// pseudonyms are those that no file may hold.
///
/// # Errors
/// A folder without deliverables, or a file that cannot be read, by name.
pub fn audit(folders: &[PathBuf], pseudonyms: &Pseudonyms) -> Result<Audit, String> {
    let mut audit = examine(&read(folders)?)?;
    for folder in folders {
        audit.findings.extend(traces(folder, pseudonyms)?);
    }
    Ok(audit)
}

/// Audits deliverables that were read.
///
/// # Errors
/// Cells of files that contradict each other.
pub fn examine(deliverables: &[Deliverable]) -> Result<Audit, String> {
    let mut told = system::Told::default();
    for deliverable in deliverables {
        told.take(deliverable);
    }
    let mut audit = Audit {
        deliverables: deliverables.len(),
        tables: told.tables(),
        cells: told.count(),
        secret: told.count_secret(),
        findings: told.contradictions(),
    };
    audit.findings.extend(told.under_threshold());
    audit.findings.extend(told.disclosed()?);
    audit.findings.extend(of_each_state(deliverables)?);
    // What one state of the lake tells, all together may tell too.
    let mut told = BTreeSet::new();
    audit
        .findings
        .retain(|found| told.insert((found.cell.clone(), found.fault)));
    audit
        .findings
        .extend(deliverables.iter().flat_map(twins::differences));
    audit.findings.sort_by(|a, b| a.cell.cmp(&b.cell));
    Ok(audit)
}

/// What the deliverables of each state of the lake tell by themselves: where a later state told
/// corrected values, nothing exact ties the values of both, but those of one state tell on.
fn of_each_state(deliverables: &[Deliverable]) -> Result<Vec<Finding>, String> {
    let states: BTreeSet<&str> = deliverables.iter().map(|d| d.lake.as_str()).collect();
    if states.len() < 2 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for state in states {
        let mut told = system::Told::default();
        for deliverable in deliverables.iter().filter(|d| d.lake == state) {
            told.take(deliverable);
        }
        found.extend(told.disclosed()?);
    }
    Ok(found)
}
