//! The register of cells against the tables that show them.

use crate::fixture::{PERIOD, observatory};
use entobs::domain::Period;
use entobs::indicators::{Secrets, Terms};
use entobs::lake::Lake;
use entobs::privacy::disclosure::Shown;
use entobs::query::{Argument, DASHBOARD, INDICATORS, indicator, marts};

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

/// What a table without such a column is about.
fn or_all(text: &str) -> &str {
    if text.is_empty() { "all" } else { text }
}

/// Where a count is secret, its months, moments, services, hours, groups do not add up to it.
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
            "moments", "services", "devices", "weekly", "months", "trend", "hours", "equity",
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
