//! `entobs query`, `entobs sql`, `entobs indicators`.

use super::{Failure, Outcome, Place, columns};
use crate::domain::Period;
use crate::indicators::{Definition, Secrets, catalogue, reference, year_before};
use crate::privacy::disclosure::{ProtectedTable, Shown};
use crate::publication;
use crate::query::marts;
use crate::query::{Argument, Cell, Session, indicator};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use std::io::{self, IsTerminal, Write};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// Aligned columns.
    Table,
    /// `;`-separated.
    Csv,
    /// An array of objects.
    Json,
    /// One Parquet file on standard output; a `<column>_status` beside each
    /// column of numbers that has marks.
    Parquet,
}

#[derive(Args)]
pub(super) struct Query {
    /// The name of a query file.
    name: String,
    #[command(flatten)]
    place: Place,
    /// `2025-2026-S1`, `2024-2025`, `2025-11`...
    #[arg(long, value_name = "P")]
    period: String,
    /// A département (`59`), académie (`09`), commune (INSEE code), UAI, partner or `32`.
    #[arg(long, value_name = "T")]
    territory: Option<String>,
    /// `1D`, `2D` or `all`.
    #[arg(long, value_name = "L")]
    level: Option<String>,
    /// `student`, `parent`, `teacher`, `staff` or `all`.
    #[arg(long, value_name = "R")]
    role: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

#[derive(Args)]
pub(super) struct Sql {
    /// A query that reads; `show tables` and `describe TABLE` tell what there is.
    sql: String,
    /// Megabytes that the query may gather in memory; more is spilled to disk.
    #[arg(long, value_name = "MB", default_value_t = 2_048, value_parser = clap::value_parser!(u64).range(16..))]
    memory: u64,
    #[command(flatten)]
    place: Place,
    /// How to print.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

#[derive(Subcommand)]
pub(super) enum Indicators {
    /// All indicators: id, label, unit, queries.
    List {
        /// As an array of objects.
        #[arg(long)]
        json: bool,
    },
    /// One indicator: definition, formula, grain, what it adds up over, since when.
    Show {
        /// Its id.
        id: String,
        /// As an object.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(arguments: &Query) -> Result<Outcome, Failure> {
    let contract = indicator(&arguments.name)?;
    let period = Period::parse(&arguments.period).map_err(|error| error.to_string())?;
    let before = year_before(&period)?;
    let lake = arguments.place.lake()?;
    let (settings, terms) = arguments.place.rules()?;
    let session = marts::prepare(&lake, &settings, Some(period.last()))?;
    let territory = arguments.territory.as_deref().unwrap_or("32");
    // A query about sources needs no territory: it works before any directory.
    let by_territory = contract.parameters.iter().any(|p| p.name == "node");
    if by_territory || arguments.territory.is_some() {
        check_territory(&session, territory)?;
    }
    // Without data, nothing is to be told of any day.
    let reference = reference(&session, &period).unwrap_or(period.last());
    let values = [
        ("period_start", Argument::Date(period.first())),
        ("period_end", Argument::Date(period.last())),
        ("previous_start", Argument::Date(before.first())),
        ("previous_end", Argument::Date(before.last())),
        ("reference_date", Argument::Date(reference)),
        ("node_kind", Argument::Text(node_kind(territory).into())),
        ("node", Argument::Text(territory.into())),
        (
            "timeout_minutes",
            Argument::Integer(settings.timeout_minutes),
        ),
    ];
    let table = Secrets::new(&session, &terms)
        .remembering(publication::memory(&lake)?)
        .table(&contract, &values)?;
    let wanted = [
        ("node", arguments.territory.as_deref()),
        ("level", arguments.level.as_deref()),
        ("role", arguments.role.as_deref()),
    ];
    let rows = filtered(&table, &wanted);
    print(table.names(), &rows, arguments.output)?;
    Ok(Outcome::Well)
}

/// Prints all of a table.
pub(super) fn print_all(table: &ProtectedTable, output: Output) -> Result<(), Failure> {
    print(table.names(), &filtered(table, &[]), output)
}

pub(super) fn check_territory(session: &Session, territory: &str) -> Result<(), String> {
    let (_, nodes) = session.sql("select distinct node_kind, node from nodes order by node")?;
    let is = |row: &[Cell], kind: &str, node: &str| {
        row == [Cell::Text(kind.into()), Cell::Text(node.into())]
    };
    if nodes
        .iter()
        .any(|row| is(row, node_kind(territory), territory))
    {
        return Ok(());
    }
    let known = nodes.iter().filter_map(|row| match &row[..] {
        [Cell::Text(kind), Cell::Text(node)]
            if !["establishment", "commune"].contains(&kind.as_str()) =>
        {
            Some(node.as_str())
        }
        _ => None,
    });
    Err(format!(
        "no establishment of the lake is in territory `{territory}`\nhint: territories are {}, the INSEE code of a commune or the UAI of an establishment",
        known.collect::<Vec<_>>().join(", ")
    ))
}

pub(super) fn node_kind(territory: &str) -> &'static str {
    match territory {
        "32" => "region",
        "09" | "20" => "academie",
        "02" | "59" | "60" | "62" | "80" => "departement",
        other if other.len() == 5 && other.bytes().skip(2).all(|b| b.is_ascii_digit()) => "commune",
        other if crate::domain::Uai::parse(other).is_ok() => "establishment",
        _ => "partner",
    }
}

fn filtered(table: &ProtectedTable, wanted: &[(&str, Option<&str>)]) -> Vec<Vec<Value>> {
    let fits = |row: &crate::privacy::disclosure::ProtectedRow<'_>| {
        wanted.iter().all(|(name, value)| match value {
            Some(value) if table.names().iter().any(|n| n == name) => {
                row.get(name).text() == *value
            }
            _ => true,
        })
    };
    table
        .rows()
        .filter(fits)
        .map(|row| row.cells().iter().map(shown).collect())
        .collect()
}

fn shown(cell: &Shown) -> Value {
    match cell {
        Shown::Text(text) => json!(text),
        Shown::Integer(number) => json!(number),
        Shown::Real(number) => json!(number),
        Shown::Date(day) => json!(day.to_string()),
        Shown::Secret => json!("s"),
        Shown::NotSignificant => json!("ns"),
        Shown::Missing => Value::Null,
    }
}

pub(super) fn sql(arguments: &Sql) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let (mut settings, _) = arguments.place.rules()?;
    settings.memory = usize::try_from(arguments.memory << 20).unwrap_or(usize::MAX);
    let session = marts::prepare(&lake, &settings, None)?;
    let (names, rows) = session.sql(&arguments.sql)?;
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| row.iter().map(plain).collect())
        .collect();
    print(&names, &rows, arguments.output)?;
    Ok(Outcome::Well)
}

