//! Files of the national measure of usage, as its open data has them: millions of rows, read
//! one by one. Names and communes are not kept.

use super::tally::{Tally, is_name};
use super::{Context, FileReport, Input, Report, store, unreadable};
use crate::lake::{Counts, Table, Transaction, Value};
use crate::national::{Header, Row};
use crate::source;
use std::path::Path;

/// Ingests one file; a later one under the same name takes its place.
///
/// # Errors
/// A file that cannot be read, or is none of the national measure.
pub fn national(context: &mut Context<'_>, path: &Path, source: &str) -> Result<Report, String> {
    let paths = [path.to_owned()];
    let input = Input::identify("dnma", source, &paths)?.versioned(&paths);
    store(context, &input, |_, _, transaction| {
        let counts = write(path, transaction)?;
        let name = path.display().to_string();
        Ok(vec![FileReport::of(name, counts, None)])
    })
}

fn write(path: &Path, transaction: &mut Transaction) -> Result<Counts, String> {
    let of_file = |error: csv::Error| format!("`{}`: {error}", path.display());
    let input = source::reader(path).map_err(|error| unreadable(path, &error))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_reader(input);
    let names = reader.byte_headers().map_err(of_file)?.clone();
    let names = texts(&names);
    let names = names.iter().map(|name| name.trim_start_matches('\u{feff}'));
    let header = Header::new(names).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let mut counts = Counts::default();
    for record in reader.byte_records() {
        counts.read += 1;
        match header.row(&texts(&record.map_err(of_file)?)) {
            Ok(row) => {
                keep(&row, transaction)?;
                counts.kept += 1;
            }
            Err(reason) => counts.reject(reason),
        }
    }
    let mut unknown = Tally::new("unknown column");
    let names = header.unknown.iter().filter(|name| is_name(name));
    names.for_each(|name| unknown.add(name));
    unknown.note(&mut counts);
    Ok(counts)
}

/// Cells as text; one that is not UTF-8 is a name, which nobody reads.
fn texts(record: &csv::ByteRecord) -> Vec<&str> {
    let cells = record.iter();
    cells
        .map(|cell| std::str::from_utf8(cell).unwrap_or_default())
        .collect()
}

fn keep(row: &Row, transaction: &mut Transaction) -> Result<(), String> {
    for (about, told) in &row.told {
        let number = |number: Option<i64>| number.map_or(Value::Null, Value::Integer);
        let values = [
            Value::Date(row.week),
            Value::Text(row.uai.as_str()),
            Value::Text(about.role),
            about.device.into(),
            about.service.into(),
            number(told.visits),
            number(told.visitors),
            number(told.duration_s),
        ];
        transaction.row(Table::NationalUsage, None, &values)?;
    }
    Ok(())
}
