//! Registers kept by the analysts: one documented CSV each, `;`-separated.

use super::{Context, FileReport, Input, Report, store, tabular};
use crate::lake::{Counts, Table, Value};
use chrono::{NaiveDate, NaiveDateTime};
use std::path::Path;

/// What a column of a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text, required.
    Text,
    /// Text that may be empty.
    Note,
    /// `2025-11-03`
    Date,
    /// `2025-11-03`, or empty.
    OptionalDate,
    /// `2025-11-03T08:00`, local time.
    Time,
    /// A whole number.
    Number,
}

/// A register: its name and its columns.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// The name on the command line.
    pub name: &'static str,
    /// Columns in order.
    pub columns: &'static [(&'static str, Holds)],
}

use Holds::{Date, Note, Number, OptionalDate, Text, Time};

/// All registers.
pub const REGISTERS: [Register; 8] = [
    Register {
        name: "incidents",
        columns: &[
            ("id", Text),
            ("nature", Text),
            ("perimetre", Text),
            ("debut", Time),
            ("fin", Time),
            ("cause", Text),
        ],
    },
    Register {
        name: "periodes-erronees",
        columns: &[
            ("id", Text),
            ("source", Text),
            ("debut", Date),
            ("fin", Date),
            ("motif", Text),
        ],
    },
    Register {
        name: "ruptures",
        columns: &[
            ("id", Text),
            ("indicateur", Text),
            ("date", Date),
            ("motif", Text),
        ],
    },
    Register {
        name: "actions",
        columns: &[
            ("id", Text),
            ("date", Date),
            ("type", Text),
            ("public", Text),
            ("degre", Text),
            ("departement", Text),
            ("heures", Number),
            ("participants", Number),
            ("bilan", Note),
        ],
    },
    Register {
        name: "propositions",
        columns: &[
            ("id", Text),
            ("intitule", Text),
            ("etat", Text),
            ("date", Date),
            ("porteur", Text),
        ],
    },
    Register {
        name: "feuille-de-route",
        columns: &[
            ("id", Text),
            ("axe", Text),
            ("action", Text),
            ("echeance", Text),
            ("responsable", Text),
            ("etat", Text),
        ],
    },
    Register {
        name: "reunions",
        columns: &[
            ("id", Text),
            ("instance", Text),
            ("date", Date),
            ("participants", Number),
        ],
    },
    Register {
        name: "bonnes-pratiques",
        columns: &[
            ("id", Text),
            ("date", OptionalDate),
            ("intitule", Text),
            ("degre", Text),
            ("description", Note),
        ],
    },
];

impl Register {
    /// The register of a name; the error lists them all.
    pub fn named(name: &str) -> Result<Self, String> {
        REGISTERS
            .into_iter()
            .find(|r| r.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = REGISTERS.iter().map(|r| r.name).collect();
                format!(
                    "unknown register `{name}`\nhint: registers are {}",
                    names.join(", ")
                )
            })
    }
}

/// An empty register: its header.
pub fn register_template(register: &Register) -> String {
    let names: Vec<&str> = register.columns.iter().map(|(name, _)| *name).collect();
    format!("{}\n", names.join(";"))
}

/// Ingests one register; a bad row is rejected with its row and column.
/// Returns the report and one message a bad row.
pub fn register(
    context: &mut Context<'_>,
    path: &Path,
    register: &Register,
) -> Result<(Report, Vec<String>), String> {
    let paths = [path.to_owned()];
    let input = Input::identify("register", register.name, &paths)?.versioned(&paths);
    let mut messages = Vec::new();
    let report = store(context, &input, |_, _, transaction| {
        let table = tabular::read(path, b';')?;
        let mut places = Vec::new();
        for (name, _) in register.columns {
            places.push(table.column(name, path)?);
        }
        let mut counts = Counts::default();
        let mut ids = std::collections::BTreeSet::new();
        for row in table.rows() {
            counts.read += 1;
            let cells: Vec<Option<&str>> = places.iter().map(|place| row.get(*place)).collect();
            if let Err((column, reason)) = check(register, &cells) {
                messages.push(format!(
                    "`{}`, row {}, column `{column}`: {reason}",
                    path.display(),
                    row.number()
                ));
                counts.reject(reason);
                continue;
            }
            if !ids.insert(cells[0]) {
                messages.push(format!(
                    "`{}`, row {}, column `id`: duplicate id",
                    path.display(),
                    row.number()
                ));
                counts.reject("duplicate id");
                continue;
            }
            counts.kept += 1;
            for ((name, _), cell) in register.columns.iter().zip(&cells) {
                let values = [
                    Value::Text(register.name),
                    Value::Integer(row.number() as i64),
                    Value::Text(name),
                    (*cell).into(),
                ];
                transaction.row(Table::Registers, None, &values)?;
            }
        }
        Ok(vec![FileReport::of(
            path.display().to_string(),
            counts,
            None,
        )])
    })?;
    Ok((report, messages))
}

/// What is wrong with a cell, if anything.
fn fault(holds: Holds, cell: Option<&str>) -> Option<&'static str> {
    let is = |right: bool, fault| (!right).then_some(fault);
    match (holds, cell) {
        (Note | OptionalDate, None) | (Text | Note, Some(_)) => None,
        (_, None) => Some("empty"),
        (Date | OptionalDate, Some(text)) => is(
            text.parse::<NaiveDate>().is_ok(),
            "not a date like 2025-11-03",
        ),
        (Time, Some(text)) => is(
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").is_ok(),
            "not a time like 2025-11-03T08:00",
        ),
        (Number, Some(text)) => is(text.parse::<u64>().is_ok(), "not a whole number"),
    }
}

fn check(register: &Register, cells: &[Option<&str>]) -> Result<(), (&'static str, &'static str)> {
    for ((name, holds), cell) in register.columns.iter().zip(cells) {
        if let Some(fault) = fault(*holds, *cell) {
            return Err((name, fault));
        }
    }
    let value = |wanted: &str| {
        let place = register
            .columns
            .iter()
            .position(|(name, _)| *name == wanted)?;
        cells[place]
    };
    match (value("debut"), value("fin")) {
        (Some(start), Some(end)) if start > end => Err(("fin", "end before start")),
        _ => Ok(()),
    }
}