fn plain(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Integer(number) => json!(number),
        Cell::Real(number) => json!(number),
        Cell::Date(day) => json!(day.to_string()),
    }
}

fn print(names: &[String], rows: &[Vec<Value>], output: Output) -> Result<(), Failure> {
    if output == Output::Parquet {
        return parquet(names, rows);
    }
    Ok(print_text(names, rows, output)?)
}

fn parquet(names: &[String], rows: &[Vec<Value>]) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return Err(Failure::Message(
            "a Parquet file is not for a terminal\nhint: send it to a file with `> FILE.parquet`"
                .into(),
        ));
    }
    let bytes = columns::parquet(names, rows)?;
    let mut out = io::stdout().lock();
    out.write_all(&bytes)?;
    Ok(out.flush()?)
}

/// Aligned columns on standard output.
pub(super) fn print_table(names: &[String], rows: &[Vec<Value>]) -> io::Result<()> {
    print_text(names, rows, Output::Table)
}

fn print_text(names: &[String], rows: &[Vec<Value>], output: Output) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match output {
        Output::Json => {
            let objects: Vec<Value> = rows
                .iter()
                .map(|row| {
                    Value::Object(
                        names
                            .iter()
                            .cloned()
                            .zip(row.iter().cloned())
                            .collect::<Map<_, _>>(),
                    )
                })
                .collect();
            writeln!(out, "{}", Value::Array(objects))?;
        }
        Output::Csv => {
            writeln!(out, "{}", names.join(";"))?;
            for row in rows {
                let cells: Vec<String> = row.iter().map(csv).collect();
                writeln!(out, "{}", cells.join(";"))?;
            }
        }
        Output::Table | Output::Parquet => {
            let texts: Vec<Vec<String>> = rows
                .iter()
                .map(|row| row.iter().map(text).collect())
                .collect();
            table(&mut out, names, &texts)?;
        }
    }
    out.flush()
}

/// A text that a spreadsheet would take for a formula gets an apostrophe before
/// it: whoever wrote it into an input should not compute on the desk of a reader.
fn csv(cell: &Value) -> String {
    let text = match cell {
        Value::Null => return String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Value::String(text) => text.clone(),
        number => return number.to_string(),
    };
    match text.contains([';', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn table(out: &mut impl Write, names: &[String], rows: &[Vec<String>]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0).max(names[column].chars().count())
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    for row in std::iter::once(names).chain(rows.iter().map(Vec::as_slice)) {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

pub(super) fn indicators(command: &Indicators) -> Result<Outcome, Failure> {
    let all = catalogue();
    match command {
        Indicators::List { json: true } => println!("{}", json!(all)),
        Indicators::List { json: false } => {
            let names = ["id", "libellé", "unité", "requêtes"].map(str::to_owned);
            let row = |d: &Definition| {
                vec![
                    d.id.clone(),
                    d.label.clone(),
                    d.unit.clone(),
                    d.queries.join(" "),
                ]
            };
            let rows: Vec<Vec<String>> = all.iter().map(row).collect();
            table(&mut io::stdout().lock(), &names, &rows)?;
        }
        Indicators::Show { id, json } => {
            let found = named(&all, id)?;
            match json {
                true => println!("{}", json!(found)),
                false => print!("{}", described(found)),
            }
        }
    }
    Ok(Outcome::Well)
}

fn named<'a>(all: &'a [Definition], id: &str) -> Result<&'a Definition, String> {
    if let Some(found) = all.iter().find(|definition| definition.id == id) {
        return Ok(found);
    }
    let near = all
        .iter()
        .min_by_key(|d| strsim::damerau_levenshtein(&d.id, id));
    let near = near.map_or("", |d| d.id.as_str());
    Err(format!(
        "unknown indicator `{id}`; did you mean `{near}`?\nhint: `entobs indicators list` lists them"
    ))
}

fn described(definition: &Definition) -> String {
    let mut lines = vec![
        definition.label.clone(),
        format!("  {}", definition.definition),
        format!("  unité : {}", definition.unit),
        format!("  formule : {}", definition.formula),
        format!("  grain : {}", definition.grain),
        format!("  s’additionne : {}", definition.adds),
        format!("  depuis : {}", crate::french::date(definition.since)),
        format!("  requêtes : {}", definition.queries.join(", ")),
    ];
    for version in &definition.version {
        let from = crate::french::date(version.from);
        lines.push(format!("  à partir du {from} : {}", version.change));
    }
    lines
        .iter()
        .map(|line| crate::french::typeset(line) + "\n")
        .collect()
}
