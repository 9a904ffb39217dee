//! The dashboard: what its file holds, and what a reader does with it in a
//! browser without network.

use crate::browser::{Browser, axe, missing};
use crate::fixture::{entobs, observatory, run, stderr};
use entobs::dashboard;
use entobs::domain::Period;
use entobs::indicators::{Scope, Secrets, Terms, compute, compute_cube};
use entobs::lake::Lake;
use entobs::privacy::disclosure::{Policy, ProtectedTable, protect};
use entobs::query::{Cell, RawTable, indicator, marts};
use entobs::reports;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const REGION: &str = "observatoire/2025-2026-S1/tableau-de-bord.html";
const PARTNER: &str = "partenaires/departement-59/2025-2026-S1/tableau-de-bord.html";
const DRAWN: [&str; 8] = [
    "ensemble",
    "usages",
    "territoires",
    "services",
    "equipements",
    "horaires",
    "comptes",
    "equite",
];
const FIXED: [&str; 5] = [
    "assistance",
    "qualite",
    "accompagnement",
    "national",
    "methode",
];

const DIMENSIONS: [&str; 9] = [
    "area_kind",
    "area",
    "slice",
    "sector",
    "role",
    "service",
    "device",
    "weekday",
    "hour",
];

fn path(name: &str) -> PathBuf {
    observatory().root.join("sorties").join(name)
}

fn views() -> impl Iterator<Item = &'static str> {
    DRAWN.into_iter().chain(FIXED)
}

// ---- What the file holds ----------------------------------------------------

/// The rows of a block: dimensions as text, measures as numbers or marks.
fn block(html: &str, id: &str) -> Vec<BTreeMap<String, Value>> {
    let start = format!("id=\"d-{id}\">");
    let (_, rest) = html.split_once(&start).unwrap_or_else(|| panic!("no {id}"));
    let json: Value = serde_json::from_str(rest.split("</script>").next().unwrap()).unwrap();
    let count = json["n"].as_u64().unwrap() as usize;
    let mut rows = vec![BTreeMap::new(); count];
    for (name, column) in json["d"].as_object().unwrap() {
        let codes = codes(column);
        assert_eq!(codes.len(), count, "{id} {name}");
        for (row, code) in rows.iter_mut().zip(codes) {
            row.insert(name.clone(), column["v"][code].clone());
        }
    }
    for (name, column) in json["m"].as_object().unwrap() {
        let mut last = Value::Null;
        for (row, word) in rows.iter_mut().zip(column.as_str().unwrap().split(' ')) {
            let value = match word {
                "=" => last.clone(),
                "S" => "s".into(),
                "N" => "ns".into(),
                "D" => Value::Null,
                word => i64::from_str_radix(word, 36).unwrap().into(),
            };
            row.insert(name.clone(), value.clone());
            last = value;
        }
    }
    rows
}

fn codes(column: &Value) -> Vec<usize> {
    let words = |text: &Value| -> Vec<usize> {
        let words = text.as_str().unwrap().split(' ');
        words
            .map(|w| usize::from_str_radix(w, 36).unwrap())
            .collect()
    };
    if !column["c"].is_null() {
        return words(&column["c"]);
    }
    let runs = words(&column["r"]);
    let runs = runs
        .chunks(2)
        .flat_map(|run| std::iter::repeat_n(run[0], run[1]));
    runs.collect()
}

fn html(name: &str) -> String {
    String::from_utf8(observatory().deliverable(name)).unwrap()
}

