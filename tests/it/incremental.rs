//! Marts brought up to date step by step are those made at once, and a new day makes
//! nothing anew but what it touches.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use entobs::domain::time;
use entobs::lake::{Column, Lake, LedgerEntry, Table, Value};
use entobs::query::{Cell, Session, marts};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A request: account, minutes after the beginning of the day before its own.
type Request = (u64, i64);

/// What comes in, or goes.
#[derive(Clone, Debug)]
enum Step {
    /// A log of a day.
    Log(u64, Vec<Request>),
    /// A complete directory of a day: account, role, place.
    Directory(u64, Vec<(u64, usize, u8)>),
    /// One of the inputs before is taken back.
    Retract(usize),
}

const ROLES: [&str; 3] = ["student", "teacher", "parent"];

struct World {
    _folder: tempfile::TempDir,
    lake: Lake,
    inputs: usize,
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 9, 20).unwrap()
}

fn day(number: u64) -> NaiveDate {
    first_day() + Days::new(number)
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            lake: Lake::create(&folder.path().join("lac")).unwrap(),
            _folder: folder,
            inputs: 0,
        }
    }

    fn session(&self) -> Session {
        marts::prepare(&self.lake, &marts::Settings::default(), None).unwrap()
    }

    /// Stores one input.
    fn store(&mut self, entry: serde_json::Value, rows: &[(Table, Option<NaiveDate>, Row)]) {
        self.inputs += 1;
        let mut entry = entry;
        entry["digest"] = format!("{:064x}", self.inputs).into();
        for field in ["program", "source"] {
            entry[field] = "test".into();
        }
        entry["inputs"] = serde_json::json!([]);
        entry["files"] = serde_json::json!([]);
        let entry: LedgerEntry = serde_json::from_value(entry).unwrap();
        let writer = self.lake.writer().unwrap();
        let mut transaction = writer.begin("test").unwrap();
        for (table, day, row) in rows {
            let values: Vec<Value<'_>> = table.columns().iter().map(|c| row.value(c)).collect();
            transaction.row(*table, *day, &values).unwrap();
        }
        writer.commit(transaction, entry).unwrap();
    }

    fn log(&mut self, number: u64, requests: &[Request]) {
        let midnight = day(number).and_time(NaiveTime::MIN);
        let rows = requests.iter().map(|(account, minutes)| {
            let at = time::instant(midnight) + chrono::TimeDelta::minutes(*minutes);
            let on = time::local(at).date();
            let row = Row::of(*account, on).with("time", Given::Instant(at));
            let row = row.text("kind", "page").text("device", "computer");
            let service = ["notes", "edt"][usize::from(minutes % 2 == 0)];
            (
                Table::Requests,
                Some(on),
                row.text("service", service).text("front_end", "fe1"),
            )
        });
        let rows: Vec<_> = rows.collect();
        self.store(serde_json::json!({"kind": "access"}), &rows);
    }

    fn directory(&mut self, number: u64, people: &[(u64, usize, u8)]) {
        let on = day(number);
        let told = serde_json::json!({
            "feed": "2D", "day": on, "category": "person", "extent": "complete",
        });
        let common = |row: Row| {
            let row = row
                .text("source", "test")
                .text("feed", "2D")
                .text("category", "person");
            row.with("snapshot", Given::Day(on))
        };
        let mut rows = vec![(
            Table::DirectorySnapshots,
            None,
            common(Row::of(0, on)).text("delivery", "complete"),
        )];
        for (account, role, place) in people {
            let structure = format!("059000{place}A");
            let row = |table| (table, None, common(Row::of(*account, on)));
            let (table, day, account_row) = row(Table::Accounts);
            let account_row = account_row
                .text("change", "present")
                .text("role", ROLES[*role]);
            rows.push((table, day, account_row));
            let (table, day, attached) = row(Table::Attachments);
            let attached = attached.text("told_by", "attachment");
            rows.push((table, day, attached.text("structure", &structure)));
            let (table, day, named) = row(Table::Structures);
            rows.push((
                table,
                day,
                named.text("structure", &structure).text("uai", &structure),
            ));
        }
        self.store(
            serde_json::json!({"kind": "directory", "told": told}),
            &rows,
        );
    }

    fn retract(&self, which: usize) {
        let writer = self.lake.writer().unwrap();
        let entries: Vec<_> = writer.entries().unwrap().into_values().collect();
        if let Some(entry) = entries.get(which % entries.len().max(1)) {
            writer.retract(entry).unwrap();
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Log(number, requests) => self.log(*number, requests),
            Step::Directory(number, people) => self.directory(*number, people),
            Step::Retract(which) => self.retract(*which),
        }
    }

    /// All rows of the marts kept by day; of sets, how many are in them.
    fn marts(&self) -> Vec<(&'static str, Vec<Vec<Cell>>)> {
        let session = self.session();
        let queries = [
            ("visits", "select * from visits order by visit_id"),
            (
                "visit_places",
                "select * from visit_places order by visit_id, uai",
            ),
            (
                "visit_sets",
                "select * from visit_sets order by visit_id, role",
            ),
            (
                "visit_services",
                "select * from visit_services order by visit_id, service",
            ),
            (
                "minutes",
                "select * from minutes order by day, path, minute",
            ),
            (
                "source_hours",
                "select * from source_hours order by day, front_end, hour",
            ),
            (
                "day_sets",
                "select day, role, places, people_count(people) as people, max(visits) as visits
                 from day_sets group by day, role, places order by day, role, places",
            ),
            (
                "everybody",
                "select role, people_count(people) as people, sum(visits) as visits
                 from day_sets group by role order by role",
            ),
        ];
        queries
            .map(|(name, sql)| (name, session.sql(sql).unwrap().1))
            .into()
    }

    /// The files of days and months, and which file each is.
    fn files(&self) -> Files {
        let mut files = BTreeMap::new();
        let marts = self.lake.root().join("marts");
        for mart in fs::read_dir(&marts)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if mart.is_dir() {
                for file in fs::read_dir(&mart)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                {
                    let name = file.strip_prefix(&marts).unwrap().display().to_string();
                    let data = fs::metadata(&file).unwrap();
                    files.insert(name, (data.ino(), data.mtime(), data.mtime_nsec()));
                }
            }
        }
        files
    }
}

