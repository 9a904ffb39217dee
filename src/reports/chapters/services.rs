//! Services and devices.

use super::{LEVELS, ROLES, level_label, rest_key, role_label, text, with_rest};
use crate::charts::{BLUE, Bar, ORANGE, PLUM, Stack, TEAL, bars, stacks};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::domain::service_label;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::ProtectedRow;
use crate::reports::tables::{number, rate, text as cell};
use plotters::style::RGBColor;

/// Its code, its name, what follows `12 % des visites se font`, its colour.
pub(super) const DEVICES: [(&str, &str, &str, RGBColor); 4] = [
    ("computer", "Ordinateur", "sur un ordinateur", BLUE),
    ("smartphone", "Smartphone", "sur un smartphone", TEAL),
    (
        "app",
        "Application mobile",
        "par l’application mobile",
        PLUM,
    ),
    ("tablet", "Tablette", "sur une tablette", ORANGE),
];

const RANKING: &str = "Part des visites passant par chaque service";
/// The page that opens on its own: nearly all visits pass by it.
const HOME: &str = "accueil";
/// Services of a ranking.
const TOLD: usize = 10;

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = Vec::new();
    blocks.extend(home(figures).map(|sentence| text(&sentence)));
    blocks.extend(ranking(figures).map(Block::Figure));
    blocks.push(Block::Table(by_role(figures)));
    blocks.extend(devices(figures).map(Block::Figure));
    Chapter {
        id: "services".into(),
        title: "Services et équipements".into(),
        blocks,
    }
}

/// Rows of all levels and roles.
fn of_all(figures: &Figures) -> impl Iterator<Item = ProtectedRow<'_>> {
    let table = figures.table("services");
    table.select(&[("level", "all"), ("role", "all")])
}

/// Services but the home page, those that are shown first, in the order of their visits.
pub(super) fn ranked(figures: &Figures) -> Vec<ProtectedRow<'_>> {
    let mut rows: Vec<_> = of_all(figures)
        .filter(|row| row.get("service").text() != HOME)
        .collect();
    let share = |row: &ProtectedRow<'_>| row.get("share").number().unwrap_or(-1.0);
    // Of those that are secret, the order of the query would tell which has more.
    rows.sort_by(|a, b| {
        share(b)
            .total_cmp(&share(a))
            .then_with(|| name(a).cmp(&name(b)))
    });
    rows
}

fn name(row: &ProtectedRow<'_>) -> String {
    service_label(row.get("service").text()).to_owned()
}

fn percent(row: &ProtectedRow<'_>) -> String {
    french::shown_percent(row.get("share"), row.get("all_visits"))
}

/// Why the home page is in no ranking.
fn home(figures: &Figures) -> Option<String> {
    let row = of_all(figures).find(|row| row.get("service").text() == HOME)?;
    let share = match row.get("share").number() {
        Some(_) => format!(" ({})", percent(&row)),
        None => String::new(),
    };
    Some(format!(
        "L’accueil, qui s’ouvre à chaque connexion, est dans presque toutes les visites{share} : il n’est pas compté parmi les services."
    ))
}

/// What is said of the first service.
pub(super) const FIRST: &str = "Hors accueil, le service le plus présent dans les visites";

/// The first service, where none is secret: a hidden one may come before it.
pub(super) fn first(figures: &Figures) -> Option<ProtectedRow<'_>> {
    let rows = ranked(figures);
    let are_shown = rows.iter().all(|row| row.get("share").number().is_some());
    rows.first().copied().filter(|_| are_shown)
}