/// Every cell in the file is the cell of the protected query, mark for mark.
#[test]
fn every_cell_of_the_file_is_that_of_its_query() {
    let page = html(REGION);
    let reference = &observatory().sql("select max(day) as day from visits")[0]["day"];
    let last = reference.as_str().unwrap();
    let mut compared = 0;
    for (name, period, measures) in [
        (
            "usage",
            "0 2025-2026-S1",
            &["visitors", "visits", "visits_before"][..],
        ),
        (
            "usage",
            "2 2025-09",
            &["establishments", "loaded_accounts", "visitors", "visits"][..],
        ),
        (
            "services",
            "0 2025-2026-S1",
            &["visitors", "visits", "all_visits"][..],
        ),
        ("devices", "2 2025-09", &["visits", "known_visits"][..]),
        ("hours", "0 2025-2026-S1", &["visits"][..]),
    ] {
        let (index, period) = period.split_once(' ').unwrap();
        let lake = observatory().path("lac");
        let query = format!("cube_{name}");
        let arguments = [
            "query", &query, "--period", period, "--lake", &lake, "--output", "json",
        ];
        let output = run(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let wanted: Vec<BTreeMap<String, Value>> = serde_json::from_slice(&output.stdout).unwrap();
        let found = block(&page, &format!("{name}-{index}"));
        assert_eq!(
            found.len(),
            wanted.len(),
            "{query} {period}, data to {last}"
        );
        // Rows by their dimensions: the order of a file is its own.
        let key = |row: &BTreeMap<String, Value>| -> Vec<String> {
            let dimensions = DIMENSIONS.iter().filter_map(|name| row.get(*name));
            let words = dimensions.map(|value| value.to_string().replace('"', ""));
            words.collect()
        };
        let found: BTreeMap<_, _> = found.iter().map(|row| (key(row), row)).collect();
        for wanted in &wanted {
            let found = found[&key(wanted)];
            for measure in measures {
                assert_eq!(found[*measure], wanted[*measure], "{query} {wanted:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}

/// Where a report has the same cell, its own query says the same.
#[test]
fn cells_that_reports_have_too_are_the_same() {
    let cube = |name: &str| observatory().query(name, &[]);
    let whole = |row: &&Value| row["area_kind"] == "scope" && row["sector"] == "all";
    let usage = cube("usage");
    let mut compared = 0;
    for cell in cube("cube_usage")
        .iter()
        .filter(|row| row["sector"] == "all")
    {
        let kind = match cell["area_kind"].as_str().unwrap() {
            "scope" => "region",
            kind => kind,
        };
        let same = |row: &&Value| {
            row["node_kind"] == kind
                && row["node"] == cell["area"]
                && row["level"] == cell["slice"]
                && row["role"] == cell["role"]
        };
        // A type is no level.
        let Some(row) = usage.iter().find(same) else {
            continue;
        };
        for name in [
            "establishments",
            "loaded_accounts",
            "activated_accounts",
            "visitors",
            "visits",
            "active_rate",
            "visits_per_visitor",
        ] {
            // A secret of the year before may hide one more cell here.
            if cell[name] != "s" {
                assert_eq!(cell[name], row[name], "{name} of {cell}");
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
    for (name, keys) in [
        ("services", &["role", "service"][..]),
        ("devices", &["role", "device"]),
        ("hours", &["weekday", "hour"]),
    ] {
        let report = cube(name);
        let cells = cube(&format!("cube_{name}"));
        let cells: Vec<_> = cells.iter().filter(whole).collect();
        for row in &report {
            let level = row
                .get("level")
                .map_or("all", |level| level.as_str().unwrap());
            let same = |cell: &&&Value| {
                cell["slice"] == level
                    && keys.iter().all(|key| cell[*key] == row[*key])
                    && (keys.contains(&"role") || cell["role"] == "all")
            };
            let cell = cells
                .iter()
                .find(same)
                .unwrap_or_else(|| panic!("{name}: {row}"));
            if cell["visits"] != "s" && row["visits"] != "s" {
                assert_eq!(cell["visits"], row["visits"], "{name}: {row}");
                assert_eq!(cell["share"], row["share"], "{name}: {row}");
            }
        }
        assert!(report.len() > 10, "{name}");
    }
}

/// A table of the cube with other rows, by its own contract and protection.
fn remade(name: &str, rows: Vec<Vec<Cell>>) -> ProtectedTable {
    let contract = indicator(&format!("cube_{name}")).unwrap();
    let (columns, ties) = (contract.columns, contract.ties);
    assert!(rows.iter().all(|row| row.len() == columns.len()), "{name}");
    protect(
        RawTable {
            columns,
            ties,
            rows,
        },
        &Policy::default(),
    )
}

/// The region has 5,570 establishments: its file stays under 8 MB.
#[test]
fn the_file_of_the_whole_region_is_small_enough() {
    let lake = Lake::open(&observatory().root.join("lac")).unwrap();
    let settings = marts::Settings::default();
    let period = Period::parse(crate::fixture::PERIOD).unwrap();
    let session = marts::prepare(&lake, &settings, Some(period.last())).unwrap();
    let scope = Scope::region();
    let secrets = Secrets::new(&session, &Terms::default());
    let figures = compute(&secrets, &scope, &period).unwrap();
    let mut cube = compute_cube(&secrets, &scope, &period).unwrap();
    let uais: Vec<String> = (0..5_570)
        .map(|n| format!("0{:02}{n:04}A", [2, 59, 60, 62, 80][n * 5 / 5_570]))
        .collect();
    let mut rng = fastrand::Rng::with_seed(5_570);
    let text = |text: &str| Cell::Text(text.into());
    let list = uais.iter().map(|uai| {
        let name = format!("École primaire {} {}", uai, rng.u32(..1_000));
        let commune = format!("Commune-en-Région {}", rng.u32(..1_900));
        vec![
            text(uai),
            text(&name),
            text(&commune),
            text("09"),
            text(&uai[1..3]),
            text("1D"),
            text("ECOLE"),
            text("public"),
            text(["Q1", "Q2", "Q3", "Q4", "Q5"][rng.usize(..5)]),
            text(["REP", "REP+", "none"][rng.usize(..3)]),
            text(["rural", "urban"][rng.usize(..2)]),
            Cell::Real(50.0),
            Cell::Real(rng.f64() + 2.0),
        ]
    });
    cube.establishments = remade("establishments", list.collect());
    for part in &mut cube.tables {
        part.table = match part.name {
            "places" => remade(
                "places",
                uais.iter()
                    .flat_map(|uai| {
                        ["all", "parent", "staff", "student", "teacher"]
                            .map(|role| usage_row(&mut rng, uai, role))
                    })
                    .collect(),
            ),
            "place_weeks" => {
                let weeks =
                    (0..26).map(|week| figures.period.first() + chrono::Days::new(7 * week + 3));
                let weeks: Vec<_> = weeks.collect();
                remade(
                    "place_weeks",
                    uais.iter()
                        .flat_map(|uai| {
                            weeks
                                .iter()
                                .map(|week| {
                                    vec![
                                        text(uai),
                                        Cell::Date(*week),
                                        Cell::Integer(rng.i64(5..400)),
                                        Cell::Integer(rng.i64(5..2_000)),
                                    ]
                                })
                                .collect::<Vec<_>>()
                        })
                        .collect(),
                )
            }
            name @ ("place_services" | "place_devices") => {
                let count = if name == "place_services" { 18 } else { 5 };
                remade(
                    name,
                    uais.iter()
                        .flat_map(|uai| {
                            (0..count)
                                .map(|code| {
                                    let (visits, all) = (rng.i64(5..9_000), rng.i64(9_000..40_000));
                                    vec![
                                        text(uai),
                                        text(&format!("service {code}")),
                                        Cell::Integer(rng.i64(5..400)),
                                        Cell::Integer(visits),
                                        Cell::Integer(all),
                                        Cell::Real(visits as f64 / all as f64),
                                    ]
                                })
                                .collect::<Vec<_>>()
                        })
                        .collect(),
                )
            }
            _ => continue,
        };
    }
    let document = reports::observatory(&figures, "");
    let page = dashboard::page(
        &figures,
        &cube,
        &document,
        &reports::dashboard_views(&figures),
    );
    // Areas of a real region have more hours and services than this small world: room for them.
    let small = html(REGION).len();
    assert!(page.len() > 4 << 20, "{} bytes", page.len());
    assert!(
        page.len() + small < 8_000_000,
        "{} and {small} bytes",
        page.len()
    );
    assert!(html(PARTNER).len() < 2_000_000);
    let Some(mut browser) = open() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("region.html");
    fs::write(&file, page).unwrap();
    browser.window(1280, false);
    let first = (0..3)
        .map(|_| browser.visit(&file, ""))
        .fold(f64::MAX, f64::min);
    assert!(first < 1_000.0, "{first} ms");
    browser.follow("#vue=territoires");
    browser.assert_quiet();
}

fn usage_row(rng: &mut fastrand::Rng, uai: &str, role: &str) -> Vec<Cell> {
    let loaded = rng.i64(5..900);
    let part = |of: i64, rng: &mut fastrand::Rng| (of as f64 * (0.2 + 0.7 * rng.f64())) as i64;
    let (activated, visitors) = (part(loaded, rng), part(loaded, rng));
    let (visits, before) = (visitors * rng.i64(3..60), visitors * rng.i64(3..60) + 1);
    let over = |one: i64, other: i64| Cell::Real(one as f64 / other.max(1) as f64);
    vec![
        Cell::Text(uai.into()),
        Cell::Text(role.into()),
        Cell::Integer(loaded),
        Cell::Integer(activated),
        Cell::Integer(visitors),
        Cell::Integer(visits),
        over(activated, loaded),
        over(visitors, loaded),
        over(visits, visitors),
        Cell::Integer(visitors),
        Cell::Integer(before),
        over(visits, before),
    ]
}

#[test]
fn shares_are_rounded_as_they_are_shown() {
    let mut seen = [0, 0];
    for row in block(&html(REGION), "usage-0") {
        let (Some(base), Some(rate)) =
            (row["loaded_accounts"].as_i64(), row["active_rate"].as_i64())
        else {
            continue;
        };
        assert!(base >= 30, "no rate on {base} accounts: {row:?}");
        assert!(base >= 1_000 || rate % 10 == 0, "{row:?}");
        seen[usize::from(base >= 1_000)] += 1;
    }
    assert!(seen[0] > 20, "{seen:?}");
}

/// Its perimeter, and of the others the totals of the region.
#[test]
fn a_partner_file_holds_its_establishments_and_regional_totals() {
    let page = html(PARTNER);
    let (_, rest) = page.split_once("id=\"d-etablissements\">").unwrap();
    let json: Value = serde_json::from_str(rest.split("</script>").next().unwrap()).unwrap();
    let sql =
        "select uai from establishments where departement = '59' and type = 'COLLEGE' order by uai";
    let wanted: Vec<Value> = observatory()
        .sql(sql)
        .into_iter()
        .map(|row| row["uai"].clone())
        .collect();
    assert_eq!(json["uai"], Value::Array(wanted));
    for row in block(&page, "region-0") {
        assert_eq!(row["area_kind"], "scope");
        assert_eq!(row["area"], "32");
    }
    for other in ["id=\"d-places-0\"", "id=\"d-usage-0\""] {
        assert!(page.contains(other), "{other}");
    }
    let others = observatory().sql("select uai from establishments where departement <> '59'");
    for row in others {
        assert!(!page.contains(row["uai"].as_str().unwrap()), "{row}");
    }
}

#[test]
fn the_policy_names_its_script_and_its_style_and_nothing_else() {
    for name in [REGION, PARTNER] {
        let page = html(name);
        let policy = page
            .split("Content-Security-Policy\" content=\"")
            .nth(1)
            .unwrap();
        let policy = policy.split('"').next().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        let links = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!links.contains("http://") && !links.contains("https://"));
        assert!(!page.contains(" style=\"") && !page.contains(" onclick="));
    }
}

/// A relative luminance of WCAG 2.1.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Inside drawings too, where axe does not look: text 4.5, graphics 3.
#[test]
fn colours_contrast_in_light_and_dark() {
    let style = include_str!("../../src/dashboard/style.css");
    let themes: Vec<&str> = style.split(":root {").skip(1).take(2).collect();
    for theme in themes {
        let colours: BTreeMap<&str, &str> = theme
            .split('}')
            .next()
            .unwrap()
            .split(';')
            .filter_map(|rule| rule.trim().strip_prefix("--")?.split_once(": "))
            .collect();
        let check = |name: &str, on: &str, least: f64| {
            let found = contrast(colours[name], colours[on]);
            assert!(found >= least, "--{name} on --{on}: {found:.2}");
        };
        for ground in ["fond", "pale"] {
            for text in ["encre", "doux", "titre", "lien"] {
                check(text, ground, 4.5);
            }
        }
        for drawn in ["c1", "c2", "c3", "c4", "gris", "bord", "foyer", "chaleur"] {
            check(drawn, "fond", 3.0);
        }
        // What is written inside bars.
        for bar in ["c1", "c2", "c3", "c4", "gris"] {
            check("texte-sur", bar, 4.5);
        }
    }
}

// ---- In a browser -------------------------------------------------------------

fn open() -> Option<Browser> {
    let browser = Browser::open();
    if browser.is_none() {
        missing("chromium");
    }
    browser
}

#[test]
fn every_view_under_every_filter() {
    let Some(mut browser) = open() else { return };
    browser.window(1280, false);
    browser.visit(&path(REGION), "");
    let uai =
        browser.text("JSON.parse(document.getElementById('d-etablissements').textContent).uai[0]");
    let filters = [
        String::new(),
        "&periode=2025-09".into(),
        "&territoire=59".into(),
        "&territoire=09&degre=1D".into(),
        format!("&territoire={uai}"),
        format!("&territoire={uai}&periode=2025-09&profil=parent"),
        "&degre=2D&type=COLLEGE".into(),
        "&degre=1D&type=LYCEE".into(),
        "&secteur=public&profil=teacher&periode=2025-10".into(),
        "&territoire=59&comparer=62".into(),
        format!("&territoire=62&comparer={uai}&profil=student"),
    ];
    for view in DRAWN {
        for filter in &filters {
            browser.follow(&format!("#vue={view}{filter}"));
            let text = browser.text("document.getElementById('vue').innerText");
            assert!(text.len() > 20, "{view} {filter}: {text}");
            for wrong in ["undefined", "NaN", "null", "[object"] {
                assert!(!text.contains(wrong), "{view} {filter}: {wrong} in {text}");
            }
            let columns = browser.number("document.querySelectorAll('#vue > section').length");
            assert_eq!(
                columns as i32,
                if filter.contains("comparer") { 2 } else { 0 },
                "{view} {filter}"
            );
        }
        browser.assert_quiet();
    }
    for view in FIXED {
        browser.follow(&format!("#vue={view}"));
        let shown = browser.text("[...document.querySelectorAll('section.fixe')].filter((s) => !s.hidden).map((s) => s.dataset.vue).join()");
        assert_eq!(shown, view);
    }
    browser.assert_quiet();
}

#[test]
fn a_link_opens_the_same_view_and_back_goes_back() {
    let Some(mut browser) = open() else { return };
    browser.window(1280, false);
    browser.visit(
        &path(REGION),
        "#vue=comptes&periode=2025-09&territoire=59&degre=1D&profil=parent",
    );
    let state =
        "[...document.querySelectorAll('#filtres select')].map((list) => list.value).join()";
    assert_eq!(browser.text(state), "2025-09,59,1D,all,all,parent,");
    assert_eq!(
        browser.text("document.getElementById('titre').textContent"),
        "Comptes et activation"
    );
    let before = browser.text("document.getElementById('vue').innerText");
    browser.choose("f-territoire", "62");
    let changed = browser.text("document.getElementById('vue').innerText");
    assert_ne!(before, changed);
    assert!(
        browser
            .text("document.getElementById('annonce').textContent")
            .contains("Pas-de-Calais")
    );
    browser.value("new Promise((done) => { addEventListener('hashchange', () => requestAnimationFrame(() => done()), { once: true }); history.back(); })");
    assert_eq!(
        browser.text("document.getElementById('vue').innerText"),
        before
    );
    browser.value("new Promise((done) => { addEventListener('hashchange', () => requestAnimationFrame(() => done()), { once: true }); history.forward(); })");
    assert_eq!(
        browser.text("document.getElementById('vue').innerText"),
        changed
    );
    // What nobody could have chosen falls back on the whole.
    browser.follow("#vue=nulle&territoire=99&degre=9D&periode=x");
    assert_eq!(browser.text(state), "2025-2026-S1,32,all,all,all,all,");
    browser.assert_quiet();
}

#[test]
fn an_establishment_is_found_by_name_commune_and_uai() {
    let Some(mut browser) = open() else { return };
    browser.window(1280, false);
    browser.visit(&path(REGION), "");
    let school =
        &observatory().sql("select uai, name, commune from establishments order by uai limit 1")[0];
    for word in ["uai", "commune", "name"] {
        let text = school[word].as_str().unwrap().to_uppercase();
        let typed = serde_json::to_string(&text).unwrap();
        browser.value(&format!("(() => {{ const field = document.getElementById('f-cherche'); field.value = {typed}; field.dispatchEvent(new Event('input')); }})()"));
        let found = browser.text("document.getElementById('trouves').innerText");
        assert!(
            found.contains(school["uai"].as_str().unwrap()),
            "{text}: {found}"
        );
    }
    browser.value("new Promise((done) => { addEventListener('hashchange', () => requestAnimationFrame(() => done()), { once: true }); document.querySelector('#trouves a').click(); })");
    let trail = browser.text("document.getElementById('fil').innerText");
    assert!(trail.contains("Académie"), "{trail}");
    browser.assert_quiet();
}

/// Rows of a CSV of the page: header to cell.
fn records(text: &str) -> Vec<BTreeMap<String, String>> {
    let text = text.strip_prefix('\u{feff}').expect("a mark of UTF-8");
    let split = |line: &str| -> Vec<String> {
        line.split(';')
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect()
    };
    let mut lines = text.lines();
    let header = split(lines.next().unwrap());
    lines
        .map(|line| header.iter().cloned().zip(split(line)).collect())
        .collect()
}

#[test]
fn a_download_holds_what_the_query_says() {
    let Some(mut browser) = open() else { return };
    browser.window(1280, false);
    browser.visit(
        &path(REGION),
        "#vue=comptes&territoire=59&degre=1D&periode=2025-09",
    );
    let (name, csv) = browser.download("#vue figure details button.csv");
    assert!(
        name.starts_with("profils-nord") && name.ends_with(".csv"),
        "{name}"
    );
    let lake = observatory().path("lac");
    let output = run(&[
        "query",
        "cube_usage",
        "--period",
        "2025-09",
        "--lake",
        &lake,
        "--output",
        "json",
    ]);
    let query: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let records = records(&csv);
    assert!(records.len() >= 4, "{csv}");
    for record in records {
        let role = match &*record["Profil"] {
            "Élèves" => "student",
            "Parents" => "parent",
            "Enseignants" => "teacher",
            "Personnels" => "staff",
            "Ensemble" => "all",
            other => panic!("{other}"),
        };
        let row = query.iter().find(|row| {
            row["area"] == "59"
                && row["slice"] == "1D"
                && row["sector"] == "all"
                && row["role"] == role
        });
        for (title, measure) in [
            ("Comptes chargés", "loaded_accounts"),
            ("Comptes activés", "activated_accounts"),
            ("Visiteurs", "visitors"),
        ] {
            let wanted = &row.unwrap()[measure];
            let wanted = wanted
                .as_i64()
                .map_or_else(String::new, |number| number.to_string());
            assert_eq!(record[title], wanted, "{role} {measure}");
            assert!(
                !wanted.is_empty() || !record["statut"].is_empty(),
                "a mark says why"
            );
        }
    }
    let (name, svg) = browser.download("#vue figure button.svg");
    assert!(name.ends_with(".svg"));
    assert!(
        svg.contains("xmlns=\"http://www.w3.org/2000/svg\"") && svg.contains("<title"),
        "{svg}"
    );
    assert!(
        !svg.contains("var(--") && !svg.contains(" class="),
        "it stands alone"
    );
    for view in DRAWN.into_iter().chain(["qualite", "methode"]) {
        browser.follow(&format!("#vue={view}"));
        let (name, csv) = browser.download(".fixe:not([hidden]) button.csv, #vue button.csv");
        assert!(
            name.ends_with(".csv") && csv.lines().count() > 1,
            "{view}: {csv}"
        );
    }
    browser.assert_quiet();
}

#[test]
fn axe_finds_nothing_in_any_view() {
    let Some(mut browser) = open() else { return };
    let Some(axe) = axe() else {
        return missing("axe-core");
    };
    for (width, dark) in [(1280, false), (1280, true), (320, false)] {
        browser.window(width, dark);
        browser.visit(&path(REGION), "");
        browser.value(&format!("{axe};0"));
        for view in views() {
            for filter in ["", "&territoire=59&comparer=62"] {
                if !filter.is_empty() && (width == 320 || FIXED.contains(&view)) {
                    continue;
                }
                browser.follow(&format!("#vue={view}{filter}"));
                browser.value(
                    "document.querySelectorAll('details').forEach((d) => { d.open = true; })",
                );
                let found = browser.text("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'RGAAv4'] }).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + n.failureSummary)])))");
                assert_eq!(found, "[]", "{view}{filter} {width} {dark}");
            }
        }
    }
}

#[test]
fn nothing_is_lost_on_a_narrow_page() {
    let Some(mut browser) = open() else { return };
    // 320 pixels, and 1280 at 200 %.
    for width in [320, 640] {
        browser.window(width, false);
        for (file, extra) in [(REGION, ""), (PARTNER, "&comparer=region")] {
            browser.visit(&path(file), "");
            for view in views() {
                browser.follow(&format!("#vue={view}{extra}"));
                let wide = browser.number("document.documentElement.scrollWidth");
                assert!(wide <= f64::from(width), "{view} {file}: {wide} on {width}");
            }
        }
    }
    browser.window(320, false);
    browser.follow("#vue=ensemble");
    for (button, part) in [("ouvrir-vues", "vues"), ("ouvrir-filtres", "champs")] {
        let visible =
            format!("getComputedStyle(document.getElementById('{part}')).display !== 'none'");
        assert_eq!(browser.value(&visible), false, "{part}");
        browser.value(&format!("document.getElementById('{button}').click()"));
        assert_eq!(browser.value(&visible), true, "{part}");
        let said = browser.text(&format!(
            "document.getElementById('{button}').getAttribute('aria-expanded')"
        ));
        assert_eq!(said, "true");
    }
    browser.assert_quiet();
}

/// Every control is reached by the Tab key, in order, with a focus that shows.
#[test]
fn the_keyboard_reaches_every_control() {
    let Some(mut browser) = open() else { return };
    browser.window(1280, false);
    browser.visit(&path(REGION), "#vue=ensemble");
    browser.value("document.body.focus()");
    let mut reached = Vec::new();
    for _ in 0..60 {
        for kind in ["keyDown", "keyUp"] {
            let key = serde_json::json!({ "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9 });
            browser.call("Input.dispatchKeyEvent", key);
        }
        let now = browser.text("document.activeElement === document.body ? '' : document.activeElement.id || document.activeElement.getAttribute('href') || document.activeElement.textContent.trim()");
        let outline = browser.text("getComputedStyle(document.activeElement).outlineStyle");
        assert!(
            now.is_empty() || outline != "none",
            "{now} has no visible focus"
        );
        reached.push(now);
    }
    for wanted in [
        "#contenu",
        "f-periode",
        "f-territoire",
        "f-degre",
        "f-type",
        "f-secteur",
        "f-profil",
        "f-compare",
        "f-cherche",
        "raz",
        "lien",
        "imprimer",
    ] {
        assert!(reached.iter().any(|r| r == wanted), "{wanted}: {reached:?}");
    }
    // A table is sorted by the keyboard.
    browser.follow("#vue=territoires");
    browser.value("document.querySelector('#vue thead button').focus()");
    for kind in ["keyDown", "keyUp"] {
        let key = serde_json::json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": if kind == "keyDown" { "\r" } else { "" } });
        browser.call("Input.dispatchKeyEvent", key);
    }
    assert_eq!(
        browser.text("document.querySelector('#vue thead th').getAttribute('aria-sort')"),
        "ascending"
    );
    assert!(
        browser
            .text("document.getElementById('annonce').textContent")
            .contains("trié")
    );
}

/// The best of a few tries: the machine may be busy with other tests.
#[test]
fn the_first_view_and_each_choice_are_fast() {
    let Some(mut browser) = open() else { return };
    browser.window(1280, false);
    let first = (0..3)
        .map(|_| browser.visit(&path(REGION), ""))
        .fold(f64::MAX, f64::min);
    assert!(first < 1_000.0, "{first} ms");
    for view in DRAWN {
        browser.follow(&format!("#vue={view}"));
        let mut best = f64::MAX;
        for territory in ["59", "62", "32", "59", "62"] {
            let ask = format!(
                "new Promise((done) => {{ const start = performance.now(); const list = document.getElementById('f-territoire'); addEventListener('hashchange', () => done(performance.now() - start), {{ once: true }}); list.value = '{territory}'; list.dispatchEvent(new Event('change')); }})"
            );
            best = best.min(browser.number(&ask));
        }
        assert!(best < 100.0, "{view}: {best} ms");
    }
}

/// A sheet of a département has a dashboard of its own, with figures in each view.
#[test]
fn a_departement_has_its_figures() {
    let Some(mut browser) = open() else { return };
    let out = tempfile::tempdir().unwrap();
    let done = run(&[
        "report",
        "coter",
        "--territory",
        "59",
        "--period",
        crate::fixture::PERIOD,
        "-c",
        &observatory().path("observatory.toml"),
        "--out",
        out.path().to_str().unwrap(),
    ]);
    assert!(done.status.success(), "{}", crate::fixture::stderr(&done));
    let page = out
        .path()
        .join("coter/departement-59/2025-2026-S1/tableau-de-bord.html");
    browser.window(1280, false);
    browser.visit(&page, "#vue=ensemble");
    assert_eq!(
        browser.number("document.querySelectorAll('#vue .cles li').length"),
        6.0
    );
    for view in [
        "usages",
        "services",
        "equipements",
        "horaires",
        "comptes",
        "territoires",
    ] {
        browser.follow(&format!("#vue={view}"));
        let drawn = browser.number("document.querySelectorAll('#vue svg').length");
        if view == "horaires" && drawn == 0.0 {
            hours_are_hidden(&mut browser);
        } else {
            assert!(drawn >= 1.0, "{view}");
        }
    }
}

/// Hours are not drawn only where more of them are secret than shown, and the page says so.
fn hours_are_hidden(browser: &mut Browser) {
    let said = browser.text("document.querySelector('#vue .bloc .vide').textContent");
    assert!(said.contains("trop faibles pour être publiés"), "{said}");
    let count = |which: &str| {
        format!(
            "[...document.querySelectorAll('#vue td:last-child')].map((cell) => cell.textContent.trim()).filter((text) => {which}).length"
        )
    };
    let secret = browser.number(&count("text === 's'"));
    let shown = browser.number(&count("/^[1-9]/.test(text)"));
    assert!(secret > shown, "{secret} secret, {shown} shown");
}

/// The link for the keyboard leads to the content and keeps the choice.
#[test]
fn the_way_to_the_content_keeps_the_choice() {
    let Some(mut browser) = open() else { return };
    browser.window(1280, false);
    browser.visit(&path(REGION), "#vue=services&profil=parent");
    let after = "(document.querySelector('.evitement').click(), location.hash + ' ' + document.activeElement.id)";
    let found = browser.text(after);
    assert!(
        found.contains("vue=services") && found.ends_with(" contenu"),
        "{found}"
    );
}

/// In the fonts of this machine, which are not those that widths were guessed for.
#[test]
fn no_label_of_a_chart_is_cut() {
    let Some(mut browser) = open() else { return };
    const CUT: &str = "[...document.querySelectorAll('#vue svg text')].filter((text) => {
        const label = text.getBoundingClientRect();
        const drawing = text.ownerSVGElement.getBoundingClientRect();
        return label.width > 0 && (label.left < drawing.left - 1 || label.right > drawing.right + 1);
    }).map((text) => text.textContent).join(' | ')";
    for width in [1280, 320] {
        browser.window(width, false);
        browser.visit(&path(REGION), "");
        for view in views() {
            browser.follow(&format!("#vue={view}"));
            assert_eq!(browser.text(CUT), "", "{view} on {width}");
        }
    }
}

/// Pictures of each view for who wants to look: `ENTOBS_PICTURES=folder`.
#[test]
fn pictures_of_each_view() {
    let Some(folder) = std::env::var_os("ENTOBS_PICTURES") else {
        return;
    };
    let Some(mut browser) = open() else { return };
    for (file, name) in [(REGION, "region"), (PARTNER, "partenaire")] {
        for width in [320, 768, 1280] {
            for dark in [false, true] {
                browser.window(width, dark);
                browser.visit(&path(file), "");
                for view in views() {
                    browser.follow(&format!("#vue={view}"));
                    let picture = browser.screenshot();
                    let theme = if dark { "sombre" } else { "clair" };
                    let file =
                        Path::new(&folder).join(format!("{name}-{view}-{width}-{theme}.png.b64"));
                    fs::write(file, picture).unwrap();
                }
            }
        }
    }
}

// ---- Hostile names -------------------------------------------------------------

const HOSTILE: [&str; 5] = [
    "</script><script>window.hurt=1</script>",
    "<img src=x onerror=window.hurt=1>\"'&amp;",
    "مدرسة \u{202e}cba",
    "École 🏫👩‍🏫 =HYPERLINK(1)",
    "{{data}} $& ${window.hurt=1}",
];

/// A dashboard of a small world whose schools, services and proposals have
/// hostile names; one is 10,000 characters long.
fn hostile() -> &'static (tempfile::TempDir, PathBuf) {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let inputs = root.join("entrees");
        let synth = [
            "synth",
            "--accounts",
            "900",
            "--from",
            "2025-08-25",
            "--to",
            "2025-09-21",
            "--seed",
            "7",
            "--out",
        ];
        assert!(
            entobs(&synth)
                .arg(&inputs)
                .output()
                .unwrap()
                .status
                .success()
        );
        let schools = inputs.join("etablissements.csv");
        fs::write(&schools, renamed(&fs::read_to_string(&schools).unwrap())).unwrap();
        let register = inputs.join("registres/propositions.csv");
        let rows = fs::read_to_string(&register).unwrap();
        let columns = rows.lines().next().unwrap().split(';');
        let title = columns.clone().position(|name| name == "intitule").unwrap();
        // One of before the period, which the report tells.
        let mut cells: Vec<String> = rows
            .lines()
            .nth(1)
            .unwrap()
            .split(';')
            .map(str::to_owned)
            .collect();
        cells[0] = "hostile".into();
        cells[title] = format!("\"{}\"", HOSTILE[0].replace('"', "\"\""));
        fs::write(
            &register,
            format!("{}\n{}\n", rows.trim_end(), cells.join(";")),
        )
        .unwrap();
        let services = include_str!("../../src/data/services.csv");
        let service = "<script>window.hurt=1</script>";
        fs::write(
            root.join("services.csv"),
            services.replace("courrier_electronique", service),
        )
        .unwrap();
        let config = crate::fixture::configuration();
        let config = config.split("[[report]]").next().unwrap();
        let config = format!("services = \"services.csv\"\n{config}");
        fs::write(root.join("observatory.toml"), config).unwrap();
        let key = text(&root.join("observatoire.cle"));
        assert!(
            run(&["privacy", "key", "new", "--key", &key])
                .status
                .success()
        );
        let config = text(&root.join("observatory.toml"));
        let output = run(&["run", "-c", &config]);
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{}",
            stderr(&output)
        );
        let page = root.join("tableau.html");
        let output = run(&[
            "dashboard",
            "-c",
            &config,
            "--period",
            "2025-09",
            "--out",
            &text(&page),
        ]);
        assert!(output.status.success(), "{}", stderr(&output));
        (folder, page)
    })
}

/// The school list with hostile names in the column `nom`.
fn renamed(list: &str) -> String {
    let header = list.lines().next().unwrap();
    let column = header.split(',').position(|name| name == "nom").unwrap();
    let long = "a".repeat(10_000);
    let mut names = HOSTILE.into_iter().chain([&*long]).cycle();
    let mut out = format!("{header}\n");
    for line in list.lines().skip(1) {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells[column] = format!("\"{}\"", names.next().unwrap().replace('"', "\"\""));
        out += &format!("{}\n", cells.join(","));
    }
    out
}

#[test]
fn hostile_names_are_text() {
    let (_, page) = hostile();
    let html = fs::read_to_string(page).unwrap();
    assert!(!html.contains("<script>window") && !html.contains("<img src"));
    let Some(mut browser) = open() else { return };
    for width in [1280, 320] {
        browser.window(width, false);
        browser.visit(page, "#vue=territoires");
        let names = browser.text("[...document.querySelectorAll('#vue tbody th')].map((cell) => cell.textContent).join('\\n')");
        for name in HOSTILE {
            assert!(names.contains(name), "{name}");
        }
        assert!(names.contains(&"a".repeat(10_000)));
        let wide = browser.number("document.documentElement.scrollWidth");
        assert!(wide <= f64::from(width), "{wide} on {width}");
        browser.follow("#vue=services");
        let text = browser.text("document.getElementById('vue').textContent");
        assert!(text.contains("<script>window.hurt=1</script>"), "{text}");
        browser.follow("#vue=accompagnement");
        let text = browser.text("document.querySelector('.fixe:not([hidden])').textContent");
        assert!(text.contains(HOSTILE[0]), "{text}");
        for row in 0..6 {
            let uai = browser.text(&format!(
                "JSON.parse(document.getElementById('d-etablissements').textContent).uai[{row}]"
            ));
            browser.follow(&format!("#vue=ensemble&territoire={uai}&comparer={uai}"));
            let (_, csv) = browser.download("#vue button.csv");
            assert!(csv.contains("statut"));
        }
        assert_eq!(browser.value("window.hurt === undefined"), true);
        let own = browser.number("document.querySelectorAll('script:not([type])').length");
        assert_eq!(own as i32, 1);
    }
    browser.assert_quiet();
}
