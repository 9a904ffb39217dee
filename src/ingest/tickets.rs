//! Assistance tickets and their histories as the tools export them. Titles are
//! looked at for declared words only, descriptions and names never.

use super::{Context, FileReport, Input, Keys, Report, store, tabular, unreadable};
use crate::assistance::{Becomes, Change, Export, Reference, Sheet, Ticket, Tools};
use crate::assistance::{records, support};
use crate::domain::{Role, Uai, time};
use crate::lake::{Counts, Table, Transaction, Value};
use crate::source;
use calamine::{Data, Reader};
use std::collections::BTreeMap;
use std::path::Path;

/// Ingests one export of tickets or of their changes; tool and kind are told by the
/// header. A spreadsheet (`.xlsx`) is read from its first sheet.
pub fn tickets(
    context: &mut Context<'_>,
    path: &Path,
    helpdesk: &str,
    tools: &Tools,
) -> Result<Report, String> {
    let paths = [path.to_owned()];
    let input = Input::identify("tickets", helpdesk, &paths)?.versioned(&paths);
    store(context, &input, |keys, _, transaction| {
        let shown = path.display().to_string();
        let of_file = |error: String| format!("`{shown}`: {error}");
        let (sheet, broken) = sheet(path)?;
        let mut counts = Counts::default();
        for reason in broken {
            counts.read += 1;
            counts.reject(reason);
        }
        match sheet.read(tools).map_err(of_file)? {
            Export::Tickets(rows) => count(rows, &mut counts, |ticket| {
                keep_ticket(keys, transaction, helpdesk, &ticket)
            })?,
            Export::History(rows) => {
                let others = sheet.rows.len() - rows.len();
                counts
                    .notes
                    .insert("changes of other fields, not kept".into(), others as u64);
                counts.notes.retain(|_, count| *count > 0);
                count(rows, &mut counts, |change| {
                    keep_change(keys, transaction, helpdesk, &change)
                })?;
            }
        }
        Ok(vec![FileReport::of(shown, counts, None)])
    })
}

fn count<T>(
    rows: Vec<Result<T, &'static str>>,
    counts: &mut Counts,
    mut keep: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    for row in rows {
        counts.read += 1;
        match row {
            Ok(row) => {
                keep(row)?;
                counts.kept += 1;
            }
            Err(reason) => counts.reject(reason),
        }
    }
    Ok(())
}

/// The cells of a file, and the reasons of the records that are none.
fn sheet(path: &Path) -> Result<(Sheet, Vec<&'static str>), String> {
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("xlsx"))
    {
        return Ok((spreadsheet(path)?, Vec::new()));
    }
    let text = tabular::text(path)?;
    if support::is_support(&text) {
        return Ok(support::sheet(&text));
    }
    let separator = records::separator(&text);
    let cut = records::cut(&text, separator);
    let table = tabular::parse(&cut.whole, separator).map_err(|error| {
        format!(
            "`{}` is not a table: {error}\nhint: check its delimiter and its quotes",
            path.display()
        )
    })?;
    let header = table.header().to_vec();
    let width = header.len();
    let cells = |row: tabular::Row<'_>| {
        (0..width)
            .map(|column| row.get(column).map(str::to_owned))
            .collect()
    };
    let rows = table.rows().map(cells).collect();
    Ok((Sheet { header, rows }, cut.broken))
}

/// Columns of an export, at most: of a sheet with a cell far out, a dense table
/// would take all memory.
const MOST_COLUMNS: u32 = 1_024;

/// The first sheet of a workbook, of which the cells are read one by one; dates
/// become `2026-01-05 08:12:00`.
fn spreadsheet(path: &Path) -> Result<Sheet, String> {
    let message = |error: calamine::XlsxError| {
        format!(
            "`{}` is no spreadsheet: {error}\nhint: export it again as XLSX or CSV",
            path.display()
        )
    };
    refuse_bomb(path)?;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).map_err(message)?;
    let first = book.sheet_names().first().cloned().unwrap_or_default();
    let mut cells = book.worksheet_cells_reader(&first).map_err(message)?;
    let mut rows: BTreeMap<u32, Vec<Option<String>>> = BTreeMap::new();
    while let Some(found) = cells.next_cell().map_err(message)? {
        let (row, column) = found.get_position();
        let Some(text) = cell(&Data::from(found.get_value().clone())) else {
            continue;
        };
        if column >= MOST_COLUMNS {
            return Err(format!(
                "`{}` has more than {MOST_COLUMNS} columns\nhint: export the tickets alone",
                path.display()
            ));
        }
        let row = rows.entry(row).or_default();
        let place = column as usize;
        row.resize(row.len().max(place + 1), None);
        row[place] = Some(text);
    }
    Ok(table(rows.into_values()))
}

