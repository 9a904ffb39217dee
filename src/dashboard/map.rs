//! The five départements as the script draws them, and places on them.

use crate::charts::{self, LONGITUDE};
use serde_json::{Value, json};

/// Units of a drawing for a degree of latitude.
const SCALE: f64 = 240.0;
const WEST: f64 = 1.33;
const NORTH: f64 = 51.12;

/// Width and height of the drawing.
pub(super) const SIZE: (i64, i64) = (452, 548);

/// A place of the drawing, x then y.
pub(super) fn project(longitude: f64, latitude: f64) -> (i64, i64) {
    let x = (longitude - WEST) * LONGITUDE * SCALE;
    let y = (NORTH - latitude) * SCALE;
    (x.round() as i64, y.round() as i64)
}

/// `{code: {"path": "M...Z", "x": .., "y": ..}}`, with the middle of each.
pub(super) fn outlines() -> Value {
    let mut all = serde_json::Map::new();
    for (code, points) in charts::outlines() {
        let points: Vec<(i64, i64)> = points.iter().map(|(x, y)| project(*x, *y)).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
        let middle = |values: Vec<i64>| {
            let bounds = values.iter().min().zip(values.iter().max());
            bounds.map_or(0, |(low, high)| (low + high) / 2)
        };
        let x = middle(points.iter().map(|p| p.0).collect());
        let y = middle(points.iter().map(|p| p.1).collect());
        let outline = json!({ "path": format!("M{}Z", path.join("L")), "x": x, "y": y });
        all.insert(code.to_owned(), outline);
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Departement;

    #[test]
    fn every_departement_has_an_outline_inside_the_drawing() {
        let all = outlines();
        for departement in Departement::ALL {
            let path = all[departement.code()]["path"].as_str().unwrap();
            let numbers = path.trim_start_matches('M').trim_end_matches('Z');
            let numbers: Vec<i64> = numbers
                .split(['L', ' '])
                .map(|n| n.parse().unwrap())
                .collect();
            assert!(numbers.len() > 60, "{path}");
            for point in numbers.chunks(2) {
                assert!((0..=SIZE.0).contains(&point[0]), "{point:?}");
                assert!((0..=SIZE.1).contains(&point[1]), "{point:?}");
            }
        }
    }
}
