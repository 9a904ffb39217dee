//! A run that is killed, starved of disk, stopped or begun twice, and files that
//! change on the disk: nothing is lost, nothing is there twice, and what is
//! damaged is named.

use crate::fixture::{configuration, entobs, run, stderr, stdout, tree};
use entobs::lake::{Depth, Lake};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Inputs of a week with a delivery of both académies, small enough to be read
/// in half a second, and what a run that nothing disturbs makes of them.
struct Small {
    _folder: tempfile::TempDir,
    root: PathBuf,
    whole: Vec<(String, Vec<u8>)>,
    took: Duration,
    aggregation: Duration,
}

fn small() -> &'static Small {
    static MADE: OnceLock<Small> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let inputs = root.join("entrees");
        let synth = [
            "synth",
            "--accounts",
            "60",
            "--from",
            "2025-09-14",
            "--to",
            "2025-09-20",
            "--seed",
            "7",
            "--out",
            inputs.to_str().unwrap(),
        ];
        assert!(run(&synth).status.success());
        // A day in two files that share lines: the second holds duplicates.
        let key = root.join("observatoire.cle");
        assert!(
            run(&["privacy", "key", "new", "--key", key.to_str().unwrap()])
                .status
                .success()
        );
        let site = Site::of(&root);
        let start = Instant::now();
        site.run_all();
        let took = start.elapsed();
        let start = Instant::now();
        site.aggregate();
        let aggregation = start.elapsed();
        Small {
            whole: tree(&site.lake()),
            root,
            took,
            aggregation,
            _folder: folder,
        }
    })
}

struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        Self::of(&small().root)
    }

    fn of(inputs: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        symlink(inputs.join("entrees"), root.join("entrees")).unwrap();
        fs::copy(
            inputs.join("observatoire.cle"),
            root.join("observatoire.cle"),
        )
        .unwrap();
        let configuration = configuration();
        let (sources, _) = configuration.split_once("[[tickets]]").unwrap();
        let register =
            "[[register]]\nname = \"reunions\"\nfiles = \"entrees/registres/reunions.csv\"\n";
        fs::write(
            root.join("observatory.toml"),
            format!("{sources}{register}"),
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

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = entobs(arguments);
        command.current_dir(self.folder.path());
        command
    }

    fn say(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn run_all(&self) {
        let done = self.say(&["run"]);
        assert!(
            matches!(done.status.code(), Some(0 | 3)),
            "{}",
            stderr(&done)
        );
    }

    fn aggregate(&self) {
        let done = self.say(AGGREGATE);
        assert!(done.status.success(), "{}", stderr(&done));
    }

    /// Runs what is left to do; the lake is then that of an undisturbed run.
    fn end_well(&self) {
        self.run_all();
        self.aggregate();
        assert_same(&tree(&self.lake()), &small().whole);
    }

    /// A Parquet file of requests, from the root of the lake.
    fn a_file(&self) -> String {
        let files = tree(&self.lake());
        let name = |(name, _): &&(String, Vec<u8>)| name.starts_with("requests/");
        files.iter().find(name).unwrap().0.clone()
    }
}

const AGGREGATE: &[&str] = &["sql", "select count(*) from visits"];

fn assert_same(found: &[(String, Vec<u8>)], wanted: &[(String, Vec<u8>)]) {
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(found), names(wanted));
    for (one, other) in found.iter().zip(wanted) {
        assert!(one.1 == other.1, "`{}` differs", one.0);
    }
}

/// Every file that the ledger lists is there, byte for byte, and a delivery of a
/// directory is there with all that it told or not at all.
fn assert_whole(root: &Path) {
    if !root.join("ledger").exists() {
        return;
    }
    let lake = Lake::open(root).unwrap();
    assert_eq!(lake.verify(Depth::Bytes).unwrap().damaged, []);
    let mut deliveries: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for entry in lake.ledger().unwrap().into_values() {
        if let Some(told) = entry.told {
            let delivery = (entry.source, told.feed, told.day, told.extent);
            deliveries
                .entry(delivery)
                .or_default()
                .insert(told.category);
        }
    }
    for (delivery, categories) in deliveries {
        assert_eq!(categories.len(), 4, "{delivery:?}: {categories:?}");
    }
}

