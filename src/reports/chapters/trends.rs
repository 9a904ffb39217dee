//! The same days of the years before: what three years tell.

use super::{chapter, level_label, text, unpublished};
use crate::charts::{BLUE, Columns, GREY, columns};
use crate::document::{Block, Chapter, Figure, Table};
use crate::domain::Period;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{number, text as cell};

/// This year and the two before.
const YEARS: i64 = 3;
const SLICES: [&str; 3] = ["all", "1D", "2D"];

pub(super) fn trends(figures: &Figures) -> Chapter {
    let said = sentence(figures);
    let blocks = match years(figures, "all").len() {
        0 | 1 => vec![unpublished::instead(table(figures), &said)],
        _ => {
            let mut blocks = vec![text(&said)];
            blocks.extend(figure(figures).map(Block::Figure));
            blocks.push(Block::Table(table(figures)));
            blocks
        }
    };
    chapter("tendances", "Tendances sur trois ans", blocks)
}

/// Rows of a level, the oldest year first.
fn years<'a>(figures: &'a Figures, level: &'a str) -> Vec<ProtectedRow<'a>> {
    let rows = figures.table("trend").rows();
    let mut rows: Vec<_> = rows
        .filter(|row| row.get("level").text() == level && row.get("role").text() == "all")
        .filter(|row| {
            row.get("years_ago")
                .integer()
                .is_some_and(|ago| ago < YEARS)
        })
        .collect();
    rows.sort_by_key(|row| -row.get("years_ago").integer().unwrap_or(0));
    rows
}

fn is_whole(row: &ProtectedRow<'_>) -> bool {
    row.get("is_whole").integer() == Some(1)
}

/// Whether a year may be compared: all of its days are in the data, and none is known to be wrong.
fn is_sound(row: &ProtectedRow<'_>) -> bool {
    is_whole(row) && row.get("is_known_bad").integer() == Some(0)
}

/// Whether what is counted as a visit changed in the years told.
fn is_broken(figures: &Figures, rows: &[ProtectedRow<'_>]) -> bool {
    let day = |row: Option<&ProtectedRow<'_>>, name: &str| match row?.get(name) {
        Shown::Date(day) => Some(*day),
        _ => None,
    };
    let (first, last) = (day(rows.first(), "first_day"), day(rows.last(), "last_day"));
    let breaks = figures.all_breaks();
    first.zip(last).is_some_and(|(first, last)| {
        let mut days = breaks.iter().map(|(day, _)| *day);
        days.any(|day| day > first && day <= last)
    })
}

/// `2024-2025`, with a mark where some of its days are missing or known to be wrong.
fn year(row: &ProtectedRow<'_>) -> String {
    let Shown::Date(first) = row.get("first_day") else {
        return "nd".into();
    };
    let mark = if is_sound(row) { "" } else { "\u{a0}(p)" };
    format!("{}{mark}", Period::school_year_of(*first))
}

fn sentence(figures: &Figures) -> String {
    let measured = years(figures, "all").len();
    let told = match measured {
        0 => return "Aucune année n’est mesurée.".into(),
        1 => return "L’observatoire mesure une seule année : la tendance se lira à partir de la deuxième.".into(),
        2 => "L’observatoire mesure deux années ; la tendance sur trois ans sera complète l’an prochain."
            .to_owned(),
        _ => "Les trois dernières années sont mises côte à côte, aux mêmes dates.".to_owned(),
    };
    let broken = match is_broken(figures, &years(figures, "all")) {
        true => {
            " Ce qui est compté comme une visite a changé entre ces années : elles ne se comparent pas."
        }
        false => "",
    };
    format!(
        "{told}{broken} Les visites sont rapportées aux jours de classe, dont le nombre change d’une année à l’autre ; le périmètre est celui de chaque année : {}.",
        perimeters(figures)
    )
}

/// `238 établissements en 2024-2025, 240 en 2025-2026`
fn perimeters(figures: &Figures) -> String {
    let rows = years(figures, "all");
    let told = rows.iter().enumerate().map(|(place, row)| {
        let count = row.get("establishments").integer().unwrap_or(0);
        let what = match place {
            0 => format!(" établissement{}", french::plural(count)),
            _ => String::new(),
        };
        let year = year(row);
        let name = year.trim_end_matches("\u{a0}(p)");
        format!("{}{what} en {name}", french::integer(count))
    });
    told.collect::<Vec<_>>().join(", ")
}

