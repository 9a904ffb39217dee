//! `cargo bench --profile dev`: how fast access logs enter the lake, as ratios against peers
//! on the same file in one run. The program is the one that the README builds.
//!
//! Peers: `gzip -dc FILE | wc -l`, which only counts lines, and DuckDB (`pip
//! install duckdb`) reading the same columns by a regular expression into a
//! Parquet file compressed with zstd. A peer that is not installed is said to be.

use entobs::synth;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 3;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = one_log(folder.path());
    let bytes = fs::metadata(&log).expect("the log").len();
    let lines = count_lines(&log);
    println!("{lines} lines, {} kB gzipped", bytes / 1_000);
    let ours = best(|run| ingest(folder.path(), &log, run));
    println!(
        "entobs ingest access: {:.2} s, {:.0} lines a second",
        ours.as_secs_f64(),
        lines as f64 / ours.as_secs_f64()
    );
    let count = best(|_| {
        run(Command::new("sh")
            .args(["-c", "gzip -dc \"$0\" | wc -l"])
            .arg(&log))
    });
    ratio("gzip -dc | wc -l", count, ours);
    match duckdb(folder.path(), &log) {
        Some(peer) => ratio("DuckDB, regular expression to Parquet", peer, ours),
        None => println!("DuckDB: not installed, skipped"),
    }
}

/// A month of one front-end of an invented observatory, as one gzipped file.
fn one_log(folder: &Path) -> std::path::PathBuf {
    let day = |text: &str| text.parse().expect("a day");
    let request = synth::Request {
        accounts: 20_000,
        from: day("2025-11-03"),
        to: day("2025-11-23"),
        seed: 1,
    };
    let inputs = folder.join("entrees");
    synth::write(&request, &inputs, &mut |_| ()).expect("inputs");
    let mut files: Vec<_> = fs::read_dir(inputs.join("acces/fe1"))
        .expect("logs")
        .map(|file| file.expect("a log").path())
        .collect();
    files.sort();
    let path = folder.join("access.log.gz");
    let mut out = File::create(&path).expect("a file");
    for file in files {
        out.write_all(&fs::read(file).expect("a log"))
            .expect("room on the disk");
    }
    path
}

fn count_lines(log: &Path) -> usize {
    let mut lines = entobs::source::open(log).expect("the log");
    let mut count = 0;
    while lines.next_line().expect("a whole log").is_some() {
        count += 1;
    }
    count
}

fn best(mut once: impl FnMut(usize) -> Duration) -> Duration {
    (0..RUNS).map(&mut once).min().expect("at least one run")
}

fn run(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let elapsed = start.elapsed();
    // 3: done, with rejects, of which some were planted.
    assert!(matches!(
        status.expect("the command starts").code(),
        Some(0 | 3)
    ));
    elapsed
}

fn ingest(folder: &Path, log: &Path, number: usize) -> Duration {
    let key = folder.join("key");
    let program = env!("CARGO_BIN_EXE_entobs");
    if !key.exists() {
        run(Command::new(program)
            .args(["privacy", "key", "new", "--key"])
            .arg(&key));
    }
    let lake = folder.join(format!("lac-{number}"));
    let mut command = Command::new(program);
    command
        .args(["ingest", "access"])
        .arg(log)
        .arg("--lake")
        .arg(lake)
        .arg("--key")
        .arg(key);
    command.args([
        "--log-format",
        synth::LOG_FORMAT,
        "--account",
        synth::ACCOUNT_VARIABLE,
    ]);
    run(&mut command)
}

fn duckdb(folder: &Path, log: &Path) -> Option<Duration> {
    let script = r#"
import duckdb, sys
source, target = sys.argv[1:3]
line = r'^(\S+) - (\S+) \[([^\]]+)\] "(\S*) ?(\S*) ?(\S*)" (\d{3}) (\d+) "([^"]*)" "([^"]*)" (\S+) "([^"]*)"$'
names = ['client','account','time','method','uri','protocol','status','bytes','referer','agent','seconds','upstream']
duckdb.sql(f"""copy (select regexp_extract(column0, '{line}', {names}) as line
from read_csv('{source}', columns={{'column0':'varchar'}}, delim='\x01', quote='', escape='', header=false, compression='gzip'))
to '{target}' (format parquet, compression zstd)""")
"#;
    let installed = Command::new("python3")
        .args(["-c", "import duckdb"])
        .stderr(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        return None;
    }
    let target = folder.join("peer.parquet");
    Some(best(|_| {
        run(Command::new("python3")
            .args(["-c", script])
            .arg(log)
            .arg(&target))
    }))
}

fn ratio(peer: &str, theirs: Duration, ours: Duration) {
    println!(
        "{peer}: {:.2} s; entobs takes {:.2} times that",
        theirs.as_secs_f64(),
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}
