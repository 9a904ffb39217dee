//! A document as XLSX: a contents sheet, one sheet a table with typed numbers
//! and a status column, the definitions among them. Text is never a formula.

use crate::document::{Document, Table, TableCell};
use crate::french;
use crate::indicators::catalogue;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, TableColumn, TableStyle, Workbook, Worksheet, XlsxError,
};
use std::collections::BTreeSet;

const WIDEST: f64 = 60.0;

/// The bytes of the workbook.
pub fn bytes(document: &Document) -> Result<Vec<u8>, String> {
    build(document).map_err(|error| format!("workbook: {error}"))
}

struct Formats {
    title: Format,
    header: Format,
    integer: Format,
    real: Format,
    percent: Format,
    note: Format,
    wrap: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            title: Format::new().set_bold().set_font_size(14),
            header: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_border_bottom(rust_xlsxwriter::FormatBorder::Thin),
            integer: Format::new().set_num_format("#,##0"),
            real: Format::new().set_num_format("#,##0.0"),
            percent: Format::new().set_num_format("0.0%"),
            note: Format::new().set_italic(),
            wrap: Format::new()
                .set_text_wrap()
                .set_align(rust_xlsxwriter::FormatAlign::Top),
        }
    }
}

fn build(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    // The date of the data, not of the run: same lake, same bytes.
    let created = ExcelDateTime::parse_from_str(&document.data_date)?;
    let properties = DocProperties::new()
        .set_title(&document.title)
        .set_creation_datetime(&created);
    workbook.set_properties(&properties);
    let tables = named(document);
    contents(workbook.add_worksheet(), document, &tables, &formats)?;
    for (name, chapter, table) in &tables {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        fill(sheet, chapter, table, &formats)?;
    }
    definitions(workbook.add_worksheet(), &formats)?;
    workbook.save_to_buffer()
}

/// The whole catalogue, whatever the document prints of it.
fn definitions(sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("Définitions")?;
    sheet.write_string_with_format(0, 0, "Définitions des indicateurs", &formats.title)?;
    let header = [
        ("Indicateur", 34.0),
        ("Définition", WIDEST),
        ("Unité", 16.0),
        ("Calcul", WIDEST),
        ("S’additionne", 26.0),
        ("Depuis le", 16.0),
    ];
    for (column, (title, width)) in header.into_iter().enumerate() {
        sheet.write_string_with_format(3, column as u16, title, &formats.header)?;
        sheet.set_column_width(column as u16, width)?;
    }
    for (index, definition) in catalogue().into_iter().enumerate() {
        let texts = [
            definition.label,
            definition.definition,
            definition.unit,
            definition.formula,
            definition.adds,
            french::date(definition.since),
        ];
        for (column, text) in texts.iter().enumerate() {
            let text = french::typeset(text);
            sheet.write_string_with_format(4 + index as u32, column as u16, text, &formats.wrap)?;
        }
    }
    sheet.set_freeze_panes(4, 1)?;
    Ok(())
}

type Named<'a> = (String, &'a str, &'a Table);

/// Every table and the figures behind every chart, with the name of its sheet and
/// of its file, and the title of its chapter.
pub fn named(document: &Document) -> Vec<Named<'_>> {
    let tables = document.tables().enumerate();
    tables
        .map(|(place, (chapter, table))| {
            let name = format!("{:02}-{}", place + 1, chapter.id);
            (
                name.chars().take(31).collect(),
                chapter.title.as_str(),
                table,
            )
        })
        .collect()
}

