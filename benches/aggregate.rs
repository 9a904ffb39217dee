//! `cargo bench --bench aggregate`: exact distinct people of all cells of an edition.
//!
//! Day-level rows (a person, its role and its establishments on a day) are invented:
//! `ENTOBS_BENCH_ACCOUNTS` accounts (3,000,000 unless said) of 5,570 establishments over
//! `ENTOBS_BENCH_DAYS` school days (180), about 28 in 100 come a day. Then
//! - the sets of each day are made from the rows of that day alone, as `day_sets` does: the
//!   cost of day 170 against that of day 10;
//! - `cells` is run for each week, each month and the semester (the first half of the days);
//! - DuckDB (`pip install duckdb`) counts the same cells of one week, one month and the
//!   semester from the same rows: count(distinct) with grouping sets; the figures must be
//!   the same. Each of its runs is given up after `ENTOBS_BENCH_PATIENCE` seconds (600), or
//!   where it needs more than `ENTOBS_BENCH_GB` of memory (16) and twice that of disk.

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Schema};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use entobs::lake::Lake;
use entobs::query::{Argument, Cell, Contract, Session, indicator};
use parquet::arrow::ArrowWriter;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const ESTABLISHMENTS: u64 = 5_570;
const COMMUNES: u64 = 1_500;
const ROLES: [&str; 4] = ["parent", "staff", "student", "teacher"];

/// The sets of one day, by the same function as `queries/marts/day_sets.sql`.
const DAY_SETS: &str = "-- One row per day, role and group of establishments.
-- column day date dimension
-- column role text dimension
-- column places text dimension
-- column people set dimension
-- column visits integer open
-- column page_views integer open
select
    day, role, places, people_set(person) as people,
    cast(sum(visits) as bigint) as visits, cast(sum(page_views) as bigint) as page_views
from day_rows
group by day, role, places
order by day, role, places";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bench = Bench::new(folder.path());
    println!(
        "{} accounts, {} school days, {ESTABLISHMENTS} establishments",
        bench.accounts,
        bench.days.len()
    );
    bench.day_sets();
    let spans = bench.spans();
    let session = bench.session();
    let mut times = BTreeMap::new();
    let (start, mut cells) = (Instant::now(), 0);
    for (name, first, last) in &spans {
        let begun = Instant::now();
        let rows = bench.cells(&session, *first, *last);
        times.insert(name.clone(), begun.elapsed().as_secs_f64());
        cells += rows.len();
    }
    println!(
        "\nall cells of the semester: {cells} of {} periods in {:.1} s, {} MB resident at most",
        spans.len(),
        start.elapsed().as_secs_f64(),
        resident() >> 10
    );
    // The shortest first: the peer may give up on the longest.
    let compared = ["week 3", "month 2", "semester"];
    let compared = compared
        .iter()
        .filter_map(|name| spans.iter().find(|span| span.0 == **name));
    for (name, first, last) in compared {
        let ours = bench.cells(&session, *first, *last);
        bench.against_duckdb(name, *first, *last, times[name], &ours);
    }
}

/// Kilobytes resident at most so far.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn number(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

struct Bench {
    root: PathBuf,
    accounts: u64,
    days: Vec<NaiveDate>,
}

fn uai(establishment: u64) -> String {
    let departement = ["002", "059", "060", "062", "080"][(establishment % 5) as usize];
    format!("{departement}{:04}X", establishment / 5)
}

