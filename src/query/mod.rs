//! SQL over the lake: the DataFusion session, functions of our own, the query
//! files with their contracts.

mod contract;
mod functions;
pub mod marts;
mod opening;
mod people;
mod prepared;
mod session;
mod texts;

pub use contract::{CellColumn, Contract, Measure, OutputColumn, Parameter, Ties, Total};
pub use session::{Argument, Origin, Session};

use crate::lake::{Kind, Table};
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
#[derive(Clone)]
pub struct RawTable {
    /// What the columns are.
    pub columns: Vec<OutputColumn>,
    /// From what a cell can be computed.
    pub ties: Ties,
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
        "assistance_months",
        include_str!("../../queries/indicators/assistance_months.sql"),
    ),
    (
        "assistance_work",
        include_str!("../../queries/indicators/assistance_work.sql"),
    ),
    (
        "assistance_delays",
        include_str!("../../queries/indicators/assistance_delays.sql"),
    ),
    (
        "assistance_compliance",
        include_str!("../../queries/indicators/assistance_compliance.sql"),
    ),
    (
        "assistance_cohort",
        include_str!("../../queries/indicators/assistance_cohort.sql"),
    ),
    (
        "assistance_backlog",
        include_str!("../../queries/indicators/assistance_backlog.sql"),
    ),
    (
        "assistance_matrix",
        include_str!("../../queries/indicators/assistance_matrix.sql"),
    ),
    (
        "assistance_quality",
        include_str!("../../queries/indicators/assistance_quality.sql"),
    ),
    (
        "assistance_breakdown",
        include_str!("../../queries/indicators/assistance_breakdown.sql"),
    ),
    (
        "assistance_weeks",
        include_str!("../../queries/indicators/assistance_weeks.sql"),
    ),
    (
        "assistance_incidents",
        include_str!("../../queries/indicators/assistance_incidents.sql"),
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
        "unusual_silences",
        include_str!("../../queries/indicators/unusual_silences.sql"),
    ),
    (
        "effects",
        include_str!("../../queries/indicators/effects.sql"),
    ),
    (
        "convention",
        include_str!("../../queries/indicators/convention.sql"),
    ),
    (
        "communications",
        include_str!("../../queries/indicators/communications.sql"),
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
        "school_days",
        include_str!("../../queries/indicators/school_days.sql"),
    ),
    (
        "latency_hours",
        include_str!("../../queries/indicators/latency_hours.sql"),
    ),
    (
        "latency",
        include_str!("../../queries/indicators/latency.sql"),
    ),
    (
        "logins",
        include_str!("../../queries/indicators/logins.sql"),
    ),
    (
        "national_comparison",
        include_str!("../../queries/indicators/national_comparison.sql"),
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
    (
        "surveys",
        include_str!("../../queries/indicators/surveys.sql"),
    ),
];

/// The query files of dashboards, by name: the cells that its filters choose from.
pub const DASHBOARD: &[(&str, &str)] = &[
    (
        "cube_establishments",
        include_str!("../../queries/dashboard/cube_establishments.sql"),
    ),
    (
        "cube_usage",
        include_str!("../../queries/dashboard/cube_usage.sql"),
    ),
    (
        "cube_places",
        include_str!("../../queries/dashboard/cube_places.sql"),
    ),
    (
        "cube_weeks",
        include_str!("../../queries/dashboard/cube_weeks.sql"),
    ),
    (
        "cube_place_weeks",
        include_str!("../../queries/dashboard/cube_place_weeks.sql"),
    ),
    (
        "cube_services",
        include_str!("../../queries/dashboard/cube_services.sql"),
    ),
    (
        "cube_place_services",
        include_str!("../../queries/dashboard/cube_place_services.sql"),
    ),
    (
        "cube_devices",
        include_str!("../../queries/dashboard/cube_devices.sql"),
    ),
    (
        "cube_place_devices",
        include_str!("../../queries/dashboard/cube_place_devices.sql"),
    ),
    (
        "cube_hours",
        include_str!("../../queries/dashboard/cube_hours.sql"),
    ),
    (
        "cube_equity",
        include_str!("../../queries/dashboard/cube_equity.sql"),
    ),
];

/// What several indicators read and no file keeps: it depends on the calendar
/// or on the perimeters.
pub const VIEWS: &[(&str, &str)] = &[
    (
        "day_kinds",
        include_str!("../../queries/views/day_kinds.sql"),
    ),
    (
        "seen_outages",
        include_str!("../../queries/views/seen_outages.sql"),
    ),
    ("silences", include_str!("../../queries/views/silences.sql")),
    (
        "visit_moments",
        include_str!("../../queries/views/visit_moments.sql"),
    ),
    (
        "expected_hours",
        include_str!("../../queries/views/expected_hours.sql"),
    ),
    (
        "dashboard_cells",
        include_str!("../../queries/views/dashboard_cells.sql"),
    ),
    (
        "request_nodes",
        include_str!("../../queries/views/request_nodes.sql"),
    ),
    (
        "place_nodes",
        include_str!("../../queries/views/place_nodes.sql"),
    ),
    (
        "place_sets",
        include_str!("../../queries/views/place_sets.sql"),
    ),
    (
        "user_kinds",
        include_str!("../../queries/views/user_kinds.sql"),
    ),
    (
        "kind_cells",
        include_str!("../../queries/views/kind_cells.sql"),
    ),
    (
        "kind_sets",
        include_str!("../../queries/views/kind_sets.sql"),
    ),
    (
        "establishment_groups",
        include_str!("../../queries/views/establishment_groups.sql"),
    ),
];