/// Numbers from a seed, so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn killed_after(mut child: Child, time: Duration) -> bool {
    std::thread::sleep(time);
    // SIGKILL: no handler, no clean-up.
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// Kills ingestion, aggregation and retraction at random instants:
/// `ENTOBS_KILLS=1000 cargo test --test it -- faults::killed` for more of them.
#[test]
fn killed_at_any_instant_it_loses_and_doubles_nothing() {
    let kills: u64 = std::env::var("ENTOBS_KILLS").map_or(100, |n| n.parse().unwrap());
    let small = small();
    let site = Site::new();
    let (mut dice, mut hit, mut misses) = (Dice(kills), 0, 0);
    // How much of the time of a whole run is waited for at most: a run that finds its
    // work done by the one before, or a machine that is faster now, ends earlier.
    let mut reach = 1.0;
    let directory = "entrees/annuaires/lille";
    let log = "entrees/acces/fe1/access-20250916.log.gz";
    while hit < kills {
        let (arguments, took): (&[&str], _) = match dice.below(8) {
            0 => (AGGREGATE, small.aggregation),
            1 => (
                &["retract", directory, "-c", "observatory.toml"],
                small.took / 3,
            ),
            2 => (&["retract", log, "-c", "observatory.toml"], small.took / 3),
            _ => (&["run"], small.took),
        };
        let mut command = site.command(arguments);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let instant = took.mul_f64(reach * dice.below(1_000) as f64 / 1_000.0);
        if killed_after(child, instant) {
            hit += 1;
            reach = f64::min(reach * 1.05, 1.0);
        } else {
            misses += 1;
            reach *= 0.95;
        }
        assert!(misses < 20 * kills, "killed {hit} times, missed {misses}");
        assert_whole(&site.lake());
    }
    site.end_well();
}

#[test]
fn a_dead_holder_is_noticed_and_a_living_one_is_named() {
    let site = Site::new();
    let lake = Lake::create(&site.lake()).unwrap();
    let writer = lake.writer().unwrap();
    let refused = site.say(&["run"]);
    assert_eq!(refused.status.code(), Some(1));
    let holder = format!("being written by process {}", std::process::id());
    assert!(stderr(&refused).contains(&holder), "{}", stderr(&refused));
    drop(writer);
    fs::write(site.lake().join("lock"), "4194999").unwrap();
    let after = site.say(&["run"]);
    assert!(
        stderr(&after).contains("process 4194999 was interrupted"),
        "{}",
        stderr(&after)
    );
    site.end_well();
}

#[test]
fn asked_to_end_it_keeps_what_is_committed_and_says_it() {
    let site = Site::new();
    let line = |day: u32, n: u32| {
        let (h, m, s) = (n / 3_600 % 24, n / 60 % 60, n % 60);
        format!(
            "192.0.2.1 - a{n} [{day:02}/Sep/2025:{h:02}:{m:02}:{s:02} +0200] \"GET /timeline/timeline HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 Firefox/1\"\n"
        )
    };
    let file = |day, lines| {
        let text: String = (0..lines).map(|n| line(day, n)).collect();
        fs::write(site.path(&format!("{day}.log")), text).unwrap();
    };
    file(1, 10);
    file(2, 1_500_000);
    let (one, two) = (site.path("1.log"), site.path("2.log"));
    let mut command = site.command(&[
        "ingest",
        "access",
        &one,
        &two,
        "--format",
        "combined",
        "--json",
        "-c",
        "observatory.toml",
    ]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let committed = || fs::read_dir(site.lake().join("ledger")).map_or(0, Iterator::count);
    while committed() == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let asked = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(asked.unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", stderr(&ended));
    assert!(
        stderr(&ended).contains("stopped as asked"),
        "{}",
        stderr(&ended)
    );
    let said: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(
        (&said["kept"], said["files"].as_array().unwrap().len()),
        (&10.into(), 1)
    );
    assert!(said["error"].as_str().unwrap().contains("run again"));
    assert_eq!(committed(), 1);
    assert_whole(&site.lake());
    assert!(!site.lake().join("staging").exists() || tree(&site.lake().join("staging")).is_empty());
}

/// Every file that is written is cut off by the system beyond a few kilobytes.
#[test]
fn a_write_that_fails_leaves_the_lake_as_it_was() {
    let site = Site::new();
    let program = env!("CARGO_BIN_EXE_entobs");
    for blocks in [0, 2, 4, 8, 12, 16] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} run");
        let starved = Command::new("sh")
            .args(["-c", &script])
            .current_dir(site.folder.path())
            .output()
            .unwrap();
        if blocks < 8 {
            assert_eq!(
                starved.status.code(),
                Some(1),
                "{blocks}: {}",
                stderr(&starved)
            );
            assert!(stderr(&starved).contains("hint:"), "{}", stderr(&starved));
        }
        assert_whole(&site.lake());
    }
    site.end_well();
}

