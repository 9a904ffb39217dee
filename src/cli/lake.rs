//! `entobs lake verify|compact|gather|stats`.

use super::query::print_table;
use super::{Failure, Outcome, Place, print_json};
use crate::lake::{Damaged, Depth, FORMAT, Lake, TableStats, Verified};
use crate::query::marts;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Read every file of the lake and say which are not as they were written.
    Verify(Verify),
    /// Put the lines of each day and source into one file, in one order.
    Compact(Place),
    /// Take in lakes that hold parts of the logs and events (`ingest --shard`).
    Gather(Gather),
    /// How large the tables are and which days they hold.
    Stats(Stats),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    /// Take out what is damaged: the next run reads the inputs again.
    #[arg(long)]
    repair: bool,
    /// Print what was found as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Gather {
    /// The lakes, made under the same key; they stay as they are.
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct Stats {
    #[command(flatten)]
    place: Place,
    /// Print them as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command) -> Result<Outcome, Failure> {
    match command {
        Command::Verify(arguments) => verify(arguments),
        Command::Compact(place) => {
            let done = place.lake()?.writer()?.compact()?;
            eprintln!("{} files became {}", done.before, done.after);
            Ok(Outcome::Well)
        }
        Command::Gather(arguments) => gather(arguments),
        Command::Stats(arguments) => stats(arguments),
    }
}

fn gather(arguments: &Gather) -> Result<Outcome, Failure> {
    let lake = arguments.place.new_lake()?;
    let writer = lake.writer()?;
    for path in &arguments.parts {
        let shown = path.display();
        let part = existing(path)?;
        let part = part.ok_or_else(|| {
            format!(
                "`{shown}` is no lake\nhint: give the folders that `--lake` named for each part"
            )
        })?;
        let done = writer.gather(&part)?;
        eprintln!(
            "`{shown}`: {} inputs, {} rows taken in, {} that the lake held",
            done.inputs, done.rows, done.duplicates
        );
    }
    Ok(Outcome::Well)
}

fn verify(arguments: &Verify) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let marts = marts::damaged(&lake)?;
    let found = match arguments.repair {
        true => lake.repair()?,
        false => lake.verify(Depth::Bytes)?,
    };
    if arguments.repair && !marts.is_empty() {
        marts::forget(&lake)?;
    }
    match arguments.json {
        true => print_json(&object(&found, &marts))?,
        false => tell(&found, &marts, arguments.repair),
    }
    Ok(if found.damaged.is_empty() && marts.is_empty() {
        Outcome::Well
    } else {
        Outcome::Findings
    })
}

fn object(found: &Verified, marts: &[String]) -> Value {
    let damaged = found.damaged.iter().map(
        |file| json!({"path": file.path, "damage": file.damage.to_string(), "inputs": file.inputs}),
    );
    json!({
        "files": found.files,
        "bytes": found.bytes,
        "without_checksum": found.without_checksum,
        "leftovers": found.leftovers,
        "damaged": damaged.collect::<Vec<Value>>(),
        "damaged_marts": marts,
    })
}

fn tell(found: &Verified, marts: &[String], is_repaired: bool) {
    for Damaged {
        path,
        damage,
        inputs,
    } in &found.damaged
    {
        eprintln!("damaged: `{path}` {damage}");
        if !inputs.is_empty() {
            eprintln!("  it holds rows of {}", inputs.join(", "));
        }
    }
    for name in marts {
        eprintln!("damaged: mart `{name}`, which is made from the others");
    }
    if found.leftovers > 0 {
        let count = found.leftovers;
        eprintln!("note: {count} files of an interrupted run, which the next run clears");
    }
    eprintln!(
        "{} files, {} bytes looked at, {} damaged",
        found.files,
        found.bytes,
        found.damaged.len() + marts.len()
    );
    if !found.damaged.is_empty() || !marts.is_empty() {
        eprintln!(
            "{}",
            match is_repaired {
                true =>
                    "taken out\nhint: `entobs run` reads their inputs again; without them, restore the lake from a backup",
                false =>
                    "hint: `entobs lake verify --repair` takes them out, then `entobs run` reads their inputs again",
            }
        );
    }
}

fn stats(arguments: &Stats) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let tables = lake.stats()?;
    let inputs = lake.snapshot()?.entries().len();
    if arguments.json {
        print_json(&json!({"format": FORMAT, "inputs": inputs, "tables": tables}))?;
        return Ok(Outcome::Well);
    }
    let names = ["table", "files", "rows", "bytes", "first day", "last day"].map(str::to_owned);
    let day = |day: Option<chrono::NaiveDate>| day.map_or(Value::Null, |d| json!(d.to_string()));
    let row = |t: &TableStats| {
        let numbers = [t.files, t.rows, t.bytes].map(|n| json!(n));
        let mut row = vec![json!(t.table)];
        row.extend(numbers);
        row.extend([day(t.first_day), day(t.last_day)]);
        row
    };
    print_table(&names, &tables.iter().map(row).collect::<Vec<_>>())?;
    Ok(Outcome::Well)
}

/// Whether a lake is at a path.
pub(super) fn is_there(lake: &Path) -> bool {
    lake.join("ledger").is_dir()
}

/// The lake at a path that has one.
pub(super) fn existing(path: &Path) -> Result<Option<Lake>, String> {
    match is_there(path) {
        true => Lake::open(path).map(Some),
        false => Ok(None),
    }
}
