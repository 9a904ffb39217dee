//! A chart as a file of its own: under its title and over its notes, as SVG with
//! a description, and as PNG.

use super::canvas::{At, draw, line_height, wrap};
use super::{BLUE, INK, SOFT};
use plotters::style::RGBColor;
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, OnceLock};

const MARGIN: i32 = 20;
/// Pixels of a PNG for one of the drawing.
const SCALE: f32 = 2.0;

/// What stands around a chart.
pub struct Frame<'a> {
    /// The finding.
    pub title: &'a str,
    /// Indicator, unit, perimeter, period.
    pub subtitle: &'a str,
    /// What the chart shows, for who cannot see it.
    pub description: &'a str,
    /// Reading, field, source: a paragraph each.
    pub notes: Vec<&'a str>,
}

struct Line {
    text: String,
    size: u32,
    colour: RGBColor,
    is_bold: bool,
}

/// The chart with its title above and its notes below; nothing else is needed to
/// read it.
pub fn framed(svg: &str, frame: &Frame<'_>) -> String {
    let (width, height) = size(svg);
    let room = width - 8;
    let mut head = lines(frame.title, 18, INK, true, room);
    head.extend(lines(frame.subtitle, 14, SOFT, false, room));
    let notes = frame.notes.iter().filter(|note| !note.is_empty());
    let foot: Vec<Line> = notes
        .flat_map(|note| lines(note, 13, SOFT, false, room))
        .collect();
    let top = MARGIN + tall(&head) + 8;
    let total = top + height + 12 + tall(&foot) + MARGIN;
    let whole = (width + 2 * MARGIN, total);
    let around = draw(whole.0 as u32, whole.1 as u32, |canvas| {
        canvas.rectangle((0, 0), whole, RGBColor(255, 255, 255));
        canvas.rectangle((0, MARGIN), (5, MARGIN + tall(&head) - 4), BLUE);
        let write = |lines: &[Line], mut y: i32| {
            for line in lines {
                let point = (MARGIN, y + line_height(line.size) / 2);
                match line.is_bold {
                    true => canvas.coloured(&line.text, point, line.size, At::Left, line.colour),
                    false => canvas.plain(&line.text, point, line.size, line.colour),
                }
                y += step(line);
            }
        };
        write(&head, MARGIN);
        write(&foot, top + height + 12);
    });
    with_description(&nested(&around, svg, (MARGIN, top)), frame)
}

fn lines(text: &str, size: u32, colour: RGBColor, is_bold: bool, room: i32) -> Vec<Line> {
    // Bold is wider than what is measured.
    let room = if is_bold { room * 92 / 100 } else { room };
    let lines = wrap(text, size, room).into_iter();
    let line = |text| Line {
        text,
        size,
        colour,
        is_bold,
    };
    lines.map(line).collect()
}

fn step(line: &Line) -> i32 {
    line_height(line.size) + 3
}

fn tall(lines: &[Line]) -> i32 {
    lines.iter().map(step).sum()
}

/// Width and height as the head of an SVG of ours says them.
fn size(svg: &str) -> (i32, i32) {
    let of = |name: &str| {
        let rest = svg.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest);
        rest.and_then(|rest| rest.split('"').next()?.parse().ok())
            .unwrap_or(0)
    };
    (of("width"), of("height"))
}

/// The chart as an element of the sheet.
fn nested(sheet: &str, svg: &str, (x, y): (i32, i32)) -> String {
    let chart = svg.replacen("<svg ", &format!("<svg x=\"{x}\" y=\"{y}\" "), 1);
    let end = sheet.rfind("</svg>").unwrap_or(sheet.len());
    format!("{}{chart}{}", &sheet[..end], &sheet[end..])
}

fn with_description(svg: &str, frame: &Frame<'_>) -> String {
    let head = svg.replacen("<svg ", "<svg role=\"img\" ", 1);
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let names = format!(
        "\n<title>{}</title>\n<desc>{}</desc>",
        escape(frame.title),
        escape(frame.description)
    );
    match head.find('>') {
        Some(end) => format!("{}{names}{}", &head[..=end], &head[end + 1..]),
        None => head,
    }
}

/// An SVG of ours as PNG, twice as large.
pub fn png(svg: &str) -> Result<Vec<u8>, String> {
    let message = |what: String| format!("chart as PNG: {what}");
    let tree = usvg::Tree::from_str(svg, &options()).map_err(|e| message(e.to_string()))?;
    let size = tree.size().to_int_size().scale_by(SCALE);
    let size = size.ok_or_else(|| message("no size".into()))?;
    let pixmap = tiny_skia::Pixmap::new(size.width(), size.height());
    let mut pixmap = pixmap.ok_or_else(|| message("no room".into()))?;
    let transform = tiny_skia::Transform::from_scale(SCALE, SCALE);
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|e| message(e.to_string()))
}

/// The font of the program and no other.
fn options() -> usvg::Options<'static> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        for bytes in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
            fonts.load_font_data(bytes.to_vec());
        }
        Arc::new(fonts)
    });
    usvg::Options {
        fontdb: fonts.clone(),
        font_family: "Noto Sans".into(),
        ..usvg::Options::default()
    }
}