/// The services that visits pass by most.
pub(super) fn ranking(figures: &Figures) -> Option<Figure> {
    let rows = ranked(figures);
    let is_shown = |row: &&ProtectedRow<'_>| row.get("share").number().is_some();
    let shown: Vec<_> = rows.iter().filter(is_shown).take(TOLD).collect();
    let read = *shown.first()?;
    let title = match first(figures) {
        Some(row) => format!("{FIRST} : {}", name(&row).to_lowercase()),
        None => RANKING.to_owned(),
    };
    let drawn = shown.iter().map(|row| Bar {
        label: name(row),
        value: row.get("share").number().unwrap_or(0.0),
        shown: percent(row),
        colour: BLUE,
    });
    let drawn: Vec<Bar> = drawn.collect();
    let told: Vec<String> = shown
        .iter()
        .map(|row| format!("{} {}", name(row), percent(row)))
        .collect();
    let among = match rows.len() > shown.len() {
        true => format!(", {} services sur {}", shown.len(), rows.len()),
        false => String::new(),
    };
    Some(Figure {
        id: "services".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, &format!("{RANKING}{among}")),
        alt: french::typeset(&format!(
            "Barres horizontales, de la plus longue à la plus courte : {}.",
            told.join(", ")
        )),
        reading: french::typeset(&format!(
            "Lecture : {} des visites passent par le service « {} ».",
            percent(read),
            name(read)
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: bars(&drawn),
        data: ranking_table(&rows),
    })
}

fn ranking_table(rows: &[ProtectedRow<'_>]) -> Table {
    let rows = rows.iter().map(|row| {
        vec![
            cell(name(row)),
            number(row.get("visits")),
            rate(row.get("share"), row.get("all_visits")),
        ]
    });
    Table {
        caption: "Part des visites par service".into(),
        header: ["Service", "Visites", "Part des visites"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 1,
        rows: rows.collect(),
        ..Table::default()
    }
}

fn by_role(figures: &Figures) -> Table {
    let table = figures.table("services");
    let roles = || ROLES.into_iter().chain(["all"]);
    let ranked = ranked(figures);
    let rows = ranked.iter().take(TOLD).map(|row| {
        let service = row.get("service").text();
        let shares = roles().map(|role| {
            let found = table.find(&[("level", "all"), ("role", role), ("service", service)]);
            found.map_or_else(|| cell("-"), |r| rate(r.get("share"), r.get("all_visits")))
        });
        std::iter::once(cell(name(row))).chain(shares).collect()
    });
    let header = std::iter::once("Service").chain(roles().map(role_label));
    let are_shown = ranked.iter().all(|row| row.get("share").number().is_some());
    let most = match (ranked.len() > TOLD, are_shown) {
        (true, true) => format!(" Les dix services les plus présents, sur {}.", ranked.len()),
        (true, false) => format!(
            " Dix services sur {}, les plus présents d’abord, puis ceux dont la part est secrète.",
            ranked.len()
        ),
        _ => String::new(),
    };
    Table {
        caption: "Part des visites passant par chaque service, selon le profil".into(),
        header: header.map(str::to_owned).collect(),
        text_columns: 1,
        rows: rows.collect(),
        note: french::typeset(&format!(
            "Une visite qui passe par plusieurs services compte dans chacun d’eux : les parts ne s’additionnent pas.{most}"
        )),
        ..Table::default()
    }
}

/// The row of a device, a level and a role.
fn of_device<'a>(
    figures: &'a Figures,
    (level, role): (&str, &str),
    device: &str,
) -> Option<ProtectedRow<'a>> {
    let wanted = [("level", level), ("role", role), ("device", device)];
    let row = figures.table("devices").find(&wanted)?;
    row.get("share").number().map(|_| row)
}

/// What people come with.
pub(super) fn devices(figures: &Figures) -> Option<Figure> {
    let mut bars = DeviceBars::default();
    // The mix of a whole would depend on the weight of each level most.
    let levels = super::levels(figures);
    let levels: Vec<&str> = levels.into_iter().filter(|level| *level != "all").collect();
    for role in ROLES {
        for level in &levels {
            bars.add(figures, level, role);
        }
    }
    let coverage = coverage(figures, &levels)?;
    let most = bars.told.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let told: Vec<&str> = bars.told.iter().map(|(_, words)| words.as_str()).collect();
    Some(Figure {
        id: "equipements".into(),
        title: french::typeset(&devices_title(figures, &bars.stacks)),
        subtitle: super::subtitle(figures, "Part des visites dont l’équipement est connu"),
        alt: french::typeset(&format!("Barres empilées à 100 %. {}.", told.join(" ; "))),
        reading: french::typeset(&format!(
            "Lecture : {}. L’équipement est connu pour {coverage}.{}",
            most.1,
            super::left_out(&bars.left_out.iter().map(String::as_str).collect::<Vec<_>>())
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: stacks(&device_key(&bars.stacks), &bars.stacks),
        data: Table {
            caption: "Équipements selon le profil et le degré".into(),
            header: ["Profil", "Degré", "Équipement", "Part des visites"]
                .map(str::to_owned)
                .to_vec(),
            text_columns: 3,
            rows: bars.rows,
            ..Table::default()
        },
    })
}

/// `Parents du premier degré`
fn of_level(role: &str, level: &str) -> String {
    format!(
        "{} du {}",
        role_label(role),
        level_label(level).to_lowercase()
    )
}

/// A bar for each role and level whose devices are shown for the most part.
#[derive(Default)]
struct DeviceBars {
    stacks: Vec<Stack>,
    rows: Vec<Vec<TableCell>>,
    /// Share and sentence of every part that is drawn.
    told: Vec<(f64, String)>,
    left_out: Vec<String>,
}

impl DeviceBars {
    fn add(&mut self, figures: &Figures, level: &str, role: &str) {
        let mut parts = Vec::new();
        let mut told = Vec::new();
        for (code, name, words, colour) in DEVICES {
            let row = of_device(figures, (level, role), code);
            let Some(share) = row.and_then(|row| row.get("share").number()) else {
                continue;
            };
            let shown = french::percent(share, 0);
            let of_role = super::of_role(role);
            told.push((
                share,
                format!(
                    "dans le {}, {shown} des visites {of_role} se font {words}",
                    level_label(level).to_lowercase()
                ),
            ));
            self.rows.push(vec![
                cell(role_label(role)),
                cell(level_label(level)),
                cell(name),
                TableCell {
                    text: shown.clone(),
                    number: Some(share),
                    ratio: true,
                },
            ]);
            parts.push((share, shown, colour));
        }
        let is_empty = parts.is_empty();
        match with_rest(parts) {
            Some(parts) => {
                self.told.extend(told);
                self.stacks.push(Stack {
                    label: of_level(role, level),
                    parts,
                });
            }
            // A profile whose devices are all secret has no bar either.
            None if !is_empty => self.left_out.push(of_level(role, level)),
            None => {}
        }
    }
}

fn device_key(stacks: &[Stack]) -> Vec<(String, RGBColor)> {
    let is_drawn = |colour: &RGBColor| {
        let mut parts = stacks.iter().flat_map(|stack| &stack.parts);
        parts.any(|part| part.2 == *colour)
    };
    let named = DEVICES.into_iter().filter(|(.., colour)| is_drawn(colour));
    let mut key: Vec<_> = named
        .map(|(_, name, _, colour)| (name.to_owned(), colour))
        .collect();
    key.extend(rest_key(stacks));
    key
}

/// What most of the visits of parents come from, where their bar says so, else a description.
fn devices_title(figures: &Figures, stacks: &[Stack]) -> String {
    let is_drawn = |level: &str| {
        let label = of_level("parent", level);
        stacks.iter().any(|stack| stack.label == label)
    };
    let first = LEVELS.into_iter().find_map(|level| {
        DEVICES.iter().find_map(|(code, _, words, _)| {
            let row = of_device(figures, ("parent", level), code)?;
            let share = row.get("share").number()?;
            (is_drawn(level) && share > 0.5).then(|| (level, *words, french::percent(share, 0)))
        })
    });
    match first {
        Some((level, words, shown)) => format!(
            "{shown} des visites des parents du {} se font {words}",
            level_label(level).to_lowercase()
        ),
        None => "Équipements utilisés selon le profil et le degré".into(),
    }
}

/// `97,1 % des visites du premier degré et 96,8 % de celles du second degré`
fn coverage(figures: &Figures, levels: &[&str]) -> Option<String> {
    let table = figures.table("devices");
    let told: Vec<String> = levels
        .iter()
        .filter_map(|level| {
            let row = table.find(&[("level", level), ("role", "all")])?;
            row.get("coverage").number()?;
            let share = french::shown_percent(row.get("coverage"), row.get("all_visits"));
            Some(format!(
                "{share} des visites du {}",
                level_label(level).to_lowercase()
            ))
        })
        .collect();
    (!told.is_empty()).then(|| told.join(" et "))
}
