//! How often people come, and when.

use super::{ROLES, rest_key, role_label, with_rest};
use crate::charts::{BLUE, GREY, ORANGE, PLUM, Stack, TEAL, stacks};
use crate::document::{Figure, Table};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{rate, text as cell};
use plotters::style::RGBColor;

const CLASSES: [(&str, &str, RGBColor); 4] = [
    ("daily_share", "Quotidien", BLUE),
    ("weekly_share", "Hebdomadaire", super::LIGHT),
    ("monthly_share", "Mensuel", super::LIGHTER),
    ("none_share", "Aucune visite", GREY),
];

const MOMENTS: [(&str, &str, RGBColor); 5] = [
    ("school_time", "Temps scolaire", BLUE),
    ("evening", "Soir, après 18\u{a0}h", PLUM),
    ("school_day_other", "Autre heure d’un jour de classe", TEAL),
    ("weekend", "Week-end", ORANGE),
    ("holiday", "Vacances", GREY),
];

/// A share of a row of a stack: its column or row, its name, its colour.
type Part = (&'static str, &'static str, RGBColor);

/// A bar of parts for each role that has some shown, and the rows behind it.
struct Cut {
    stacks: Vec<Stack>,
    rows: Vec<Vec<crate::document::TableCell>>,
    told: Vec<String>,
}

impl Cut {
    fn of<'a>(
        parts: &[Part],
        share: impl Fn(&str, &str) -> Option<(&'a Shown, &'a Shown)>,
    ) -> Self {
        let mut cut = Self {
            stacks: Vec::new(),
            rows: Vec::new(),
            told: Vec::new(),
        };
        for role in ROLES.into_iter().chain(["all"]) {
            let mut drawn = Vec::new();
            for (code, name, colour) in parts {
                let Some((value, base)) = share(role, code) else {
                    continue;
                };
                cut.rows
                    .push(vec![cell(role_label(role)), cell(*name), rate(value, base)]);
                let Some(number) = value.number() else {
                    continue;
                };
                let shown = french::percent(number, 0);
                let (role, name) = (role_label(role).to_lowercase(), name.to_lowercase());
                cut.told.push(format!("{role}, {name} : {shown}"));
                drawn.push((number, shown, *colour));
            }
            if !drawn.is_empty() {
                cut.stacks.push(Stack {
                    label: role_label(role).into(),
                    parts: with_rest(drawn),
                });
            }
        }
        cut
    }

    fn key(&self, parts: &[Part]) -> Vec<(String, RGBColor)> {
        let is_drawn = |colour: &RGBColor| {
            let mut all = self.stacks.iter().flat_map(|stack| &stack.parts);
            all.any(|part| part.2 == *colour)
        };
        let named = parts.iter().filter(|part| is_drawn(&part.2));
        let mut key: Vec<_> = named.map(|part| (part.1.to_owned(), part.2)).collect();
        key.extend(rest_key(&self.stacks));
        key
    }
}

fn data(caption: &str, header: [&str; 3], rows: Vec<Vec<crate::document::TableCell>>) -> Table {
    Table {
        caption: french::typeset(caption),
        header: header.map(str::to_owned).to_vec(),
        text_columns: 2,
        rows,
        ..Table::default()
    }
}

/// The last whole month with school: accounts by how often they came.
pub(super) fn frequency(figures: &Figures) -> Option<Figure> {
    let table = figures.table("frequency");
    let is_whole = |row: &ProtectedRow<'_>| {
        row.get("is_whole").integer() == Some(1)
            && row
                .get("school_days")
                .integer()
                .is_some_and(|days| days >= 5)
    };
    let months = table
        .rows()
        .filter(is_whole)
        .filter_map(|row| match row.get("month") {
            Shown::Date(month) => Some(*month),
            _ => None,
        });
    let month = months.max()?;
    let of_month = |role: &str| {
        table.rows().find(|row| {
            row.get("month") == &Shown::Date(month)
                && row.get("level").text() == "all"
                && row.get("role").text() == role
        })
    };
    let cut = Cut::of(&CLASSES, |role, class| {
        let row = of_month(role)?;
        Some((row.get(class), row.get("loaded_accounts")))
    });
    let first = cut.told.first()?;
    let never = of_month("all").map(|row| (row.get("none_share"), row.get("loaded_accounts")));
    let title = match never {
        Some((share, base)) if share.number().is_some() => format!(
            "En {}, {} des comptes ne sont pas venus une seule fois",
            french::month(month),
            french::shown_percent(share, base)
        ),
        _ => format!("Rythme de venue en {}", french::month(month)),
    };
    Some(Figure {
        id: "frequence".into(),
        title: french::typeset(&title),
        subtitle: french::typeset(&format!(
            "Comptes selon leur rythme de venue, {}, {}",
            figures.scope.name,
            french::month(month)
        )),
        alt: french::typeset(&format!(
            "Barres empilées à 100 %. {}.",
            cut.told.join(" ; ")
        )),
        reading: french::typeset(&format!(
            "Lecture : {first}. Quotidien : au moins quatre jours par semaine de classe ; hebdomadaire : au moins un ; mensuel : au moins un jour dans le mois."
        )),
        champ: french::typeset(&format!(
            "Champ : {}, {}.",
            figures.scope.name,
            french::month(month)
        )),
        source: super::source(),
        svg: stacks(&cut.key(&CLASSES), &cut.stacks),
        data: data(
            "Comptes selon leur rythme de venue",
            ["Profil", "Rythme", "Part des comptes"],
            cut.rows,
        ),
    })
}

/// In school time or out of it.
pub(super) fn moments(figures: &Figures) -> Option<Figure> {
    let table = figures.table("moments");
    let of = |role: &str, moment: &str| {
        let row = table.find(&[("level", "all"), ("role", role), ("moment", moment)])?;
        Some((row.get("share"), row.get("all_visits")))
    };
    let cut = Cut::of(&MOMENTS, of);
    let first = cut.told.first()?;
    let title = match of("all", "school_time") {
        Some((share, base)) if share.number().is_some() => format!(
            "{} des visites ont lieu pendant le temps scolaire",
            french::shown_percent(share, base)
        ),
        _ => "Moment des visites selon le profil".to_owned(),
    };
    Some(Figure {
        id: "moments".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, "Part des visites selon le moment de leur début"),
        alt: french::typeset(&format!(
            "Barres empilées à 100 %. {}.",
            cut.told.join(" ; ")
        )),
        reading: french::typeset(&format!(
            "Lecture : {first}. Temps scolaire : lundi, mardi, jeudi, vendredi de 8 h à 18 h et mercredi de 8 h à 12 h, jours de classe."
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: stacks(&cut.key(&MOMENTS), &cut.stacks),
        data: data(
            "Visites selon le moment de leur début",
            ["Profil", "Moment", "Part des visites"],
            cut.rows,
        ),
    })
}
