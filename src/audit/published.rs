//! Deliverables as a reader finds them: a manifest, and tables as CSV beside it.

use super::board::{self, Board, Places};
use calamine::{Data, Reader};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with a manifest.
#[derive(Clone, Debug)]
pub struct Deliverable {
    /// `departement 59`
    pub territory: String,
    /// `2025-2026-S1`
    pub period: String,
    /// Digest of the lake that it was made of.
    pub lake: String,
    /// Place of its folder among those that were named: 0 was told first.
    pub rank: usize,
    /// Cells about fewer people are secret.
    pub threshold: f64,
    /// Its tables.
    pub tables: Vec<Table>,
    /// The tables of its workbooks, by the names of their sheets.
    pub sheets: Vec<(String, Table)>,
    /// Its dashboards.
    pub dashboards: Vec<Dashboard>,
}

/// The data inside a dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Path of the file.
    pub file: String,
    /// Its tables.
    pub boards: Vec<Board>,
    /// Its establishments.
    pub places: Places,
}

/// A table as CSV.
#[derive(Clone, Debug)]
pub struct Table {
    /// Path of the file.
    pub file: String,
    /// Names of columns, without the last one, which holds marks.
    pub header: Vec<String>,
    /// Rows, with what stands for a missing number in the last cell.
    pub rows: Vec<Vec<String>>,
}

/// The file that makes a folder a deliverable.
pub(crate) const MANIFEST: &str = "manifest.json";

#[derive(Deserialize)]
struct Manifest {
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    lake: String,
}

/// All deliverables under some folders, in the order of the folders and of their paths.
///
/// # Errors
/// A folder without deliverables, or a file that cannot be read, by name.
pub fn read(folders: &[PathBuf]) -> Result<Vec<Deliverable>, String> {
    let mut manifests: Vec<(usize, PathBuf)> = Vec::new();
    for (rank, folder) in folders.iter().enumerate() {
        let mut found = manifests_under(folder)?;
        found.retain(|path| manifests.iter().all(|(_, known)| known != path));
        manifests.extend(found.into_iter().map(|path| (rank, path)));
    }
    if manifests.is_empty() {
        return Err("no `manifest.json` in these folders\nhint: name the folder that `entobs report` or `entobs run` wrote to".into());
    }
    manifests
        .iter()
        .map(|(rank, manifest)| deliverable(*rank, manifest))
        .collect()
}

fn message(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!(
        "`{}`: {error}\nhint: make the deliverable again, or leave it out",
        path.display()
    )
}

/// The manifests under a folder, in the order of their paths.
pub(crate) fn manifests_under(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    find(folder, &mut found)?;
    found.sort();
    Ok(found)
}

fn find(folder: &Path, manifests: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| message(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| message(folder, &error))?.path();
        if path.is_dir() {
            find(&path, manifests)?;
        } else if path.file_name().is_some_and(|name| name == MANIFEST) {
            manifests.push(path);
        }
    }
    Ok(())
}

fn deliverable(rank: usize, manifest: &Path) -> Result<Deliverable, String> {
    let text = fs::read_to_string(manifest).map_err(|error| message(manifest, &error))?;
    let read: Manifest = serde_json::from_str(&text).map_err(|error| message(manifest, &error))?;
    let parameter = |name: &str| {
        let found = read.parameters.get(name).cloned();
        found.ok_or_else(|| message(manifest, &format!("no parameter `{name}`")))
    };
    let threshold = parameter("threshold")?;
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let dashboards = files(folder, "html")?;
    let dashboards = dashboards.iter().map(|path| dashboard(path));
    let paths = files(&folder.join("donnees"), "csv")?;
    Ok(Deliverable {
        territory: parameter("territory")?,
        period: parameter("period")?,
        lake: read.lake,
        rank,
        threshold: threshold
            .parse()
            .map_err(|error| message(manifest, &error))?,
        tables: paths
            .iter()
            .map(|path| table(path))
            .collect::<Result<_, String>>()?,
        sheets: sheets(folder)?,
        dashboards: dashboards
            .filter_map(Result::transpose)
            .collect::<Result<_, String>>()?,
    })
}

/// Files of a kind in a folder, in the order of their names.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|error| message(folder, &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_wanted = |path: &PathBuf| path.extension().is_some_and(|found| found == extension);
    let mut paths: Vec<PathBuf> = paths.filter(is_wanted).collect();
    paths.sort();
    Ok(paths)
}

fn dashboard(path: &Path) -> Result<Option<Dashboard>, String> {
    let text = fs::read_to_string(path).map_err(|error| message(path, &error))?;
    let read = board::read(&text).map_err(|error| message(path, &error))?;
    Ok(read.map(|(boards, places)| Dashboard {
        file: path.display().to_string(),
        boards,
        places,
    }))
}

/// Sheets that hold no table: a list of the others, and the definitions.
const WORDS: [&str; 2] = ["Sommaire", "Définitions"];
/// The row of a sheet that names the columns, from 0.
const TITLES: usize = 3;

fn sheets(folder: &Path) -> Result<Vec<(String, Table)>, String> {
    let mut found = Vec::new();
    for path in files(folder, "xlsx")? {
        let of_path = |error: calamine::XlsxError| message(&path, &error);
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).map_err(of_path)?;
        for name in book.sheet_names() {
            if !WORDS.contains(&name.as_str()) {
                let range = book.worksheet_range(&name).map_err(of_path)?;
                let mut rows = range
                    .rows()
                    .skip(TITLES)
                    .map(|row| row.iter().map(cell).collect());
                let mut header: Vec<String> = rows.next().unwrap_or_default();
                header.pop();
                let file = path.display().to_string();
                let rows = rows.collect();
                found.push((name, Table { file, header, rows }));
            }
        }
    }
    Ok(found)
}

/// As the CSV tables write it.
fn cell(data: &Data) -> String {
    match data {
        Data::Float(number) => format!("{number}").replace('.', ","),
        other => other.to_string(),
    }
}

fn table(path: &Path) -> Result<Table, String> {
    let text = fs::read_to_string(path).map_err(|error| message(path, &error))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| message(path, &error))?;
    let header: Vec<String> = header.iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| message(path, &error))?;
        Ok(record.iter().map(str::to_owned).collect())
    });
    Ok(Table {
        file: path.display().to_string(),
        rows: rows.collect::<Result<_, String>>()?,
        header: header[..header.len().saturating_sub(1)].to_vec(),
    })
}
