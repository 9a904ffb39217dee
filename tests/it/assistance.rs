//! Assistance: exports with faults, requests over several tools, hand-counted
//! delays, the identity of the backlog, the bulletin.

mod texts;

use crate::fixture::{observatory, run, stderr};
use entobs::assistance::{Export, Sheet, Tools, records};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

struct World {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let key = root.join("k").to_str().unwrap().to_owned();
        assert!(
            run(&["privacy", "key", "new", "--key", &key])
                .status
                .success()
        );
        Self {
            _folder: folder,
            root,
        }
    }

    fn path(&self, name: &str) -> String {
        self.root.join(name).to_str().unwrap().to_owned()
    }

    fn try_ingest(&self, helpdesk: &str, name: &str, bytes: &[u8]) -> Result<Value, String> {
        fs::write(self.root.join(name), bytes).unwrap();
        let output = run(&[
            "ingest",
            "tickets",
            &self.path(name),
            "--source",
            helpdesk,
            "--key",
            &self.path("k"),
            "--lake",
            &self.path("lac"),
            "--json",
        ]);
        let counts: Value =
            serde_json::from_slice(&output.stdout).expect("counts, even of nothing");
        match counts["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(counts),
        }
    }

    /// read, kept, rejected by reason.
    fn ingest(&self, helpdesk: &str, name: &str, text: &str) -> (u64, u64, Value) {
        let counts = self.try_ingest(helpdesk, name, text.as_bytes()).unwrap();
        let number = |key: &str| counts[key].as_u64().unwrap();
        (number("read"), number("kept"), counts["rejected"].clone())
    }

    fn sql(&self, sql: &str) -> Value {
        let output = run(&["sql", sql, "--lake", &self.path("lac"), "--output", "json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

const HEADER: &str = "\"ID\";\"Titre\";\"Statut\";\"Priorité\";\"Catégorie\";\"Date d'ouverture\";\"Date de résolution\"";

#[test]
fn broken_exports_give_rejects_or_one_refusal() {
    let world = World::new();
    let rows = "\"1\";\"un \"mot\" cité\";\"Clos\";\"Haute\";\"ENT\";\"25-11-2025 08:00\";\"25-11-2025 09:00\"\n\
        \"2\";\"deux\nlignes ; ici\";\"Clos\";\"Haute\";\"ENT\";\"25-11-2025 08:00\";\"25-11-2025 09:00\"\n\
        \"3\";\"trop\";\"de\";\"Clos\";\"Haute\";\"ENT\";\"25-11-2025 08:00\";\"25-11-2025 09:00\"\n\
        \"4\";\"x\";\"Perdu\";\"Haute\";\"ENT\";\"25-11-2025 08:00\";\"\"\n\
        \"5\";\"x\";\"Clos\";\"Haute\";\"ENT\";\"25-11-2025 08:00\";\"24-11-2025 09:00\"\n";
    assert_eq!(
        world.ingest("a", "a.csv", &format!("{HEADER}\n{rows}")),
        (
            5,
            1,
            json!({"quote": 1, "columns": 1, "status": 1, "dates": 1})
        )
    );
    let latin = format!(
        "{HEADER}\n\"6\";\"été\";\"Résolu\";\"Haute\";\"Réseau\";\"25-11-2025 08:00\";\"\"\n"
    );
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&latin);
    assert_eq!(world.try_ingest("a", "l.csv", &latin).unwrap()["kept"], 1);
    let told = world.sql("select category from tickets where status = 'resolved'");
    assert_eq!(told, json!([{"category": "Réseau"}]));
    let missing = world.try_ingest(
        "a",
        "m.csv",
        b"\"ID\";\"Titre\";\"Statut\"\n\"1\";\"x\";\"Clos\"\n",
    );
    let message = missing.unwrap_err();
    assert!(
        message.contains("Date d'ouverture") && message.contains("hint:"),
        "{message}"
    );
    let mixed = format!(
        "{HEADER}\n\"1\";\"x\";\"Clos\";\"Haute\";\"ENT\";\"25-11-2025 08:00\";\"\"\n\"2\";\"x\";\"Clos\";\"Haute\";\"ENT\";\"11-25-2025 08:00\";\"\"\n"
    );
    let message = world
        .try_ingest("a", "o.csv", mixed.as_bytes())
        .unwrap_err();
    assert!(
        message.contains("several orders") && message.contains("hint:"),
        "{message}"
    );
}

#[test]
fn exports_of_other_tools() {
    let world = World::new();
    let otrs = "Tickets\nnovembre\n\"Ticket#\";\"Title\";\"Created\";\"Queue\";\"State\";\"Priority\"\n\"2025110310000012\";\"x\";\"2025-11-03 09:00:00\";\"Assistance::N2\";\"closed successful\";\"3 normal\"\n";
    assert_eq!(world.ingest("otrs", "o.csv", otrs), (1, 1, json!({})));
    let itop = "Ref,Title,Status,Start date,Resolution date,Priority,Request Type\nR-000123,\"a, b\",resolved,2025-11-03 09:00:00,2025-11-04 09:00:00,2,incident\n";
    assert_eq!(world.ingest("itop", "i.csv", itop), (1, 1, json!({})));
    let rows =
        world.sql("select helpdesk, status, level, priority, kind from tickets order by helpdesk");
    assert_eq!(
        rows,
        json!([
            {"helpdesk": "itop", "status": "resolved", "level": null, "priority": 2, "kind": "incident"},
            {"helpdesk": "otrs", "status": "closed", "level": 2, "priority": 3, "kind": null}
        ])
    );
}

/// The ticket files of the corpus: three read as they are, one whose dates can be read
/// in two ways once their order is declared, one without the columns of a ticket.
#[test]
fn ticket_files_of_the_corpus() {
    let Some(folder) = crate::corpus::corpus(".") else {
        return;
    };
    let world = World::new();
    let bytes = |name: &str| fs::read(folder.join(name)).unwrap();
    for (name, read) in [
        ("entcore/ent-support-tickets.csv", 3),
        ("glpi/glpi10_style.csv", 3),
        ("glpi/glpi11_style.csv", 3),
    ] {
        let counts = world
            .try_ingest("x", &name.replace('/', "-"), &bytes(name))
            .unwrap();
        assert_eq!(
            (&counts["read"], &counts["kept"]),
            (&json!(read), &json!(read)),
            "{name}"
        );
    }
    let ambiguous = bytes("glpi/public-sample-lines.csv");
    let message = world.try_ingest("y", "p.csv", &ambiguous).unwrap_err();
    assert!(message.contains("day first or month first"), "{message}");
    let message = world
        .try_ingest("y", "b.csv", &bytes("glpi/glpi10_style_lbbr.csv"))
        .unwrap_err();
    assert!(message.contains("no column `Statut`"), "{message}");
    let tools = include_str!("../../src/data/ticket-tools.toml")
        .replace("name = \"GLPI\"", "name = \"GLPI\"\norder = \"day_first\"");
    fs::write(world.root.join("t.toml"), tools).unwrap();
    let config = "lake = 'lac'\nkey = 'k'\noutputs = 'o'\nticket_tools = 't.toml'\n";
    fs::write(world.root.join("c.toml"), config).unwrap();
    let output = run(&[
        "ingest",
        "tickets",
        &world.path("p.csv"),
        "--source",
        "y",
        "-c",
        &world.path("c.toml"),
        "--json",
    ]);
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    // Its second row has a cell more than the header before its last date, where `4`
    // then stands: rejected, not shifted.
    assert_eq!((&counts["read"], &counts["kept"]), (&json!(2), &json!(1)));
    assert_eq!(counts["rejected"], json!({"date": 1}));
}

/// Opened on Friday at 16:00 local, sent on, waiting, solved twice: counted by hand.
#[test]
fn a_request_over_two_tools_is_one_with_its_delays() {
    let world = World::new();
    let support = "ID;Structure du demandeur;Statut;Sujet;Catégorie;Profil;Date de création;Dernière modification;\n7;null;Fermé;x;Connexion;Teacher;14/11/2025 - 16:00;17/11/2025 - 09:00;\n";
    world.ingest("ent", "s.csv", support);
    let glpi = "\"ID\";\"Titre\";\"Statut\";\"Date d'ouverture\";\"Date de résolution\";\"Attribué à - Groupe de techniciens\";\"Référence d'origine\"\n\
        \"90\";\"x\";\"Clos\";\"17-11-2025 09:05\";\"19-11-2025 10:00\";\"Assistance N2\";\"ent/7\"\n";
    world.ingest("academie", "g.csv", glpi);
    let history = "\"ID du ticket\";\"Date\";\"Champ\";\"Mise à jour\"\n\
        \"90\";\"17-11-2025 10:00\";\"Statut\";\"Changer Nouveau par En attente\"\n\
        \"90\";\"17-11-2025 11:00\";\"Statut\";\"Changer En attente par En cours (Attribué)\"\n\
        \"90\";\"17-11-2025 16:00\";\"Statut\";\"Changer En cours (Attribué) par Résolu\"\n\
        \"90\";\"19-11-2025 08:00\";\"Statut\";\"Changer Résolu par En cours (Attribué)\"\n\
        \"90\";\"19-11-2025 10:00\";\"Statut\";\"Changer En cours (Attribué) par Résolu\"\n";
    world.ingest("academie", "h.csv", history);
    let requests = world.sql("select helpdesk, tools, openings, first_level, last_level, waiting_ms / 60000 as waited, resolution_ms / 60000 as solved, response_ms / 60000 as answered, elapsed_resolution_ms / 60000 as passed from assistance_requests");
    // Friday 60, Monday 480, Tuesday 480, Wednesday 120, less an hour of waiting.
    assert_eq!(
        requests,
        json!([{"helpdesk": "ent", "tools": 2, "openings": 2, "first_level": 1, "last_level": 2,
            "waited": 60, "solved": 1080, "answered": 180, "passed": 114 * 60}])
    );
    let spans = world.sql("select began, outcome, cast(started_day as varchar) as started, cast(ended_day as varchar) as ended from request_spans order by place");
    assert_eq!(
        spans,
        json!([
            {"began": "created", "outcome": "resolved", "started": "2025-11-14", "ended": "2025-11-17"},
            {"began": "reopened", "outcome": "resolved", "started": "2025-11-19", "ended": "2025-11-19"}
        ])
    );
}

#[test]
fn long_chains_and_references_both_ways_lose_no_request() {
    let world = World::new();
    let header = "\"ID\";\"Titre\";\"Statut\";\"Date d'ouverture\";\"Référence d'origine\"\n";
    let ticket = |id: u32, minute: u32, from: u32| {
        format!("\"{id}\";\"x\";\"Nouveau\";\"17-11-2025 09:{minute:02}\";\"academie/{from}\"\n")
    };
    let chain = (11..=16).map(|id| ticket(id, id, id - 1));
    // Two that name each other, opened in one minute.
    let both = [ticket(20, 30, 21), ticket(21, 30, 20)];
    let text = chain
        .chain(both)
        .fold(header.to_owned(), |text, row| text + &row);
    assert_eq!(world.ingest("academie", "g.csv", &text), (8, 8, json!({})));
    let of = |table: &str| world.sql(&format!("select count(*) as n from {table}"));
    assert_eq!(of("assistance_requests"), json!([{"n": 2}]));
    assert_eq!(of("ticket_paths"), json!([{"n": 8}]));
}

/// Of the files as written, before any disclosure control hides a term.
#[test]
fn the_backlog_is_the_sum_of_its_flows() {
    let lake = observatory().path("lac");
    let mut checked = 0;
    for (query, came, went) in [
        (
            "assistance_months",
            &["opened", "reopened"][..],
            &["resolved", "cancelled"][..],
        ),
        (
            "assistance_work",
            &["opened", "received", "reopened"],
            &["passed", "resolved", "cancelled"],
        ),
    ] {
        let output = run(&[
            "query",
            query,
            "--period",
            "2025-2026",
            "--lake",
            &lake,
            "--output",
            "json",
        ]);
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        for row in rows.iter().filter(|row| row["backlog_end"].is_i64()) {
            let sum = |names: &[&str]| names.iter().map(|n| row[*n].as_i64().unwrap()).sum::<i64>();
            let expected = sum(&["backlog_start"]) + sum(came) - sum(went);
            assert_eq!(row["backlog_end"].as_i64(), Some(expected), "{query} {row}");
            checked += i32::from(sum(came) > 0);
        }
    }
    assert!(checked >= 4, "{checked} months with requests");
}

#[test]
fn the_bulletin_says_what_the_queries_say() {
    let folder = tempfile::tempdir().unwrap();
    let config = observatory().path("observatory.toml");
    let out = folder.path().to_str().unwrap();
    let output = run(&[
        "report",
        "assistance",
        "-c",
        &config,
        "--period",
        "2025-09",
        "--out",
        out,
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let html = fs::read_to_string(folder.path().join("assistance/2025-09/bulletin.html")).unwrap();
    let page = crate::page::Page::new(html);
    let lake = observatory().path("lac");
    let output = run(&[
        "query",
        "assistance_months",
        "--period",
        "2025-09",
        "--lake",
        &lake,
        "--output",
        "json",
    ]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let all = rows.iter().find(|row| row["level"] == "all").unwrap();
    let shown = page.rows("Demandes par mois et demandes en cours");
    let (_, cells) = shown.last().unwrap();
    for (label, name) in [
        ("Ouvertes", "opened"),
        ("Résolues", "resolved"),
        ("En cours à la fin", "backlog_end"),
    ] {
        let found = cells.iter().find(|(column, _)| column == label).unwrap().1;
        assert_eq!(found.unwrap_or(0.0), all[name].as_f64().unwrap(), "{label}");
    }
    assert!(
        folder
            .path()
            .join("assistance/2025-09/bulletin.xlsx")
            .exists()
    );
}

/// The first response and the solution of each.
#[test]
fn a_million_tickets_in_under_ten_seconds() {
    let hours = entobs::domain::Assistance::built_in().opening("academie");
    let begun = std::time::Instant::now();
    let mut sum = 0;
    for n in 0..1_000_000_i64 {
        let opened = chrono::DateTime::from_timestamp(1_600_000_000 + n * 97, 0).unwrap();
        let answered = opened + chrono::Duration::minutes(n % 900);
        let solved = answered + chrono::Duration::minutes(n % 20_000);
        sum += hours.between(opened, answered) + hours.between(opened, solved);
    }
    assert!(sum > 0);
    eprintln!("a million tickets: {:?}", begun.elapsed());
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

fn kept(text: &str) -> Vec<entobs::assistance::Ticket> {
    let separator = records::separator(text);
    let cut = records::cut(text, separator);
    // The whole records are plain here: no delimiter and no line inside of cells.
    let mut lines = cut.whole.lines().map(|line| {
        let cells = line.split(';').map(|c| c.trim_matches('"').to_owned());
        cells
            .map(|c| (!c.is_empty()).then_some(c))
            .collect::<Vec<_>>()
    });
    let header = lines
        .next()
        .unwrap()
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    let rows = lines.filter(|row| row.len() == header.len()).collect();
    match (Sheet { header, rows }).read(&Tools::built_in()) {
        Ok(Export::Tickets(rows)) => rows.into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}

proptest! {
    /// A delimiter, a quote or a line end put or taken anywhere never moves the
    /// value of one column into another.
    #[test]
    fn columns_never_shift(at in 0_usize..400, what in prop_oneof![Just(";"), Just("\""), Just("\n"), Just("")], take in 0_usize..2) {
        let mut rows = String::new();
        for n in 0..6 {
            rows.push_str(&format!("\"{n}1\";\"Sujet {n}\";\"Clos\";\"Haute\";\"ENT > Motif\";\"2{n}-11-2025 08:00\";\"2{n}-11-2025 09:00\"\n"));
        }
        let at = (at % rows.len()..rows.len()).find(|i| rows.is_char_boundary(*i)).unwrap_or(0);
        let end = (at + take).min(rows.len());
        let end = (end..=rows.len()).find(|i| rows.is_char_boundary(*i)).unwrap_or(rows.len());
        rows.replace_range(at..end, what);
        let tickets = kept(&format!("{HEADER}\n{rows}"));
        prop_assert!(tickets.len() >= 4, "{}", tickets.len());
        for ticket in tickets {
            prop_assert!(ticket.id.bytes().all(|b| b.is_ascii_digit()) && ticket.id.len() <= 3);
            prop_assert_eq!(ticket.priority.map(|p| p.0), Some(4));
            let category = ticket.category.unwrap_or_default();
            prop_assert!(!category.contains("Sujet") && !category.contains("2025"), "{}", category);
            prop_assert!(ticket.resolved.is_none_or(|r| r >= ticket.opened));
        }
    }
}
