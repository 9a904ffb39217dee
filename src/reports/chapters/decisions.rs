//! What a committee is asked to decide, from registers and figures.

use super::{chapter, text};
use crate::document::{Block, Chapter};
use crate::french;
use crate::indicators::{Figures, RegisterRow};

fn field<'a>(row: &'a RegisterRow, name: &str) -> &'a str {
    row.get(name).map_or("", String::as_str)
}

/// Proposals in one of some states.
pub(super) fn proposals<'a>(figures: &'a Figures, states: &[&str]) -> Vec<&'a RegisterRow> {
    let mut rows = figures.register_to_date("propositions");
    rows.retain(|row| states.contains(&field(row, "etat")));
    rows
}

/// Duties of the convention that are late.
pub(super) fn late(figures: &Figures) -> Vec<String> {
    let rows = figures.table("convention").rows();
    let rows = rows.filter(|row| row.get("state").text() == "en retard");
    rows.map(|row| row.get("duty").text().to_owned()).collect()
}

/// Decisions of the strategic committee, a sentence each.
pub(super) fn of_costra(figures: &Figures) -> Vec<String> {
    let examined = proposals(figures, &["examinée"]);
    let mut asked: Vec<String> = examined
        .into_iter()
        .map(|row| {
            format!(
                "Valider ou refuser la proposition « {} » (porteur : {}).",
                field(row, "intitule"),
                field(row, "porteur")
            )
        })
        .collect();
    asked.extend(roadmap(figures));
    asked.extend(postponed(&late(figures)));
    typeset(&asked)
}

fn postponed(duties: &[String]) -> Option<String> {
    let told = || {
        format!(
            "Fixer une date pour ce qui est en retard : {}.",
            duties.join(" ; ")
        )
    };
    (!duties.is_empty()).then(told)
}

fn roadmap(figures: &Figures) -> Option<String> {
    let actions = figures.roadmap().len() as i64;
    (actions > 0).then(|| {
        format!(
            "Valider la feuille de route de l’année scolaire {} ({} action{}).",
            figures.next_year(),
            french::integer(actions),
            french::plural(actions)
        )
    })
}

/// What the coordination committee has to settle or to prepare.
pub(super) fn of_coordination(figures: &Figures) -> Vec<String> {
    let proposed = proposals(figures, &["proposée"]);
    let mut asked: Vec<String> = proposed
        .into_iter()
        .map(|row| format!("Examiner la proposition « {} ».", field(row, "intitule")))
        .collect();
    asked.extend(proposals(figures, &["examinée"]).into_iter().map(|row| {
        format!(
            "Transmettre au comité stratégique la proposition « {} ».",
            field(row, "intitule")
        )
    }));
    asked.extend(postponed(&late(figures)));
    typeset(&asked)
}

fn typeset(sentences: &[String]) -> Vec<String> {
    sentences
        .iter()
        .map(|sentence| french::typeset(sentence))
        .collect()
}

/// The chapter that ends a report to a committee.
pub(super) fn asked(items: Vec<String>) -> Chapter {
    let blocks = match items.is_empty() {
        true => vec![text(
            "Aucune décision n’est demandée au comité d’après les registres.",
        )],
        false => vec![
            text(
                "D’après les registres des propositions, de la feuille de route et des réunions :",
            ),
            Block::List { items },
        ],
    };
    chapter("decisions", "Décisions demandées", blocks)
}
