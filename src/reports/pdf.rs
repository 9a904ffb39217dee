//! A document to PDF by typst as a library: a world held in memory, no clock,
//! no system font, PDF/UA-1 with PDF/A-2a.

use super::pages;
use crate::document::{Block, Document, Form, Table};
use crate::french;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const REPORT: &str = include_str!("../../reports/report.typ");
const SLIDES: &str = include_str!("../../reports/slides.typ");
/// Of covers and headings where a partner has no colour of its own.
const BLUE: &str = "#12436D";
const PARTS: &str = include_str!("../../reports/parts.typ");

struct Memory {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    main: FileId,
    files: BTreeMap<String, Vec<u8>>,
}

/// The PDF of a document; an error is one of the template, not of the data.
pub fn typeset_pdf(document: &Document) -> Result<Vec<u8>, String> {
    let paged = match document.form {
        Form::Slides => lay_out(document, &Fit::default())?,
        Form::Report | Form::Note => well_filled(document)?,
    };
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .map_err(|error| format!("PDF standards: {error:?}"))?;
    let options = PdfOptions {
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&paged, &options).map_err(|errors| messages(&errors))
}

/// How a document is fitted to its pages.
#[derive(Clone, Default)]
struct Fit {
    /// A little closer: takes back a few lines, for a last page that would hold no more.
    is_tight: bool,
    /// Tables that a page may cut, by chapter and block.
    cut: BTreeSet<(usize, usize)>,
    /// Tables that begin a page.
    pushed: BTreeSet<(usize, usize)>,
}

/// Lays out again, with one more table that may be cut each time, while a page stays partly
/// empty for a table that did not fit, then while one begins too low; then closer, where that saves a nearly empty last page.
fn well_filled(document: &Document) -> Result<PagedDocument, String> {
    let mut fit = Fit::default();
    let mut paged = lay_out(document, &fit)?;
    while let Some(table) = pages::table_after_gap(document, &paged, &fit.cut) {
        fit.cut.insert(table);
        paged = lay_out(document, &fit)?;
    }
    while let Some(table) = pages::table_cut_too_low(document, &paged, &fit.pushed) {
        fit.pushed.insert(table);
        paged = lay_out(document, &fit)?;
    }
    if pages::is_last_nearly_empty(paged.pages()) {
        fit.is_tight = true;
        let tighter = lay_out(document, &fit)?;
        if tighter.pages().len() < paged.pages().len() {
            return Ok(tighter);
        }
    }
    Ok(paged)
}

fn lay_out(document: &Document, fit: &Fit) -> Result<PagedDocument, String> {
    let world = Memory::new(document, fit)?;
    let compiled = typst::compile::<PagedDocument>(&world);
    compiled.output.map_err(|errors| messages(&errors))
}

fn messages(errors: &[SourceDiagnostic]) -> String {
    let lines: Vec<String> = errors
        .iter()
        .map(|error| format!("template: {}", error.message))
        .collect();
    lines.join("\n")
}

