//! The establishments of a territory, one by one: for its steering committee.

use super::comparison::change;
use super::{chapter, text};
use crate::charts::{BLUE, GREY, Mark, ORANGE, Spot, spots};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::domain::Departement;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::ProtectedRow;
use crate::reports::tables::{number, rate, text as cell};
use std::collections::BTreeMap;

/// Rows of a list that the PDF prints.
const PRINTED: usize = 40;
/// A loss of so much of the visits, of at least so many, is a drop.
pub(super) const DROP: f64 = -0.3;
const ENOUGH: f64 = 50.0;
const TYPES: [(&str, &str); 6] = [
    ("ECOLE", "École"),
    ("COLLEGE", "Collège"),
    ("LYCEE", "Lycée"),
    ("LYCEE AGRICOLE", "Lycée agricole"),
    ("LYCEE PRO", "Lycée professionnel"),
    ("EREA", "EREA"),
];

pub(super) fn establishments(figures: &Figures) -> Chapter {
    let mut blocks = vec![text(
        "Une personne rattachée à plusieurs établissements compte dans chacun d’eux : ces lignes ne s’additionnent pas.",
    )];
    blocks.extend(map(figures));
    blocks.extend(silent(figures));
    blocks.extend(dropped(figures));
    blocks.push(Block::Table(all(figures)));
    chapter("etablissements", "Établissements", blocks)
}

/// The name of a type of establishment.
pub(super) fn type_label(code: &str) -> String {
    if code == "all" {
        return "Ensemble".into();
    }
    let known = TYPES.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| code.to_lowercase(), |(_, label)| (*label).to_owned())
}

fn visits(row: &ProtectedRow<'_>) -> Option<i64> {
    row.get("visits").integer()
}

/// What each is, at the left of every list.
fn named(row: &ProtectedRow<'_>) -> Vec<TableCell> {
    vec![
        cell(french::typeset(row.get("name").text())),
        cell(french::typeset(row.get("commune").text())),
        cell(type_label(row.get("type").text())),
    ]
}

/// Establishments of which nobody came at all.
fn silent(figures: &Figures) -> Vec<Block> {
    let table = figures.table("establishments");
    let silent: Vec<_> = table.rows().filter(|row| visits(row) == Some(0)).collect();
    let rows = silent.iter().map(|row| {
        let mut cells = named(row);
        cells.push(number(row.get("loaded_accounts")));
        cells
    });
    let list = Table {
        caption: french::typeset("Établissements sans aucune visite sur la période"),
        header: ["Établissement", "Commune", "Type", "Comptes chargés"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        printed: Some(PRINTED),
        note: french::typeset("Champ : établissements qui ont des comptes à la date des données."),
        ..Table::default()
    };
    let mut blocks = vec![text(&silence(figures))];
    if !silent.is_empty() {
        blocks.push(Block::Table(list));
    }
    blocks
}

/// Whether some are known to have had no visit.
pub(super) fn is_silent(figures: &Figures) -> bool {
    let mut rows = figures.table("establishments").rows();
    rows.any(|row| visits(&row) == Some(0))
}

/// How many had no visit.
pub(super) fn silence(figures: &Figures) -> String {
    let rows = figures.table("establishments").rows();
    let visits: Vec<Option<i64>> = rows.map(|row| visits(&row)).collect();
    let silent = visits.iter().filter(|visits| **visits == Some(0)).count();
    let shown = visits.iter().flatten().count();
    silent_sentence(silent as i64, shown as i64, visits.len() as i64)
}

/// How many of those whose visits are shown had none.
fn silent_sentence(silent: i64, shown: i64, all: i64) -> String {
    let places = format!(
        "{} établissement{}",
        french::integer(shown),
        french::plural(shown)
    );
    let published = format!("{places} dont les visites sont publiées");
    let (number, verb) = (
        french::integer(silent),
        if silent < 2 { "a" } else { "ont" },
    );
    match silent {
        _ if shown == 0 => "Les visites de chaque établissement ne sont pas publiées : les effectifs sont trop faibles.".into(),
        0 if shown > 1 && shown == all => {
            format!("Aucun des {places} n’est resté sans visite.")
        }
        0 if 2 * shown < all => format!(
            "Les visites ne sont publiables que pour {places} sur {} ; aucun d’eux n’est resté sans visite.",
            french::integer(all)
        ),
        0 => format!("Sur {published}, aucun n’est resté sans visite."),
        _ if shown == all => format!(
            "{number} établissement{} sur {} n’{verb} eu aucune visite.",
            french::plural(silent),
            french::integer(all)
        ),
        _ => format!("Sur {published}, {number} n’{verb} eu aucune visite."),
    }
}

/// Rows of the year before, by establishment.
fn before(figures: &Figures) -> BTreeMap<&str, ProtectedRow<'_>> {
    let rows = figures.table_before("establishments").rows();
    rows.map(|row| (row.get("uai").text(), row)).collect()
}