fn contents(
    sheet: &mut Worksheet,
    document: &Document,
    tables: &[Named<'_>],
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name("Sommaire")?;
    sheet.write_string_with_format(0, 0, &document.title, &formats.title)?;
    sheet.write_string(1, 0, &document.subtitle)?;
    sheet.write_string(2, 0, format!("{}, {}", document.perimeter, document.period))?;
    sheet.write_string(
        3,
        0,
        format!(
            "Données au {}, édition {}",
            document.data_date_words, document.mark
        ),
    )?;
    sheet.write_string(
        4,
        0,
        "statut : s = secret statistique, ns = non significatif, nd = non disponible, p = provisoire, /// = sans objet",
    )?;
    for (column, title) in ["Feuille", "Chapitre", "Contenu"].iter().enumerate() {
        sheet.write_string_with_format(6, column as u16, *title, &formats.header)?;
    }
    for (index, (name, chapter, table)) in tables.iter().enumerate() {
        let row = 7 + index as u32;
        let link = format!("internal:'{name}'!A1");
        sheet.write_url_with_text(row, 0, link.as_str(), name)?;
        sheet.write_string(row, 1, *chapter)?;
        sheet.write_string(row, 2, &table.caption)?;
    }
    for (column, width) in [28.0, 34.0, 70.0].into_iter().enumerate() {
        sheet.set_column_width(column as u16, width)?;
    }
    Ok(())
}

fn fill(
    sheet: &mut Worksheet,
    chapter: &str,
    table: &Table,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, &table.caption, &formats.title)?;
    sheet.write_string_with_format(1, 0, note(chapter, table), &formats.note)?;
    let status = table.header.len() as u16;
    for (column, title) in table.header.iter().enumerate() {
        sheet.write_string_with_format(3, column as u16, title, &formats.header)?;
    }
    sheet.write_string_with_format(3, status, "statut", &formats.header)?;
    for (index, cells) in table.rows.iter().enumerate() {
        let row = 4 + index as u32;
        let mut marks = Vec::new();
        for (column, cell) in cells.iter().enumerate() {
            if cell.number.is_none() && column >= table.text_columns && cell.text != "-" {
                marks.push(cell.text.as_str());
                continue;
            }
            write(sheet, row, column as u16, cell, formats)?;
            marks.extend(cell.is_provisional().then_some("p"));
        }
        let mut told = BTreeSet::new();
        marks.retain(|mark| told.insert(*mark));
        sheet.write_string(row, status, marks.join(" "))?;
    }
    sheet.set_freeze_panes(4, table.text_columns.min(1) as u16)?;
    name_table(sheet, table, formats)?;
    for column in 0..table.header.len() {
        sheet.set_column_width(column as u16, width(table, column))?;
    }
    Ok(())
}

/// The cells as a table of the workbook, which sorts and filters; its columns need
/// names that differ.
fn name_table(sheet: &mut Worksheet, table: &Table, formats: &Formats) -> Result<(), XlsxError> {
    let mut header: Vec<&str> = table.header.iter().map(String::as_str).collect();
    header.push("statut");
    let names: BTreeSet<String> = header.iter().map(|name| name.to_lowercase()).collect();
    if table.rows.is_empty() || names.len() < header.len() {
        return Ok(());
    }
    let columns: Vec<TableColumn> = header
        .iter()
        .map(|name| {
            let column = TableColumn::new().set_header(*name);
            column.set_header_format(&formats.header)
        })
        .collect();
    let named = rust_xlsxwriter::Table::new()
        .set_columns(&columns)
        .set_style(TableStyle::Light1);
    let (rows, last) = (table.rows.len() as u32, header.len() as u16 - 1);
    sheet.add_table(3, 0, 3 + rows, last, &named)?;
    Ok(())
}

fn note(chapter: &str, table: &Table) -> String {
    match table.note.as_str() {
        "" => chapter.to_owned(),
        note => format!("{chapter}. {note}"),
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &TableCell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let format = match cell.number {
        Some(_) if cell.ratio => &formats.percent,
        Some(number) if number.fract() == 0.0 => &formats.integer,
        Some(_) => &formats.real,
        None => &formats.wrap,
    };
    match cell.number {
        Some(number) => sheet.write_number_with_format(row, column, number, format)?,
        None => sheet.write_string_with_format(row, column, &cell.text, format)?,
    };
    Ok(())
}

fn width(table: &Table, column: usize) -> f64 {
    let cells = table
        .rows
        .iter()
        .filter_map(|row| row.get(column))
        .map(|cell| cell.text.chars().count());
    let header = table.header[column].chars().count().min(18);
    let widest = cells.max().unwrap_or(0).max(header);
    (widest as f64 + 3.0).min(WIDEST)
}
