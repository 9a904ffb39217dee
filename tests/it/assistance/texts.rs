//! What the bulletin says of figures: its sentences, tables and charts, from rows given by hand.

use entobs::document::{Block, Document, Figure, Key, Table};
use entobs::domain::Period;
use entobs::indicators::{Figures, Scope, Terms};
use entobs::lake::Kind;
use entobs::privacy::disclosure::{Policy, ProtectedTable, protect};
use entobs::query::{Cell, OutputColumn, RawTable, indicator};
use entobs::reports;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tables that the bulletin of a département reads.
const TABLES: [&str; 12] = [
    "assistance_backlog",
    "assistance_breakdown",
    "assistance_cohort",
    "assistance_compliance",
    "assistance_delays",
    "assistance_incidents",
    "assistance_matrix",
    "assistance_months",
    "assistance_quality",
    "assistance_weeks",
    "assistance_work",
    "types",
];

fn cell(row: &Value, column: &OutputColumn) -> Cell {
    match (&row[&column.name], column.kind) {
        (Value::Null, _) => Cell::Null,
        (value, Kind::Text) => Cell::Text(value.as_str().unwrap().into()),
        (value, Kind::Integer) => Cell::Integer(value.as_i64().unwrap()),
        (value, Kind::Date) => Cell::Date(value.as_str().unwrap().parse().unwrap()),
        (value, _) => Cell::Real(value.as_f64().unwrap()),
    }
}

/// Rows of a query, protected by its contract.
fn protected(name: &str, rows: &Value) -> ProtectedTable {
    let contract = indicator(name).unwrap();
    let columns = contract.columns;
    let rows = rows.as_array().unwrap().iter();
    let rows = rows.map(|row| {
        let known = |key: &String| columns.iter().any(|column| column.name == *key);
        assert!(row.as_object().unwrap().keys().all(known), "{name}: {row}");
        columns.iter().map(|column| cell(row, column)).collect()
    });
    let raw = RawTable {
        ties: contract.ties,
        rows: rows.collect(),
        columns: columns.clone(),
    };
    protect(raw, &Policy::default())
}

/// The bulletin of the Nord; tables that are not given are empty.
fn bulletin_until(period: &str, reference: &str, given: &[(&str, Value)]) -> Document {
    let table = |name: &&'static str| {
        let found = given.iter().find(|(known, _)| known == name);
        let rows = found.map_or_else(|| json!([]), |(_, rows)| rows.clone());
        (*name, protected(name, &rows))
    };
    let now: BTreeMap<_, _> = TABLES.iter().map(table).collect();
    let none = |name: &'static str| (name, protected(name, &json!([])));
    let period = Period::parse(period).unwrap();
    let figures = Figures {
        scope: Scope {
            node_kind: "departement".into(),
            node: "59".into(),
            name: "Département du Nord".into(),
        },
        terms: Terms::default(),
        before: period.clone(),
        period,
        reference: reference.parse().unwrap(),
        to_date: now.clone(),
        now,
        previous: ["assistance_breakdown", "assistance_quality"]
            .map(none)
            .into(),
        region: BTreeMap::new(),
        registers: BTreeMap::new(),
    };
    reports::assistance(&figures, "digest")
}

fn bulletin(given: &[(&str, Value)]) -> Document {
    bulletin_until("2025-2026-S1", "2026-01-31", given)
}

fn blocks(document: &Document) -> impl Iterator<Item = &Block> {
    document.chapters.iter().flat_map(|chapter| &chapter.blocks)
}

/// Paragraphs, as a reader searches them.
fn texts(document: &Document) -> Vec<String> {
    let texts = blocks(document).filter_map(|block| match block {
        Block::Text { text } => Some(plain(text)),
        _ => None,
    });
    texts.collect()
}

fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn keys(document: &Document) -> Vec<&Key> {
    let keys = blocks(document).filter_map(|block| match block {
        Block::Keys { keys } => Some(keys),
        _ => None,
    });
    keys.flatten().collect()
}

