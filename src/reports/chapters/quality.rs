//! Availability of the ENT and of the login, incidents declared, response times.

use super::{interruptions, synthesis, text};
use crate::document::{Block, Chapter, Table, TableCell};
use crate::domain::service_label;
use crate::french;
use crate::indicators::{Figures, RegisterRow};
use crate::reports::tables::{number, text as cell};
use chrono::NaiveDateTime;

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = vec![Block::Table(availability(figures))];
    blocks.extend(gap(figures).map(|sentence| text(&sentence)));
    blocks.push(Block::Table(interruptions::outages(figures)));
    blocks.extend(interruptions::silences(figures).map(Block::Table));
    blocks.push(Block::Table(declared(figures)));
    blocks.extend(crisis(figures));
    blocks.extend(known_bad(figures));
    blocks.push(Block::Table(latency(figures)));
    blocks.extend(slowest_hour(figures).map(|sentence| text(&sentence)));
    blocks.push(Block::Table(peaks(figures)));
    Chapter {
        id: "qualite".into(),
        title: "Qualité de service".into(),
        blocks,
    }
}

/// Days of the period of which the data are known to be wrong: what is said of them is too.
fn known_bad(figures: &Figures) -> Option<Block> {
    let bad = figures.known_bad_in(&figures.period);
    let items = bad.into_iter();
    let items: Vec<String> = items
        .map(|bad| french::typeset(&synthesis::known_bad("Données signalées", bad)))
        .collect();
    (!items.is_empty()).then_some(Block::List { items })
}

pub(super) fn path_label(path: &str) -> &str {
    match path {
        "connexion" => "Connexion (fédération)",
        _ => "ENT",
    }
}

