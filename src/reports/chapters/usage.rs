//! Usage over the weeks, by role and level, hours of the week.

use super::comparison::change;
use super::{
    LEVELS, ROLES, level_label, levels, peak, rest_key, rhythm, role_label, text, unpublished,
    usage_row, weekly, with_rest,
};
use crate::charts::{Stack, heatmap, role_colour, stacks};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::ProtectedRow;
use crate::reports::tables::{number, rate, text as cell};
use plotters::style::RGBColor;

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = Vec::new();
    blocks.extend(weekly::block(figures));
    blocks.push(Block::Table(by_role(figures).without_empty_columns()));
    let mix = role_mix(figures);
    let has_mix = mix.is_some();
    blocks.extend(mix.map(Block::Figure));
    if has_mix && levels(figures).len() > 1 {
        blocks.push(text("Les parts de chaque profil sont données par degré : réunies, elles dépendraient surtout du poids de chaque degré dans l’ENT."));
    }
    blocks.extend(rhythm::frequency(figures));
    blocks.push(hours(figures));
    blocks.extend(rhythm::moments(figures));
    Chapter {
        id: "usages".into(),
        title: "Usages".into(),
        blocks,
    }
}

/// Visitors and visits by level and role.
pub(super) fn by_role(figures: &Figures) -> Table {
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for level in levels(figures) {
        for role in ROLES.into_iter().chain(["all"]) {
            let Some(row) = usage_row(figures, false, level, role) else {
                continue;
            };
            told.push(row);
            let before = usage_row(figures, true, level, role);
            let before = before.map(|before| before.get("visits"));
            let evolution = change(figures, row.get("visits"), before);
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
        note: french::typeset(&by_role_note(figures, told)),
        ..Table::default()
    }
    .without_hidden_changes()
}

fn by_role_note(figures: &Figures, told: Vec<ProtectedRow<'_>>) -> String {
    let compared = match figures.has_before() {
        true => format!(
            " Évolution : périmètre de chaque année ; l’évolution à périmètre constant est dans la synthèse.{}",
            super::comparison_note(figures)
        ),
        false => String::new(),
    };
    let sums = match levels(figures).len() {
        1 => "",
        _ => {
            " Une visite d’une personne rattachée aux deux degrés compte dans chacun : les lignes par degré ne s’additionnent pas."
        }
    };
    format!(
        "Taux de visiteurs : visiteurs pour 100 comptes chargés.{sums}{}{compared}",
        super::leavers_note(told.into_iter())
    )
}

const ROLE_MIX: &str = "Part de chaque profil dans les visites, par degré";

/// Whose the visits are.
pub(super) fn role_mix(figures: &Figures) -> Option<Figure> {
    let mut drawn = Vec::new();
    let mut rows = Vec::new();
    let mut left_out = Vec::new();
    for level in LEVELS {
        let shares = shares(figures, level);
        rows.extend(shares.iter().map(|(role, row)| {
            vec![
                cell(level_label(level)),
                cell(role_label(role)),
                rate(row.get("visit_share"), row.get("all_visits")),
            ]
        }));
        let is_empty = shares.is_empty();
        match with_rest(shares.iter().filter_map(mix_part).collect()) {
            Some(parts) => drawn.push(Stack {
                label: level_label(level).into(),
                parts,
            }),
            None if !is_empty => left_out.push(level_label(level)),
            None => {}
        }
    }
    let told = mix_told(figures, &drawn);
    let most = told.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let all: Vec<&str> = told.iter().map(|(_, words)| words.as_str()).collect();
    Some(Figure {
        id: "profils".into(),
        title: french::typeset(&mix_title(figures, &drawn)),
        subtitle: super::subtitle(figures, ROLE_MIX),
        alt: french::typeset(&format!("Barres empilées à 100 %. {}.", all.join(" ; "))),
        reading: french::typeset(&format!(
            "Lecture : {}.{}",
            most.1,
            super::left_out(&left_out)
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: stacks(&mix_key(&drawn), &drawn),
        data: Table {
            caption: "Part de chaque profil dans les visites".into(),
            header: ["Degré", "Profil", "Part des visites"]
                .map(str::to_owned)
                .to_vec(),
            text_columns: 2,
            rows,
            ..Table::default()
        },
    })
}

/// The rows of a level whose share is shown, by role.
fn shares<'a>(figures: &'a Figures, level: &str) -> Vec<(&'static str, ProtectedRow<'a>)> {
    let rows = ROLES
        .into_iter()
        .filter_map(|role| Some((role, usage_row(figures, false, level, role)?)));
    rows.filter(|(_, row)| row.get("visit_share").number().is_some())
        .collect()
}

/// Round figures in the bars, where tenths would crowd.
fn mix_part((role, row): &(&'static str, ProtectedRow<'_>)) -> Option<(f64, String, RGBColor)> {
    let share = row.get("visit_share").number()?;
    Some((share, french::percent(share, 0), role_colour(role)))
}

/// Every part that is drawn: its share, and a sentence.
fn mix_told(figures: &Figures, drawn: &[Stack]) -> Vec<(f64, String)> {
    let is_drawn = |level: &&str| drawn.iter().any(|stack| stack.label == level_label(level));
    let levels = LEVELS.iter().filter(|level| is_drawn(level));
    let told = levels.flat_map(|level| {
        let name = level_label(level).to_lowercase();
        shares(figures, level)
            .into_iter()
            .filter_map(move |(role, row)| {
                let share = row.get("visit_share").number()?;
                let (shown, role) = (french::percent(share, 0), super::of_role(role));
                let words = format!("dans le {name}, {shown} des visites sont celles {role}");
                Some((share, words))
            })
    });
    told.collect()
}

/// A finding where parents make most visits of écoles and their bar says so.
fn mix_title(figures: &Figures, drawn: &[Stack]) -> String {
    let is_drawn = drawn.iter().any(|stack| stack.label == level_label("1D"));
    let parents = usage_row(figures, false, "1D", "parent")
        .and_then(|row| row.get("visit_share").number())
        .filter(|share| is_drawn && *share > 0.5);
    parents.map_or_else(
        || ROLE_MIX.to_owned(),
        |share| {
            format!(
                "Les parents représentent {} des visites dans les écoles",
                french::percent(share, 0)
            )
        },
    )
}

/// The roles that have a part, in their order.
fn mix_key(drawn: &[Stack]) -> Vec<(String, RGBColor)> {
    let is_drawn = |role: &&str| {
        let mut parts = drawn.iter().flat_map(|stack| &stack.parts);
        parts.any(|part| part.2 == role_colour(role))
    };
    let roles = ROLES.into_iter().filter(is_drawn);
    let mut key: Vec<_> = roles
        .map(|role| (role_label(role).to_owned(), role_colour(role)))
        .collect();
    key.extend(rest_key(drawn));
    key
}

/// An hour of the week and the visits that begin in it.
pub(super) struct Hour {
    pub day: &'static str,
    pub hour: usize,
    pub visits: f64,
}

/// Visits by hour of the week, from Monday on: zero where nobody came, none where secret.
fn week(figures: &Figures) -> Vec<Option<f64>> {
    let mut cells = vec![Some(0.0); 7 * 24];
    for row in figures.table("hours").rows() {
        let at = |name: &str| usize::try_from(row.get(name).integer()?).ok();
        let place = at("weekday")
            .zip(at("hour"))
            .map(|(day, hour)| (day - 1) * 24 + hour);
        if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
            *cell = row.get("visits").number();
        }
    }
    cells
}

/// The hour with most visits, where it may be told.
pub(super) fn busiest_hour(figures: &Figures) -> Option<Hour> {
    let (place, visits) = peak::largest(&week(figures), super::all_visits(figures))?;
    Some(Hour {
        day: french::WEEKDAYS[place / 24],
        hour: place % 24,
        visits,
    })
}

const HOURS: &str = "Visites par jour et heure";

/// The hours of the week, or that they are not published.
fn hours(figures: &Figures) -> Block {
    let cells = week(figures);
    let data = hours_table(&cells);
    let is_empty = cells.iter().all(|cell| *cell == Some(0.0));
    if !peak::is_mostly_shown(&cells) && !is_empty {
        return unpublished::withheld(data);
    }
    let (title, mut reading) = match busiest_hour(figures) {
        Some(at) => busiest_words(&at),
        None => (HOURS.to_owned(), shaded(&cells)),
    };
    if cells.iter().any(Option::is_none) {
        reading.push_str(" s : secret statistique.");
    }
    let days = french::WEEKDAYS.iter().zip(cells.chunks(24));
    let drawn: Vec<_> = days
        .map(|(day, hours)| ((*day).to_owned(), hours.to_vec()))
        .collect();
    Block::Figure(Figure {
        id: "heures".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, "Visites selon le jour et l’heure de leur début"),
        alt: french::typeset(&format!(
            "Carte de chaleur de sept jours par vingt-quatre heures. Heure la plus foncée de chaque jour, de celles qui sont montrées : {}.",
            by_day(&cells)
        )),
        reading: french::typeset(&reading),
        champ: super::champ(figures),
        source: super::source(),
        svg: heatmap(&drawn),
        data,
    })
}