fn table<'a>(document: &'a Document, caption: &str) -> &'a Table {
    let mut tables = document.tables().map(|(_, table)| table);
    let found = tables.find(|table| table.caption.starts_with(caption));
    found.unwrap_or_else(|| panic!("no table `{caption}`"))
}

fn figure<'a>(document: &'a Document, id: &str) -> Option<&'a Figure> {
    document.figures().find(|figure| figure.id == id)
}

fn said(document: &Document, caption: &str) -> String {
    let said = table(document, caption).said.as_deref();
    plain(said.unwrap_or_else(|| panic!("`{caption}` is a table")))
}

/// A column of a table.
fn column(table: &Table, place: usize) -> Vec<&str> {
    let rows = table.rows.iter();
    rows.map(|row| row[place].text.as_str()).collect()
}

fn judged(measure: &str, priority: i64, due: i64, within: i64, overdue: i64) -> Value {
    json!({
        "measure": measure, "priority": priority, "target_hours": 8.0, "due": due, "within": within,
        "late": due - within - overdue, "overdue_open": overdue,
        "compliance": within as f64 / due as f64,
    })
}

#[test]
fn the_priority_that_is_kept_least_is_named() {
    let rows = json!([
        judged("first_response", 0, 762, 701, 0),
        judged("first_response", 3, 712, 672, 0),
        judged("first_response", 5, 50, 29, 0),
        judged("resolution", 0, 755, 680, 1),
        judged("resolution", 3, 706, 660, 1),
        judged("resolution", 5, 49, 20, 0),
    ]);
    let document = bulletin(&[("assistance_compliance", rows)]);
    let texts = texts(&document).join("\n");
    for sentence in [
        "Le délai de première réponse convenu est tenu pour 92 % des 762 demandes évaluées, mais pour 58 % de celles de priorité très haute.",
        "Le délai de résolution convenu est tenu pour 90 % des 755 demandes évaluées, mais pour 41 % de celles de priorité très haute ; parmi elles, une reste à résoudre à la fin de la période alors que son délai est dépassé.",
    ] {
        assert!(texts.contains(sentence), "{texts}");
    }
    let bars = figure(&document, "niveaux-de-service").unwrap();
    assert_eq!(
        plain(&bars.title),
        "Le délai de résolution convenu est tenu pour 90 % des demandes, mais pour 41 % des très hautes"
    );
    let levels = table(&document, "Niveaux de service");
    assert_eq!(levels.rows[1][2].text, "8");
    assert_eq!(levels.header[3], "Évaluées");
}

#[test]
fn a_priority_near_the_whole_or_of_few_is_not_named() {
    let titles = [(100, 76), (29, 5)].map(|(due, within)| {
        let rows = json!([
            judged("resolution", 0, 700, 630, 0),
            judged("resolution", 3, 700 - due, 630 - within, 0),
            judged("resolution", 5, due, within, 0),
        ]);
        let document = bulletin(&[("assistance_compliance", rows)]);
        plain(&figure(&document, "niveaux-de-service").unwrap().title)
    });
    for title in titles {
        assert_eq!(
            title,
            "Le délai de résolution convenu est tenu pour 90 % des demandes"
        );
    }
}

#[test]
fn priorities_of_few_requests_are_left_out() {
    let rows = json!([
        judged("resolution", 0, 120, 110, 0),
        judged("resolution", 3, 100, 95, 0),
        judged("resolution", 5, 20, 15, 0),
    ]);
    let document = bulletin(&[("assistance_compliance", rows)]);
    let levels = table(&document, "Niveaux de service");
    assert_eq!(column(levels, 1), ["Toutes", "Moyenne"]);
    assert!(
        levels
            .note
            .ends_with("de moins de 30 demandes ne sont pas données.")
    );
    let few = json!([
        judged("resolution", 0, 20, 15, 0),
        judged("resolution", 5, 20, 15, 0)
    ]);
    let document = bulletin(&[("assistance_compliance", few)]);
    assert_eq!(
        said(&document, "Niveaux de service"),
        "Trop peu de demandes pour dire si les délais convenus sont tenus."
    );
    assert!(figure(&document, "niveaux-de-service").is_none());
}

