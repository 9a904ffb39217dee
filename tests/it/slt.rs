//! `tests/queries/*.slt`: small worlds of rows that a person counted by hand, and
//! what the query files must give of them.
//!
//! ```text
//! table establishments          rows of a table of the lake, columns named; `-` is no
//! uai level                     value; ends at a blank line. Of requests, day and school
//! E1  1D                        year follow from the time, the account from its name.
//!
//! timeout 20                    of a visit, in minutes; 30 unless said
//!
//! indicator usage period=2025-09 node=59     its contract is checked; the table `indicator`
//!
//! query TI                      T text or date, I integer, R real (three decimals);
//! select role, visits from indicator         then rows as text, in order, `rowsort` if any
//! ----
//! all 3
//! ```
//!
//! `ENTOBS_SLT=usage` in the environment runs the files of that name only.

use chrono::{DateTime, NaiveDate};
use entobs::domain::{Period, time};
use entobs::lake::{Column, Kind, Lake, LedgerEntry, Table, Value};
use entobs::query::{Argument, Cell, DASHBOARD, INDICATORS, Session, indicator, marts};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

type Row = BTreeMap<String, String>;

/// A world under construction, then its session.
struct World {
    file: String,
    folder: tempfile::TempDir,
    tables: Vec<(Table, Vec<Row>)>,
    settings: marts::Settings,
    session: Option<Session>,
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/queries");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "slt"))
        .collect();
    files.sort();
    files
}

#[test]
fn rows_counted_by_hand() {
    let only = std::env::var("ENTOBS_SLT").ok();
    let wanted = |path: &PathBuf| match &only {
        Some(name) => path.file_stem().is_some_and(|stem| stem == name.as_str()),
        None => true,
    };
    let queries: usize = files().iter().filter(|p| wanted(p)).map(|p| run(p)).sum();
    let least = if only.is_some() { 1 } else { 40 };
    assert!(queries >= least, "{queries} queries were compared");
}

#[test]
fn every_query_has_rows_counted_by_hand() {
    let texts = files()
        .into_iter()
        .map(|path| fs::read_to_string(path).unwrap());
    let texts = texts.collect::<Vec<_>>().join("\n");
    let asked = |name: &str| {
        let mut lines = texts.lines();
        lines.any(|line| line.split_whitespace().take(2).eq(["indicator", name]))
    };
    let all = INDICATORS.iter().chain(DASHBOARD).map(|(name, _)| *name);
    let missing: Vec<&str> = all.filter(|name| !asked(name)).collect();
    assert!(missing.is_empty(), "no .slt asks for {missing:?}");
}

/// Runs a file; returns how many queries it compared.
fn run(path: &Path) -> usize {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let text = fs::read_to_string(path).unwrap();
    let mut world = World::new(name);
    let mut queries = 0;
    for block in text.split("\n\n") {
        let lines: Vec<&str> = block
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .collect();
        let Some((first, rest)) = lines.split_first() else {
            continue;
        };
        let words: Vec<&str> = first.split_whitespace().collect();
        match words[..] {
            ["table", table] => world.rows(table, rest),
            ["timeout", minutes] => world.settings.timeout_minutes = minutes.parse().unwrap(),
            ["indicator", name, ref arguments @ ..] => world.indicator(name, arguments),
            ["query", types] => world.query(types, false, rest),
            ["query", types, "rowsort"] => world.query(types, true, rest),
            _ => panic!("{}: unknown block `{first}`", world.file),
        }
        queries += usize::from(words[0] == "query");
    }
    queries
}

/// A number that stands for an account's pseudonym.
fn pseudonym(name: &str) -> u64 {
    name.bytes().fold(7, |hash: u64, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    }) & 0x7fff_ffff
}

impl World {
    fn new(file: String) -> Self {
        Self {
            file,
            folder: tempfile::tempdir().unwrap(),
            tables: Vec::new(),
            settings: marts::Settings::default(),
            session: None,
        }
    }

