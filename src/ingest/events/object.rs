//! One event as a JSON object.

use super::form::is_credential;
use super::{Event, Identity, PASSWORD_TYPE, Reason};
use chrono::DateTime;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The keys that are looked at.
#[derive(Deserialize)]
struct Keys<'a> {
    #[serde(borrow, rename = "_id")]
    id: Option<Id<'a>>,
    #[serde(borrow, rename = "event-type")]
    event_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    module: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "override-module")]
    override_module: Option<Cow<'a, str>>,
    date: Option<Millis>,
    #[serde(borrow, rename = "userId")]
    user: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "profil")]
    profile: Option<Cow<'a, str>>,
}

/// A text; some exports wrap the ids that the database made.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Wrapped {
        #[serde(rename = "$oid")]
        oid: String,
    },
    Other(IgnoredAny),
}

/// Milliseconds since 1970; some exports wrap long numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Millis {
    Whole(i64),
    Real(f64),
    Wrapped {
        #[serde(rename = "$numberLong")]
        digits: String,
    },
    Other(IgnoredAny),
}

impl Millis {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Real(number) => (number.abs() < 1e15).then_some(*number as i64),
            Self::Wrapped { digits } => digits.parse().ok(),
            Self::Other(_) => None,
        }
    }
}

/// Reads one event.
pub(super) fn read(bytes: &[u8]) -> Result<Event<'_>, Reason> {
    if credential(bytes).is_some() {
        return Err("credentials");
    }
    let keys: Keys<'_> = serde_json::from_slice(bytes).map_err(|_| "json")?;
    let millis = keys.date.and_then(|date| date.number());
    let identity = match keys.id {
        Some(Id::Text(id)) => Identity::Id(id),
        Some(Id::Wrapped { oid }) => Identity::Id(oid.into()),
        Some(Id::Other(_)) | None => Identity::Content(canonical(bytes)?),
    };
    Ok(Event {
        identity,
        event_type: keys.event_type.ok_or("event-type")?,
        module: keys.override_module.or(keys.module),
        time: millis
            .and_then(DateTime::from_timestamp_millis)
            .ok_or("date")?,
        user: keys.user,
        profile: keys.profile,
    })
}

/// The key or the type of an object that holds credentials.
pub(super) fn credential(bytes: &[u8]) -> Option<&'static str> {
    // Nearly all events have none: they are told without being parsed.
    if !may_hold_credentials(bytes) {
        return None;
    }
    let object: BTreeMap<Cow<'_, str>, Value> = serde_json::from_slice(bytes).ok()?;
    let is_password = object.get("event-type").and_then(Value::as_str) == Some(PASSWORD_TYPE);
    let key = object.keys().find_map(|name| is_credential(name));
    key.or(is_password.then_some(PASSWORD_TYPE))
}

/// A backslash may write any letter of a key in another way.
fn may_hold_credentials(bytes: &[u8]) -> bool {
    let begins = |rest: &[u8], word: &[u8]| {
        let start = rest.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let mut quotes = memchr::memchr_iter(b'"', bytes).map(|at| &bytes[at + 1..]);
    memchr::memchr(b'\\', bytes).is_some()
        || quotes.any(|rest| begins(rest, b"login") || begins(rest, b"password"))
}

/// The same bytes for the same event, whatever the order of its keys and its
/// blanks; without the mark that the platform sets once an event was read out.
fn canonical(bytes: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(|_| "json")?;
    if let Value::Object(keys) = &mut value {
        keys.remove("synced");
    }
    let mut out = Vec::new();
    write(&value, &mut out);
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(keys) => {
            let sorted: BTreeMap<&String, &Value> = keys.iter().collect();
            out.push(b'{');
            for (key, value) in sorted {
                write(&Value::String(key.clone()), out);
                out.push(b':');
                write(value, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        Value::Array(values) => {
            out.push(b'[');
            for value in values {
                write(value, out);
                out.push(b',');
            }
            out.push(b']');
        }
        plain => out.extend(plain.to_string().bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Option<Reason> {
        read(text.as_bytes()).err()
    }

    #[test]
    fn an_event_needs_a_type_and_a_date() {
        let number = r#"{"event-type":"LOGIN","date":1762153207123,"sessionId":12345.0}"#;
        assert_eq!(reason(number), None);
        let wrapped = r#"{"event-type":"LOGIN","date":{"$numberLong":"1762153207123"}}"#;
        assert_eq!(reason(wrapped), None);
        assert_eq!(reason(r#"{"event-type":"LOGIN"}"#), Some("date"));
        let text = r#"{"event-type":"LOGIN","date":"2025-11-03"}"#;
        assert_eq!(reason(text), Some("date"));
        assert_eq!(reason(r#"{"date":1762153207123}"#), Some("event-type"));
        assert_eq!(reason(r#"{"event-type":"LOGIN","da"#), Some("json"));
    }

    #[test]
    fn credentials_are_told_however_they_are_written() {
        for key in ["password", "Password", r"pass\u0077ord", "login_alias"] {
            let text = format!(r#"{{"event-type":"X","date":1762153207123,"{key}":"h"}}"#);
            assert_eq!(reason(&text), Some("credentials"), "{key}");
        }
        let kind = r#"{"event-type":"PASSWORD","date":1762153207123}"#;
        assert_eq!(reason(kind), Some("credentials"));
        let login = r#"{"event-type":"LOGIN","date":1762153207123,"module":"\u0041uth"}"#;
        assert_eq!(reason(login), None);
    }

    #[test]
    fn order_blanks_and_the_mark_of_the_read_out_do_not_matter() {
        let same = [
            r#"{"a":[1,{"c":null,"b":"é"}],"d":2.5}"#,
            "{ \"d\": 2.5,\n \"a\": [1, {\"b\": \"\\u00e9\", \"c\": null}], \"synced\": {\"$date\": 1}}",
        ];
        let [first, second] = same.map(|text| canonical(text.as_bytes()).unwrap());
        assert_eq!(first, second);
        assert_ne!(first, canonical(br#"{"a":[1],"d":2.5}"#).unwrap());
    }
}
