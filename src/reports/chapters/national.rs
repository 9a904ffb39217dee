//! Beside the national measure of usage (DNMA), where both tell the same.

use super::{text, usage_row};
use crate::document::{Block, Chapter, Table, TableCell};
use crate::domain::Period;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{number, rate, text as cell};

/// Shares of visits in percent, from the open data of the national measure.
const NATIONAL: &str = include_str!("../../data/national.csv");
const SOURCE: &str = "Source : mesure nationale des usages (données ouvertes) ; observatoire.";
/// The school year that they are of.
const YEAR: &str = "2025-2026";

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = match figures.table("national_comparison").rows().next() {
        Some(first) => imported(figures, &first),
        None if is_later(figures) => vec![text(&format!(
            "La mesure nationale connue de l’observatoire est celle de l’année {YEAR}, postérieure à la période : aucun rapprochement n’est fait."
        ))],
        None => built_in(figures),
    };
    if !is_later(figures) {
        blocks.extend(devices(figures));
    }
    Chapter {
        id: "national".into(),
        title: "Comparaison nationale".into(),
        blocks,
    }
}

/// Whether the shares that are built in are of a later year than the period.
fn is_later(figures: &Figures) -> bool {
    Period::school_year_of(figures.period.first()).as_str() < YEAR
}

/// Beside the files of the national measure, of the same weeks.
fn imported(figures: &Figures, first: &ProtectedRow<'_>) -> Vec<Block> {
    let weeks = first.get("weeks").integer().unwrap_or(0);
    let places = first.get("marked_establishments").integer().unwrap_or(0);
    vec![
        text(&format!(
            "La mesure nationale (DNMA) compte les visites par un marqueur posé dans les pages, l’observatoire par les journaux. Les deux mesures sont mises côte à côte pour {} semaine{} de la période, que la mesure nationale couvre ; elle connaît {} établissement{} du périmètre, l’observatoire les compte tous. Elle ne voit pas les visites dont le marqueur est bloqué et rattache chaque compte à son premier établissement : le rapport entre les deux dit de combien elles s’écartent.",
            french::integer(weeks),
            french::plural(weeks),
            french::integer(places),
            french::plural(places),
        )),
        Block::Table(shares(figures)),
        Block::Table(counts(figures)),
    ]
}

/// The roles that both tell, those of the national measure in their order.
fn of_roles<'a>(figures: &'a Figures) -> impl Iterator<Item = (&'static str, ProtectedRow<'a>)> {
    let roles = NATIONAL
        .lines()
        .filter_map(|line| match line.split(',').collect::<Vec<_>>()[..] {
            ["visits", label, code, _] => Some((label, code)),
            _ => None,
        });
    roles
        .chain([("Ensemble", "all")])
        .filter_map(|(label, code)| {
            let row = figures
                .table("national_comparison")
                .find(&[("role", code)])?;
            Some((label, row))
        })
}

fn shares(figures: &Figures) -> Table {
    let rows = of_roles(figures).filter(|(_, row)| row.get("role").text() != "all");
    let rows = rows.map(|(label, row)| {
        vec![
            cell(label),
            rate(row.get("national_share"), row.get("national_visits")),
            rate(row.get("marked_share"), row.get("marked_visits")),
            rate(row.get("visit_share"), row.get("all_visits")),
        ]
    });
    let caption = "Part de chaque profil dans les visites des mêmes semaines";
    let header = [
        "Profil",
        "Mesure nationale, pays",
        "Mesure nationale, périmètre",
        "Observatoire",
    ];
    Table {
        note: french::typeset(SOURCE),
        ..compared(caption, &header, rows.collect())
    }
}

