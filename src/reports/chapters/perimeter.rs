//! Establishments measured, accounts loaded and activated.

use super::{ROLES, level_label, levels, role_label, text, usage_row};
use crate::charts::{Bar, bars, role_colour};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::french;
use crate::indicators::Figures;
use crate::reports::tables::{number, rate, text as cell};

pub(super) fn chapter(figures: &Figures) -> Chapter {
    Chapter {
        id: "perimetre".into(),
        title: "Périmètre et comptes".into(),
        blocks: vec![
            text(&format!(
                "Les comptes sont ceux de l’annuaire au {}. Une personne rattachée à plusieurs établissements compte une fois dans chaque total : les lignes par degré ne s’additionnent donc pas.",
                french::date(figures.reference)
            )),
            Block::Table(accounts(figures)),
            Block::Figure(activation(figures)),
        ],
    }
}

fn accounts(figures: &Figures) -> Table {
    let mut rows = Vec::new();
    for level in levels(figures) {
        for role in ROLES.into_iter().chain(["all"]) {
            rows.extend(row(figures, level, role));
        }
    }
    Table {
        caption: "Comptes chargés et activés par degré et profil".into(),
        header: [
            "Degré",
            "Profil",
            "Établissements",
            "Chargés",
            "Activés",
            "Taux d’activation",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 2,
        rows,
        note: french::typeset(
            "Champ : établissements en service ; comptes au dernier annuaire reçu.",
        ),
        ..Table::default()
    }
}

fn row(figures: &Figures, level: &str, role: &str) -> Option<Vec<TableCell>> {
    let row = usage_row(figures, false, level, role)?;
    Some(vec![
        cell(level_label(level)),
        cell(role_label(role)),
        number(row.get("establishments")),
        number(row.get("loaded_accounts")),
        number(row.get("activated_accounts")),
        rate(row.get("activation_rate"), row.get("loaded_accounts")),
    ])
}

fn activation(figures: &Figures) -> Figure {
    let mut drawn = Vec::new();
    let mut rows = Vec::new();
    let mut reading = String::new();
    let mut hidden = Vec::new();
    for role in ROLES {
        let Some(row) = usage_row(figures, false, "all", role) else {
            continue;
        };
        if row.get("activation_rate").number().is_none() {
            hidden.push(role_label(role).to_lowercase());
        }
        let (Some(value), base) = (
            row.get("activation_rate").number(),
            row.get("loaded_accounts"),
        ) else {
            continue;
        };
        let shown = french::shown_percent(row.get("activation_rate"), base);
        if reading.is_empty() {
            reading = format!(
                "Lecture : {shown} des comptes « {} » sont activés.",
                role_label(role)
            );
        }
        rows.push(vec![
            cell(role_label(role)),
            rate(row.get("activation_rate"), base),
        ]);
        drawn.push(Bar {
            label: role_label(role).into(),
            value,
            shown,
            colour: role_colour(role),
        });
    }
    let lowest = drawn.iter().min_by(|a, b| a.value.total_cmp(&b.value));
    let title = match lowest {
        Some(bar) if drawn.len() > 1 && hidden.is_empty() => format!(
            "L’activation est la plus faible chez les {} : {}",
            bar.label.to_lowercase(),
            bar.shown
        ),
        _ => "Taux d’activation par profil".into(),
    };
    if !hidden.is_empty() && !reading.is_empty() {
        reading.push_str(&format!(" Non montrés : {}.", hidden.join(", ")));
    }
    let told: Vec<String> = drawn
        .iter()
        .map(|b| format!("{} {}", b.label, b.shown))
        .collect();
    Figure {
        id: "activation".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, "Taux d’activation des comptes par profil"),
        alt: french::typeset(&format!(
            "Barres horizontales des taux d’activation : {}.",
            told.join(", ")
        )),
        reading: french::typeset(&reading),
        champ: super::champ(figures),
        source: super::source(),
        svg: bars(&drawn),
        data: Table {
            caption: "Taux d’activation par profil".into(),
            header: ["Profil", "Taux d’activation"].map(str::to_owned).to_vec(),
            text_columns: 1,
            rows,
            note: String::new(),
            ..Table::default()
        },
    }
}
