//! `cargo bench`: what bringing access logs into the lake costs, as ratios
//! against peers on the same file in one run. The program is the release build.
//!
//! Peers, each said to be absent where it is not installed:
//! - `gzip -dc FILE | wc -l`, which only counts lines;
//! - DuckDB (`pip install duckdb`): the same columns by a regular expression into
//!   Parquet with zstd, nothing classified, nothing pseudonymised, no identity of lines;
//! - GoAccess (Debian package): its JSON report, parsing and counting in memory.
//!
//! Times are of the processor (user and system, the whole process) unless wall is
//! said. `ENTOBS_BENCH_ACCOUNTS` changes the size of the log.

use entobs::synth;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// The best of so many runs.
const RUNS: usize = 3;
/// The large file of the test of memory holds the log so often.
const TIMES: u32 = 20;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = Site::new(folder.path());
    println!(
        "log: {} lines, {} MB plain, {} MB gzipped",
        site.lines,
        megabytes(&site.plain),
        megabytes(&site.gzipped)
    );
    println!("\none plain file");
    let ours = site.best_ingest(&[&site.plain]);
    println!("  entobs: {ours}, {}", site.lake_size());
    site.against("DuckDB", site.duckdb(), &ours);
    site.against("GoAccess", site.goaccess(), &ours);

    println!("\none gzipped file, wall");
    let gzipped = site.best_ingest(&[&site.gzipped]);
    let count = measured(|| {
        let mut command = Command::new("sh");
        command.args(["-c", "gzip -dc \"$0\" | wc -l"]);
        command.arg(&site.gzipped);
        command
    });
    println!("  entobs: {gzipped}");
    println!("  gzip -dc | wc -l: {count}");
    println!("  entobs takes {:.2} of that", gzipped.wall / count.wall);

    println!("\nmany plain files, a day each");
    let many = site.split();
    let many: Vec<&Path> = many.iter().map(PathBuf::as_path).collect();
    println!(
        "  entobs, {} files: {}",
        many.len(),
        site.best_ingest(&many)
    );
    println!("  again, all known: {}", site.ingest_again(&many));

    println!("\nmemory");
    println!("  once: {} MB resident at most", ours.memory >> 10);
    let large = site.repeated();
    println!("  {TIMES} times, {} MB plain:", megabytes(&large));
    println!("  {}", site.ingest(&[&large]));
}

fn megabytes(path: &Path) -> u64 {
    fs::metadata(path).expect("a file").len() / 1_000_000
}

/// What a run cost.
struct Cost {
    /// Seconds.
    wall: f64,
    /// Seconds of all processors.
    processor: f64,
    /// Kilobytes resident at most.
    memory: u64,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            wall,
            processor,
            memory,
        } = self;
        write!(
            f,
            "{wall:.2} s wall, {processor:.2} s processor, {} MB",
            memory >> 10
        )
    }
}

/// The best of several runs.
fn measured(mut command: impl FnMut() -> Command) -> Cost {
    let runs = (0..RUNS).map(|_| run(command()));
    runs.min_by(|a, b| a.wall.total_cmp(&b.wall))
        .expect("at least one run")
}

/// Runs a command under the shell's `times`, watching its memory.
fn run(command: Command) -> Cost {
    let script = r#""$@" >/dev/null 2>&1; code=$?; times; exit $code"#;
    let mut shell = Command::new("bash");
    shell
        .args(["-c", script, "bash"])
        .arg(command.get_program());
    shell.args(command.get_args());
    let start = Instant::now();
    let mut child = shell.stdout(Stdio::piped()).spawn().expect("bash starts");
    let memory = watch(&mut child);
    let wall = start.elapsed().as_secs_f64();
    // 3: done, with rejects, of which some were planted.
    let code = child.wait().expect("it ended").code();
    assert!(matches!(code, Some(0 | 3)), "{code:?}");
    let mut times = String::new();
    let mut output = child.stdout.take().expect("piped");
    output.read_to_string(&mut times).expect("text");
    Cost {
        wall,
        // The second line is of the children.
        processor: times
            .lines()
            .nth(1)
            .expect("two lines of times")
            .split_whitespace()
            .map(seconds)
            .sum(),
        memory,
    }
}

