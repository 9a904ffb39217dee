//! What stopped, as the logs show it: outages, and silences of a path or of a role,
//! beside what the registers of incidents and of crisis decisions declare.

use super::quality::path_label;
use crate::document::{Table, TableCell};
use crate::domain::Role;
use crate::french;
use crate::indicators::{Figures, RegisterRow};
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{number, text as cell};
use chrono::{NaiveDateTime, TimeDelta};

/// From the first instant to the one after the last.
type Span = (NaiveDateTime, NaiveDateTime);

/// The span of a row of these two registers.
fn span(row: &RegisterRow) -> Option<Span> {
    let time = |name: &str| NaiveDateTime::parse_from_str(row.get(name)?, "%Y-%m-%dT%H:%M").ok();
    Some((time("debut")?, time("fin")?))
}

/// Where a row of figures lies, to the minute.
fn place(row: &ProtectedRow<'_>) -> Option<Span> {
    let Shown::Date(day) = row.get("day") else {
        return None;
    };
    let at = |minute: i64| Some(day.and_hms_opt(0, 0, 0)? + TimeDelta::minutes(minute));
    let (first, last) = (row.get("first_minute"), row.get("last_minute"));
    Some((at(first.integer()?)?, at(last.integer()? + 1)?))
}

fn overlap(one: Span, other: Span) -> bool {
    one.0 < other.1 && one.1 > other.0
}

fn is_in_register(figures: &Figures, register: &str, place: Span) -> bool {
    let rows = figures.whole_register(register).iter();
    rows.filter_map(span).any(|span| overlap(span, place))
}

/// Whether the logs show an outage or a silence while an incident of the register lasted.
pub(super) fn is_seen(figures: &Figures, incident: &RegisterRow) -> bool {
    let Some(declared) = span(incident) else {
        return false;
    };
    let seen = ["outages", "unusual_silences"].map(|name| figures.table(name));
    let mut places = seen.iter().flat_map(|table| table.rows());
    places.any(|row| place(&row).is_some_and(|place| overlap(place, declared)))
}

/// Outages of the logs of which the register of incidents says nothing.
pub(super) fn undeclared(figures: &Figures) -> usize {
    let places = figures
        .table("outages")
        .rows()
        .filter_map(|row| place(&row));
    places
        .filter(|place| !is_in_register(figures, "incidents", *place))
        .count()
}

/// Whether a register says why a path or a role was silent.
pub(in crate::reports) fn is_explained(figures: &Figures, silence: &ProtectedRow<'_>) -> bool {
    let registers: &[&str] = match silence.get("family").text() {
        "role" => &["decisions-de-crise", "incidents"],
        _ => &["incidents"],
    };
    let is_in = |place| {
        let mut registers = registers.iter();
        registers.any(|register| is_in_register(figures, register, place))
    };
    place(silence).is_some_and(is_in)
}

/// Day, path or role, from, to.
fn head(row: &ProtectedRow<'_>, subject: &str) -> Option<(Span, Vec<TableCell>)> {
    let place = place(row)?;
    let (first, last) = (
        row.get("first_minute").integer()?,
        row.get("last_minute").integer()?,
    );
    let cells = vec![
        cell(french::date(place.0.date())),
        cell(subject),
        cell(french::minute_of_day(first)),
        cell(french::minute_of_day(last + 1)),
    ];
    Some((place, cells))
}

fn yes_or_no(is_so: bool) -> TableCell {
    cell(if is_so { "oui" } else { "non" })
}

