//! What the registers tell: accompaniment, proposals, roadmap.

use super::text;
use crate::document::{Block, Chapter, Table};
use crate::french;
use crate::indicators::{Figures, RegisterRow};
use crate::reports::tables::text as cell;

pub(super) fn accompaniment(figures: &Figures) -> Chapter {
    let actions = figures.register("actions");
    let sum = |name: &str| {
        actions
            .iter()
            .filter_map(|row| row.get(name)?.parse::<i64>().ok())
            .sum::<i64>()
    };
    let count = actions.len() as i64;
    let mut blocks = vec![text(&match count {
        0 => {
            "Aucune action d’accompagnement n’est inscrite au registre pour la période.".to_owned()
        }
        n => format!(
            "{} action{} inscrite{} au registre : {} heures, {} participants.",
            french::integer(n),
            french::plural(n),
            french::plural(n),
            french::integer(sum("heures")),
            french::integer(sum("participants"))
        ),
    })];
    if count > 0 {
        let columns = [
            ("date", "Date"),
            ("type", "Type"),
            ("public", "Public"),
            ("departement", "Dép."),
            ("participants", "Participants"),
            ("bilan", "Bilan"),
        ];
        blocks.push(Block::Table(table(
            "Actions de formation et d’accompagnement",
            &columns,
            &actions,
        )));
    }
    let practices = figures.register("bonnes-pratiques");
    if !practices.is_empty() {
        let columns = [
            ("intitule", "Bonne pratique"),
            ("degre", "Degré"),
            ("description", "En quelques mots"),
        ];
        blocks.push(Block::Table(table(
            "Bonnes pratiques repérées",
            &columns,
            &practices,
        )));
    }
    Chapter {
        id: "accompagnement".into(),
        title: "Accompagnement et bonnes pratiques".into(),
        blocks,
    }
}

pub(super) fn proposals(figures: &Figures) -> Chapter {
    let rows: Vec<&RegisterRow> = figures.whole_register("propositions").iter().collect();
    let columns = [
        ("intitule", "Proposition"),
        ("porteur", "Portée par"),
        ("etat", "État"),
        ("date", "Depuis le"),
    ];
    let blocks = match rows.is_empty() {
        true => vec![text("Aucune proposition n’est inscrite au registre.")],
        false => vec![
            text(
                "Les propositions sont examinées par le comité de coordination et validées par le comité stratégique.",
            ),
            Block::Table(table("Propositions et leur état", &columns, &rows)),
        ],
    };
    Chapter {
        id: "propositions".into(),
        title: "Propositions".into(),
        blocks,
    }
}

pub(super) fn roadmap(figures: &Figures) -> Chapter {
    let rows: Vec<&RegisterRow> = figures.whole_register("feuille-de-route").iter().collect();
    let columns = [
        ("axe", "Axe"),
        ("action", "Action"),
        ("echeance", "Échéance"),
        ("responsable", "Responsable"),
        ("etat", "État"),
    ];
    let blocks = match rows.is_empty() {
        true => vec![text(
            "La feuille de route n’est pas encore inscrite au registre.",
        )],
        false => vec![
            text("Actions proposées à la validation du comité stratégique."),
            Block::Table(table(
                "Feuille de route de l’année scolaire à venir",
                &columns,
                &rows,
            )),
        ],
    };
    Chapter {
        id: "feuille-de-route".into(),
        title: "Feuille de route".into(),
        blocks,
    }
}

fn table(caption: &str, columns: &[(&str, &str)], rows: &[&RegisterRow]) -> Table {
    let value = |row: &RegisterRow, name: &str| {
        let text = row
            .get(name)
            .filter(|t| !t.is_empty())
            .cloned()
            .unwrap_or_else(|| "nd".into());
        let date = (name == "date").then(|| text.parse().ok()).flatten();
        date.map_or_else(|| french::typeset(&text), french::date)
    };
    Table {
        caption: french::typeset(caption),
        header: columns
            .iter()
            .map(|(_, title)| (*title).to_owned())
            .collect(),
        text_columns: columns.len(),
        rows: rows
            .iter()
            .map(|row| {
                columns
                    .iter()
                    .map(|(name, _)| cell(value(row, name)))
                    .collect()
            })
            .collect(),
        note: String::new(),
    }
}
