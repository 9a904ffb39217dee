//! Every file of `data-samples`, and what becomes of its rows.

use crate::fixture::{run, stderr};
use serde_json::{Value, json};

struct Lake {
    folder: tempfile::TempDir,
}

impl Lake {
    fn new() -> Self {
        let lake = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        assert!(
            run(&["privacy", "key", "new", "--key", &lake.path("key")])
                .status
                .success()
        );
        lake
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Read, kept and rejects of one ingestion.
    fn ingest(&self, kind: &str, sample: &str, more: &[&str]) -> (u64, u64, Value) {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples");
        let sample = root.join(sample).to_str().unwrap().to_owned();
        let (lake, key) = (self.path("lac"), self.path("key"));
        let mut arguments = vec![
            "ingest", kind, &sample, "--lake", &lake, "--key", &key, "--json",
        ];
        arguments.extend(more);
        let output = run(&arguments);
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{}",
            stderr(&output)
        );
        let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
        let number = |name: &str| counts[name].as_u64().unwrap();
        (number("read"), number("kept"), counts["rejected"].clone())
    }

    fn sql(&self, sql: &str) -> Value {
        let output = run(&["sql", sql, "--lake", &self.path("lac"), "--output", "json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

const LOG_FORMAT: &str = r#"$remote_addr - $ent_account [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time "$upstream_response_time""#;

#[test]
fn every_sample_is_read() {
    let lake = Lake::new();
    let none = json!({});
    let nginx = [
        "--log-format",
        LOG_FORMAT,
        "--account",
        "ent_account",
        "--source",
        "fe1",
    ];
    assert_eq!(
        lake.ingest("access", "acces/fe1.log", &nginx),
        (8, 7, json!({"truncated": 1}))
    );
    let apache = ["--format", "combined", "--source", "fe2"];
    assert_eq!(
        lake.ingest("access", "acces/combined.log", &apache),
        (3, 3, none.clone())
    );
    assert_eq!(
        lake.ingest("events", "evenements/events.ndjson", &[]),
        (4, 3, json!({"date": 1}))
    );
    other_forms(&lake);
    assert_eq!(
        lake.ingest("directory", "annuaires/lille", &["--source", "lille"]),
        (7, 7, none.clone())
    );
    assert_eq!(
        lake.ingest("accounts", "comptes", &[]),
        (5, 5, none.clone())
    );
    assert_eq!(
        lake.ingest("schools", "etablissements.csv", &[]),
        (2, 2, none.clone())
    );
    assert_eq!(
        lake.ingest("tickets", "tickets/support.csv", &["--source", "ent"]),
        (3, 3, none.clone())
    );
    assert_eq!(
        lake.ingest("tickets", "tickets/glpi.csv", &["--source", "academie"]),
        (2, 2, none)
    );
    let (read, kept, _) = lake.ingest(
        "register",
        "registres/incidents.csv",
        &["--source", "incidents"],
    );
    assert_eq!(read, 2);
    assert!(kept <= 2);
    counts_by_hand(&lake);
}

/// Events in their other forms, what the provider counts, the login path.
fn other_forms(lake: &Lake) {
    let none = json!({});
    for (kind, sample, rows) in [
        (
            "events",
            "evenements/page.json",
            (3, 1, json!({"unfinished": 1})),
        ),
        (
            "events",
            "evenements/login_events.csv",
            (2, 1, none.clone()),
        ),
        (
            "statistics",
            "statistiques/export-stats-accounts.csv",
            (2, 2, none.clone()),
        ),
        (
            "statistics",
            "statistiques/export-stats-access.csv",
            (2, 1, json!({"date": 1})),
        ),
        (
            "dnma",
            "national/dnma-profils.csv",
            (3, 2, json!({"not_a_monday": 1})),
        ),
        ("logins", "connexions/cas_audit.log", (3, 3, none.clone())),
        ("logins", "connexions/cas_lignes.log", (4, 4, none)),
        (
            "logins",
            "connexions/shibboleth.log",
            (3, 2, json!({"columns": 1})),
        ),
    ] {
        assert_eq!(lake.ingest(kind, sample, &[]), rows, "{sample}");
    }
}

/// What a person finds by reading the samples.
fn counts_by_hand(lake: &Lake) {
    // The teacher: 8:00:04 and 8:20:00 in one visit, 8:50:01 half an hour and a
    // second later in another; the parent one visit.
    let visits = lake.sql(
        "select requests, page_views, duration_s from visits order by day, hour, duration_s desc",
    );
    assert_eq!(
        visits,
        json!([
            {"requests": 2, "page_views": 2, "duration_s": 1196},
            {"requests": 1, "page_views": 0, "duration_s": 0},
            {"requests": 1, "page_views": 1, "duration_s": 0}
        ])
    );
    // The parent has a child in each school, both with parental authority; the
    // other relative of the second child has none.
    let places = lake.sql("select role, count(*) as n, count(uai) as placed from account_places group by role order by role");
    assert_eq!(
        places,
        json!([
            {"role": "parent", "n": 3, "placed": 2},
            {"role": "student", "n": 2, "placed": 2},
            {"role": "teacher", "n": 1, "placed": 1}
        ])
    );
    let tickets = lake.sql("select helpdesk, category, level, resolved is null as open from tickets order by helpdesk, opened");
    assert_eq!(tickets.as_array().unwrap().len(), 5);
    let delay = lake.sql("select cast(resolved as bigint) - cast(opened as bigint) as ms from tickets where category = 'ENT > Connexion'");
    assert_eq!(delay, json!([{"ms": (8 * 60 + 12) * 60 * 1000}]));
    // The same tickets in a second, larger export are the same requests.
    let folder = tempfile::tempdir().unwrap();
    let larger = folder.path().join("larger.csv");
    let sample =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tickets/support.csv");
    let text = std::fs::read_to_string(sample).unwrap();
    let row =
        "4;Collège des Dunes;Nouveau;x;Messagerie;Teacher;06/09/2025 - 14:00;06/09/2025 - 14:00;\n";
    std::fs::write(&larger, format!("{text}{row}")).unwrap();
    lake.ingest("tickets", larger.to_str().unwrap(), &["--source", "ent"]);
    let requests = lake.sql("select count(*) as n from current_tickets");
    assert_eq!(requests, json!([{"n": 6}]));
}