fn delayed(measure: &str, priority: i64, done: i64) -> Value {
    json!({
        "measure": measure, "priority": priority, "done": done, "opening_p50": 8.0,
        "opening_p90": 23.04, "elapsed_p50": 48.6, "elapsed_p90": 120.1,
        "waited": done / 2, "waiting_share": 0.5,
    })
}

#[test]
fn delays_are_told_with_what_passed() {
    let rows = json!([
        delayed("first_response", 0, 130),
        delayed("first_response", 3, 110),
        delayed("first_response", 5, 20),
        delayed("resolution", 0, 120),
        delayed("resolution", 3, 120),
    ]);
    let document = bulletin(&[("assistance_delays", rows)]);
    let sentence = "La moitié des demandes résolues l’ont été en 8 heures d’ouverture du service, neuf sur dix en 23 heures ; attente et fermetures comprises, la moitié des demandes est résolue en 2 jours et neuf sur dix en 5 jours.";
    assert!(texts(&document).iter().any(|text| text == sentence));
    let delays = table(&document, "Délais");
    assert_eq!(delays.header[3], "Heures ouvrées, médiane");
    assert_eq!(
        column(delays, 1),
        ["Toutes", "Moyenne", "Toutes", "Moyenne"]
    );
    let few = json!([delayed("resolution", 0, 20), delayed("resolution", 3, 20)]);
    let document = bulletin(&[("assistance_delays", few)]);
    assert_eq!(
        said(&document, "Délais"),
        "Trop peu de demandes pour en donner les délais."
    );
}

#[test]
fn tiles_hold_numbers_only() {
    let backlog = json!([
        {"place": 0, "age": "all", "open_requests": 3, "age_p50": 1.0, "age_p90": 2.0},
        {"place": 1, "age": "2 jours ou moins", "open_requests": 3, "age_p50": 1.0, "age_p90": 2.0},
    ]);
    let given = [
        (
            "assistance_breakdown",
            json!([{"dimension": "all", "value": "all", "opened": 20}]),
        ),
        (
            "assistance_quality",
            json!([{"resolved": 0, "rated": 0, "solutions": 0}]),
        ),
        ("assistance_delays", json!([delayed("resolution", 0, 20)])),
        ("assistance_backlog", backlog),
    ];
    let document = bulletin(&given);
    let told: Vec<_> = keys(&document)
        .iter()
        .map(|key| (key.value.as_str(), key.label.as_str()))
        .collect();
    assert_eq!(
        told,
        [("20", "demandes ouvertes"), ("0", "demandes résolues")]
    );
    assert_eq!(
        said(&document, "Demandes en cours à la fin"),
        "Trop peu de demandes sont en cours à la fin de la période pour en donner l’ancienneté."
    );
    // Without a request, nothing is open.
    let document = bulletin(&[]);
    let told: Vec<_> = keys(&document)
        .iter()
        .map(|key| key.value.as_str())
        .collect();
    assert_eq!(told, ["0", "0"]);
    assert_eq!(
        said(&document, "Demandes en cours à la fin"),
        "Aucune demande n’est en cours à la fin de la période."
    );
}

#[test]
fn the_first_line_says_what_the_perimeter_is() {
    let kind = |name: &str, sector: &str, establishments: i64, accounts: i64| {
        json!({
            "type": name, "sector": sector, "role": "all", "establishments": establishments,
            "loaded_accounts": accounts,
        })
    };
    let rows = json!([
        kind("all", "all", 4, 750),
        kind("LYCEE AGRICOLE", "all", 1, 150),
        kind("COLLEGE", "all", 3, 600),
        kind("COLLEGE", "public", 3, 600),
    ]);
    let document = bulletin(&[("types", rows)]);
    assert_eq!(
        texts(&document)[0],
        "Périmètre : Département du Nord (3 collèges, 1 lycée agricole), 750 comptes chargés au 31 janvier 2026."
    );
    assert_eq!(texts(&bulletin(&[]))[0], "Périmètre : Département du Nord.");
}