/// In a namespace of its own, where this user may mount.
fn mounted(site: &Site, script: &str) -> Option<Output> {
    let script = format!(
        "set -e\nentobs() {{ {} \"$@\"; }}\n{script}",
        env!("CARGO_BIN_EXE_entobs")
    );
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c"]);
    let done = command
        .arg(&script)
        .current_dir(site.folder.path())
        .output()
        .ok()?;
    let said = stderr(&done);
    if said.contains("not permitted")
        || said.contains("permission denied")
        || said.contains("unshare:")
    {
        eprintln!("SKIPPED: no file system can be mounted here: {said}");
        return None;
    }
    Some(done)
}

#[test]
fn a_full_disk_is_said_and_harms_nothing() {
    let site = Site::new();
    fs::create_dir(site.lake()).unwrap();
    let script = "
mount -t tmpfs -o size=120k tmpfs lac
code=0; entobs run 2>message || code=$?
echo $code
entobs lake verify --lake lac 2>/dev/null; echo $?
mount -o remount,size=50m lac
code=0; entobs run 2>/dev/null || code=$?
entobs sql 'select count(*) from visits' >/dev/null
cp -r lac copy";
    let Some(done) = mounted(&site, script) else {
        return;
    };
    assert!(done.status.success(), "{}", stderr(&done));
    assert_eq!(stdout(&done), "1\n0\n");
    let message = fs::read_to_string(site.path("message")).unwrap();
    assert!(
        message.contains("No space left") && message.contains("hint:"),
        "{message}"
    );
    assert_same(&tree(&site.folder.path().join("copy")), &small().whole);
}

#[test]
fn a_lake_that_may_only_be_read_is_read() {
    let site = Site::new();
    site.end_well();
    let script = "
mount --bind lac lac
mount -o remount,bind,ro lac
entobs sql 'select count(*) > 0 as n from visits' --output csv
code=0; entobs run 2>message || code=$?
echo $code";
    let Some(done) = mounted(&site, script) else {
        return;
    };
    assert_eq!(stdout(&done), "n\ntrue\n1\n", "{}", stderr(&done));
    let message = fs::read_to_string(site.path("message")).unwrap();
    assert!(
        message.contains("Read-only") && message.contains("hint:"),
        "{message}"
    );
    site.end_well();
}

fn verify(site: &Site, more: &[&str]) -> (Option<i32>, Value) {
    let done = site.say(&[&["lake", "verify", "--lake", "lac", "--json"], more].concat());
    (
        done.status.code(),
        serde_json::from_slice(&done.stdout).unwrap(),
    )
}

/// Changes a file of the lake; the program names it, takes it out and makes it
/// again from its input.
fn damaged(change: impl Fn(&mut Vec<u8>), name: impl Fn(&Site) -> String, says: &str) {
    let site = Site::new();
    site.end_well();
    assert_eq!(verify(&site, &[]).0, Some(0));
    let name = name(&site);
    let path = site.lake().join(&name);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let (code, found) = verify(&site, &[]);
    assert_eq!(code, Some(3), "{found}");
    assert_eq!(found["damaged"][0]["path"], name.as_str(), "{found}");
    assert!(
        found["damaged"][0]["damage"]
            .as_str()
            .unwrap()
            .contains(says),
        "{found}"
    );
    // No figure is made of it.
    fs::remove_file(site.lake().join("marts/state.json")).unwrap();
    let refused = site.say(AGGREGATE);
    assert_eq!(refused.status.code(), Some(1));
    let file = path.file_name().unwrap().to_str().unwrap();
    let message = stderr(&refused);
    assert!(
        message.contains(file) && message.contains("--repair"),
        "{message}"
    );
    assert_eq!(verify(&site, &["--repair"]).0, Some(3));
    assert_eq!(verify(&site, &[]).0, Some(0));
    site.end_well();
}

