//! The register of cells against the tables that show them.

use crate::fixture::{PERIOD, observatory, tree};
use entobs::domain::{Partner, Period};
use entobs::indicators::{Secrets, Terms};
use entobs::lake::Lake;
use entobs::privacy::disclosure::{Policy, ProtectedRow, ProtectedTable, Shown, protect};
use entobs::privacy::memory::{self, Memory, Remembered};
use entobs::query::{Argument, Cell, DASHBOARD, INDICATORS, RawTable, indicator, marts};
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
    for (name, bytes) in tree(&observatory().root.join("lac")) {
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
