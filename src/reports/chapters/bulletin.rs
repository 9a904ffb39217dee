//! The bulletin of assistance that article 3.2 of the convention owes the partners.

use super::assistance::{self, of_measure, whole};
use super::{chapter, heading, interruptions, quality, text};
use crate::document::{Block, Chapter, Key, Table};
use crate::french;
use crate::indicators::{Figures, Scope, catalogue};
use crate::privacy::disclosure::Shown;
use crate::reports::tables::text as cell;

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
    blocks
}

fn essential(figures: &Figures) -> Chapter {
    let mut blocks = vec![Block::Keys {
        keys: keys(figures),
    }];
    blocks.extend(
        assistance::sentences(figures)
            .iter()
            .map(|sentence| text(sentence)),
    );
    blocks.extend(assistance::compliance_bars(figures).map(Block::Figure));
    blocks.extend(assistance::reasons(figures).map(Block::Figure));
    chapter("essentiel", "L’essentiel", blocks)
}

fn keys(figures: &Figures) -> Vec<Key> {
    let key = |value: String, label: &str, changes: Vec<String>| Key {
        value,
        label: french::typeset(label),
        changes: changes.iter().map(|text| french::typeset(text)).collect(),
    };
    let opened = whole(figures.table("assistance_breakdown"));
    let count = |name: &str| opened.map_or_else(|| "nd".into(), |row| french::shown(row.get(name)));
    let solved = figures.table("assistance_quality").rows().next();
    let of_solved = |name: &str| solved.map_or(&Shown::Missing, |row| row.get(name));
    let backlog = figures.table("assistance_backlog").find(&[("age", "all")]);
    let open = backlog.map_or_else(|| "-".into(), |row| french::shown(row.get("open_requests")));
    let age = backlog.and_then(|row| row.get("age_p50").number());
    let delay = |name: &str| {
        of_measure(figures.table("assistance_delays"), name)
            .map_or(&Shown::Missing, |row| row.get("opening_p50"))
    };
    let hours = |shown: &Shown| match shown {
        Shown::Real(hours) => format!("{}\u{a0}h", french::decimal(*hours, 1)),
        other => french::shown(other),
    };
    vec![
        key(
            count("opened"),
            "demandes ouvertes",
            changes(figures, "opened"),
        ),
        key(
            french::shown(of_solved("resolved")),
            "demandes résolues",
            changes(figures, "resolved"),
        ),
        key(
            open,
            "demandes en cours à la fin",
            age.map(|days| format!("âge médian : {} jours", french::decimal(days, 0)))
                .into_iter()
                .collect(),
        ),
        key(
            hours(delay("first_response")),
            "première réponse, médiane en heures d’ouverture",
            Vec::new(),
        ),
        key(
            hours(delay("resolution")),
            "résolution, médiane en heures d’ouverture",
            Vec::new(),
        ),
        key(
            french::shown(of_solved("satisfaction")),
            "satisfaction moyenne sur 5",
            answers(of_solved("rated")),
        ),
    ]
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
        (Some(now), Some(before)) if before > 0.0 => {
            vec![format!("{} sur un an", french::change(now / before - 1.0))]
        }
        _ => Vec::new(),
    }
}

fn volumes(figures: &Figures) -> Vec<Block> {
    let mut blocks = Vec::new();
    blocks.extend(assistance::weeks(figures).map(Block::Figure));
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
    vec![Block::Table(assistance::breakdown(figures))]
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
