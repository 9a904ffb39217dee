//! Keys that go, what is kept long enough, and one person who asks to be forgotten.

use crate::fixture::{PERIOD, entobs, is_kept_table, observatory, run, stderr, stdout, tree};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A copy of the small observatory's lake and key, to be changed.
struct Copy {
    folder: tempfile::TempDir,
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (name, bytes) in tree(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let first = observatory();
        copy_tree(&first.root.join("lac"), &folder.path().join("lac"));
        // Copied with its mode, which a key needs.
        fs::copy(
            first.root.join("observatoire.cle"),
            folder.path().join("cle"),
        )
        .unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn lake(&self) -> PathBuf {
        self.folder.path().join("lac")
    }

    fn sql(&self, sql: &str) -> Vec<Value> {
        let output = run(&["sql", sql, "--lake", &self.path("lac"), "--output", "json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// One number of the tables of the lake alone: no mart is made.
    fn count(&self, of: &str) -> i64 {
        let lake = entobs::lake::Lake::open(&self.lake()).unwrap();
        let session = entobs::query::Session::open(&lake).unwrap();
        let (_, rows) = session.sql(&format!("select count(*) from {of}")).unwrap();
        match rows[0][0] {
            entobs::query::Cell::Integer(number) => number,
            _ => panic!("{of}: no number"),
        }
    }

    fn query(&self, name: &str) -> String {
        let lake = self.path("lac");
        let output = run(&[
            "query", name, "--period", PERIOD, "--lake", &lake, "--output", "csv",
        ]);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    }

    /// The configuration of a policy of so many months.
    fn policy(&self, lines: u32, visits: u32) -> String {
        let config = self.path("observatory.toml");
        let text = format!(
            "lake = 'lac'\nkey = 'cle'\noutputs = 'sorties'\n[retention]\nlines_months = {lines}\nvisits_months = {visits}\n"
        );
        fs::write(&config, text).unwrap();
        config
    }

    /// A purge under that policy, as of a day.
    fn purge(&self, lines: u32, visits: u32, at: &str, more: &[&str]) -> Value {
        let config = self.policy(lines, visits);
        let output = run(&[&["privacy", "purge", "-c", &config, "--at", at][..], more].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The id of an account with visits, as its directory writes it, and its pseudonym.
    fn somebody(&self) -> (String, u64) {
        let key =
            entobs::privacy::pseudonym::MasterKey::load(&self.folder.path().join("cle")).unwrap();
        let key = key.for_year("2025-2026").unwrap();
        let visitors = self.sql(
            "select account, count(*) as n from visits group by account order by n desc, account",
        );
        let visitors: Vec<String> = visitors
            .iter()
            .map(|row| row["account"].to_string().trim_matches('"').to_owned())
            .collect();
        let exports = fs::read_dir(observatory().root.join("entrees/comptes")).unwrap();
        for export in exports {
            let text = fs::read_to_string(export.unwrap().path()).unwrap();
            for line in text.lines().skip(1) {
                let id = line.split(';').nth(1).unwrap();
                let pseudonym = key.pseudonym(id.as_bytes());
                if visitors.contains(&pseudonym.to_string()) {
                    return (id.to_owned(), pseudonym);
                }
            }
        }
        panic!("nobody of the exports made a visit");
    }
}

fn rows(record: &Value, table: &str) -> u64 {
    record["erased"][table].as_u64().unwrap_or(0)
}

#[test]
fn lines_go_and_their_visits_stay() {
    let copy = Copy::new();
    let figures = ["usage", "weekly", "services", "coverage", "hours"];
    let before = figures.map(|name| copy.query(name));
    let lines = copy.sql("select count(*) as n from requests where day < date '2025-09-20'");
    let promised = copy.purge(1, 2, "2025-10-20", &["--dry-run"]);
    assert_eq!(figures.map(|name| copy.query(name)), before);
    let done = copy.purge(1, 2, "2025-10-20", &[]);
    assert_eq!(promised["erased"], done["erased"]);
    assert_eq!(rows(&done, "requests"), lines[0]["n"].as_u64().unwrap());
    assert!(
        rows(&done, "events") > 0 && rows(&done, "accounts") == 0,
        "{done}"
    );
    for (table, what) in [("requests", "day"), ("events", "day"), ("logins", "day")] {
        let old = copy.sql(&format!(
            "select count(*) as n from {table} where {what} < date '2025-09-20'"
        ));
        assert_eq!(old[0]["n"], 0, "{table}");
    }
    for (name, before) in figures.iter().zip(before) {
        assert_eq!(copy.query(name), before, "{name}");
    }
    // Once more: nothing is left to take, and nothing is lost.
    assert_eq!(
        copy.purge(1, 2, "2025-10-20", &[])["erased"],
        serde_json::json!({})
    );
    // Later the visits go too; hours of the front-ends say nothing of people and stay.
    let late = copy.purge(1, 1, "2025-12-01", &[]);
    assert!(rows(&late, "past_visits") > 0, "{late}");
    assert_eq!(copy.sql("select count(*) as n from visits")[0]["n"], 0);
    let days = "select count(distinct day) as n from source_hours where front_end = 'fe1'";
    assert_eq!(copy.sql(days)[0]["n"], 49);
}

#[test]
fn what_was_purged_does_not_come_back() {
    let copy = Copy::new();
    copy.purge(1, 2, "2025-10-20", &[]);
    let held = || copy.sql("select count(*) as n from requests where day < date '2025-09-20'");
    // One log of a purged day, longer than it was: a new input with old lines.
    let log = observatory()
        .root
        .join("entrees/acces/fe1/access-20250902.log.gz");
    let mut text = String::new();
    let bytes = fs::read(log).unwrap();
    std::io::Read::read_to_string(
        &mut flate2::read::MultiGzDecoder::new(&bytes[..]),
        &mut text,
    )
    .unwrap();
    let longer = copy.path("longer.log");
    let first = text.lines().next().unwrap().to_owned();
    fs::write(&longer, format!("{text}{first}\n")).unwrap();
    let (lake, key) = (copy.path("lac"), copy.path("cle"));
    let format = entobs::synth::LOG_FORMAT;
    let output = run(&[
        "ingest",
        "access",
        &longer,
        "--lake",
        &lake,
        "--key",
        &key,
        "--source",
        "fe1",
        "--log-format",
        format,
        "--account",
        "ent_account",
        "--json",
    ]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["kept"], 0, "{}", stderr(&output));
    assert!(report["duplicates"].as_u64().unwrap() > 100, "{report}");
    assert_eq!(held()[0]["n"], 0);
}

fn forget(copy: &Copy, id: &str) -> Vec<String> {
    [
        "privacy",
        "forget",
        "--lake",
        &copy.path("lac"),
        "--key",
        &copy.path("cle"),
        "--account",
        id,
        "--at",
        "2025-11-03",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Files that hold a number as eight bytes, and tables that hold it as a value.
fn traces(copy: &Copy, pseudonym: u64) -> Vec<String> {
    let needle = pseudonym.to_le_bytes();
    let mut found: Vec<String> = tree(&copy.lake())
        .into_iter()
        .filter(|(_, bytes)| bytes.windows(8).any(|window| window == needle))
        .map(|(name, _)| name)
        .collect();
    let columns = copy.sql(
        "select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type = 'UInt64'",
    );
    assert!(columns.len() > 8, "{columns:?}");
    for column in columns {
        let (table, name) = (
            column["table_name"].as_str().unwrap(),
            column["column_name"].as_str().unwrap(),
        );
        let sql = format!(
            "select count(*) as n from {table} where {name} = arrow_cast('{pseudonym}', 'UInt64')"
        );
        if copy.sql(&sql)[0]["n"] != 0 {
            found.push(format!("{table}.{name}"));
        }
    }
    found
}

#[test]
fn a_person_is_forgotten_everywhere() {
    let copy = Copy::new();
    let (id, pseudonym) = copy.somebody();
    assert!(
        traces(&copy, pseudonym).len() > 3,
        "a search that would prove nothing"
    );
    let keeps_tables = || {
        tree(&copy.lake())
            .iter()
            .any(|(name, _)| is_kept_table(name))
    };
    assert!(keeps_tables());
    let before = copy.sql("select count(*) as n, sum(case when account is null then 1 else 0 end) as nobody from requests");
    let arguments = forget(&copy, &id);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = run(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let certificate: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(certificate["verified"], true);
    assert!(!keeps_tables(), "tables that counted the person go too");
    for table in ["requests", "accounts", "attachments", "platform_accounts"] {
        assert!(rows(&certificate, table) > 0, "{table}: {certificate}");
    }
    let said = stdout(&output) + &stderr(&output);
    assert!(
        !said.contains(&id) && !said.contains(&pseudonym.to_string()),
        "{said}"
    );
    assert_eq!(traces(&copy, pseudonym), Vec::<String>::new());
    let after = copy.sql("select count(*) as n, sum(case when account is null then 1 else 0 end) as nobody from requests");
    let gone = before[0]["n"].as_u64().unwrap() - after[0]["n"].as_u64().unwrap();
    assert_eq!(gone, rows(&certificate, "requests"));
    assert_eq!(before[0]["nobody"], after[0]["nobody"]);
    // Whoever is not there is not found, and that is said.
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}

#[test]
fn a_killed_erasure_leaves_the_old_or_the_new_lake() {
    let (id, pseudonym) = Copy::new().somebody();
    let mut seen = [0, 0];
    for round in 0..8 {
        let copy = Copy::new();
        let arguments = forget(&copy, &id);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let whole = copy.count("requests");
        let mut command = entobs(&arguments);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(80 * round));
        // SIGKILL: no handler, no clean-up.
        child.kill().unwrap();
        child.wait().unwrap();
        let person = format!("requests where account = arrow_cast('{pseudonym}', 'UInt64')");
        let (left, of_person) = (copy.count("requests"), copy.count(&person));
        let is_new = of_person == 0;
        assert_eq!(
            is_new,
            left < whole,
            "{left} of {whole}, {of_person} of the person"
        );
        seen[usize::from(is_new)] += 1;
        // The next one completes it.
        let expected = if is_new { 3 } else { 0 };
        assert_eq!(run(&arguments).status.code(), Some(expected));
        assert_eq!(copy.count(&person), 0);
        let needle = pseudonym.to_le_bytes();
        for (name, bytes) in tree(&copy.lake()) {
            assert!(!bytes.windows(8).any(|window| window == needle), "{name}");
        }
    }
    eprintln!("killed before {} times, after {} times", seen[0], seen[1]);
    assert!(seen[0] > 0, "never killed in time");
}

/// Lines and visits of the days that a purge takes, and of all days.
fn held(copy: &Copy) -> [i64; 4] {
    let old = "where day < date '2025-09-20'";
    [
        copy.count(&format!("requests {old}")),
        copy.count("requests"),
        copy.count(&format!("past_visits {old}")),
        copy.count("past_visits"),
    ]
}

#[test]
fn a_killed_purge_leaves_the_old_or_the_new_lake() {
    let at = "2025-10-20";
    let undisturbed = Copy::new();
    let before = held(&undisturbed);
    let start = Instant::now();
    undisturbed.purge(1, 2, at, &[]);
    let took = start.elapsed();
    let after = held(&undisturbed);
    assert!(before[0] > 0 && after[0] == 0, "{before:?} {after:?}");
    assert!(before[2] == 0 && after[2] > 0, "{before:?} {after:?}");
    let mut seen = [0, 0];
    for round in 0..12 {
        let copy = Copy::new();
        let config = copy.policy(1, 2);
        let mut command = entobs(&["privacy", "purge", "-c", &config, "--at", at]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(took * round / 12);
        child.kill().unwrap();
        child.wait().unwrap();
        // No line is gone of which the visits are not kept, and none is there twice.
        let left = held(&copy);
        assert!(left == before || left == after, "{left:?}");
        seen[usize::from(left == after)] += 1;
        let lake = entobs::lake::Lake::open(&copy.lake()).unwrap();
        let found = lake.verify(entobs::lake::Depth::Bytes).unwrap();
        assert_eq!(found.damaged, []);
        copy.purge(1, 2, at, &[]);
        assert_eq!(held(&copy), after);
    }
    eprintln!("killed before {} times, after {} times", seen[0], seen[1]);
    assert!(seen[0] > 0, "never killed in time");
}

#[test]
fn a_year_without_key_takes_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (lake, key) = (path("lac"), path("cle"));
    assert!(
        run(&["privacy", "key", "new", "--key", &key])
            .status
            .success()
    );
    let early = run(&[
        "privacy",
        "key",
        "destroy",
        "2025-2026",
        "--key",
        &key,
        "--at",
        "2026-07-31",
    ]);
    assert_eq!(early.status.code(), Some(1), "{}", stderr(&early));
    let destroyed = run(&[
        "privacy",
        "key",
        "destroy",
        "2025-2026",
        "--key",
        &key,
        "--at",
        "2026-09-01",
    ]);
    assert!(destroyed.status.success(), "{}", stderr(&destroyed));
    let proof = fs::read_to_string(path("cle.2025-2026.destroyed.json")).unwrap();
    assert!(
        proof.contains("\"destroyed_on\": \"2026-09-01\""),
        "{proof}"
    );
    let (logs, format) = (
        observatory().path("entrees/acces/fe1/access-20250902.log.gz"),
        entobs::synth::LOG_FORMAT,
    );
    let output = run(&[
        "ingest",
        "access",
        &logs,
        "--lake",
        &lake,
        "--key",
        &key,
        "--source",
        "fe1",
        "--log-format",
        format,
        "--account",
        "ent_account",
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        report["rejected"]["year_key_destroyed"].as_u64().unwrap() > 100,
        "{report}"
    );
    let directory = observatory().path("entrees/annuaires/lille");
    let refused = run(&[
        "ingest",
        "directory",
        &directory,
        "--source",
        "lille",
        "--lake",
        &lake,
        "--key",
        &key,
    ]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("destroyed on 2026-09-01"),
        "{}",
        stderr(&refused)
    );
}
