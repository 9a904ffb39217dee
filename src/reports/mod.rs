//! Deliverables: documents made of chapters, typeset by typst, with their
//! charts, workbook and dashboard beside them.

mod chapters;
mod manifest;
pub(crate) mod page;
mod pages;
mod pdf;
mod tables;

pub(crate) use chapters::Axis;
pub use chapters::{
    assistance, coordination, costra, costra_slides, coter, dashboard_views, observatory, partner,
};
pub use manifest::{Inputs, Provenance};
pub use pdf::typeset_pdf;

use crate::charts::{framed, png};
use crate::document::{Document, Figure, Table};
use crate::indicators::Figures;
use crate::side_by_side;
use crate::workbook;
use manifest::Written;
use std::fs;
use std::path::{Path, PathBuf};

/// A deliverable ready to be written.
pub struct Package<'a> {
    /// Its name in its folder, without extension.
    pub name: &'a str,
    /// What it says.
    pub document: &'a Document,
    /// The same for a screen, where it has slides.
    pub slides: Option<&'a Document>,
    /// The page of its dashboard, where it has one.
    pub dashboard: Option<&'a str>,
}

/// Writes a deliverable into a folder: `<name>.pdf`, `.html`, `.xlsx`, the charts
/// as SVG and PNG with their figures as CSV under `graphiques`, every table as CSV
/// under `donnees`, `tableau-de-bord.html` and `manifest.json`. Returns the main files.
pub fn write(
    package: &Package<'_>,
    figures: &Figures,
    provenance: &Provenance,
    folder: &Path,
) -> Result<Vec<PathBuf>, String> {
    let (mut written, mut main) = (Written::default(), Vec::new());
    let parts = parts(package);
    let made = side_by_side::each(&parts, Part::bytes)?;
    for (part, bytes) in parts.iter().zip(made) {
        written.add(Path::new(&part.path), &bytes);
        let path = save(folder.join(&part.path), &bytes)?;
        if !part.path.contains('/') {
            main.push(path);
        }
    }
    for part in ["graphiques", "donnees"] {
        let is_written = |name: &str| written.holds(&format!("{part}/{name}"));
        clear(&folder.join(part), is_written)?;
    }
    let text = manifest::manifest(package.document, figures, provenance, written);
    save(folder.join("manifest.json"), text.as_bytes())?;
    Ok(main)
}

/// A file of a deliverable.
struct Part<'a> {
    /// From the folder of the deliverable.
    path: String,
    content: Content<'a>,
}

enum Content<'a> {
    Pdf(&'a Document),
    Page(&'a Document),
    Workbook(&'a Document),
    Dashboard(&'a str),
    Drawing(&'a Figure),
    Picture(&'a Figure),
    Rows(&'a Table),
}

impl Part<'_> {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(match self.content {
            Content::Pdf(document) => typeset_pdf(document)?,
            Content::Page(document) => page::page(document).into_bytes(),
            Content::Workbook(document) => workbook::bytes(document)?,
            Content::Dashboard(page) => page.as_bytes().to_vec(),
            Content::Drawing(figure) => sheet(figure).into_bytes(),
            Content::Picture(figure) => png(&sheet(figure))?,
            Content::Rows(table) => tables::csv(table).into_bytes(),
        })
    }
}

/// The files of a deliverable, those that take longest first.
fn parts<'a>(package: &Package<'a>) -> Vec<Part<'a>> {
    let (name, document) = (package.name, package.document);
    let part = |path: String, content: Content<'a>| Part { path, content };
    let mut parts = vec![part(format!("{name}.pdf"), Content::Pdf(document))];
    if let Some(slides) = package.slides {
        parts.push(part(
            format!("{name}-diapositives.pdf"),
            Content::Pdf(slides),
        ));
    }
    parts.push(part(format!("{name}.html"), Content::Page(document)));
    parts.push(part(format!("{name}.xlsx"), Content::Workbook(document)));
    if let Some(board) = package.dashboard {
        let board = Content::Dashboard(board);
        parts.push(part("tableau-de-bord.html".into(), board));
    }
    for figure in document.figures() {
        let drawn =
            |ending: &str, content| part(format!("graphiques/{}.{ending}", figure.id), content);
        parts.push(drawn("svg", Content::Drawing(figure)));
        parts.push(drawn("png", Content::Picture(figure)));
        parts.push(drawn("csv", Content::Rows(&figure.data)));
    }
    for (name, _, table) in workbook::named(document) {
        parts.push(part(format!("donnees/{name}.csv"), Content::Rows(table)));
    }
    parts
}

/// Removes what an earlier making of the deliverable left: it may show what is hidden today.
fn clear(folder: &Path, is_written: impl Fn(&str) -> bool) -> Result<(), String> {
    let failed = |error: std::io::Error| {
        format!(
            "`{}` cannot be cleared: {error}\nhint: check its permissions",
            folder.display()
        )
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if !is_written(&entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// A chart with all that stands around it.
fn sheet(figure: &Figure) -> String {
    framed(
        &figure.svg,
        &crate::charts::Frame {
            title: &figure.title,
            subtitle: &figure.subtitle,
            description: &figure.alt,
            notes: vec![&figure.reading, &figure.champ, &figure.source],
        },
    )
}

/// Writes a file, and the folders it stands in. A run that is killed leaves the old file or the
/// new one, and perhaps a `.partial` beside it, which the next run takes.
pub fn save(path: PathBuf, bytes: &[u8]) -> Result<PathBuf, String> {
    let message = |e: std::io::Error| {
        format!(
            "`{}` cannot be written: {e}\nhint: check the room on the disk and the permissions",
            path.display()
        )
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(message)?;
    }
    let mut partial = path.clone().into_os_string();
    partial.push(".partial");
    fs::write(&partial, bytes).map_err(message)?;
    fs::rename(&partial, &path).map_err(message)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_making_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["01-perimetre.csv", "02-perimetre.csv"] {
            fs::write(folder.path().join(name), "1\n").unwrap();
        }
        clear(folder.path(), |name| name == "02-perimetre.csv").unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].file_name(), "02-perimetre.csv");
        clear(&folder.path().join("graphiques"), |_| false).unwrap();
    }

    #[test]
    fn a_file_is_there_whole_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.csv");
        save(path.clone(), b"1\n").unwrap();
        // A folder in the way of the new file: the old one stays.
        fs::create_dir(folder.path().join("a/b.csv.partial")).unwrap();
        assert!(save(path.clone(), b"2\n").unwrap_err().contains("b.csv"));
        assert_eq!(fs::read(&path).unwrap(), b"1\n");
        fs::remove_dir(folder.path().join("a/b.csv.partial")).unwrap();
        save(path.clone(), b"2\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2\n");
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 1);
    }
}