pub(super) fn availability(figures: &Figures) -> Table {
    let rows = figures.table("quality").rows().map(|row| {
        let share = row.get("availability").number();
        let shown = share.map_or_else(
            || "nd".to_owned(),
            |share| format!("{}\u{a0}%", french::decimal(share * 100.0, 2)),
        );
        vec![
            cell(path_label(row.get("path").text())),
            cell(row.get("time_of").text()),
            number(row.get("minutes_measured")),
            number(row.get("minutes_up")),
            TableCell {
                text: shown,
                number: share,
                ratio: true,
            },
        ]
    });
    Table {
        caption: "Disponibilité de l’ENT et de la connexion".into(),
        header: [
            "Composant",
            "Plage",
            "Minutes mesurées",
            "Minutes sans panne",
            "Disponibilité",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 2,
        rows: rows.collect(),
        note: french::typeset(
            "Temps scolaire : lundi, mardi, jeudi, vendredi de 8 h à 18 h et mercredi de 8 h à 12 h, jours de classe. Une minute sans requête n’est pas mesurée, sauf dans un silence anormal du composant, qui compte comme une panne.",
        ),
        ..Table::default()
    }
}

/// The availability of the ENT and of the login, one beside the other.
pub(super) fn gap(figures: &Figures) -> Option<String> {
    let of = |path: &str| {
        figures
            .table("quality")
            .find(&[("path", path), ("time_of", "temps scolaire")])?
            .get("availability")
            .number()
    };
    let (ent, login) = (of("ent")?, of("connexion")?);
    // Of the shares as they are shown.
    let shown = |share: f64| french::decimal(share * 100.0, 2);
    let (of_ent, of_login) = (shown(ent), shown(login));
    if of_ent == of_login {
        return Some(format!(
            "L’ENT et la connexion sont disponibles {of_ent} % du temps scolaire."
        ));
    }
    let duty = match ent > login {
        true => " (article 3.1 de la convention : elle doit tendre vers celle de l’ENT)",
        false => "",
    };
    Some(format!(
        "L’ENT est disponible {of_ent} % du temps scolaire, la connexion {of_login} %{duty}."
    ))
}

pub(super) fn latency(figures: &Figures) -> Table {
    let rows = figures.table("latency").rows().map(|row| {
        let milliseconds = |name: &str| {
            let number = row.get(name).number();
            TableCell {
                text: number.map_or_else(|| "nd".into(), |ms| french::integer(ms.round() as i64)),
                number,
                ratio: false,
            }
        };
        vec![
            cell(service_label(row.get("service").text())),
            number(row.get("timed_requests")),
            milliseconds("p50_ms"),
            milliseconds("p95_ms"),
            milliseconds("p99_ms"),
        ]
    });
    Table {
        caption: "Temps de réponse par service, en millisecondes".into(),
        header: [
            "Service",
            "Requêtes mesurées",
            "Médiane",
            "95e centile",
            "99e centile",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 1,
        rows: rows.collect(),
        note: french::typeset(
            "Pages et actions des personnes connectées ; centiles exacts, au plus proche rang.",
        ),
        ..Table::default()
    }
}

/// By how much an hour must be slower than the one in the middle to be told.
const SLOW: f64 = 1.1;

/// Of the hours with at least 1,000 timed requests, the one whose nine in ten and a half
/// are slowest, where it stands out.
pub(super) fn slowest_hour(figures: &Figures) -> Option<String> {
    let hours = figures.table("latency_hours").select(&[("service", "all")]);
    let timed = hours.filter_map(|row| {
        let hour = row.get("hour").integer()?;
        let number = |name: &str| row.get(name).number();
        (row.get("timed_requests").integer()? >= 1_000)
            .then(|| Some((hour, number("p50_ms")?, number("p95_ms")?)))?
    });
    let mut timed: Vec<_> = timed.collect();
    timed.sort_by(|a, b| a.2.total_cmp(&b.2));
    let usual = timed.get(timed.len() / 2)?.2;
    let (hour, p50, p95) = *timed.last().filter(|slowest| slowest.2 >= SLOW * usual)?;
    let whole = |milliseconds: f64| french::integer(milliseconds.round() as i64);
    Some(format!(
        "L’heure la plus lente est celle de {hour} h : la moitié des pages et actions y répondent en moins de {} ms, 95 % en moins de {} ms.",
        whole(p50),
        whole(p95)
    ))
}

fn peaks(figures: &Figures) -> Table {
    let rows = figures.table("peaks").rows().filter_map(|row| {
        let crate::privacy::disclosure::Shown::Date(day) = row.get("day") else {
            return None;
        };
        let first = row.get("first_minute").integer()?;
        Some(vec![
            cell(french::date(*day)),
            cell(format!(
                "{} à {}",
                french::minute_of_day(first),
                french::minute_of_day(first + 15)
            )),
            number(row.get("requests")),
            TableCell {
                text: row
                    .get("requests_per_second")
                    .number()
                    .map_or_else(|| "nd".into(), |rate| french::decimal(rate, 2)),
                number: row.get("requests_per_second").number(),
                ratio: false,
            },
        ])
    });
    Table {
        caption: "Les dix quarts d’heure les plus chargés".into(),
        header: ["Jour", "Quart d’heure", "Requêtes", "Requêtes par seconde"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 2,
        rows: rows.collect(),
        note: french::typeset(
            "Toutes les requêtes reçues, machines comprises : c’est la charge de la plateforme.",
        ),
        ..Table::default()
    }
}

fn field(row: &RegisterRow, name: &str) -> String {
    row.get(name).cloned().unwrap_or_default()
}

/// A time of a register as it is read.
fn time(row: &RegisterRow, name: &str) -> String {
    let text = field(row, name);
    match NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M") {
        Ok(time) => {
            let hour = time.format("%-H\u{a0}h\u{a0}%M");
            format!("{}, {hour}", french::date(time.date()))
        }
        Err(_) => text,
    }
}

/// What the crisis cell decided (article 4.2), where it did.
pub(super) fn crisis(figures: &Figures) -> Option<Block> {
    let decisions = figures.register("decisions-de-crise");
    let rows = decisions.iter().map(|row| {
        vec![
            cell(time(row, "debut")),
            cell(time(row, "fin")),
            cell(field(row, "profils")),
            cell(french::typeset(&field(row, "decision"))),
        ]
    });
    let table = Table {
        caption: "Décisions de la cellule de crise".into(),
        header: ["Début", "Fin", "Profils", "Décision"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 4,
        rows: rows.collect(),
        note: french::typeset(
            "Pendant ces périodes, les usages des profils concernés ne disent pas leur intérêt pour l’ENT.",
        ),
        ..Table::default()
    };
    (!decisions.is_empty()).then_some(Block::Table(table))
}

pub(super) fn declared(figures: &Figures) -> Table {
    let rows = figures.register("incidents").into_iter().map(|row| {
        vec![
            cell(field(row, "nature")),
            cell(field(row, "perimetre")),
            cell(time(row, "debut")),
            cell(time(row, "fin")),
            cell(if interruptions::is_seen(figures, row) {
                "oui"
            } else {
                "non"
            }),
            cell(french::typeset(&field(row, "cause"))),
        ]
    });
    let rows: Vec<_> = rows.collect();
    Table {
        caption: "Incidents et maintenances du registre".into(),
        said: rows.is_empty().then(|| {
            "Aucun incident ni aucune maintenance n’est inscrit au registre sur la période.".into()
        }),
        header: ["Nature", "Composant", "Début", "Fin", "Vu", "Cause"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 6,
        rows,
        note: french::typeset(
            "Vu : les journaux montrent au même moment une interruption ou un silence anormal.",
        ),
        ..Table::default()
    }
}
