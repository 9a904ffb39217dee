//! What the platform, its provider and the login servers write: each form read
//! once, refused or rejected as stated, and nothing of a person left behind.

use crate::corpus::corpus;
use crate::fixture::{run, stderr, stdout, tree};
use serde_json::{Value, json};
use std::fs;

struct Site {
    folder: tempfile::TempDir,
}

/// What became of the rows of one ingestion.
#[derive(Debug, PartialEq)]
struct Rows {
    read: u64,
    kept: u64,
    duplicates: u64,
    rejected: Value,
}

fn rows(read: u64, kept: u64, duplicates: u64, rejected: Value) -> Rows {
    Rows {
        read,
        kept,
        duplicates,
        rejected,
    }
}

impl Site {
    fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let made = run(&["privacy", "key", "new", "--key", &site.path("key")]);
        assert!(made.status.success());
        site
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, kind: &str, file: &str, more: &[&str]) -> std::process::Output {
        let (lake, key) = (self.path("lac"), self.path("key"));
        let mut arguments = vec![
            "ingest", kind, file, "--lake", &lake, "--key", &key, "--json",
        ];
        arguments.extend(more);
        run(&arguments)
    }

    fn counts(&self, kind: &str, file: &str, more: &[&str]) -> Value {
        let output = self.command(kind, file, more);
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 3)), "{}", stderr(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    }

    fn ingest(&self, kind: &str, file: &str, more: &[&str]) -> Rows {
        let counts = self.counts(kind, file, more);
        let number = |name: &str| counts[name].as_u64().unwrap();
        rows(
            number("read"),
            number("kept"),
            number("duplicates"),
            counts["rejected"].clone(),
        )
    }

    /// Writes a file and ingests it.
    fn give(&self, kind: &str, name: &str, text: &str) -> Rows {
        let path = self.write(name, text);
        self.ingest(kind, &path, &[])
    }

    /// The message of a file that is refused as a whole.
    fn refused(&self, kind: &str, name: &str, text: &str) -> String {
        let path = self.write(name, text);
        let output = self.command(kind, &path, &[]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let message = stderr(&output);
        assert_eq!(message.matches("hint: ").count(), 1, "{message}");
        message
    }

    fn sql(&self, sql: &str) -> Value {
        self.asked(&["sql", sql])
    }

    fn query(&self, name: &str, period: &str) -> Value {
        self.asked(&["query", name, "--period", period])
    }

    /// With the configuration of the folder, if there is one.
    fn asked(&self, words: &[&str]) -> Value {
        let (lake, config) = (self.path("lac"), self.path("observatory.toml"));
        let mut arguments = words.to_vec();
        arguments.extend(["--lake", &lake, "--output", "json"]);
        if fs::exists(&config).unwrap() {
            arguments.extend(["-c", &config]);
        }
        let output = run(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    }
}

const LOGIN: &str = r#"{"_id":"e-1","event-type":"LOGIN","module":"Auth","date":1762153207123,"userId":"hidden-user-1","profil":"Student","ip":"203.0.113.9, 10.9.9.9","ua":"HiddenAgent/1.0","sessionId":"hidden-session"}"#;
const ACCESS: &str = r#"{"_id":"e-2","event-type":"ACCESS","module":"Workspace","override-module":"Conversation","date":1762153260456,"userId":"hidden-user-1","profil":"Student"}"#;
const CREATE: &str = r#"{"_id":"e-3","event-type":"CREATE","module":"Blog","date":1762153300000,"resource-type":"blog","userId":"hidden-user-2","profil":"Teacher"}"#;
const NO_ID: &str =
    r#"{"event-type":"LOGIN","module":"Auth","date":1762153400000,"sessionId":12345.0}"#;

fn lines(objects: &[&str]) -> String {
    objects.iter().map(|object| format!("{object}\n")).collect()
}

/// As the read-out is printed by some tools: over many lines, other blanks.
fn pretty(objects: &[&str]) -> String {
    let values: Vec<Value> = objects
        .iter()
        .map(|object| serde_json::from_str(object).unwrap())
        .collect();
    serde_json::to_string_pretty(&values).unwrap()
}

const TWIN: &str = "id,date,platform_id,event_type,user_id,profile,module,resource_type,ua,ip
e-1,2025-11-03 08:00:07.123,p,LOGIN,hidden-user-1,Student,Auth,,\"HiddenAgent, \"\"1.0\"\"\",203.0.113.9
e-3,2025-11-03 08:01:40,p,CREATE,hidden-user-2,Teacher,Blog,blog,,
e-9,2025-07-03 08:00:00,p,ACCESS,hidden-user-2,Teacher,Blog,,,
e-10,03/07/2025,p,ACCESS,hidden-user-2,Teacher,Blog,,,
e-11,2025-07-03 08:00:00,p,ACCESS
";

#[test]
fn an_event_is_one_row_in_whatever_form_it_comes() {
    let site = Site::new();
    let all = [LOGIN, ACCESS, CREATE, NO_ID];
    assert_eq!(
        site.give("events", "a.ndjson", &lines(&all)),
        rows(4, 4, 0, json!({}))
    );
    let page = pretty(&all);
    assert_ne!(page, lines(&all));
    assert_eq!(
        site.give("events", "page.json", &page),
        rows(4, 0, 4, json!({}))
    );
    let one_line = format!("[{}]", all.join(","));
    assert_eq!(
        site.give("events", "page2.json", &one_line),
        rows(4, 0, 4, json!({}))
    );
    assert_eq!(
        site.give("events", "twin.csv", TWIN),
        rows(5, 1, 2, json!({"date": 1, "columns": 1}))
    );
    let stored = site.sql(
        "select event_type, module, service, role, cast(time as bigint) as ms from events order by time",
    );
    assert_eq!(
        stored,
        json!([
            {"event_type": "ACCESS", "module": "Blog", "service": "production_collaborative", "role": "teacher", "ms": 1_751_522_400_000_i64},
            {"event_type": "LOGIN", "module": "Auth", "service": "authentification", "role": "student", "ms": 1_762_153_207_123_i64},
            {"event_type": "ACCESS", "module": "Conversation", "service": "courrier_electronique", "role": "student", "ms": 1_762_153_260_456_i64},
            {"event_type": "CREATE", "module": "Blog", "service": "production_collaborative", "role": "teacher", "ms": 1_762_153_300_000_i64},
            {"event_type": "LOGIN", "module": "Auth", "service": "authentification", "role": "unknown", "ms": 1_762_153_400_000_i64},
        ])
    );
}

#[test]
fn an_id_is_one_event_and_equal_events_without_id_are_several() {
    let site = Site::new();
    // Two pages that overlap, one after the other in a file.
    let pages = format!("[{LOGIN},{ACCESS}]\n[{ACCESS},{CREATE}]");
    assert_eq!(
        site.give("events", "pages.json", &pages),
        rows(4, 3, 1, json!({}))
    );
    let twice = lines(&[NO_ID, NO_ID]);
    assert_eq!(
        site.give("events", "twice.ndjson", &twice),
        rows(2, 2, 0, json!({}))
    );
    // The platform marks what was read out: the same event.
    let marked = NO_ID.replacen('{', r#"{"synced":{"$date":1762153999000},"#, 1);
    assert_eq!(
        site.give("events", "marked.ndjson", &lines(&[&marked])),
        rows(1, 0, 1, json!({}))
    );
}

#[test]
fn a_cut_page_gives_what_it_has_and_says_so() {
    let site = Site::new();
    let page = pretty(&[LOGIN, ACCESS, CREATE]);
    let path = site.write("cut.json", &page[..page.len() - 40]);
    let output = site.command("events", &path, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("the array has no end"));
    assert_eq!(
        site.ingest("events", &path, &[]),
        rows(3, 0, 2, json!({"unfinished": 1}))
    );
    assert_eq!(
        site.give("events", "whole.json", &page),
        rows(3, 1, 2, json!({}))
    );
    let mixed = format!("[null, {LOGIN}, {{\"a\" 1}}]");
    assert_eq!(
        site.give("events", "mixed.json", &mixed),
        rows(3, 0, 1, json!({"json": 2}))
    );
}

#[test]
fn the_zone_of_a_twin_is_declared() {
    let site = Site::new();
    let twin = "id,date,event_type\nz-1,2025-11-03 08:00:00,LOGIN\n";
    let path = site.write("twin.csv", twin);
    site.ingest("events", &path, &["--zone", "UTC"]);
    let hour = site.sql("select local_hour(time) as hour from events");
    assert_eq!(hour, json!([{"hour": 9}]));
}

#[test]
fn credentials_are_refused() {
    let site = Site::new();
    let table = "id,date,event_type,login,login_alias,password\n1,2025-11-03 08:00:00,PASSWORD,hidden.login,hidden.alias,0123456789ABCDEF0123456789ABCDEF\n";
    let renamed = "id,date,event_type,user_id\n1,2025-11-03 08:00:00,PASSWORD,hidden.login\n";
    let object = r#"{"_id":"p","event-type":"PASSWORD","date":1762153207123,"login":"hidden.login","password":"0123456789ABCDEF0123456789ABCDEF"}"#;
    let files = [
        ("auth.csv", table.to_owned()),
        ("renamed.csv", renamed.to_owned()),
        ("auth.ndjson", lines(&[object])),
        ("auth.json", pretty(&[object, LOGIN])),
    ];
    for (name, text) in &files {
        let message = site.refused("events", name, text);
        assert!(message.contains("auth_events"), "{message}");
        assert!(!message.contains("hidden"), "{message}");
    }
    assert!(
        site.sql("select 1 from events")
            .as_array()
            .unwrap()
            .is_empty()
    );
    // Further down, the row alone.
    assert_eq!(
        site.give("events", "mixed.ndjson", &lines(&[LOGIN, object])),
        rows(2, 1, 0, json!({"credentials": 1}))
    );
    let headless = site.refused(
        "events",
        "headless.csv",
        "e-1,2025-11-03 08:00:00,hidden.login\n",
    );
    assert!(headless.contains("HEADER") && !headless.contains("hidden"));
}

#[test]
fn what_no_table_knows_is_kept_and_counted() {
    let site = Site::new();
    let of = |kind: &str, module: &str| {
        format!(r#"{{"event-type":"{kind}","module":"{module}","date":1762153207123}}"#)
    };
    let objects = [
        of("ACCESS", "Nouveau"),
        of("ACCESS", "Nouveau"),
        of("PLAY", "Blog"),
        of("ACCESS", "hidden@example.fr"),
        of("203.0.113.9", "Blog"),
    ];
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let path = site.write("new.ndjson", &lines(&objects));
    let output = site.command("events", &path, &[]);
    let counts: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(counts["kept"], 4);
    assert_eq!(counts["rejected"], json!({"event-type": 1}));
    let notes = json!({"unknown event type PLAY": 1, "unmapped module Nouveau": 2});
    assert_eq!(counts["files"][0]["notes"], notes);
    let said = stderr(&output);
    assert!(
        said.contains("note: unmapped module Nouveau: 2\n"),
        "{said}"
    );
    assert!(
        !said.contains("hidden") && !said.contains("203.0.113"),
        "{said}"
    );
    let unnamed = site.sql("select count(*) as n from events where module is null");
    assert_eq!(unnamed, json!([{"n": 1}]));
}

const ACCOUNTS: &str = "\u{feff}\"Établissement\";\"UAI\";\"Date\";\"Profil\";\"Connexions\";\"Visiteurs uniques\";\"Comptes chargés\";\"Comptes activés\"\n\n";

#[test]
fn statistics_of_the_provider_are_read_in_all_their_headers() {
    let site = Site::new();
    let accounts = format!(
        "{ACCOUNTS}\"CLG-L&#39;EXEMPLE; ANNEXE\";\"0599999A\";\"2025-11-03T00:00\";\"&Eacute;lèves\";\"1250\";\"410\";\"520\";\"498\"\r\n\r\n\
         \"CLG-L&#39;EXEMPLE\";\"0599999A\";\"2025-11-03T00:00\";\"Inspecteurs\";\"3\";\"\";\"4\";\"4\"\n\
         \"A\";\"\";\"03/11/2025\";\"Parents\";\"1\";\"1\";\"1\";\"1\"\n\
         \"A\";\"\";\"2025-11-03T00:00\";\"Parents\";\"1\"\n"
    );
    let path = site.write("export-stats-accounts.csv", &accounts);
    let counts = site.counts("statistics", &path, &["--source", "editeur"]);
    assert_eq!((&counts["read"], &counts["kept"]), (&json!(4), &json!(2)));
    assert_eq!(counts["rejected"], json!({"columns": 1, "date": 1}));
    assert_eq!(counts["notes"], json!({"unknown profile Inspecteurs": 1}));
    let device = "\"Établissement\";\"UAI\";\"Date\";\"Profil\";\"Support\";\"Connexions\"\n\"X\";\"\";\"2025-11-01T00:00\";\"Parents\";\"smartphone\";\"7\"\n";
    let access = "\"Établissement\";\"UAI\";\"Date\";\"Profil\";\"Application\";\"Nombre d&#39;accès\";\"Nombre_wta\"\n\"X\";\"\";\"2025-11-01T00:00\";\"Parents\";\"Messagerie\";\"7\";\"8\"\n\"X\";\"\";\"2025-11-01T00:00\";\"Parents\";\"Nouvelle\";\"1\";\"1\"\n";
    let connectors = access
        .replace("Application", "Connecteur")
        .replace("Messagerie", "Pronote");
    assert_eq!(site.give("statistics", "device.csv", device).kept, 1);
    assert_eq!(site.give("statistics", "access.csv", access).kept, 2);
    assert_eq!(
        site.give("statistics", "connectors.csv", &connectors).kept,
        2
    );
    let stored = site.sql(
        "select level, frequency, uai, role, measure, service, device, value from provider_statistics \
         order by measure, role, value, service",
    );
    let row = |level: &str,
               uai: Value,
               role: &str,
               measure: &str,
               service: Value,
               device: Value,
               value: i64| {
        let frequency = if level == "structure" { "day" } else { "month" };
        json!({"level": level, "frequency": frequency, "uai": uai, "role": role, "measure": measure, "service": service, "device": device, "value": value})
    };
    let uai = || json!("0599999A");
    let nothing = || Value::Null;
    let expected = [
        row(
            "platform",
            nothing(),
            "parent",
            "accesses",
            json!("autre"),
            nothing(),
            1,
        ),
        row(
            "platform",
            nothing(),
            "parent",
            "accesses",
            json!("courrier_electronique"),
            nothing(),
            7,
        ),
        row(
            "structure",
            uai(),
            "student",
            "activated_accounts",
            nothing(),
            nothing(),
            498,
        ),
        row(
            "structure",
            uai(),
            "unknown",
            "activated_accounts",
            nothing(),
            nothing(),
            4,
        ),
        row(
            "platform",
            nothing(),
            "parent",
            "connector_accesses",
            json!("autre"),
            nothing(),
            1,
        ),
        row(
            "platform",
            nothing(),
            "parent",
            "connector_accesses",
            json!("autre"),
            nothing(),
            7,
        ),
        row(
            "structure",
            uai(),
            "student",
            "loaded_accounts",
            nothing(),
            nothing(),
            520,
        ),
        row(
            "structure",
            uai(),
            "unknown",
            "loaded_accounts",
            nothing(),
            nothing(),
            4,
        ),
        row(
            "platform",
            nothing(),
            "parent",
            "logins",
            nothing(),
            json!("smartphone"),
            7,
        ),
        row(
            "structure",
            uai(),
            "student",
            "logins",
            nothing(),
            nothing(),
            1250,
        ),
        row(
            "structure",
            uai(),
            "unknown",
            "logins",
            nothing(),
            nothing(),
            3,
        ),
        row(
            "structure",
            uai(),
            "student",
            "visitors",
            nothing(),
            nothing(),
            410,
        ),
    ];
    assert_eq!(stored, json!(expected));
}

#[test]
fn a_later_delivery_of_statistics_takes_the_place_of_the_one_before() {
    let site = Site::new();
    let of = |logins: u32| {
        format!(
            "{ACCOUNTS}\"X\";\"\";\"2025-11-03T00:00\";\"Parents\";\"{logins}\";\"1\";\"1\";\"1\"\n"
        )
    };
    site.give("statistics", "a.csv", &of(10));
    site.give("statistics", "a.csv", &of(12));
    let values = site.sql("select value from provider_statistics where measure = 'logins'");
    assert_eq!(values, json!([{"value": 12}]));
    let saved_again = site.refused(
        "statistics",
        "b.csv",
        "Établissement;UAI;Date;Profil\nx;y;z\n",
    );
    assert!(saved_again.contains("downloaded"), "{saved_again}");
    let other = site.refused(
        "statistics",
        "c.csv",
        "\"Nom\";\"Login\"\n\"Hidden\";\"hidden.login\"\n",
    );
    assert!(other.contains("Établissement"), "{other}");
}

/// Two visits of one parent and one of another, on two days of November; three
/// logins by events.
fn usage_of_november(site: &Site) {
    let line = |user: &str, day: u32, clock: &str| {
        format!(
            "192.0.2.1 - {user} [{day:02}/Nov/2025:{clock}:00 +0100] \"GET /blog HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 (Windows)\"\n"
        )
    };
    let log = [
        line("lille-1", 3, "08:00"),
        line("lille-1", 3, "08:10"),
        line("lille-1", 3, "10:00"),
        line("lille-2", 4, "08:00"),
    ];
    let path = site.write("access.log", &log.concat());
    site.ingest("access", &path, &["--format", "combined"]);
    let event = |kind: &str, module: &str, user: &str, millis: i64| {
        format!(
            r#"{{"event-type":"{kind}","module":"{module}","date":{millis},"userId":"{user}","profil":"Relative"}}"#
        )
    };
    // 3 November 8:00 local, then the day after.
    let (first, second) = (1_762_153_200_000, 1_762_239_600_000);
    let events = [
        event("LOGIN", "Auth", "p-1", first),
        event("LOGIN", "Auth", "p-1", second),
        event("ACCESS", "Conversation", "p-1", second + 60_000),
        event("OAUTH", "Auth", "p-1", second + 7_200_000),
        event("LOGIN", "Auth", "p-9", second),
    ];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    site.give("events", "november.ndjson", &lines(&events));
    let accounts = "id;externalId;activation\np-1;lille-1;2025-09-01\n";
    site.give("accounts", "comptes_20251101.csv", accounts);
}

/// A threshold of one, so that small numbers are shown.
const OPEN: &str =
    "lake = 'lac'\nkey = 'key'\noutputs = 'o'\nthreshold = 1\ncrossed_threshold = 1\n";

#[test]
fn one_source_a_day_measures_usage() {
    let site = Site::new();
    usage_of_november(&site);
    let visits =
        "select day, requests, page_views, duration_s from visits order by day, duration_s desc";
    let visit = |day: u32, requests: i64, page_views: i64, duration_s: i64| json!({"day": format!("2025-11-{day:02}"), "requests": requests, "page_views": page_views, "duration_s": duration_s});
    let by_logs = json!([visit(3, 2, 2, 600), visit(3, 1, 1, 0), visit(4, 1, 1, 0)]);
    assert_eq!(site.sql(visits), by_logs);
    // From the 4th on, events: a login and a page of the one, a login of the
    // other; a token renewed by an application is no visit.
    let from = |day: &str| format!("{OPEN}[[usage]]\nfrom = '{day}'\nsource = 'events'\n");
    site.write("observatory.toml", &from("2025-11-04"));
    let by_both = json!([
        visit(3, 2, 2, 600),
        visit(3, 1, 1, 0),
        visit(4, 2, 1, 60),
        visit(4, 1, 0, 0)
    ]);
    assert_eq!(site.sql(visits), by_both);
    let services = site
        .sql("select service, count(*) as n from visit_services group by service order by service");
    assert_eq!(
        services,
        json!([
            {"service": "authentification", "n": 2},
            {"service": "courrier_electronique", "n": 1},
            {"service": "production_collaborative", "n": 2}
        ])
    );
    // The account that the platform's export links is the one of the logs.
    let accounts = site.sql("select count(distinct account) as n from visits");
    assert_eq!(accounts, json!([{"n": 2}]));
    site.write("observatory.toml", OPEN);
    assert_eq!(site.sql(visits), by_logs);
}

#[test]
fn a_bad_plan_of_usage_is_refused() {
    let site = Site::new();
    usage_of_november(&site);
    let message = |sections: &str| {
        let config = site.write("observatory.toml", &format!("{OPEN}{sections}"));
        let output = run(&["sql", "select 1", "-c", &config]);
        assert_eq!(output.status.code(), Some(1));
        stderr(&output)
    };
    let section =
        |day: &str, source: &str| format!("[[usage]]\nfrom = '{day}'\nsource = '{source}'\n");
    assert!(message(&section("2025-09-01", "both")).contains("`both`"));
    assert!(message(&section("1/9/2025", "events")).contains("`1/9/2025`"));
    let twice = section("2025-09-01", "events").repeat(2);
    assert!(message(&twice).contains("does not come after"));
}

#[test]
fn provider_events_and_visits_stand_side_by_side() {
    let site = Site::new();
    usage_of_november(&site);
    let schools = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/data-samples/etablissements.csv"
    );
    site.ingest("schools", schools, &[]);
    let of = |date: &str, logins: u32| {
        format!("\"Région\";\"\";\"{date}\";\"Parents\";\"{logins}\";\"40\";\"90\";\"60\"\n")
    };
    let days = format!(
        "{ACCOUNTS}{}{}",
        of("2025-11-03T00:00", 30),
        of("2025-11-04T00:00", 20)
    );
    site.give("statistics", "days.csv", &days);
    // The 4th again, grown: one count. A month: an export of its own.
    let grown = format!(
        "{ACCOUNTS}{}{}",
        of("2025-11-04T00:00", 25),
        of("2025-11-05T00:00", 1)
    );
    site.give("statistics", "grown.csv", &grown);
    let month = format!("{ACCOUNTS}{}", of("2025-11-01T00:00", 60));
    site.give("statistics", "month.csv", &month);
    site.write("observatory.toml", OPEN);
    let row = |frequency: &str, provider_logins: i64| {
        json!({
            "month": "2025-11-01", "role": "parent",
            "provider": "defaut", "level": "platform", "frequency": frequency,
            "login_accounts": 2, "logins": 3,
            "provider_visitors": 40, "provider_logins": provider_logins,
            "visitors": 0, "visits": 0,
            "difference": 3 - provider_logins, "ratio": 3.0 / provider_logins as f64,
            "visits_per_login": "ns",
        })
    };
    // No directory says who the accounts of the logs are.
    let unknown = json!({
        "month": "2025-11-01", "role": "unknown",
        "provider": null, "level": null, "frequency": null,
        "login_accounts": 0, "logins": 0,
        "provider_visitors": null, "provider_logins": null,
        "visitors": 2, "visits": 3,
        "difference": null, "ratio": null, "visits_per_login": "ns",
    });
    let found = site.query("provider_comparison", "2025-11");
    assert_eq!(found, json!([row("day", 56), row("month", 60), unknown]));
    assert_eq!(site.query("provider_comparison", "2025-10"), json!([]));
}

fn cas(user: &str, action: &str, second: u32) -> String {
    format!(
        "2025-11-03 08:00:{second:02},516 INFO [org.apereo.inspektr.audit.support.Slf4jLoggingAuditTrailManager] - Audit trail record BEGIN
=============================================================
WHO: {user}
WHAT: [ticketId=TGT-1-hidden,username={user}]
ACTION: {action}
APPLICATION: CAS
WHEN: Mon Nov 03 08:00:{second:02} CET 2025
CLIENT IP ADDRESS: 203.0.113.9
SERVER IP ADDRESS: 10.9.9.9
=============================================================
"
    )
}

fn audit_of_cas() -> String {
    [
        cas("audit:unknown", "AUTHENTICATION_EVENT_TRIGGERED", 1),
        cas("Hidden.Login", "AUTHENTICATION_SUCCESS", 2),
        cas("hidden.login", "TICKET_GRANTING_TICKET_CREATED", 2),
        cas("hidden-password", "AUTHENTICATION_FAILED", 3),
    ]
    .concat()
}

const SINGLE: &str = "hidden.login|https://service.example/hidden?t=1|2025-11-03T08:00:04+01:00|SERVICE_TICKET_CREATED|203.0.113.9|10.9.9.9|unknown
2025-11-03T07:00:05Z|hidden.two|{service=https://service.example/, ticketId=ST-hidden}|SERVICE_TICKET_CREATED|203.0.113.9|10.9.9.9|
[Mon Nov 03 08:00:06 CET 2025] [IP:203.0.113.9] [ID:hidden.two] [TICKET:ST-hidden] [SERVICE:https://service.example/] [USER-AGENT:HiddenAgent]
Mon Nov 03 08:00:07 CET 2025 - AUTHENTICATION_SUCCESS for '[username: hidden.two]' from '203.0.113.9'
a line of no format about hidden.two
hidden.two|w|not a date|SERVICE_TICKET_CREATED|203.0.113.9|10.9.9.9|
2025-11-03T07:00:09Z|hidden.two|{service=x}|SERVICE_TICKET_CREATED|203.0.113.9";

const SHIBBOLETH: &str = "20251103T070010Z|b|_i|https://sp.example/hidden|p|https://idp.example|bb|_r|hidden.three|ac|attr|n|i|
203.0.113.9|2025-11-03T07:00:11.000Z|2025-11-03T07:00:12.250Z|hidden.three|https://sp.example/hidden|_i|ac|t|attr|n|f|false|false|x|Redirect|POST||Success||s|HiddenAgent
203.0.113.9|2025-11-03T07:00:13.000Z|2025-11-03T07:00:13.500Z|hidden-password|https://sp.example/hidden|_i|ac|t|attr|n|f|false|false|x|Redirect|POST|AuthenticationException|||s|HiddenAgent
";

#[test]
fn audits_of_the_login_path_are_read_record_by_record() {
    let site = Site::new();
    let whole = audit_of_cas();
    let cut = &whole[..whole.len() - 200];
    assert_eq!(
        site.give("logins", "cas.log", cut),
        rows(4, 3, 0, json!({"unfinished": 1}))
    );
    assert_eq!(
        site.give("logins", "cas-2.log", &whole),
        rows(4, 1, 3, json!({}))
    );
    assert_eq!(
        site.give("logins", "single.log", SINGLE),
        rows(7, 4, 0, json!({"columns": 1, "date": 1, "unfinished": 1}))
    );
    assert_eq!(
        site.give("logins", "idp.log", SHIBBOLETH),
        rows(3, 3, 0, json!({}))
    );
    let outcomes = site.sql(
        "select outcome, count(*) as n, count(account) as named, sum(duration_ms) as ms from logins group by outcome order by outcome",
    );
    let row = |outcome: &str, n: i64, named: i64, ms: Value| json!({"outcome": outcome, "n": n, "named": named, "ms": ms});
    assert_eq!(
        outcomes,
        json!([
            row("failure", 2, 0, json!(500)),
            row("page_shown", 1, 0, Value::Null),
            row("service_ticket", 3, 3, Value::Null),
            row("session", 1, 1, Value::Null),
            row("success", 4, 4, json!(1250)),
        ])
    );
    site.write("observatory.toml", OPEN);
    let schools = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/data-samples/etablissements.csv"
    );
    site.ingest("schools", schools, &[]);
    assert_eq!(
        site.query("logins", "2025-11"),
        json!([{"month": "2025-11-01", "source": "defaut", "accounts": 3, "logins": 1, "successes": 4, "failures": 2, "service_tickets": 3}])
    );
    // Capitals do not make another account.
    let accounts = site.sql("select count(distinct account) as n from logins");
    assert_eq!(accounts, json!([{"n": 3}]));
}

/// Everything the raw files of these tests hold about people.
const HIDDEN: [&str; 6] = [
    "hidden",
    "Hidden",
    "203.0.113.9",
    "10.9.9.9",
    "0123456789ABCDEF",
    "service.example",
];

#[test]
fn nothing_of_a_person_gets_past_the_door() {
    let site = Site::new();
    let password = r#"{"_id":"p","event-type":"CHANGE","date":1762153207123,"password":"0123456789ABCDEF0123456789ABCDEF"}"#;
    let files = [
        (
            "events",
            "a.ndjson",
            lines(&[LOGIN, ACCESS, password, "hidden"]),
        ),
        ("events", "a.json", pretty(&[CREATE, password])),
        ("events", "twin.csv", TWIN.to_owned()),
        ("logins", "cas.log", audit_of_cas()),
        ("logins", "single.log", SINGLE.to_owned()),
        ("logins", "idp.log", SHIBBOLETH.to_owned()),
    ];
    let mut shown = Vec::new();
    for (kind, name, text) in &files {
        let path = site.write(name, text);
        let output = site.command(kind, &path, &[]);
        shown.push((
            format!("messages of {name}"),
            stderr(&output) + &stdout(&output),
        ));
    }
    for table in ["events", "logins"] {
        let content = site.sql(&format!("select * from {table}"));
        assert!(content.as_array().unwrap().len() >= 4);
        shown.push((format!("table {table}"), content.to_string()));
    }
    for (name, bytes) in tree(&site.folder.path().join("lac")) {
        shown.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (place, text) in shown {
        let text = text.replace(&site.path(""), "");
        for hidden in HIDDEN {
            assert!(!text.contains(hidden), "{place} holds `{hidden}`");
        }
    }
}

#[test]
fn the_collection_is_read_or_refused_as_stated() {
    let Some(root) = corpus(".") else { return };
    let site = Site::new();
    let give = |kind: &str, name: &str| {
        let path = root.join(name).to_str().unwrap().to_owned();
        site.ingest(kind, &path, &[])
    };
    let all = |n| rows(n, n, 0, json!({}));
    assert_eq!(give("events", "entcore/events.ndjson"), all(7));
    assert_eq!(
        give("statistics", "entcore/export-stats-accounts.csv"),
        all(3)
    );
    assert_eq!(
        give("statistics", "entcore/export-stats-access.csv"),
        all(2)
    );
    assert_eq!(give("logins", "auth/cas_audit_multiline.log"), all(2));
    assert_eq!(give("logins", "auth/esup-cas.log"), all(5));
    assert_eq!(give("logins", "auth/shibboleth-v3.log"), all(2));
    assert_eq!(give("logins", "auth/shibboleth-v4v5.log"), all(2));
    // The same events as a page of the read-out.
    let text = fs::read_to_string(root.join("entcore/events.ndjson")).unwrap();
    let objects: Vec<&str> = text.lines().collect();
    assert_eq!(
        site.give("events", "page.json", &pretty(&objects)),
        rows(7, 0, 7, json!({}))
    );
}
