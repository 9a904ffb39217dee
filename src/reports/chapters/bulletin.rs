//! The bulletin of assistance that article 3.2 of the convention owes the partners.

use super::assistance::{self, of_measure, whole};
use super::establishments::type_label;
use super::{chapter, comparison, heading, interruptions, quality, text};
use crate::document::{Block, Chapter, Key, Table};
use crate::french;
use crate::indicators::{Figures, Scope, catalogue};
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::text as cell;
use std::cmp::Reverse;

/// Definitions that the bulletin prints.
const DEFINED: [&str; 12] = [
    "tickets_opened",
    "tickets_per_1000",
    "backlog",
    "first_response_time",
    "resolution_time",
    "sla_compliance",
    "cohort",
    "escalation",
    "reopen_rate",
    "first_contact_resolution",
    "satisfaction",
    "outage_lag",
];

pub(super) fn chapters(figures: &Figures) -> Vec<Chapter> {
    let mut chapters = vec![
        essential(figures),
        chapter("volumes", "Volumes et demandes en cours", volumes(figures)),
        chapter("delais", "Délais et niveaux de service", delays(figures)),
        chapter("parcours", "Parcours et qualité", paths(figures)),
        chapter("origines", "Origine des demandes", origins(figures)),
    ];
    if figures.scope == Scope::region() {
        chapters.push(chapter("qualite", "Qualité de service", service(figures)));
    }
    chapters.push(chapter("methode", "Méthode", method(figures)));
    chapters
}

/// How the platform itself did, which the technical committee reads beside the requests.
fn service(figures: &Figures) -> Vec<Block> {
    let mut blocks = vec![Block::Table(quality::availability(figures))];
    blocks.extend(quality::gap(figures).map(|sentence| text(&sentence)));
    blocks.push(Block::Table(interruptions::outages(figures)));
    blocks.extend(interruptions::silences(figures).map(Block::Table));
    blocks.push(Block::Table(quality::declared(figures)));
    blocks.extend(quality::crisis(figures));
    blocks.push(Block::Table(quality::latency(figures)));
    blocks.extend(quality::slowest_hour(figures).map(|sentence| text(&sentence)));
    blocks
}

fn essential(figures: &Figures) -> Chapter {
    let mut blocks = vec![text(&perimeter(figures))];
    let keys = keys(figures);
    if !keys.is_empty() {
        blocks.push(Block::Keys { keys });
    }
    blocks.extend(assistance::paragraphs(figures));
    blocks.extend(assistance::compliance_bars(figures).map(Block::Figure));
    blocks.extend(assistance::reasons(figures).map(Block::Figure));
    chapter("essentiel", "L’essentiel", blocks)
}

/// What the perimeter is: `Département du Nord (3 collèges), 750 comptes chargés au …`.
fn perimeter(figures: &Figures) -> String {
    let types = figures.table("types");
    let rows = types.select(&[("sector", "all"), ("role", "all")]);
    let (wholes, kinds): (Vec<_>, Vec<_>) = rows.partition(|row| row.get("type").text() == "all");
    let mut kinds: Vec<(i64, String)> = kinds.into_iter().filter_map(counted).collect();
    kinds.sort_by_key(|(count, _)| Reverse(*count));
    let kinds: Vec<String> = kinds.into_iter().map(|(_, words)| words).collect();
    let made_of = match kinds.is_empty() {
        true => String::new(),
        false => format!(" ({})", kinds.join(", ")),
    };
    let accounts = wholes
        .first()
        .and_then(|row| row.get("loaded_accounts").integer());
    let accounts = accounts.map_or_else(String::new, |count| {
        format!(
            ", {} comptes chargés au {}",
            french::integer(count),
            french::date(figures.reference)
        )
    });
    format!("Périmètre : {}{made_of}{accounts}.", figures.scope.name)
}

/// Of a type of establishments, how many, and `3 lycées agricoles`.
fn counted(row: ProtectedRow<'_>) -> Option<(i64, String)> {
    let count = row.get("establishments").integer().filter(|n| *n > 0)?;
    let label = type_label(row.get("type").text());
    let name = match label.as_str() {
        "EREA" => label,
        _ => several(&label.to_lowercase(), count),
    };
    Some((count, format!("{} {name}", french::integer(count))))
}

/// Words in the number wanted.
fn several(words: &str, count: i64) -> String {
    let words = words.split(' ');
    let words: Vec<String> = words
        .map(|word| format!("{word}{}", french::plural(count)))
        .collect();
    words.join(" ")
}

/// What may stand in large type: a number, never a sign.
fn large(value: &Shown) -> Option<String> {
    match value {
        Shown::Integer(0) => Some("0".into()),
        other => other.number().map(|_| french::shown(other)),
    }
}

