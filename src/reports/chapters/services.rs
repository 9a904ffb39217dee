//! Services and devices.

use super::{ROLES, rest_key, role_label, text, with_rest};
use crate::charts::{BLUE, Bar, ORANGE, PLUM, Stack, TEAL, bars, stacks};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::domain::service_label;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::ProtectedRow;
use crate::reports::tables::{number, rate, text as cell};
use plotters::style::RGBColor;

const DEVICES: [(&str, &str, RGBColor); 4] = [
    ("computer", "Ordinateur", BLUE),
    ("smartphone", "Smartphone", ORANGE),
    ("app", "Application mobile", TEAL),
    ("tablet", "Tablette", PLUM),
];

const RANKING: &str = "Part des visites passant par chaque service";

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = Vec::new();
    blocks.extend(ranking(figures).map(Block::Figure));
    blocks.push(text("Une visite qui passe par plusieurs services compte dans chacun d’eux : les parts ne s’additionnent pas."));
    blocks.push(Block::Table(by_role(figures)));
    blocks.extend(devices(figures).map(Block::Figure));
    Chapter {
        id: "services".into(),
        title: "Services et équipements".into(),
        blocks,
    }
}

/// Services of all levels and roles, in the order of their visits.
fn of_all(figures: &Figures) -> impl Iterator<Item = ProtectedRow<'_>> {
    let table = figures.table("services");
    table.select(&[("level", "all"), ("role", "all")])
}

/// The first of the services that are shown, after the page that opens on its own, and what
/// may be said of it: not that no other one comes before it where one is secret.
pub(super) fn first(figures: &Figures) -> Option<(&'static str, ProtectedRow<'_>)> {
    let others: Vec<_> = of_all(figures)
        .filter(|row| row.get("service").text() != "accueil")
        .collect();
    let share = |row: &ProtectedRow<'_>| row.get("share").number();
    let first = others.iter().find(|row| share(row).is_some())?;
    let words = match others.iter().all(|row| share(row).is_some()) {
        true => "Hors accueil, le service le plus présent dans les visites",
        false => "Hors accueil, le plus présent dans les visites des services montrés",
    };
    Some((words, *first))
}

