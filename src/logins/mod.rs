//! The audit of the login path: CAS (records over several lines, or one line
//! with `|`), the logs of the esup modules, Shibboleth IdP 2 to 5. Each record
//! says by its shape which of them wrote it. Tickets, services, addresses and
//! agents have no field to go to.

mod cas;
mod esup;
mod shibboleth;
mod time;

pub use cas::{Piece, Records};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// What a record of an audit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Someone gave the right credentials.
    Success,
    /// Someone did not.
    Failure,
    /// A session (ticket-granting ticket) began: one a login.
    Session,
    /// A session ended.
    SessionEnd,
    /// A session let its holder into a service: several a login.
    ServiceTicket,
    /// A service asked whether a ticket is good.
    Validation,
    /// The login page was shown.
    PageShown,
    /// Anything else.
    Other,
}

impl Outcome {
    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Session => "session",
            Self::SessionEnd => "session_end",
            Self::ServiceTicket => "service_ticket",
            Self::Validation => "validation",
            Self::PageShown => "page_shown",
            Self::Other => "other",
        }
    }

    /// An action of CAS (`AUTHENTICATION_SUCCESS`); `None` if the text is none.
    fn of_action(action: &str) -> Option<Self> {
        let shape = |c: char| c.is_ascii_uppercase() || c == '_';
        if !action.contains('_') || !action.chars().all(shape) {
            return None;
        }
        Some(match action {
            "AUTHENTICATION_SUCCESS" => Self::Success,
            "AUTHENTICATION_FAILED" => Self::Failure,
            "TICKET_GRANTING_TICKET_CREATED" => Self::Session,
            "TICKET_GRANTING_TICKET_DESTROYED" => Self::SessionEnd,
            "SERVICE_TICKET_CREATED" => Self::ServiceTicket,
            "SERVICE_TICKET_VALIDATE_SUCCESS" => Self::Validation,
            "AUTHENTICATION_EVENT_TRIGGERED" => Self::PageShown,
            _ => Self::Other,
        })
    }

    /// Whether the name in the record is that of an account. What was typed in
    /// vain may be anything, a password among others.
    fn names_an_account(self) -> bool {
        self != Self::Failure
    }
}

/// One record of an audit, before pseudonyms are made.
pub struct Login<'a> {
    /// When it was written.
    pub time: DateTime<Utc>,
    /// The account, if the record names one.
    pub account: Option<&'a str>,
    /// What it says.
    pub outcome: Outcome,
    /// From the request to the answer, milliseconds.
    pub duration_ms: Option<i64>,
}

/// Reads a record; `zone` is that of dates without offset. The error is the
/// reason of its reject.
pub fn read(record: &str, zone: Tz) -> Result<Login<'_>, &'static str> {
    if cas::is_record(record) {
        return cas::record(record, zone);
    }
    let line = cas::without_logger(record.trim());
    if line.starts_with('[') {
        return esup::service(line, zone);
    }
    if let Some(login) = esup::authentication(line, zone) {
        return login;
    }
    shibboleth::version_4(line, zone)
        .or_else(|| shibboleth::version_2(line))
        .unwrap_or_else(|| cas::line(line, zone))
}

/// The name of an account as the audits write it: bare, or in the `toString`
/// of a credential. `None` where nobody is named; what has the look of an
/// address is no name.
fn account(who: &str) -> Result<Option<&str>, &'static str> {
    let inside = who.trim().trim_start_matches('[').trim_end_matches(']');
    let name = inside.strip_prefix("username:").unwrap_or(inside).trim();
    if name.is_empty() || matches!(name, "audit:unknown" | "-" | "null" | "unknown") {
        return Ok(None);
    }
    match name.contains("://") {
        true => Err("account"),
        false => Ok(Some(name)),
    }
}

