//! The tables of the lake: names and columns are a contract with whoever
//! writes SQL on them.

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// A local day.
    Date,
    /// An instant, milliseconds, UTC.
    Instant,
    /// A pseudonym.
    Pseudonym,
    /// A whole number.
    Integer,
    /// A real number.
    Real,
    /// An exact set of people; of marts only.
    Set,
}

impl Kind {
    /// As Arrow holds it.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            Self::Pseudonym => DataType::UInt64,
            Self::Integer => DataType::Int64,
            Self::Real => DataType::Float64,
            Self::Set => DataType::Binary,
        }
    }
}

/// A column: name and type. Every column may be null.
#[derive(Clone, Copy, Debug)]
pub struct Column(pub &'static str, pub Kind);

/// A table of the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// One row a request of an access log.
    Requests,
    /// One row an event of the platform.
    Events,
    /// One row a delivery of a directory and category of what it tells.
    DirectorySnapshots,
    /// One row an account told by a delivery of a directory.
    Accounts,
    /// One row an account and structure told by a delivery.
    Attachments,
    /// One row a pupil and legal relative told by a delivery.
    Kinships,
    /// One row a structure told by a delivery.
    Structures,
    /// One row an account of the platform's own export.
    PlatformAccounts,
    /// One row an establishment of the school list.
    Establishments,
    /// One row a ticket.
    Tickets,
    /// One row a change of a ticket.
    TicketChanges,
    /// One row a field of a register's row.
    Registers,
    /// One row a count of the provider's statistics.
    ProviderStatistics,
    /// One row an establishment, week and group of visits of the national measure.
    NationalUsage,
    /// One row a line of the login path's audit: an authentication, a ticket.
    Logins,
    /// One row a visit of which the requests are gone.
    PastVisits,
    /// One row a visit of which the requests are gone and service.
    PastVisitServices,
    /// One row a path and minute with answers, of days without requests any more.
    PastMinutes,
    /// One row a front-end and hour with lines, of days without requests any more.
    PastSourceHours,
}

use Kind::{Date, Instant, Integer, Pseudonym, Real, Text};

impl Table {
    /// All tables.
    pub const ALL: [Self; 19] = [
        Self::Requests,
        Self::Events,
        Self::DirectorySnapshots,
        Self::Accounts,
        Self::Attachments,
        Self::Kinships,
        Self::Structures,
        Self::PlatformAccounts,
        Self::Establishments,
        Self::Tickets,
        Self::TicketChanges,
        Self::Registers,
        Self::ProviderStatistics,
        Self::NationalUsage,
        Self::Logins,
        Self::PastVisits,
        Self::PastVisitServices,
        Self::PastMinutes,
        Self::PastSourceHours,
    ];

    /// The name in SQL and of the folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Events => "events",
            Self::DirectorySnapshots => "directory_snapshots",
            Self::Accounts => "accounts",
            Self::Attachments => "attachments",
            Self::Kinships => "kinships",
            Self::Structures => "structures",
            Self::PlatformAccounts => "platform_accounts",
            Self::Establishments => "establishments",
            Self::Tickets => "tickets",
            Self::TicketChanges => "ticket_changes",
            Self::Registers => "registers",
            Self::ProviderStatistics => "provider_statistics",
            Self::NationalUsage => "national_usage",
            Self::Logins => "logins",
            Self::PastVisits => "past_visits",
            Self::PastVisitServices => "past_visit_services",
            Self::PastMinutes => "past_minutes",
            Self::PastSourceHours => "past_source_hours",
        }
    }

    /// The folder of its files, from the root of the lake.
    pub(super) fn folder(self, day: Option<NaiveDate>) -> String {
        match day {
            Some(day) => format!("{}/day={day}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Its columns, in order.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Requests => &[
                Column("school_year", Text),
                Column("day", Date),
                Column("time", Instant),
                Column("front_end", Text),
                Column("account", Pseudonym),
                Column("kind", Text),
                Column("service", Text),
                Column("device", Text),
                Column("status", Integer),
                Column("duration_us", Integer),
                Column("line_hash", Pseudonym),
            ],
            Self::Events => &[
                Column("school_year", Text),
                Column("day", Date),
                Column("time", Instant),
                Column("platform_account", Pseudonym),
                Column("event_type", Text),
                Column("module", Text),
                Column("service", Text),
                Column("role", Text),
                Column("line_hash", Pseudonym),
            ],
            Self::DirectorySnapshots => DIRECTORY_SNAPSHOTS,
            Self::Accounts => ACCOUNTS,
            Self::Attachments => ATTACHMENTS,
            Self::Kinships => KINSHIPS,
            Self::Structures => STRUCTURES,
            Self::PlatformAccounts => &[
                Column("school_year", Text),
                Column("snapshot", Date),
                Column("account", Pseudonym),
                Column("platform_account", Pseudonym),
                Column("activated_on", Date),
            ],
            Self::Establishments => ESTABLISHMENTS,
            Self::Tickets => TICKETS,
            Self::TicketChanges => TICKET_CHANGES,
            Self::Registers => &[
                Column("register", Text),
                Column("row", Integer),
                Column("field", Text),
                Column("value", Text),
            ],
            Self::ProviderStatistics => PROVIDER_STATISTICS,
            Self::NationalUsage => NATIONAL_USAGE,
            Self::Logins => &[
                Column("school_year", Text),
                Column("day", Date),
                Column("time", Instant),
                Column("source", Text),
                Column("account", Pseudonym),
                Column("outcome", Text),
                Column("duration_ms", Integer),
                Column("line_hash", Pseudonym),
            ],
            Self::PastVisits => PAST_VISITS,
            Self::PastVisitServices => &[
                Column("school_year", Text),
                Column("account", Pseudonym),
                Column("start_time", Instant),
                Column("service", Text),
            ],
            Self::PastMinutes => &[
                Column("path", Text),
                Column("day", Date),
                Column("minute", Integer),
                Column("requests", Integer),
                Column("failures", Integer),
            ],
            Self::PastSourceHours => &[
                Column("front_end", Text),
                Column("day", Date),
                Column("hour", Integer),
                Column("requests", Integer),
                Column("minutes", Integer),
                Column("signed_in", Integer),
                Column("unknown", Integer),
            ],
        }
    }

    /// Whether a column holds pseudonyms of people: not every keyed number does.
    pub fn is_of_people(Column(name, kind): &Column) -> bool {
        *kind == Kind::Pseudonym && ["account", "platform_account", "parent"].contains(name)
    }

    /// The Arrow schema.
    pub fn schema(self) -> Arc<Schema> {
        let fields: Vec<Field> = self
            .columns()
            .iter()
            .map(|Column(name, kind)| Field::new(*name, kind.data_type(), true))
            .collect();
        Arc::new(Schema::new(fields))
    }
}

