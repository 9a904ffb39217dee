//! `entobs privacy audit` over deliverables as they were written, and over the same with one
//! hidden cell shown.

use crate::fixture::{observatory, run, stderr, tree};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn audit(folder: &Path) -> (Option<i32>, Value) {
    let done = run(&["privacy", "audit", folder.to_str().unwrap(), "--json"]);
    let found = serde_json::from_slice(&done.stdout);
    (
        done.status.code(),
        found.unwrap_or_else(|_| panic!("{}", stderr(&done))),
    )
}

/// Manifests and tables of all deliverables.
fn published() -> Vec<(String, Vec<u8>)> {
    let mut files = tree(&observatory().root.join("sorties"));
    files.retain(|(name, _)| name.ends_with("manifest.json") || name.contains("donnees/"));
    files
}

fn write(files: &[(String, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn deliverables_do_not_tell_what_they_hide() {
    let folder = write(&published());
    let (code, found) = audit(folder.path());
    assert_eq!(found["findings"], serde_json::json!([]), "{found}");
    assert_eq!(code, Some(0));
    assert_eq!(found["deliverables"], 3);
    assert!(found["secret"].as_u64().unwrap() > 10, "{found}");
}

/// True counts of activated accounts of the region by level and role, whatever is hidden.
fn activated() -> BTreeMap<(String, String), i64> {
    let told = observatory().sql(
        "select e.level, p.role, count(distinct p.account) as n
         from account_places p join establishments e on e.uai = p.uai
         where p.activated_on <= '2025-10-12' and p.valid_from <= '2025-10-12' and p.valid_to > '2025-10-12'
         group by e.level, p.role",
    );
    let label = |row: &Value, name: &str| {
        let code = row[name].as_str().unwrap();
        match code {
            "1D" => "Premier degré",
            "2D" => "Second degré",
            "student" => "Élèves",
            "parent" => "Parents",
            "teacher" => "Enseignants",
            other => {
                if other == "staff" {
                    "Personnels"
                } else {
                    other
                }
            }
        }
        .to_owned()
    };
    told.iter()
        .map(|row| {
            (
                (label(row, "level"), label(row, "role")),
                row["n"].as_i64().unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_hidden_cell_that_is_shown_is_found() {
    let truth = activated();
    let files = published();
    let table = "observatoire/2025-2026-S1/donnees/01-perimetre.csv";
    let place = files.iter().position(|(name, _)| name == table).unwrap();
    let text = String::from_utf8(files[place].1.clone()).unwrap();
    let (mut caught, mut harmless) = (0, 0);
    for line in text.lines().filter(|line| line.ends_with("\"s\"")) {
        let cells: Vec<&str> = line.split(';').collect();
        let label = |at: usize| cells[at].trim_matches('"').to_owned();
        let Some(count) = truth
            .get(&(label(0), label(1)))
            .filter(|_| cells[4].is_empty())
        else {
            continue;
        };
        let shown = format!(
            "{};{};{};{};{count};;\"\"",
            cells[0], cells[1], cells[2], cells[3]
        );
        let mut mutated = files.clone();
        mutated[place].1 = text.replace(line, &shown).into_bytes();
        let folder = write(&mutated);
        let (code, found) = audit(folder.path());
        match code {
            Some(4) => caught += 1,
            // The bounds say that nothing else follows from it.
            _ => harmless += 1,
        }
        assert_eq!(
            code == Some(4),
            found["findings"] != serde_json::json!([]),
            "{found}"
        );
    }
    assert!(caught >= 2, "{caught} caught, {harmless} harmless: {text}");
}

#[test]
fn a_folder_without_deliverables_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(&["privacy", "audit", folder.path().to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(1));
    assert!(stderr(&done).contains("manifest.json"), "{}", stderr(&done));
}
