//! Départements side by side, and the establishments where nothing happens.

use super::{heading, level_label, text, weekly};
use crate::charts::{Area, Range, areas, ranges};
use crate::document::{Block, Chapter, Figure, Table};
use crate::domain::Departement;
use crate::french;
use crate::indicators::Figures;
use crate::reports::tables::{change, number, rate, text as cell};

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut table = table(figures).without_empty_columns();
    let codes: Vec<&str> = departements(figures).map(Departement::code).collect();
    table.sparks = (!codes.is_empty()).then(|| weekly::sparks(figures, &codes));
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(chart(figures).map(Block::Figure));
    blocks.extend(weekly::by_departement(figures).map(Block::Figure));
    blocks.push(heading("Écarts entre établissements"));
    blocks.extend(spread(figures).map(Block::Figure));
    blocks.push(silent(figures));
    Chapter {
        id: "territoires".into(),
        title: "Territoires".into(),
        blocks,
    }
}

/// What finds a département in the table of usage.
fn wanted(departement: Departement) -> [(&'static str, &'static str); 4] {
    [
        ("node_kind", "departement"),
        ("node", departement.code()),
        ("level", "all"),
        ("role", "all"),
    ]
}

/// Those with establishments.
fn departements(figures: &Figures) -> impl Iterator<Item = Departement> {
    let usage = figures.table("usage");
    let all = Departement::ALL.into_iter();
    all.filter(move |departement| usage.find(&wanted(*departement)).is_some())
}

