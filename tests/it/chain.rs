//! The chain as a deployment runs it: what is due, once, to the same bytes.

use crate::fixture::{
    configuration, entobs, is_kept_table, observatory, run, stderr, stdout, tree,
};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const DELIVERABLES: [&str; 3] = [
    "observatoire/2025-2026-S1/observatoire",
    "costra/2025-2026/costra",
    "partenaires/departement-59/2025-2026-S1/dossier",
];

fn counts(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"))
}

fn balance(counts: &serde_json::Value) {
    let number = |name: &str| counts[name].as_u64().unwrap();
    let rejected: u64 = counts["rejected"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(
        number("read"),
        number("kept") + number("duplicates") + rejected,
        "{counts}"
    );
}

#[test]
fn a_run_accounts_for_every_row() {
    let observatory = observatory();
    // Cut lines were planted: done, with findings.
    assert_eq!(
        observatory.run.status.code(),
        Some(3),
        "{}",
        stderr(&observatory.run)
    );
    let counts = counts(&stdout(&observatory.run));
    balance(&counts);
    counts["files"].as_array().unwrap().iter().for_each(balance);
    assert_eq!(counts["duplicates"], 0);
    assert_eq!(
        counts["rejected"].as_object().unwrap().len(),
        1,
        "{}",
        counts["rejected"]
    );
    // Monitoring, robots and probes are kept, as no person's.
    let kinds = observatory.sql("select distinct kind from requests order by kind");
    let kinds: Vec<_> = kinds
        .iter()
        .map(|row| row["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "action", "error", "login", "page", "polling", "probe", "robot", "static"
        ]
    );
}

#[test]
fn each_deliverable_has_its_three_forms() {
    for name in DELIVERABLES {
        let read = |extension: &str| observatory().deliverable(&format!("{name}.{extension}"));
        assert!(read("pdf").starts_with(b"%PDF-"), "{name}");
        assert!(read("xlsx").starts_with(b"PK"), "{name}");
        let html = String::from_utf8(read("html")).unwrap();
        assert!(
            html.starts_with("<!doctype html>\n<html lang=\"fr\">"),
            "{name}"
        );
    }
}

/// A second deployment of the same inputs under the same key.
fn copy(root: &Path) {
    let first = observatory();
    std::os::unix::fs::symlink(first.root.join("entrees"), root.join("entrees")).unwrap();
    fs::copy(
        first.root.join("observatoire.cle"),
        root.join("observatoire.cle"),
    )
    .unwrap();
    fs::write(root.join("observatory.toml"), configuration()).unwrap();
}

/// A lake without what the queries of other tests, running now, have spilled or keep.
fn tree_at_rest(lake: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = tree(lake);
    files.retain(|(name, _)| !name.starts_with("spill/") && !is_kept_table(name));
    files
}

#[test]
fn same_inputs_same_bytes() {
    let first = observatory();
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path());
    let config = folder.path().join("observatory.toml");
    let config = config.to_str().unwrap();
    assert_eq!(run(&["run", "-c", config]).status.code(), Some(3));
    let lakes = (
        tree_at_rest(&first.root.join("lac")),
        tree_at_rest(&folder.path().join("lac")),
    );
    let outputs = (
        tree(&first.root.join("sorties")),
        tree(&folder.path().join("sorties")),
    );
    for (one, other) in lakes
        .0
        .iter()
        .zip(&lakes.1)
        .chain(outputs.0.iter().zip(&outputs.1))
    {
        assert_eq!(one.0, other.0);
        assert!(one.1 == other.1, "`{}` differs", one.0);
    }
    assert_eq!(
        (lakes.0.len(), outputs.0.len()),
        (lakes.1.len(), outputs.1.len())
    );
    assert!(outputs.0.len() > 20);

    // Again over the same lake: nothing is kept twice, nothing changes.
    let again = run(&["run", "-c", config, "--json"]);
    let counts = counts(&stdout(&again));
    balance(&counts);
    assert_eq!(counts["kept"], 0);
    assert_eq!(tree(&folder.path().join("sorties")), outputs.1);
    assert_eq!(tree_at_rest(&folder.path().join("lac")), lakes.1);
}

fn ingest_access<'a>(lake: &'a str, key: &'a str, paths: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["ingest", "access"];
    arguments.extend(paths);
    arguments.extend([
        "--lake",
        lake,
        "--key",
        key,
        "--source",
        "fe1",
        "--account",
        "ent_account",
    ]);
    arguments.extend(["--log-format", LOG_FORMAT, "--json"]);
    arguments
}

