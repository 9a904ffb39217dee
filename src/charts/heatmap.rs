//! Weekday by hour, one hue from light to dark.

use super::canvas::{At, draw};
use plotters::style::RGBColor;

const CELL: (i32, i32) = (27, 30);
const LEFT: i32 = 84;
const SIZE: u32 = 15;

/// Seven rows of 24 values; `None` is secret and drawn as a dot.
pub fn heatmap(rows: &[(String, Vec<Option<f64>>)]) -> String {
    let values = rows.iter().flat_map(|(_, row)| row).filter_map(|v| *v);
    let most = values.fold(0.0, f64::max).max(1.0);
    let size = (LEFT + 24 * CELL.0 + 20, 46 + rows.len() as i32 * CELL.1);
    draw(size.0 as u32, size.1 as u32, |canvas| {
        for (line, (label, row)) in rows.iter().enumerate() {
            let y = 8 + line as i32 * CELL.1;
            canvas.text(label, (LEFT - 8, y + CELL.1 / 2), SIZE, At::Right);
            for (hour, value) in row.iter().enumerate() {
                let x = LEFT + hour as i32 * CELL.0;
                let colour = value.map_or(RGBColor(255, 255, 255), |v| shade(v / most));
                canvas.rectangle((x, y), (x + CELL.0 - 2, y + CELL.1 - 2), colour);
                if value.is_none() {
                    canvas.text("s", (x + CELL.0 / 2 - 1, y + CELL.1 / 2), 11, At::Centre);
                }
            }
        }
        let y = 20 + rows.len() as i32 * CELL.1;
        for hour in (0..24).step_by(2) {
            let x = LEFT + hour * CELL.0 + CELL.0 / 2 - 1;
            canvas.text(&format!("{hour}\u{a0}h"), (x, y), SIZE, At::Centre);
        }
    })
}

fn shade(share: f64) -> RGBColor {
    let mix = |light: f64, dark: f64| (light + (dark - light) * share.sqrt()).round() as u8;
    RGBColor(mix(238.0, 18.0), mix(243.0, 67.0), mix(248.0, 109.0))
}
