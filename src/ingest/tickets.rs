//! Assistance tickets as the tools export them. Titles, descriptions and names
//! are never looked at; each dialect says which columns are.

use super::{Context, FileReport, Input, Keys, Report, school_year, store, tabular};
use crate::assistance::{self, Ticket};
use crate::domain::{Role, time};
use crate::lake::{Counts, Table, Transaction, Value};
use std::path::Path;

/// Ingests one export; the dialect is told by the header.
pub fn tickets(context: &mut Context<'_>, path: &Path, helpdesk: &str) -> Result<Report, String> {
    let paths = [path.to_owned()];
    let input = Input::identify("tickets", helpdesk, &paths)?.versioned(&paths);
    store(context, &input, |keys, _, transaction| {
        let text = tabular::text(path)?;
        let shown = path.display();
        let rows: Vec<Result<Ticket, &'static str>> = if assistance::support::is_support(&text) {
            assistance::support::read(&text)
        } else {
            read_glpi(&text, path).map_err(|error| format!("`{shown}`: {error}"))?
        };
        let mut counts = Counts::default();
        for row in rows {
            counts.read += 1;
            match row {
                Ok(ticket) => {
                    keep(keys, transaction, helpdesk, &ticket)?;
                    counts.kept += 1;
                }
                Err(reason) => counts.reject(reason),
            }
        }
        Ok(vec![FileReport::of(shown.to_string(), counts, None)])
    })
}

fn read_glpi(text: &str, path: &Path) -> Result<Vec<Result<Ticket, &'static str>>, String> {
    let separator = assistance::glpi::separator(text);
    let table = tabular::parse(text, separator).map_err(|error| {
        format!("not a table: {error}\nhint: check its delimiter and its quotes")
    })?;
    let columns = assistance::glpi::COLUMNS.map(|name| table.find(name));
    table.column("ID", path)?;
    let opened = table.column("Date d'ouverture", path)?;
    let order = assistance::glpi::date_order(table.rows().filter_map(|row| row.get(opened)))?;
    let cells = |row: tabular::Row<'_>| columns.map(|column| row.maybe(column).map(str::to_owned));
    Ok(table
        .rows()
        .map(|row| assistance::glpi::ticket(&cells(row), order))
        .collect())
}

fn keep(
    keys: &mut Keys,
    transaction: &mut Transaction,
    helpdesk: &str,
    ticket: &Ticket,
) -> Result<(), String> {
    let day = time::local(ticket.opened).date();
    let id = format!("{helpdesk}/{}", ticket.id);
    let row = [
        Value::Text(helpdesk),
        Value::Pseudonym(keys.pseudonym(&school_year(day), id.as_bytes())),
        Value::Instant(ticket.opened),
        Value::Date(day),
        ticket.resolved.into(),
        ticket.closed.into(),
        Value::Text(ticket.status.code()),
        ticket.category.as_deref().into(),
        Value::Text(ticket.role.unwrap_or(Role::Unknown).code()),
        ticket.structure.as_deref().into(),
        ticket.priority.as_deref().into(),
        ticket.kind.as_deref().into(),
        ticket.level.as_deref().into(),
    ];
    transaction.row(Table::Tickets, None, &row)
}
