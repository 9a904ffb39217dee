//! `entobs doctor`: whether all that a run needs is there and in order, said
//! before the night and not after it.

use super::{Failure, Outcome, lake, print_json};
use crate::config::Config;
use crate::lake::{Depth, FORMAT, Lake};
use crate::privacy::pseudonym::MasterKey;
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(super) struct Doctor {
    /// The configuration.
    #[arg(short, long, value_name = "FILE", default_value = "observatory.toml")]
    config: PathBuf,
    /// Read every byte of the lake too.
    #[arg(long)]
    deep: bool,
    /// Print the findings as one JSON object.
    #[arg(long)]
    json: bool,
}

/// How it stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    /// A person should look at it.
    LookAt,
    /// A run could not be done.
    Broken,
}

#[derive(Serialize)]
struct Finding {
    about: &'static str,
    state: State,
    says: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn say(&mut self, about: &'static str, state: State, says: impl Into<String>) {
        let says = says.into();
        self.0.push(Finding { about, state, says });
    }

    /// Says what is well, or the error.
    fn tried(&mut self, about: &'static str, tried: Result<String, String>) {
        match tried {
            Ok(says) => self.say(about, State::Ok, says),
            Err(error) => self.say(about, State::Broken, error),
        }
    }
}

pub(super) fn run(arguments: &Doctor) -> Result<Outcome, Failure> {
    let mut findings = Findings::default();
    findings.say(
        "version",
        State::Ok,
        format!(
            "entobs {}, lakes of format {FORMAT}",
            env!("CARGO_PKG_VERSION")
        ),
    );
    match Config::load(&arguments.config) {
        Err(error) => findings.say("configuration", State::Broken, error),
        Ok(config) => look(&config, arguments, &mut findings),
    }
    let findings = findings.0;
    match arguments.json {
        true => print_json(&serde_json::json!({"findings": findings}))?,
        false => findings.iter().for_each(tell),
    }
    let has = |state| findings.iter().any(|finding| finding.state == state);
    match (has(State::Broken), has(State::LookAt)) {
        (true, _) => Err(Failure::Message(
            "a run could not be done\nhint: put right what is marked `broken` above".into(),
        )),
        (false, true) => Ok(Outcome::Findings),
        (false, false) => Ok(Outcome::Well),
    }
}

fn tell(finding: &Finding) {
    let state = match finding.state {
        State::Ok => "ok",
        State::LookAt => "look at",
        State::Broken => "broken",
    };
    let says = finding.says.replace('\n', "\n                         ");
    println!("{state:<8} {:<16}{says}", finding.about);
}

fn look(config: &Config, arguments: &Doctor, findings: &mut Findings) {
    let shown = arguments.config.display();
    let files = config
        .settings()
        .and_then(|_| config.rules())
        .and_then(|_| config.tools());
    findings.tried(
        "configuration",
        files.map(|_| format!("`{shown}` and its files can be read")),
    );
    let key = key(&config.path(&config.key), findings);
    let path = config.path(&config.lake);
    match lake::existing(&path) {
        Err(error) => findings.say("lake", State::Broken, error),
        Ok(None) => findings.say(
            "lake",
            State::Ok,
            format!("`{}` is to be made", path.display()),
        ),
        Ok(Some(lake)) => {
            of_key(&lake, key.as_deref(), findings);
            if let Err(error) = of_lake(&lake, arguments.deep, findings) {
                findings.say("lake", State::Broken, error);
            }
        }
    }
    for (about, path) in [
        ("disk of lake", &path),
        ("disk of outputs", &config.path(&config.outputs)),
    ] {
        disk(about, path, findings);
    }
    sources(config, findings);
}

/// The fingerprint of the key; one that others may read is refused by its reader.
fn key(path: &Path, findings: &mut Findings) -> Option<String> {
    let key = MasterKey::load(path).map(|key| key.for_lines().fingerprint());
    let says = |key: &String| format!("`{}` can be used: {key}", path.display());
    findings.tried("key", key.as_ref().map(says).map_err(String::clone));
    key.ok()
}