    fn rows(&mut self, table: &str, lines: &[&str]) {
        let found = Table::ALL.into_iter().find(|t| t.name() == table);
        let table = found.unwrap_or_else(|| panic!("{}: no table `{table}`", self.file));
        let header: Vec<&str> = lines[0].split_whitespace().collect();
        let mut rows = Vec::new();
        for line in &lines[1..] {
            let cells: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(cells.len(), header.len(), "{}: `{line}`", self.file);
            let row = header.iter().zip(cells).filter(|(_, cell)| *cell != "-");
            let row = row.map(|(name, cell)| ((*name).to_owned(), cell.to_owned()));
            rows.push(with_day(table, row.collect()));
        }
        for (table, row) in rows.iter_mut().flat_map(|row| directory(table, row)) {
            let is_new = |(told, rows): &(Table, Vec<Row>)| *told != table || !rows.contains(&row);
            if self.tables.iter().all(is_new) {
                self.tables.push((table, vec![row]));
            }
        }
        self.tables.push((table, rows));
        self.session = None;
    }

    /// The lake is written when it is first asked.
    fn session(&mut self) -> &Session {
        if self.session.is_none() {
            let lake = Lake::create(&self.folder.path().join("lac")).unwrap();
            self.write(&lake);
            let session = marts::prepare(&lake, &self.settings, None);
            self.session = Some(session.unwrap_or_else(|e| panic!("{}: {e}", self.file)));
        }
        self.session.as_ref().unwrap()
    }

    /// Each block of rows is one input.
    fn write(&mut self, lake: &Lake) {
        let writer = lake.writer().unwrap();
        for (number, (table, rows)) in self.tables.iter().enumerate() {
            let digest = format!("{number:064x}");
            if writer.holds(&digest) {
                continue;
            }
            let mut transaction = writer.begin("test").unwrap();
            for row in rows {
                let values: Vec<Value<'_>> =
                    table.columns().iter().map(|c| value(c, row)).collect();
                let partitioned = matches!(table, Table::Requests | Table::Events | Table::Logins);
                let day = partitioned.then(|| row["day"].parse().unwrap());
                transaction.row(*table, day, &values).unwrap();
            }
            let entry = serde_json::json!({
                "digest": digest, "kind": "test", "source": "test", "program": "test",
                "inputs": [], "files": [],
            });
            let entry: LedgerEntry = serde_json::from_value(entry).unwrap();
            writer.commit(transaction, entry).unwrap();
        }
    }

    /// Makes an indicator of a period the table `indicator`.
    fn indicator(&mut self, name: &str, arguments: &[&str]) {
        let contract = indicator(name).unwrap();
        let given: BTreeMap<&str, &str> = arguments
            .iter()
            .map(|argument| argument.split_once('=').unwrap())
            .collect();
        let mut values = arguments_of(&given);
        values.push((
            "timeout_minutes",
            Argument::Integer(self.settings.timeout_minutes),
        ));
        let file = self.file.clone();
        let session = self.session();
        let raw = session.run(&contract, &values);
        raw.unwrap_or_else(|e| panic!("{file}: {name}: {e}"));
        let sql = with_literals(&contract.sql, &values);
        self.session
            .as_ref()
            .unwrap()
            .replace_view("indicator", &sql);
    }

    fn query(&mut self, types: &str, sorted: bool, lines: &[&str]) {
        let at = lines.iter().position(|line| *line == "----").unwrap();
        let sql = lines[..at].join("\n");
        let file = self.file.clone();
        let (names, rows) = self
            .session()
            .sql(&sql)
            .unwrap_or_else(|e| panic!("{file}: {sql}: {e}"));
        assert_eq!(names.len(), types.len(), "{file}: {sql}");
        let mut found: Vec<String> = rows.iter().map(|row| shown(row, types)).collect();
        let mut wanted: Vec<String> = lines[at + 1..]
            .iter()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        if sorted {
            found.sort();
            wanted.sort();
        }
        assert!(
            found == wanted,
            "{file}: {sql}\nfound:\n{}\ncounted by hand:\n{}",
            found.join("\n"),
            wanted.join("\n")
        );
    }
}

trait Replace {
    fn replace_view(&self, name: &str, sql: &str);
}

impl Replace for Session {
    fn replace_view(&self, name: &str, sql: &str) {
        self.forget(name);
        self.register_view(name, sql).unwrap();
    }
}

/// The day and the school year of a request follow from its time.
fn with_day(table: Table, mut row: Row) -> Row {
    if let Some(time) = row.get("time") {
        let instant = DateTime::parse_from_rfc3339(time).unwrap();
        let day = time::local(instant.to_utc()).date();
        row.insert("day".into(), day.to_string());
    }
    let dated = ["day", "snapshot"].iter().find_map(|name| row.get(*name));
    let columns = table.columns();
    if let (Some(day), true) = (
        dated,
        columns.iter().any(|Column(name, _)| *name == "school_year"),
    ) {
        let year = Period::school_year_of(day.parse().unwrap());
        row.entry("school_year".into()).or_insert(year);
    }
    row
}

