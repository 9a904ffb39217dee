//! The establishments of a territory, one by one: for its steering committee.

use super::{chapter, text};
use crate::charts::{BLUE, GREY, ORANGE, Spot, spots};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::domain::Departement;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::ProtectedRow;
use crate::reports::tables::{change, number, rate, text as cell};
use plotters::style::RGBColor;
use std::collections::BTreeMap;

/// Rows of a list that the PDF prints.
const PRINTED: usize = 40;
/// A loss of so much of the visits, of at least so many, is a drop.
pub(super) const DROP: f64 = -0.3;
const ENOUGH: f64 = 50.0;
const TYPES: [(&str, &str); 6] = [
    ("ECOLE", "École"),
    ("COLLEGE", "Collège"),
    ("LYCEE", "Lycée"),
    ("LYCEE AGRICOLE", "Lycée agricole"),
    ("LYCEE PRO", "Lycée professionnel"),
    ("EREA", "EREA"),
];

pub(super) fn establishments(figures: &Figures) -> Chapter {
    let mut blocks = vec![text(
        "Une personne rattachée à plusieurs établissements compte dans chacun d’eux : ces lignes ne s’additionnent pas.",
    )];
    blocks.extend(map(figures).map(Block::Figure));
    blocks.extend(silent(figures));
    blocks.extend(dropped(figures));
    blocks.push(Block::Table(all(figures)));
    chapter("etablissements", "Établissements", blocks)
}

/// The name of a type of establishment.
pub(super) fn type_label(code: &str) -> String {
    if code == "all" {
        return "Ensemble".into();
    }
    let known = TYPES.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| code.to_lowercase(), |(_, label)| (*label).to_owned())
}

fn visits(row: &ProtectedRow<'_>) -> Option<i64> {
    row.get("visits").integer()
}

/// What each is, at the left of every list.
fn named(row: &ProtectedRow<'_>) -> Vec<TableCell> {
    vec![
        cell(row.get("name").text()),
        cell(row.get("commune").text()),
        cell(type_label(row.get("type").text())),
    ]
}

/// Establishments of which nobody came at all.
fn silent(figures: &Figures) -> Vec<Block> {
    let table = figures.table("establishments");
    let all = table.rows().count() as i64;
    let silent: Vec<_> = table.rows().filter(|row| visits(row) == Some(0)).collect();
    let rows = silent.iter().map(|row| {
        let mut cells = named(row);
        cells.push(number(row.get("loaded_accounts")));
        cells
    });
    let list = Table {
        caption: french::typeset("Établissements sans aucune visite sur la période"),
        header: ["Établissement", "Commune", "Type", "Comptes chargés"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        printed: Some(PRINTED),
        note: french::typeset("Champ : établissements qui ont des comptes à la date des données."),
        ..Table::default()
    };
    let said = match silent.len() as i64 {
        0 => format!(
            "Aucun des {} établissements n’est resté sans visite.",
            french::integer(all)
        ),
        n => format!(
            "{} établissement{} sur {} n’{} eu aucune visite.",
            french::integer(n),
            french::plural(n),
            french::integer(all),
            if n < 2 { "a" } else { "ont" },
        ),
    };
    let mut blocks = vec![text(&said)];
    if !silent.is_empty() {
        blocks.push(Block::Table(list));
    }
    blocks
}

/// Rows of the year before, by establishment.
fn before(figures: &Figures) -> BTreeMap<&str, ProtectedRow<'_>> {
    let rows = figures.table_before("establishments").rows();
    rows.map(|row| (row.get("uai").text(), row)).collect()
}

/// The change of visits in a year of those of which enough are shown of both, with its
/// rows now and before.
pub(super) fn compared(figures: &Figures) -> Vec<(f64, ProtectedRow<'_>, ProtectedRow<'_>)> {
    let before = before(figures);
    let rows = figures.table("establishments").rows();
    let compared = rows.filter_map(|row| {
        let old = before.get(row.get("uai").text())?;
        let (now, then) = (row.get("visits").number()?, old.get("visits").number()?);
        (then >= ENOUGH).then(|| (now / then - 1.0, row, *old))
    });
    compared.collect()
}