fn login<'a>(
    time: DateTime<Utc>,
    who: &'a str,
    outcome: Outcome,
) -> Result<Login<'a>, &'static str> {
    let account = if outcome.names_an_account() {
        account(who)?
    } else {
        None
    };
    Ok(Login {
        time,
        account,
        outcome,
        duration_ms: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::SCHOOLS;

    /// Time, account, outcome, duration.
    type Told<'a> = Result<(String, Option<&'a str>, Outcome, Option<i64>), &'static str>;

    fn told(record: &str) -> Told<'_> {
        read(record, SCHOOLS).map(|login| {
            let time = login.time.to_rfc3339();
            (time, login.account, login.outcome, login.duration_ms)
        })
    }

    fn wanted<'a>(
        time: &str,
        account: Option<&'a str>,
        outcome: Outcome,
        duration_ms: Option<i64>,
    ) -> Told<'a> {
        Ok((format!("{time}+00:00"), account, outcome, duration_ms))
    }

    #[test]
    fn lines_of_cas_and_esup() {
        let line = "eleve7|https://a|b|2025-11-03T08:00:07.5+01:00|SERVICE_TICKET_CREATED|192.0.2.1|10.0.0.1|unknown";
        assert_eq!(
            told(line),
            wanted(
                "2025-11-03T07:00:07.500",
                Some("eleve7"),
                Outcome::ServiceTicket,
                None
            )
        );
        let esup = "2025-11-03T08:00:07Z|eleve7|{service=x, ticketId=ST-1}|TICKET_GRANTING_TICKET_CREATED|192.0.2.1|10.0.0.1|";
        assert_eq!(
            told(esup),
            wanted(
                "2025-11-03T08:00:07",
                Some("eleve7"),
                Outcome::Session,
                None
            )
        );
        let bracket = "[Mon Nov 03 08:00:07 CET 2025] [IP:192.0.2.1] [ID:eleve7] [TICKET:ST-1] [SERVICE:https://a?b] [USER-AGENT:x]";
        assert_eq!(
            told(bracket),
            wanted(
                "2025-11-03T07:00:07",
                Some("eleve7"),
                Outcome::ServiceTicket,
                None
            )
        );
        assert_eq!(
            told(&bracket.replace("eleve7", "https://b/")).err(),
            Some("account")
        );
    }

    #[test]
    fn a_name_given_in_vain_is_not_kept() {
        let line = "Tue Jul 01 08:00:07 CEST 2025 - AUTHENTICATION_FAILED for '[username: secret]' from '192.0.2.1'";
        assert_eq!(
            told(line),
            wanted("2025-07-01T06:00:07", None, Outcome::Failure, None)
        );
        let right = line.replace("FAILED", "SUCCESS");
        assert_eq!(told(&right).unwrap().1, Some("secret"));
    }

    #[test]
    fn lines_of_shibboleth() {
        let old = "20251103T080007Z|b|_i|https://sp|p|https://idp|bb|_r|prof3|ac|attr|n|i|";
        assert_eq!(
            told(old),
            wanted("2025-11-03T08:00:07", Some("prof3"), Outcome::Success, None)
        );
        let new = |user: &str, event: &str, status: &str| {
            format!(
                "192.0.2.1|2025-11-03T08:00:01.100Z|2025-11-03T08:00:02.350Z|{user}|https://sp|_i|ac|t|attr|n|f|false|false|x|Redirect|POST|{event}|{status}||s|Agent | with a bar"
            )
        };
        assert_eq!(
            told(&new(
                "prof3",
                "",
                "urn:oasis:names:tc:SAML:2.0:status:Success"
            )),
            wanted(
                "2025-11-03T08:00:02.350",
                Some("prof3"),
                Outcome::Success,
                Some(1250)
            )
        );
        assert_eq!(
            told(&new("prof3", "AuthnFailed", "")),
            wanted(
                "2025-11-03T08:00:02.350",
                None,
                Outcome::Failure,
                Some(1250)
            )
        );
    }

    #[test]
    fn other_lines_have_no_columns() {
        for line in [
            "hello",
            "a|b|c",
            "[not] [closed",
            "1|2|3|4|5|6|7|8|9|10|11|12|13",
        ] {
            assert_eq!(told(line).err(), Some("columns"), "{line}");
        }
        let bad_date = "eleve7|w|yesterday|SERVICE_TICKET_CREATED|192.0.2.1|10.0.0.1|";
        assert_eq!(told(bad_date).err(), Some("date"));
    }
}
