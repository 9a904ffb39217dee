//! Usage over the weeks, by role and level, hours of the week.

use super::{
    LEVELS, ROLES, level_label, levels, rest_key, rhythm, role_label, text, usage_row, weekly,
    with_rest,
};
use crate::charts::{Stack, heatmap, role_colour, stacks};
use crate::document::{Block, Chapter, Figure, Table};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::Shown;
use crate::reports::tables::{change, number, rate, text as cell};
use std::collections::BTreeSet;

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = Vec::new();
    blocks.extend(weekly::figure(figures).map(Block::Figure));
    blocks.push(Block::Table(by_role(figures).without_empty_columns()));
    blocks.extend(role_mix(figures).map(Block::Figure));
    if levels(figures).len() > 1 {
        blocks.push(text("Les parts de chaque profil sont données par degré : réunies, elles dépendraient surtout du poids de chaque degré dans l’ENT."));
    }
    blocks.extend(rhythm::frequency(figures).map(Block::Figure));
    blocks.push(Block::Figure(hours(figures)));
    blocks.extend(rhythm::moments(figures).map(Block::Figure));
    Chapter {
        id: "usages".into(),
        title: "Usages".into(),
        blocks,
    }
}

/// Visitors and visits by level and role.
pub(super) fn by_role(figures: &Figures) -> Table {
    let mut rows = Vec::new();
    for level in levels(figures) {
        for role in ROLES.into_iter().chain(["all"]) {
            let Some(row) = usage_row(figures, false, level, role) else {
                continue;
            };
            let before = usage_row(figures, true, level, role);
            let evolution = before.map_or_else(
                || cell("nd"),
                |b| change(row.get("visits"), b.get("visits")),
            );
            rows.push(vec![
                cell(level_label(level)),
                cell(role_label(role)),
                number(row.get("visitors")),
                rate(row.get("active_rate"), row.get("loaded_accounts")),
                number(row.get("visits")),
                evolution,
                number(row.get("visits_per_visitor")),
            ]);
        }
    }
    Table {
        caption: "Visiteurs et visites par degré et profil".into(),
        header: [
            "Degré",
            "Profil",
            "Visiteurs",
            "Taux de visiteurs",
            "Visites",
            "Évolution sur un an",
            "Visites par visiteur",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 2,
        rows,
        note: match figures.has_before() {
            true => french::typeset(&format!(
                "Évolution : périmètre de chaque année ; l’évolution à périmètre constant est dans la synthèse.{}",
                super::comparison_note(figures)
            )),
            false => String::new(),
        },
        ..Table::default()
    }
}

/// Whose the visits are.
pub(super) fn role_mix(figures: &Figures) -> Option<Figure> {
    let mut drawn = Vec::new();
    let mut rows = Vec::new();
    let mut told = Vec::new();
    let mut key = BTreeSet::new();
    let mut title = String::from("Part de chaque profil dans les visites, par degré");
    for level in LEVELS {
        let mut parts = Vec::new();
        for role in ROLES {
            let Some(row) = usage_row(figures, false, level, role) else {
                continue;
            };
            let Some(share) = row.get("visit_share").number() else {
                continue;
            };
            // Round figures in the bars, where tenths would crowd.
            let shown = french::percent(share, 0);
            if level == "1D" && role == "parent" && share > 0.5 {
                title = format!(
                    "Les parents représentent {} des visites dans les écoles",
                    french::shown_percent(row.get("visit_share"), row.get("all_visits"))
                );
            }
            told.push(format!(
                "{}, {} : {shown}",
                level_label(level),
                role_label(role).to_lowercase()
            ));
            rows.push(vec![
                cell(level_label(level)),
                cell(role_label(role)),
                rate(row.get("visit_share"), row.get("all_visits")),
            ]);
            parts.push((share, shown, role_colour(role)));
            key.insert(role);
        }
        if !parts.is_empty() {
            drawn.push(Stack {
                label: level_label(level).into(),
                parts: with_rest(parts),
            });
        }
    }
    let mut key: Vec<_> = ROLES
        .into_iter()
        .filter(|role| key.contains(role))
        .map(|role| (role_label(role).to_owned(), role_colour(role)))
        .collect();
    key.extend(rest_key(&drawn));
    (!drawn.is_empty()).then(|| Figure {
        id: "profils".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, "Part de chaque profil dans les visites, par degré"),
        alt: french::typeset(&format!("Barres empilées à 100 %. {}.", told.join(" ; "))),
        reading: french::typeset(&format!(
            "Lecture : {}.",
            told.first().cloned().unwrap_or_default()
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: stacks(&key, &drawn),
        data: Table {
            caption: "Part de chaque profil dans les visites".into(),
            header: ["Degré", "Profil", "Part des visites"]
                .map(str::to_owned)
                .to_vec(),
            text_columns: 2,
            rows,
            note: String::new(),
            ..Table::default()
        },
    })
}

fn hours(figures: &Figures) -> Figure {
    let table = figures.table("hours");
    let value = |day: i64, hour: i64| {
        let row = table.rows().find(|row| {
            row.get("weekday").integer() == Some(day) && row.get("hour").integer() == Some(hour)
        });
        match row {
            None => Some(0.0),
            Some(row) => row.get("visits").number(),
        }
    };
    let mut drawn = Vec::new();
    let mut rows = Vec::new();
    for day in 1..=7 {
        let label = french::WEEKDAYS[(day - 1) as usize].to_owned();
        let values: Vec<Option<f64>> = (0..24).map(|hour| value(day, hour)).collect();
        for (hour, v) in values.iter().enumerate() {
            let shown = v.map_or_else(|| "s".to_owned(), |v| french::integer(v as i64));
            rows.push(vec![
                cell(label.clone()),
                cell(format!("{hour}\u{a0}h")),
                crate::document::TableCell {
                    text: shown,
                    number: *v,
                    ratio: false,
                },
            ]);
        }
        drawn.push((label, values));
    }
    let busiest = table.rows().max_by_key(|row| row.get("visits").integer());
    let at = busiest.and_then(|row| {
        Some((
            row.get("weekday").integer()?,
            row.get("hour").integer()?,
            row.get("visits").integer()?,
        ))
    });
    let (title, reading) = match at {
        Some((day, hour, visits)) => (
            format!(
                "L’activité culmine le {} de {hour} h à {} h",
                french::WEEKDAYS[(day - 1) as usize],
                hour + 1
            ),
            format!(
                "Lecture : {} visites ont commencé un {} de {hour} h à {} h. Plus la case est foncée, plus il y a de visites.",
                french::integer(visits),
                french::WEEKDAYS[(day - 1) as usize],
                hour + 1
            ),
        ),
        None => ("Visites par jour et heure".to_owned(), String::new()),
    };
    let has_secret = table.rows().any(|row| row.get("visits") == &Shown::Secret);
    let reading = match has_secret {
        true => format!("{reading} s : secret statistique."),
        false => reading,
    };
    Figure {
        id: "heures".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, "Visites selon le jour et l’heure de leur début"),
        alt: french::typeset(&format!(
            "Carte de chaleur de sept jours par vingt-quatre heures. {reading}"
        )),
        reading: french::typeset(&reading),
        champ: super::champ(figures),
        source: super::source(),
        svg: heatmap(&drawn),
        data: Table {
            caption: "Visites par jour et heure".into(),
            header: ["Jour", "Heure", "Visites"].map(str::to_owned).to_vec(),
            text_columns: 2,
            rows,
            note: String::new(),
            ..Table::default()
        },
    }
}