pub(super) fn figure(figures: &Figures) -> Option<Figure> {
    let mut panels = Vec::new();
    let mut told = Vec::new();
    for level in SLICES {
        let rows = years(figures, level);
        let mut drawn = Vec::new();
        for row in &rows {
            let Some(value) = row.get("visits_per_school_day").number() else {
                continue;
            };
            let now = row.get("years_ago").integer() == Some(0);
            let shown = french::decimal(value, 0);
            told.push(format!(
                "{} : {shown} visites par jour de classe en {}",
                level_label(level).to_lowercase(),
                year(row)
            ));
            let colour = if now { BLUE } else { GREY };
            drawn.push((year(row), value, shown, colour));
        }
        if !drawn.is_empty() {
            panels.push(Columns {
                title: level_label(level).into(),
                columns: drawn,
            });
        }
    }
    // One level alone is the whole.
    if panels.len() == 2 {
        panels.remove(0);
    }
    let enough = panels.iter().any(|panel| panel.columns.len() > 1);
    enough.then(|| Figure {
        id: "tendances".into(),
        title: french::typeset(&title(figures)),
        subtitle: super::subtitle(
            figures,
            "Visites par jour de classe, mêmes dates de chaque année",
        ),
        alt: french::typeset(&format!("Colonnes, une par année. {}.", told.join(" ; "))),
        reading: french::typeset(&format!(
            "Lecture : {}.{}",
            told.first().cloned().unwrap_or_default(),
            provisional(figures)
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: columns(&panels),
        data: table(figures),
    })
}

fn provisional(figures: &Figures) -> &'static str {
    match years(figures, "all").iter().all(is_sound) {
        true => "",
        false => {
            " (p) : des jours de cette année ne sont pas dans les données, ou sont signalés comme erronés."
        }
    }
}

/// Establishments of two years may differ by so much of them, that usage and not the perimeter
/// moves the totals.
const ALIKE: f64 = 0.02;

/// What the first and the last year bear out, where nothing is missing or wrong in both, nothing
/// changed in what is counted, and the perimeter is about the same.
fn title(figures: &Figures) -> String {
    const NEUTRAL: &str = "Visites par jour de classe, année après année";
    let all = years(figures, "all");
    if is_broken(figures, &all) {
        return NEUTRAL.into();
    }
    let rows: Vec<_> = all.into_iter().filter(is_sound).collect();
    let value = |row: Option<&ProtectedRow<'_>>| row?.get("visits_per_school_day").number();
    let (Some(first), Some(last)) = (value(rows.first()), value(rows.last())) else {
        return NEUTRAL.into();
    };
    let places = |row: Option<&ProtectedRow<'_>>| row?.get("establishments").number();
    let are_alike = places(rows.first())
        .zip(places(rows.last()))
        .is_some_and(|(before, now)| (now - before).abs() <= ALIKE * before);
    if rows.len() < 2 || first <= 0.0 || !are_alike {
        return NEUTRAL.into();
    }
    let change = last / first - 1.0;
    let (from, to) = (year(&rows[0]), year(&rows[rows.len() - 1]));
    match change {
        c if c >= 0.02 => format!(
            "Les visites par jour de classe progressent de {} de {from} à {to}",
            french::percent(c, 1_000)
        ),
        c if c <= -0.02 => format!(
            "Les visites par jour de classe reculent de {} de {from} à {to}",
            french::percent(-c, 1_000)
        ),
        _ => format!("Les visites par jour de classe sont stables de {from} à {to}"),
    }
}

fn table(figures: &Figures) -> Table {
    let all = years(figures, "all");
    let mut rows = Vec::new();
    for level in SLICES {
        for row in years(figures, level) {
            rows.push(vec![
                cell(level_label(level)),
                cell(year(&row)),
                number(row.get("establishments")),
                number(row.get("school_days")),
                number(row.get("visitors")),
                number(row.get("visits")),
                number(row.get("visits_per_school_day")),
                match is_broken(figures, &all) {
                    true => cell("nd"),
                    false => number(row.get("visits_index")),
                },
            ]);
        }
    }
    Table {
        caption: french::typeset("Visiteurs et visites des mêmes dates, année par année"),
        header: [
            "Degré",
            "Année",
            "Établissements",
            "Jours de classe",
            "Visiteurs",
            "Visites",
            "Visites par jour de classe",
            "Indice",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 2,
        rows,
        note: french::typeset(
            "Indice : 100 la première année dont tous les jours sont dans les données et sans erreur connue. (p) : année dont des jours manquent ou sont signalés comme erronés ; elle ne se compare pas. Établissements : ceux qui étaient déployés. Les visiteurs de deux années ne s’additionnent pas.",
        ),
        ..Table::default()
    }
}
