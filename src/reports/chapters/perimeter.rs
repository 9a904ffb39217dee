//! Establishments measured, accounts loaded and activated.

use super::{ROLES, level_label, levels, role_label, text, usage_row};
use crate::charts::{Bar, bars, role_colour};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::domain::Departement;
use crate::french;
use crate::indicators::{Figures, Scope};
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{number, rate, text as cell};

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let sums = match levels(figures).len() {
        1 => "",
        _ => " : les lignes par degré ne s’additionnent donc pas",
    };
    Chapter {
        id: "perimetre".into(),
        title: "Périmètre et comptes".into(),
        blocks: vec![
            text(&format!(
                "Les comptes sont ceux de l’annuaire au {}. Une personne rattachée à plusieurs établissements compte une fois dans chaque total{sums}.",
                french::date(figures.reference)
            )),
            Block::Table(accounts(figures)),
            Block::Figure(activation(figures)),
        ]
        .into_iter()
        .chain(by_departement(figures).map(Block::Table))
        .collect(),
    }
}

/// Accounts of each département of the region; a perimeter has no other one beside it.
fn by_departement(figures: &Figures) -> Option<Table> {
    if figures.scope != Scope::region() {
        return None;
    }
    let rows = Departement::ALL.iter().filter_map(|departement| {
        let row = figures.table("usage").find(&[
            ("node_kind", "departement"),
            ("node", departement.code()),
            ("level", "all"),
            ("role", "all"),
        ])?;
        let mut cells = vec![cell(departement.name())];
        cells.extend(counted(&row));
        Some(cells)
    });
    let rows: Vec<_> = rows.collect();
    (rows.len() > 1).then(|| Table {
        caption: "Comptes chargés et activés par département".into(),
        header: head(&["Département"]),
        text_columns: 1,
        rows,
        note: french::typeset(
            "Une personne rattachée à des établissements de deux départements compte dans chacun d’eux.",
        ),
        ..Table::default()
    })
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
        header: head(&["Degré", "Profil"]),
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
    let mut cells = vec![cell(level_label(level)), cell(role_label(role))];
    cells.extend(counted(&row));
    Some(cells)
}

/// Columns that name a row, then those of [`counted`].
fn head(names: &[&str]) -> Vec<String> {
    const COUNTED: [&str; 4] = ["Établissements", "Chargés", "Activés", "Taux d’activation"];
    let all = names.iter().chain(&COUNTED);
    all.map(|name| (*name).to_owned()).collect()
}

fn counted(row: &ProtectedRow<'_>) -> [TableCell; 4] {
    [
        number(row.get("establishments")),
        number(row.get("loaded_accounts")),
        number(row.get("activated_accounts")),
        rate(row.get("activation_rate"), row.get("loaded_accounts")),
    ]
}

/// Rows of the roles of all levels, with their label.
fn of_roles(figures: &Figures) -> Vec<(&'static str, ProtectedRow<'_>)> {
    let rows = ROLES
        .into_iter()
        .filter_map(|role| Some((role, usage_row(figures, false, "all", role)?)));
    rows.collect()
}

pub(super) fn activation(figures: &Figures) -> Figure {
    let (shown, hidden): (Vec<_>, Vec<_>) = of_roles(figures)
        .into_iter()
        .partition(|(_, row)| row.get("activation_rate").number().is_some());
    let bases = shown.iter().map(|(_, row)| row.get("loaded_accounts"));
    let base = super::common_base(bases);
    let drawn: Vec<Bar> = shown
        .iter()
        .map(|(role, row)| {
            let value = row.get("activation_rate").number().unwrap_or(0.0);
            Bar {
                label: role_label(role).into(),
                value,
                shown: french::percent(value, base),
                colour: role_colour(role),
            }
        })
        .collect();
    let rows = of_roles(figures).into_iter().map(|(role, row)| {
        let rate = rate(row.get("activation_rate"), &Shown::Integer(base));
        vec![cell(role_label(role)), rate]
    });
    let hidden: Vec<String> = hidden
        .iter()
        .map(|(role, _)| role_label(role).to_lowercase())
        .collect();
    let told: Vec<String> = drawn
        .iter()
        .map(|b| format!("{} {}", b.label, b.shown))
        .collect();
    Figure {
        id: "activation".into(),
        title: french::typeset(&activation_title(&drawn, hidden.is_empty())),
        subtitle: super::subtitle(figures, "Taux d’activation des comptes par profil"),
        alt: french::typeset(&format!(
            "Barres horizontales des taux d’activation : {}.",
            told.join(", ")
        )),
        reading: french::typeset(&activation_reading(&drawn, &hidden)),
        champ: super::champ(figures),
        source: super::source(),
        svg: bars(&drawn),
        data: Table {
            caption: "Taux d’activation par profil".into(),
            header: ["Profil", "Taux d’activation"].map(str::to_owned).to_vec(),
            text_columns: 1,
            rows: rows.collect(),
            ..Table::default()
        },
    }
}

/// The lowest, where no role is hidden and no two look alike.
fn activation_title(drawn: &[Bar], are_shown: bool) -> String {
    let lowest = drawn.iter().min_by(|a, b| a.value.total_cmp(&b.value));
    let alike = |bar: &Bar| {
        drawn
            .iter()
            .filter(|other| other.shown == bar.shown)
            .count()
    };
    match lowest {
        Some(bar) if drawn.len() > 1 && are_shown && alike(bar) == 1 => format!(
            "L’activation est la plus faible chez les {} : {}",
            bar.label.to_lowercase(),
            bar.shown
        ),
        _ => "Taux d’activation par profil".into(),
    }
}

fn activation_reading(drawn: &[Bar], hidden: &[String]) -> String {
    let Some(first) = drawn.first() else {
        return String::new();
    };
    let not_shown = match hidden {
        [] => String::new(),
        _ => format!(" Non montrés : {}.", hidden.join(", ")),
    };
    format!(
        "Lecture : {} des comptes « {} » sont activés.{not_shown}",
        first.shown, first.label
    )
}