/// What a delivery of a directory says besides a row: every one is complete, and the
/// join key of an establishment is its UAI.
fn directory(table: Table, row: &mut Row) -> Vec<(Table, Row)> {
    if !matches!(table, Table::Accounts | Table::Attachments) {
        return Vec::new();
    }
    for (name, value) in [
        ("feed", "test"),
        ("category", "person"),
        ("change", "present"),
        ("told_by", "attachment"),
    ] {
        row.insert(name.into(), value.into());
    }
    let mut snapshot = row.clone();
    snapshot.retain(|name, _| {
        let columns = Table::DirectorySnapshots.columns();
        columns.iter().any(|Column(column, _)| column == name)
    });
    snapshot.insert("delivery".into(), "complete".into());
    let mut also = vec![(Table::DirectorySnapshots, snapshot)];
    if let Some(uai) = row.get("uai").cloned() {
        let mut structure = row.clone();
        structure.retain(|name, _| ["source", "feed", "snapshot", "uai"].contains(&&**name));
        structure.insert("structure".into(), uai.clone());
        row.insert("structure".into(), uai);
        also.push((Table::Structures, structure));
    }
    also
}

fn value<'a>(Column(name, kind): &Column, row: &'a Row) -> Value<'a> {
    let Some(text) = row.get(*name) else {
        return Value::Null;
    };
    match kind {
        Kind::Text => Value::Text(text),
        Kind::Date => Value::Date(text.parse().unwrap()),
        Kind::Instant => Value::Instant(DateTime::parse_from_rfc3339(text).unwrap().to_utc()),
        Kind::Pseudonym => Value::Pseudonym(pseudonym(text)),
        Kind::Integer => Value::Integer(text.parse().unwrap()),
        Kind::Real => Value::Real(text.parse().unwrap()),
        Kind::Set => unreachable!("no table of the lake holds sets"),
    }
}

fn arguments_of(given: &BTreeMap<&str, &str>) -> Vec<(&'static str, Argument)> {
    let period = Period::parse(given["period"]).unwrap();
    let before = given.get("before").map_or_else(
        || (period.first(), period.last()),
        |name| {
            let period = Period::parse(name).unwrap();
            (period.first(), period.last())
        },
    );
    let reference: NaiveDate = given
        .get("reference")
        .map_or(period.last(), |day| day.parse().unwrap());
    let node = given.get("node").copied().unwrap_or("32");
    let kind = given.get("kind").copied().unwrap_or("region");
    vec![
        ("period_start", Argument::Date(period.first())),
        ("period_end", Argument::Date(period.last())),
        ("previous_start", Argument::Date(before.0)),
        ("previous_end", Argument::Date(before.1)),
        ("reference_date", Argument::Date(reference)),
        ("node_kind", Argument::Text(kind.into())),
        ("node", Argument::Text(node.into())),
    ]
}

/// A query file with its parameters as literals, to be selected from.
pub fn with_literals(sql: &str, values: &[(&str, Argument)]) -> String {
    let lines = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let mut values: Vec<_> = values.to_vec();
    // `$node_kind` before `$node`.
    values.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let text = lines.collect::<Vec<_>>().join("\n");
    values.iter().fold(text, |text, (name, value)| {
        let literal = match value {
            Argument::Text(text) => format!("'{text}'"),
            Argument::Date(day) => format!("date '{day}'"),
            Argument::Integer(number) => number.to_string(),
        };
        text.replace(&format!("${name}"), &literal)
    })
}

fn shown(row: &[Cell], types: &str) -> String {
    let mut text = String::new();
    for (cell, kind) in row.iter().zip(types.chars()) {
        if !text.is_empty() {
            text.push(' ');
        }
        match (kind, cell) {
            (_, Cell::Null) => text.push_str("NULL"),
            ('T', Cell::Text(value)) => text.push_str(&value.replace(' ', "_")),
            ('T', Cell::Date(day)) => write!(text, "{day}").unwrap(),
            ('I', Cell::Integer(number)) => write!(text, "{number}").unwrap(),
            ('R', Cell::Real(number)) => write!(text, "{number:.3}").unwrap(),
            (kind, cell) => panic!("column type {kind}: {cell:?}"),
        }
    }
    text
}
