//! Real public inputs, read where they are and skipped aloud where they are not.

use crate::fixture::{run, stderr};
use entobs::access::{LogFormat, line};
use entobs::directory::aaf::{self, Category, Operation};
use entobs::domain::Uai;
use entobs::source;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;

pub fn corpus(name: &str) -> Option<PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    // Not captured by the test harness: a skipped test says so.
    let _ = writeln!(
        std::io::stderr(),
        "skipped: the corpus file {name} is not here"
    );
    None
}

/// 10,000 lines, the last one cut: every line read or counted as a reject.
#[test]
fn a_combined_log_is_accounted_for_line_by_line() {
    let Some(path) = corpus("logs/elastic-examples/apache_logs.log") else {
        return;
    };
    let format = LogFormat::compile("combined").unwrap();
    let mut lines = source::open(&path).unwrap();
    let (mut read, mut rejected) = (0, Vec::new());
    while let Some(raw) = lines.next_line().unwrap() {
        match line::read(&format, raw.bytes) {
            Ok(_) => read += 1,
            Err(error) => rejected.push(error.code()),
        }
    }
    assert_eq!((read, rejected), (9_999, vec!["truncated"]));
}

#[test]
fn check_letters_of_the_official_school_list() {
    let Some(path) = corpus("etablissements/referentiel_hdf.csv") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut checked = 0;
    for row in text.lines().skip(1) {
        let uai = Uai::parse(row.split(',').next().unwrap()).unwrap();
        assert!(uai.check_letter_is_right(), "{uai}");
        checked += 1;
    }
    assert_eq!(checked, text.lines().count() - 1);
}

/// Requests by category in each set, as `grep -c '<.*Request>'` counts them.
#[test]
fn directories_are_read_whole() {
    let expected = [
        ("aaf2d-2013", [12, 24, 13, 10, 100]),
        ("aaf2d-2020", [1, 0, 0, 1, 0]),
        ("aaf2d-2024/before", [0, 0, 2, 1, 0]),
        ("aaf2d-2024/after", [0, 0, 3, 0, 0]),
        ("aaf1d-synthetic", [2, 2, 2, 2, 0]),
        ("delta-synthetic", [3, 0, 0, 0, 0]),
    ];
    for (set, counts) in expected {
        let Some(folder) = corpus(&format!("aaf/{set}")) else {
            return;
        };
        let mut found = BTreeMap::new();
        let mut deleted = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let file = BufReader::new(File::open(file.unwrap().path()).unwrap());
            let end = aaf::read(file, |entry| {
                *found.entry(entry.category).or_insert(0) += 1;
                deleted += usize::from(entry.operation == Operation::Delete);
            });
            assert_eq!(end, Ok(()), "{set}");
        }
        let categories = [
            Category::Student,
            Category::Relative,
            Category::Staff,
            Category::Structure,
            Category::Other,
        ];
        let read = categories.map(|category| found.get(&category).copied().unwrap_or(0));
        assert_eq!(read, counts, "{set}");
        assert_eq!(deleted, usize::from(set.starts_with("delta")));
    }
}

/// The counts of one ingestion into a lake of its own.
fn ingested(arguments: &[&str]) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (lake, key) = (path("lac"), path("key"));
    assert!(
        run(&["privacy", "key", "new", "--key", &key])
            .status
            .success()
    );
    let mut all = vec!["ingest"];
    all.extend(arguments);
    all.extend(["--lake", &lake, "--key", &key, "--json"]);
    let output = run(&all);
    assert!(
        matches!(output.status.code(), Some(0 | 3)),
        "{}",
        stderr(&output)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Read, kept, and rejects by reason.
fn assert_counts(arguments: &[&str], read: u64, kept: u64, rejected: &serde_json::Value) {
    let counts = ingested(arguments);
    assert_eq!(counts["read"], read, "{arguments:?}: {counts}");
    assert_eq!(counts["kept"], kept, "{arguments:?}: {counts}");
    assert_eq!(counts["rejected"], *rejected, "{arguments:?}");
}

#[test]
fn real_inputs_enter_the_lake() {
    let Some(root) = corpus(".") else { return };
    let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
    let log = path("logs/elastic-examples/apache_logs.log");
    assert_counts(
        &["access", &log, "--format", "combined"],
        10_000,
        9_999,
        &json!({"truncated": 1}),
    );
    assert_counts(
        &["events", &path("entcore/events.ndjson")],
        7,
        7,
        &json!({}),
    );
    let support = path("entcore/ent-support-tickets.csv");
    assert_counts(&["tickets", &support], 3, 3, &json!({}));
    for name in ["glpi10_style.csv", "glpi11_style.csv"] {
        let glpi = path(&format!("glpi/{name}"));
        let counts = ingested(&["tickets", &glpi]);
        assert!(counts["kept"].as_u64().unwrap() >= 3, "{name}: {counts}");
    }
    let primary = path("aaf/aaf1d-synthetic");
    assert_counts(
        &["directory", &primary, "--source", "lille"],
        8,
        8,
        &json!({}),
    );
    let delta = path("aaf/delta-synthetic");
    assert_counts(&["directory", &delta], 3, 0, &json!({"delta": 3}));
}

/// Lines whose format, in the collection, is a sentence and no format string,
/// or is cut by dots: to be read once a format is written for them.
const WITHOUT_FORMAT: [u64; 15] = [55, 56, 58, 59, 61, 65, 71, 76, 77, 79, 85, 86, 88, 89, 92];
/// Lines to be refused, with the reason.
const REFUSED: [(u64, &str); 5] = [
    (70, "zone"),
    (80, "columns"),
    (82, "truncated"),
    (83, "columns"),
    (91, "columns"),
];

/// The collection of lines that broke other programs: each that has a format
/// is read, with the status that its reading states, or refused as expected.
#[test]
fn hard_lines_are_read_or_refused() {
    let Some(path) = corpus("hard-log-lines.jsonl") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut previous = String::new();
    let (mut statuses, mut without_format, mut refused) = (0, Vec::new(), Vec::new());
    for case in text.lines() {
        let case: serde_json::Value = serde_json::from_str(case).unwrap();
        let id = case["id"].as_u64().unwrap();
        if case["format"] != "(same format)" {
            previous = case["format"].as_str().unwrap().to_owned();
        }
        let line = case["line"].as_str().unwrap().as_bytes();
        let format = LogFormat::compile(&previous);
        match format.as_ref().map(|format| line::read(format, line)) {
            Ok(Ok(read)) => {
                let reading = case["reading"].as_str().unwrap();
                if let Some(stated) = stated_status(reading) {
                    assert_eq!(read.status, Some(stated), "{id}: {reading}");
                    statuses += 1;
                }
            }
            Ok(Err(error)) if !WITHOUT_FORMAT.contains(&id) => refused.push((id, error.code())),
            Err(error) if error.message.contains("--zone") => refused.push((id, "zone")),
            Ok(Err(_)) | Err(_) => without_format.push(id),
        }
    }
    assert_eq!(without_format, WITHOUT_FORMAT);
    assert_eq!(refused, REFUSED);
    assert_eq!(statuses, 8, "readings that state a status");
}

/// `status=400`, `status 304`.
fn stated_status(reading: &str) -> Option<u16> {
    let (_, rest) = reading.split_once("status")?;
    let digits = rest.trim_start_matches(['=', ' ']).get(..3)?;
    digits.parse().ok()
}
