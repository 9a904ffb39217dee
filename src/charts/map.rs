//! Maps: the départements shaded by a value with bars of it beside them, or one
//! ground with its establishments.

use super::bars::{Bar, Drawing, on};
use super::canvas::{At, Canvas, draw, line_height, width};
use super::outlines::{LONGITUDE, outlines};
use super::{GREY, PALE, SHADE};
use plotters::style::RGBColor;

const SIZE: u32 = 15;
const WIDTH: i32 = 760;
/// The box of a map beside bars.
const BESIDE: (i32, i32) = (290, 296);
/// The tallest map that stands alone.
const ALONE: (i32, i32) = (740, 306);

type Point = (i32, i32);

/// A département of a map.
pub struct Area {
    /// Two digits.
    pub code: &'static str,
    /// In it and beside its bar.
    pub name: String,
    /// Its value, as a share of the largest; none where it is not shown.
    pub value: Option<f64>,
    /// The value as shown.
    pub shown: String,
}

/// An establishment of a map.
pub struct Spot {
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
    /// What it is.
    pub mark: Mark,
}

/// A sign on a map: its form says as much as its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A full disc.
    Disc(RGBColor),
    /// A disc with a white heart.
    Ring(RGBColor),
    /// A square on its corner.
    Diamond(RGBColor),
    /// A small point.
    Point(RGBColor),
}

impl Mark {
    fn draw(self, canvas: &Canvas<'_>, (x, y): Point, size: i32) {
        const PAPER: RGBColor = RGBColor(255, 255, 255);
        canvas.circle((x, y), size + 1, PAPER);
        match self {
            Self::Disc(colour) => canvas.circle((x, y), size, colour),
            Self::Ring(colour) => {
                canvas.circle((x, y), size, colour);
                canvas.circle((x, y), size / 2, PAPER);
            }
            Self::Diamond(colour) => {
                let far = size + 1;
                let corners = [(x, y - far), (x + far, y), (x, y + far), (x - far, y)];
                canvas.area(&corners, colour, PAPER);
            }
            Self::Point(colour) => canvas.circle((x, y), size / 2, colour),
        }
    }
}

/// The départements in the order of their values, largest first: a map shaded by
/// the value, and a bar each.
pub fn areas(areas: &[Area]) -> String {
    let shown = areas.iter().filter_map(|area| {
        Some(Bar {
            label: area.name.clone(),
            value: area.value?,
            shown: area.shown.clone(),
            colour: shade(area, areas),
        })
    });
    let bars: Vec<Bar> = shown.collect();
    let codes: Vec<&str> = areas.iter().map(|area| area.code).collect();
    let ground = Ground::of(&codes, BESIDE);
    let (drawing, height) = Drawing::new(&bars, BESIDE.0 + 40, WIDTH);
    let tall = height.max(ground.height);
    draw(WIDTH as u32, tall as u32, |canvas| {
        for area in areas {
            ground.shape(canvas, area.code, shade(area, areas));
        }
        for area in areas {
            ground.name(canvas, area, shade(area, areas));
        }
        drawing.draw(canvas, &bars, (tall - height) / 2);
    })
}

/// Establishments on the ground of some départements; the key names the marks.
pub fn spots(codes: &[&str], spots: &[Spot], key: &[(String, Mark)]) -> String {
    let ground = Ground::of(codes, ALONE);
    draw(WIDTH as u32, (ground.height + 30) as u32, |canvas| {
        let mut x = 8;
        for (name, mark) in key {
            mark.draw(canvas, (x + 6, 13), 6);
            canvas.text(name, (x + 18, 13), SIZE, At::Left);
            x += width(name, SIZE) + 40;
        }
        for code in codes {
            ground.shape_at(canvas, code, SHADE, 30);
        }
        let places = spots
            .iter()
            .map(|spot| ground.place(spot.longitude, spot.latitude));
        for ((x, y), spot) in side_by_side(places).into_iter().zip(spots) {
            spot.mark.draw(canvas, (x, y + 30), 4);
        }
    })
}

/// Places as near to their own as they can be without covering one before: those of one
/// commune make a small cluster.
fn side_by_side(places: impl Iterator<Item = Point>) -> Vec<Point> {
    const STEP: i32 = 10;
    let mut taken: Vec<Point> = Vec::new();
    for (x, y) in places {
        let is_free = |at: &Point| {
            let near =
                |other: &Point| (other.0 - at.0).pow(2) + (other.1 - at.1).pow(2) < STEP.pow(2);
            !taken.iter().any(near)
        };
        let around = (0..8).flat_map(|ring: i32| {
            let count = (6 * ring).max(1);
            (0..count).map(move |place| {
                let angle = std::f64::consts::TAU * f64::from(place) / f64::from(count);
                let far = f64::from(STEP * ring);
                let step = |part: f64| (far * part).round() as i32;
                (x + step(angle.cos()), y + step(angle.sin()))
            })
        });
        let found = around.into_iter().find(is_free);
        taken.push(found.unwrap_or((x, y)));
    }
    taken
}