/// Weeks from Monday 28 July 2025 on, and the months that their requests make, in one row.
fn weeks(opened: &[i64]) -> [(&'static str, Value); 2] {
    let first: chrono::NaiveDate = "2025-07-28".parse().unwrap();
    let rows = opened.iter().enumerate().map(|(place, count)| {
        let week = first + chrono::Days::new(7 * place as u64);
        // 25 August was the 52nd week of the year before.
        let rank = if place < 5 { 49 + place } else { place - 4 };
        json!({
            "week": week.to_string(), "week_of_year": rank, "opened": count, "visits": 1_000,
            "per_10000": 10.0, "incident_minutes": 0,
        })
    });
    let months = json!([
        {"month": "2025-09-01", "level": "all", "opened": opened.iter().sum::<i64>()},
        {"month": "2025-09-01", "level": "2D", "opened": opened.iter().sum::<i64>()},
    ]);
    [
        ("assistance_weeks", rows.collect()),
        ("assistance_months", months),
    ]
}

const NEUTRAL: &str = "Demandes par semaine";

#[test]
fn the_week_with_most_requests_is_named_when_it_is_known() {
    // 3 is secret and hides the smallest of the others, 6; together they are less than 30.
    let opened = [0, 0, 0, 0, 0, 12, 30, 20, 15, 9, 3, 6, 8, 11];
    let document = bulletin_until("2025-10", "2025-10-31", &weeks(&opened));
    let chart = figure(&document, "demandes-semaines").unwrap();
    assert_eq!(
        plain(&chart.title),
        "La semaine du 8 septembre 2025 est celle qui a reçu le plus de demandes : 30"
    );
    let reading = plain(&chart.reading);
    assert!(
        reading.starts_with(
            "Lecture : 30 demandes la semaine du 8 septembre 2025, 2e semaine depuis la rentrée."
        ),
        "{reading}"
    );
    assert!(
        reading.contains("Les semaines sans demande sont à zéro"),
        "{reading}"
    );
    assert!(
        reading.ends_with("Semaines qui ne sont pas tracées : celles que protège le secret, celles que la période coupe."),
        "{reading}"
    );
    // As far as the curve goes, from the beginning of the school year.
    assert_eq!(
        plain(&chart.champ),
        "Champ : Département du Nord, du 1er août 2025 au 31 octobre 2025."
    );
    assert!(plain(&chart.subtitle).contains("depuis le 1er août 2025"));
    assert_eq!(
        plain(&chart.alt),
        "Courbe des demandes par semaine : 7 semaines tracées, de 8 à 30 demandes."
    );
    let ranks = column(&chart.data, 1);
    assert_eq!(ranks[..6], ["///", "///", "///", "///", "///", "1"]);
    assert_eq!(column(&chart.data, 2)[9..12], ["9", "s", "s"]);
}

#[test]
fn no_week_is_named_that_another_may_equal() {
    let title = |given: &[(&str, Value)]| {
        let document = bulletin_until("2025-10", "2025-10-31", given);
        plain(&figure(&document, "demandes-semaines").unwrap().title)
    };
    let twice = weeks(&[0, 0, 0, 0, 0, 12, 30, 30, 15, 9, 7, 6, 8, 11]);
    assert_eq!(title(&twice), NEUTRAL);
    // A month is secret: the weeks that are too may have had any number.
    let [weeks, _] = weeks(&[0, 0, 0, 0, 0, 12, 30, 20, 15, 9, 3, 6, 8, 11]);
    let months = json!([
        {"month": "2025-08-01", "level": "all", "opened": 3},
        {"month": "2025-09-01", "level": "all", "opened": 114},
    ]);
    assert_eq!(title(&[weeks, ("assistance_months", months)]), NEUTRAL);
}

#[test]
fn few_weeks_with_requests_make_a_sentence() {
    for opened in [
        vec![0; 14],
        vec![0, 0, 0, 0, 0, 12, 30, 20, 15, 9, 0, 0, 0, 0],
    ] {
        let document = bulletin_until("2025-10", "2025-10-31", &weeks(&opened));
        assert!(figure(&document, "demandes-semaines").is_none());
        let said = said(&document, "Demandes et visites par semaine");
        assert!(said.contains("trop peu de semaines"), "{said}");
        let document = texts(&document).join("\n");
        assert!(!document.contains("le plus de demandes"), "{document}");
    }
}

#[test]
fn weeks_that_are_not_over_or_not_begun_are_not_drawn() {
    // The logs end on Wednesday 22 October; the last two weeks are to come.
    let opened = [0, 0, 0, 0, 0, 12, 30, 20, 15, 9, 7, 6, 40, 0, 0];
    let document = bulletin_until("2025-11", "2025-10-22", &weeks(&opened));
    let chart = figure(&document, "demandes-semaines").unwrap();
    assert_eq!(chart.data.rows.len(), 13);
    assert!(plain(&chart.champ).ends_with("au 22 octobre 2025."));
    // The week that is cut has the most so far, and is not told as one of them.
    assert_eq!(plain(&chart.title), NEUTRAL);
    assert!(plain(&chart.alt).contains("7 semaines tracées, de 6 à 30"));
    assert!(
        plain(&chart.reading)
            .ends_with("Semaines qui ne sont pas tracées : celles que la période coupe.")
    );
}

fn asked(dimension: &str, value: &str, opened: Value) -> Value {
    json!({"dimension": dimension, "value": value, "opened": opened})
}

#[test]
fn what_is_not_told_comes_last_with_the_desk_that_does_not_tell_it() {
    let mut pupils = asked("role", "student", json!(40));
    for (name, value) in [("loaded_accounts", 500), ("visits", 2_000)] {
        pupils[name] = json!(value);
    }
    for name in ["per_1000", "per_10000"] {
        pupils[name] = json!(80.0);
    }
    let rows = json!([
        asked("all", "all", json!(124)),
        asked("channel", "Non renseigné", json!(77)),
        asked("channel", "Formulaire", json!(47)),
        asked("departement", "59", json!(124)),
        asked("helpdesk", "Assistance académique", json!(47)),
        asked("helpdesk", "Module de l’ENT", json!(77)),
        asked("kind", "nd", json!(77)),
        asked("kind", "incident", json!(47)),
        asked("level", "2D", json!(124)),
        asked("no_channel", "Module de l’ENT", Value::Null),
        asked("no_kind", "Module de l’ENT", Value::Null),
        asked("role", "unknown", json!(84)),
        pupils,
    ]);
    let document = bulletin(&[("assistance_breakdown", rows)]);
    let who = table(&document, "Qui demande");
    assert_eq!(who.header[..2], ["Selon", "Catégorie"]);
    // The only level and the only département are the whole.
    assert_eq!(column(who, 0), ["Profil", "Profil"]);
    assert_eq!(column(who, 1), ["Élèves", "Non renseigné"]);
    assert_eq!(column(who, 3), ["80,0", "///"]);
    assert!(plain(&who.note).ends_with("Non renseigné : l’outil du guichet ne le dit pas."));
    let how = table(&document, "Comment les demandes arrivent");
    assert_eq!(how.header.len(), 3);
    let told = ["Formulaire", "Non renseigné", "Incident", "Non renseigné"];
    assert_eq!(column(how, 1)[2..], told);
    assert!(
        plain(&how.note).ends_with("N’indique jamais le canal ni la nature : Module de l’ENT."),
        "{}",
        how.note
    );
}

#[test]
fn no_desk_is_named_that_would_tell_a_hidden_value() {
    let rows = json!([
        asked("channel", "Non renseigné", json!(5)),
        asked("channel", "Courriel", json!(3)),
        asked("channel", "Téléphone", json!(9)),
        asked("helpdesk", "Assistance académique", json!(12)),
        asked("helpdesk", "Module de l’ENT", json!(5)),
        asked("no_channel", "Module de l’ENT", Value::Null),
    ]);
    let document = bulletin(&[("assistance_breakdown", rows)]);
    let how = table(&document, "Comment les demandes arrivent");
    // Two of the three channels are hidden.
    assert_eq!(column(how, 2), ["12", "5", "s", "9", "s"]);
    assert_eq!(
        plain(&how.note),
        "Non renseigné : l’outil du guichet ne le dit pas."
    );
}

#[test]
fn the_first_reason_is_named_when_it_is_alone() {
    let title = |counts: [i64; 2]| {
        let rows = json!([
            asked("reason", "Connexion", json!(counts[0])),
            asked("reason", "Messagerie", json!(counts[1])),
        ]);
        let document = bulletin(&[("assistance_breakdown", rows)]);
        plain(&figure(&document, "motifs").unwrap().title)
    };
    assert_eq!(
        title([40, 30]),
        "« Connexion » est le premier motif de demande"
    );
    assert_eq!(title([30, 30]), "Motifs des demandes");
}

fn after_outage(day: &str, count: i64, usual: f64) -> Vec<String> {
    let outage = json!([{
        "day": day, "path": "ent", "first_minute": 480, "failing_minutes": 60,
        "opened_after": count, "usual": usual, "lag_minutes": 90,
    }]);
    let opened = json!([asked("all", "all", json!(169))]);
    let given = [
        ("assistance_incidents", outage),
        ("assistance_breakdown", opened),
    ];
    let document = bulletin_until("2025-11", "2025-11-30", &given);
    let told = texts(&document).into_iter();
    told.filter(|text| text.contains("interruption")).collect()
}

#[test]
fn an_outage_with_a_tenth_of_the_requests_is_told() {
    let sentence = "37 demandes, soit 22 % de celles de la période, ont été ouvertes dans les 24 heures qui ont suivi le début de l’interruption de l’ENT du 12 novembre 2025, contre 5,3 d’ordinaire.";
    assert_eq!(after_outage("2025-11-12", 37, 5.25), [sentence]);
    // Under a tenth; as usual; secret; partly after the period.
    assert_eq!(after_outage("2025-11-12", 16, 5.25), [""; 0]);
    assert_eq!(after_outage("2025-11-12", 37, 20.0), [""; 0]);
    assert_eq!(after_outage("2025-11-12", 4, 0.0), [""; 0]);
    assert_eq!(after_outage("2025-11-30", 37, 5.25), [""; 0]);
    let document = bulletin(&[]);
    assert!(said(&document, "Demandes après").ends_with(" : aucune sur la période."));
}

#[test]
fn months_of_a_level_with_few_requests_are_left_out() {
    let worked = |month: &str, level: i64, worked: i64| {
        json!({
            "month": month, "support_level": level, "worked": worked, "opened": worked,
            "received": 0, "reopened": 0, "passed": 0, "resolved": worked, "cancelled": 0,
            "backlog_start": 0, "backlog_end": 0,
        })
    };
    let rows = json!([
        worked("2025-09-01", 1, 40),
        worked("2025-09-01", 2, 3),
        worked("2025-10-01", 1, 30),
        worked("2025-10-01", 2, 4),
    ]);
    let document = bulletin(&[("assistance_work", rows)]);
    let work = table(&document, "Travail de chaque niveau");
    assert_eq!(work.rows.len(), 2);
    let left_out =
        "2 lignes sur 4, une par mois et par niveau, ne sont pas données : trop peu de demandes.";
    assert!(plain(&work.note).ends_with(left_out), "{}", work.note);
    let few = json!([worked("2025-09-01", 1, 3)]);
    let document = bulletin(&[("assistance_work", few)]);
    let sentence = said(&document, "Travail de chaque niveau");
    assert!(sentence.starts_with("Trop peu de demandes"), "{sentence}");
}

#[test]
fn no_word_of_a_data_base_is_read() {
    let document = bulletin(&[]);
    let json = serde_json::to_string(&document).unwrap();
    for word in [
        "Dimension",
        "à juger",
        "aucune donnée sur la période",
        "ouverte au-delà",
    ] {
        assert!(!json.contains(word), "{word}");
    }
}
