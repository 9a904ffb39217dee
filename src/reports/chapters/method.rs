//! Definitions, data quality, protection of persons.

use super::{assistance, chapter as titled, comparison, findings, heading, synthesis, text};
use crate::document::{Block, Chapter, Table};
use crate::french;
use crate::indicators::{Figures, catalogue};
use crate::reports::tables::text as cell;
use std::collections::BTreeSet;

const SIGNS: &str = "s : secret statistique. ns : non significatif. nd : non disponible. /// : sans objet. - : zéro. (p) : provisoire. Les taux sont sans décimale quand ils portent sur moins de 1 000 comptes ou visites.";

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut coverage = synthesis::coverage(figures);
    let unknown = figures
        .table("coverage")
        .rows()
        .filter_map(|row| row.get("unknown_share").number())
        .fold(0.0, f64::max);
    coverage.push(format!(
        "Requêtes de personnes connectées dont le compte est inconnu des annuaires : {}.",
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
        heading("Depuis la période précédente"),
        Block::List {
            items: changes(figures)
                .iter()
                .map(|item| french::typeset(item))
                .collect(),
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

/// What changed since the period before that of the figures: definitions, breaks in the series,
/// the number of establishments.
fn changes(figures: &Figures) -> Vec<String> {
    let (first, last) = (figures.period.first(), figures.period.last());
    let versions = catalogue().into_iter().flat_map(|definition| {
        let label = definition.label;
        let versions = definition.version.into_iter();
        versions.map(move |version| (version.from, format!("« {label} » : {}", version.change)))
    });
    let mut dated: Vec<_> = versions
        .filter(|(from, _)| *from >= first && *from <= last)
        .collect();
    dated.sort();
    let mut told: Vec<String> = dated
        .into_iter()
        .map(|(from, change)| format!("À partir du {}, définition de {change}", french::date(from)))
        .collect();
    if told.is_empty() {
        told.push("Aucune définition n’a changé sur la période.".into());
    }
    match comparison::breaks(figures) {
        breaks if breaks.is_empty() => {
            told.push("Aucune rupture de série n’est inscrite au registre entre la période et celle d’un an avant.".into());
        }
        breaks => told.extend(breaks),
    }
    told.extend(perimeter_moved(figures));
    told
}

/// How many establishments there were a year before.
fn perimeter_moved(figures: &Figures) -> Option<String> {
    let row = figures
        .table("constant_perimeter")
        .find(&[("level", "all"), ("role", "all")])?;
    let (all, constant) = (
        row.get("all_establishments").integer()?,
        row.get("establishments").integer()?,
    );
    figures.has_before().then(|| {
        format!(
            "{} établissement{} sur {} {} déployé{} pendant les deux périodes comparées : c’est le périmètre constant.",
            french::integer(constant),
            french::plural(constant),
            french::integer(all),
            if constant < 2 { "était" } else { "étaient" },
            french::plural(constant)
        )
    })
}

/// How persons are protected, with the rules of this deliverable.
fn protection(figures: &Figures) -> String {
    let (policy, retention) = (&figures.terms.policy, &figures.terms.retention);
    format!(
        "Les identifiants sont remplacés dès la lecture par un pseudonyme à clé, renouvelé chaque année scolaire ; ni nom, ni adresse, ni jeton de session n’est conservé. Les requêtes, événements et connexions sont gardés {lines} mois, les visites {visits} mois, sous ces pseudonymes ; les tableaux publiés, sans limite. Toute case portant sur moins de {k} personnes ({crossed} dans les tableaux de rythme où se croisent trois variables), ou dont le complément en compte moins, est secrète (s) ; aucun taux n’est calculé sur moins de {base} comptes (ns). D’autres cases peuvent être masquées pour que les premières ne se déduisent pas : rien ne les distingue. De demandes d’assistance assez nombreuses pour être montrées, ce qu’elles sont devenues l’est aussi, si peu que ce soit.",
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

/// Indicators that are not shown wherever there is usage or assistance, and what shows them:
/// chapters by their id, tables by their caption.
const SHOWN_IN: [(&str, &[&str]); 20] = [
    ("page_views", &[]),
    ("service_visitors", &[]),
    ("active_establishments", &[]),
    ("trend_index", &["tendances"]),
    ("intensity_gap", &["territoires"]),
    ("action_effect", &["accompagnement"]),
    ("surveys", &["accompagnement"]),
    ("availability", &["qualite"]),
    ("silence", &["qualite"]),
    ("latency", &["qualite"]),
    ("peak_load", &["qualite"]),
    ("national_comparison", &["national"]),
    ("convention_duties", &["convention"]),
    ("communications", &["convention"]),
    ("cohort", &[assistance::COHORT]),
    ("escalation", &[assistance::WORK, assistance::MATRIX]),
    ("reopen_rate", &[assistance::QUALITY]),
    ("first_contact_resolution", &[assistance::QUALITY, "region"]),
    ("satisfaction", &[assistance::QUALITY]),
    ("outage_lag", &[assistance::INCIDENTS]),
];

fn chapters_and_captions(chapters: &[Chapter]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for chapter in chapters {
        found.insert(chapter.id.clone());
        found.extend(chapter.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table.caption.clone()),
            _ => None,
        }));
    }
    found
}

/// The chapters, without the definitions of what none of them shows.
pub(super) fn of_what_is_shown(mut chapters: Vec<Chapter>) -> Vec<Chapter> {
    let shown = chapters_and_captions(&chapters);
    let is_shown = |id: &str| {
        let places = SHOWN_IN.iter().find(|(known, _)| *known == id);
        places.is_none_or(|(_, places)| {
            let mut places = places.iter();
            places.any(|place| shown.contains(&french::typeset(place)))
        })
    };
    let left_out: Vec<String> = catalogue()
        .into_iter()
        .filter(|d| !is_shown(&d.id))
        .map(|d| french::typeset(&d.label))
        .collect();
    for block in chapters.iter_mut().flat_map(|chapter| &mut chapter.blocks) {
        if let Block::Table(table) = block
            && table.caption == DEFINITIONS
        {
            table.rows.retain(|row| !left_out.contains(&row[0].text));
        }
    }
    chapters
}

const DEFINITIONS: &str = "Définitions des indicateurs";

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
        caption: DEFINITIONS.into(),
        header: ["Indicateur", "Définition", "S’additionne"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        note: String::new(),
        ..Table::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_chapter_shows_is_not_defined() {
        let known: Vec<String> = catalogue().into_iter().map(|d| d.id).collect();
        for (id, _) in SHOWN_IN {
            assert!(known.contains(&id.to_owned()), "{id}");
        }
        let rows = catalogue()
            .into_iter()
            .map(|d| vec![cell(french::typeset(&d.label))]);
        let table = Table {
            caption: DEFINITIONS.into(),
            rows: rows.collect(),
            ..Table::default()
        };
        let chapters =
            ["methode", "qualite"].map(|id| titled(id, "", vec![Block::Table(table.clone())]));
        let kept = of_what_is_shown(chapters.to_vec());
        let Block::Table(kept) = &kept[0].blocks[0] else {
            panic!("no table");
        };
        let has = |label: &str| kept.rows.iter().any(|row| row[0].text == label);
        assert!(has("Visites") && has("Temps de réponse"));
        assert!(!has("Pages vues") && !has("Indice de tendance"));
        assert!(has("Demandes en cours") && !has("Satisfaction"));
        let quality = Table {
            caption: french::typeset(assistance::QUALITY),
            ..Table::default()
        };
        let told = vec![Block::Table(table), Block::Table(quality)];
        let kept = of_what_is_shown(vec![titled("methode", "", told)]);
        let Block::Table(kept) = &kept[0].blocks[0] else {
            panic!("no table");
        };
        assert!(kept.rows.iter().any(|row| row[0].text == "Satisfaction"));
    }
}