/// `0m1.250s`
fn seconds(text: &str) -> f64 {
    let (minutes, rest) = text.trim_end_matches('s').split_once('m').expect("a time");
    let part = |text: &str| text.replace(',', ".").parse::<f64>().expect("a number");
    part(minutes) * 60.0 + part(rest)
}

/// The largest resident memory of the children until the shell ends.
fn watch(shell: &mut Child) -> u64 {
    let mut most = 0;
    while shell.try_wait().expect("it can be asked").is_none() {
        most = most.max(children_memory(shell.id()).unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    most
}

fn children_memory(shell: u32) -> Option<u64> {
    let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).ok()?;
    let resident = |child: &str| {
        let status = fs::read_to_string(format!("/proc/{child}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    Some(children.split_whitespace().filter_map(resident).sum())
}

/// The inputs and where the lakes go.
struct Site {
    folder: PathBuf,
    plain: PathBuf,
    gzipped: PathBuf,
    lines: usize,
}

impl Site {
    /// Three weeks of one front-end of an invented observatory.
    fn new(folder: &Path) -> Self {
        let day = |text: &str| text.parse().expect("a day");
        let accounts = std::env::var("ENTOBS_BENCH_ACCOUNTS");
        let request = synth::Request {
            schools: None,
            accounts: accounts.map_or(60_000, |n| n.parse().expect("a number")),
            from: day("2025-11-03"),
            to: day("2025-11-23"),
            seed: 1,
        };
        let inputs = folder.join("entrees");
        synth::write(&request, &inputs, &mut |_| ()).expect("inputs");
        let site = Self {
            folder: folder.into(),
            plain: folder.join("access.log"),
            gzipped: folder.join("access.log.gz"),
            lines: 0,
        };
        let lines = site.join(&inputs.join("acces/fe1"));
        let key = run_ours(&["privacy", "key", "new", "--key"], &[&site.key()]);
        run(key);
        Self { lines, ..site }
    }

    /// The logs of a folder as one file, plain and gzipped by `gzip`.
    fn join(&self, logs: &Path) -> usize {
        let mut files: Vec<_> = fs::read_dir(logs)
            .expect("logs")
            .map(|file| file.expect("a log").path())
            .collect();
        files.sort();
        let mut plain = BufWriter::new(File::create(&self.plain).expect("a file"));
        let mut count = 0;
        for file in files {
            let mut lines = entobs::source::open(&file).expect("a log");
            while let Some(line) = lines.next_line().expect("a whole log") {
                plain.write_all(line.bytes).expect("room on the disk");
                plain.write_all(b"\n").expect("room on the disk");
                count += 1;
            }
        }
        plain.flush().expect("room on the disk");
        let zipped = File::create(&self.gzipped).expect("a file");
        let mut gzip = Command::new("gzip");
        let status = gzip.arg("-c").arg(&self.plain).stdout(zipped).status();
        assert!(status.expect("gzip").success());
        count
    }

    fn key(&self) -> PathBuf {
        self.folder.join("key")
    }

    fn lake(&self) -> PathBuf {
        self.folder.join("lac")
    }

    fn ingest(&self, logs: &[&Path]) -> Cost {
        if self.lake().exists() {
            fs::remove_dir_all(self.lake()).expect("removed");
        }
        self.ingest_again(logs)
    }

    fn best_ingest(&self, logs: &[&Path]) -> Cost {
        let runs = (0..RUNS).map(|_| self.ingest(logs));
        runs.min_by(|a, b| a.wall.total_cmp(&b.wall))
            .expect("at least one run")
    }

    fn ingest_again(&self, logs: &[&Path]) -> Cost {
        let mut command = run_ours(&["ingest", "access"], logs);
        command.arg("--lake").arg(self.lake());
        command.arg("--key").arg(self.key());
        command.args(["--log-format", synth::LOG_FORMAT]);
        command.args(["--account", synth::ACCOUNT_VARIABLE]);
        run(command)
    }

    /// Bytes of the lake, against those of the plain log.
    fn lake_size(&self) -> String {
        let bytes = size(&self.lake().join("requests"));
        let plain = fs::metadata(&self.plain).expect("the log").len();
        format!(
            "lake {:.1} bytes a row, 1/{:.1} of the log",
            bytes as f64 / self.lines as f64,
            plain as f64 / bytes as f64
        )
    }

    fn against(&self, name: &str, peer: Option<Cost>, ours: &Cost) {
        match peer {
            Some(peer) => println!(
                "  {name}: {peer}; entobs does {:.1} times as much in a second of processor",
                peer.processor / ours.processor
            ),
            None => println!("  {name}: not installed, skipped"),
        }
    }

    fn duckdb(&self) -> Option<Cost> {
        let script = r#"
import duckdb, sys
source, target = sys.argv[1:3]
line = r'^(\S+) - (\S+) \[([^\]]+)\] "(\S*) ?(\S*) ?(\S*)" (\d{3}) (\d+) "([^"]*)" "([^"]*)" (\S+) "([^"]*)"$'
names = ['client','account','time','method','uri','protocol','status','bytes','referer','agent','seconds','upstream']
duckdb.sql(f"""copy (select unnest(regexp_extract(line, '{line}', {names}))
from read_csv('{source}', columns={{'line':'varchar'}}, delim='\x01', quote='', escape='', header=false))
to '{target}' (format parquet, compression zstd)""")
"#;
        installed("python3", &["-c", "import duckdb"])?;
        let target = self.folder.join("peer.parquet");
        Some(measured(|| {
            let mut command = Command::new("python3");
            command.args(["-c", script]).arg(&self.plain).arg(&target);
            command
        }))
    }

    fn goaccess(&self) -> Option<Cost> {
        installed("goaccess", &["--version"])?;
        let report = self.folder.join("report.json");
        Some(measured(|| {
            let mut command = Command::new("goaccess");
            command.arg(&self.plain).arg("-o").arg(&report);
            command.args([
                "--no-global-config",
                "--no-progress",
                "--no-parsing-spinner",
            ]);
            let format = r#"%h - %e [%d:%t %^] "%r" %s %b "%R" "%u" %T "%^""#;
            command.args(["--log-format", format]);
            command.args(["--date-format", "%d/%b/%Y", "--time-format", "%H:%M:%S"]);
            command
        }))
    }

    /// The log as one file a day.
    fn split(&self) -> Vec<PathBuf> {
        let folder = self.folder.join("days");
        fs::create_dir_all(&folder).expect("a folder");
        let mut files: Vec<PathBuf> = Vec::new();
        let mut last = Vec::new();
        let mut out: Option<BufWriter<File>> = None;
        for line in BufReader::new(File::open(&self.plain).expect("the log")).split(b'\n') {
            let line = line.expect("a line");
            let day = line
                .splitn(2, |b| *b == b'[')
                .nth(1)
                .map(|t| t[..11].to_vec());
            let day = day.unwrap_or_else(|| last.clone());
            if day != last {
                let path = folder.join(format!("{:03}.log", files.len()));
                out = Some(BufWriter::new(File::create(&path).expect("a file")));
                files.push(path);
                last = day;
            }
            let out = out.as_mut().expect("a day");
            out.write_all(&line).expect("room on the disk");
            out.write_all(b"\n").expect("room on the disk");
        }
        files
    }

    /// The log many times over, each time in another year.
    fn repeated(&self) -> PathBuf {
        let path = self.folder.join("large.log");
        let text = fs::read(&self.plain).expect("the log");
        let mut out = BufWriter::new(File::create(&path).expect("a file"));
        for year in (2025 - TIMES + 1)..=2025 {
            for line in text.split_inclusive(|b| *b == b'\n') {
                let line = String::from_utf8_lossy(line);
                let moved = line.replacen("/2025:", &format!("/{year}:"), 1);
                out.write_all(moved.as_bytes()).expect("room on the disk");
            }
        }
        out.flush().expect("room on the disk");
        path
    }
}

fn run_ours(arguments: &[&str], paths: &[&Path]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entobs"));
    command.args(arguments).args(paths);
    command
}

fn installed(program: &str, arguments: &[&str]) -> Option<()> {
    let mut command = Command::new(program);
    let command = command.args(arguments).stdout(Stdio::null());
    let status = command.stderr(Stdio::null()).status().ok()?;
    status.success().then_some(())
}

fn size(folder: &Path) -> u64 {
    let items = fs::read_dir(folder).expect("a folder");
    items
        .map(|item| item.expect("an item").path())
        .map(|path| match path.is_dir() {
            true => size(&path),
            false => fs::metadata(&path).expect("a file").len(),
        })
        .sum()
}
