//! Beside the national measure of usage (DNMA), where both tell the same.

use super::{text, usage_row};
use crate::document::{Block, Chapter, Table, TableCell};
use crate::domain::Period;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::Shown;
use crate::reports::tables::{rate, text as cell};

/// Shares of visits in percent, from the open data of the national measure.
const NATIONAL: &str = include_str!("../../data/national.csv");
/// The school year that they are of.
const YEAR: &str = "2025-2026";

pub(super) fn chapter(figures: &Figures) -> Chapter {
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
    for (measure, role, name) in [
        ("student_devices", "student", "élèves"),
        ("parent_devices", "parent", "parents"),
    ] {
        blocks.push(Block::Table(table(
            &format!("Équipement des visites des {name}, mesure nationale et périmètre"),
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
    Chapter {
        id: "national".into(),
        title: "Comparaison nationale".into(),
        blocks,
    }
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
        note: french::typeset(
            "Source : mesure nationale des usages (données ouvertes) ; observatoire.",
        ),
        ..Table::default()
    }
}
