//! What a user reads when something is wrong: one message, with a remedy.

use crate::fixture::{configuration, observatory, run, stderr};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The one message of a run that could not be done.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{arguments:?}: {}",
        stderr(&output)
    );
    let message = stderr(&output);
    assert_eq!(message.matches("error: ").count(), 1, "{message}");
    assert_eq!(message.matches("hint: ").count(), 1, "{message}");
    message
}

fn holds(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

#[test]
fn a_bad_configuration_says_line_column_and_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.toml");
    let file = path.to_str().unwrap();
    fs::write(&path, "lake = 'l'\nkey = 'k'\nouputs = 'o'\n").unwrap();
    let message = refused(&["run", "-c", file]);
    holds(
        &message,
        &["bad.toml", "line 3, column 1", "did you mean `outputs`?"],
    );
    fs::write(
        &path,
        "lake = 'l'\nkey = 'k'\noutputs = 'o'\nthreshold = 'five'\n",
    )
    .unwrap();
    let output = run(&["run", "-c", file]);
    holds(&stderr(&output), &["bad.toml", "line 4, column 13"]);
    holds(
        &refused(&["run", "-c", "absent.toml"]),
        &["absent.toml", "`-c`"],
    );
}

#[test]
fn a_source_without_files_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("observatory.toml");
    let text = configuration();
    fs::write(&config, &text).unwrap();
    let message = refused(&["run", "-c", config.to_str().unwrap()]);
    holds(&message, &["partenaires.toml", "take it out"]);
    let calendar = folder.path().join("vacances.csv");
    fs::write(&calendar, "first_day_off,classes_resume\n2025-10-18\n").unwrap();
    let with_calendar = format!(
        "calendar = \"vacances.csv\"\n{}",
        text.replace("partners =", "# ")
    );
    fs::write(&config, with_calendar).unwrap();
    let output = run(&["run", "-c", config.to_str().unwrap()]);
    holds(&stderr(&output), &["vacances.csv", "line 2"]);
    let without_partners = text.lines().filter(|line| !line.starts_with("partners"));
    fs::write(&config, without_partners.collect::<Vec<_>>().join("\n")).unwrap();
    let key = folder.path().join("observatoire.cle");
    run(&["privacy", "key", "new", "--key", key.to_str().unwrap()]);
    // Every kind of input is tried: all that is missing is said at once.
    let output = run(&["run", "-c", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let missing = ["etablissements.csv", "`files`", "incidents.csv", "tickets"];
    holds(&stderr(&output), &missing);
}

#[test]
fn a_missing_or_open_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("log"), "").unwrap();
    let (lake, key, log) = (path("lac"), path("key"), path("log"));
    let arguments = [
        "ingest", "access", &log, "--lake", &lake, "--key", &key, "--format", "combined",
    ];
    holds(&refused(&arguments), &["entobs privacy key new"]);
    fs::write(&key, [7_u8; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    holds(&refused(&arguments), &["chmod 600"]);
}

#[test]
fn an_unreadable_file_is_named() {
    let observatory = observatory();
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lac");
    let message = refused(&[
        "ingest",
        "access",
        "absent.log",
        "--format",
        "combined",
        "--lake",
        lake.to_str().unwrap(),
        "--key",
        &observatory.path("observatoire.cle"),
    ]);
    holds(&message, &["`absent.log`", "check the path"]);
}

#[test]
fn unknown_periods_reports_queries_and_territories_are_said() {
    let observatory = observatory();
    let lake = observatory.path("lac");
    let out = observatory.path("ailleurs");
    let of = |kind: &str, period: &str| {
        refused(&[
            "report", kind, "--period", period, "--lake", &lake, "--out", &out,
        ])
    };
    holds(&of("observatory", "2025-S1"), &["2025-S1", "2025-2026-S1"]);
    holds(
        &of("costra", "2022-2023"),
        &["no request of 2022-2023", "2025-08-25", "2025-10-12"],
    );
    let query = |name: &str, more: &[&str]| {
        let mut arguments = vec!["query", name, "--period", "2025-2026-S1", "--lake", &lake];
        arguments.extend(more);
        refused(&arguments)
    };
    holds(&query("usages", &[]), &["did you mean `usage`?"]);
    holds(
        &query("usage", &["--territory", "75"]),
        &["`75`", "59", "departement-59"],
    );
    let partner = [
        "report",
        "partner",
        "--partner",
        "departement-75",
        "--period",
        "2025-2026-S1",
    ];
    let mut arguments = partner.to_vec();
    arguments.extend(["--lake", &lake, "--out", &out]);
    holds(&refused(&arguments), &["departement-75", "departement-59"]);
    assert!(!std::path::Path::new(&out).exists());
}

#[test]
fn an_empty_lake_says_what_to_do_first() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lac");
    let out = folder.path().join("sorties");
    let message = refused(&[
        "report",
        "observatory",
        "--period",
        "2025-2026-S1",
        "--lake",
        lake.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    holds(&message, &["is no lake", "entobs ingest access"]);
    assert!(!lake.exists());
}

#[test]
fn free_sql_only_reads() {
    let lake = observatory().path("lac");
    let message = refused(&["sql", "drop table requests", "--lake", &lake]);
    holds(&message, &["only queries that read"]);
}

#[test]
fn one_writer_at_a_time() {
    let observatory = observatory();
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lac");
    fs::create_dir_all(&lake).unwrap();
    let held = fs::File::create(lake.join("lock")).unwrap();
    held.lock().unwrap();
    let log = folder.path().join("log");
    fs::write(&log, "").unwrap();
    let message = refused(&[
        "ingest",
        "access",
        log.to_str().unwrap(),
        "--format",
        "combined",
        "--lake",
        lake.to_str().unwrap(),
        "--key",
        &observatory.path("observatoire.cle"),
    ]);
    holds(
        &message,
        &["is being written by another process", "hint: wait"],
    );
}