/// What tells a file from the one that it replaced: its inode and its time, since
/// the inode of the old one may be given to the new.
type State = (u64, i64, i64);
type Files = BTreeMap<String, State>;

#[derive(Clone)]
enum Given {
    Text(String),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Number(u64),
}

/// A row of any table, by column.
#[derive(Clone)]
struct Row(BTreeMap<&'static str, Given>);

impl Row {
    fn of(account: u64, on: NaiveDate) -> Self {
        let row = Self(BTreeMap::new()).text("school_year", "2025-2026");
        row.with("day", Given::Day(on))
            .with("account", Given::Number(account))
    }

    fn with(mut self, name: &'static str, cell: Given) -> Self {
        self.0.insert(name, cell);
        self
    }

    fn text(self, name: &'static str, text: &str) -> Self {
        self.with(name, Given::Text(text.into()))
    }

    fn value(&self, column: &Column) -> Value<'_> {
        match self.0.get(column.0) {
            None => Value::Null,
            Some(Given::Text(text)) => Value::Text(text),
            Some(Given::Day(day)) => Value::Date(*day),
            Some(Given::Instant(ms)) => Value::Instant(*ms),
            Some(Given::Number(number)) => Value::Pseudonym(*number),
        }
    }
}

/// A day of requests, some in the night before or after, and sometimes without a pause.
fn any_log() -> impl Strategy<Value = Vec<Request>> {
    let some = proptest::collection::vec((1_u64..6, 0_i64..1_500), 1..12);
    let night = proptest::collection::vec((1_u64..4, 1_380_i64..1_470), 0..4);
    let without_pause = (1_u64..6, 0_i64..1_440, any::<bool>()).prop_map(|(account, from, is)| {
        let length = if is { 1_440 } else { 0 };
        (0..length / 20)
            .map(|n| (account, from + n * 20))
            .collect::<Vec<_>>()
    });
    (some, night, without_pause).prop_map(|(a, b, c)| [a, b, c].concat())
}

