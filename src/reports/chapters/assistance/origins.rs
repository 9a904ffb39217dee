//! Who asks, from where, how and why, beside usage.

use super::super::{level_label, role_label};
use super::tables::shown_columns;
use super::{source, table};
use crate::charts::{Bar, TEAL, bars};
use crate::document::{Block, Figure, Table, TableCell};
use crate::domain::Departement;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable, Shown};
use crate::reports::tables::{number, text as cell};

const UNTOLD: &str = "Non renseigné";

/// Tables of who asks and of how requests come, those that have rows.
pub(in super::super) fn blocks(figures: &Figures) -> Vec<Block> {
    let tables = [who(figures), how(figures)];
    let tables = tables.into_iter().filter(|table| !table.rows.is_empty());
    tables.map(Block::Table).collect()
}

fn dimension_label(dimension: &str) -> &'static str {
    match dimension {
        "level" => "Degré",
        "role" => "Profil",
        "departement" => "Département",
        "helpdesk" => "Premier guichet",
        "channel" => "Canal",
        _ => "Nature",
    }
}

fn value_label(dimension: &str, value: &str) -> String {
    match (dimension, value) {
        (_, "nd") => UNTOLD.into(),
        ("level", value) => level_label(value).into(),
        ("role", value) => role_label(value).into(),
        ("departement", code) => Departement::ALL
            .iter()
            .find(|known| known.code() == code)
            .map_or(code, |known| known.name())
            .into(),
        ("kind", "incident") => "Incident".into(),
        ("kind", "request") => "Demande de service".into(),
        (_, value) => value.into(),
    }
}

fn of_dimension<'a>(
    figures: &'a Figures,
    dimension: &'a str,
) -> impl Iterator<Item = ProtectedRow<'a>> + use<'a> {
    let all = figures.table("assistance_breakdown").rows();
    all.filter(move |row| row.get("dimension").text() == dimension)
}

/// The values of a dimension, what is not told last; nothing where one level, or one
/// département, is the whole.
fn group<'a>(figures: &'a Figures, dimension: &'a str) -> Vec<ProtectedRow<'a>> {
    let is_told =
        |row: &ProtectedRow<'_>| value_label(dimension, row.get("value").text()) != UNTOLD;
    let (mut told, untold): (Vec<_>, Vec<_>) = of_dimension(figures, dimension).partition(is_told);
    told.extend(untold);
    let is_place = ["level", "departement"].contains(&dimension);
    if is_place && told.len() == 1 {
        told.clear();
    }
    told
}

/// Dimension, value, requests.
fn named(dimension: &str, row: ProtectedRow<'_>) -> Vec<TableCell> {
    vec![
        cell(dimension_label(dimension)),
        cell(value_label(dimension, row.get("value").text())),
        number(row.get("opened")),
    ]
}

/// Requests beside the accounts and visits of the same people, where there are such.
fn of_people(dimension: &str, row: ProtectedRow<'_>) -> Vec<TableCell> {
    let has_people = row.get("loaded_accounts") != &Shown::Missing;
    let mut cells = named(dimension, row);
    cells.extend(["per_1000", "per_10000"].map(|name| match has_people {
        true => number(row.get(name)),
        false => cell("///"),
    }));
    cells
}

