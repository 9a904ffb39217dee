//! What a deliverable says, before it has a form: chapters of blocks, made
//! from protected tables only. The PDF, the dashboard and the workbook are
//! three ways to show one document.

use serde::Serialize;

/// How a document is laid out on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A4, with a cover and its contents.
    Report,
    /// A4, the title above the text.
    Note,
    /// 16:9, a chapter on each.
    Slides,
}

/// What a partner's own deliverables wear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// `#12436D`, of covers and headings; checked for contrast.
    pub colour: Option<String>,
    /// PNG or SVG, on the cover; not part of what a template reads as data.
    #[serde(skip)]
    pub logo: Option<Vec<u8>>,
}

/// A deliverable.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// On paper.
    pub form: Form,
    /// Of the partner that receives it.
    pub brand: Brand,
    /// On the cover.
    pub title: String,
    /// Under it.
    pub subtitle: String,
    /// Whose establishments.
    pub perimeter: String,
    /// The period in words.
    pub period: String,
    /// The date of the data, as `2026-01-31`.
    pub data_date: String,
    /// The same as a reader sees it.
    pub data_date_words: String,
    /// A short digest of lake, parameters and program.
    pub mark: String,
    /// In order.
    pub chapters: Vec<Chapter>,
}

/// A chapter.
#[derive(Clone, Debug, Serialize)]
pub struct Chapter {
    /// Used in anchors and names of sheets.
    pub id: String,
    /// Shown.
    pub title: String,
    /// In order.
    pub blocks: Vec<Block>,
}

/// A piece of a chapter.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text {
        /// Plain text.
        text: String,
    },
    /// A heading inside a chapter.
    Heading {
        /// Plain text.
        text: String,
    },
    /// A list of sentences.
    List {
        /// Plain text.
        items: Vec<String>,
    },
    /// A framed note: perimeter, coverage, warnings.
    Note {
        /// Its heading.
        title: String,
        /// Its sentences.
        items: Vec<String>,
    },
    /// Key figures.
    Keys {
        /// In order.
        keys: Vec<Key>,
    },
    /// A table.
    Table(Table),
    /// A chart.
    Figure(Figure),
}

/// A key figure.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    /// The figure.
    pub value: String,
    /// What it is.
    pub label: String,
    /// Its change, raw and at constant perimeter.
    pub changes: Vec<String>,
}

/// A cell of a table.
#[derive(Clone, Debug, Serialize)]
pub struct TableCell {
    /// As a reader sees it.
    pub text: String,
    /// The number behind it, if it is shown; a share is a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<f64>,
    /// Whether the number is a ratio to show as a percentage.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ratio: bool,
}

impl TableCell {
    /// Whether its number bears the mark of what rests on incomplete data.
    pub fn is_provisional(&self) -> bool {
        self.number.is_some() && self.text.ends_with("(p)")
    }
}

/// A small line for each row of a table, in a column after the others.
#[derive(Clone, Debug, Serialize)]
pub struct Sparks {
    /// Name of the column.
    pub header: String,
    /// The drawing of each row, and what it shows.
    pub lines: Vec<(String, String)>,
}

/// A table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Names of columns.
    pub header: Vec<String>,
    /// How many columns at the left hold text.
    pub text_columns: usize,
    /// In order.
    pub rows: Vec<Vec<TableCell>>,
    /// Under the table.
    pub note: String,
    /// What PDF and page say in its place; the workbook and its file have it as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// How many rows the PDF prints where there are more; page and workbook have all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed: Option<usize>,
    /// A line for each row; page and PDF show it, the workbook has its numbers elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sparks: Option<Sparks>,
}

/// A chart with what stands around it.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Name of its file.
    pub id: String,
    /// The finding, or a description.
    pub title: String,
    /// Indicator, unit, perimeter, period.
    pub subtitle: String,
    /// What the chart shows, for who cannot see it.
    pub alt: String,
    /// « Lecture : … »
    pub reading: String,
    /// « Champ : … »
    pub champ: String,
    /// « Source : … »
    pub source: String,
    /// The drawing.
    pub svg: String,
    /// Its figures.
    pub data: Table,
}

impl Table {
    /// Whether PDF and page show it as a table, with a number.
    pub fn is_printed(&self) -> bool {
        self.said.is_none() && !self.rows.is_empty()
    }

