//! A document to PDF by typst as a library: a world held in memory, no clock,
//! no system font, PDF/UA-1 with PDF/A-2a.

use crate::document::{Block, Document};
use std::collections::BTreeMap;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const TEMPLATE: &str = include_str!("../../reports/report.typ");

struct Memory {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: FileId,
    files: BTreeMap<String, Vec<u8>>,
}

/// The PDF of a document; an error is one of the template, not of the data.
pub fn typeset_pdf(document: &Document) -> Result<Vec<u8>, String> {
    let world = Memory::new(document)?;
    let compiled = typst::compile::<PagedDocument>(&world);
    let paged = compiled.output.map_err(|errors| messages(&errors))?;
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .map_err(|error| format!("PDF standards: {error:?}"))?;
    let options = PdfOptions {
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&paged, &options).map_err(|errors| messages(&errors))
}

fn messages(errors: &[SourceDiagnostic]) -> String {
    let lines: Vec<String> = errors
        .iter()
        .map(|error| format!("reports/report.typ: {}", error.message))
        .collect();
    lines.join("\n")
}

fn file_id(path: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(path).map_err(|error| format!("{path}: {error:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The document with the widths of the columns of its tables, so that the
/// template computes nothing.
fn template_data(document: &Document) -> Result<Vec<u8>, String> {
    let mut data = serde_json::to_value(document).map_err(|error| error.to_string())?;
    for (c, chapter) in document.chapters.iter().enumerate() {
        for (b, block) in chapter.blocks.iter().enumerate() {
            if let Block::Table(table) = block {
                data["chapters"][c]["blocks"][b]["shares"] = table.shares().into();
            }
        }
    }
    serde_json::to_vec(&data).map_err(|error| error.to_string())
}

impl Memory {
    fn new(document: &Document) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        files.insert("/main.typ".to_owned(), TEMPLATE.as_bytes().to_vec());
        files.insert("/document.json".to_owned(), template_data(document)?);
        for figure in document.figures() {
            files.insert(
                format!("/{}.svg", figure.id),
                figure.svg.clone().into_bytes(),
            );
        }
        let fonts: Vec<Font> = [
            notosans::REGULAR_TTF,
            notosans::BOLD_TTF,
            notosans::ITALIC_TTF,
            notosans::BOLD_ITALIC_TTF,
        ]
        .into_iter()
        .filter_map(|bytes| Font::new(Bytes::new(bytes), 0))
        .collect();
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            main: file_id("/main.typ")?,
            files,
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
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
