//! What was received of each front-end, by day and hour.

use crate::fixture::{run, stderr, stdout};
use chrono::{Days, NaiveDate};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const SILENT_DAY: &str = "2025-11-13";
const MISSING_DAY: &str = "2025-11-18";

/// Sixty lines an hour from 6 to 22, but for an hour of one day and the whole
/// of another.
fn log(days: u64) -> String {
    let first: NaiveDate = "2025-11-03".parse().unwrap();
    let mut text = String::new();
    for day in (0..days).map(|n| first + Days::new(n)) {
        for (hour, minute) in (6..22).flat_map(|h| (0..60).map(move |m| (h, m))) {
            let silent = day.to_string() == SILENT_DAY && hour == 10;
            if silent || day.to_string() == MISSING_DAY {
                continue;
            }
            let date = day.format("%d/%b/%Y");
            writeln!(text, "192.0.2.1 - u{minute} [{date}:{hour:02}:{minute:02}:00 +0100] \"GET /edt HTTP/1.1\" 200 5").unwrap();
        }
    }
    text
}

fn query(folder: &Path, name: &str) -> Vec<serde_json::Value> {
    let lake = folder.join("lac");
    let output = run(&[
        "query",
        name,
        "--period",
        "2025-11",
        "--output",
        "json",
        "--lake",
        lake.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).unwrap()
}

#[test]
fn a_front_end_that_stops_for_an_hour_or_a_day_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    run(&["privacy", "key", "new", "--key", &path("key")]);
    // The second front-end ends before the last day of the first.
    for (front_end, days) in [("fe1", 21), ("fe2", 20)] {
        fs::write(path("log"), log(days)).unwrap();
        let output = run(&[
            "ingest",
            "access",
            &path("log"),
            "--format",
            "common",
            "--source",
            front_end,
            "--lake",
            &path("lac"),
            "--key",
            &path("key"),
        ]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let register = "id;source;debut;fin;motif\nK1;access;2025-11-06;2025-11-06;Essai\n";
    fs::write(path("periodes.csv"), register).unwrap();
    let output = run(&[
        "ingest",
        "register",
        &path("periodes.csv"),
        "--source",
        "periodes-erronees",
        "--lake",
        &path("lac"),
        "--key",
        &path("key"),
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let rows = query(folder.path(), "coverage_hours");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for (row, front_end) in rows.iter().zip(["fe1", "fe2"]) {
        assert_eq!(row["front_end"], front_end);
        assert_eq!(
            (&row["day"], row["hour"].as_i64()),
            (&SILENT_DAY.into(), Some(10))
        );
        assert_eq!(
            (row["requests"].as_i64(), row["usual_requests"].as_i64()),
            (Some(0), Some(60))
        );
    }
    let rows = query(folder.path(), "coverage_days");
    let days = |front_end: &str, state: &str| -> Vec<String> {
        let of = rows
            .iter()
            .filter(|r| r["front_end"] == front_end && r["state"] == state);
        of.map(|row| row["day"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rows.len(), 42);
    for front_end in ["fe1", "fe2"] {
        assert_eq!(days(front_end, "partial"), [SILENT_DAY], "{front_end}");
        assert_eq!(days(front_end, "known_bad"), ["2025-11-06"], "{front_end}");
        let mut missing = vec![MISSING_DAY];
        if front_end == "fe2" {
            missing.push("2025-11-23");
        }
        assert_eq!(days(front_end, "missing"), missing, "{front_end}");
    }
}