#[test]
fn a_flipped_bit_is_found_named_and_repaired() {
    let flip = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 3;
        bytes[middle] ^= 4;
    };
    damaged(flip, Site::a_file, "checksum");
}

#[test]
fn a_cut_file_is_found_named_and_repaired() {
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2);
    damaged(cut, Site::a_file, "checksum");
}

#[test]
fn a_damaged_entry_is_found_named_and_repaired() {
    let flip = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    let entry = |site: &Site| {
        let files = tree(&site.lake());
        let is_entry = |(name, _): &&(String, Vec<u8>)| name.starts_with("ledger/");
        files.iter().find(is_entry).unwrap().0.clone()
    };
    damaged(flip, entry, "checksum");
}

#[test]
fn a_damaged_mart_is_made_again() {
    let site = Site::new();
    site.end_well();
    let marts = tree(&site.lake().join("marts"));
    let is_of_visits = |(name, _): &&(String, Vec<u8>)| name.starts_with("visits/");
    let (name, _) = marts.iter().find(is_of_visits).unwrap();
    let path = site.lake().join("marts").join(name);
    let bytes = fs::read(&path).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    fs::write(&path, flipped).unwrap();
    let (code, found) = verify(&site, &[]);
    assert_eq!(
        (code, &found["damaged_marts"][0]),
        (Some(3), &name.as_str().into())
    );
    assert_eq!(verify(&site, &["--repair"]).0, Some(3));
    site.end_well();
    // A cut one is noticed without being asked.
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    site.end_well();
}

#[test]
fn a_lake_of_a_later_program_is_refused_and_an_earlier_one_brought_up_to_date() {
    let site = Site::new();
    site.end_well();
    let format = site.lake().join("format");
    fs::write(&format, "99\n").unwrap();
    for command in [
        &["run"][..],
        AGGREGATE,
        &["lake", "verify", "--lake", "lac"],
    ] {
        let refused = site.say(command);
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            stderr(&refused).contains("format 99"),
            "{}",
            stderr(&refused)
        );
    }
    // As format 1 was: neither seals nor checksums, nor a word about itself.
    fs::remove_file(&format).unwrap();
    for (name, bytes) in tree(&site.lake().join("ledger")) {
        let mut entry: Value = serde_json::from_slice(&bytes).unwrap();
        entry.as_object_mut().unwrap().remove("seal");
        for file in entry["files"].as_array_mut().unwrap() {
            file.as_object_mut().unwrap().remove("sha256");
        }
        let text = serde_json::to_string_pretty(&entry).unwrap();
        fs::write(site.lake().join("ledger").join(name), text).unwrap();
    }
    let (code, found) = verify(&site, &[]);
    assert_eq!(
        (code, found["without_checksum"].as_u64().unwrap() > 3),
        (Some(0), true),
        "{found}"
    );
    site.end_well();
}

/// The deliveries of an académie, in a folder of their own.
fn delivery(site: &Site, folder: &str) -> Vec<PathBuf> {
    let to = site.folder.path().join(folder);
    fs::create_dir_all(&to).unwrap();
    let from = fs::read_dir(site.folder.path().join("entrees/annuaires/lille")).unwrap();
    let mut files = Vec::new();
    for file in from.map(|file| file.unwrap().path()) {
        let copy = to.join(file.file_name().unwrap());
        fs::copy(&file, &copy).unwrap();
        files.push(copy);
    }
    files.sort();
    files
}

fn deliver(site: &Site, paths: &[&str]) -> (Output, Value) {
    let options = ["--source", "lille", "--json", "-c", "observatory.toml"];
    let done = site.say(&[&["ingest", "directory"], paths, &options].concat());
    let said = serde_json::from_slice(&done.stdout).unwrap_or_default();
    (done, said)
}

