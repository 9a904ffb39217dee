//! Assistance: tickets and their histories in the dialects of the tools. Free text
//! is not part of a ticket here: subject, description and names have no field to
//! go to.

mod cells;
pub mod records;
mod sheet;
pub mod support;
mod tools;

pub use sheet::{Export, Sheet};
pub use tools::{Changed, DateOrder, Field, HistoryField, Tools};

use crate::domain::Role;
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not yet taken.
    New,
    /// Being worked on.
    Open,
    /// Waiting for the requester.
    Waiting,
    /// Solved, not yet closed.
    Resolved,
    /// Closed.
    Closed,
    /// Withdrawn, merged, refused: nothing was solved.
    Cancelled,
}

impl Status {
    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nobody works on it any more.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed | Self::Cancelled)
    }
}

/// From 1 (very low) to 6 (major), as GLPI numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority(pub u8);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketKind {
    /// Something does not work.
    Incident,
    /// Something is wished.
    Request,
}

impl TicketKind {
    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Request => "request",
        }
    }
}

/// A ticket of a helpdesk that another ticket names.
#[derive(Clone, PartialEq, Eq)]
pub struct Reference {
    /// The helpdesk, where the reference names it (`academie/123`).
    pub helpdesk: Option<String>,
    /// The id in it.
    pub id: String,
}

/// One ticket, without its text.
pub struct Ticket {
    /// The tool's id.
    pub id: String,
    /// When it was opened.
    pub opened: DateTime<Utc>,
    /// When somebody of the service first answered or took it.
    pub first_response: Option<DateTime<Utc>>,
    /// When it was solved; the support module gives its last change.
    pub resolved: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed: Option<DateTime<Utc>>,
    /// Where it stands.
    pub status: Status,
    /// What it is about.
    pub category: Option<String>,
    /// Who asked.
    pub role: Option<Role>,
    /// The establishment's name or the entity.
    pub structure: Option<String>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// Incident or request.
    pub kind: Option<TicketKind>,
    /// The highest level of its groups (`Assistance N2`), 0 to 3.
    pub level: Option<u8>,
    /// How it came.
    pub channel: Option<String>,
    /// From 1 to 5.
    pub satisfaction: Option<u8>,
    /// The ticket that this one continues.
    pub escalated_from: Option<Reference>,
    /// The ticket that continues this one.
    pub escalated_to: Option<Reference>,
}

/// One change of a ticket.
pub struct Change {
    /// The id of the ticket.
    pub ticket: String,
    /// When.
    pub time: DateTime<Utc>,
    /// What it became.
    pub to: Becomes,
}

/// What a change makes of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// Another status.
    Status(Status),
    /// The work of a level.
    Level(u8),
    /// Answered.
    Answered,
    /// Sent to another tool.
    Escalated,
}