const LOG_FORMAT: &str = r#"$remote_addr - $ent_account [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time "$upstream_response_time""#;

#[test]
fn a_file_renamed_and_uncompressed_is_the_same_file() {
    let first = observatory();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let gzipped = fs::read(first.root.join("entrees/acces/fe1/access-20250901.log.gz")).unwrap();
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(&gzipped[..])
        .read_to_end(&mut plain)
        .unwrap();
    fs::write(path("a.log.gz"), &gzipped).unwrap();
    fs::write(path("renamed"), &plain).unwrap();
    let (lake, key) = (path("lac"), first.path("observatoire.cle"));
    let (one, other) = (path("a.log.gz"), path("renamed"));
    let once = counts(&stdout(&run(&ingest_access(&lake, &key, &[&one]))));
    let again = counts(&stdout(&run(&ingest_access(&lake, &key, &[&other]))));
    assert!(once["kept"].as_u64().unwrap() > 100);
    assert_eq!(again["kept"], 0);
    assert_eq!(again["duplicates"], once["kept"]);
    balance(&again);
}

#[test]
fn killed_in_the_middle_and_run_again_it_is_the_same_lake() {
    let first = observatory();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (logs, key) = (
        first.path("entrees/acces/fe1"),
        first.path("observatoire.cle"),
    );
    let (whole, killed) = (path("whole"), path("killed"));
    run(&ingest_access(&whole, &key, &[&logs]));
    let files = fs::read_dir(&logs).unwrap().count();
    let committed = || fs::read_dir(Path::new(&killed).join("ledger")).map_or(0, Iterator::count);
    let mut in_the_middle = 0;
    for _ in 0..40 {
        let mut child = entobs(&ingest_access(&killed, &key, &[&logs]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let before = committed();
        // Killed as soon as it has got a little further.
        while committed() < before + 3 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        // SIGKILL: no handler, no clean-up.
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.code().is_none() && committed() < files {
            in_the_middle += 1;
        }
    }
    assert!(
        in_the_middle >= 5,
        "killed in the middle {in_the_middle} times"
    );
    run(&ingest_access(&killed, &key, &[&logs]));
    assert_eq!(tree(Path::new(&killed)), tree(Path::new(&whole)));
}

#[test]
fn a_corrected_register_takes_the_place_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (lake, key, register) = (path("lac"), path("key"), path("reunions.csv"));
    run(&["privacy", "key", "new", "--key", &key]);
    let mut versions = Vec::new();
    for participants in [18, 21, 18] {
        let row = format!("R1;Observatoire;2024-11-21;{participants}\n");
        fs::write(&register, format!("id;instance;date;participants\n{row}")).unwrap();
        let ingest = [
            "ingest", "register", &register, "--source", "reunions", "--lake", &lake, "--key", &key,
        ];
        assert!(run(&ingest).status.success());
        let sql = "select value from registers where field = 'participants'";
        let found = run(&["sql", sql, "--lake", &lake, "--output", "csv"]);
        assert_eq!(stdout(&found), format!("value\n{participants}\n"));
        versions.push(tree(&Path::new(&lake).join("registers")));
    }
    assert_eq!(versions[0], versions[2]);
    assert_eq!(versions[1].len(), 1);
}

#[test]
fn a_partner_has_a_pack_from_the_day_it_joined() {
    let config = observatory().path("observatory.toml");
    let out = tempfile::tempdir().unwrap();
    let pack = |period: &str| {
        let out = out.path().to_str().unwrap();
        let partner = [
            "report",
            "partner",
            "--partner",
            "somme-numerique",
            "--period",
            period,
        ];
        run(&[&partner[..], &["-c", &config, "--out", out]].concat())
    };
    let before = pack("2025-08");
    assert_eq!(before.status.code(), Some(1));
    assert!(
        stderr(&before).contains("unknown partner `somme-numerique`"),
        "{}",
        stderr(&before)
    );
    let after = pack("2025-09");
    assert!(after.status.success(), "{}", stderr(&after));
}

#[test]
fn same_seed_same_inputs() {
    let folder = tempfile::tempdir().unwrap();
    crate::fixture::synthesise(folder.path());
    let again = tree(folder.path());
    let first = tree(&observatory().root.join("entrees"));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&first), names(&again));
    for (one, other) in first.iter().zip(&again) {
        assert!(one.1 == other.1, "`{}` differs", one.0);
    }
}
