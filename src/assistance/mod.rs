//! Assistance: tickets in the dialects of the tools. Free text is not part of
//! a ticket here: subject, description and names have no field to go to.

pub mod glpi;
pub mod support;

use crate::domain::Role;
use chrono::{DateTime, Utc};

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        }
    }

    /// A label or a code of GLPI or of the support module, French or English.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('_').trim().to_lowercase();
        Some(match text.as_str() {
            "1" | "nouveau" | "new" => Self::New,
            "2"
            | "3"
            | "ouvert"
            | "open"
            | "en cours"
            | "en cours (attribué)"
            | "en cours (planifié)"
            | "processing (assigned)"
            | "processing (planned)" => Self::Open,
            "4" | "en attente" | "en attente utilisateur" | "pending" => Self::Waiting,
            "5" | "résolu" | "solved" | "resolved" => Self::Resolved,
            "6" | "clos" | "fermé" | "clôturé" | "closed" => Self::Closed,
            _ => return None,
        })
    }
}

/// One ticket, without its text.
pub struct Ticket {
    /// The tool's id.
    pub id: String,
    /// When it was opened.
    pub opened: DateTime<Utc>,
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
    /// As exported.
    pub priority: Option<String>,
    /// Incident or request.
    pub kind: Option<String>,
    /// The level that solves it, where the group says so (`N1`).
    pub level: Option<String>,
}