const PAST_VISITS: &[Column] = &[
    Column("school_year", Text),
    Column("account", Pseudonym),
    Column("day", Date),
    Column("start_time", Instant),
    Column("end_time", Instant),
    Column("requests", Integer),
    Column("page_views", Integer),
    Column("duration_s", Integer),
    Column("device", Text),
];

/// `delivery` is `complete` or `delta`.
const DIRECTORY_SNAPSHOTS: &[Column] = &[
    Column("source", Text),
    Column("feed", Text),
    Column("school_year", Text),
    Column("snapshot", Date),
    Column("category", Text),
    Column("delivery", Text),
];

/// `change` is `present` or `left`. A delta that does not tell the role has none.
const ACCOUNTS: &[Column] = &[
    Column("source", Text),
    Column("feed", Text),
    Column("school_year", Text),
    Column("snapshot", Date),
    Column("category", Text),
    Column("account", Pseudonym),
    Column("change", Text),
    Column("role", Text),
    Column("profile", Text),
];

/// `told_by` is `attachment` or `function`. A row without structure empties
/// what was told before.
const ATTACHMENTS: &[Column] = &[
    Column("source", Text),
    Column("feed", Text),
    Column("school_year", Text),
    Column("snapshot", Date),
    Column("category", Text),
    Column("account", Pseudonym),
    Column("told_by", Text),
    Column("structure", Text),
];

/// A row without parent empties what was told before.
const KINSHIPS: &[Column] = &[
    Column("source", Text),
    Column("feed", Text),
    Column("school_year", Text),
    Column("snapshot", Date),
    Column("account", Pseudonym),
    Column("parent", Pseudonym),
];

/// `structure` is the join key, unique inside a source.
const STRUCTURES: &[Column] = &[
    Column("source", Text),
    Column("feed", Text),
    Column("snapshot", Date),
    Column("structure", Text),
    Column("uai", Text),
    Column("name", Text),
    Column("type", Text),
];

const ESTABLISHMENTS: &[Column] = &[
    Column("uai", Text),
    Column("name", Text),
    Column("level", Text),
    Column("type", Text),
    Column("nature", Integer),
    Column("sector", Text),
    Column("ministry", Text),
    Column("departement", Text),
    Column("academie", Text),
    Column("insee", Text),
    Column("commune", Text),
    Column("roll", Integer),
    Column("ips", Real),
    Column("priority", Text),
    Column("area", Text),
    Column("latitude", Real),
    Column("longitude", Real),
    Column("deployed_from", Date),
    Column("deployed_to", Date),
];

const PROVIDER_STATISTICS: &[Column] = &[
    Column("source", Text),
    Column("level", Text),
    Column("frequency", Text),
    Column("uai", Text),
    Column("period_start", Date),
    Column("role", Text),
    Column("measure", Text),
    Column("service", Text),
    Column("device", Text),
    Column("value", Integer),
    Column("about", Pseudonym),
];

/// `role` is `all` for all profiles; `device` and `service` are empty where all are told
/// together. `week` is its Monday.
const NATIONAL_USAGE: &[Column] = &[
    Column("week", Date),
    Column("uai", Text),
    Column("role", Text),
    Column("device", Text),
    Column("service", Text),
    Column("visits", Integer),
    Column("visitors", Integer),
    Column("duration_s", Integer),
];

const TICKETS: &[Column] = &[
    Column("helpdesk", Text),
    Column("ticket", Pseudonym),
    Column("opened", Instant),
    Column("opened_day", Date),
    Column("first_response", Instant),
    Column("resolved", Instant),
    Column("closed", Instant),
    Column("status", Text),
    Column("category", Text),
    Column("role", Text),
    Column("structure", Text),
    Column("uai", Text),
    Column("priority", Integer),
    Column("kind", Text),
    Column("level", Integer),
    Column("channel", Text),
    Column("satisfaction", Integer),
    Column("from_helpdesk", Text),
    Column("from_ticket", Pseudonym),
    Column("to_helpdesk", Text),
    Column("to_ticket", Pseudonym),
];

const TICKET_CHANGES: &[Column] = &[
    Column("helpdesk", Text),
    Column("ticket", Pseudonym),
    Column("time", Instant),
    Column("change", Text),
    Column("status", Text),
    Column("level", Integer),
];