/// What `entobs check` looks at: name, title, query. A row is a finding.
pub const CHECKS: &[(&str, &str, &str)] = &[
    (
        "unknown_accounts",
        "requests of accounts that no directory tells on that day",
        include_str!("../../queries/checks/unknown_accounts.sql"),
    ),
    (
        "unknown_establishments",
        "establishments of directories that are not in the school list",
        include_str!("../../queries/checks/unknown_establishments.sql"),
    ),
    (
        "unnamed_structures",
        "structures with people of which no delivery says the UAI",
        include_str!("../../queries/checks/unnamed_structures.sql"),
    ),
    (
        "unplaced_accounts",
        "accounts without establishment",
        include_str!("../../queries/checks/unplaced_accounts.sql"),
    ),
];

/// The tree and the perimeters.
pub const TERRITORY: &[(&str, &str)] = &[
    ("tree", include_str!("../../queries/territory/tree.sql")),
    (
        "perimeters",
        include_str!("../../queries/territory/perimeters.sql"),
    ),
    (
        "coverage_by_partners",
        include_str!("../../queries/territory/coverage_by_partners.sql"),
    ),
];

/// What the register of cells is made of.
pub const REGISTER: &[(&str, &str)] = &[
    (
        "accounts",
        include_str!("../../queries/register/accounts.sql"),
    ),
    (
        "visitors",
        include_str!("../../queries/register/visitors.sql"),
    ),
    ("parts", include_str!("../../queries/register/parts.sql")),
    (
        "services",
        include_str!("../../queries/register/services.sql"),
    ),
];

/// The marts, in the order in which they are made.
pub const MARTS: &[(&str, &str)] = &[
    (
        "current_tickets",
        include_str!("../../queries/marts/current_tickets.sql"),
    ),
    (
        "ticket_paths",
        include_str!("../../queries/marts/ticket_paths.sql"),
    ),
    (
        "ticket_spans",
        include_str!("../../queries/marts/ticket_spans.sql"),
    ),
    (
        "request_spans",
        include_str!("../../queries/marts/request_spans.sql"),
    ),
    (
        "request_steps",
        include_str!("../../queries/marts/request_steps.sql"),
    ),
    (
        "assistance_requests",
        include_str!("../../queries/marts/assistance_requests.sql"),
    ),
    (
        "directory_reach",
        include_str!("../../queries/marts/directory_reach.sql"),
    ),
    (
        "account_spans",
        include_str!("../../queries/marts/account_spans.sql"),
    ),
    (
        "account_periods",
        include_str!("../../queries/marts/account_periods.sql"),
    ),
    (
        "attachment_spans",
        include_str!("../../queries/marts/attachment_spans.sql"),
    ),
    (
        "structure_names",
        include_str!("../../queries/marts/structure_names.sql"),
    ),
    (
        "place_spans",
        include_str!("../../queries/marts/place_spans.sql"),
    ),
    (
        "account_places",
        include_str!("../../queries/marts/account_places.sql"),
    ),
    ("minutes", include_str!("../../queries/marts/minutes.sql")),
    (
        "source_hours",
        include_str!("../../queries/marts/source_hours.sql"),
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
        "visit_sets",
        include_str!("../../queries/marts/visit_sets.sql"),
    ),
    (
        "visit_services",
        include_str!("../../queries/marts/visit_services.sql"),
    ),
    ("persons", include_str!("../../queries/marts/persons.sql")),
    ("day_sets", include_str!("../../queries/marts/day_sets.sql")),
];

/// What stays of lines whose retention is over, by the table that keeps it.
pub const KEPT: &[(Table, &str)] = &[
    (
        Table::PastVisits,
        include_str!("../../queries/kept/past_visits.sql"),
    ),
    (
        Table::PastVisitServices,
        include_str!("../../queries/kept/past_visit_services.sql"),
    ),
    (
        Table::PastMinutes,
        include_str!("../../queries/kept/past_minutes.sql"),
    ),
    (
        Table::PastSourceHours,
        include_str!("../../queries/kept/past_source_hours.sql"),
    ),
];

/// The contract of a query of the register of cells.
pub fn register_query(name: &str) -> Result<Contract, String> {
    let found = REGISTER.iter().find(|(known, _)| *known == name);
    let (_, sql) = found.ok_or_else(|| format!("no query `{name}` of the register"))?;
    Contract::parse(&format!("queries/register/{name}.sql"), sql)
}

/// The contract of an indicator's query; the error says what is near.
pub fn indicator(name: &str) -> Result<Contract, String> {
    let all = || INDICATORS.iter().chain(DASHBOARD);
    let folder = match INDICATORS.iter().any(|(known, _)| *known == name) {
        true => "indicators",
        false => "dashboard",
    };
    let Some((_, sql)) = all().find(|(known, _)| *known == name) else {
        let near = all().min_by_key(|(known, _)| strsim::damerau_levenshtein(known, name));
        let names: Vec<&str> = all().map(|(known, _)| *known).collect();
        return Err(format!(
            "unknown query `{name}`; did you mean `{}`?\nhint: queries are {}",
            near.map_or("", |(known, _)| known),
            names.join(", ")
        ));
    };
    Contract::parse(&format!("queries/{folder}/{name}.sql"), sql)
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
