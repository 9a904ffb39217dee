//! A document to PDF by typst as a library: a world held in memory, no clock,
//! no system font, PDF/UA-1 with PDF/A-2a.

use crate::document::{Block, Document, Form, Table};
use crate::french;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::layout::{Frame, FrameItem};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::{Page, PagedDocument};
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
    let mut paged = lay_out(document, Spacing::Usual)?;
    if document.form != Form::Slides && is_nearly_empty(paged.pages()) {
        let tighter = lay_out(document, Spacing::Tight)?;
        if tighter.pages().len() < paged.pages().len() {
            paged = tighter;
        }
    }
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .map_err(|error| format!("PDF standards: {error:?}"))?;
    let options = PdfOptions {
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&paged, &options).map_err(|errors| messages(&errors))
}

/// How close blocks stand to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Usual,
    /// Takes back a few lines, for a last page that would hold no more.
    Tight,
}

fn lay_out(document: &Document, spacing: Spacing) -> Result<PagedDocument, String> {
    let world = Memory::new(document, spacing)?;
    let compiled = typst::compile::<PagedDocument>(&world);
    compiled.output.map_err(|errors| messages(&errors))
}

/// Whether the text of the last of several pages ends in its uppermost fifth.
fn is_nearly_empty(pages: &[Page]) -> bool {
    let Some(last) = pages.last().filter(|_| pages.len() > 1) else {
        return false;
    };
    let height = last.frame.height().to_pt();
    let mut lines = Vec::new();
    lines_of_text(&last.frame, 0.0, &mut lines);
    // Below stands the footer.
    let body = lines.into_iter().filter(|y| *y < height * 0.92);
    body.fold(0.0, f64::max) < height * 0.2
}

/// Where texts stand below the top of a page, in points.
fn lines_of_text(frame: &Frame, top: f64, lines: &mut Vec<f64>) {
    for (at, item) in frame.items() {
        let y = top + at.y.to_pt();
        match item {
            FrameItem::Text(_) => lines.push(y),
            FrameItem::Group(group) => lines_of_text(&group.frame, y, lines),
            _ => {}
        }
    }
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
fn template_data(document: &Document, spacing: Spacing) -> Result<Vec<u8>, String> {
    let mut data = serde_json::to_value(document).map_err(|error| error.to_string())?;
    let colour = document.brand.colour.as_deref();
    data["colour"] = colour.unwrap_or(BLUE).into();
    data["logo"] = logo_path(document).into();
    data["tight"] = (spacing == Spacing::Tight).into();
    for (c, chapter) in document.chapters.iter().enumerate() {
        for (b, block) in chapter.blocks.iter().enumerate() {
            let shown = &mut data["chapters"][c]["blocks"][b];
            match block {
                Block::Table(table) => printed_table(table, (c, b), shown),
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
fn files(document: &Document, spacing: Spacing) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let template = match document.form {
        Form::Slides => SLIDES,
        Form::Report | Form::Note => REPORT,
    };
    let mut files = BTreeMap::new();
    files.insert("/main.typ".to_owned(), template.as_bytes().to_vec());
    files.insert("/parts.typ".to_owned(), PARTS.as_bytes().to_vec());
    files.insert(
        "/document.json".to_owned(),
        template_data(document, spacing)?,
    );
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
    fn new(document: &Document, spacing: Spacing) -> Result<Self, String> {
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(fonts())),
            main: file_id("/main.typ")?,
            files: files(document, spacing)?,
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