/// The services that visits pass by most.
pub(super) fn ranking(figures: &Figures) -> Option<Figure> {
    let rows: Vec<_> = of_all(figures).collect();
    let shown: Vec<_> = rows
        .iter()
        .filter(|r| r.get("share").number().is_some())
        .take(10)
        .collect();
    let name = |row: &ProtectedRow<'_>| service_label(row.get("service").text()).to_owned();
    let (title, read) = match first(figures) {
        Some((words, row)) => (format!("{words} : {}", name(&row).to_lowercase()), row),
        None => (RANKING.to_owned(), **shown.first()?),
    };
    let percent =
        |row: &ProtectedRow<'_>| french::shown_percent(row.get("share"), row.get("all_visits"));
    let drawn: Vec<Bar> = shown
        .iter()
        .map(|row| Bar {
            label: name(row),
            value: row.get("share").number().unwrap_or(0.0),
            shown: percent(row),
            colour: BLUE,
        })
        .collect();
    let told: Vec<String> = shown
        .iter()
        .take(5)
        .map(|row| format!("{} {}", name(row), percent(row)))
        .collect();
    Some(Figure {
        id: "services".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, RANKING),
        alt: french::typeset(&format!(
            "Barres horizontales, les cinq premières : {}.",
            told.join(", ")
        )),
        reading: french::typeset(&format!(
            "Lecture : {} des visites passent par le service « {} ».",
            percent(&read),
            name(&read)
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: bars(&drawn),
        data: Table {
            caption: "Part des visites par service".into(),
            header: ["Service", "Visites", "Part des visites"]
                .map(str::to_owned)
                .to_vec(),
            text_columns: 1,
            rows: rows
                .iter()
                .map(|row| {
                    vec![
                        cell(name(row)),
                        number(row.get("visits")),
                        rate(row.get("share"), row.get("all_visits")),
                    ]
                })
                .collect(),
            note: String::new(),
            ..Table::default()
        },
    })
}

fn by_role(figures: &Figures) -> Table {
    let table = figures.table("services");
    let mut rows = Vec::new();
    for row in table.select(&[("level", "all"), ("role", "all")]).take(10) {
        let service = row.get("service").text();
        let mut cells = vec![cell(service_label(service))];
        for role in ROLES.into_iter().chain(["all"]) {
            let found = table.find(&[("level", "all"), ("role", role), ("service", service)]);
            cells.push(
                found.map_or_else(|| cell("-"), |r| rate(r.get("share"), r.get("all_visits"))),
            );
        }
        rows.push(cells);
    }
    let mut header = vec!["Service".to_owned()];
    header.extend(
        ROLES
            .into_iter()
            .chain(["all"])
            .map(|r| role_label(r).to_owned()),
    );
    Table {
        caption: "Part des visites passant par chaque service, selon le profil".into(),
        header,
        text_columns: 1,
        rows,
        note: match table.select(&[("level", "all"), ("role", "all")]).count() > 10 {
            true => "Les dix services les plus présents.".into(),
            false => String::new(),
        },
        ..Table::default()
    }
}

/// What people come with.
pub(super) fn devices(figures: &Figures) -> Option<Figure> {
    let table = figures.table("devices");
    let mut drawn = Vec::new();
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for role in ROLES {
        let mut parts = Vec::new();
        for (code, name, colour) in DEVICES {
            let row = table.find(&[("level", "all"), ("role", role), ("device", code)]);
            let Some(row) = row else { continue };
            let Some(share) = row.get("share").number() else {
                continue;
            };
            let shown = french::percent(share, 0);
            told.push(format!(
                "{}, {} : {shown}",
                role_label(role).to_lowercase(),
                name.to_lowercase()
            ));
            rows.push(vec![
                cell(role_label(role)),
                cell(name),
                TableCell {
                    text: shown.clone(),
                    number: Some(share),
                    ratio: true,
                },
            ]);
            parts.push((share, shown, colour));
        }
        // A profile whose devices are all secret has no bar.
        if !parts.is_empty() {
            drawn.push(Stack {
                label: role_label(role).into(),
                parts: with_rest(parts),
            });
        }
    }
    let coverage = coverage(figures)?;
    let mut key: Vec<_> = DEVICES
        .into_iter()
        .filter(|(_, _, colour)| drawn.iter().any(|s| s.parts.iter().any(|p| p.2 == *colour)))
        .map(|(_, name, colour)| (name.to_owned(), colour))
        .collect();
    key.extend(rest_key(&drawn));
    Some(Figure {
        id: "equipements".into(),
        title: french::typeset(&devices_title(figures)),
        subtitle: super::subtitle(figures, "Part des visites dont l’équipement est connu"),
        alt: french::typeset(&format!("Barres empilées à 100 %. {}.", told.join(" ; "))),
        reading: french::typeset(&format!(
            "Lecture : {}. L’équipement est connu pour {coverage} des visites.",
            told.first().cloned().unwrap_or_default()
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: stacks(&key, &drawn),
        data: Table {
            caption: "Équipements selon le profil".into(),
            header: ["Profil", "Équipement", "Part des visites"]
                .map(str::to_owned)
                .to_vec(),
            text_columns: 2,
            rows,
            note: String::new(),
            ..Table::default()
        },
    })
}

/// What most of the visits of parents come from, else a description.
fn devices_title(figures: &Figures) -> String {
    let table = figures.table("devices");
    let share = |code: &str| {
        let row = table.find(&[("level", "all"), ("role", "parent"), ("device", code)]);
        row.map(|row| (row.get("share"), row.get("known_visits")))
    };
    let first = DEVICES.iter().find_map(|(code, name, _)| {
        let (share, base) = share(code)?;
        (share.number()? > 0.5).then(|| (name.to_lowercase(), french::shown_percent(share, base)))
    });
    match first {
        Some((name, shown)) => format!("{shown} des visites des parents viennent de : {name}"),
        None => "Équipements utilisés selon le profil".into(),
    }
}

fn coverage(figures: &Figures) -> Option<String> {
    let table = figures.table("devices");
    let row = table.find(&[("level", "all"), ("role", "all")])?;
    row.get("coverage").number()?;
    Some(french::shown_percent(
        row.get("coverage"),
        row.get("all_visits"),
    ))
}
