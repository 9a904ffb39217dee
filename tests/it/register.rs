//! The register of cells against the tables that show them.

use crate::fixture::{PERIOD, is_kept_table, observatory, tree};
use entobs::domain::{Partner, Period};
use entobs::indicators::{Secrets, Terms};
use entobs::lake::Lake;
use entobs::privacy::disclosure::{Policy, ProtectedRow, ProtectedTable, Shown, protect};
use entobs::privacy::memory::{self, Memory, Remembered};
use entobs::query::{Argument, Cell, DASHBOARD, INDICATORS, RawTable, indicator, marts};
use std::collections::BTreeMap;
use std::fs;

fn arguments(node: (&str, &str)) -> Vec<(&'static str, Argument)> {
    let period = Period::parse(PERIOD).unwrap();
    let day = Argument::Date;
    vec![
        ("period_start", day(period.first())),
        ("period_end", day(period.last())),
        ("previous_start", day("2024-08-01".parse().unwrap())),
        ("previous_end", day("2025-01-31".parse().unwrap())),
        ("reference_date", day("2025-10-12".parse().unwrap())),
        ("node_kind", Argument::Text(node.0.into())),
        ("node", Argument::Text(node.1.into())),
    ]
}

const NODES: [(&str, &str); 3] = [
    ("region", "32"),
    ("departement", "59"),
    ("partner", "departement-59"),
];

/// A second way to count each cell: by who has which establishments, not by table.
#[test]
fn tables_tell_what_the_register_counts() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, &Terms::default());
    let mut tables = 0;
    for (name, _) in INDICATORS.iter().chain(DASHBOARD) {
        let contract = indicator(name).unwrap();
        if contract.ties.cells.is_empty() {
            continue;
        }
        for node in NODES {
            let found = secrets.disagreements(&contract, &arguments(node)).unwrap();
            assert!(found.is_empty(), "{name}: {found:#?}");
            tables += 1;
        }
    }
    assert!(tables >= 24, "{tables}");
}

/// The cells of a dashboard are those of the report beside it.
#[test]
fn one_decision_for_a_cell_of_two_tables() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, &Terms::default());
    let (mut compared, mut secret) = (0, 0);
    for node in NODES {
        let table = |name: &str| {
            secrets
                .table(&indicator(name).unwrap(), &arguments(node))
                .unwrap()
        };
        let (usage, cube) = (table("usage"), table("cube_usage"));
        for row in usage.select(&[("node_kind", node.0), ("node", node.1)]) {
            let (level, role) = (row.get("level").text(), row.get("role").text());
            let wanted = [
                ("area_kind", "scope"),
                ("slice", level),
                ("sector", "all"),
                ("role", role),
            ];
            let other = cube.find(&wanted).unwrap();
            for column in [
                "loaded_accounts",
                "activated_accounts",
                "visitors",
                "visits",
            ] {
                assert_eq!(
                    row.get(column),
                    other.get(column),
                    "{node:?} {level} {role} {column}"
                );
                compared += 1;
                secret += usize::from(*row.get(column) == Shown::Secret);
            }
        }
    }
    assert!(compared > 100 && secret > 10, "{compared} {secret}");
}

/// A copy of the lake of the tests, for a test that writes into it.
fn own_lake() -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let files = tree(&observatory().root.join("lac")).into_iter();
    for (name, bytes) in files.filter(|(name, _)| !is_kept_table(name)) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let lake = Lake::open(folder.path()).unwrap();
    (folder, lake)
}

/// Usage of the region, as a run of a program gives it.
fn kept(lake: &Lake, program: &str, terms: &Terms) -> Vec<Vec<Shown>> {
    let session = marts::prepare(lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, terms).keeping(lake, program);
    let contract = indicator("usage").unwrap();
    let table = secrets
        .table(&contract, &arguments(("region", "32")))
        .unwrap();
    cells(&table)
}

fn cells(table: &ProtectedTable) -> Vec<Vec<Shown>> {
    table.rows().map(|row| row.cells().to_vec()).collect()
}

