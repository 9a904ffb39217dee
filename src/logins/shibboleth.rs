//! The audit of the Shibboleth IdP in its default formats: 13 fields up to
//! version 3, 21 since version 4. Fields are counted from the left: the agent,
//! the last one, may hold anything.

use super::{Login, Outcome, login, time};
use chrono_tz::Tz;

/// `%T|%b|%I|%SP|%P|%IDP|%bb|%III|%u|%ac|%attr|%n|%i|`; `None` if the line is none.
/// It knows no failure.
pub(super) fn version_2(line: &str) -> Option<Result<Login<'_>, &'static str>> {
    let fields: Vec<&str> = line.split('|').collect();
    let time = time::basic(fields[0])?;
    if fields.len() < 13 {
        return None;
    }
    Some(login(time, fields[8], Outcome::Success))
}

/// `%a|%ST|%T|%u|%SP|%i|%ac|%t|%attr|%n|%f|%SSO|%XX|%XA|%b|%bb|%e|%S|%SS|%s|%UA`:
/// `%ST` to `%T` is how long it took, `%e` and `%S` say whether it failed.
pub(super) fn version_4(line: &str, zone: Tz) -> Option<Result<Login<'_>, &'static str>> {
    let fields: Vec<&str> = line.splitn(21, '|').collect();
    if fields.len() < 21 {
        return None;
    }
    let (user, event, status) = (fields[3], fields[16], fields[17]);
    let (start, end) = (time::iso(fields[1], zone)?, time::iso(fields[2], zone)?);
    let failed = !event.is_empty() || !(status.is_empty() || status.ends_with("Success"));
    let outcome = if failed {
        Outcome::Failure
    } else {
        Outcome::Success
    };
    let duration = (end - start).num_milliseconds();
    let login = login(end, user, outcome).map(|login| Login {
        duration_ms: (duration >= 0).then_some(duration),
        ..login
    });
    Some(login)
}
