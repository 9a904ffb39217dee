//! What `synth` plants is found by the observatory, to the minute, and told as what it
//! is. Where a minute depends on who happened to ask, the raw lines say it.

use crate::fixture::{Observatory, observatory};
use crate::second_program::{Request, requests};
use chrono::{NaiveDateTime, NaiveTime, Timelike};
use entobs::synth::Planted;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::OnceLock;

fn minute(at: NaiveTime) -> i64 {
    i64::from(at.num_seconds_from_midnight() / 60)
}

fn is_in(request: &Request, span: (NaiveDateTime, NaiveDateTime)) -> bool {
    span.0 <= request.at && request.at < span.1
}

/// From the first to the last minute of these requests.
fn minutes<'a>(requests: impl Iterator<Item = &'a Request>) -> (i64, i64) {
    let all: Vec<i64> = requests.map(|request| minute(request.at.time())).collect();
    (*all.iter().min().unwrap(), *all.iter().max().unwrap())
}

fn span(row: &Value, first: &str, last: &str) -> (i64, i64) {
    (row[first].as_i64().unwrap(), row[last].as_i64().unwrap())
}

fn is_login(request: &Request) -> bool {
    request.path.starts_with("/auth/")
}

/// Seven weeks of autumn, with the outage of the federation and the missing day.
fn autumn() -> &'static Observatory {
    static MADE: OnceLock<Observatory> = OnceLock::new();
    MADE.get_or_init(|| Observatory::of_days("2025-10-20", "2025-12-10"))
}

const AUTUMN: &str = "2025-10-20..2025-12-10";

#[test]
fn the_saturation_and_the_outage_in_it() {
    let planted = Planted::default();
    let lines = requests(&observatory().root.join("entrees"));
    let outages = observatory().query("outages", &[]);
    for (path, login) in [("ent", false), ("connexion", true)] {
        let failing = lines
            .iter()
            .filter(|r| is_login(r) == login && is_in(r, planted.saturation) && r.status >= 500);
        let found: Vec<&Value> = outages.iter().filter(|row| row["path"] == path).collect();
        assert_eq!(found.len(), 1, "{outages:?}");
        assert_eq!(found[0]["day"], "2025-09-02");
        assert_eq!(
            span(found[0], "first_minute", "last_minute"),
            minutes(failing),
            "{path}"
        );
        // Nothing was answered in all of the outage. It may seem longer, where in the next
        // minutes only some asked whose requests failed: until the first good answer.
        let of_path = || lines.iter().filter(|r| is_login(r) == login);
        let asked = of_path().filter(|r| is_in(r, planted.outage));
        let (first, last) = minutes(asked);
        let dead = span(found[0], "dead_first_minute", "dead_last_minute");
        assert!(dead.0 <= first && last <= dead.1, "{path}: {dead:?}");
        let good: BTreeSet<i64> = of_path()
            .filter(|r| is_in(r, planted.saturation) && r.status < 500)
            .map(|r| minute(r.at.time()))
            .collect();
        assert_eq!(good.range(dead.0..=dead.1).next(), None, "{path}");
        let asked: BTreeSet<i64> = of_path()
            .filter(|r| is_in(r, planted.saturation))
            .map(|r| minute(r.at.time()))
            .collect();
        for beside in [
            asked.range(..dead.0).next_back(),
            asked.range(dead.1 + 1..).next(),
        ] {
            assert!(
                beside.is_none_or(|at| good.contains(at)),
                "{path}: {beside:?}"
            );
        }
    }
}

#[test]
fn parents_kept_out_by_the_crisis_cell() {
    let planted = Planted::default();
    let silences = observatory().query("unusual_silences", &[]);
    assert_eq!(silences.len(), 1, "{silences:?}");
    let row = &silences[0];
    assert_eq!(
        (&row["subject"], &row["day"]),
        (&"parent".into(), &"2025-09-02".into())
    );
    let (first, last) = span(row, "first_minute", "last_minute");
    let visits = observatory().sql(
        "select distinct v.visit_id, local_minute(v.start_time) as minute from visits v
         join visit_places p on p.visit_id = v.visit_id and p.role = 'parent'
         where v.day = '2025-09-02'",
    );
    let starts: Vec<i64> = visits
        .iter()
        .map(|v| v["minute"].as_i64().unwrap())
        .collect();
    let (from, to) = (
        minute(planted.crisis.0.time()),
        minute(planted.crisis.1.time()),
    );
    assert!(first <= from && to - 1 <= last, "{row}");
    assert!(starts.iter().all(|at| *at < first || *at > last), "{row}");
    assert!(
        starts.contains(&(first - 1)) && starts.contains(&(last + 1)),
        "{row}"
    );
    // The report says it, with the decision that explains it.
    let html = observatory().deliverable("observatoire/2025-2026-S1/observatoire.html");
    let page = crate::page::Page::new(String::from_utf8(html).unwrap());
    let told = page.rows("Silences anormaux");
    assert_eq!(told.len(), 1);
    let labels = &told[0].0;
    assert_eq!((labels[1].as_str(), labels[4].as_str()), ("Parents", "oui"));
    // What a register explains does not stop a publication.
    let manifest = observatory().deliverable("observatoire/2025-2026-S1/manifest.json");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert!(manifest["silences"].as_array().is_none_or(Vec::is_empty));
}

#[test]
fn the_federation_that_did_not_answer() {
    let planted = Planted::default();
    let lines = requests(&autumn().root.join("entrees"));
    let outages = autumn().query_of("outages", AUTUMN, &[]);
    assert_eq!(outages.len(), 1, "{outages:?}");
    let row = &outages[0];
    assert_eq!(
        (&row["path"], &row["day"]),
        (&"connexion".into(), &"2025-11-18".into())
    );
    let failing = lines
        .iter()
        .filter(|r| is_login(r) && is_in(r, planted.federation));
    let (first, last) = minutes(failing);
    assert_eq!(span(row, "first_minute", "last_minute"), (first, last));
    assert!(first - minute(planted.federation.0.time()) <= 2, "{first}");
    // So few people that the last to try did so some minutes before it was over.
    assert!(
        minute(planted.federation.1.time()) - 1 - last <= 10,
        "{last}"
    );
    // The ENT is not to blame that nobody came.
    let quality = autumn().query_of("quality", AUTUMN, &[]);
    let of = |path: &str| {
        let found = quality
            .iter()
            .find(|row| row["path"] == path && row["time_of"] == "temps scolaire");
        found.unwrap()["availability"].as_f64().unwrap()
    };
    assert!(of("ent") - of("connexion") > 0.002, "{quality:?}");
}

#[test]
fn the_day_without_logs() {
    let found = autumn().query_of("coverage_days", AUTUMN, &[]);
    let missing: Vec<&Value> = found
        .iter()
        .filter(|row| row["state"] == "missing")
        .collect();
    assert!(!missing.is_empty(), "{found:?}");
    for row in missing {
        assert_eq!(
            row["day"],
            Planted::default().missing.to_string().as_str(),
            "{row}"
        );
    }
    // It is no outage and no silence: nobody knows what happened on it.
    for query in ["outages", "unusual_silences"] {
        let rows = autumn().query_of(query, AUTUMN, &[]);
        assert!(
            rows.iter().all(|row| row["day"] != "2025-12-04"),
            "{rows:?}"
        );
    }
}