/// A table that was kept serves the same program, rules and rows, and no others.
#[test]
fn tables_are_kept_for_the_same_program_and_rules() {
    let (folder, lake) = own_lake();
    let results = folder.path().join("marts/results");
    let files = || match results.exists() {
        true => tree(&results),
        false => Vec::new(),
    };
    assert!(files().is_empty());
    let terms = Terms::default();
    let first = kept(&lake, "one", &terms);
    let [(name, bytes)] = &files()[..] else {
        panic!("one table was kept");
    };
    // Another table in its place shows who reads it.
    let none = entobs::privacy::kept::read(bytes).unwrap();
    assert_eq!(cells(&none), first);
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let other = Secrets::new(&session, &terms)
        .table(
            &indicator("usage").unwrap(),
            &arguments(("departement", "59")),
        )
        .unwrap();
    let file = results.join(name);
    fs::write(&file, entobs::privacy::kept::write(&other).unwrap()).unwrap();
    assert_eq!(kept(&lake, "one", &terms), cells(&other));
    // What is damaged is made again.
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(kept(&lake, "one", &terms), first);
    assert_eq!(&fs::read(&file).unwrap(), bytes);
    // Marts that somebody makes anew meanwhile may be of others: nothing is kept then.
    fs::remove_file(&file).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, &terms).keeping(&lake, "one");
    let state = folder.path().join("marts/state.json");
    let marts_of_now = fs::read(&state).unwrap();
    fs::write(&state, [&marts_of_now[..], b" "].concat()).unwrap();
    let contract = indicator("usage").unwrap();
    let made = secrets
        .table(&contract, &arguments(("region", "32")))
        .unwrap();
    assert_eq!(cells(&made), first);
    assert!(!file.exists());
    fs::write(&state, marts_of_now).unwrap();
    assert_eq!(kept(&lake, "one", &terms), first);
    // Other rules have a folder beside, another program throws all away.
    let mut strict = Terms::default();
    strict.policy.rate_base = 1_000_000;
    assert_ne!(kept(&lake, "one", &strict), first);
    assert_eq!(files().len(), 2);
    assert_eq!(kept(&lake, "two", &terms), first);
    assert_eq!(files().len(), 1);
    assert!(!file.exists());
}

/// Of three answers, one of few people takes another with it: all who answered are told.
#[test]
fn a_small_answer_is_not_the_rest_of_the_others() {
    let contract = indicator("surveys").unwrap();
    let row = |answer: &str, answers: i64| -> Vec<Cell> {
        let texts = ["Baromètre", "", "parents", "Utile", answer];
        let mut cells: Vec<Cell> = texts.map(|text| Cell::Text(text.into())).to_vec();
        cells[1] = Cell::Date("2025-10-04".parse().unwrap());
        cells.extend([answers, 400, 1_000].map(Cell::Integer));
        cells.extend([answers as f64 / 400.0, 0.04, 0.4].map(Cell::Real));
        cells
    };
    let raw = RawTable {
        columns: contract.columns,
        ties: contract.ties,
        rows: vec![row("oui", 300), row("non", 97), row("sans avis", 3)],
    };
    let table = protect(raw, &Policy::default());
    let hidden: Vec<&str> = table
        .rows()
        .filter(|row| *row.get("answers") == Shown::Secret && *row.get("share") == Shown::Secret)
        .map(|row| row.get("answer").text())
        .collect();
    assert_eq!(hidden, ["non", "sans avis"]);
}

/// The year before the one that is asked for is the one with data.
fn a_year_later() -> Vec<(&'static str, Argument)> {
    let mut values = arguments(("partner", "departement-59"));
    values[0].1 = Argument::Date("2026-08-01".parse().unwrap());
    values[1].1 = Argument::Date("2027-01-31".parse().unwrap());
    values
}

