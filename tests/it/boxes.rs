//! Where texts stand in drawings and on pages: none is cut, none covers another.

use resvg::usvg::{Group, Node, Options, Tree, fontdb::Database};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

/// A text and its left, top, right and bottom.
struct Placed {
    text: String,
    sides: [f64; 4],
}

impl Placed {
    fn covers(&self, other: &Self) -> bool {
        let [left, top, right, bottom] = self.sides;
        let [l, t, r, b] = other.sides;
        left < r && l < right && top < b && t < bottom
    }

    fn is_inside(&self, width: f64, height: f64) -> bool {
        let [left, top, right, bottom] = self.sides;
        left >= 0.0 && top >= 0.0 && right <= width && bottom <= height
    }
}

fn options() -> Options<'static> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = Database::new();
        fonts.load_font_data(notosans::REGULAR_TTF.to_vec());
        fonts.load_font_data(notosans::BOLD_TTF.to_vec());
        Arc::new(fonts)
    });
    Options {
        fontdb: fonts.clone(),
        ..Options::default()
    }
}

fn collect(group: &Group, found: &mut Vec<Placed>) {
    for node in group.children() {
        match node {
            Node::Group(group) => collect(group, found),
            Node::Text(text) => {
                // The drawing of a text does not know where its group stands.
                let ink = text.flattened().abs_bounding_box();
                let ink = ink.transform(text.abs_transform()).unwrap();
                let sides = [ink.left(), ink.top(), ink.right(), ink.bottom()];
                found.push(Placed {
                    text: text.chunks().iter().map(|chunk| chunk.text()).collect(),
                    sides: sides.map(f64::from),
                });
            }
            _ => {}
        }
    }
}

/// What is wrong with the texts of an SVG: cut by its edges, or over each other.
pub fn faults_of_svg(svg: &str) -> Vec<String> {
    let tree = Tree::from_str(svg, &options()).unwrap();
    let mut texts = Vec::new();
    collect(tree.root(), &mut texts);
    assert!(!texts.is_empty(), "no text in the drawing");
    let size = tree.size();
    faults(&texts, f64::from(size.width()), f64::from(size.height()))
}

fn faults(texts: &[Placed], width: f64, height: f64) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        if !text.is_inside(width, height) {
            let Placed { text, sides } = text;
            faults.push(format!("cut: `{text}` at {sides:?} of {width} by {height}"));
        }
        for other in texts[place + 1..].iter().filter(|other| text.covers(other)) {
            faults.push(format!(
                "over each other: `{}` at {:?} and `{}` at {:?}",
                text.text, text.sides, other.text, other.sides
            ));
        }
    }
    faults
}

/// What is wrong with the words of a PDF, page by page; none without `pdftotext`.
pub fn faults_of_pdf(file: &Path) -> Option<Vec<String>> {
    let output = Command::new("pdftotext")
        .arg("-bbox")
        .arg(file)
        .arg("-")
        .output()
        .ok()?;
    let xml = String::from_utf8(output.stdout).unwrap();
    let number = |line: &str, name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let mut faults_of_all = Vec::new();
    for (page, text) in xml.split("<page ").skip(1).enumerate() {
        let size = [number(text, "width"), number(text, "height")];
        let words: Vec<Placed> = text
            .lines()
            .filter(|line| line.trim_start().starts_with("<word "))
            .map(|line| {
                let [left, top, right, bottom] =
                    ["xMin", "yMin", "xMax", "yMax"].map(|name| number(line, name));
                // A word has the height of its font; the ink is less.
                let slack = (bottom - top) * 0.2;
                Placed {
                    text: line
                        .split('>')
                        .nth(1)
                        .unwrap()
                        .split('<')
                        .next()
                        .unwrap()
                        .to_owned(),
                    sides: [left + 0.5, top + slack, right - 0.5, bottom - slack],
                }
            })
            .collect();
        let found = faults(&words, size[0], size[1]);
        faults_of_all.extend(
            found
                .into_iter()
                .map(|fault| format!("page {}: {fault}", page + 1)),
        );
    }
    Some(faults_of_all)
}

#[test]
fn a_text_over_another_or_outside_is_found() {
    let svg = |texts: &str| {
        format!(
            "<svg width=\"200\" height=\"60\" viewBox=\"0 0 200 60\" xmlns=\"http://www.w3.org/2000/svg\" font-family=\"Noto Sans\" font-size=\"12\">{texts}</svg>"
        )
    };
    let good = svg("<text x=\"5\" y=\"20\">Aisne</text><text x=\"5\" y=\"40\">Nord</text>");
    assert_eq!(faults_of_svg(&good), Vec::<String>::new());
    let over = svg("<text x=\"5\" y=\"20\">Aisne</text><text x=\"20\" y=\"22\">Nord</text>");
    assert_eq!(faults_of_svg(&over).len(), 1);
    let cut = svg("<text x=\"180\" y=\"20\">Pas-de-Calais</text>");
    assert_eq!(faults_of_svg(&cut).len(), 1);
}
