//! Deliverables in a folder, as they were made: a manifest, and the files that it lists.

use crate::audit::{MANIFEST, manifests_under};
use crate::indicators::Note;
use crate::lake::hex;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A deliverable that is not published yet.
pub struct Draft {
    /// From the folder that was named.
    pub folder: PathBuf,
    /// Shown.
    pub title: String,
    /// Shown.
    pub perimeter: String,
    /// `2025-2026-S1`
    pub period: String,
    /// The rules of the disclosure control that it was made by, by their name in the manifest.
    pub rules: BTreeMap<String, i64>,
    /// Digest of the lake that it was made of.
    pub lake: String,
    /// SHA-256 of its manifest.
    pub digest: String,
    /// Printed in it.
    pub notes: Vec<Note>,
    /// What its data are like, by front-end.
    pub coverage: Vec<Coverage>,
    /// Silences that nothing explains.
    pub silences: Vec<Silence>,
    /// Files that are not what the manifest says, and what is wrong with each.
    pub changed: Vec<String>,
    /// Manifest and tables, which later audits read: name and bytes.
    pub kept: Vec<(PathBuf, Vec<u8>)>,
}

/// Days of one front-end.
#[derive(Clone, Debug, Deserialize)]
pub struct Coverage {
    /// The machine.
    pub front_end: String,
    /// Days of the period.
    pub days_expected: Option<i64>,
    /// Of them, days with a request.
    pub days_received: Option<i64>,
    /// Of signed-in requests, those whose account no directory knows.
    pub unknown_share: Option<f64>,
}

/// Hours in which nothing came of what usually comes.
#[derive(Clone, Debug, Deserialize)]
pub struct Silence {
    /// A path, or a role.
    pub subject: String,
    /// The day.
    pub day: String,
    /// How long.
    pub minutes: i64,
}

/// Thresholds of a manifest: of plain cells, of those where three variables cross, of rates.
pub const RULES: [&str; 3] = ["threshold", "crossed_threshold", "rate_base"];

#[derive(Deserialize)]
struct Manifest {
    title: String,
    perimeter: String,
    parameters: BTreeMap<String, String>,
    lake: String,
    #[serde(default)]
    notes: Vec<Note>,
    coverage: Vec<Coverage>,
    #[serde(default)]
    silences: Vec<Silence>,
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
    sha256: String,
}

/// All deliverables under a folder, in the order of their paths.
///
/// # Errors
/// A folder without deliverables; a manifest that cannot be read, by name.
pub fn drafts(root: &Path) -> Result<Vec<Draft>, String> {
    let found = manifests_under(root)?;
    if found.is_empty() {
        return Err(format!(
            "`{}` holds no deliverable\nhint: name the folder that `entobs report` or `entobs run` wrote to",
            root.display()
        ));
    }
    found.iter().map(|path| draft(root, path)).collect()
}

fn message(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!(
        "`{}`: {error}\nhint: make the deliverable again",
        path.display()
    )
}

fn draft(root: &Path, path: &Path) -> Result<Draft, String> {
    let folder = path.parent().unwrap_or(root);
    let bytes = fs::read(path).map_err(|error| message(path, &error))?;
    let read: Manifest = serde_json::from_slice(&bytes).map_err(|error| message(path, &error))?;
    let mut kept = vec![(PathBuf::from(MANIFEST), bytes.clone())];
    let mut changed = Vec::new();
    for file in &read.files {
        match fs::read(folder.join(&file.path)) {
            Err(_) => changed.push(format!("{} manque", file.path)),
            Ok(bytes) if hex(&Sha256::digest(&bytes)) != file.sha256 => {
                changed.push(format!("{} a été modifié", file.path));
            }
            Ok(bytes) if file.path.starts_with("donnees/") => {
                kept.push((PathBuf::from(&file.path), bytes));
            }
            Ok(_) => {}
        }
    }
    changed.extend(strangers(folder, &read.files)?);
    Ok(Draft {
        folder: folder.strip_prefix(root).unwrap_or(folder).to_owned(),
        title: read.title,
        perimeter: read.perimeter,
        period: read.parameters.get("period").cloned().unwrap_or_default(),
        rules: rules(&read.parameters),
        lake: read.lake,
        digest: hex(&Sha256::digest(&bytes)),
        notes: read.notes,
        coverage: read.coverage,
        silences: read.silences,
        changed,
        kept,
    })
}

/// The parameters that are rules of the disclosure control.
fn rules(parameters: &BTreeMap<String, String>) -> BTreeMap<String, i64> {
    let told = RULES.into_iter().filter_map(|name| {
        let value = parameters.get(name)?.parse().ok()?;
        Some((name.to_owned(), value))
    });
    told.collect()
}

/// Files beside a manifest that it does not list; deliverables in folders of their own are
/// others.
fn strangers(folder: &Path, files: &[Listed]) -> Result<Vec<String>, String> {
    let listed: BTreeSet<PathBuf> = files.iter().map(|file| folder.join(&file.path)).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        if inside != folder && inside.join(MANIFEST).exists() {
            continue;
        }
        for entry in fs::read_dir(&inside).map_err(|error| message(&inside, &error))? {
            let path = entry.map_err(|error| message(&inside, &error))?.path();
            match path.is_dir() {
                true => folders.push(path),
                false if path == folder.join(MANIFEST) || listed.contains(&path) => {}
                false => {
                    let name = path.strip_prefix(folder).unwrap_or(&path).display();
                    found.push(format!("{name} n’est pas dans le manifeste"));
                }
            }
        }
    }
    found.sort();
    Ok(found)
}