fn header(names: [&str; 7]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// The longest stretch without any good answer.
fn dead(row: &ProtectedRow<'_>) -> TableCell {
    let minute = |name: &str| row.get(name).integer();
    match (minute("dead_first_minute"), minute("dead_last_minute")) {
        (Some(first), Some(last)) => cell(format!(
            "{} à {}",
            french::minute_of_day(first),
            french::minute_of_day(last + 1)
        )),
        _ => cell("aucun"),
    }
}

/// That no outage is seen, and what availability counts as failing all the same.
fn none_seen(figures: &Figures) -> String {
    let rows = figures
        .table("quality")
        .select(&[("time_of", "toutes heures")]);
    let failing = rows.filter_map(|row| {
        let minutes = |name: &str| row.get(name).integer();
        Some(minutes("minutes_measured")? - minutes("minutes_silent")? - minutes("minutes_up")?)
    });
    let failing: i64 = failing.sum();
    let alone = match failing {
        0 => String::new(),
        1 => " ; une minute isolée en échec est comptée comme indisponible".into(),
        n => format!(
            " ; {} minutes isolées en échec sont comptées comme indisponibles",
            french::integer(n)
        ),
    };
    french::typeset(&format!(
        "Aucune interruption d’au moins cinq minutes n’est vue dans les journaux{alone}."
    ))
}

pub(super) fn outages(figures: &Figures) -> Table {
    let rows = figures.table("outages").rows().filter_map(|row| {
        let (place, mut cells) = head(&row, path_label(row.get("path").text()))?;
        let failed = row.get("failures").number()? / row.get("requests").number()?;
        cells.push(dead(&row));
        cells.push(yes_or_no(is_in_register(figures, "incidents", place)));
        cells.push(TableCell {
            text: french::percent(failed, row.get("requests").integer()?),
            number: Some(failed),
            ratio: true,
        });
        Some(cells)
    });
    let rows: Vec<_> = rows.collect();
    Table {
        caption: "Interruptions vues dans les journaux".into(),
        said: rows.is_empty().then(|| none_seen(figures)),
        header: header([
            "Jour",
            "Composant",
            "De",
            "À",
            "Sans aucune réponse correcte",
            "Au registre",
            "Requêtes en échec",
        ]),
        text_columns: 6,
        rows,
        note: french::typeset(
            "Au moins cinq minutes en échec (1 % d’erreurs de la plateforme ou plus), séparées par cinq bonnes minutes au plus, et un tiers des requêtes en échec en tout. « non » : le registre des incidents ne dit rien de cette interruption.",
        ),
        ..Table::default()
    }
}

/// Stretches in which a path or a role was silent though the rest went on; none, no table.
pub(super) fn silences(figures: &Figures) -> Option<Table> {
    let rows = figures.table("unusual_silences").rows().filter_map(|row| {
        let (_, mut cells) = head(&row, subject(&row))?;
        cells.push(yes_or_no(is_explained(figures, &row)));
        cells.push(cell(if row.get("family").text() == "role" {
            "visites"
        } else {
            "requêtes"
        }));
        cells.push(number(row.get("expected")));
        Some(cells)
    });
    let rows: Vec<_> = rows.collect();
    let table = Table {
        caption: "Silences anormaux".into(),
        header: header([
            "Jour",
            "Composant ou profil",
            "De",
            "À",
            "Aux registres",
            "Mesure",
            "Attendu",
        ]),
        text_columns: 6,
        rows,
        note: french::typeset(
            "Aucune requête vers un composant, ou aucune visite d’un profil, alors que le reste de l’ENT était fréquenté. Attendu : ce que l’on compte d’habitude aux mêmes heures des jours semblables de l’année scolaire. Aux registres : incident ou décision de crise déclarés pour ce moment.",
        ),
        ..Table::default()
    };
    (!table.rows.is_empty()).then_some(table)
}

/// The path or the role that was silent.
pub(super) fn subject<'a>(silence: &ProtectedRow<'a>) -> &'a str {
    let subject = silence.get("subject").text();
    match silence.get("family").text() {
        "role" => role_label(subject),
        _ => path_label(subject),
    }
}

/// Whose visits, or to what the requests: `des élèves`, `vers l’ENT`.
pub(super) fn whose(silence: &ProtectedRow<'_>) -> String {
    let subject = silence.get("subject").text();
    match (silence.get("family").text(), subject) {
        ("role", role) => format!("des {}", role_label(role).to_lowercase()),
        (_, "connexion") => "vers la connexion (fédération)".into(),
        _ => "vers l’ENT".into(),
    }
}

/// `Le 12 novembre 2025 de 10 h 05 à 11 h 30`
pub(super) fn when(silence: &ProtectedRow<'_>) -> Option<String> {
    let (from, _) = place(silence)?;
    let minute = |name: &str| silence.get(name).integer();
    Some(format!(
        "Le {} de {} à {}",
        french::date(from.date()),
        french::minute_of_day(minute("first_minute")?),
        french::minute_of_day(minute("last_minute")? + 1)
    ))
}

fn role_label(code: &str) -> &'static str {
    let roles = [Role::Student, Role::Parent, Role::Teacher, Role::Staff];
    let found = roles.into_iter().find(|role| role.code() == code);
    found.unwrap_or(Role::Unknown).label()
}
