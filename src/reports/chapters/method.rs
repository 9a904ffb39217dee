//! Definitions, data quality, protection of persons.

use super::{chapter as titled, findings, heading, synthesis, text};
use crate::document::{Block, Chapter, Table};
use crate::french;
use crate::indicators::{Figures, catalogue};
use crate::reports::tables::text as cell;

const SIGNS: &str = "s : secret statistique. ns : non significatif. nd : non disponible. /// : sans objet. - : zéro. (p) : provisoire. Les taux sont sans décimale quand ils portent sur moins de 1 000 comptes ou visites.";

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut coverage = synthesis::coverage(figures);
    let unknown = figures
        .table("coverage")
        .rows()
        .filter_map(|row| row.get("unknown_share").number())
        .fold(0.0, f64::max);
    coverage.push(format!(
        "Requêtes connectées dont le compte est inconnu des annuaires : {}.",
        match unknown {
            0.0 => "aucune".to_owned(),
            share if share < 0.001 => "moins de 0,1 %".to_owned(),
            share => format!("au plus {}", french::percent(share, 1_000)),
        }
    ));
    coverage.extend(reservations(figures));
    let mut blocks = vec![
        heading("Qualité des données"),
        Block::List {
            items: coverage.iter().map(|item| french::typeset(item)).collect(),
        },
        heading("Protection des personnes"),
        text(&protection(figures)),
        heading("Signes"),
        text(SIGNS),
    ];
    if let Some(findings) = findings::table(figures) {
        blocks.extend([heading("Constats"), Block::Table(findings)]);
    }
    blocks.extend([heading("Définitions"), Block::Table(definitions(figures))]);
    titled("methode", "Méthode", blocks)
}

/// How persons are protected, with the rules of this deliverable.
fn protection(figures: &Figures) -> String {
    let (policy, retention) = (&figures.terms.policy, &figures.terms.retention);
    format!(
        "Les identifiants sont remplacés dès la lecture par un pseudonyme à clé, renouvelé chaque année scolaire ; ni nom, ni adresse, ni jeton de session n’est conservé. Les requêtes, événements et connexions sont gardés {lines} mois, les visites {visits} mois, sous ces pseudonymes ; les tableaux publiés, sans limite. Toute case portant sur moins de {k} personnes ({crossed} dans les tableaux de rythme et d’équité où se croisent trois variables), ou dont le complément en compte moins, est secrète (s) ; aucun taux n’est calculé sur moins de {base} comptes (ns). D’autres cases peuvent être masquées pour que les premières ne se déduisent pas : rien ne les distingue.",
        lines = retention.lines_months,
        visits = retention.visits_months,
        k = policy.threshold.plain,
        crossed = policy.threshold.crossed,
        base = policy.rate_base,
    )
}

/// What somebody answers for where data are not complete.
fn reservations(figures: &Figures) -> impl Iterator<Item = String> {
    let notes = figures.terms.notes_of(&figures.period);
    notes.map(|note| {
        format!(
            "Réserve ({}, {}) : {}",
            note.by,
            french::date(note.at),
            note.text
        )
    })
}

/// Of a note: perimeter, protection, signs.
pub(super) fn short(figures: &Figures) -> Chapter {
    let mut coverage = synthesis::coverage(figures);
    coverage.extend(reservations(figures));
    Chapter {
        id: "methode".into(),
        title: "Méthode".into(),
        blocks: vec![
            Block::List {
                items: coverage.iter().map(|item| french::typeset(item)).collect(),
            },
            text(SIGNS),
            text(&format!(
                "Les définitions des indicateurs sont dans le classeur et dans le rapport de l’observatoire. Toute case portant sur moins de {} personnes est secrète, et d’autres avec elle pour qu’elle ne se déduise pas.",
                figures.terms.policy.threshold.plain
            )),
        ],
    }
}

/// Of the indicators of which the figures have a table.
fn definitions(figures: &Figures) -> Table {
    let told = catalogue()
        .into_iter()
        .filter(|d| d.queries.iter().any(|query| figures.is_told(query)));
    let rows = told.map(|d| {
        vec![
            cell(french::typeset(&d.label)),
            cell(french::typeset(&d.definition)),
            cell(french::typeset(&d.adds)),
        ]
    });
    Table {
        caption: "Définitions des indicateurs".into(),
        header: ["Indicateur", "Définition", "S’additionne"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        note: String::new(),
        ..Table::default()
    }
}