fn file_id(path: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(path).map_err(|error| format!("{path}: {error:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The document with the widths of the columns of its tables and the rows that
/// are printed, so that the templates compute nothing.
fn template_data(document: &Document, fit: &Fit) -> Result<Vec<u8>, String> {
    let mut data = serde_json::to_value(document).map_err(|error| error.to_string())?;
    let colour = document.brand.colour.as_deref();
    data["colour"] = colour.unwrap_or(BLUE).into();
    data["logo"] = logo_path(document).into();
    data["tight"] = fit.is_tight.into();
    for (c, chapter) in document.chapters.iter().enumerate() {
        for (b, block) in chapter.blocks.iter().enumerate() {
            let shown = &mut data["chapters"][c]["blocks"][b];
            match block {
                Block::Table(table) => {
                    printed_table(table, (c, b), shown);
                    shown["cut"] = fit.cut.contains(&(c, b)).into();
                    shown["pushed"] = fit.pushed.contains(&(c, b)).into();
                }
                // Drawing and data have files of their own.
                Block::Figure(_) => {
                    shown["svg"].take();
                    shown["data"].take();
                }
                _ => {}
            }
        }
    }
    serde_json::to_vec(&data).map_err(|error| error.to_string())
}

fn printed_table(table: &Table, place: (usize, usize), shown: &mut Value) {
    let all = table.rows.len();
    let mut printed = table.clone();
    if let Some(most) = table.printed.filter(|most| *most < all) {
        printed.rows.truncate(most);
        let said = format!(
            "{} premières lignes sur {} ; toutes sont dans la page et le classeur. ",
            french::integer(most as i64),
            french::integer(all as i64)
        );
        shown["note"] = format!("{}{}", french::typeset(&said), table.note).into();
        let kept = shown["rows"].as_array_mut();
        kept.expect("a table has rows").truncate(most);
    }
    shown["shares"] = printed.shares().into();
    if let Some(sparks) = &table.sparks {
        let lines = sparks
            .lines
            .iter()
            .enumerate()
            .map(|(row, (_, alt))| Value::from(vec![spark_path(place, row), alt.clone()]));
        shown["sparks"]["lines"] = lines.collect();
    }
}

fn spark_path((chapter, block): (usize, usize), row: usize) -> String {
    format!("/ligne-{chapter}-{block}-{row}.svg")
}

/// By what the bytes are, PNG or SVG.
fn logo_path(document: &Document) -> Option<&'static str> {
    let logo = document.brand.logo.as_ref()?;
    Some(match logo.starts_with(b"\x89PNG") {
        true => "/logo.png",
        false => "/logo.svg",
    })
}

/// Templates, data and drawings.
fn files(document: &Document, fit: &Fit) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let template = match document.form {
        Form::Slides => SLIDES,
        Form::Report | Form::Note => REPORT,
    };
    let mut files = BTreeMap::new();
    files.insert("/main.typ".to_owned(), template.as_bytes().to_vec());
    files.insert("/parts.typ".to_owned(), PARTS.as_bytes().to_vec());
    files.insert("/document.json".to_owned(), template_data(document, fit)?);
    for figure in document.figures() {
        let path = format!("/{}.svg", figure.id);
        files.insert(path, figure.svg.clone().into_bytes());
    }
    for (c, chapter) in document.chapters.iter().enumerate() {
        for (b, block) in chapter.blocks.iter().enumerate() {
            let Block::Table(Table {
                sparks: Some(sparks),
                ..
            }) = block
            else {
                continue;
            };
            for (row, (svg, _)) in sparks.lines.iter().enumerate() {
                files.insert(spark_path((c, b), row), svg.clone().into_bytes());
            }
        }
    }
    if let (Some(path), Some(logo)) = (logo_path(document), &document.brand.logo) {
        files.insert(path.to_owned(), logo.clone());
    }
    Ok(files)
}

/// The fonts of the program, read once.
fn fonts() -> &'static [Font] {
    static FONTS: OnceLock<Vec<Font>> = OnceLock::new();
    FONTS.get_or_init(|| {
        let files = [
            notosans::REGULAR_TTF,
            notosans::BOLD_TTF,
            notosans::ITALIC_TTF,
            notosans::BOLD_ITALIC_TTF,
        ];
        let fonts = files.into_iter();
        fonts
            .filter_map(|bytes| Font::new(Bytes::new(bytes), 0))
            .collect()
    })
}

impl Memory {
    fn new(document: &Document, fit: &Fit) -> Result<Self, String> {
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(fonts())),
            main: file_id("/main.typ")?,
            files: files(document, fit)?,
        })
    }

    fn bytes(&self, id: FileId) -> FileResult<&[u8]> {
        let path = id.vpath().get_with_slash();
        let found = self.files.get(path);
        found
            .map(Vec::as_slice)
            .ok_or_else(|| FileError::NotFound(path.into()))
    }
}

impl World for Memory {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let text = std::str::from_utf8(self.bytes(id)?).map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text.to_owned()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        Ok(Bytes::new(self.bytes(id)?.to_vec()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        fonts().get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