/// Scrambles a number (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Bench {
    fn new(root: &Path) -> Self {
        let first = NaiveDate::from_ymd_opt(2025, 9, 1).expect("a day");
        let days = first.iter_days();
        let days = days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
        let wanted = number("ENTOBS_BENCH_DAYS", 180) as usize;
        Self {
            root: root.into(),
            accounts: number("ENTOBS_BENCH_ACCOUNTS", 3_000_000),
            days: days.take(wanted).collect(),
        }
    }

    /// The role and the establishments of a person: people of one place follow each
    /// other, one parent in ten has children in two places.
    fn placed(&self, person: u64) -> (&'static str, String) {
        let establishment = person * ESTABLISHMENTS / self.accounts;
        let luck = mixed(person) % 100;
        let role = match luck {
            0..45 => "parent",
            45..48 => "staff",
            48..92 => "student",
            _ => "teacher",
        };
        let mut places = vec![uai(establishment)];
        if luck < 5 {
            places.push(uai(
                (establishment + 1 + mixed(person) / 100 % 4) % ESTABLISHMENTS
            ));
        }
        places.sort();
        (role, places.join(" "))
    }

    fn rows_file(&self, day: NaiveDate) -> PathBuf {
        self.root.join(format!("rows-{day}.parquet"))
    }

    fn sets_file(&self, day: NaiveDate) -> PathBuf {
        self.root.join(format!("sets-{day}.parquet"))
    }

    /// Writes the rows of a day.
    fn write_rows(&self, day: NaiveDate, placed: &[(u8, u32)], groups: &[String]) {
        let schema = Arc::new(Schema::new(vec![
            Field::new("day", DataType::Date32, false),
            Field::new("person", DataType::Int64, false),
            Field::new("role", DataType::Utf8, false),
            Field::new("places", DataType::Utf8, false),
            Field::new("visits", DataType::Int64, false),
            Field::new("page_views", DataType::Int64, false),
        ]));
        let file = File::create(self.rows_file(day)).expect("a file");
        let mut writer = ArrowWriter::try_new(file, schema.clone(), None).expect("a writer");
        let number = Date32Type::from_naive_date(day);
        let came = |person: &u64| mixed(person ^ ((number as u64) << 40)) % 1000 < 278;
        let persons: Vec<u64> = (0..self.accounts).filter(came).collect();
        for part in persons.chunks(1 << 17) {
            let of = |person: &u64| placed[*person as usize];
            let ones = || -> ArrayRef { Arc::new(Int64Array::from(vec![1; part.len()])) };
            let columns: Vec<ArrayRef> = vec![
                Arc::new(Date32Array::from(vec![number; part.len()])),
                Arc::new(part.iter().map(|p| *p as i64).collect::<Int64Array>()),
                Arc::new(StringArray::from_iter_values(
                    part.iter().map(|p| ROLES[of(p).0 as usize]),
                )),
                Arc::new(StringArray::from_iter_values(
                    part.iter().map(|p| &groups[of(p).1 as usize]),
                )),
                ones(),
                ones(),
            ];
            let batch = RecordBatch::try_new(schema.clone(), columns).expect("columns");
            writer.write(&batch).expect("rows are written");
        }
        writer.close().expect("a file is closed");
    }

    /// Makes rows, then sets, of each day; prints what the days cost.
    fn day_sets(&self) {
        let (mut groups, mut known) = (Vec::new(), BTreeMap::new());
        let placed: Vec<(u8, u32)> = (0..self.accounts)
            .map(|person| {
                let (role, places) = self.placed(person);
                let role = ROLES.iter().position(|r| *r == role).expect("a role") as u8;
                let group = *known.entry(places).or_insert_with_key(|places| {
                    groups.push(places.clone());
                    groups.len() as u32 - 1
                });
                (role, group)
            })
            .collect();
        fs::write(self.root.join("groups"), groups.join("\n")).expect("a file");
        let contract = Contract::parse("day_sets", DAY_SETS).expect("a contract");
        let mut times = Vec::new();
        for day in &self.days {
            self.write_rows(*day, &placed, &groups);
            let begun = Instant::now();
            let session = self.empty_session("day");
            session
                .register_file("day_rows", &self.rows_file(*day))
                .expect("rows");
            session
                .materialise(&contract, &[], &self.sets_file(*day))
                .expect("sets");
            times.push(begun.elapsed().as_secs_f64());
        }
        self.report_days(&times);
    }

    fn report_days(&self, times: &[f64]) {
        let size = |file: PathBuf| fs::metadata(file).map_or(0, |m| m.len());
        let bytes: u64 = self.days.iter().map(|day| size(self.sets_file(*day))).sum();
        println!(
            "sets of a day: {:.2} s on average, {} MB for all days",
            times.iter().sum::<f64>() / times.len() as f64,
            bytes / 1_000_000
        );
        let middle = |around: usize| {
            let near = around.saturating_sub(5)..(around + 5).min(times.len());
            let mut near = times[near].to_vec();
            near.sort_by(f64::total_cmp);
            near[near.len() / 2]
        };
        let late = 170.min(times.len() - 1);
        println!(
            "  day {late} against day 10: {:.2}",
            middle(late) / middle(10.min(late))
        );
    }

    fn empty_session(&self, name: &str) -> Session {
        let lake = Lake::create(&self.root.join(format!("lake-{name}"))).expect("a lake");
        Session::open(&lake).expect("a session")
    }

    /// A session with the sets of all days and the territory.
    fn session(&self) -> Session {
        let session = self.empty_session("cells");
        let texts = |name: &str, columns: &[(&str, Vec<String>)]| {
            let fields = columns
                .iter()
                .map(|(name, _)| Field::new(*name, DataType::Utf8, false));
            let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            let arrays = columns
                .iter()
                .map(|(_, texts)| Arc::new(StringArray::from_iter_values(texts)) as ArrayRef);
            let batch = RecordBatch::try_new(schema.clone(), arrays.collect()).expect("columns");
            let file = File::create(self.root.join(format!("{name}.parquet"))).expect("a file");
            let mut writer = ArrowWriter::try_new(file, schema.clone(), None).expect("a writer");
            writer.write(&batch).expect("rows are written");
            writer.close().expect("a file is closed");
            session
                .register_rows(name, schema, vec![batch])
                .expect("a table");
        };
        let mut lines: [Vec<String>; 4] = Default::default();
        let groups = fs::read_to_string(self.root.join("groups")).expect("groups");
        for places in groups.lines() {
            let mut nodes = std::collections::BTreeSet::new();
            for uai in places.split(' ') {
                let level = if uai[3..7].parse::<u64>().expect("a number") % 5 == 0 {
                    "2D"
                } else {
                    "1D"
                };
                for (kind, node) in nodes_of(uai) {
                    nodes.insert((kind, node.clone(), level));
                    nodes.insert((kind, node, "all"));
                }
            }
            for (kind, node, level) in nodes {
                let row = [places, kind, &node, level];
                lines
                    .iter_mut()
                    .zip(row)
                    .for_each(|(column, cell)| column.push(cell.to_owned()));
            }
        }
        let [places, kinds, nodes, levels] = lines;
        texts(
            "place_nodes",
            &[
                ("places", places),
                ("node_kind", kinds),
                ("node", nodes),
                ("level", levels),
            ],
        );
        let sets: Vec<PathBuf> = self.days.iter().map(|day| self.sets_file(*day)).collect();
        session
            .register_parquet_files("day_sets", &sets)
            .expect("sets");
        session
    }

    /// Each week, each month and the whole of the first half of the days.
    fn spans(&self) -> Vec<(String, NaiveDate, NaiveDate)> {
        let half = &self.days[..self.days.len().div_ceil(2)];
        let (first, last) = (half[0], half[half.len() - 1]);
        let mut spans = vec![("semester".to_owned(), first, last)];
        let mondays = half.iter().filter(|day| day.weekday() == Weekday::Mon);
        for (n, monday) in mondays.enumerate() {
            spans.push((format!("week {}", n + 1), *monday, *monday + Days::new(6)));
        }
        let mut months: Vec<_> = half.iter().map(|day| (day.year(), day.month())).collect();
        months.dedup();
        for (n, (year, month)) in months.into_iter().enumerate() {
            let first = NaiveDate::from_ymd_opt(year, month, 1).expect("a day");
            let next = first + chrono::Months::new(1);
            spans.push((
                format!("month {}", n + 1),
                first,
                next.pred_opt().expect("a day").min(last),
            ));
        }
        spans
    }

    fn cells(&self, session: &Session, first: NaiveDate, last: NaiveDate) -> Vec<Vec<Cell>> {
        let arguments = [
            ("period_start", Argument::Date(first)),
            ("period_end", Argument::Date(last)),
        ];
        let contract = indicator("cells").expect("a query");
        session.run(&contract, &arguments).expect("cells").rows
    }

    fn against_duckdb(
        &self,
        name: &str,
        first: NaiveDate,
        last: NaiveDate,
        ours: f64,
        cells: &[Vec<Cell>],
    ) {
        let script = format!(
            "import duckdb, time
c = duckdb.connect()
c.execute(\"set memory_limit = '{memory}GB'; set threads = 2; set temp_directory = '{root}/spill'; set max_temp_directory_size = '{disk}GB'; set enable_progress_bar = false\")
begun = time.time()
rows = c.execute(\"\"\"
    select n.node_kind, n.node, n.level, r.role, count(distinct r.person), sum(r.visits)
    from read_parquet('{root}/rows-*.parquet') r
    join read_parquet('{root}/place_nodes.parquet') n on n.places = r.places
    where r.day between date '{first}' and date '{last}'
    group by grouping sets ((n.node_kind, n.node, n.level), (n.node_kind, n.node, n.level, r.role))
\"\"\").fetchall()
print(time.time() - begun, len(rows), sum(r[4] for r in rows), sum(r[5] for r in rows))",
            root = self.root.display(),
            memory = number("ENTOBS_BENCH_GB", 16),
            disk = 2 * number("ENTOBS_BENCH_GB", 16)
        );
        let patience = number("ENTOBS_BENCH_PATIENCE", 600).to_string();
        let output = Command::new("timeout")
            .args([&patience, "python3", "-c", &script])
            .output();
        let Ok(output) = output else {
            return println!("  {name}: ours {ours:.2} s; neither `timeout` nor python3 is here");
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr);
        let is_absent = failed.contains("No module named 'duckdb'");
        let is_full = failed.contains("OutOfMemoryException");
        // 124: `timeout` ended it.
        let is_late = output.status.code() == Some(124);
        let right = output.status.success() || is_absent || is_full || is_late;
        assert!(right, "DuckDB failed: {failed}");
        let mut words = said.lines().next_back().unwrap_or("").split_whitespace();
        let Some(theirs) = words.next().and_then(|word| word.parse::<f64>().ok()) else {
            println!(
                "  {name}: ours {ours:.2} s; DuckDB {}",
                match (is_full, is_late) {
                    (true, _) => "has not enough memory and disk".to_owned(),
                    (_, true) => format!("was given up after {patience} s"),
                    _ => "is absent".to_owned(),
                }
            );
            return;
        };
        let sum = |place: usize| -> i64 {
            let numbers = cells.iter().map(|row| match row[place] {
                Cell::Integer(number) => number,
                _ => 0,
            });
            numbers.sum()
        };
        let found: Vec<i64> = words.filter_map(|word| word.parse().ok()).collect();
        assert_eq!(
            found,
            [cells.len() as i64, sum(4), sum(5)],
            "the same figures"
        );
        println!(
            "  {name}: ours {ours:.2} s, DuckDB {theirs:.2} s: {:.1} times faster",
            theirs / ours
        );
    }
}

/// The nodes of an establishment; communes are invented.
fn nodes_of(uai: &str) -> [(&'static str, String); 5] {
    let departement = &uai[1..3];
    let academie = if ["59", "62"].contains(&departement) {
        "09"
    } else {
        "20"
    };
    let number: u64 = uai[3..7].parse().expect("a number");
    let commune = number % (COMMUNES / 5);
    [
        ("establishment", uai.to_owned()),
        ("commune", format!("{departement}{commune:03}")),
        ("departement", departement.to_owned()),
        ("academie", academie.to_owned()),
        ("region", "32".to_owned()),
    ]
}
