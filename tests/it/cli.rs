//! Exit codes and messages of the command line.

use std::path::Path;
use std::process::{Command, Output};

fn entobs(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_entobs"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> String {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn inspect_shows_each_line_and_flags_the_bad_one() {
    let dir = tempfile::tempdir().unwrap();
    let log = write(
        dir.path(),
        "a.log",
        b"192.0.2.1 - - [25/Feb/2020:18:55:34 +0100] \"GET /a?b HTTP/1.1\" 200 5\r\nnonsense\n",
    );
    let output = entobs(&["inspect", "access", &log, "--log-format", "common"]);
    assert_eq!(output.status.code(), Some(3));
    let lines: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["time"], "2020-02-25T17:55:34Z");
    assert_eq!(
        (&lines[0]["path"], &lines[0]["query"]),
        (&"/a".into(), &"b".into())
    );
    assert!(lines[0]["error"].is_null() && lines[0]["duration_ms"].is_null());
    assert_eq!(
        (&lines[1]["line"], &lines[1]["error"]),
        (&2.into(), &"columns".into())
    );
    assert_eq!(lines[1].as_object().unwrap().len(), 16);
}

#[test]
fn inspect_refuses_with_one_message() {
    let output = entobs(&["inspect", "access", "absent.log", "--log-format", "common"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("absent.log") && stderr(&output).contains("hint:"));
    let output = entobs(&[
        "inspect",
        "access",
        "absent.log",
        "--log-format",
        "$time_local$status",
    ]);
    assert!(stderr(&output).contains("column 12"), "{}", stderr(&output));
    assert_eq!(entobs(&["inspect"]).status.code(), Some(2));
}

fn shown(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const COMBINED: &str =
    r#"192.0.2.1 - - [25/Feb/2020:18:55:34 +0100] "GET /a HTTP/1.1" 200 5 "-" "X""#;

#[test]
fn a_format_is_found_by_the_lines() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("{COMBINED}\n{COMBINED}\n");
    let log = write(dir.path(), "a.log", text.as_bytes());
    let output = entobs(&["inspect", "access", &log, "--format", "auto"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(shown(&output)[1]["user_agent"], "X");
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    for part in [
        "a.log",
        "`combined`",
        "2 of its first 2 lines",
        "of arrival",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let log = write(dir.path(), "b.log", b"one\ntwo\n");
    let output = entobs(&["inspect", "access", &log, "--format", "auto"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("hint: paste the format"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn columns_named_by_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let text = "#Software: Microsoft IIS\n#Fields: date time cs-method cs-uri-stem sc-status time-taken\n2025-11-03 07:00:13 GET /edt 200 16\n";
    let log = write(dir.path(), "u_ex.log", text.as_bytes());
    for name in ["w3c", "auto"] {
        let output = entobs(&["inspect", "access", &log, "--format", name]);
        // Comments are no findings.
        assert!(output.status.success(), "{}", stderr(&output));
        let lines = shown(&output);
        assert_eq!(lines[0]["error"], "comment");
        assert_eq!(
            (&lines[2]["time"], &lines[2]["duration_ms"]),
            (&"2025-11-03T07:00:13Z".into(), &16.0.into())
        );
    }
    let log = write(dir.path(), "a.log", COMBINED.as_bytes());
    let output = entobs(&["inspect", "access", &log, "--format", "w3c"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("#Fields:") && stderr(&output).contains("hint:"));
}

#[test]
fn several_formats_and_records_of_several_requests() {
    let dir = tempfile::tempdir().unwrap();
    let common = COMBINED.strip_suffix(r#" "-" "X""#).unwrap();
    let text = format!("{common}\n{COMBINED}\n{COMBINED}\\n{COMBINED}\n");
    let log = write(dir.path(), "a.log", text.as_bytes());
    let formats = ["--log-format", "combined", "--log-format", "common"];
    let output = entobs(&[&["inspect", "access", &log], &formats[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let numbers: Vec<u64> = shown(&output)
        .iter()
        .map(|l| l["line"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 3, 3]);
    let output = entobs(
        &[
            &["inspect", "access", &log, "--format", "auto"],
            &formats[..],
        ]
        .concat(),
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_log_without_dates_is_inspected_but_not_ingested() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key").to_str().unwrap().to_owned();
    let lake = dir.path().join("lac").to_str().unwrap().to_owned();
    assert!(
        entobs(&["privacy", "key", "new", "--key", &key])
            .status
            .success()
    );
    let line = "\"192.0.2.44\" \"GET /edt\" \"X\" - 7654321 nocookie notoken\n";
    let log = write(dir.path(), "a.log", line.as_bytes());
    let output = entobs(&["inspect", "access", &log, "--format", "auto"]);
    assert!(output.status.success() && stderr(&output).contains("no date"));
    let place = ["--lake", &lake, "--key", &key];
    let output = entobs(
        &[
            &["ingest", "access", &log, "--format", "entcore"],
            &place[..],
        ]
        .concat(),
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("prefix") && stderr(&output).contains("hint:"));
    // With the date of the framework, and two requests glued into one record.
    let dated = format!("2025-11-03 08:00:09 {}", line.trim_end());
    let log = write(
        dir.path(),
        "b.log",
        format!("{dated}\\n{dated}\n").as_bytes(),
    );
    let format = [
        "--log-format",
        "%{%Y-%m-%d %H:%M:%S}t entcore",
        "--zone",
        "Europe/Paris",
    ];
    let output = entobs(
        &[
            &["ingest", "access", &log, "--json"],
            &format[..],
            &place[..],
        ]
        .concat(),
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let counts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&counts["read"], &counts["kept"]), (&2.into(), &2.into()));
}

#[test]
fn keys_are_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key").to_str().unwrap().to_owned();
    let status = |verb: &str| entobs(&["privacy", "key", verb, "--key", &key]);
    assert_eq!(status("status").status.code(), Some(1));
    assert!(status("new").status.success());
    assert!(status("status").status.success());
    let again = status("new");
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("hint:"));
}
