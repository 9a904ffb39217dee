//! What is wrong with a row of a register: the column and the reason. A reason
//! never repeats the cell.

use super::definitions::{Holds, Register};
use crate::domain::Uai;
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::BTreeSet;

/// What cells may refer to.
pub struct Known {
    /// UAI numbers of the school list; where it is empty, any valid number will do.
    pub schools: BTreeSet<String>,
    /// Identifiers of partners.
    pub partners: BTreeSet<String>,
}

/// A column and what is wrong in it.
pub(super) type Fault = (&'static str, String);

/// The first fault of a row, if it has one. `ids` are those of the rows before.
pub(super) fn fault<'c>(
    register: &Register,
    cells: &[Option<&'c str>],
    ids: &mut BTreeSet<&'c str>,
    known: &Known,
) -> Option<Fault> {
    let of_cell = |((name, holds), cell): (&(&'static str, Holds), &Option<&str>)| {
        Some((*name, of_cell(*holds, *cell, known)?))
    };
    let cell_by_cell = register.columns.iter().zip(cells).find_map(of_cell);
    cell_by_cell.or_else(|| order(register, cells)).or_else(|| {
        let is_new = cells[0].is_none_or(|id| ids.insert(id));
        (!is_new).then(|| ("id", "duplicate id".into()))
    })
}

fn of_cell(holds: Holds, cell: Option<&str>, known: &Known) -> Option<String> {
    let Some(text) = cell else {
        return (!holds.may_be_empty()).then(|| "empty".into());
    };
    match holds {
        Holds::Text | Holds::Note => None,
        Holds::Date | Holds::OptionalDate => unless(
            text.parse::<NaiveDate>()
                .is_ok_and(|day| day.to_string() == text),
            "not a date like 2025-11-03",
        ),
        Holds::Time => unless(is_time(text), "not a time like 2025-11-03T08:00"),
        Holds::Number => unless(text.parse::<u32>().is_ok(), "not a whole number"),
        Holds::OneOf(words) => unless(
            words.contains(&text),
            &format!("not one of {}", words.join(", ")),
        ),
        Holds::SomeOf(words) => unless(
            items(text).all(|item| words.contains(&item)),
            &format!("not some of {}", words.join(", ")),
        ),
        Holds::Schools => items(text).find_map(|item| school(item, known)),
        Holds::Partners => items(text).find_map(|item| partner(item, known)),
        Holds::Partner => partner(text, known),
    }
}

/// Written in full, so that texts are in the order of their times.
fn is_time(text: &str) -> bool {
    const FORM: &str = "%Y-%m-%dT%H:%M";
    let time = NaiveDateTime::parse_from_str(text, FORM);
    time.is_ok_and(|time| time.format(FORM).to_string() == text)
}

/// The parts of a list.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',']).filter(|item| !item.is_empty())
}

fn unless(right: bool, reason: &str) -> Option<String> {
    (!right).then(|| reason.to_owned())
}

fn school(text: &str, known: &Known) -> Option<String> {
    // The queries look for the text as it stands.
    let Some(uai) = Uai::parse(text).ok().filter(|uai| uai.as_str() == text) else {
        return Some("not a UAI number like 0590001A".into());
    };
    if !uai.check_letter_is_right() {
        return Some("UAI with a wrong letter".into());
    }
    let is_known = known.schools.is_empty() || known.schools.contains(uai.as_str());
    unless(is_known, "UAI that the school list does not have")
}

fn partner(id: &str, known: &Known) -> Option<String> {
    unless(known.partners.contains(id), "unknown partner")
}

/// Dates and counts that must not be greater than others.
fn order(register: &Register, cells: &[Option<&str>]) -> Option<Fault> {
    let value = |column: &str| cells[register.place(column)?];
    if let (Some(start), Some(end)) = (value("debut"), value("fin"))
        && start > end
    {
        return Some(("fin", "end before start".into()));
    }
    let number = |column: &str| value(column)?.parse::<u32>().ok();
    let more = |part: &str, whole: &str| {
        let (part, whole) = (number(part)?, number(whole)?);
        (part > whole).then_some(())
    };
    if more("effectif", "repondants").is_some() {
        return Some(("effectif", "more answers than respondents".into()));
    }
    let more_than_asked = more("repondants", "sollicites");
    more_than_asked.map(|()| ("repondants", "more respondents than people asked".into()))
}
