//! How often people come, and when.

use super::{ROLES, of_role, rest_key, role_label, unpublished, with_rest};
use crate::charts::{BLUE, GREY, ORANGE, PLUM, Stack, TEAL, stacks};
use crate::document::{Block, Figure, Table, TableCell};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{rate, text as cell};
use chrono::NaiveDate;
use plotters::style::RGBColor;

/// A share of a row of a stack.
struct Part {
    /// Its column or row.
    code: &'static str,
    name: &'static str,
    /// What follows `12 % des comptes des élèves` or `12 % des visites des élèves`.
    words: &'static str,
    colour: RGBColor,
}

const fn part(
    code: &'static str,
    name: &'static str,
    words: &'static str,
    colour: RGBColor,
) -> Part {
    Part {
        code,
        name,
        words,
        colour,
    }
}

const CLASSES: [Part; 4] = [
    part("daily_share", "Quotidien", "ont un usage quotidien", BLUE),
    part(
        "weekly_share",
        "Hebdomadaire",
        "ont un usage hebdomadaire",
        super::LIGHT,
    ),
    part(
        "monthly_share",
        "Mensuel",
        "ont un usage mensuel",
        super::LIGHTER,
    ),
    part("none_share", "Aucune visite", "n’ont pas servi", GREY),
];

const MOMENTS: [Part; 5] = [
    part(
        "school_time",
        "Temps scolaire",
        "ont lieu pendant le temps scolaire",
        BLUE,
    ),
    part(
        "evening",
        "Soir, après 18\u{a0}h",
        "ont lieu le soir, après 18 h",
        TEAL,
    ),
    part(
        "school_day_other",
        "Autre heure d’un jour de classe",
        "ont lieu à une autre heure d’un jour de classe",
        PLUM,
    ),
    part("weekend", "Week-end", "ont lieu le week-end", ORANGE),
    part("holiday", "Vacances", "ont lieu pendant les vacances", GREY),
];

/// A bar of parts for each role that has enough shown, and the rows behind it.
#[derive(Default)]
struct Cut {
    stacks: Vec<Stack>,
    rows: Vec<Vec<TableCell>>,
    /// Share and sentence of every part that is drawn.
    told: Vec<(f64, String)>,
    left_out: Vec<&'static str>,
}

impl Cut {
    /// `what` the shares are of: accounts or visits.
    fn of<'a>(
        parts: &[Part],
        what: &str,
        share: impl Fn(&str, &str) -> Option<(&'a Shown, &'a Shown)>,
    ) -> Self {
        let mut cut = Self::default();
        for role in ROLES.into_iter().chain(["all"]) {
            let found: Vec<_> = parts
                .iter()
                .filter_map(|part| Some((part, share(role, part.code)?)))
                .collect();
            if !found.is_empty() {
                cut.add(role, what, &found);
            }
        }
        cut
    }

    fn add(&mut self, role: &'static str, what: &str, found: &[(&Part, (&Shown, &Shown))]) {
        let mut drawn = Vec::new();
        let mut told = Vec::new();
        for (part, (value, base)) in found {
            self.rows.push(vec![
                cell(role_label(role)),
                cell(part.name),
                rate(value, base),
            ]);
            let Some(number) = value.number() else {
                continue;
            };
            // Round figures in the bars, where tenths would crowd.
            let shown = french::percent(number, 0);
            let words = format!("{shown} {what} {} {}", of_role(role), part.words);
            told.push((number, words));
            drawn.push((number, shown, part.colour));
        }
        match with_rest(drawn) {
            Some(parts) => {
                self.told.extend(told);
                self.stacks.push(Stack {
                    label: role_label(role).into(),
                    parts,
                });
            }
            None => self.left_out.push(role_label(role)),
        }
    }

    fn key(&self, parts: &[Part]) -> Vec<(String, RGBColor)> {
        let is_drawn = |colour: &RGBColor| {
            let mut all = self.stacks.iter().flat_map(|stack| &stack.parts);
            all.any(|part| part.2 == *colour)
        };
        let named = parts.iter().filter(|part| is_drawn(&part.colour));
        let mut key: Vec<_> = named
            .map(|part| (part.name.to_owned(), part.colour))
            .collect();
        key.extend(rest_key(&self.stacks));
        key
    }

    /// Whether the bar of all roles together is drawn.
    fn has_all(&self) -> bool {
        let label = role_label("all");
        self.stacks.iter().any(|stack| stack.label == label)
    }

    /// The sentence of the largest part.
    fn largest(&self) -> Option<&str> {
        let most = self.told.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        (most.0 > 0.0).then_some(most.1.as_str())
    }

    fn described(&self) -> String {
        let told: Vec<&str> = self.told.iter().map(|(_, words)| words.as_str()).collect();
        french::typeset(&format!("Barres empilées à 100 %. {}.", told.join(" ; ")))
    }

    /// « Lecture », what the parts are, and the bars that are missing.
    fn reading(&self, largest: &str, parts: &str) -> String {
        let left_out = super::left_out(&self.left_out);
        french::typeset(&format!("Lecture : {largest}. {parts}{left_out}"))
    }
}

