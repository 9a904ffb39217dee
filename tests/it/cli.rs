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
