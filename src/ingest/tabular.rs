//! Tabular exports through polars: text cells, whatever the encoding, the
//! blank lines before the header and the delimiter after the last cell.

use super::unreadable;
use crate::source;
use polars::prelude::*;
use std::io::{Cursor, Read};
use std::path::Path;

/// A table of text cells.
pub(super) struct Tabular {
    header: Vec<String>,
    columns: Vec<StringChunked>,
    height: usize,
}

/// One row of a table.
pub(super) struct Row<'a> {
    table: &'a Tabular,
    index: usize,
}

/// Reads a delimited file. An error names the file and what to do.
pub(super) fn read(path: &Path, separator: u8) -> Result<Tabular, String> {
    parse(&text(path)?, separator).map_err(|error| {
        format!(
            "`{}` is not a table: {error}\nhint: check its delimiter and its quotes",
            path.display()
        )
    })
}

/// The whole file as text: UTF-8 (a BOM is dropped), or ISO-8859-15 otherwise.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    source::reader(path)
        .and_then(|mut input| input.read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| {
        let (text, _, _) = encoding_rs::ISO_8859_15.decode(error.as_bytes());
        text.into_owned()
    }))
}

/// Parses delimited text: blank lines and a BOM before the header are skipped.
pub(super) fn parse(text: &str, separator: u8) -> PolarsResult<Tabular> {
    let body = text.trim_start_matches(['\u{feff}', '\r', '\n']);
    let options = CsvParseOptions::default()
        .with_separator(separator)
        .with_truncate_ragged_lines(true)
        .with_missing_is_null(true);
    let frame = CsvReadOptions::default()
        .with_has_header(true)
        .with_infer_schema_length(Some(0))
        .with_parse_options(options)
        .into_reader_with_file_handle(Cursor::new(body.as_bytes()))
        .finish()?;
    let names = frame.get_column_names();
    let header = names.iter().map(|n| n.trim().to_owned()).collect();
    let columns = frame
        .columns()
        .iter()
        .map(|column| column.as_materialized_series().str().cloned())
        .collect::<PolarsResult<Vec<_>>>()?;
    Ok(Tabular {
        header,
        columns,
        height: frame.height(),
    })
}

impl Tabular {
    /// The place of a column. The error repeats no word of the first line: of a file
    /// without header, that is a person.
    pub(super) fn column(&self, name: &str, path: &Path) -> Result<usize, String> {
        self.find(name).ok_or_else(|| {
            format!(
                "`{}` has no column `{name}`\nhint: the first line names the columns; it names {}",
                path.display(),
                self.header.len()
            )
        })
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The place of a column, if there.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    /// The rows in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.height).map(|index| Row { table: self, index })
    }
}

impl<'a> Row<'a> {
    /// From 1, the header not counted.
    pub(super) fn number(&self) -> usize {
        self.index + 1
    }

    /// A cell, trimmed; `None` where it is empty.
    pub(super) fn get(&self, column: usize) -> Option<&'a str> {
        let cell = self.table.columns[column].get(self.index)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// A cell of a column that may not be there.
    pub(super) fn maybe(&self, column: Option<usize>) -> Option<&'a str> {
        column.and_then(|column| self.get(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_first_line_trailing_delimiter_and_lines_in_cells() {
        let text = "\n\u{feff}\"ID\";\"Titre\";\n\"1\";\"a\nb\";\n\"2\";\"\";\n";
        let table = parse(text, b';').unwrap();
        let rows: Vec<Row<'_>> = table.rows().collect();
        assert_eq!(rows.len(), 2);
        let title = table.find("Titre").unwrap();
        assert_eq!(rows[0].get(title), Some("a\nb"));
        assert_eq!(rows[1].get(title), None);
    }
}
