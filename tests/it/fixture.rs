//! One small observatory, made once for all tests: inputs, lake, deliverables.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// A folder with inputs and a configuration, run once.
pub struct Observatory {
    _folder: tempfile::TempDir,
    pub root: PathBuf,
    /// What the first run said.
    pub run: Output,
}

pub const PERIOD: &str = "2025-2026-S1";

/// The program with these arguments.
pub fn entobs(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entobs"));
    command.args(arguments);
    command
}

pub fn run(arguments: &[&str]) -> Output {
    entobs(arguments).output().expect("the program starts")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The example configuration with deliverables that fit the inputs.
pub fn configuration() -> String {
    let example = include_str!("../../src/data/observatory.toml");
    let sources = example.split("# Deliverables").next().unwrap();
    format!(
        "{sources}[[report]]\nkind = \"observatory\"\nperiod = \"{PERIOD}\"\n\n\
         [[report]]\nkind = \"costra\"\nperiod = \"2025-2026\"\n\n\
         [[report]]\nkind = \"partner\"\npartner = \"departement-59\"\nperiod = \"{PERIOD}\"\n"
    )
}

/// Raw inputs of seven weeks for about 900 accounts.
pub fn synthesise(out: &Path) {
    synthesise_days(out, "2025-08-25", "2025-10-12");
}

/// Raw inputs of these days for about 900 accounts.
fn synthesise_days(out: &Path, from: &str, to: &str) {
    let output = run(&[
        "synth",
        "--accounts",
        "900",
        "--from",
        from,
        "--to",
        to,
        "--seed",
        "7",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
}

pub fn observatory() -> &'static Observatory {
    static MADE: OnceLock<Observatory> = OnceLock::new();
    MADE.get_or_init(|| Observatory::made("2025-08-25", "2025-10-12", &configuration()))
}

impl Observatory {
    /// Inputs of these days, run once.
    fn made(from: &str, to: &str, configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        synthesise_days(&root.join("entrees"), from, to);
        fs::write(root.join("observatory.toml"), configuration).unwrap();
        let key = root.join("observatoire.cle");
        assert!(
            run(&["privacy", "key", "new", "--key", key.to_str().unwrap()])
                .status
                .success()
        );
        let config = root.join("observatory.toml");
        let run = run(&["run", "-c", config.to_str().unwrap(), "--json"]);
        Self {
            _folder: folder,
            root,
            run,
        }
    }

    /// One without deliverables.
    pub fn of_days(from: &str, to: &str) -> Self {
        let configuration = configuration();
        let sources = configuration.split("[[report]]").next().unwrap();
        let made = Self::made(from, to, sources);
        // Makes the marts, which one process does.
        made.sql("select count(*) as n from visits");
        made
    }

    pub fn path(&self, name: &str) -> String {
        self.root.join(name).to_str().unwrap().to_owned()
    }

    /// The rows of free SQL as JSON.
    pub fn sql(&self, sql: &str) -> Vec<serde_json::Value> {
        let output = run(&["sql", sql, "--lake", &self.path("lac"), "--output", "json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A protected query as JSON.
    pub fn query(&self, name: &str, options: &[&str]) -> Vec<serde_json::Value> {
        self.query_of(name, PERIOD, options)
    }

    /// The same of another period.
    pub fn query_of(&self, name: &str, period: &str, options: &[&str]) -> Vec<serde_json::Value> {
        let lake = self.path("lac");
        let mut arguments = vec!["query", name, "--period", period, "--lake", &lake];
        arguments.extend(["--output", "json"]);
        arguments.extend(options);
        let output = run(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn deliverable(&self, name: &str) -> Vec<u8> {
        fs::read(self.root.join("sorties").join(name)).unwrap()
    }
}

/// The tables that a lake keeps between runs depend on what was asked of it.
pub fn is_kept_table(name: &str) -> bool {
    name.contains("marts/results/")
}

/// Every file under a folder: relative path and content. A table that a run of another test is
/// keeping at this moment is not there yet.
pub fn tree(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "partial") {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
