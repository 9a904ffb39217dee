//! The logs that the esup modules of CAS write.

use super::{Login, Outcome, login, time};
use chrono_tz::Tz;

/// `[date] [IP:..] [ID:login] [TICKET:ST-..] [SERVICE:url] [USER-AGENT:..]`: a
/// ticket for a service.
pub(super) fn service(line: &str, zone: Tz) -> Result<Login<'_>, &'static str> {
    let (date, rest) = line[1..].split_once(']').ok_or("columns")?;
    let (_, id) = rest.split_once("[ID:").ok_or("columns")?;
    let (id, _) = id.split_once("] [").ok_or("columns")?;
    let time = time::instant(date, zone).ok_or("date")?;
    login(time, id, Outcome::ServiceTicket)
}

/// `date - AUTHENTICATION_SUCCESS for '[username: login]' from 'address'`;
/// `None` if the line is none.
pub(super) fn authentication(line: &str, zone: Tz) -> Option<Result<Login<'_>, &'static str>> {
    let (date, rest) = line.split_once(" - AUTHENTICATION_")?;
    let (result, rest) = rest.split_once(" for '")?;
    let (who, _) = rest.rsplit_once("' from '")?;
    let outcome = match result {
        "SUCCESS" => Outcome::Success,
        "FAILED" => Outcome::Failure,
        _ => return None,
    };
    let time = time::instant(date, zone).ok_or("date");
    Some(time.and_then(|time| login(time, who, outcome)))
}