/// Each year of a trend is told by the decisions of its own days: of this one, nothing is there.
#[test]
fn a_trend_tells_a_year_as_that_year_is_told() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let trend = indicator("trend").unwrap();
    let secrets = Secrets::new(&session, &Terms::default());
    let of_year = secrets.table(&trend, &a_year_later()).unwrap();
    let node = ("partner", "departement-59");
    let usage = secrets.table(&indicator("usage").unwrap(), &arguments(node));
    let usage = usage.unwrap();
    let (mut hidden, mut shown) = (0, 0);
    for row in of_year.rows() {
        assert_eq!(row.get("years_ago"), &Shown::Integer(1));
        let [level, role] = ["level", "role"].map(|name| row.get(name).text());
        let cell = [
            ("node_kind", node.0),
            ("node", node.1),
            ("level", level),
            ("role", role),
        ];
        match usage.find(&cell).unwrap().get("visitors") {
            Shown::Secret => {
                assert_eq!(row.get("visitors"), &Shown::Secret, "{level} {role}");
                assert_eq!(row.get("visits_per_school_day").number(), None);
                hidden += 1;
            }
            _ => shown += usize::from(row.get("visits").number().is_some()),
        }
    }
    assert!(hidden > 0 && shown > 0, "{hidden} {shown}");
}

/// Of a year that editions told otherwise nothing can be decided any more: it is not told, and
/// what is made of this year is.
#[test]
fn an_old_year_that_contradicts_an_edition_is_not_told() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let free = Secrets::new(&session, &Terms::default());
    let cube = indicator("cube_usage").unwrap();
    let region = free.table(&cube, &arguments(("region", "32"))).unwrap();
    let mut rows = region.select(&[("area_kind", "scope")]);
    let secret = rows
        .find(|row| *row.get("visitors") == Shown::Secret)
        .unwrap();
    let mut told = remembered(&secret, false);
    told.time = "2025-08-01..2026-01-31".into();
    let mut memory = Memory::default();
    memory.add(&memory::write(&[told]).unwrap()).unwrap();
    let bound = Secrets::new(&session, &Terms::default()).remembering(memory);
    let lost = bound.table(&cube, &arguments(("region", "32")));
    let Err(conflict) = lost else {
        panic!("no conflict");
    };
    assert!(conflict.contains("earlier editions"), "{conflict}");
    let trend = bound.table(&indicator("trend").unwrap(), &a_year_later());
    let trend = trend.unwrap();
    assert!(trend.rows().count() > 0);
    assert!(
        trend
            .rows()
            .all(|row| *row.get("visitors") == Shown::Secret)
    );
}

