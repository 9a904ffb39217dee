//! What a page needs to know beside its tables: periods, areas, the axis of
//! weeks, words for codes, definitions.

use super::map;
use crate::domain::{Departement, Period, Role, service_label};
use crate::french;
use crate::indicators::{Cube, Figures, catalogue};
use crate::reports::Axis;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// As JSON.
pub(super) fn facts(figures: &Figures, cube: &Cube) -> Value {
    json!({
        "scope": figures.scope.name,
        "region": figures.scope.node_kind == "region",
        "periods": periods(cube),
        "areas": areas(figures, cube),
        "weeks": weeks(figures, cube),
        "compared": figures.has_before() && !figures.is_broken(),
        "broken": figures.is_broken(),
        "provisional": figures.comparison_is_marked(),
        "provisionalAlways": ["visits_change"],
        "labels": labels(cube),
        "definitions": definitions(),
        "map": { "width": map::SIZE.0, "height": map::SIZE.1, "outlines": map::outlines() },
    })
}

/// `premier semestre 2025-2026`, `septembre 2025`...
pub(super) fn period_label(period: &Period) -> String {
    let name = period.name();
    match (name.strip_suffix("-S1"), name.strip_suffix("-S2")) {
        (Some(year), _) => format!("premier semestre {year}"),
        (_, Some(year)) => format!("second semestre {year}"),
        _ if name.len() == 9 => format!("année scolaire {name}"),
        _ if name.len() == 7 => french::month(period.first()),
        _ => days(period.first(), period.last()),
    }
}

fn days(from: NaiveDate, to: NaiveDate) -> String {
    format!("du {} au {}", french::date(from), french::date(to))
}

fn periods(cube: &Cube) -> Value {
    let periods = cube.periods.iter().map(|at| {
        json!({
            "id": at.period.name(),
            "label": period_label(&at.period),
            "first": at.period.first().to_string(),
            "last": at.period.last().to_string(),
            "reference": french::date(at.reference),
            "before": days(at.before.first(), at.before.last()),
        })
    });
    periods.collect()
}

/// Kind, code and name of each area that is not the whole scope.
fn areas(figures: &Figures, cube: &Cube) -> Value {
    let column = |name: &str| -> BTreeSet<String> {
        let rows = cube.establishments.rows();
        rows.map(|row| row.get(name).text().to_owned())
            .filter(|code| !code.is_empty())
            .collect()
    };
    let mut areas = vec![json!(["scope", figures.scope.node, figures.scope.name])];
    let (academies, departements) = (column("academie"), column("departement"));
    // A single one is the whole scope once more.
    for academie in &academies {
        if academies.len() > 1 {
            areas.push(json!(["academie", academie, academie_name(academie)]));
        }
        let inside = Departement::ALL.into_iter().filter(|departement| {
            departement.academie() == academie && departements.contains(departement.code())
        });
        for departement in inside.filter(|_| departements.len() > 1) {
            areas.push(json!([
                "departement",
                departement.code(),
                departement.name()
            ]));
        }
    }
    Value::Array(areas)
}

fn academie_name(code: &str) -> String {
    match code {
        "09" => "Académie de Lille".into(),
        "20" => "Académie d’Amiens".into(),
        other => format!("Académie {other}"),
    }
}

/// The whole weeks of the period and, under them, those of the year before.
fn weeks(figures: &Figures, cube: &Cube) -> Value {
    let now = Axis::of(&figures.period, cube.periods[0].reference);
    let before = Axis::of(&figures.before, figures.before.last());
    let mondays = |axis: &Axis| -> Vec<NaiveDate> {
        (0..now.count()).map(|week| axis.monday(week)).collect()
    };
    let bad = |axis: &Axis| -> Vec<usize> {
        let weeks = 0..now.count();
        weeks.filter(|week| axis.is_bad(figures, *week)).collect()
    };
    let drawn = now.drawn(&figures.terms.calendar);
    let words: Vec<String> = mondays(&now).iter().map(|day| french::date(*day)).collect();
    json!({
        "mondays": mondays(&now),
        "mondaysBefore": mondays(&before),
        "words": words,
        "holidays": drawn.holidays,
        "ticks": drawn.ticks,
        "bad": bad(&now),
        "badBefore": bad(&before),
        "year": Period::school_year_of(figures.period.first()),
        "yearBefore": Period::school_year_of(figures.before.first()),
    })
}

fn labels(cube: &Cube) -> Value {
    let mut services = BTreeSet::new();
    for table in cube.tables.iter().filter(|t| t.name == "services") {
        services.extend(table.table.rows().map(|row| row.get("service").text()));
    }
    let services: Vec<(&str, &str)> = services
        .into_iter()
        .map(|code| (code, service_label(code)))
        .collect();
    // As pairs: their order is that of tables and lists.
    json!({
        "service": services,
        "role": Role::ALL.map(|role| (role.code(), role.label())),
        "level": [("1D", "Premier degré"), ("2D", "Second degré")],
        "type": [
            ("ECOLE", "Écoles"), ("COLLEGE", "Collèges"), ("LYCEE", "Lycées"),
            ("LYCEE AGRICOLE", "Lycées agricoles"), ("EREA", "EREA"),
        ],
        "sector": [("public", "Public"), ("privé", "Privé")],
        "device": [
            ("computer", "Ordinateur"), ("smartphone", "Smartphone"), ("app", "Application mobile"),
            ("tablet", "Tablette"), ("unknown", "Non renseigné"),
        ],
        "grouping": [
            ("ips", "Quintile de l’indice de position sociale (Q1\u{a0}: le plus bas)"),
            ("priority", "Éducation prioritaire"), ("area", "Commune rurale ou urbaine"),
            ("sector", "Secteur"),
        ],
        "weekday": french::WEEKDAYS,
    })
}

fn definitions() -> Value {
    let all = catalogue().into_iter().map(|d| {
        let text = french::typeset(&d.definition);
        (d.id, json!([french::typeset(&d.label), text]))
    });
    Value::Object(all.collect())
}