/// Those whose visits fell most; where nobody came any more, another list tells them.
fn dropped(figures: &Figures) -> Option<Block> {
    let mut found = compared(figures);
    found.retain(|(loss, ..)| *loss <= DROP && *loss > -1.0);
    found.sort_by(|a, b| {
        a.0.total_cmp(&b.0)
            .then(a.1.get("uai").text().cmp(b.1.get("uai").text()))
    });
    let rows = found.iter().map(|(_, row, old)| {
        let mut cells = named(row);
        cells.extend([
            number(old.get("visits")),
            number(row.get("visits")),
            change(row.get("visits"), old.get("visits")),
        ]);
        cells
    });
    let table = Table {
        caption: french::typeset(
            "Établissements dont les visites ont baissé de 30 % ou plus sur un an",
        ),
        header: [
            "Établissement",
            "Commune",
            "Type",
            "Un an avant",
            "Visites",
            "Évolution",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        printed: Some(PRINTED),
        note: french::typeset(&format!(
            "Champ : établissements d’au moins 50 visites un an avant.{}",
            super::comparison_note(figures)
        )),
        ..Table::default()
    };
    (!found.is_empty()).then_some(Block::Table(table))
}

/// All of them, with their change.
fn all(figures: &Figures) -> Table {
    let before = before(figures);
    let rows = figures.table("establishments").rows().map(|row| {
        let old = before.get(row.get("uai").text());
        let mut cells = named(&row);
        cells.extend([
            number(row.get("loaded_accounts")),
            number(row.get("visitors")),
            rate(row.get("active_rate"), row.get("loaded_accounts")),
            number(row.get("visits")),
            old.map_or_else(
                || cell("nd"),
                |old| change(row.get("visits"), old.get("visits")),
            ),
        ]);
        cells
    });
    let table = Table {
        caption: french::typeset("Usages de chaque établissement"),
        header: [
            "Établissement",
            "Commune",
            "Type",
            "Comptes",
            "Visiteurs",
            "Taux de visiteurs",
            "Visites",
            "Évolution sur un an",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        printed: Some(PRINTED),
        note: french::typeset(&format!(
            "s : secret statistique ; ns : taux non significatif, moins de 30 comptes ; nd : non disponible.{}",
            super::comparison_note(figures)
        )),
        ..Table::default()
    };
    table.without_empty_columns()
}

/// What an establishment is on the map.
fn class(row: &ProtectedRow<'_>) -> RGBColor {
    match (visits(row), row.get("active_rate").number()) {
        (Some(0), _) => ORANGE,
        (_, Some(share)) if share >= 0.5 => BLUE,
        (_, Some(_)) => super::LIGHT,
        _ => GREY,
    }
}

/// Where the establishments are, by their share of visitors.
fn map(figures: &Figures) -> Option<Figure> {
    let table = figures.table("establishments");
    let mut drawn = Vec::new();
    let mut codes: Vec<&str> = Vec::new();
    for row in table.rows() {
        codes.push(row.get("departement").text());
        let place = row
            .get("longitude")
            .number()
            .zip(row.get("latitude").number());
        drawn.extend(place.map(|(longitude, latitude)| Spot {
            longitude,
            latitude,
            colour: class(&row),
        }));
    }
    codes.retain(|code| Departement::ALL.iter().any(|known| known.code() == *code));
    codes.sort_unstable();
    codes.dedup();
    if drawn.is_empty() || codes.is_empty() {
        return None;
    }
    let count = |colour: RGBColor| drawn.iter().filter(|spot| spot.colour == colour).count() as i64;
    let key = [
        ("La moitié des comptes ou plus", BLUE),
        ("Moins de la moitié", super::LIGHT),
        ("Aucune visite", ORANGE),
        ("Secret ou non significatif", GREY),
    ];
    let key = key.map(|(name, colour)| {
        (
            format!("{name} ({})", french::integer(count(colour))),
            colour,
        )
    });
    let total = table.rows().count() as i64;
    let told: Vec<&str> = key.iter().map(|(name, _)| name.as_str()).collect();
    Some(Figure {
        id: "carte-etablissements".into(),
        title: french::typeset(&match count(BLUE) {
            0 => "Les établissements et leur part de comptes venus".to_owned(),
            n => format!(
                "Dans {} établissement{} sur {}, la moitié des comptes ou plus sont venus",
                french::integer(n),
                french::plural(n),
                french::integer(total)
            ),
        }),
        subtitle: super::subtitle(
            figures,
            "Établissements selon la part des comptes ayant fait au moins une visite",
        ),
        alt: french::typeset(&format!(
            "Carte du territoire, un point par établissement. {}. Le tableau des établissements en donne le détail.",
            told.join(" ; ")
        )),
        reading: french::typeset(&format!(
            "Lecture : un point par établissement dont les coordonnées sont connues, {} sur {}.",
            french::integer(drawn.len() as i64),
            french::integer(total)
        )),
        champ: super::champ(figures),
        source: french::typeset(
            "Source : observatoire des usages ; fonds IGN Admin Express 2018, simplifié.",
        ),
        svg: spots(&codes, &drawn, &key),
        data: all(figures),
    })
}