/// What an edition of a year to date remembers of its weeks is hidden where the semester hides it:
/// the report of the semester tells the same weeks.
#[test]
fn weeks_of_a_year_to_date_are_remembered_as_the_semester_hides_them() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, &Terms::default());
    let weeks = |period: &str| -> BTreeMap<[String; 3], bool> {
        let period = Period::parse(period).unwrap();
        let cells = secrets.remembered(&period).unwrap().into_iter();
        let of_weeks = cells.filter(|cell| cell.time.contains("week"));
        of_weeks
            .map(|cell| ([cell.time, cell.cut, cell.role], cell.is_hidden))
            .collect()
    };
    let (semester, to_date) = (weeks(PERIOD), weeks("2025-08-01..2025-10-12"));
    let mut compared = 0;
    for (cell, is_hidden) in semester.iter().filter(|(_, is_hidden)| **is_hidden) {
        if let Some(told) = to_date.get(cell) {
            assert_eq!(told, is_hidden, "{cell:?}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

/// Of a hidden month, neither the months of its semester nor those of the year are what is left.
#[test]
fn no_month_of_requests_is_the_rest_of_its_semester() {
    let contract = indicator("assistance_months").unwrap();
    let row = |month: &str, semester: i64, opened: i64| -> Vec<Cell> {
        let mut cells = vec![
            Cell::Date(month.parse().unwrap()),
            Cell::Text("all".into()),
            Cell::Integer(semester),
        ];
        cells.extend([opened, 0, 0, 0, 0, 0].map(Cell::Integer));
        cells
    };
    let months = [
        ("2024-08-01", 1, 2),
        ("2024-09-01", 1, 60),
        ("2024-10-01", 1, 40),
        ("2025-02-01", 2, 30),
        ("2025-06-01", 2, 20),
        ("2025-07-01", 2, 3),
    ];
    let raw = RawTable {
        columns: contract.columns,
        ties: contract.ties,
        rows: months
            .map(|(month, half, opened)| row(month, half, opened))
            .to_vec(),
    };
    let table = protect(raw, &Policy::default());
    for semester in [1, 2] {
        let of_semester = table
            .rows()
            .filter(|row| row.get("semester") == &Shown::Integer(semester));
        let hidden = of_semester.filter(|row| *row.get("opened") == Shown::Secret);
        assert!(hidden.count() >= 2, "semester {semester}");
    }
}

/// A bulletin of requests tells the visits of a week where a report tells them, and there only.
#[test]
fn weeks_of_requests_hide_the_visits_that_weeks_hide() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, &Terms::default());
    let (mut shown, mut hidden) = (0, 0);
    for node in NODES {
        let table = |name: &str| {
            let contract = indicator(name).unwrap();
            secrets.table(&contract, &arguments(node)).unwrap()
        };
        let (weekly, asked) = (table("weekly"), table("assistance_weeks"));
        for row in weekly.select(&[("level", "all"), ("role", "all")]) {
            let mut rows = asked.rows();
            let beside = rows.find(|other| other.get("week") == row.get("week"));
            let beside = beside.unwrap();
            assert_eq!(beside.get("visits"), row.get("visits"), "{node:?}");
            let is_hidden = *row.get("visits") == Shown::Secret;
            assert!(!is_hidden || *beside.get("per_10000") == Shown::Secret);
            match is_hidden {
                true => hidden += 1,
                false => shown += 1,
            }
        }
    }
    assert!(shown > 10 && hidden > 0, "{shown} shown, {hidden} hidden");
}

/// What a table without such a column is about.
fn or_all(text: &str) -> &str {
    if text.is_empty() { "all" } else { text }
}

/// Requests for 10,000 visits would tell the visits of a secret cell.
#[test]
fn no_rate_of_requests_tells_secret_visits() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, &Terms::default());
    let (mut hidden, mut shown) = (0, 0);
    for node in NODES {
        let table = |name: &str| {
            let contract = indicator(name).unwrap();
            secrets.table(&contract, &arguments(node)).unwrap()
        };
        let (usage, asked) = (table("usage"), table("assistance_breakdown"));
        for row in asked.rows() {
            let (dimension, value) = (row.get("dimension").text(), row.get("value").text());
            let [level, role] = ["level", "role"].map(|name| match dimension == name {
                true => value,
                false => "all",
            });
            let cell = [
                ("node_kind", node.0),
                ("node", node.1),
                ("level", level),
                ("role", role),
            ];
            if !["all", "level", "role"].contains(&dimension) {
                continue;
            }
            let Some(whole) = usage.find(&cell) else {
                continue;
            };
            if *whole.get("visits") == Shown::Secret {
                hidden += 1;
                assert_eq!(row.get("per_10000").number(), None, "{cell:?}");
                assert_eq!(row.get("visits").number(), None, "{cell:?}");
            } else {
                shown += usize::from(row.get("per_10000").number().is_some());
            }
            if *whole.get("loaded_accounts") == Shown::Secret {
                assert_eq!(row.get("per_1000").number(), None, "{cell:?}");
            }
        }
    }
    assert!(hidden > 0 && shown > 0, "{hidden} {shown}");
}

