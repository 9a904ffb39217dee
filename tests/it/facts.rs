//! What a reading of a log line says, as text that a test can compare:
//! `key=value` joined by ` | `, absent values left out.

use entobs::access::proxies::Proxies;
use entobs::access::{AccessLine, Declared, LogFormat};
use std::borrow::Cow;

/// Every fact of a reading, in this order. `client` is the one behind the
/// trusted proxies, `peer` who spoke to the server where it is an address.
pub fn facts(line: &AccessLine<'_>, trusted: &[&str]) -> Vec<(&'static str, String)> {
    let mut proxies = Proxies::default();
    trusted.iter().for_each(|n| proxies.trust(n).unwrap());
    let forwarded = line.forwarded_addresses();
    let client = proxies.client(line.client_address(), &forwarded);
    let number = |n: Option<i64>| n.map_or("-".to_owned(), |n| n.to_string());
    let tries: Vec<String> = line.upstream_ms().into_iter().map(number).collect();
    let addresses: Vec<String> = forwarded.iter().map(ToString::to_string).collect();
    let all = [
        (
            "time",
            line.time
                .map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
        ),
        ("client", client.map(|c| c.to_string())),
        ("peer", line.client_address().map(|c| c.to_string())),
        ("peer_text", text(&line.client)),
        ("forwarded", Some(addresses.join(" "))),
        ("user", text(&line.user)),
        ("method", text(&line.method)),
        ("path", text(&line.path)),
        ("query", text(&line.query)),
        ("protocol", text(&line.protocol)),
        ("status", line.status.map(|n| n.to_string())),
        ("bytes", line.bytes.map(|n| n.to_string())),
        ("duration_us", line.duration_us.map(|n| n.to_string())),
        ("upstream_ms", Some(tries.join(" "))),
        ("referer", text(&line.referer)),
        ("agent", text(&line.user_agent)),
        ("kind", Some(line.request_kind.code().to_owned())),
    ];
    let all = all
        .into_iter()
        .map(|(key, value)| (key, value.unwrap_or_default()));
    all.collect()
}

/// Bytes as text; what is not UTF-8 as `\xHH`.
fn text(bytes: &Option<Cow<'_, [u8]>>) -> Option<String> {
    let bytes = bytes.as_deref()?;
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.escape_ascii().to_string(),
    })
}

/// The facts that are present, but those that follow from others.
pub fn full(line: &AccessLine<'_>) -> String {
    let present = facts(line, &[]).into_iter();
    let present =
        present.filter(|(key, value)| !value.is_empty() && !["client", "peer"].contains(key));
    let pairs: Vec<String> = present
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(" | ")
}

/// Checks the stated facts; nothing after `=` states that the value is absent.
/// A key ending in `%` states the value once its percent codes are undone.
pub fn assert_stated(case: &str, line: &AccessLine<'_>, trusted: &[&str], stated: &str) {
    let found = facts(line, trusted);
    for fact in stated.split(" | ") {
        let (key, expected) = fact.split_once('=').unwrap();
        let bare = key.trim_end_matches('%');
        let (_, value) = found.iter().find(|(k, _)| *k == bare).unwrap();
        let value = match key.ends_with('%') {
            true => percent_decoded(value),
            false => value.clone(),
        };
        assert_eq!(value, expected, "{case}: {key}");
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        (rest, _) = match (first, code) {
            (b'%', Some(byte)) => (&after[2..], bytes.push(byte)),
            _ => (after, bytes.push(*first)),
        };
    }
    String::from_utf8(bytes).unwrap()
}

/// A format as it is typed in a school's region.
pub fn in_paris(text: &str) -> LogFormat {
    let declared = Declared {
        zone: Some(chrono_tz::Europe::Paris),
        ..Declared::default()
    };
    LogFormat::compile_declared(text, declared).unwrap_or_else(|error| panic!("{text}: {error}"))
}