    /// How wide each column wants to be, in characters: short cells whole, prose
    /// by what it usually holds, and never less than a word of the header.
    pub fn widths(&self) -> Vec<usize> {
        (0..self.header.len())
            .map(|column| self.width(column))
            .collect()
    }

    /// The same as shares of a page; 0 where a short column beside prose takes
    /// just what it needs. Where a page is too narrow for all, those give way that hold
    /// several words, and no word is cut.
    pub fn shares(&self) -> Vec<usize> {
        const SHORT: usize = 20;
        /// Characters of a table that a page takes beside each other.
        const PAGE: usize = 100;
        let mut widths = self.widths();
        if widths.iter().all(|width| *width <= 2 * SHORT) {
            let least: Vec<usize> = (0..widths.len()).map(|column| self.least(column)).collect();
            let (wanted, needed): (usize, usize) = (widths.iter().sum(), least.iter().sum());
            if wanted > PAGE && needed < PAGE {
                for (width, least) in widths.iter_mut().zip(least) {
                    let more = *width - least;
                    *width = least + more * (PAGE - needed) / (wanted - needed);
                }
            }
            return widths;
        }
        for (column, width) in widths.iter_mut().enumerate() {
            let mut cells = self.rows.iter().map(|row| row[column].text.chars().count());
            if cells.all(|characters| characters <= SHORT) {
                *width = 0;
            }
        }
        widths
    }

    /// The longest word of a text.
    fn word(text: &str) -> usize {
        let words = text.split([' ', '-']).map(|word| word.chars().count());
        words.max().unwrap_or(0)
    }

    /// How wide a column must be so that no word of it is cut.
    fn least(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| Self::word(&row[column].text));
        cells.max().unwrap_or(0).max(self.header_word(column)) + 3
    }

    /// The longest word of a header: they are set in bold, which is wider.
    fn header_word(&self, column: usize) -> usize {
        Self::word(&self.header[column]) * 11 / 10
    }

    fn width(&self, column: usize) -> usize {
        const PROSE: usize = 80;
        let cells = self.rows.iter().map(|row| row[column].text.chars().count());
        let (longest, total) =
            cells.fold((0, 0), |(longest, total), n| (n.max(longest), total + n));
        let usual = 2 * total / self.rows.len().max(1);
        self.least(column).max(longest.min(usual).min(PROSE) + 3)
    }

    /// Without the columns of numbers of which none is available.
    pub fn without_empty_columns(mut self) -> Self {
        let is_empty = |column: usize| self.rows.iter().all(|row| row[column].text == "nd");
        let kept: Vec<bool> = (0..self.header.len())
            .map(|column| column < self.text_columns || !is_empty(column))
            .collect();
        let mut keep = kept.iter();
        self.header
            .retain(|_| *keep.next().expect("one for each column"));
        for row in &mut self.rows {
            let mut keep = kept.iter();
            row.retain(|_| *keep.next().expect("one for each column"));
        }
        self
    }
}

impl Table {
    /// Without a column of changes that shows none.
    pub fn without_hidden_changes(mut self) -> Self {
        let is_change = |name: &String| name.starts_with("Évolution");
        let Some(column) = self.header.iter().position(is_change) else {
            return self;
        };
        if self.rows.iter().all(|row| row[column].number.is_none()) {
            self.header.remove(column);
            self.rows
                .iter_mut()
                .for_each(|row| drop(row.remove(column)));
        }
        self
    }
}

impl Document {
    /// Every table, in order, with the data of the figures among them, and the
    /// chapter of each.
    pub fn tables(&self) -> impl Iterator<Item = (&Chapter, &Table)> {
        self.chapters.iter().flat_map(|chapter| {
            let blocks = chapter.blocks.iter();
            blocks.filter_map(move |block| match block {
                Block::Table(table) => Some((chapter, table)),
                Block::Figure(figure) => Some((chapter, &figure.data)),
                _ => None,
            })
        })
    }

    /// Every figure, in order.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.chapters
            .iter()
            .flat_map(|chapter| &chapter.blocks)
            .filter_map(|block| match block {
                Block::Figure(figure) => Some(figure),
                _ => None,
            })
    }
}