/// A tile, if its value is shown.
fn key(value: Option<String>, label: &str, changes: Vec<String>) -> Option<Key> {
    Some(Key {
        value: value?,
        label: french::typeset(label),
        changes: changes.iter().map(|text| french::typeset(text)).collect(),
    })
}

fn keys(figures: &Figures) -> Vec<Key> {
    let opened = whole(figures.table("assistance_breakdown"));
    let opened = opened.map_or(&Shown::Integer(0), |row| row.get("opened"));
    let solved = figures.table("assistance_quality").rows().next();
    let of_solved = |name: &str| solved.map_or(&Shown::Missing, |row| row.get(name));
    let keys = [
        key(
            large(opened),
            "demandes ouvertes",
            changes(figures, "opened"),
        ),
        key(
            large(of_solved("resolved")),
            "demandes résolues",
            changes(figures, "resolved"),
        ),
        still_open(figures),
        delay(figures, "first_response", "première réponse"),
        delay(figures, "resolution", "résolution"),
        key(
            large(of_solved("satisfaction")),
            "satisfaction moyenne sur 5",
            answers(of_solved("rated")),
        ),
    ];
    keys.into_iter().flatten().collect()
}

fn still_open(figures: &Figures) -> Option<Key> {
    let all = figures.table("assistance_backlog").find(&[("age", "all")]);
    let count = all.map_or(&Shown::Integer(0), |row| row.get("open_requests"));
    let age = all.and_then(|row| row.get("age_p50").number());
    let age = age.map(|days| {
        let (shown, s) = (
            french::decimal(days, 0),
            french::plural(days.round() as i64),
        );
        format!("âge médian : {shown} jour{s}")
    });
    key(
        large(count),
        "demandes en cours à la fin",
        age.into_iter().collect(),
    )
}

fn delay(figures: &Figures, measure: &str, name: &str) -> Option<Key> {
    let row = of_measure(figures.table("assistance_delays"), measure)?;
    let hours = row.get("opening_p50").number()?;
    key(
        Some(format!("{}\u{a0}h", french::decimal(hours, 1))),
        &format!("{name}, médiane en heures ouvrées"),
        Vec::new(),
    )
}

fn answers(rated: &Shown) -> Vec<String> {
    let told = rated.integer().map(|n| {
        let number = french::integer(n);
        format!("{number} réponse{}", french::plural(n))
    });
    told.into_iter().collect()
}

fn changes(figures: &Figures, name: &str) -> Vec<String> {
    let value = |before: bool| {
        let of = |name: &str| match before {
            true => figures.table_before(name),
            false => figures.table(name),
        };
        match name {
            "opened" => whole(of("assistance_breakdown"))?.get("opened").number(),
            name => of("assistance_quality").rows().next()?.get(name).number(),
        }
    };
    match (value(false), value(true)) {
        (Some(now), Some(before)) => comparison::of_counts(figures, now, before)
            .map(|change| format!("{change} sur un an"))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn volumes(figures: &Figures) -> Vec<Block> {
    let mut blocks = vec![assistance::weeks(figures)];
    blocks.push(Block::Table(assistance::months(
        figures.to_date("assistance_months"),
    )));
    blocks.push(Block::Table(assistance::backlog(figures)));
    blocks.push(Block::Table(assistance::incidents(figures)));
    blocks
}

fn delays(figures: &Figures) -> Vec<Block> {
    vec![
        Block::Table(assistance::delays(figures)),
        Block::Table(assistance::compliance(figures)),
        Block::Table(assistance::cohort(figures.to_date("assistance_cohort"))),
    ]
}

fn paths(figures: &Figures) -> Vec<Block> {
    vec![
        Block::Table(assistance::work(figures)),
        Block::Table(assistance::matrix(figures)),
        Block::Table(assistance::quality(figures)),
    ]
}

fn origins(figures: &Figures) -> Vec<Block> {
    assistance::origins(figures)
}

fn method(figures: &Figures) -> Vec<Block> {
    let defined = catalogue()
        .into_iter()
        .filter(|d| DEFINED.contains(&d.id.as_str()));
    let rows = defined.map(|d| {
        vec![
            cell(french::typeset(&d.label)),
            cell(french::typeset(&d.definition)),
        ]
    });
    let table = Table {
        caption: "Définitions".into(),
        header: ["Indicateur", "Définition"].map(str::to_owned).to_vec(),
        text_columns: 2,
        rows: rows.collect(),
        note: String::new(),
        ..Table::default()
    };
    vec![
        Block::Table(table),
        heading("Sources et signes"),
        text(&format!(
            "Périmètre : {}. Les demandes sont telles que les outils des guichets les exportent ; ni sujet, ni description, ni nom n’est conservé. Heures d’ouverture, fermetures et niveaux de service sont des données datées. Toute case portant sur moins de 5 demandes est secrète (s) ; ni taux ni centile sous 30 demandes (ns) ; nd : non disponible ; /// : sans objet ; - : zéro.",
            figures.scope.name
        )),
    ]
}