/// From light to dark blue between the smallest and the largest value; grey where none is shown.
fn shade(area: &Area, all: &[Area]) -> RGBColor {
    let Some(value) = area.value else {
        return PALE;
    };
    let values = || all.iter().filter_map(|area| area.value);
    let (low, high) = (
        values().fold(f64::MAX, f64::min),
        values().fold(0.0, f64::max),
    );
    let share = match high > low {
        true => (value - low) / (high - low),
        false => 1.0,
    };
    let mix = |light: f64, dark: f64| (light + (dark - light) * share).round() as u8;
    RGBColor(mix(166.0, 18.0), mix(200.0, 67.0), mix(226.0, 109.0))
}

/// Outlines fitted into a box.
struct Ground {
    shapes: Vec<(&'static str, Vec<(f64, f64)>)>,
    west: f64,
    north: f64,
    scale: f64,
    left: i32,
    height: i32,
}

impl Ground {
    fn of(codes: &[&str], size: (i32, i32)) -> Self {
        let mut shapes = outlines();
        shapes.retain(|(code, _)| codes.contains(code));
        let points = || shapes.iter().flat_map(|(_, points)| points);
        let least = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::MAX, f64::min);
        let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(f64::MIN, f64::max);
        let (west, east) = (least(|p| p.0), most(|p| p.0));
        let (south, north) = (least(|p| p.1), most(|p| p.1));
        let (wide, tall) = ((east - west) * LONGITUDE, north - south);
        let room = (f64::from(size.0 - 8), f64::from(size.1 - 8));
        let scale = (room.0 / wide).min(room.1 / tall);
        Self {
            left: 4 + ((room.0 - wide * scale) / 2.0) as i32,
            height: (tall * scale) as i32 + 8,
            shapes,
            west,
            north,
            scale,
        }
    }

    fn place(&self, longitude: f64, latitude: f64) -> Point {
        let x = (longitude - self.west) * LONGITUDE * self.scale;
        let y = (self.north - latitude) * self.scale;
        (self.left + x.round() as i32, 4 + y.round() as i32)
    }

    fn points(&self, code: &str) -> Vec<Point> {
        let shape = self.shapes.iter().find(|(known, _)| *known == code);
        let points = shape.map_or(&[][..], |(_, points)| points);
        points.iter().map(|(x, y)| self.place(*x, *y)).collect()
    }

    fn shape(&self, canvas: &Canvas<'_>, code: &str, fill: RGBColor) {
        self.shape_at(canvas, code, fill, 0);
    }

    fn shape_at(&self, canvas: &Canvas<'_>, code: &str, fill: RGBColor, down: i32) {
        let points = self.points(code).into_iter().map(|(x, y)| (x, y + down));
        let edge = match fill == SHADE {
            true => GREY,
            false => RGBColor(255, 255, 255),
        };
        canvas.area(&points.collect::<Vec<_>>(), fill, edge);
    }

    /// Name and value where the outline is widest.
    fn name(&self, canvas: &Canvas<'_>, area: &Area, fill: RGBColor) {
        let lines = [&area.name, &area.shown];
        let point = widest_place(&self.points(area.code), line_height(SIZE));
        let ink = on(fill);
        for (line, text) in lines.into_iter().enumerate() {
            let y = point.1 + (line as i32 * 2 - 1) * line_height(SIZE) / 2;
            canvas.coloured(text, (point.0, y), SIZE, At::Centre, ink);
        }
    }
}

/// The middle of the widest stretch that stays inside an outline for two lines of text.
fn widest_place(points: &[Point], half: i32) -> Point {
    let ys = points.iter().map(|point| point.1);
    let (top, bottom) = (ys.clone().min().unwrap_or(0), ys.max().unwrap_or(0));
    let mut best = (0, (0, 0));
    for y in top + half..bottom - half {
        for (from, to) in inside(points, y) {
            // What the lines above and below leave of it.
            let (mut left, mut right) = (from, to);
            for other in [y - half, y + half] {
                let middle = (left + right) / 2;
                let stretch = inside(points, other)
                    .into_iter()
                    .find(|(from, to)| (*from..=*to).contains(&middle));
                let (from, to) = stretch.unwrap_or((middle, middle));
                (left, right) = (left.max(from), right.min(to));
            }
            best = best.max((right - left, ((left + right) / 2, y)));
        }
    }
    best.1
}

/// The stretches of a height that are inside an outline.
fn inside(points: &[Point], y: i32) -> Vec<(i32, i32)> {
    let next = points.iter().cycle().skip(1);
    let mut crossings: Vec<i32> = points
        .iter()
        .zip(next)
        .filter(|(a, b)| (a.1 <= y) != (b.1 <= y))
        .map(|(a, b)| a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1))
        .collect();
    crossings.sort_unstable();
    crossings
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_inside_an_outline() {
        let square = [(0, 0), (100, 0), (100, 100), (0, 100)];
        assert_eq!(inside(&square, 50), [(0, 100)]);
        let (x, _) = widest_place(&square, 10);
        assert_eq!(x, 50);
        // A narrow neck over a wide foot: the foot.
        let bottle = [
            (40, 0),
            (60, 0),
            (60, 100),
            (200, 100),
            (200, 160),
            (0, 160),
            (0, 100),
            (40, 100),
        ];
        let (x, y) = widest_place(&bottle, 10);
        assert!(x == 100 && y > 105, "{x} {y}");
    }
}
