//! SQL over the lake: the DataFusion session, functions of our own, the query
//! files with their contracts.

mod contract;
mod functions;
pub mod marts;
mod people;
mod session;

pub use contract::{Contract, Measure, OutputColumn, Parameter};
pub use session::{Argument, Session};

use crate::lake::Kind;
use chrono::NaiveDate;
use serde::Serialize;

/// A value of a result.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// No value.
    Null,
    /// UTF-8.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// A day.
    Date(NaiveDate),
}

/// A result before the disclosure control: not for any output.
pub struct RawTable {
    /// What the columns are.
    pub columns: Vec<OutputColumn>,
    /// Rows in the order of the query.
    pub rows: Vec<Vec<Cell>>,
}

/// The query files of indicators, by name.
pub const INDICATORS: &[(&str, &str)] = &[
    ("usage", include_str!("../../queries/indicators/usage.sql")),
    (
        "weekly",
        include_str!("../../queries/indicators/weekly.sql"),
    ),
    ("hours", include_str!("../../queries/indicators/hours.sql")),
    (
        "services",
        include_str!("../../queries/indicators/services.sql"),
    ),
    (
        "devices",
        include_str!("../../queries/indicators/devices.sql"),
    ),
    (
        "constant_perimeter",
        include_str!("../../queries/indicators/constant_perimeter.sql"),
    ),
    (
        "equity",
        include_str!("../../queries/indicators/equity.sql"),
    ),
    (
        "tickets",
        include_str!("../../queries/indicators/tickets.sql"),
    ),
    (
        "ticket_reasons",
        include_str!("../../queries/indicators/ticket_reasons.sql"),
    ),
    (
        "quality",
        include_str!("../../queries/indicators/quality.sql"),
    ),
    (
        "outages",
        include_str!("../../queries/indicators/outages.sql"),
    ),
    (
        "coverage",
        include_str!("../../queries/indicators/coverage.sql"),
    ),
    (
        "coverage_days",
        include_str!("../../queries/indicators/coverage_days.sql"),
    ),
    (
        "coverage_hours",
        include_str!("../../queries/indicators/coverage_hours.sql"),
    ),
    (
        "establishments",
        include_str!("../../queries/indicators/establishments.sql"),
    ),
    (
        "territory_weeks",
        include_str!("../../queries/indicators/territory_weeks.sql"),
    ),
    (
        "spread",
        include_str!("../../queries/indicators/spread.sql"),
    ),
    ("peaks", include_str!("../../queries/indicators/peaks.sql")),
    (
        "latency",
        include_str!("../../queries/indicators/latency.sql"),
    ),
    (
        "logins",
        include_str!("../../queries/indicators/logins.sql"),
    ),
    (
        "provider_comparison",
        include_str!("../../queries/indicators/provider_comparison.sql"),
    ),
    ("cells", include_str!("../../queries/indicators/cells.sql")),
    (
        "durations",
        include_str!("../../queries/indicators/durations.sql"),
    ),
    (
        "months",
        include_str!("../../queries/indicators/months.sql"),
    ),
    (
        "frequency",
        include_str!("../../queries/indicators/frequency.sql"),
    ),
    (
        "active_establishments",
        include_str!("../../queries/indicators/active_establishments.sql"),
    ),
    (
        "moments",
        include_str!("../../queries/indicators/moments.sql"),
    ),
    ("types", include_str!("../../queries/indicators/types.sql")),
    ("trend", include_str!("../../queries/indicators/trend.sql")),
    (
        "simultaneous",
        include_str!("../../queries/indicators/simultaneous.sql"),
    ),
];

/// What several indicators read and no file keeps: it depends on the calendar.
pub const VIEWS: &[(&str, &str)] = &[
    (
        "expected_hours",
        include_str!("../../queries/views/expected_hours.sql"),
    ),
    (
        "place_nodes",
        include_str!("../../queries/views/place_nodes.sql"),
    ),
    (
        "establishment_groups",
        include_str!("../../queries/views/establishment_groups.sql"),
    ),
];

/// The marts, in the order in which they are made.
pub const MARTS: &[(&str, &str)] = &[
    ("minutes", include_str!("../../queries/marts/minutes.sql")),
    (
        "source_hours",
        include_str!("../../queries/marts/source_hours.sql"),
    ),
    (
        "current_tickets",
        include_str!("../../queries/marts/current_tickets.sql"),
    ),
    (
        "account_periods",
        include_str!("../../queries/marts/account_periods.sql"),
    ),
    (
        "counted_requests",
        include_str!("../../queries/marts/counted_requests.sql"),
    ),
    ("visits", include_str!("../../queries/marts/visits.sql")),
    (
        "visit_places",
        include_str!("../../queries/marts/visit_places.sql"),
    ),
    (
        "visit_services",
        include_str!("../../queries/marts/visit_services.sql"),
    ),
    (
        "account_places",
        include_str!("../../queries/marts/account_places.sql"),
    ),
    ("persons", include_str!("../../queries/marts/persons.sql")),
    ("day_sets", include_str!("../../queries/marts/day_sets.sql")),
];

/// The contract of an indicator's query; the error says what is near.
pub fn indicator(name: &str) -> Result<Contract, String> {
    let found = INDICATORS.iter().find(|(known, _)| *known == name);
    let Some((_, sql)) = found else {
        let near = INDICATORS
            .iter()
            .min_by_key(|(known, _)| strsim::damerau_levenshtein(known, name));
        let names: Vec<&str> = INDICATORS.iter().map(|(known, _)| *known).collect();
        return Err(format!(
            "unknown query `{name}`; did you mean `{}`?\nhint: queries are {}",
            near.map_or("", |(known, _)| known),
            names.join(", ")
        ));
    };
    Contract::parse(&format!("queries/indicators/{name}.sql"), sql)
}

/// Whether a kind fits the type of a column of a plan.
fn fits(kind: Kind, data_type: &arrow::datatypes::DataType) -> bool {
    use arrow::datatypes::DataType as T;
    match kind {
        Kind::Text => matches!(data_type, T::Utf8 | T::LargeUtf8 | T::Utf8View),
        Kind::Date => matches!(data_type, T::Date32),
        Kind::Instant => matches!(data_type, T::Timestamp(_, _)),
        Kind::Pseudonym => matches!(data_type, T::UInt64),
        Kind::Integer => matches!(data_type, T::Int64 | T::Int32 | T::UInt64),
        Kind::Real => matches!(data_type, T::Float64),
        Kind::Set => matches!(data_type, T::Binary | T::BinaryView | T::LargeBinary),
    }
}
