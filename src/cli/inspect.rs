//! `entobs inspect access PATH --format NAME|auto | --log-format STRING [--lines N]`.
//!
//! The one place that shows what raw lines hold, on the terminal of the
//! analyst who repairs a feed. It stores nothing.

use super::formats::Written;
use super::{Failure, Outcome};
use crate::access::proxies::Proxies;
use crate::access::{AccessLine, LineError, Reader};
use crate::source;
use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

const KEYS: [&str; 16] = [
    "line",
    "time",
    "client",
    "method",
    "path",
    "query",
    "protocol",
    "status",
    "bytes",
    "duration_ms",
    "upstream_ms",
    "referer",
    "user_agent",
    "user",
    "request_kind",
    "error",
];

#[derive(Subcommand)]
pub(super) enum Inspect {
    /// Access logs: one JSON object a line.
    Access(Access),
}

#[derive(Args)]
pub(super) struct Access {
    /// A log file, gzipped or not.
    path: PathBuf,
    #[command(flatten)]
    written: Written,
    /// A network whose machines are trusted to name the client in
    /// `X-Forwarded-For`, `10.0.0.0/8`; may be given again.
    #[arg(long, value_name = "NETWORK")]
    trusted_proxy: Vec<String>,
    /// How many lines to show.
    #[arg(long, value_name = "N", default_value_t = 20)]
    lines: u64,
    /// Accepted for symmetry with other commands: the output is JSON anyway.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Inspect) -> Result<Outcome, Failure> {
    let Inspect::Access(arguments) = command;
    let proxies = proxies(&arguments.trusted_proxy)?;
    let format = arguments.written.formats()?.of_file(&arguments.path)?;
    let mut reader = Reader::new(&format);
    let mut lines = source::open(&arguments.path).map_err(|error| unreadable(arguments, &error))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut outcome = Outcome::Well;
    for done in 0..arguments.lines {
        let next = lines.next_line();
        let Some(raw) = next.map_err(|error| cut(arguments, done, &error))? else {
            break;
        };
        for reading in readings(&mut reader, raw.bytes) {
            if reading.as_ref().is_err_and(|e| *e != LineError::Comment) {
                outcome = Outcome::Findings;
            }
            writeln!(out, "{}", object(raw.number, &reading, &proxies))?;
        }
    }
    out.flush()?;
    Ok(outcome)
}

fn unreadable(arguments: &Access, error: &io::Error) -> String {
    let shown = arguments.path.display();
    format!("`{shown}` cannot be opened: {error}\nhint: check the path and its permissions")
}

fn cut(arguments: &Access, done: u64, error: &io::Error) -> String {
    let shown = arguments.path.display();
    format!(
        "`{shown}` cannot be read after line {done}: {error}\nhint: the file may be cut; ask for it again"
    )
}

/// The reading of a line, or those of the requests glued into it.
fn readings<'a>(reader: &mut Reader<'_>, line: &'a [u8]) -> Vec<Result<AccessLine<'a>, LineError>> {
    let reading = reader.read(line);
    let glued = reading.is_err().then(|| reader.split_glued(line)).flatten();
    match glued {
        Some(parts) => parts.into_iter().map(|part| reader.read(part)).collect(),
        None => vec![reading],
    }
}

fn proxies(networks: &[String]) -> Result<Proxies, String> {
    let mut proxies = Proxies::default();
    for network in networks {
        proxies.trust(network)?;
    }
    Ok(proxies)
}

fn object(number: u64, reading: &Result<AccessLine<'_>, LineError>, proxies: &Proxies) -> Value {
    let mut object: Map<String, Value> = KEYS.iter().map(|k| ((*k).into(), Value::Null)).collect();
    object.insert("line".into(), json!(number));
    match reading {
        Ok(line) => fill(&mut object, line, proxies),
        Err(error) => {
            object.insert("error".into(), json!(error.code()));
        }
    }
    Value::Object(object)
}

fn fill(object: &mut Map<String, Value>, line: &AccessLine<'_>, proxies: &Proxies) {
    let client = proxies.client(line.client_address(), &line.forwarded_addresses());
    let text = |bytes: Option<&[u8]>| json!(bytes.map(String::from_utf8_lossy));
    let upstream = line.upstream.as_ref().map(|_| line.upstream_ms());
    let time = line
        .time
        .map(|t| t.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    let values = [
        ("time", json!(time)),
        ("client", json!(client.map(|ip| ip.to_string()))),
        ("method", text(line.method.as_deref())),
        ("path", text(line.path.as_deref())),
        ("query", text(line.query.as_deref())),
        ("protocol", text(line.protocol.as_deref())),
        ("status", json!(line.status)),
        ("bytes", json!(line.bytes)),
        (
            "duration_ms",
            json!(line.duration_us.map(|us| us as f64 / 1_000.0)),
        ),
        ("upstream_ms", json!(upstream)),
        ("referer", text(line.referer.as_deref())),
        ("user_agent", text(line.user_agent.as_deref())),
        ("user", text(line.user.as_deref())),
        ("request_kind", json!(line.request_kind.code())),
    ];
    for (key, value) in values {
        object.insert(key.into(), value);
    }
}
