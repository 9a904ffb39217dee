//! The same figures by DuckDB, on the same files: visits, sets, opening hours, requests for
//! assistance, every indicator and every cell of dashboards made anew by `second_engine.py`. Needs `python3` with the
//! module `duckdb`.

use crate::fixture::observatory;
use entobs::lake::{Kind, Lake, Table};
use entobs::query::{
    Argument, Cell, DASHBOARD, INDICATORS, MARTS, Session, VIEWS, indicator, marts,
};
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

/// Beside the indicators: each request for assistance, the opening hours of four years whatever
/// the tickets of the lake met (changes of the clock, public holidays, closures), and the names
/// by which tickets find their establishment.
const BESIDE: [(&str, &str); 3] = [
    (
        "requests",
        "select
            helpdesk, cast(ticket as varchar) as ticket, arrow_cast(opened, 'Int64') as opened,
            arrow_cast(first_response, 'Int64') as answered, arrow_cast(resolved, 'Int64') as resolved,
            outcome, first_level, last_level, steps, tools, openings, category, role, channel, priority,
            kind, satisfaction, uai, departement, school_level, response_ms, resolution_ms, waited,
            waiting_ms, elapsed_response_ms, elapsed_resolution_ms, resolution_days,
            response_target_ms, resolution_target_ms
        from assistance_requests",
    ),
    (
        "opening hours",
        r#"with moments as (
            select
                h.helpdesk, d.day,
                arrow_cast(cast(d.day as timestamp), 'Timestamp(Millisecond, Some("UTC"))') as midnight,
                arrow_cast(cast(d.day as timestamp) + interval '10 hours 40 minutes', 'Timestamp(Millisecond, Some("UTC"))') as noon,
                arrow_cast(cast(d.day as timestamp) + interval '4 days 9 hours', 'Timestamp(Millisecond, Some("UTC"))') as later
            from helpdesks h
            cross join calendar_days d
            where d.day between date '2024-01-01' and date '2027-12-31'
        )
        select
            helpdesk, day, opening_ms(helpdesk, midnight, noon) as morning_ms,
            opening_ms(helpdesk, noon, later) as later_ms, opening_ms(helpdesk, later, noon) as back_ms,
            opening_days(helpdesk, noon, later) as days, opening_days(helpdesk, later, noon) as back_days
        from moments"#,
    ),
    (
        "names",
        "select uai, plain_name(name || ' ' || coalesce(commune, '')) as name from establishments",
    ),
];

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

fn rows_of(cells: &[Vec<Cell>]) -> Vec<String> {
    rows(cells.iter().map(|row| row.iter().map(plain).collect()))
}

/// The settings as they are written, days as texts: the second engine reads them by itself.
fn untyped(value: toml::Value) -> Value {
    match value {
        toml::Value::Table(table) => {
            let pairs = table.into_iter();
            pairs.map(|(key, value)| (key, untyped(value))).collect()
        }
        toml::Value::Array(values) => values.into_iter().map(untyped).collect(),
        toml::Value::Datetime(day) => json!(day.to_string()),
        other => json!(other),
    }
}

/// What is asked, by name, and our rows.
type Figures = Vec<(String, Vec<String>)>;

/// The questions to the second engine, and our answers.
fn asked_and_ours(session: &Session) -> (Vec<Value>, Figures) {
    let (mut queries, mut ours) = (Vec::new(), Vec::new());
    for (name, sql) in INDICATORS.iter().chain(DASHBOARD) {
        for (kind, node) in NODES {
            let arguments = arguments(kind, node);
            let raw = session.run(&indicator(name).unwrap(), &arguments).unwrap();
            let key = format!("{name} {node}");
            queries.push(json!([key, sql, given(&arguments)]));
            ours.push((key, rows_of(&raw.rows)));
        }
    }
    for (name, sql) in BESIDE {
        let (_, cells) = session.sql(sql).unwrap();
        queries.push(json!([name, sql, {}]));
        ours.push((name.to_owned(), rows_of(&cells)));
    }
    (queries, ours)
}

/// Rows of one engine only.
fn only<'a>(these: &'a [String], others: &[String]) -> Vec<&'a String> {
    these.iter().filter(|row| !others.contains(row)).collect()
}

fn assert_same(ours: &[(String, Vec<String>)], theirs: &Value) {
    for (key, ours) in ours {
        let theirs: Vec<Vec<Value>> = serde_json::from_value(theirs[key].clone()).unwrap();
        let theirs = rows(theirs.into_iter());
        assert!(
            *ours == theirs,
            "{key}: {} rows, {} by the second engine\nours alone: {:#?}\nits alone: {:#?}",
            ours.len(),
            theirs.len(),
            only(ours, &theirs),
            only(&theirs, ours)
        );
    }
}

/// How many tables have rows, and their rows.
fn filled(figures: &[(String, Vec<String>)], start: &str) -> (usize, usize) {
    let of = figures.iter().filter(|(key, _)| key.starts_with(start));
    let sizes = of.map(|(_, rows)| rows.len()).filter(|rows| *rows > 0);
    sizes.fold((0, 0), |(tables, all), rows| (tables + 1, all + rows))
}

#[test]
fn duckdb_gives_the_same_figures() {
    if !has_duckdb() {
        eprintln!("SKIPPED: figures by a second engine; install it with `pip install duckdb`");
        return;
    }
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let settings = marts::Settings::default();
    let session = marts::prepare(&lake, &settings, None).unwrap();
    let (queries, ours) = asked_and_ours(&session);
    let assistance: toml::Table = toml::from_str(settings.assistance.text()).unwrap();
    let asked = json!({
        "tables": tables(&lake, &session),
        "marts": MARTS, "views": VIEWS, "queries": queries,
        "assistance": untyped(toml::Value::Table(assistance)),
        // All days at once; nobody is numbered before.
        "settings": {"timeout_minutes": 30, "first_day": "1970-01-01", "last_day": "2199-12-31"},
    });
    assert_same(&ours, &second_engine(&asked));
    let (all, of_assistance) = (filled(&ours, ""), filled(&ours, "assistance_"));
    assert!(all.0 > 120 && all.1 > 10_000, "{all:?}");
    assert!(
        of_assistance.0 > 30 && of_assistance.1 > 150,
        "{of_assistance:?}"
    );
    assert_eq!(filled(&ours, "opening hours").1, 4 * 1_461);
}
