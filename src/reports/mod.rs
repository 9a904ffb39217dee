//! Deliverables: documents made of chapters, typeset by typst, with their
//! charts, workbook and dashboard beside them.

mod chapters;
pub(crate) mod page;
mod pdf;
mod tables;

pub(crate) use chapters::Axis;
pub use chapters::{assistance, costra, dashboard_views, observatory, partner};
pub use pdf::typeset_pdf;

use crate::document::Document;
use crate::workbook;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Manifest<'a> {
    title: &'a str,
    perimeter: &'a str,
    period: &'a str,
    data_date: &'a str,
    mark: &'a str,
    program: &'a str,
}

/// Writes a deliverable into a folder: `<name>.pdf`, `.html`, `.xlsx`, the
/// charts as SVG with their figures as CSV, `tableau-de-bord.html` and
/// `manifest.json`. Returns the four main files.
pub fn write(
    document: &Document,
    dashboard: &str,
    folder: &Path,
    name: &str,
) -> Result<Vec<PathBuf>, String> {
    let pdf = save(folder.join(format!("{name}.pdf")), &typeset_pdf(document)?)?;
    let html = save(
        folder.join(format!("{name}.html")),
        page::page(document).as_bytes(),
    )?;
    let xlsx = save(
        folder.join(format!("{name}.xlsx")),
        &workbook::bytes(document)?,
    )?;
    for figure in document.figures() {
        save(
            folder.join(format!("graphiques/{}.svg", figure.id)),
            figure.svg.as_bytes(),
        )?;
        let csv = tables::csv(&figure.data);
        save(
            folder.join(format!("graphiques/{}.csv", figure.id)),
            csv.as_bytes(),
        )?;
    }
    let manifest = Manifest {
        title: &document.title,
        perimeter: &document.perimeter,
        period: &document.period,
        data_date: &document.data_date,
        mark: &document.mark,
        program: env!("CARGO_PKG_VERSION"),
    };
    let text = serde_json::to_string_pretty(&manifest).expect("a manifest is plain data");
    save(folder.join("manifest.json"), text.as_bytes())?;
    let board = folder.join("tableau-de-bord.html");
    let board = save(board, dashboard.as_bytes())?;
    Ok(vec![pdf, html, xlsx, board])
}

/// Writes a file, and the folders it stands in.
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
    fs::write(&path, bytes).map_err(message)?;
    Ok(path)
}
