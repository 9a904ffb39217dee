//! The invariants of ARCHITECTURE.md that the compiler does not check.

use crate::fixture::observatory;
use entobs::lake::Lake;
use entobs::query::{Cell, Contract, DASHBOARD, INDICATORS, MARTS, marts};
use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn domain_imports_nothing_of_ours_and_does_no_io() {
    for (path, text) in sources("src/domain") {
        for forbidden in ["crate::", "std::fs", "std::io", "std::env", "std::net"] {
            assert!(
                !text.contains(forbidden),
                "{}: `{forbidden}`",
                path.display()
            );
        }
    }
}

#[test]
fn secrets_cannot_be_printed() {
    let secret = [
        "pub struct AccessLine",
        "pub struct MasterKey",
        "pub struct YearKey",
        "pub struct Entry",
        "pub struct Login<",
        "struct Event<",
    ];
    let files = sources("src");
    for declaration in secret {
        let (_, text) = files.iter().find(|(_, t)| t.contains(declaration)).unwrap();
        let before = text.split(declaration).next().unwrap();
        let attributes = before.rsplit("\n\n").next().unwrap();
        for shown in ["Debug", "Display", "Serialize"] {
            assert!(!attributes.contains(shown), "{declaration}: {shown}");
        }
        let name = declaration.rsplit(' ').next().unwrap();
        for (path, text) in &files {
            for shown in ["Debug for", "Display for", "Serialize for"] {
                let implementation = format!("{shown} {name}");
                assert!(!text.contains(&implementation), "{}", path.display());
            }
        }
    }
}

fn assert_absent(folders: &[&str], forbidden: &[&str]) {
    for folder in folders {
        for (path, text) in sources(folder) {
            for word in forbidden {
                assert!(!text.contains(word), "{}: `{word}`", path.display());
            }
        }
    }
}

#[test]
fn inputs_and_outputs_do_not_know_each_other() {
    let inputs = [
        "src/access",
        "src/logins",
        "src/directory",
        "src/assistance",
        "src/provider",
        "src/ingest",
        "src/synth",
    ];
    let outputs = ["src/charts", "src/reports", "src/dashboard", "src/workbook"];
    assert_absent(
        &inputs,
        &[
            "crate::charts",
            "crate::reports",
            "crate::dashboard",
            "crate::workbook",
            "crate::document",
        ],
    );
    assert_absent(
        &outputs,
        &[
            "crate::access",
            "crate::logins",
            "crate::directory",
            "crate::assistance",
            "crate::provider",
            "crate::ingest",
            "crate::lake::Lake",
        ],
    );
}

/// Outputs see protected tables only: no session, no raw result.
#[test]
fn outputs_run_no_query() {
    let outputs = ["src/charts", "src/reports", "src/dashboard", "src/workbook"];
    assert_absent(&outputs, &["crate::query", "RawTable", "protect("]);
}

#[test]
fn no_clock_no_environment_below_the_command_line() {
    let all = ["src"];
    assert_absent(
        &all,
        &["Utc::now", "Local::now", "SystemTime::now", "Instant::now"],
    );
    for (path, text) in sources("src")
        .iter()
        .filter(|(path, _)| !path.ends_with("main.rs"))
    {
        assert!(!text.contains("env::var"), "{}", path.display());
    }
}

/// Nine of ten functions are under 30 lines.
#[test]
fn functions_are_short() {
    let mut lengths = Vec::new();
    for (path, text) in sources("src") {
        let mut open: Option<(usize, usize, String)> = None;
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let words = line.trim_start();
            let declares =
                words.starts_with("fn ") || words.contains(" fn ") && words.starts_with("pub");
            match &open {
                None if declares && line.ends_with('{') => {
                    open = Some((number, indent, words.to_owned()))
                }
                None if declares && !line.ends_with(';') && !line.ends_with('}') => {
                    open = Some((number, indent, words.to_owned()));
                }
                Some((start, at, name)) if indent == *at && words == "}" => {
                    lengths.push((number - start + 1, path.clone(), name.clone()));
                    open = None;
                }
                _ => {}
            }
        }
    }
    let long: Vec<_> = lengths
        .iter()
        .filter(|(length, _, _)| *length >= 30)
        .collect();
    assert!(lengths.len() > 300, "{}", lengths.len());
    assert!(
        long.len() * 10 <= lengths.len(),
        "{} of {}: {long:#?}",
        long.len(),
        lengths.len()
    );
}

/// The last `order by` of a query, as many keys as it has.
fn keys_of_order(sql: &str) -> usize {
    let (_, order) = sql.rsplit_once("order by ").unwrap_or_default();
    match order.is_empty() || order.contains(')') {
        true => 0,
        false => order.split(',').count(),
    }
}

/// A query file as free SQL: parameters replaced by values.
fn with_values(sql: &str) -> String {
    let lines = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let values = [
        ("$period_start", "date '2025-09-01'"),
        ("$period_end", "date '2025-09-30'"),
        ("$previous_start", "date '2024-09-01'"),
        ("$previous_end", "date '2024-09-30'"),
        ("$reference_date", "date '2025-09-30'"),
        ("$node_kind", "'region'"),
        ("$node", "'32'"),
        ("$timeout_minutes", "30"),
        ("$first_day", "date '2025-09-01'"),
        ("$last_day", "date '2025-09-30'"),
    ];
    let text = lines.collect::<Vec<_>>().join("\n");
    values
        .iter()
        .fold(text, |text, (name, value)| text.replace(name, value))
}

/// The engine drops sort keys that it believes another determines; it has been
/// wrong, and a report would have changed from run to run.
#[test]
fn results_are_sorted_by_all_that_their_query_says() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let session = marts::prepare(&lake, &marts::Settings::default(), None).unwrap();
    // What marts read only while they are made.
    for (read, like) in [
        ("counted_requests", "counted_requests"),
        ("numbered_persons", "persons"),
    ] {
        let (_, sql) = MARTS.iter().find(|(name, _)| *name == like).unwrap();
        let schema = Contract::parse(like, sql).unwrap().schema();
        session.register_rows(read, schema, Vec::new()).unwrap();
    }
    let mut checked = 0;
    for (name, sql) in INDICATORS.iter().chain(DASHBOARD).chain(MARTS) {
        let sql = with_values(sql);
        let wanted = keys_of_order(&sql);
        let plan = &session.sql(&format!("explain {sql}")).unwrap().1[0];
        let Some(Cell::Text(plan)) = plan.last() else {
            panic!("{name}: {plan:?}");
        };
        let mut sorts = plan
            .lines()
            .filter(|line| line.trim_start().starts_with("Sort: "));
        let kept = sorts
            .next()
            .map_or(0, |sort| sort.matches(" NULLS ").count());
        assert_eq!(kept, wanted, "{name}: {plan}");
        checked += usize::from(wanted > 1);
    }
    assert!(checked > 20, "{checked}");
}
