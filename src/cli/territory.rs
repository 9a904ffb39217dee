//! `entobs partners list|check` and `entobs territory show`: the tree, the
//! perimeters at a date, and what they leave out.

use super::{Failure, Outcome, Place, query};
use crate::query::{Argument, Cell, Contract, RawTable, Session, TERRITORY, marts};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

#[derive(Subcommand)]
pub(super) enum Partners {
    /// The partners of a day, with their establishments.
    List(At),
    /// Establishments in no perimeter, and those in several.
    Check(At),
}

#[derive(Args)]
pub(super) struct At {
    /// The day; partners join and leave.
    #[arg(long, value_name = "DATE")]
    at: NaiveDate,
    #[command(flatten)]
    place: Place,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub(super) enum Territory {
    /// Establishments and communes of a node of the tree or of a perimeter.
    Show {
        /// A département (`59`), académie (`09`), UAI, partner or `32`.
        code: String,
        #[command(flatten)]
        at: At,
    },
}

pub(super) fn partners(command: &Partners) -> Result<Outcome, Failure> {
    let (Partners::List(at) | Partners::Check(at)) = command;
    let (settings, _) = at.place.rules()?;
    let session = marts::prepare(&at.place.lake()?, &settings, Some(at.at))?;
    let members = settings.partners.iter().filter(|p| p.is_member(at.at));
    if matches!(command, Partners::List(_)) {
        let sizes = run(&session, "perimeters", &[("day", Argument::Date(at.at))])?;
        let size = |id: &str| {
            let found = sizes
                .rows
                .iter()
                .find(|row| row[0] == Cell::Text(id.into()));
            found.map_or(json!(0), |row| json!(row[1]))
        };
        let rows = members.map(|partner| {
            let (from, to) = partner.membership();
            vec![
                json!(partner.id),
                json!(partner.name),
                json!(from),
                json!(to),
                size(&partner.id),
            ]
        });
        let names = ["id", "name", "from", "to", "establishments"];
        print(
            &names.map(str::to_owned),
            &rows.collect::<Vec<_>>(),
            at.json,
        )?;
        return Ok(Outcome::Well);
    }
    // Who covers everything says nothing of what the others leave out.
    let limited: Vec<&str> = members
        .filter(|p| !p.covers_all())
        .map(|p| p.id.as_str())
        .collect();
    let ids = Argument::Text(format!(",{},", limited.join(",")));
    let table = run(&session, "coverage_by_partners", &[("partners", ids)])?;
    show(&table, at.json)?;
    let outside = table.rows.iter().any(|row| row[0] == Cell::Integer(0));
    Ok(if outside {
        Outcome::Findings
    } else {
        Outcome::Well
    })
}

pub(super) fn territory(command: &Territory) -> Result<Outcome, Failure> {
    let Territory::Show { code, at } = command;
    let (settings, _) = at.place.rules()?;
    let session = marts::prepare(&at.place.lake()?, &settings, Some(at.at))?;
    query::check_territory(&session, code)?;
    let arguments = [
        ("day", Argument::Date(at.at)),
        ("node_kind", Argument::Text(query::node_kind(code).into())),
        ("node", Argument::Text(code.clone())),
    ];
    show(&run(&session, "tree", &arguments)?, at.json)?;
    Ok(Outcome::Well)
}

fn run(session: &Session, name: &str, values: &[(&str, Argument)]) -> Result<RawTable, String> {
    let (_, sql) = TERRITORY
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a query of the program");
    session.run(
        &Contract::parse(&format!("queries/territory/{name}.sql"), sql)?,
        values,
    )
}

fn show(table: &RawTable, as_json: bool) -> Result<(), Failure> {
    let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    let rows: Vec<Vec<Value>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(|cell| json!(cell)).collect())
        .collect();
    print(&names, &rows, as_json)
}

fn print(names: &[String], rows: &[Vec<Value>], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let object = |row: &Vec<Value>| {
            let cells = names.iter().cloned().zip(row.iter().cloned());
            Value::Object(cells.collect::<Map<_, _>>())
        };
        println!("{}", Value::Array(rows.iter().map(object).collect()));
        return Ok(());
    }
    Ok(query::print_table(names, rows)?)
}