fn data(caption: &str, header: [&str; 3], rows: Vec<Vec<TableCell>>) -> Table {
    Table {
        caption: french::typeset(caption),
        header: header.map(str::to_owned).to_vec(),
        text_columns: 2,
        rows,
        ..Table::default()
    }
}

/// The last whole month with school.
fn last_month(figures: &Figures) -> Option<NaiveDate> {
    let is_whole = |row: &ProtectedRow<'_>| {
        row.get("is_whole").integer() == Some(1)
            && row
                .get("school_days")
                .integer()
                .is_some_and(|days| days >= 5)
    };
    let rows = figures.table("frequency").rows().filter(is_whole);
    let months = rows.filter_map(|row| match row.get("month") {
        Shown::Date(month) => Some(*month),
        _ => None,
    });
    months.max()
}

/// The last whole month with school: accounts by how often they came.
pub(super) fn frequency(figures: &Figures) -> Option<Block> {
    let month = last_month(figures)?;
    let of_month = |role: &str| {
        figures.table("frequency").rows().find(|row| {
            row.get("month") == &Shown::Date(month)
                && row.get("level").text() == "all"
                && row.get("role").text() == role
        })
    };
    let mut cut = Cut::of(&CLASSES, "des comptes", |role, class| {
        let row = of_month(role)?;
        Some((row.get(class), row.get("loaded_accounts")))
    });
    let table = data(
        "Comptes selon leur rythme de venue",
        ["Profil", "Rythme", "Part des comptes"],
        std::mem::take(&mut cut.rows),
    );
    let Some(first) = cut.largest() else {
        return (!table.rows.is_empty()).then(|| unpublished::withheld(table));
    };
    let never = of_month("all").and_then(|row| row.get("none_share").number());
    let title = match never.filter(|_| cut.has_all()) {
        Some(share) => format!(
            "En {}, {} des comptes chargés n’ont pas servi",
            french::month(month),
            french::percent(share, 0)
        ),
        _ => format!("Rythme de venue en {}", french::month(month)),
    };
    let about = format!("{}, {}", figures.scope.name, french::month(month));
    Some(Block::Figure(Figure {
        id: "frequence".into(),
        title: french::typeset(&title),
        subtitle: french::typeset(&format!("Comptes selon leur rythme de venue, {about}")),
        alt: cut.described(),
        reading: cut.reading(first, "Quotidien : au moins quatre jours par semaine de classe ; hebdomadaire : au moins un ; mensuel : au moins un jour dans le mois."),
        champ: french::typeset(&format!("Champ : {about}.")),
        source: super::source(),
        svg: stacks(&cut.key(&CLASSES), &cut.stacks),
        data: table,
    }))
}

/// In school time or out of it.
pub(super) fn moments(figures: &Figures) -> Option<Block> {
    let table = figures.table("moments");
    let of = |role: &str, moment: &str| {
        let row = table.find(&[("level", "all"), ("role", role), ("moment", moment)])?;
        Some((row.get("share"), row.get("all_visits")))
    };
    let mut cut = Cut::of(&MOMENTS, "des visites", of);
    let table = data(
        "Visites selon le moment de leur début",
        ["Profil", "Moment", "Part des visites"],
        std::mem::take(&mut cut.rows),
    );
    let Some(first) = cut.largest() else {
        return (!table.rows.is_empty()).then(|| unpublished::withheld(table));
    };
    let in_class = of("all", "school_time").and_then(|(share, _)| share.number());
    let title = match in_class.filter(|_| cut.has_all()) {
        Some(share) => format!(
            "{} des visites ont lieu pendant le temps scolaire",
            french::percent(share, 0)
        ),
        _ => "Moment des visites selon le profil".to_owned(),
    };
    Some(Block::Figure(Figure {
        id: "moments".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, "Part des visites selon le moment de leur début"),
        alt: cut.described(),
        reading: cut.reading(first, "Temps scolaire : lundi, mardi, jeudi, vendredi de 8 h à 18 h et mercredi de 8 h à 12 h, jours de classe."),
        champ: super::champ(figures),
        source: super::source(),
        svg: stacks(&cut.key(&MOMENTS), &cut.stacks),
        data: table,
    }))
}