fn any_step() -> impl Strategy<Value = Step> {
    let people = proptest::collection::vec((1_u64..6, 0_usize..3, 0_u8..3), 1..6);
    prop_oneof![
        6 => (0_u64..30, any_log()).prop_map(|(day, requests)| Step::Log(day, requests)),
        2 => (0_u64..30, people).prop_map(|(day, mut people)| {
            people.sort();
            people.dedup_by_key(|(account, ..)| *account);
            Step::Directory(day, people)
        }),
        1 => any::<usize>().prop_map(Step::Retract),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]
    #[test]
    fn step_by_step_as_at_once(steps in proptest::collection::vec(any_step(), 1..7)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.session();
        }
        let step_by_step = world.marts();
        fs::remove_dir_all(world.lake.root().join("marts")).unwrap();
        let at_once = world.marts();
        for (ours, theirs) in step_by_step.iter().zip(&at_once) {
            prop_assert_eq!(ours, theirs);
        }
    }
}

#[test]
fn a_visit_through_three_midnights_grows_day_by_day() {
    let mut world = World::new();
    let minutes = |from: i64, to: i64| (from..=to).step_by(20).map(|m| (1, m)).collect::<Vec<_>>();
    world.log(10, &minutes(1_420, 1_439));
    world.session();
    world.log(11, &minutes(0, 1_439));
    world.session();
    world.log(12, &minutes(0, 1_439));
    world.session();
    world.log(13, &minutes(0, 20));
    let marts = world.marts();
    let visits = &marts[0].1;
    assert_eq!(visits.len(), 1, "{visits:?}");
    assert_eq!(visits[0][3], Cell::Date(day(10)));
    assert_eq!(visits[0][8], Cell::Integer(1 + 72 + 72 + 2));
}

/// The names of the files that are not what they were.
fn changed(before: &Files, after: &Files) -> Vec<String> {
    let is_new = |(name, state): &(&String, &State)| before.get(*name) != Some(*state);
    let mut names: Vec<String> = after
        .iter()
        .filter(is_new)
        .map(|(name, _)| {
            Path::new(name)
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn a_new_day_makes_its_own_files_and_no_others() {
    let mut world = World::new();
    for number in 0..20 {
        world.log(number, &[(1, 600), (2, 700)]);
    }
    // 20 September to 9 October: September is over, October is not.
    world.session();
    let before = world.files();
    let days = before
        .keys()
        .filter(|name| name.starts_with("visits/"))
        .count();
    assert_eq!(days, 1 + 9, "{before:?}");
    // Read again, nothing is made.
    world.session();
    assert_eq!(changed(&before, &world.files()), Vec::<String>::new());
    world.log(20, &[(1, 600), (2, 1_430)]);
    world.session();
    let after = world.files();
    assert_eq!(changed(&before, &after), ["2025-10-10"]);
    // One came shortly before midnight: that day may go on in the next.
    world.log(21, &[(2, 5)]);
    world.session();
    let last = world.files();
    assert_eq!(changed(&after, &last), ["2025-10-10", "2025-10-11"]);
    // A directory tells of its day and those after it, and of those before where it is the first.
    world.directory(0, &[(1, 0, 1)]);
    world.session();
    let all = changed(&last, &world.files());
    assert_eq!(all.len(), 1 + 11, "{all:?}");
    let before = world.files();
    world.directory(20, &[(1, 1, 1)]);
    world.session();
    assert_eq!(
        changed(&before, &world.files()),
        ["2025-10-10", "2025-10-11"]
    );
    let session = world.session();
    let sql =
        "select role, count(*) from visit_places where account = 1 group by role order by role";
    let rows = session.sql(sql).unwrap().1;
    assert_eq!(rows.len(), 2, "{rows:?}");
}
