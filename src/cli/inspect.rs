//! `entobs inspect access PATH --log-format STRING [--lines N]`.
//!
//! The one place that shows what raw lines hold, on the terminal of the
//! analyst who repairs a feed. It stores nothing.

use super::ingest::zone;
use super::{Failure, Outcome};
use crate::access::proxies::Proxies;
use crate::access::{AccessLine, Declared, LineError, LogFormat, line};
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
    /// An nginx `log_format`, an Apache `LogFormat`, or `common`, `combined`, `vhost_combined`.
    #[arg(long, value_name = "STRING")]
    log_format: String,
    /// The nginx variable that holds the account.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The zone of dates written without offset, `Europe/Paris`.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
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
    let format = format(arguments)?;
    let proxies = proxies(&arguments.trusted_proxy)?;
    let shown = arguments.path.display();
    let mut lines = source::open(&arguments.path).map_err(|error| {
        format!("`{shown}` cannot be opened: {error}\nhint: check the path and its permissions")
    })?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut outcome = Outcome::Well;
    for done in 0..arguments.lines {
        let next = lines.next_line().map_err(|error| {
            Failure::Message(format!("`{shown}` cannot be read after line {done}: {error}\nhint: the file may be cut; ask for it again"))
        });
        let Some(raw) = next? else { break };
        let reading = line::read(&format, raw.bytes);
        if reading.is_err() {
            outcome = Outcome::Findings;
        }
        writeln!(out, "{}", object(raw.number, &reading, &proxies))?;
    }
    out.flush()?;
    Ok(outcome)
}

fn format(arguments: &Access) -> Result<LogFormat, String> {
    let declared = Declared {
        account: arguments.account.as_deref(),
        zone: arguments.zone.as_deref().map(zone).transpose()?,
    };
    LogFormat::compile_declared(&arguments.log_format, declared).map_err(|error| error.to_string())
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
