//! Weekly series: this year over last year's, or the same series of several
//! territories side by side on one scale; holidays shaded.

use super::canvas::{At, Canvas, draw, width};
use super::{BLUE, GREY, GRID, ORANGE, SHADE, SOFT, nice_step};
use crate::french;
use plotters::style::RGBColor;

const SIZE: u32 = 15;
const WIDTH: i32 = 760;
const HEIGHT: i32 = 208;
/// What stays free at the right of a panel.
const EDGE: i32 = 14;
/// Under a drawing, for the names of months.
const FOOT: i32 = 34;

/// A series: one value a week, `None` where it is not shown.
pub struct Line {
    /// At its end.
    pub label: String,
    /// By week.
    pub values: Vec<Option<f64>>,
    /// Of line and label.
    pub colour: RGBColor,
}

/// What stands on the time axis: some weeks by their name, weeks of holidays.
pub struct Weeks {
    /// Week and name.
    pub ticks: Vec<(usize, String)>,
    /// Weeks without school.
    pub holidays: Vec<usize>,
    /// Weeks of which the data are known to be wrong.
    pub bad: Vec<usize>,
    /// Weeks that bear a mark: what was decided then distorts them.
    pub crisis: Vec<usize>,
}

/// Lines over weeks.
pub fn lines(series: &[Line], weeks: &Weeks) -> String {
    let labels = series.iter().map(|line| width(&line.label, SIZE));
    let right = WIDTH - labels.max().unwrap_or(0) - 22;
    let scale = Scale::of(series);
    let frame = Frame::new((scale.room(), 14, right, HEIGHT - FOOT), &scale);
    draw(WIDTH as u32, HEIGHT as u32, |canvas| {
        frame.axes(canvas, weeks);
        let mut taken = Vec::new();
        for line in series.iter().rev() {
            frame.line(canvas, line);
            frame.label(canvas, line, &mut taken);
        }
    })
}

/// Small multiples: a panel for each series, all on one scale, named above.
pub fn multiples(series: &[Line], weeks: &Weeks) -> String {
    const COLUMNS: i32 = 3;
    const PANEL: i32 = 122;
    let scale = Scale::of(series);
    let rows = (series.len() as i32 + COLUMNS - 1) / COLUMNS;
    let pace = WIDTH / COLUMNS;
    draw(WIDTH as u32, (rows * PANEL) as u32, |canvas| {
        for (index, line) in series.iter().enumerate() {
            let (x, y) = (
                index as i32 % COLUMNS * pace,
                index as i32 / COLUMNS * PANEL,
            );
            let area = (x + scale.room(), y + 28, x + pace - EDGE, y + PANEL - FOOT);
            let frame = Frame::new(area, &scale);
            canvas.coloured(&line.label, (area.0, y + 12), SIZE, At::Left, BLUE);
            frame.axes(canvas, weeks);
            frame.line(canvas, line);
        }
    })
}

/// The scale that several series share.
struct Scale {
    weeks: usize,
    step: f64,
    steps: i32,
}

impl Scale {
    fn of(series: &[Line]) -> Self {
        let weeks = series.iter().map(|line| line.values.len()).max();
        let values = series.iter().flat_map(|line| &line.values);
        let most = values.filter_map(|value| *value).fold(0.0, f64::max);
        let step = nice_step(most);
        Self {
            weeks: weeks.unwrap_or(0).max(2),
            step,
            steps: (most / step).ceil().max(1.0) as i32,
        }
    }

    fn label(&self, step: i32) -> String {
        let value = self.step * f64::from(step);
        let decimals = usize::from(self.step.fract() != 0.0);
        french::decimal(value, decimals)
    }

    /// What the labels at the left take.
    fn room(&self) -> i32 {
        width(&self.label(self.steps), SIZE) + 16
    }
}

/// Where weeks and values fall in an area (left, top, right, bottom).
struct Frame<'a> {
    area: (i32, i32, i32, i32),
    pace: f64,
    scale: &'a Scale,
}

impl<'a> Frame<'a> {
    fn new(area: (i32, i32, i32, i32), scale: &'a Scale) -> Self {
        let pace = f64::from(area.2 - area.0) / (scale.weeks - 1) as f64;
        Self { area, pace, scale }
    }

    fn x(&self, week: usize) -> i32 {
        self.area.0 + (week as f64 * self.pace).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        let share = value / (self.scale.step * f64::from(self.scale.steps));
        self.area.3 - (share * f64::from(self.area.3 - self.area.1)).round() as i32
    }

    fn axes(&self, canvas: &Canvas<'_>, weeks: &Weeks) {
        let (left, top, right, bottom) = self.area;
        // Half a week to each side; neighbours meet without a seam.
        let edge = |week: f64| left + ((week - 0.5) * self.pace).round() as i32;
        for week in &weeks.holidays {
            let (from, to) = (edge(*week as f64), edge(*week as f64 + 1.0));
            canvas.rectangle((from.max(left), top), (to.min(right), bottom), SHADE);
        }
        for week in &weeks.bad {
            let (from, to) = (edge(*week as f64), edge(*week as f64 + 1.0));
            canvas.hatch((from.max(left), top), (to.min(right), bottom), GREY);
        }
        for week in &weeks.crisis {
            let (x, y) = (self.x(*week), top - 6);
            let corners = [(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)];
            canvas.area(&corners, ORANGE, ORANGE);
        }
        for step in 0..=self.scale.steps {
            let y = self.y(self.scale.step * f64::from(step));
            canvas.line(vec![(left, y), (right, y)], GRID, 1);
            canvas.text(&self.scale.label(step), (left - 8, y), SIZE, At::Right);
        }
        let mut free_from = i32::MIN;
        for (week, label) in &weeks.ticks {
            let (x, half) = (self.x(*week), width(label, SIZE) / 2);
            canvas.line(vec![(x, bottom), (x, bottom + 5)], SOFT, 1);
            // A name that would touch the one before it, or the edge, is left out.
            if x - half > free_from && x + half <= right + EDGE {
                canvas.text(label, (x, bottom + 16), SIZE, At::Centre);
                free_from = x + half + 6;
            }
        }
    }

    fn line(&self, canvas: &Canvas<'_>, line: &Line) {
        for run in runs(&line.values) {
            let points: Vec<_> = run
                .iter()
                .map(|(week, value)| (self.x(*week), self.y(*value)))
                .collect();
            // A week between two gaps would be no line.
            if let [point] = points[..] {
                canvas.circle(point, 3, line.colour);
            }
            canvas.line(points, line.colour, 2);
        }
    }

    /// The label at the end of a line, as near as no other label stands.
    fn label(&self, canvas: &Canvas<'_>, line: &Line, taken: &mut Vec<i32>) {
        let Some(last) = line.values.iter().rev().find_map(|value| *value) else {
            return;
        };
        let (wanted, (_, top, _, bottom)) = (self.y(last), self.area);
        let is_free = |at: &i32| taken.iter().all(|other| (other - at).abs() >= 16);
        let near = (0..bottom - top).flat_map(|by| [wanted - by, wanted + by]);
        let inside = near.filter(|at| (top..=bottom).contains(at));
        let at = { inside }.find(is_free).unwrap_or(wanted);
        taken.push(at);
        let point = (self.area.2 + 8, at);
        canvas.coloured(&line.label, point, SIZE, At::Left, line.colour);
    }
}

/// Stretches of weeks that have a value: a line is not drawn over a gap.
fn runs(values: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let mut runs = vec![Vec::new()];
    for (week, value) in values.iter().enumerate() {
        match value {
            Some(value) => runs.last_mut().expect("never empty").push((week, *value)),
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}