/// Whether the lake was written with the key.
fn of_key(lake: &Lake, key: Option<&str>, findings: &mut Findings) {
    match (lake.key(), key) {
        (Err(error), _) => findings.say("key of lake", State::Broken, error),
        (Ok(Some(known)), Some(key)) if known != key => findings.say(
            "key of lake",
            State::Broken,
            format!("the lake was written with another key: {known}\nhint: name that key file in the configuration"),
        ),
        (Ok(Some(known)), _) => findings.say("key of lake", State::Ok, known),
        (Ok(None), _) => {}
    }
}

fn of_lake(lake: &Lake, deep: bool, findings: &mut Findings) -> Result<(), String> {
    match lake.holder()? {
        Some((process, true)) => {
            findings.say(
                "lock",
                State::LookAt,
                format!("process {process} writes to the lake"),
            );
        }
        Some((process, false)) => findings.say(
            "lock",
            State::LookAt,
            format!(
                "process {process} was interrupted; the next run completes or clears what it left"
            ),
        ),
        None => findings.say("lock", State::Ok, "nobody writes to the lake"),
    }
    let depth = match deep {
        true => Depth::Bytes,
        false => Depth::Rows,
    };
    let found = lake.verify(depth)?;
    match found.damaged.len() {
        0 => {
            let (files, bytes) = (found.files, found.bytes);
            let how = if deep {
                "every byte"
            } else {
                "rows; `--deep` reads every byte"
            };
            findings.say(
                "lake",
                State::Ok,
                format!("{files} files, {bytes} bytes in order ({how})"),
            );
        }
        count => findings.say(
            "lake",
            State::Broken,
            format!("{count} damaged files\nhint: `entobs lake verify` names them"),
        ),
    }
    coverage(lake, findings)
}

/// Inputs that wait to be read again, and the days that each table has.
fn coverage(lake: &Lake, findings: &mut Findings) -> Result<(), String> {
    let snapshot = lake.snapshot()?;
    let waiting = snapshot.entries().values().filter(|entry| entry.incomplete);
    let names: Vec<String> = waiting
        .flat_map(|entry| entry.inputs.iter().map(|input| input.name.clone()))
        .collect();
    match names.len() {
        0 => {}
        count => findings.say(
            "inputs",
            State::LookAt,
            format!(
                "{count} are to be read again, as `entobs run` does where they are: {}",
                names.join(", ")
            ),
        ),
    }
    for table in lake.stats()? {
        if let (Some(first), Some(last)) = (table.first_day, table.last_day) {
            findings.say(
                "coverage",
                State::Ok,
                format!("{} from {first} to {last}", table.table),
            );
        }
    }
    Ok(())
}

/// Room under which a night's work may not fit.
const LEAST_ROOM: u64 = 2 << 30;

fn disk(about: &'static str, path: &Path, findings: &mut Findings) {
    // Of a folder that is to be made, the room is that of the one above.
    let there = path.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(Path::new("."));
    match rustix::fs::statvfs(there) {
        Ok(disk) => {
            let free = disk.f_bavail * disk.f_frsize;
            let says = format!("{} MB free", free >> 20);
            match free < LEAST_ROOM {
                true => findings.say(
                    about,
                    State::LookAt,
                    format!("{says}\nhint: make room before a run"),
                ),
                false => findings.say(about, State::Ok, says),
            }
        }
        Err(error) => findings.say(about, State::LookAt, error.to_string()),
    }
}

/// Whether each section of the configuration has files that can be opened.
fn sources(config: &Config, findings: &mut Findings) {
    let (mut count, mut is_whole) = (0, true);
    for pattern in config.patterns() {
        match config.files(pattern) {
            Err(error) => {
                is_whole = false;
                findings.say("sources", State::Broken, error);
            }
            Ok(files) => {
                count += files.len();
                for file in files {
                    if let Err(error) = std::fs::File::open(&file) {
                        is_whole = false;
                        let file = file.display();
                        findings.say(
                            "sources",
                            State::Broken,
                            format!(
                                "`{file}` cannot be read: {error}\nhint: check its permissions"
                            ),
                        );
                    }
                }
            }
        }
    }
    if is_whole {
        findings.say("sources", State::Ok, format!("{count} files"));
    }
}
