//! Charts as SVG by plotters, one theme: direct labels, light grid, zero-based
//! bars, text as text. A chart is drawn from numbers that are already protected.

mod bars;
mod canvas;
mod columns;
mod dumbbells;
mod heatmap;
mod lines;
mod map;
mod outlines;
mod ranges;
mod sheet;
mod sparkline;

pub use bars::{Bar, Stack, bars, stacks};
pub use columns::{Columns, columns};
pub use dumbbells::{Dumbbell, dumbbells};
pub use heatmap::heatmap;
pub use lines::{Line, Weeks, lines, multiples};
pub use map::{Area, Mark, Spot, areas, spots};
pub use outlines::{LONGITUDE, outlines};
pub use ranges::{Range, ranges};
pub use sheet::{Frame, framed, png};
pub use sparkline::sparkline;

use plotters::style::RGBColor;

/// Dark blue: this year, the first of two.
pub const BLUE: RGBColor = RGBColor(0x12, 0x43, 0x6D);
/// Teal.
pub const TEAL: RGBColor = RGBColor(0x28, 0xA1, 0x97);
/// Plum.
pub const PLUM: RGBColor = RGBColor(0x80, 0x16, 0x50);
/// Orange.
pub const ORANGE: RGBColor = RGBColor(0xF4, 0x6A, 0x25);
/// Last year, what is not highlighted; dark enough for text.
pub const GREY: RGBColor = RGBColor(0x6E, 0x6E, 0x6E);
/// Parts of a whole in the order of a stack: each may be told from its neighbours without its hue.
pub const PARTS: [RGBColor; 4] = [BLUE, TEAL, PLUM, ORANGE];
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const SOFT: RGBColor = RGBColor(0x59, 0x59, 0x59);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
/// What is in no named part: other or secret.
pub const PALE: RGBColor = RGBColor(0xD5, 0xDA, 0xE0);
const SHADE: RGBColor = RGBColor(0xEE, 0xF1, 0xF5);

/// The colour of a role, the same everywhere.
pub fn role_colour(role: &str) -> RGBColor {
    match role {
        "student" => PARTS[0],
        "parent" => PARTS[1],
        "teacher" => PARTS[2],
        "staff" => PARTS[3],
        _ => GREY,
    }
}

/// The step between lines of an axis from zero: 1, 2 or 5 times a power of ten,
/// never under a tenth, at most five steps up to the value.
fn nice_step(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf((value / 5.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| step * 5.0 >= value)
        .unwrap_or(10.0 * power)
        .max(0.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rgb;

    /// WCAG 2.1, relative luminance.
    fn contrast(one: RGBColor, other: RGBColor) -> f64 {
        let light = |c: RGBColor| Rgb(c.0, c.1, c.2).luminance() + 0.05;
        let (one, other) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn parts_differ_from_their_neighbours_without_hue() {
        for pair in PARTS.windows(2) {
            assert!(contrast(pair[0], pair[1]) >= 3.0, "{pair:?}");
        }
        const PAPER: RGBColor = RGBColor(255, 255, 255);
        for fill in PARTS.into_iter().chain([GREY]) {
            assert!(contrast(fill, PAPER) >= 2.9, "{fill:?}");
        }
        for text in [INK, SOFT, GREY, BLUE, PLUM] {
            assert!(contrast(text, PAPER) >= 4.5, "{text:?}");
        }
    }

    #[test]
    fn steps_of_axes() {
        assert_eq!(nice_step(0.0), 1.0);
        assert_eq!(nice_step(3.0), 1.0);
        assert_eq!(nice_step(1_900.0), 500.0);
        assert_eq!(nice_step(3_300.0), 1_000.0);
        assert_eq!(nice_step(12_000.0), 5_000.0);
        assert_eq!(nice_step(1.4), 0.5);
        assert_eq!(nice_step(1e9), 2e8);
    }
}