#[test]
fn deliveries_before_a_refused_one_are_counted() {
    let site = Site::new();
    for file in delivery(&site, "livraisons") {
        // The same, eleven days later and cut.
        let name = file.file_name().unwrap().to_str().unwrap();
        let day = name
            .split('_')
            .find(|word| word.len() == 8 && word.starts_with("20"))
            .unwrap();
        let later = file.with_file_name(name.replace(day, "20250927"));
        let bytes = fs::read(&file).unwrap();
        fs::write(later, &bytes[..bytes.len() / 2]).unwrap();
    }
    let (done, said) = deliver(&site, &["livraisons"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(said["kept"].as_u64().unwrap() > 50, "{said}");
    assert!(
        said["error"].as_str().unwrap().contains("20250927"),
        "{said}"
    );
    assert_whole(&site.lake());
}

#[test]
fn an_archive_beside_its_files_is_read_once_and_taken_back_whole() {
    let site = Site::new();
    let files = delivery(&site, "livraisons");
    let (_, plain) = deliver(&site, &["livraisons"]);
    let rows = plain["kept"].as_u64().unwrap();
    assert!(rows > 50);
    let back = site.say(&["retract", "livraisons", "-c", "observatory.toml"]);
    assert!(back.status.success(), "{}", stderr(&back));
    let count = || {
        let said = site.say(&[
            "sql",
            "select count(*) as n from accounts",
            "--output",
            "csv",
        ]);
        stdout(&said)
    };
    assert_eq!(count(), "n\n0\n");
    // The gzipped files as they are, in an archive.
    let archive = site.folder.path().join("livraisons/tout.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        zip.start_file(
            format!("export/{name}"),
            zip::write::SimpleFileOptions::default(),
        )
        .unwrap();
        zip.write_all(&fs::read(file).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    let (_, both) = deliver(&site, &["livraisons"]);
    assert_eq!(both["kept"], rows, "{both}");
    let archive = archive.to_str().unwrap();
    let (_, again) = deliver(&site, &[archive]);
    assert_eq!(
        (&again["kept"], &again["duplicates"]),
        (&0.into(), &rows.into())
    );
    let back = site.say(&["retract", archive, "-c", "observatory.toml"]);
    assert!(back.status.success(), "{}", stderr(&back));
    assert_eq!(count(), "n\n0\n");
    // One name, two contents: nobody knows which is meant.
    fs::write(&files[0], fs::read(&files[1]).unwrap()).unwrap();
    let (refused, _) = deliver(&site, &["livraisons"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("different contents"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn the_doctor_says_what_a_run_would_stumble_over() {
    let site = Site::new();
    site.end_well();
    let look = || {
        let said = site.say(&["doctor", "--deep", "--json"]);
        let found: Value = serde_json::from_slice(&said.stdout).unwrap();
        let findings = found["findings"].as_array().unwrap();
        let bad = findings.iter().filter(|f| f["state"] != "ok");
        let bad: Vec<String> = bad
            .map(|f| f["about"].as_str().unwrap().to_owned())
            .collect();
        (said.status.code(), bad)
    };
    let disk = |about: &String| !about.starts_with("disk");
    assert!(look().1.iter().all(|about| !disk(about)), "{:?}", look());
    fs::write(site.lake().join("lock"), "4194999").unwrap();
    let file = site.lake().join(site.a_file());
    fs::write(&file, "no Parquet").unwrap();
    fs::remove_file(site.path("observatoire.cle")).unwrap();
    let configuration = fs::read_to_string(site.path("observatory.toml")).unwrap();
    fs::write(
        site.path("observatory.toml"),
        configuration.replace("acces/fe2", "acces/fe9"),
    )
    .unwrap();
    let (code, mut bad) = look();
    bad.retain(disk);
    assert_eq!(code, Some(1));
    assert_eq!(bad, ["key", "lock", "lake", "sources"]);
}

#[test]
fn rows_of_another_key_do_not_come_into_a_lake() {
    let site = Site::new();
    site.run_all();
    fs::remove_file(site.path("observatoire.cle")).unwrap();
    let made = site.say(&["privacy", "key", "new", "--key", "observatoire.cle"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let refused = site.say(&["run"]);
    assert_eq!(refused.status.code(), Some(1));
    let message = stderr(&refused);
    assert!(message.contains("written with another key"), "{message}");
    let said = site.say(&["doctor"]);
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(text.contains("broken   key of lake"), "{text}");
}

#[test]
fn what_is_wrong_with_one_kind_keeps_no_other_from_being_read() {
    let site = Site::new();
    let configuration = fs::read_to_string(site.path("observatory.toml")).unwrap();
    let wrong = configuration
        .replace("acces/fe2", "acces/fe9")
        .replace("registres/reunions.csv", "registres/inconnu.csv");
    fs::write(site.path("observatory.toml"), wrong).unwrap();
    let done = site.say(&["run", "--json", "--metrics", "nowhere/entobs.prom"]);
    assert_eq!(done.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    let stages = said["stages"].as_array().unwrap();
    let read = |name: &str| {
        let stage = stages.iter().find(|stage| stage["name"] == name);
        stage.unwrap()["read"].as_u64().unwrap()
    };
    assert!(read("events") > 0 && read("directories") > 0, "{said}");
    let message = stderr(&done);
    for part in ["acces/fe9", "inconnu.csv", "nowhere/entobs.prom"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // Put right, it is as if nothing had been wrong.
    fs::write(site.path("observatory.toml"), configuration).unwrap();
    site.end_well();
}

#[test]
fn a_run_says_what_it_did_to_a_node_exporter() {
    let site = Site::new();
    let done = site.say(&["run", "--metrics", "entobs.prom", "--json"]);
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    let text = fs::read_to_string(site.path("entobs.prom")).unwrap();
    let code = done.status.code().unwrap();
    assert!(
        text.contains(&format!("\nentobs_exit_code {code}\n")) && text.ends_with("# EOF\n"),
        "{text}"
    );
    let stages = said["stages"].as_array().unwrap();
    let logs = stages
        .iter()
        .find(|stage| stage["name"] == "access logs")
        .unwrap();
    let line = format!(
        "entobs_rows{{input=\"access logs\",became=\"kept\"}} {}\n",
        logs["kept"]
    );
    assert!(text.contains(&line), "{line}{text}");
    assert!(
        text.contains("entobs_lake_rows{table=\"requests\"}"),
        "{text}"
    );
}

#[test]
fn a_shell_completes_and_man_has_a_page_a_command() {
    let site = Site::new();
    for shell in ["bash", "fish", "zsh"] {
        let said = stdout(&site.say(&["completions", shell]));
        assert!(said.contains("retract") && said.len() > 2_000, "{shell}");
    }
    assert!(site.say(&["man", "--out", "man"]).status.success());
    let page = fs::read_to_string(site.path("man/entobs-lake-verify.1")).unwrap();
    assert!(page.contains("repair"), "{page}");
}

/// A job array reads the logs in parts, some lines in two of them, and one process
/// puts them together: the rows of one run.
#[test]
fn parts_put_together_are_one_run() {
    let site = Site::new();
    let folder = site.folder.path().join("logs");
    fs::create_dir(&folder).unwrap();
    let logs = site.folder.path().join("entrees/acces/fe1");
    let mut all = Vec::new();
    for (name, bytes) in tree(&logs) {
        // A file and the one of the next day share lines.
        let mut text = String::new();
        std::io::Read::read_to_string(
            &mut flate2::read::MultiGzDecoder::new(&bytes[..]),
            &mut text,
        )
        .unwrap();
        fs::write(
            folder.join(name),
            format!("{}{text}", all.last().unwrap_or(&String::new())),
        )
        .unwrap();
        all.push(text);
    }
    let ingest = |lake: &str, more: &[&str]| {
        let format = small_format();
        let arguments = [
            "ingest",
            "access",
            "logs",
            "--lake",
            lake,
            "--key",
            "observatoire.cle",
            "--source",
            "fe1",
            "--account",
            "ent_account",
            "--log-format",
            format,
        ];
        let done = site.say(&[&arguments[..], more].concat());
        assert!(
            matches!(done.status.code(), Some(0 | 3)),
            "{}",
            stderr(&done)
        );
    };
    ingest("whole", &[]);
    for part in ["1/3", "2/3", "3/3"] {
        ingest(&format!("part-{}", &part[..1]), &["--shard", part]);
    }
    let gather = [
        "lake", "gather", "part-2", "part-1", "part-3", "--lake", "gathered",
    ];
    for _ in 0..2 {
        let done = site.say(&gather);
        assert!(done.status.success(), "{}", stderr(&done));
    }
    let compacted = |lake: &str| {
        assert!(
            site.say(&["lake", "compact", "--lake", lake])
                .status
                .success()
        );
        let root = site.folder.path().join(lake);
        assert_whole(&root);
        tree(&root.join("requests"))
    };
    assert_same(&compacted("gathered"), &compacted("whole"));
    let digests = |lake: &str| {
        let lake = Lake::open(&site.folder.path().join(lake)).unwrap();
        lake.ledger().unwrap().into_keys().collect::<Vec<_>>()
    };
    assert_eq!(digests("gathered"), digests("whole"));
    let refused = site.say(&[
        "ingest",
        "schools",
        "entrees/etablissements.csv",
        "--shard",
        "1/2",
        "-c",
        "observatory.toml",
    ]);
    assert!(
        stderr(&refused).contains("are read in parts"),
        "{}",
        stderr(&refused)
    );
}

fn small_format() -> &'static str {
    r#"$remote_addr - $ent_account [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time "$upstream_response_time""#
}

/// Thirty nights of `entobs run` while files come late, cut or not at all, and runs
/// are killed: the lake holds what one run over all of them makes.
#[test]
fn a_month_of_nights_with_faults_is_one_run() {
    let month = tempfile::tempdir().unwrap();
    let inputs = month.path().join("entrees");
    let synth = [
        "synth",
        "--accounts",
        "60",
        "--from",
        "2025-09-14",
        "--to",
        "2025-10-13",
        "--seed",
        "3",
        "--out",
    ];
    assert!(
        run(&[&synth[..], &[inputs.to_str().unwrap()]].concat())
            .status
            .success()
    );
    fs::copy(
        small().root.join("observatoire.cle"),
        month.path().join("observatoire.cle"),
    )
    .unwrap();
    let once = Site::of(month.path());
    once.run_all();
    let nights = Site::of(month.path());
    fs::remove_file(nights.path("entrees")).unwrap();
    let mut dice = Dice(30);
    let mut waiting: Vec<(String, u64, bool)> = Vec::new();
    for (name, _) in tree(&inputs) {
        let of_a_day = name
            .split(['-', '.', '_'])
            .find_map(|word| word.strip_prefix("2025"));
        let day = of_a_day
            .filter(|day| day.len() == 4)
            .map(|day| day.parse::<u64>().unwrap());
        let night = day.map_or(0, |day| (day / 100 - 9) * 30 + day % 100 - 14);
        let is_log = name.starts_with("acces/") && night > 0;
        let late = if is_log && dice.below(4) == 0 {
            1 + dice.below(3)
        } else {
            0
        };
        // The directories first: each section of the configuration has a file.
        let comes = if is_log { night + late } else { 0 };
        waiting.push((name, comes, is_log && dice.below(5) == 0));
    }
    for night in 0..34 {
        for (name, comes, is_cut) in &mut waiting {
            let to = nights.folder.path().join("entrees").join(&*name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let bytes = fs::read(inputs.join(&*name)).unwrap();
            match (*comes == night, *comes + 1 == night && *is_cut) {
                (true, _) if *is_cut => fs::write(to, &bytes[..bytes.len() / 2]).unwrap(),
                (true, _) | (_, true) => fs::write(to, bytes).unwrap(),
                _ => {}
            }
        }
        if dice.below(3) == 0 {
            let mut command = nights.command(&["run"]);
            let child = command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            killed_after(child, Duration::from_millis(dice.below(300)));
        }
        nights.run_all();
    }
    let tables = |site: &Site| {
        assert!(
            site.say(&["lake", "compact", "--lake", "lac"])
                .status
                .success()
        );
        assert_whole(&site.lake());
        let mut files = tree(&site.lake());
        files.retain(|(name, _)| !name.starts_with("ledger/"));
        files
    };
    assert_same(&tables(&nights), &tables(&once));
}