fn table(figures: &Figures) -> Table {
    let mut rows = Vec::new();
    for departement in departements(figures) {
        let wanted = wanted(departement);
        let Some(row) = figures.table("usage").find(&wanted) else {
            continue;
        };
        let before = figures.table_before("usage").find(&wanted);
        rows.push(vec![
            cell(departement.name()),
            number(row.get("establishments")),
            number(row.get("loaded_accounts")),
            number(row.get("visitors")),
            rate(row.get("active_rate"), row.get("loaded_accounts")),
            number(row.get("visits")),
            before.map_or_else(
                || cell("nd"),
                |b| change(row.get("visits"), b.get("visits")),
            ),
        ]);
    }
    Table {
        caption: "Usages par département".into(),
        header: [
            "Département",
            "Établissements",
            "Comptes",
            "Visiteurs",
            "Taux de visiteurs",
            "Visites",
            "Évolution sur un an",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 1,
        rows,
        note: french::typeset(&format!(
            "Une personne rattachée à des établissements de deux départements compte dans chacun d’eux.{}",
            super::comparison_note(figures)
        )),
        ..Table::default()
    }
}

/// How much more visits a département has than a year before: a ratio less one.
pub(super) struct Change {
    pub departement: Departement,
    pub change: f64,
}

/// Of every département, or nothing where one of them is hidden, has fewer visits than
/// `least` to start from, or not about as many establishments as a year before.
pub(super) fn changes(figures: &Figures, least: f64) -> Option<Vec<Change>> {
    let change = |departement: Departement| {
        let wanted = wanted(departement);
        let now = figures.table("usage").find(&wanted)?;
        let before = figures.table_before("usage").find(&wanted)?;
        let places = [&now, &before].map(|row| row.get("establishments").number());
        let (places, places_before) = (places[0]?, places[1]?);
        let visits = before.get("visits").number().filter(|v| *v >= least)?;
        let is_alike = (places - places_before).abs() <= 0.02 * places_before;
        is_alike.then_some(())?;
        Some(Change {
            departement,
            change: now.get("visits").number()? / visits - 1.0,
        })
    };
    departements(figures).map(change).collect()
}

/// The map of the départements by their share of visitors.
pub(super) fn chart(figures: &Figures) -> Option<Figure> {
    let mut found: Vec<(Departement, f64, String)> = Vec::new();
    let mut rows = Vec::new();
    for departement in departements(figures) {
        let wanted = wanted(departement);
        let Some(row) = figures.table("usage").find(&wanted) else {
            continue;
        };
        let (Some(value), base) = (row.get("active_rate").number(), row.get("loaded_accounts"))
        else {
            continue;
        };
        rows.push(vec![
            cell(departement.name()),
            rate(row.get("active_rate"), base),
        ]);
        found.push((
            departement,
            value,
            french::shown_percent(row.get("active_rate"), base),
        ));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let (first, last) = (found.first()?, found.last()?);
    let title = if first.1 - last.1 >= 0.03 {
        format!(
            "Le taux de visiteurs va de {} ({}) à {} ({})",
            last.2,
            last.0.name(),
            first.2,
            first.0.name()
        )
    } else {
        "Les taux de visiteurs des départements sont proches".into()
    };
    let told: Vec<String> = found
        .iter()
        .map(|(d, _, shown)| format!("{} {shown}", d.name()))
        .collect();
    let mut drawn: Vec<Area> = found
        .iter()
        .map(|(departement, value, shown)| Area {
            code: departement.code(),
            name: departement.name().into(),
            value: Some(*value),
            shown: shown.clone(),
        })
        .collect();
    // One that is not shown has its place on the map, and no value.
    let hidden = Departement::ALL.into_iter();
    drawn.extend(
        hidden
            .filter(|all| !found.iter().any(|(known, ..)| known == all))
            .map(|departement| Area {
                code: departement.code(),
                name: departement.name().into(),
                value: None,
                shown: "nd".into(),
            }),
    );
    Some(Figure {
        id: "departements".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(
            figures,
            "Part des comptes ayant fait au moins une visite, par département",
        ),
        alt: french::typeset(&format!(
            "Carte des départements, plus foncée où le taux est plus élevé, et barres horizontales : {}.",
            told.join(", ")
        )),
        reading: french::typeset(&format!(
            "Lecture : {}, {} des comptes ont fait au moins une visite.",
            first.0.name(),
            first.2
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: areas(&drawn),
        data: Table {
            caption: "Taux de visiteurs par département".into(),
            header: ["Département", "Taux de visiteurs"]
                .map(str::to_owned)
                .to_vec(),
            text_columns: 1,
            rows,
            note: String::new(),
            ..Table::default()
        },
    })
}

/// Visits for a loaded account: the tenth, the middle and the ninth tenth of the
/// establishments of each level.
fn spread(figures: &Figures) -> Option<Figure> {
    let mut drawn = Vec::new();
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for row in figures.table("spread").select(&[("grouping", "all")]) {
        let columns = ["p10", "median", "p90"].map(|name| row.get(name));
        let [Some(low), Some(middle), Some(high)] = columns.map(|value| value.number()) else {
            continue;
        };
        let label = level_label(row.get("level").text());
        let shown = [low, middle, high].map(|value| french::decimal(value, 1));
        told.push(format!(
            "{} ({} établissements) : de {} à {}, médiane {}",
            label.to_lowercase(),
            french::shown(row.get("establishments")),
            shown[0],
            shown[2],
            shown[1]
        ));
        let mut cells = vec![cell(label), number(row.get("establishments"))];
        cells.extend(columns.map(number));
        rows.push(cells);
        drawn.push(Range {
            label: label.into(),
            values: [low, middle, high],
            shown,
        });
    }
    let first = told.first()?.clone();
    let title = drawn.first().map_or_else(String::new, |range| {
        format!(
            "{} : un établissement sur dix ne dépasse pas {} visites par compte, un sur dix atteint {}",
            range.label, range.shown[0], range.shown[2]
        )
    });
    Some(Figure {
        id: "ecarts".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(
            figures,
            "Visites par compte chargé : premier décile, médiane et neuvième décile des établissements",
        ),
        alt: french::typeset(&format!(
            "Un segment par degré, du premier au neuvième décile. {}.",
            told.join(" ; ")
        )),
        reading: french::typeset(&format!(
            "Lecture : {first}. Aucun écart n’est donné pour moins de dix établissements."
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: ranges(&drawn),
        data: Table {
            caption: "Visites par compte chargé selon l’établissement".into(),
            header: [
                "Degré",
                "Établissements",
                "1er décile",
                "Médiane",
                "9e décile",
            ]
            .map(str::to_owned)
            .to_vec(),
            text_columns: 1,
            rows,
            note: String::new(),
            ..Table::default()
        },
    })
}

fn silent(figures: &Figures) -> Block {
    let table = figures.table("establishments");
    let total = table.rows().count() as i64;
    let silent = table
        .rows()
        .filter(|row| row.get("visits").integer() == Some(0))
        .count() as i64;
    let sentence = match silent {
        0 => format!(
            "Aucun des {} établissements mesurés n’est resté sans visite.",
            french::integer(total)
        ),
        1 => format!(
            "Un établissement sur {} n’a eu aucune visite ; la liste est remise aux comités de territoire.",
            french::integer(total)
        ),
        n => format!(
            "{} établissements sur {} n’ont eu aucune visite ; la liste est remise aux comités de territoire.",
            french::integer(n),
            french::integer(total)
        ),
    };
    text(&sentence)
}