fn rows(
    figures: &Figures,
    dimensions: &[&str],
    cells: fn(&str, ProtectedRow<'_>) -> Vec<TableCell>,
) -> Vec<Vec<TableCell>> {
    let of = |dimension: &&str| {
        let rows = group(figures, dimension).into_iter();
        rows.map(|row| cells(dimension, row)).collect::<Vec<_>>()
    };
    dimensions.iter().flat_map(of).collect()
}

/// Who asks and from where.
fn who(figures: &Figures) -> Table {
    let dimensions = ["level", "role", "departement"];
    let note = "Comptes chargés et visites des mêmes personnes. Le degré et le département sont ceux de l’établissement que la demande nomme, lorsqu’il est reconnu.";
    let untold = untold_note(figures, &[("role", "no_role", "le profil")]);
    shown_columns(table(
        "Qui demande, et d’où",
        [
            "Selon",
            "Catégorie",
            "Demandes ouvertes",
            "Pour 1\u{202f}000 comptes",
            "Pour 10\u{202f}000 visites",
        ],
        2,
        rows(figures, &dimensions, of_people),
        &format!("{note}{untold}"),
    ))
}

/// By which desk and channel, about what kind of thing.
fn how(figures: &Figures) -> Table {
    let untold = untold_note(
        figures,
        &[
            ("channel", "no_channel", "le canal"),
            ("kind", "no_kind", "la nature"),
        ],
    );
    table(
        "Comment les demandes arrivent",
        ["Selon", "Catégorie", "Demandes ouvertes"],
        2,
        rows(figures, &["helpdesk", "channel", "kind"], named),
        untold.trim_start(),
    )
}

/// Why some values are not told: dimension, that of the desks that never tell it, its name.
fn untold_note(figures: &Figures, dimensions: &[(&str, &str, &str)]) -> String {
    let mut by_desks: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (dimension, silent, name) in dimensions {
        if !has_untold(figures, dimension) {
            continue;
        }
        let desks = never_telling(figures, dimension, silent);
        match by_desks.iter_mut().find(|(known, _)| *known == desks) {
            Some((_, names)) => names.push(name),
            None => by_desks.push((desks, vec![name])),
        }
    }
    if by_desks.is_empty() {
        return String::new();
    }
    let never: String = by_desks.iter().map(never_told).collect();
    format!(" Non renseigné : l’outil du guichet ne le dit pas.{never}")
}

fn has_untold(figures: &Figures, dimension: &str) -> bool {
    let mut rows = of_dimension(figures, dimension);
    rows.any(|row| value_label(dimension, row.get("value").text()) == UNTOLD)
}

/// The desks that never tell a dimension, where all its values are shown: the requests of a desk
/// would tell those that are hidden.
fn never_telling<'a>(figures: &'a Figures, dimension: &str, silent: &'a str) -> Vec<&'a str> {
    let mut values = of_dimension(figures, dimension);
    match values.all(|row| row.get("opened").number().is_some()) {
        true => of_dimension(figures, silent)
            .map(|row| row.get("value").text())
            .collect(),
        false => Vec::new(),
    }
}

/// Names the desks that never tell something.
fn never_told((desks, names): &(Vec<&str>, Vec<&str>)) -> String {
    let verb = match desks.len() {
        0 => return String::new(),
        1 => "N’indique",
        _ => "N’indiquent",
    };
    let (names, desks) = (names.join(" ni "), desks.join(", "));
    format!(" {verb} jamais {names} : {desks}.")
}

/// The first reasons.
pub(in super::super) fn reasons(figures: &Figures) -> Option<Figure> {
    let rows: Vec<_> = of_dimension(figures, "reason").collect();
    let shown = shown_reasons(&rows);
    let (first, count) = shown.first()?;
    let told: Vec<String> = shown
        .iter()
        .map(|(name, n)| format!("{name} {}", french::integer(*n)))
        .collect();
    let drawn: Vec<Bar> = shown.iter().map(bar).collect();
    let data = rows
        .iter()
        .map(|row| vec![cell(row.get("value").text()), number(row.get("opened"))]);
    Some(Figure {
        id: "motifs".into(),
        title: french::typeset(&reasons_title(figures.table("assistance_breakdown"))),
        subtitle: super::super::subtitle(figures, "Demandes ouvertes par motif, tous guichets"),
        alt: french::typeset(&format!("Barres horizontales : {}.", told.join(", "))),
        reading: french::typeset(&format!(
            "Lecture : {} demandes portent sur « {first} ».{}",
            french::integer(*count),
            match rows.len() > shown.len() {
                true => " D’autres motifs, plus rares ou secrets, ne sont pas montrés.",
                false => "",
            }
        )),
        champ: super::super::champ(figures),
        source: source(),
        svg: bars(&drawn),
        data: table(
            "Demandes par motif",
            ["Motif", "Demandes"],
            1,
            data.collect(),
            "",
        ),
    })
}

fn shown_reasons(rows: &[ProtectedRow<'_>]) -> Vec<(String, i64)> {
    const MOST: usize = 8;
    let shown = rows.iter().filter_map(|row| {
        let count = row.get("opened").integer()?;
        Some((row.get("value").text().to_owned(), count))
    });
    shown.take(MOST).collect()
}

fn bar((name, count): &(String, i64)) -> Bar {
    Bar {
        label: name.clone(),
        value: *count as f64,
        shown: french::integer(*count),
        colour: TEAL,
    }
}

/// Names the first reason where it is told and no other may be as frequent.
fn reasons_title(all: &ProtectedTable) -> String {
    // From the most frequent on: what comes after the second is not more than it.
    let mut rows = all
        .rows()
        .filter(|row| row.get("dimension").text() == "reason");
    let (first, second) = (rows.next(), rows.next());
    let count = |row: ProtectedRow<'_>| row.get("opened").integer();
    let name = first.map_or("", |row| row.get("value").text());
    let is_first = match second {
        Some(second) => first.and_then(count) > count(second) && count(second).is_some(),
        None => true,
    };
    match is_first && name != UNTOLD {
        true => format!("« {name} » est le premier motif de demande"),
        false => "Motifs des demandes".into(),
    }
}
