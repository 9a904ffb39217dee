//! How full the pages of a document are once it is laid out.

use crate::document::{Block, Document};
use std::collections::BTreeSet;
use typst::foundations::{NativeElement, Selector};
use typst::introspection::Introspector;
use typst::layout::{Frame, FrameItem};
use typst::model::FigureElem;
use typst_layout::{Page, PagedDocument};

/// Where the text of a page ends and its footer begins, as a share of the height.
const BODY: f64 = 0.92;
/// Points of a row, and of what stands above the rows of a table: at least, and at most.
const ROW: [f64; 2] = [14.0, 17.0];
const HEAD: [f64; 2] = [45.0, 90.0];
/// Rows that a page holds at least of a table that is cut.
const FEWEST: f64 = 4.0;
/// A row of several lines, in points; a page holds two of them at least of a table that is cut.
const TALL_ROW: f64 = 75.0;
/// A column of so many characters is one of prose.
const PROSE: usize = 40;

/// Whether the text of the last of several pages ends in its uppermost fifth.
pub(super) fn is_last_nearly_empty(pages: &[Page]) -> bool {
    let last = pages.last().filter(|_| pages.len() > 1);
    last.is_some_and(|page| end_of_text(page) < page.frame.height().to_pt() * 0.2)
}

/// The first table, by chapter and block, that left room on the page before its own for some
/// of its rows, and that may not be cut yet.
pub(super) fn table_after_gap(
    document: &Document,
    paged: &PagedDocument,
    cut: &BTreeSet<(usize, usize)>,
) -> Option<(usize, usize)> {
    let placed = placed(document, paged);
    let pages = paged.pages();
    (0..pages.len().saturating_sub(1)).find_map(|number| {
        let page = &pages[number];
        let gap = page.frame.height().to_pt() * BODY - end_of_text(page);
        let fitting = |row: f64, head: f64| ((gap - head) / row).floor();
        let (table, rows, _) = placed.iter().find(|(.., page)| *page == number + 2)?;
        let left = rows.map(|rows| rows as f64 - fitting(ROW[0], HEAD[0]))?;
        let is_worth = match is_prose(document, *table) {
            true => fitting(TALL_ROW, HEAD[1]) >= 2.0,
            false => fitting(ROW[1], HEAD[1]) >= FEWEST && left >= FEWEST,
        };
        (is_worth && !cut.contains(table)).then_some(*table)
    })
}

/// Whether the rows of a table take several lines.
fn is_prose(document: &Document, (chapter, block): (usize, usize)) -> bool {
    match &document.chapters[chapter].blocks[block] {
        Block::Table(table) => table.widths().into_iter().any(|width| width > PROSE),
        _ => false,
    }
}

/// The first table that may be cut and of which a page would hold a row or two only, by chapter
/// and block; not one under a heading, which would stay behind.
pub(super) fn table_cut_too_low(
    document: &Document,
    paged: &PagedDocument,
    pushed: &BTreeSet<(usize, usize)>,
) -> Option<(usize, usize)> {
    let introspector = paged.introspector();
    let figures = introspector.query(&Selector::Elem(FigureElem::ELEM, None));
    let places = figures.iter().map(|figure| {
        let at = figure.location()?;
        let (page, next) = (introspector.position(at)?, introspector.page(at)?);
        let end = paged.pages().get(next.get() - 1)?.frame.height().to_pt() * BODY;
        Some(end - page.point.y.to_pt())
    });
    let blocks = placed(document, paged).into_iter().zip(places);
    blocks
        .filter(|(((c, b), rows, _), room)| {
            let before = b.checked_sub(1).map(|b| &document.chapters[*c].blocks[b]);
            let is_under_heading = !matches!(
                before,
                Some(Block::Text { .. } | Block::Table(_) | Block::Figure(_))
            );
            let is_low = room.is_some_and(|room| room < HEAD[0] + FEWEST * ROW[1]);
            rows.is_some_and(|rows| rows > 2 * FEWEST as usize) && is_low && !is_under_heading
        })
        .map(|((table, ..), _)| table)
        .find(|table| !pushed.contains(table))
}

/// Tables and figures in order: chapter and block, rows of a table, page counted from 1.
fn placed(
    document: &Document,
    paged: &PagedDocument,
) -> Vec<((usize, usize), Option<usize>, usize)> {
    let chapters = document.chapters.iter().enumerate();
    let blocks = chapters.flat_map(|(c, chapter)| {
        let blocks = chapter.blocks.iter().enumerate();
        blocks.filter_map(move |(b, block)| match block {
            Block::Table(table) if !table.is_printed() => None,
            Block::Table(table) => {
                let printed = table.printed.unwrap_or(usize::MAX);
                Some(((c, b), Some(table.rows.len().min(printed))))
            }
            Block::Figure(_) => Some(((c, b), None)),
            _ => None,
        })
    });
    let introspector = paged.introspector();
    let figures = introspector.query(&Selector::Elem(FigureElem::ELEM, None));
    let pages = figures.iter().map(|figure| {
        let place = figure.location().and_then(|at| introspector.page(at));
        place.map_or(0, std::num::NonZero::get)
    });
    blocks
        .zip(pages)
        .map(|((block, rows), page)| (block, rows, page))
        .collect()
}

/// How far down the text of a page goes, in points; below stands the footer.
fn end_of_text(page: &Page) -> f64 {
    let mut lines = Vec::new();
    lines_of_text(&page.frame, 0.0, &mut lines);
    let end = page.frame.height().to_pt() * BODY;
    let body = lines.into_iter().filter(|y| *y < end);
    body.fold(0.0, f64::max)
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
