//! `entobs privacy audit` over deliverables as they were written, and over the same with one
//! hidden cell shown.

use crate::fixture::{PERIOD, observatory, run, stderr, tree};
use entobs::audit::{Deliverable, Fault, Said, examine, read};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

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

/// The deliverables of the fixture, and the dashboard of its observatory with nothing hidden.
fn told_and_true() -> (Vec<Deliverable>, Deliverable) {
    static READ: OnceLock<(Vec<Deliverable>, Deliverable)> = OnceLock::new();
    READ.get_or_init(make_told_and_true).clone()
}

fn make_told_and_true() -> (Vec<Deliverable>, Deliverable) {
    let told = read(&[observatory().root.join("sorties")]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let configuration = fs::read_to_string(observatory().root.join("observatory.toml")).unwrap();
    let inputs = observatory().path("entrees/");
    let lake = observatory().path("lac");
    let configuration = configuration.replace("\"entrees/", &format!("\"{inputs}"));
    let config = folder.path().join("observatory.toml");
    let shown = configuration.replace("threshold = 5", "threshold = 1\ncrossed_threshold = 1");
    assert_ne!(shown, configuration);
    fs::write(&config, shown).unwrap();
    let page = folder.path().join("tableau-de-bord.html");
    let done = run(&[
        "dashboard",
        "--period",
        PERIOD,
        "-c",
        config.to_str().unwrap(),
        "--lake",
        &lake,
        "--out",
        page.to_str().unwrap(),
    ]);
    assert!(done.status.success(), "{}", stderr(&done));
    let manifest = format!("sorties/observatoire/{PERIOD}/manifest.json");
    fs::copy(
        observatory().root.join(manifest),
        folder.path().join("manifest.json"),
    )
    .unwrap();
    let mut all = read(&[folder.path().to_owned()]).unwrap();
    (told, all.remove(0))
}

/// Where a cell of a dashboard is: board, measure, row.
type Spot = (usize, String, usize);

/// Boards of whole periods; the others part the visits.
const USAGE: [&str; 3] = ["usage", "places", "region"];

/// Without the parts of visits: much quicker to examine.
fn of_usage_only(mut told: Vec<Deliverable>) -> Vec<Deliverable> {
    for dashboard in told.iter_mut().flat_map(|told| &mut told.dashboards) {
        let is_usage = |board: &entobs::audit::Board| USAGE.contains(&board.name.as_str());
        dashboard.boards.retain(is_usage);
    }
    told
}

/// The cells that the dashboard of the observatory hides, and their true counts.
fn hidden_cells(
    told: &Deliverable,
    all: &Deliverable,
    is_looked_at: impl Fn(&str) -> bool,
) -> Vec<(Spot, f64)> {
    let mut found = Vec::new();
    for (number, board) in told.dashboards[0].boards.iter().enumerate() {
        let same = |other: &&entobs::audit::Board| {
            (&other.name, &other.period) == (&board.name, &board.period)
        };
        let truth = all.dashboards[0].boards.iter().find(same).unwrap();
        assert_eq!(truth.dimensions, board.dimensions, "{}", board.name);
        let counted = ["loaded_accounts", "activated_accounts", "visitors"];
        for name in counted.iter().filter(|_| is_looked_at(&board.name)) {
            let Some(values) = board.measures.get(*name) else {
                continue;
            };
            for (row, said) in values.iter().enumerate() {
                if let (Said::Secret, Said::Number(count)) = (said, truth.measures[*name][row]) {
                    found.push(((number, (*name).to_owned(), row), count));
                }
            }
        }
    }
    found
}

fn show(told: &mut [Deliverable], at: usize, (board, name, row): &Spot, said: Said) {
    let board = &mut told[at].dashboards[0].boards[*board];
    board.measures.get_mut(name).unwrap()[*row] = said;
}

/// Two hundred times one hidden cell of the dashboard is shown: a small count is always found;
/// of the others, those that no line needs are harmless, and the audit says so by finding
/// nothing; most are needed.
#[test]
fn one_of_two_hundred_hidden_cells_shown_is_found_or_harmless() {
    let (mut told, all) = told_and_true();
    let at = told
        .iter()
        .position(|d| d.territory == "region 32" && d.period == PERIOD);
    let at = at.unwrap();
    let clean = examine(&told).unwrap().findings;
    assert!(clean.is_empty(), "{clean:#?}");
    told = of_usage_only(told);
    let hidden = hidden_cells(&told[at], &all, |board| board != "region");
    assert!(hidden.len() > 1_000, "{}", hidden.len());
    let (mut small, mut needed, mut harmless) = (0, 0, 0);
    for (spot, count) in hidden.iter().step_by(hidden.len() / 200).take(200) {
        show(&mut told, at, spot, Said::Number(*count));
        let found = examine(&told).unwrap().findings;
        show(&mut told, at, spot, Said::Secret);
        match (found.is_empty(), (1.0..5.0).contains(count)) {
            (false, true) => small += 1,
            (false, false) => needed += 1,
            (true, false) => harmless += 1,
            (true, true) => panic!("{spot:?} shows {count} and nothing is found"),
        }
    }
    assert!(
        small > 20 && needed > harmless,
        "{small} {needed} {harmless}"
    );
    eprintln!("{small} small, {needed} needed, {harmless} harmless");
}

/// Six times a hidden cell of a week or a service is shown: most are needed.
#[test]
fn a_hidden_part_that_is_shown_is_found_or_harmless() {
    let (mut told, all) = told_and_true();
    let at = told
        .iter()
        .position(|d| d.territory == "region 32" && d.period == PERIOD);
    let at = at.unwrap();
    let parts = ["weeks", "services"];
    for dashboard in told.iter_mut().flat_map(|told| &mut told.dashboards) {
        let is_wanted = |name: &str| USAGE.contains(&name) || parts.contains(&name);
        dashboard.boards.retain(|board| is_wanted(&board.name));
    }
    let hidden = hidden_cells(&told[at], &all, |board| parts.contains(&board));
    assert!(hidden.len() > 100, "{}", hidden.len());
    let (mut small, mut others) = (0, 0);
    for (spot, count) in hidden.iter().step_by(hidden.len() / 6).take(6) {
        show(&mut told, at, spot, Said::Number(*count));
        let is_found = !examine(&told).unwrap().findings.is_empty();
        show(&mut told, at, spot, Said::Secret);
        match (1.0..5.0).contains(count) {
            true => {
                assert!(is_found, "{spot:?} shows {count} and nothing is found");
                small += 1;
            }
            false => others += usize::from(is_found),
        }
    }
    assert!(small + others > 3, "{small} small, {others} others");
}

/// A group that a table of equity and a dashboard tell is one cell: with one account more in the
/// table, two values of it are told.
#[test]
fn groups_of_tables_are_those_of_dashboards() {
    let (mut told, _) = told_and_true();
    told.retain(|d| d.territory == "region 32" && d.period == PERIOD);
    for dashboard in told.iter_mut().flat_map(|told| &mut told.dashboards) {
        let is_kept = |name: &str| name == "equity" || USAGE.contains(&name);
        dashboard.boards.retain(|board| is_kept(&board.name));
    }
    let mut looked_at = Vec::new();
    for (number, table) in told[0].tables.iter().enumerate() {
        if !table.file.contains("equite") {
            continue;
        }
        let accounts = table.header.iter().position(|name| name == "Comptes");
        let accounts = accounts.unwrap();
        for (place, row) in table.rows.iter().enumerate() {
            let Ok(count) = row[accounts].parse::<i64>() else {
                continue;
            };
            let mut other = told.clone();
            other[0].tables[number].rows[place][accounts] = (count + 1).to_string();
            let found = examine(&other).unwrap().findings;
            let two = found.iter().filter(|f| f.fault == Fault::TwoValues);
            assert!(two.count() > 0, "{row:?}");
            looked_at.push(row[0].clone());
        }
    }
    for group in [
        "Public",
        "Privé",
        "Commune urbaine",
        "Hors éducation prioritaire",
    ] {
        assert!(
            looked_at.iter().any(|known| known == group),
            "{group}: {looked_at:?}"
        );
    }
}

/// With nothing but the small cells hidden, they are computed.
#[test]
fn hiding_small_cells_only_is_found() {
    let (mut told, all) = told_and_true();
    let at = told
        .iter()
        .position(|d| d.territory == "region 32" && d.period == PERIOD);
    let at = at.unwrap();
    told = of_usage_only(told);
    for (spot, count) in hidden_cells(&told[at], &all, |board| board != "region") {
        if !(1.0..5.0).contains(&count) {
            show(&mut told, at, &spot, Said::Number(count));
        }
    }
    let found = examine(&told).unwrap().findings;
    let exact = found.iter().filter(|finding| finding.fault == Fault::Exact);
    assert!(exact.count() > 10, "{}", found.len());
}

/// What an earlier edition hid and a later one of another state of the lake shows; the other
/// way round, what was shown is known anyway.
#[test]
fn a_cell_hidden_before_and_shown_later_is_found() {
    let (told, all) = told_and_true();
    let at = told
        .iter()
        .position(|d| d.territory == "region 32" && d.period == PERIOD);
    let at = at.unwrap();
    // One file has it, so that it contradicts nothing of its own edition.
    let told = of_usage_only(vec![told[at].clone()]);
    let of_places = |(board, ..): &Spot| told[0].dashboards[0].boards[*board].name == "places";
    let (spot, count) = hidden_cells(&told[0], &all, |board| board != "region")
        .into_iter()
        .find(|(spot, count)| of_places(spot) && *count > 50.0)
        .unwrap();
    let mut later = told.clone();
    for deliverable in &mut later {
        deliverable.rank = 1;
        deliverable.lake = "another".into();
    }
    show(&mut later, 0, &spot, Said::Number(count));
    let faults = |editions: [&[Deliverable]; 2]| {
        let found = examine(&editions.concat()).unwrap().findings;
        let faults = found.into_iter().map(|finding| finding.fault);
        faults
            .filter(|fault| *fault == Fault::ShownElsewhere)
            .count()
    };
    assert_eq!(faults([&told, &later]), 1);
    let mut after = told.clone();
    for (one, other) in after.iter_mut().zip(&mut later) {
        (one.rank, other.rank) = (1, 0);
    }
    assert_eq!(faults([&later, &after]), 0);
}

/// A later state of the lake that corrects every value does not hide what the first one tells.
#[test]
fn corrected_values_blind_no_audit() {
    let (told, all) = told_and_true();
    let at = told
        .iter()
        .position(|d| d.territory == "region 32" && d.period == PERIOD);
    let mut told = of_usage_only(vec![told[at.unwrap()].clone()]);
    told[0].tables.clear();
    told[0].sheets.clear();
    let exact = |told: &[Deliverable]| -> Vec<String> {
        let found = examine(told).unwrap().findings.into_iter();
        let told = [Fault::Exact, Fault::Narrow, Fault::Small];
        let found = found.filter(|finding| told.contains(&finding.fault));
        found.map(|finding| finding.cell).collect()
    };
    let hidden = hidden_cells(&told[0], &all, |board| board == "usage");
    let needed = hidden.iter().step_by(hidden.len() / 40).find_map(|spot| {
        show(&mut told, 0, &spot.0, Said::Number(spot.1));
        let found = exact(&told);
        show(&mut told, 0, &spot.0, Said::Secret);
        (!found.is_empty()).then(|| (spot.clone(), found))
    });
    let ((spot, count), found) = needed.expect("one of them is needed");
    show(&mut told, 0, &spot, Said::Number(count));
    let mut later = told.clone();
    later[0].rank = 1;
    later[0].lake = "another".into();
    show(&mut later, 0, &spot, Said::Secret);
    for board in &mut later[0].dashboards[0].boards {
        for said in board.measures.values_mut().flatten() {
            if let Said::Number(number) = said {
                *number += 1.0;
            }
        }
    }
    let both = exact(&[told, later].concat());
    assert!(
        found.iter().all(|cell| both.contains(cell)),
        "{found:?} {both:?}"
    );
}