/// The change of visits in a year of those of which enough are shown of both, with its
/// rows now and before.
pub(super) fn compared(figures: &Figures) -> Vec<(f64, ProtectedRow<'_>, ProtectedRow<'_>)> {
    if figures.is_broken() {
        return Vec::new();
    }
    let before = before(figures);
    let rows = figures.table("establishments").rows();
    let compared = rows.filter_map(|row| {
        let old = before.get(row.get("uai").text())?;
        let (now, then) = (row.get("visits").number()?, old.get("visits").number()?);
        (then >= ENOUGH).then(|| (now / then - 1.0, row, *old))
    });
    compared.collect()
}

/// Those whose visits fell most; where nobody came any more, another list tells them.
fn dropped(figures: &Figures) -> Option<Block> {
    let mut found = compared(figures);
    found.retain(|(loss, ..)| *loss <= DROP && *loss > -1.0);
    found.sort_by(|a, b| {
        a.0.total_cmp(&b.0)
            .then(a.1.get("uai").text().cmp(b.1.get("uai").text()))
    });
    let rows = found.iter().map(|(_, row, old)| {
        let mut cells = named(row);
        cells.extend([
            number(old.get("visits")),
            number(row.get("visits")),
            change(figures, row.get("visits"), Some(old.get("visits"))),
        ]);
        cells
    });
    let table = Table {
        caption: french::typeset(
            "Établissements dont les visites ont baissé de 30 % ou plus sur un an",
        ),
        header: [
            "Établissement",
            "Commune",
            "Type",
            "Un an avant",
            "Visites",
            "Évolution",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        printed: Some(PRINTED),
        note: french::typeset(&format!(
            "Champ : établissements d’au moins 50 visites un an avant.{}",
            super::comparison_note(figures)
        )),
        ..Table::default()
    };
    (!found.is_empty()).then_some(Block::Table(table))
}

/// All of them, with their change.
fn all(figures: &Figures) -> Table {
    let before = before(figures);
    let rows = figures.table("establishments").rows().map(|row| {
        let old = before.get(row.get("uai").text());
        let mut cells = named(&row);
        cells.extend([
            number(row.get("loaded_accounts")),
            number(row.get("visitors")),
            rate(row.get("active_rate"), row.get("loaded_accounts")),
            number(row.get("visits")),
            change(figures, row.get("visits"), old.map(|old| old.get("visits"))),
        ]);
        cells
    });
    let table = Table {
        caption: french::typeset("Usages de chaque établissement"),
        header: [
            "Établissement",
            "Commune",
            "Type",
            "Comptes",
            "Visiteurs",
            "Taux de visiteurs",
            "Visites",
            "Évolution sur un an",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 3,
        rows: rows.collect(),
        printed: Some(PRINTED),
        note: french::typeset(&format!(
            "s : secret statistique ; ns : taux non significatif, moins de 30 comptes ; nd : non disponible.{}",
            super::comparison_note(figures)
        )),
        ..Table::default()
    };
    table.without_empty_columns().without_hidden_changes()
}

const HALF: Mark = Mark::Disc(BLUE);
const LESS: Mark = Mark::Ring(BLUE);
const NOBODY: Mark = Mark::Diamond(ORANGE);
const UNKNOWN: Mark = Mark::Point(GREY);

/// What an establishment is on the map.
fn class(row: &ProtectedRow<'_>) -> Mark {
    match (visits(row), row.get("active_rate").number()) {
        (Some(0), _) => NOBODY,
        (_, Some(share)) if share >= 0.5 => HALF,
        (_, Some(_)) => LESS,
        _ => UNKNOWN,
    }
}

const CLASSES: [(&str, Mark); 4] = [
    ("50 ou plus", HALF),
    ("Moins de 50", LESS),
    ("Aucune visite", NOBODY),
    ("Secret ou non significatif", UNKNOWN),
];

/// Each class that some are of, with how many.
fn counted(marks: &[Mark]) -> Vec<(&'static str, i64, Mark)> {
    let count = |mark: Mark| marks.iter().filter(|known| **known == mark).count() as i64;
    let classes = CLASSES.map(|(name, mark)| (name, count(mark), mark));
    let is_some = |class: &(_, i64, _)| class.1 > 0;
    classes.into_iter().filter(is_some).collect()
}

/// In how many establishments half of the accounts have visitors, of those whose rate is shown.
fn map_title(figures: &Figures) -> String {
    let rows = || figures.table("establishments").rows();
    let all = rows().count() as i64;
    let shown = rows().filter(|row| class(row) != UNKNOWN).count() as i64;
    let many = rows().filter(|row| class(row) == HALF).count() as i64;
    let (number, total) = (french::integer(many), french::integer(shown));
    let among = match (many == shown, shown == all) {
        (true, true) => format!("Dans les {total} établissements"),
        (true, false) => format!("Dans les {total} établissements dont le taux est publié"),
        (false, true) => format!("Dans {number} établissements sur {total}"),
        (false, false) => {
            format!("Dans {number} des {total} établissements dont le taux est publié")
        }
    };
    match many {
        0 | 1 => "Établissements selon leur taux de visiteurs".into(),
        _ => format!("{among}, on compte au moins 50 visiteurs pour 100 comptes"),
    }
}

/// What a map of one class would show.
fn one_class(figures: &Figures, mark: Mark) -> Option<Block> {
    let rows = figures.table("establishments").rows();
    let many = rows.filter(|row| class(row) == HALF).count();
    match mark {
        HALF if many > 1 => Some(text(&format!("{}.", map_title(figures)))),
        LESS if many == 0 => Some(text(
            "Aucun établissement dont le taux est publié n’atteint 50 visiteurs pour 100 comptes.",
        )),
        _ => None,
    }
}

/// Départements of the establishments, by their code.
fn grounds(figures: &Figures) -> Vec<&str> {
    let rows = figures.table("establishments").rows();
    let mut codes: Vec<&str> = rows.map(|row| row.get("departement").text()).collect();
    codes.retain(|code| Departement::ALL.iter().any(|known| known.code() == *code));
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn placed(figures: &Figures) -> Vec<Spot> {
    let rows = figures.table("establishments").rows();
    let spots = rows.filter_map(|row| {
        Some(Spot {
            longitude: row.get("longitude").number()?,
            latitude: row.get("latitude").number()?,
            mark: class(&row),
        })
    });
    spots.collect()
}

/// Where the establishments are, by their rate of visitors; a sentence where all are of one class.
fn map(figures: &Figures) -> Option<Block> {
    let (drawn, codes) = (placed(figures), grounds(figures));
    if drawn.len() < 2 || codes.is_empty() {
        return None;
    }
    let marks: Vec<Mark> = drawn.iter().map(|spot| spot.mark).collect();
    let classes = counted(&marks);
    let [_, _, ..] = classes[..] else {
        return one_class(figures, classes.first()?.2);
    };
    let key = classes
        .iter()
        .map(|(name, count, mark)| (format!("{name} ({})", french::integer(*count)), *mark));
    let key: Vec<(String, Mark)> = key.collect();
    Some(Block::Figure(map_figure(figures, &codes, &drawn, &key)))
}

fn map_figure(figures: &Figures, codes: &[&str], drawn: &[Spot], key: &[(String, Mark)]) -> Figure {
    let total = figures.table("establishments").rows().count() as i64;
    let told: Vec<&str> = key.iter().map(|(name, _)| name.as_str()).collect();
    Figure {
        id: "carte-etablissements".into(),
        title: french::typeset(&map_title(figures)),
        subtitle: super::subtitle(
            figures,
            "Établissements selon le nombre de visiteurs pour 100 comptes chargés",
        ),
        alt: french::typeset(&format!(
            "Carte du territoire, un point par établissement. {}. Le tableau des établissements en donne le détail.",
            told.join(" ; ")
        )),
        reading: french::typeset(&format!(
            "Lecture : un point par établissement dont les coordonnées sont connues, {} sur {}.",
            french::integer(drawn.len() as i64),
            french::integer(total)
        )),
        champ: super::champ(figures),
        source: french::typeset(
            "Source : observatoire des usages ; fonds IGN Admin Express 2018, simplifié.",
        ),
        svg: spots(codes, drawn, key),
        data: all(figures),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_of_what_is_published() {
        let all = silent_sentence(0, 21, 21);
        assert_eq!(all, "Aucun des 21 établissements n’est resté sans visite.");
        let some = silent_sentence(0, 16, 21);
        assert!(
            some.contains("16 établissements dont les visites sont publiées"),
            "{some}"
        );
        let one = silent_sentence(1, 21, 21);
        assert_eq!(one, "1 établissement sur 21 n’a eu aucune visite.");
        assert!(silent_sentence(0, 0, 3).contains("ne sont pas publiées"));
    }

    #[test]
    fn classes_that_nobody_is_of_are_left_out() {
        let classes = counted(&[HALF, UNKNOWN, HALF]);
        let told: Vec<_> = classes.iter().map(|class| (class.0, class.1)).collect();
        assert_eq!(told, [("50 ou plus", 2), ("Secret ou non significatif", 1)]);
    }
}
