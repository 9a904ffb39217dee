//! The catalogue of definitions, and the figures that a deliverable needs:
//! every table protected, ready to be shown.

mod cube;
mod figures;
mod secrets;
mod shelf;
mod terms;

pub use cube::{Cube, CubePeriod, CubeTable, compute_cube};
pub use figures::{Figures, RegisterRow, Scope, compute};
pub(crate) use figures::{reference, school_year_before, year_before};
pub use secrets::Secrets;
pub use terms::{Note, Terms};

use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

const CATALOGUE: &str = include_str!("catalogue.toml");

/// One definition.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// On the command line and in the workbook.
    pub id: String,
    /// Shown.
    pub label: String,
    /// Shown.
    pub unit: String,
    /// A sentence in French.
    pub definition: String,
    /// Over what it can be added up.
    pub adds: String,
    /// How it is computed, in French.
    pub formula: String,
    /// What one figure is about, in French.
    pub grain: String,
    /// The query files that give it.
    pub queries: Vec<String>,
    /// The first day that can be told by it.
    #[serde(deserialize_with = "day")]
    pub since: NaiveDate,
    /// Changes of the definition, the oldest first.
    #[serde(default)]
    pub version: Vec<Version>,
}

/// A change of a definition.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The first day that is told by it.
    #[serde(deserialize_with = "day")]
    pub from: NaiveDate,
    /// A sentence in French.
    pub change: String,
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?;
    date.to_string().parse().map_err(D::Error::custom)
}

#[derive(Deserialize)]
struct File {
    indicator: Vec<Definition>,
}

/// All definitions.
pub fn catalogue() -> Vec<Definition> {
    let file: File = toml::from_str(CATALOGUE).expect("the built-in catalogue is right");
    file.indicator
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::INDICATORS;
    use std::collections::BTreeSet;

    #[test]
    fn every_query_has_a_definition_and_every_definition_a_query() {
        let all = catalogue();
        let ids: BTreeSet<&str> = all.iter().map(|d| d.id.as_str()).collect();
        assert_eq!(ids.len(), all.len(), "an id is used twice");
        let queries: BTreeSet<&str> = INDICATORS.iter().map(|(name, _)| *name).collect();
        let defined: BTreeSet<&str> = all
            .iter()
            .flat_map(|d| d.queries.iter().map(String::as_str))
            .collect();
        assert_eq!(queries, defined);
        for definition in &all {
            assert!(!definition.queries.is_empty(), "{}", definition.id);
            let ends = definition.definition.ends_with('.');
            assert!(ends, "{}: a sentence ends with a full stop", definition.id);
        }
    }
}
