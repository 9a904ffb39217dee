//! The same figures by DuckDB, on the same files: visits, sets and every indicator made
//! anew by `second_engine.py`. Needs `python3` with the module `duckdb`.

use crate::fixture::observatory;
use entobs::lake::{Kind, Lake, Table};
use entobs::query::{Argument, Cell, INDICATORS, MARTS, Session, VIEWS, indicator, marts};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What Rust makes and both engines read.
const MADE: [(&str, &[(&str, Kind)]); 5] = [
    ("partners", &[("partner", Kind::Text), ("name", Kind::Text)]),
    (
        "nodes",
        &[
            ("node_kind", Kind::Text),
            ("node", Kind::Text),
            ("uai", Kind::Text),
        ],
    ),
    (
        "calendar",
        &[
            ("day", Kind::Date),
            ("weekday", Kind::Integer),
            ("kind", Kind::Text),
        ],
    ),
    (
        "school_minutes",
        &[
            ("day", Kind::Date),
            ("hour", Kind::Integer),
            ("school_time", Kind::Integer),
        ],
    ),
    (
        "usage_sources",
        &[
            ("valid_from", Kind::Date),
            ("valid_to", Kind::Date),
            ("source", Kind::Text),
        ],
    ),
];

/// Delays in opening hours are counted by a function of ours, which the second engine does
/// not have; the tests of opening hours and of assistance hold them against counts by hand.
fn is_of_assistance(name: &str) -> bool {
    let starts = ["current_tickets", "ticket_", "request_", "assistance_"];
    starts.iter().any(|start| name.starts_with(start))
}

fn has_duckdb() -> bool {
    let found = Command::new("python3")
        .args(["-c", "import duckdb"])
        .stderr(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "varchar",
        Kind::Date => "date",
        Kind::Instant => "timestamptz",
        Kind::Pseudonym => "ubigint",
        Kind::Integer => "bigint",
        Kind::Real => "double",
        Kind::Set => "blob",
    }
}

fn plain(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Integer(number) => json!(number),
        Cell::Real(number) => json!(number),
        Cell::Date(day) => json!(day.to_string()),
    }
}

fn tables(lake: &Lake, session: &Session) -> Value {
    let mut tables = serde_json::Map::new();
    for table in Table::ALL {
        let columns = table.columns().iter();
        let columns: Vec<_> = columns.map(|c| json!([c.0, type_name(c.1)])).collect();
        let files = lake.files(table).unwrap();
        tables.insert(
            table.name().into(),
            json!({"columns": columns, "files": files}),
        );
    }
    for (name, columns) in MADE {
        let (_, rows) = session.sql(&format!("select * from {name}")).unwrap();
        let rows: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| row.iter().map(plain).collect())
            .collect();
        let columns: Vec<_> = columns
            .iter()
            .map(|c| json!([c.0, type_name(c.1)]))
            .collect();
        tables.insert(name.into(), json!({"columns": columns, "rows": rows}));
    }
    let persons = [
        ("school_year", Kind::Text),
        ("account", Kind::Pseudonym),
        ("person", Kind::Integer),
    ];
    let columns = persons.map(|c| json!([c.0, type_name(c.1)]));
    tables.insert("numbered_persons".into(), json!({"columns": columns}));
    Value::Object(tables)
}

/// Scopes that both engines are asked about.
const NODES: [(&str, &str); 3] = [
    ("region", "32"),
    ("departement", "59"),
    ("partner", "region"),
];

fn arguments(kind: &str, node: &str) -> Vec<(&'static str, Argument)> {
    let date = |text: &str| Argument::Date(text.parse().unwrap());
    vec![
        ("period_start", date("2025-09-01")),
        ("period_end", date("2025-10-05")),
        ("previous_start", date("2025-08-25")),
        ("previous_end", date("2025-08-31")),
        ("reference_date", date("2025-10-05")),
        ("node_kind", Argument::Text(kind.into())),
        ("node", Argument::Text(node.into())),
        ("timeout_minutes", Argument::Integer(30)),
    ]
}

fn given(arguments: &[(&str, Argument)]) -> Value {
    let pairs = arguments.iter().map(|(name, value)| {
        let value = match value {
            Argument::Text(text) => json!(text),
            Argument::Date(day) => json!(day.to_string()),
            Argument::Integer(number) => json!(number),
        };
        ((*name).to_owned(), value)
    });
    Value::Object(pairs.collect())
}

fn second_engine(asked: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/second_engine.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    input.write_all(asked.to_string().as_bytes()).unwrap();
    drop(input);
    let output = python.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "the second engine failed, see above"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Reals to nine digits: sums in another order differ in the last ones.
fn rows(rows: impl Iterator<Item = Vec<Value>>) -> Vec<String> {
    let text = |value: Value| match value {
        Value::Number(n) if !n.is_i64() && !n.is_u64() => {
            format!("{:.8e}", n.as_f64().unwrap())
        }
        Value::Number(n) => n.to_string(),
        other => other.to_string(),
    };
    let rows = rows.map(|row| row.into_iter().map(text).collect::<Vec<_>>().join(" "));
    let mut rows: Vec<String> = rows.collect();
    rows.sort();
    rows
}

fn others<'a>(files: &'a [(&'a str, &'a str)]) -> Vec<&'a (&'a str, &'a str)> {
    let others = files.iter().filter(|(name, _)| !is_of_assistance(name));
    others.collect()
}

#[test]
fn duckdb_gives_the_same_figures() {
    if !has_duckdb() {
        eprintln!("SKIPPED: figures by a second engine; install it with `pip install duckdb`");
        return;
    }
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let mut queries = Vec::new();
    let mut ours = Vec::new();
    for (name, sql) in INDICATORS
        .iter()
        .filter(|(name, _)| !is_of_assistance(name))
    {
        for (kind, node) in NODES {
            let arguments = arguments(kind, node);
            let raw = session.run(&indicator(name).unwrap(), &arguments).unwrap();
            let key = format!("{name} {node}");
            queries.push(json!([key, sql, given(&arguments)]));
            ours.push((
                key,
                rows(raw.rows.iter().map(|r| r.iter().map(plain).collect())),
            ));
        }
    }
    let asked = json!({
        "tables": tables(&lake, &session),
        "marts": others(MARTS), "views": others(VIEWS), "queries": queries,
        // All days at once; nobody is numbered before.
        "settings": {"timeout_minutes": 30, "first_day": "1970-01-01", "last_day": "2199-12-31"},
    });
    let theirs = second_engine(&asked);
    let (mut compared, mut cells) = (0, 0);
    for (key, ours) in ours {
        let theirs: Vec<Vec<Value>> = serde_json::from_value(theirs[&key].clone()).unwrap();
        let theirs = rows(theirs.into_iter());
        assert_eq!(ours, theirs, "{key}: ours, then those of the second engine");
        compared += usize::from(!ours.is_empty());
        cells += ours.len();
    }
    assert!(
        compared > 60 && cells > 2_000,
        "{compared} tables, {cells} rows"
    );
}
