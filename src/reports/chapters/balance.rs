//! The balance of the year, an axis of the convention a row.

use super::{assistance, chapter, comparison, quality, text, usage_row};
use crate::document::{Block, Chapter, Table};
use crate::french;
use crate::indicators::Figures;
use crate::reports::tables::text as cell;

pub(super) fn balance(figures: &Figures) -> Chapter {
    let axes: [(&str, &str, Option<String>); 7] = [
        ("2, 3.1", "Déploiement et comptes", deployment(figures)),
        ("3.4", "Usages", usage(figures)),
        ("3.1", "Disponibilité", quality::gap(figures)),
        (
            "3.2",
            "Assistance",
            assistance::sentences(figures).into_iter().last(),
        ),
        (
            "3.3",
            "Accompagnement",
            Some(super::governance::actions_sentence(figures)),
        ),
        ("3.4, 4.2", "Propositions", proposals(figures)),
        (
            "7",
            "Exécution de la convention",
            Some(super::governance::late(figures)),
        ),
    ];
    let rows = axes.into_iter().map(|(article, axis, said)| {
        let said = said.unwrap_or_else(|| "Non disponible.".into());
        vec![cell(article), cell(axis), cell(french::typeset(&said))]
    });
    let table = Table {
        caption: french::typeset("Bilan de l’année par axe de la convention"),
        header: ["Articles", "Axe", "Bilan"].map(str::to_owned).to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        ..Table::default()
    };
    let blocks = vec![
        text("Une ligne par axe ; les chapitres qui suivent en donnent le détail."),
        Block::Table(table),
    ];
    chapter("bilan", "Bilan de l’année par axe", blocks)
}

fn deployment(figures: &Figures) -> Option<String> {
    let row = usage_row(figures, false, "all", "all")?;
    let count = row.get("establishments").integer()?;
    let s = french::plural(count);
    Some(format!(
        "{} établissement{s} mesuré{s} et {} comptes chargés au {}, dont {} activés.",
        french::integer(count),
        french::shown(row.get("loaded_accounts")),
        french::date(figures.reference),
        french::shown_percent(row.get("activation_rate"), row.get("loaded_accounts"))
    ))
}

fn usage(figures: &Figures) -> Option<String> {
    let row = usage_row(figures, false, "all", "all")?;
    let before = usage_row(figures, true, "all", "all");
    let change = before.and_then(|before| {
        let change = comparison::in_a_year(figures, row.get("visits"), before.get("visits"))?;
        Some(format!(" ({change})"))
    });
    Some(format!(
        "{} visites{} de {} visiteurs, soit {} visiteurs pour 100 comptes.",
        french::shown(row.get("visits")),
        change.unwrap_or_default(),
        french::shown(row.get("visitors")),
        french::per_hundred(
            row.get("active_rate").number()?,
            row.get("loaded_accounts").integer()?
        )
    ))
}

fn proposals(figures: &Figures) -> Option<String> {
    let count = |state: &str| super::decisions::proposals(figures, &[state]).len() as i64;
    let states = ["proposée", "examinée", "validée", "refusée", "réalisée"];
    let told: Vec<String> = states
        .into_iter()
        .filter(|state| count(state) > 0)
        .map(|state| {
            format!(
                "{} {state}{}",
                french::integer(count(state)),
                french::plural(count(state))
            )
        })
        .collect();
    (!told.is_empty()).then(|| format!("Propositions au registre : {}.", told.join(", ")))
}