fn counts(figures: &Figures) -> Table {
    let rows = of_roles(figures).map(|(label, row)| {
        vec![
            cell(label),
            number(row.get("marked_visits")),
            number(row.get("visits")),
            ratio(row.get("ratio")),
        ]
    });
    let caption = "Visites du périmètre selon la mesure nationale et selon l’observatoire";
    let header = [
        "Profil",
        "Mesure nationale",
        "Observatoire",
        "Observatoire / mesure nationale",
    ];
    Table {
        note: french::typeset(&format!(
            "Lecture : un rapport supérieur à 1 veut dire que l’observatoire compte plus de visites que le marqueur. {SOURCE}"
        )),
        ..compared(caption, &header, rows.collect())
    }
}

/// Of two counts: two decimals.
fn ratio(value: &Shown) -> TableCell {
    let text = value.number().map(|ratio| french::decimal(ratio, 2));
    TableCell {
        text: text.unwrap_or_else(|| french::shown(value)),
        ..number(value)
    }
}

fn compared(caption: &str, header: &[&str], rows: Vec<Vec<TableCell>>) -> Table {
    Table {
        caption: french::typeset(caption),
        header: header.iter().map(|name| french::typeset(name)).collect(),
        text_columns: 1,
        rows,
        ..Table::default()
    }
}

/// Beside the shares of a whole year that are built in.
fn built_in(figures: &Figures) -> Vec<Block> {
    let year = Period::school_year_of(figures.period.first());
    let mut blocks = vec![text(&format!(
        "La mesure nationale (DNMA) compte les visites par un marqueur posé dans les pages, l’observatoire par les journaux : les niveaux ne se comparent pas, les parts davantage. Les parts nationales sont celles de l’année {YEAR}. Les parts par profil dépendent aussi du poids de chaque degré, qui n’est pas le même ici et dans le pays."
    ))];
    if year != YEAR {
        blocks.push(text(&format!(
            "La période de ce document est de l’année {year} : rapprochement à titre indicatif."
        )));
    }
    blocks.push(Block::Table(table(
        "Part de chaque profil dans les visites, mesure nationale et périmètre",
        ["Profil", "Mesure nationale", "Périmètre"],
        "visits",
        |role| {
            let row = usage_row(figures, false, "all", role)?;
            Some((row.get("visit_share"), row.get("all_visits")))
        },
    )));
    blocks
}

/// What visits are made with: the national shares are those that are built in.
fn devices(figures: &Figures) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (measure, role, name) in [
        ("student_devices", "student", "élèves"),
        ("parent_devices", "parent", "parents"),
    ] {
        blocks.push(Block::Table(table(
            &format!("Équipement des visites des {name}, mesure nationale {YEAR} et périmètre"),
            ["Équipement", "Mesure nationale", "Périmètre"],
            measure,
            |device| {
                let row = figures.table("devices").find(&[
                    ("level", "all"),
                    ("role", role),
                    ("device", device),
                ])?;
                Some((row.get("share"), row.get("known_visits")))
            },
        )));
    }
    blocks.push(text("L’application mobile n’est pas distinguée par la mesure nationale : les parts du périmètre ne font pas 100 % à elles trois quand elle est utilisée."));
    blocks
}

fn table<'a>(
    caption: &str,
    header: [&str; 3],
    measure: &str,
    ours: impl Fn(&str) -> Option<(&'a Shown, &'a Shown)>,
) -> Table {
    let mut rows = Vec::new();
    for line in NATIONAL.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [of, label, code, value] = cells[..] else {
            continue;
        };
        if of != measure {
            continue;
        }
        let percent: f64 = value.parse().unwrap_or(0.0);
        let national = TableCell {
            text: format!("{}\u{a0}%", french::decimal(percent, 1)),
            number: Some(percent / 100.0),
            ratio: true,
        };
        let here = ours(code).map_or_else(|| cell("nd"), |(share, base)| rate(share, base));
        rows.push(vec![cell(label), national, here]);
    }
    Table {
        caption: french::typeset(caption),
        header: header.map(str::to_owned).to_vec(),
        text_columns: 1,
        rows,
        note: french::typeset(SOURCE),
        ..Table::default()
    }
}