/// Where a count is secret, its months, moments, services, hours do not add up to it. Groups
/// of establishments are cells of the register themselves.
#[test]
fn details_of_a_secret_cell_are_secret() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let secrets = Secrets::new(&session, &Terms::default());
    let (mut hidden, mut shown) = (0, 0);
    for node in NODES {
        let table = |name: &str| {
            let contract = indicator(name).unwrap();
            secrets.table(&contract, &arguments(node)).unwrap()
        };
        let usage = table("usage");
        for name in [
            "moments", "services", "devices", "weekly", "months", "trend", "hours",
        ] {
            for row in table(name).rows() {
                let cell = [
                    ("node_kind", node.0),
                    ("node", node.1),
                    ("level", or_all(row.get("level").text())),
                    ("role", or_all(row.get("role").text())),
                ];
                let whole = usage.find(&cell).unwrap();
                if *whole.get("visitors") != Shown::Secret {
                    shown += usize::from(row.get("visits").integer().is_some());
                    continue;
                }
                for column in [
                    "visitors",
                    "visits",
                    "share",
                    "visits_per_school_day",
                    "active_rate",
                    "visits_per_account",
                ] {
                    let told = row.get(column).number();
                    assert_eq!(told, None, "{name} {cell:?} {column}");
                }
                hidden += 1;
            }
        }
    }
    assert!(hidden > 20 && shown > 100, "{hidden} {shown}");
}

/// A later edition tells the perimeter of a partner that joins at this time: what is decided of a
/// time does not change with the day whose partners a deliverable tells of.
#[test]
fn who_is_a_partner_changes_no_decision() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let period = Period::parse(PERIOD).unwrap();
    let decided = |at: &str| {
        let joined = "[[partner]]\nid = 'lycees'\nname = 'Lycées'\nfrom = 2025-10-06\nlevels = ['2D']\ndepartements = ['59', '62']\n";
        let settings = marts::Settings {
            partners: Partner::parse(joined).unwrap(),
            ..marts::Settings::default()
        };
        let session = marts::prepare(&lake, &settings, Some(at.parse().unwrap())).unwrap();
        let secrets = Secrets::new(&session, &Terms::default());
        let mut cells = secrets.remembered(&period).unwrap();
        cells.sort();
        cells
    };
    let cells = decided("2025-10-12");
    let of_partner = cells.iter().filter(|c| c.cut.starts_with("partner:lycees"));
    assert!(of_partner.count() > 20);
    assert_eq!(decided("2025-10-05"), cells);
}

/// Usage of the region in the school year, with what an edition told of one cell of it.
fn school_year(told: Option<Remembered>) -> Result<ProtectedTable, String> {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    let mut memory = Memory::default();
    let told: Vec<Remembered> = told.into_iter().collect();
    memory.add(&memory::write(&told).unwrap()).unwrap();
    let secrets = Secrets::new(&session, &Terms::default()).remembering(memory);
    let mut values = arguments(("region", "32"));
    values[0].1 = Argument::Date("2025-08-01".parse().unwrap());
    values[1].1 = Argument::Date("2026-07-31".parse().unwrap());
    secrets.table(&indicator("cube_usage").unwrap(), &values)
}

/// The cell of a row that is about the whole region, as an edition remembers it.
fn remembered(row: &ProtectedRow<'_>, is_hidden: bool) -> Remembered {
    let [slice, sector, role] = ["slice", "sector", "role"].map(|name| row.get(name).text());
    Remembered {
        measure: "visitors".into(),
        time: "2025-08-01..2026-07-31".into(),
        cut: format!("region:32/scope:32/{slice}/{sector}"),
        role: role.into(),
        is_hidden,
    }
}

/// What an edition hid of a school year stays hidden, though nothing else asks for it; what it
/// showed cannot be hidden any more.
#[test]
fn editions_bind_what_is_told_of_a_school_year() {
    let free = school_year(None).unwrap();
    let first = |is_wanted: fn(&Shown) -> bool| {
        let mut rows = free.select(&[("area_kind", "scope")]);
        rows.find(|row| is_wanted(row.get("visitors"))).unwrap()
    };
    let shown = first(|visitors| matches!(visitors, Shown::Integer(1..)));
    let bound = school_year(Some(remembered(&shown, true))).unwrap();
    let names = ["area_kind", "slice", "sector", "role"];
    let same = names.map(|name| (name, shown.get(name).text()));
    let again = bound.find(&same).unwrap();
    assert_eq!(again.get("visitors"), &Shown::Secret);
    let secret = first(|visitors| *visitors == Shown::Secret);
    let lost = school_year(Some(remembered(&secret, false)));
    let message = lost.expect_err("a conflict");
    assert!(
        message.contains("that earlier editions showed"),
        "{message}"
    );
}
