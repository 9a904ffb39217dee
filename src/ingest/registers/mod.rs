//! Registers kept by the analysts: one documented CSV each, `;`-separated.

mod check;
mod definitions;

pub use check::Known;
pub use definitions::{Holds, REGISTERS, Register, register_template};

use super::{Context, FileReport, Input, Report, store, tabular};
use crate::domain::Partner;
use crate::lake::{Counts, Table, Value};
use std::collections::BTreeSet;
use std::path::Path;

/// What the registers may refer to: the schools of the lake and the partners.
pub fn known(context: &Context<'_>, partners: &[Partner]) -> Result<Known, String> {
    Ok(Known {
        schools: context.writer.texts(Table::Establishments, "uai")?,
        partners: partners.iter().map(|partner| partner.id.clone()).collect(),
    })
}

/// Ingests one register; a bad row is rejected with its row and column.
/// Returns the report and one message a bad row.
pub fn register(
    context: &mut Context<'_>,
    path: &Path,
    register: &Register,
    known: &Known,
) -> Result<(Report, Vec<String>), String> {
    let paths = [path.to_owned()];
    let input = Input::identify("register", register.name, &paths)?.versioned(&paths);
    let mut messages = Vec::new();
    let report = store(context, &input, |_, _, transaction| {
        let table = tabular::read(path, b';')?;
        let mut places = Vec::new();
        for (name, holds) in register.columns {
            places.push(match holds.may_be_empty() {
                true => table.find(name),
                false => Some(table.column(name, path)?),
            });
        }
        let mut counts = Counts::default();
        let mut ids = BTreeSet::new();
        for row in table.rows() {
            counts.read += 1;
            let cells: Vec<Option<&str>> = places.iter().map(|place| row.maybe(*place)).collect();
            if let Some((column, reason)) = check::fault(register, &cells, &mut ids, known) {
                let (path, number) = (path.display(), row.number());
                messages.push(format!(
                    "`{path}`, row {number}, column `{column}`: {reason}"
                ));
                counts.reject(&reason);
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
        let path = path.display().to_string();
        Ok(vec![FileReport::of(path, counts, None)])
    })?;
    Ok((report, messages))
}
