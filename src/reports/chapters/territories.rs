//! Départements side by side, and the establishments where nothing happens.

use super::comparison::change;
use super::{establishments, heading, level_label, text, unpublished, weekly};
use crate::charts::{Area, Range, areas, ranges};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::domain::Departement;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::Shown;
use crate::reports::tables::{number, rate, text as cell};

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut table = table(figures)
        .without_empty_columns()
        .without_hidden_changes();
    let codes: Vec<&str> = departements(figures).map(Departement::code).collect();
    table.sparks = (!codes.is_empty()).then(|| weekly::sparks(figures, &codes));
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(block(figures));
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
    let mut told = Vec::new();
    for departement in departements(figures) {
        let wanted = wanted(departement);
        let Some(row) = figures.table("usage").find(&wanted) else {
            continue;
        };
        told.push(row);
        let before = figures.table_before("usage").find(&wanted);
        rows.push(vec![
            cell(departement.name()),
            number(row.get("establishments")),
            number(row.get("loaded_accounts")),
            number(row.get("visitors")),
            rate(row.get("active_rate"), row.get("loaded_accounts")),
            number(row.get("visits")),
            change(
                figures,
                row.get("visits"),
                before.map(|before| before.get("visits")),
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
            "Une personne rattachée à des établissements de deux départements compte dans chacun d’eux.{}{}",
            super::leavers_note(told.into_iter()),
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
    if figures.is_broken() {
        return None;
    }
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

/// A département with its rate of visitors, or the sign in its place.
struct Rated {
    departement: Departement,
    value: Option<f64>,
    shown: String,
}

/// All of them, rounded alike: those that are shown first, the highest rate first.
fn rated(figures: &Figures) -> Vec<Rated> {
    let row = |departement| figures.table("usage").find(&wanted(departement));
    let rows = Departement::ALL.into_iter().filter_map(row);
    let shown = rows.filter(|row| row.get("active_rate").number().is_some());
    let base = super::common_base(shown.map(|row| row.get("loaded_accounts")));
    let mut all: Vec<Rated> = Departement::ALL
        .into_iter()
        .map(|departement| {
            let row = row(departement);
            let rate = row.map(|row| row.get("active_rate"));
            let value = rate.and_then(Shown::number);
            let sign = rate.map_or_else(|| "///".to_owned(), french::shown);
            Rated {
                departement,
                value,
                shown: value.map_or(sign, |value| french::percent(value, base)),
            }
        })
        .collect();
    let rank = |rated: &Rated| rated.value.unwrap_or(-1.0);
    all.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    all
}

/// Rates under so much of each other are shown on no map.
const SPREAD: f64 = 0.02;

/// The départements by their rate of visitors: a map, or a sentence where they are alike.
fn block(figures: &Figures) -> Option<Block> {
    let rated = rated(figures);
    let drawn = chart_of(figures, &rated)?;
    if spread_of(&rated) >= SPREAD {
        return Some(Block::Figure(drawn));
    }
    let hidden = rated
        .iter()
        .any(|of| of.value.is_none() && of.shown != "///");
    let published = if hidden { " publiés" } else { "" };
    let told: Vec<String> = shown_of(&rated).map(named).collect();
    let sentence = match told.len() {
        1 => format!("Taux de visiteurs par département : {}.", told[0]),
        _ => format!(
            "Les taux de visiteurs{published} des départements ne s’écartent pas de deux points : {}.",
            told.join(", ")
        ),
    };
    Some(unpublished::instead(drawn.data, &sentence))
}

fn shown_of(rated: &[Rated]) -> impl Iterator<Item = &Rated> {
    rated.iter().filter(|of| of.value.is_some())
}

/// `Nord 80,9 %`
fn named(of: &Rated) -> String {
    format!("{} {}", of.departement.name(), of.shown)
}

/// From the lowest to the highest rate that is shown.
fn spread_of(rated: &[Rated]) -> f64 {
    let shown = || shown_of(rated).filter_map(|of| of.value);
    shown().fold(0.0, f64::max) - shown().fold(f64::MAX, f64::min)
}

/// The map of the départements by their rate of visitors, where they differ.
pub(super) fn chart(figures: &Figures) -> Option<Figure> {
    let rated = rated(figures);
    let differ = spread_of(&rated) >= SPREAD;
    differ.then(|| chart_of(figures, &rated))?
}

fn chart_of(figures: &Figures, rated: &[Rated]) -> Option<Figure> {
    let first = shown_of(rated).next()?;
    let told: Vec<String> = shown_of(rated).map(named).collect();
    let drawn = rated.iter().map(|of| Area {
        code: of.departement.code(),
        name: of.departement.name().into(),
        value: of.value,
        shown: of.shown.clone(),
    });
    let drawn: Vec<Area> = drawn.collect();
    let rows = shown_of(rated).map(|of| {
        let rate = TableCell {
            text: of.shown.clone(),
            number: of.value,
            ratio: true,
        };
        vec![cell(of.departement.name()), rate]
    });
    Some(Figure {
        id: "departements".into(),
        title: french::typeset(&chart_title(rated)),
        subtitle: super::subtitle(
            figures,
            "Visiteurs pour 100 comptes chargés, par département",
        ),
        alt: french::typeset(&format!(
            "Carte des départements, plus foncée où le taux est plus élevé, et barres horizontales : {}.",
            told.join(", ")
        )),
        reading: french::typeset(&format!(
            "Lecture : {}, le taux de visiteurs est de {}.{}",
            super::in_departement(first.departement),
            first.shown,
            hidden_words(rated)
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
            rows: rows.collect(),
            ..Table::default()
        },
    })
}

/// What grey means, where some is grey.
fn hidden_words(rated: &[Rated]) -> &'static str {
    match rated.iter().all(|of| of.value.is_some()) {
        true => "",
        false => {
            " En gris : s, secret statistique ; ns, non significatif ; ///, sans établissement."
        }
    }
}

/// From the lowest to the highest, where none is hidden.
fn chart_title(rated: &[Rated]) -> String {
    let is_hidden = |of: &Rated| of.value.is_none() && of.shown != "///";
    let (first, last) = (shown_of(rated).next(), shown_of(rated).last());
    match first.zip(last) {
        Some((first, last)) if !rated.iter().any(is_hidden) => format!(
            "Le taux de visiteurs va de {} ({}) à {} ({})",
            last.shown,
            last.departement.name(),
            first.shown,
            first.departement.name()
        ),
        _ => "Taux de visiteurs par département".into(),
    }
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
            "dans le {} ({} établissements), un sur dix ne dépasse pas {} visites par compte, la moitié atteint {}, un sur dix atteint {}",
            label.to_lowercase(),
            french::shown(row.get("establishments")),
            shown[0],
            shown[1],
            shown[2]
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
            "Lecture : {first}. Aucun écart n’est donné pour moins de vingt établissements."
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
    const HANDED: &str = " ; la liste est remise aux comités de territoire.";
    let sentence = establishments::silence(figures);
    let has_some = establishments::is_silent(figures);
    text(&match has_some {
        true => format!("{}{HANDED}", sentence.trim_end_matches('.')),
        false => sentence,
    })
}
