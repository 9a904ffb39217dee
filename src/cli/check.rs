//! `entobs check`: what a person should look at before figures are made.

use super::{Failure, Outcome, Place};
use crate::domain::Uai;
use crate::lake::Lake;
use crate::query::{CHECKS, Cell, Contract, Session, marts};
use clap::Args;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Rows of a finding that are shown; all of them with `--json`.
const SHOWN: usize = 10;

#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    place: Place,
    /// Print all findings as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Rows that should not be there, by what is wrong with them.
struct Finding {
    name: &'static str,
    title: &'static str,
    names: Vec<String>,
    rows: Vec<Vec<Value>>,
}

pub(super) fn run(arguments: &Check) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let (settings, _) = arguments.place.rules()?;
    let session = marts::prepare(&lake, &settings, None)?;
    let mut findings = Vec::new();
    for (name, title, sql) in CHECKS {
        findings.push(finding(&session, name, title, sql)?);
    }
    findings.push(wrong_letters(&session)?);
    findings.push(unmapped(&lake)?);
    let found = findings.iter().any(|finding| !finding.rows.is_empty());
    match arguments.json {
        true => println!("{}", Value::Object(findings.iter().map(object).collect())),
        false => findings.iter().for_each(print),
    }
    Ok(if found {
        Outcome::Findings
    } else {
        Outcome::Well
    })
}

fn finding(
    session: &Session,
    name: &'static str,
    title: &'static str,
    sql: &str,
) -> Result<Finding, String> {
    let contract = Contract::parse(&format!("queries/checks/{name}.sql"), sql)?;
    let table = session.run(&contract, &[])?;
    Ok(Finding {
        name,
        title,
        names: table.columns.iter().map(|c| c.name.clone()).collect(),
        rows: table
            .rows
            .iter()
            .map(|row| row.iter().map(shown).collect())
            .collect(),
    })
}

fn shown(cell: &Cell) -> Value {
    match cell {
        // Shares, which four digits tell.
        Cell::Real(number) => json!((number * 10_000.0).round() / 10_000.0),
        other => json!(other),
    }
}

fn wrong_letters(session: &Session) -> Result<Finding, String> {
    let sql = "select 'directory' as told_by, uai from structures union select 'school list', uai from establishments order by 1, 2";
    let (names, rows) = session.sql(sql)?;
    let is_wrong = |row: &Vec<Cell>| match &row[..] {
        [_, Cell::Text(uai)] => Uai::parse(uai).is_ok_and(|uai| !uai.check_letter_is_right()),
        _ => false,
    };
    let rows = rows.iter().filter(|row| is_wrong(row));
    Ok(Finding {
        name: "wrong_letters",
        title: "UAI whose letter is not that of the digits",
        names,
        rows: rows.map(|row| row.iter().map(shown).collect()).collect(),
    })
}

/// What inputs held that no table of ours knows: functions, modules, profiles.
fn unmapped(lake: &Lake) -> Result<Finding, String> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for entry in lake.ledger()?.into_values() {
        for (note, count) in entry.inputs.iter().flat_map(|file| &file.counts.notes) {
            if note.starts_with("unmapped") || note.starts_with("unknown") {
                *counts
                    .entry((entry.kind.clone(), note.clone()))
                    .or_default() += count;
            }
        }
    }
    let rows = counts.into_iter();
    Ok(Finding {
        name: "unmapped",
        title: "functions, profiles and modules that no table knows",
        names: ["kind", "what", "rows"].map(str::to_owned).to_vec(),
        rows: rows
            .map(|((kind, note), n)| vec![json!(kind), json!(note), json!(n)])
            .collect(),
    })
}

fn object(finding: &Finding) -> (String, Value) {
    let row = |row: &Vec<Value>| {
        let cells = finding.names.iter().cloned().zip(row.iter().cloned());
        Value::Object(cells.collect::<Map<_, _>>())
    };
    (finding.name.into(), finding.rows.iter().map(row).collect())
}

fn print(finding: &Finding) {
    let count = finding.rows.len();
    if count == 0 {
        println!("ok       {}", finding.title);
        return;
    }
    println!("look at  {}: {count}", finding.title);
    for row in finding.rows.iter().take(SHOWN) {
        let cells = finding
            .names
            .iter()
            .zip(row)
            .map(|(name, cell)| match cell {
                Value::String(text) => format!("{name} {text}"),
                other => format!("{name} {other}"),
            });
        println!("           {}", cells.collect::<Vec<_>>().join(", "));
    }
    if count > SHOWN {
        println!("           and {} more; `--json` shows all", count - SHOWN);
    }
}