/// Rows under the first that has more than one cell: a title above has one.
fn table(mut rows: impl Iterator<Item = Vec<Option<String>>>) -> Sheet {
    let header = rows.find(|row| row.iter().flatten().count() > 1);
    let header: Vec<String> = header
        .unwrap_or_default()
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect();
    let width = header.len();
    let fit = |mut row: Vec<Option<String>>| {
        row.resize(width, None);
        row
    };
    Sheet {
        rows: rows.map(fit).collect(),
        header,
    }
}

/// Reads each part of a workbook once, to see that none unpacks to far more than
/// it is: its reader would hold it whole.
fn refuse_bomb(path: &Path) -> Result<(), String> {
    let bomb = |error: &dyn std::fmt::Display| {
        format!(
            "`{}` is no spreadsheet: {error}\nhint: export it again as XLSX or CSV",
            path.display()
        )
    };
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut archive = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(|e| bomb(&e))?;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|e| bomb(&e))?;
        let packed = part.compressed_size();
        let mut part = source::Bounded::new(part, |_| packed);
        std::io::copy(&mut part, &mut std::io::sink()).map_err(|e| bomb(&e))?;
    }
    Ok(())
}

fn cell(data: &Data) -> Option<String> {
    let text = match data {
        Data::Empty | Data::Error(_) => return None,
        Data::DateTime(date) => instant_of_day_number(date.as_f64())?,
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        other => other.to_string(),
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Days since 30 December 1899, as spreadsheets count them, to the second.
fn instant_of_day_number(days: f64) -> Option<String> {
    let origin = chrono::NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    let seconds = chrono::Duration::try_seconds((days * 86_400.0).round() as i64)?;
    let time = origin.checked_add_signed(seconds)?;
    Some(time.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// A ticket's number tells nothing of a person, and a reference must find it in
/// another school year: its key is that of lines, not of a year.
fn ticket_key(keys: &Keys, id: &str) -> u64 {
    keys.lines.hash(format!("ticket\n{id}").as_bytes())
}

fn keep_ticket(
    keys: &Keys,
    transaction: &mut Transaction,
    helpdesk: &str,
    ticket: &Ticket,
) -> Result<(), String> {
    let reference = |of: &Option<Reference>| {
        let key = of.as_ref().map(|r| ticket_key(keys, &r.id));
        key.map_or(Value::Null, Value::Pseudonym)
    };
    let uai = ticket.structure.as_deref().and_then(uai_in);
    let row = [
        Value::Text(helpdesk),
        Value::Pseudonym(ticket_key(keys, &ticket.id)),
        Value::Instant(ticket.opened),
        Value::Date(time::local(ticket.opened).date()),
        ticket.first_response.into(),
        ticket.resolved.into(),
        ticket.closed.into(),
        Value::Text(ticket.status.code()),
        ticket.category.as_deref().into(),
        Value::Text(ticket.role.unwrap_or(Role::Unknown).code()),
        ticket.structure.as_deref().into(),
        uai.as_deref().into(),
        ticket.priority.map(|priority| i64::from(priority.0)).into(),
        ticket.kind.map(|kind| kind.code()).into(),
        ticket.level.map(i64::from).into(),
        ticket.channel.as_deref().into(),
        ticket.satisfaction.map(i64::from).into(),
        ticket
            .escalated_from
            .as_ref()
            .and_then(|r| r.helpdesk.as_deref())
            .into(),
        reference(&ticket.escalated_from),
        ticket
            .escalated_to
            .as_ref()
            .and_then(|r| r.helpdesk.as_deref())
            .into(),
        reference(&ticket.escalated_to),
    ];
    transaction.row(Table::Tickets, None, &row)
}

/// The UAI that a structure's name holds.
fn uai_in(structure: &str) -> Option<String> {
    let mut words = structure.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .find_map(|word| Uai::parse(word).ok())
        .map(|uai| uai.to_string())
}

fn keep_change(
    keys: &Keys,
    transaction: &mut Transaction,
    helpdesk: &str,
    change: &Change,
) -> Result<(), String> {
    let (what, status, level) = match change.to {
        Becomes::Status(status) => ("status", Some(status.code()), None),
        Becomes::Level(level) => ("level", None, Some(i64::from(level))),
        Becomes::Answered => ("response", None, None),
        Becomes::Escalated => ("escalation", None, None),
    };
    let row = [
        Value::Text(helpdesk),
        Value::Pseudonym(ticket_key(keys, &change.ticket)),
        Value::Instant(change.time),
        Value::Text(what),
        status.into(),
        level.into(),
    ];
    transaction.row(Table::TicketChanges, None, &row)
}
