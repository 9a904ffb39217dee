//! Events of the platform, NDJSON: one row an event. Only the keys named here
//! are looked at; addresses, agents, sessions and classes stay in the file.

use super::{Context, FileReport, Input, Keys, Report, school_year, store, unreadable};
use crate::domain::{Role, ServiceMap, time};
use crate::lake::{Counts, Table, Transaction, Value};
use crate::source;
use chrono::DateTime;
use serde::Deserialize;
use std::borrow::Cow;
use std::path::Path;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "event-type")]
    event_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    module: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "override-module")]
    override_module: Option<Cow<'a, str>>,
    date: Option<i64>,
    #[serde(borrow, rename = "userId")]
    user: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "profil")]
    profile: Option<Cow<'a, str>>,
}

/// Ingests one NDJSON file of events.
pub fn events(context: &mut Context<'_>, path: &Path, source: &str) -> Result<Report, String> {
    let input = Input::identify("events", source, &[path.to_owned()])?;
    store(context, &input, |keys, services, transaction| {
        let mut lines = source::open(path).map_err(|error| unreadable(path, &error))?;
        let mut counts = Counts::default();
        let mut fault = None;
        loop {
            match lines.next_line() {
                Ok(Some(line)) if line.bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(Some(line)) => {
                    counts.read += 1;
                    match read(line.bytes) {
                        Ok(event) => {
                            let hash = keys.lines.hash(line.bytes);
                            match keep(keys, services, transaction, &event, hash)? {
                                true => counts.kept += 1,
                                false => counts.duplicates += 1,
                            }
                        }
                        Err(reason) => counts.reject(reason),
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    fault = Some(format!(
                        "cannot be read after event {}: {error}\nhint: the file was cut; ask for it again",
                        counts.read
                    ));
                    break;
                }
            }
        }
        Ok(vec![FileReport::of(
            path.display().to_string(),
            counts,
            fault,
        )])
    })
}

fn read(bytes: &[u8]) -> Result<Event<'_>, &'static str> {
    let event: Event<'_> = serde_json::from_slice(bytes).map_err(|_| "json")?;
    if event.event_type.is_none() {
        return Err("event-type");
    }
    let date = event.date.and_then(DateTime::from_timestamp_millis);
    date.map(|_| event).ok_or("date")
}

fn keep(
    keys: &mut Keys,
    services: &ServiceMap,
    transaction: &mut Transaction,
    event: &Event<'_>,
    hash: u64,
) -> Result<bool, String> {
    let instant = event
        .date
        .and_then(DateTime::from_timestamp_millis)
        .expect("checked when read");
    let day = time::local(instant).date();
    if !transaction.is_new(Table::Events, day, instant, hash)? {
        return Ok(false);
    }
    let year = school_year(day);
    let account = event.user.as_deref().map_or(Value::Null, |user| {
        Value::Pseudonym(keys.pseudonym(&year, user.as_bytes()))
    });
    let module = event.override_module.as_deref().or(event.module.as_deref());
    let row = [
        Value::Text(&year),
        Value::Date(day),
        Value::Instant(instant),
        account,
        event.event_type.as_deref().into(),
        module.into(),
        Value::Text(services.of_module(module.unwrap_or_default())),
        Value::Text(Role::from_profile(event.profile.as_deref().unwrap_or_default()).code()),
        Value::LineHash(hash),
    ];
    transaction.row(Table::Events, Some(day), &row)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_needs_a_type_and_a_date() {
        let reason = |text: &str| read(text.as_bytes()).err();
        assert_eq!(
            reason(r#"{"event-type":"LOGIN","date":1762153207123,"sessionId":12345.0}"#),
            None
        );
        assert_eq!(reason(r#"{"event-type":"LOGIN"}"#), Some("date"));
        assert_eq!(reason(r#"{"date":1762153207123}"#), Some("event-type"));
        assert_eq!(reason(r#"{"event-type":"LOGIN","da"#), Some("json"));
    }
}