/// `lundi, 512 visites de 10 h à 11 h ; mardi, ...`
fn by_day(cells: &[Option<f64>]) -> String {
    let days = french::WEEKDAYS.iter().zip(cells.chunks(24));
    let told = days.map(|(day, hours)| {
        let shown = hours
            .iter()
            .enumerate()
            .filter_map(|(hour, visits)| Some((hour, (*visits)?)));
        let darkest = shown.filter(|(_, visits)| *visits > 0.0).fold(
            None,
            |most: Option<(usize, f64)>, at| match most {
                Some(most) if most.1 >= at.1 => Some(most),
                _ => Some(at),
            },
        );
        match darkest {
            Some((hour, visits)) => format!(
                "{day}, {} visites de {hour} h à {} h",
                french::integer(visits as i64),
                hour + 1
            ),
            None => format!("{day}, aucune"),
        }
    });
    told.collect::<Vec<_>>().join(" ; ")
}

const SHADES: &str = "Plus la case est foncée, plus il y a de visites ; les teintes suivent la racine carrée de leur nombre.";

fn busiest_words(at: &Hour) -> (String, String) {
    let (day, hour, next) = (at.day, at.hour, at.hour + 1);
    let visits = french::integer(at.visits as i64);
    (
        format!("L’activité culmine le {day} de {hour} h à {next} h"),
        format!(
            "Lecture : {visits} visites ont commencé un {day} de {hour} h à {next} h. {SHADES}"
        ),
    )
}

/// How to read the map where no hour may be called the busiest: the darkest that is shown.
fn shaded(cells: &[Option<f64>]) -> String {
    let shown = cells
        .iter()
        .enumerate()
        .filter_map(|(place, cell)| Some((place, (*cell)?)));
    let darkest = shown.max_by(|a, b| a.1.total_cmp(&b.1));
    darkest.map_or_else(String::new, |(place, visits)| {
        let at = Hour {
            day: french::WEEKDAYS[place / 24],
            hour: place % 24,
            visits,
        };
        busiest_words(&at).1
    })
}

fn hours_table(cells: &[Option<f64>]) -> Table {
    let rows = cells.iter().enumerate().map(|(place, visits)| {
        let shown = visits.map_or_else(|| "s".to_owned(), |v| french::integer(v as i64));
        vec![
            cell(french::WEEKDAYS[place / 24]),
            cell(format!("{}\u{a0}h", place % 24)),
            TableCell {
                text: shown,
                number: *visits,
                ratio: false,
            },
        ]
    });
    Table {
        caption: HOURS.into(),
        header: ["Jour", "Heure", "Visites"].map(str::to_owned).to_vec(),
        text_columns: 2,
        rows: rows.collect(),
        ..Table::default()
    }
}
