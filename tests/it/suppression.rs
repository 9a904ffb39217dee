//! Complementary suppression against tables whose answers are known.

use entobs::privacy::bounds::{Constraint, System};
use entobs::privacy::suppression::{Cell, Protection, Register, State, protect, protect_lines};
use std::collections::BTreeMap;
use std::path::Path;

fn corpus(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpus/sdc")
        .join(name);
    let found = std::fs::read_to_string(&path).ok();
    if found.is_none() {
        eprintln!("skipped: `{}` is not here", path.display());
    }
    found
}

fn cell(value: f64, state: State, k: f64, height: u32) -> Cell {
    Cell {
        value,
        state,
        protection: Protection::Width(k),
        height,
        owner: None,
    }
}

/// The bounds of each hidden cell, all relations being equations.
fn bounds(values: &[f64], relations: &[(usize, Vec<usize>)], hidden: &[usize]) -> Vec<(f64, f64)> {
    let place = |cell: &usize| hidden.iter().position(|h| h == cell);
    let constraints = relations.iter().map(|(whole, parts)| {
        let mut constraint = Constraint {
            terms: Vec::new(),
            at_most: false,
            value: 0.0,
        };
        let terms = parts.iter().map(|part| (part, -1.0)).chain([(whole, 1.0)]);
        for (cell, coefficient) in terms {
            match place(cell) {
                Some(n) => constraint.terms.push((n, coefficient)),
                None => constraint.value -= coefficient * values[*cell],
            }
        }
        constraint
    });
    let system = System {
        unknowns: hidden.len(),
        constraints: constraints.collect(),
    };
    let of = |n| {
        (
            system.smallest(n).unwrap().value,
            system.largest(n).unwrap().value,
        )
    };
    (0..hidden.len()).map(of).collect()
}

struct Pattern {
    name: String,
    values: Vec<f64>,
    relations: Vec<(usize, Vec<usize>)>,
    suppressed: Vec<usize>,
    primary: Vec<usize>,
    bounds: Vec<(f64, f64)>,
}

fn patterns(text: &str) -> Vec<Pattern> {
    let read: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    let numbers = |value: &serde_json::Value| serde_json::from_value(value.clone()).unwrap();
    let each = read.iter().map(|pattern| {
        let suppressed: Vec<usize> = numbers(&pattern["suppressed"]);
        let bound = |cell: &usize| {
            let of = &pattern["lp_bounds"][cell.to_string()];
            (of[0].as_f64().unwrap(), of[1].as_f64().unwrap())
        };
        Pattern {
            name: pattern["name"].as_str().unwrap().into(),
            values: serde_json::from_value(pattern["values"].clone()).unwrap(),
            relations: serde_json::from_value(pattern["relations"].clone()).unwrap(),
            primary: numbers(&pattern["primary"]),
            bounds: suppressed.iter().map(bound).collect(),
            suppressed,
        }
    });
    each.collect()
}

/// A register whose heights are how often a cell is a whole.
fn register(pattern: &Pattern, k: f64) -> Register {
    let mut register = Register::default();
    for (number, value) in pattern.values.iter().enumerate() {
        let state = match pattern.primary.contains(&number) {
            true => State::Primary,
            false => State::Open,
        };
        let height = pattern
            .relations
            .iter()
            .filter(|(whole, _)| *whole == number)
            .count();
        register.cell(cell(*value, state, k, height as u32));
    }
    for (whole, parts) in &pattern.relations {
        register.sum(*whole, parts);
    }
    register
}

fn places(flags: &[bool]) -> Vec<usize> {
    (0..flags.len()).filter(|n| flags[*n]).collect()
}

#[test]
fn bounds_are_those_of_another_solver() {
    let Some(text) = corpus("known_patterns.json") else {
        return;
    };
    let patterns = patterns(&text);
    assert_eq!(patterns.len(), 11);
    for pattern in patterns {
        let found = bounds(&pattern.values, &pattern.relations, &pattern.suppressed);
        for (found, wanted) in found.iter().zip(&pattern.bounds) {
            let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
            assert!(
                near(found.0, wanted.0) && near(found.1, wanted.1),
                "{}: {found:?} {wanted:?}",
                pattern.name
            );
        }
    }
}

#[test]
fn every_known_pattern_is_protected() {
    let Some(text) = corpus("known_patterns.json") else {
        return;
    };
    for pattern in patterns(&text) {
        let hidden = places(&protect(&register(&pattern, 4.0)).unwrap());
        let found = bounds(&pattern.values, &pattern.relations, &hidden);
        for (cell, (low, high)) in hidden.iter().zip(found) {
            assert!(high > low, "{}: cell {cell} is {low}", pattern.name);
            let wide = high - low >= 4.0 - 1e-6;
            assert!(
                wide || !pattern.primary.contains(cell),
                "{}: cell {cell}",
                pattern.name
            );
        }
        assert!(pattern.primary.iter().all(|cell| hidden.contains(cell)));
        // These have one best answer.
        match pattern.name.as_str() {
            "ssb_z1" => assert_eq!(hidden, [5, 6, 15, 16, 35, 36]),
            "sdctable_linked_joint_protected" => assert_eq!(hidden, [0, 1, 4, 5, 6, 7]),
            name if name.starts_with("sdctable_4x4") => assert_eq!(hidden.len(), 10, "{name}"),
            _ => {}
        }
    }
}

/// Zones in départements in the region, by level, by role: all cells with margins.
fn observatory(rows: &[(String, String, String)], k: f64) -> (Register, Vec<(usize, Vec<usize>)>) {
    let mut counts: BTreeMap<[String; 3], f64> = BTreeMap::new();
    let all = || "all".to_owned();
    for (zone, level, role) in rows {
        for place in [zone.clone(), zone[..2].to_owned(), all()] {
            for level in [level.clone(), all()] {
                for role in [role.clone(), all()] {
                    *counts
                        .entry([place.clone(), level.clone(), role.clone()])
                        .or_default() += 1.0;
                }
            }
        }
    }
    let values = [0, 1, 2].map(|dimension: usize| {
        let names = counts.keys().map(|key| key[dimension].clone());
        names.collect::<std::collections::BTreeSet<String>>()
    });
    for place in &values[0] {
        for level in &values[1] {
            for role in &values[2] {
                counts
                    .entry([place.clone(), level.clone(), role.clone()])
                    .or_default();
            }
        }
    }
    let keys: Vec<&[String; 3]> = counts.keys().collect();
    let mut register = Register::default();
    for (key, value) in &counts {
        let place = match key[0].as_str() {
            "all" => 2,
            name if name.len() == 2 => 1,
            _ => 0,
        };
        let height = place + u32::from(key[1] == "all") + u32::from(key[2] == "all");
        let state = match *value > 0.0 && *value < k {
            true => State::Primary,
            false => State::Open,
        };
        register.cell(cell(*value, state, k, height));
    }
    let is_part = |whole: &[String; 3], part: &[String; 3], dimension: usize| {
        let same = |d: usize| whole[d] == part[d];
        (0..3).all(|d| d == dimension || same(d))
            && match dimension {
                0 if whole[0] == "all" => part[0].len() == 2,
                0 => {
                    whole[0].len() == 2
                        && part[0].len() == 3
                        && part[0].starts_with(&whole[0])
                        && part[0] != "all"
                }
                d => whole[d] == "all" && part[d] != "all",
            }
    };
    let mut relations = Vec::new();
    for (number, whole) in keys.iter().enumerate() {
        for dimension in 0..3 {
            let parts: Vec<usize> = (0..keys.len())
                .filter(|n| is_part(whole, keys[*n], dimension))
                .collect();
            if !parts.is_empty() {
                register.sum(number, &parts);
                relations.push((number, parts));
            }
        }
    }
    (register, relations)
}

#[test]
fn the_yardstick_is_met() {
    let Some(text) = corpus("ent_synth_micro.csv") else {
        return;
    };
    let rows: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (
                fields[0].to_owned(),
                fields[1].to_owned(),
                fields[2].to_owned(),
            )
        })
        .collect();
    let (register, relations) = observatory(&rows, 5.0);
    let start = std::time::Instant::now();
    let hidden = places(&protect(&register).unwrap());
    let seconds = start.elapsed().as_secs_f64();
    let is_primary = |cell: &&usize| register.cells[**cell].state == State::Primary;
    let primary = hidden.iter().filter(is_primary).count();
    eprintln!(
        "{} cells, {primary} primary, {} complementary, {seconds:.2} s",
        register.cells.len(),
        hidden.len() - primary
    );
    assert_eq!((register.cells.len(), primary), (624, 126));
    let values: Vec<f64> = register.cells.iter().map(|c| c.value).collect();
    for (cell, (low, high)) in hidden.iter().zip(bounds(&values, &relations, &hidden)) {
        let wanted = if is_primary(&cell) { 5.0 } else { 1e-3 };
        assert!(high - low >= wanted - 1e-6, "cell {cell}: {low} to {high}");
    }
    assert!(hidden.len() - primary <= 151);
    assert!(seconds < 5.0, "{seconds}");
}

use proptest::prelude::*;

/// A table of counts with both margins, as a register whose rows belong to
/// establishments, and its relations.
fn table(counts: &[Vec<u32>], k: f64) -> (Register, Vec<(usize, Vec<usize>)>) {
    let (rows, columns) = (counts.len(), counts[0].len());
    let at = |row: usize, column: usize| row * (columns + 1) + column;
    let value = |row: usize, column: usize| -> f64 {
        let rows = if row == rows { 0..rows } else { row..row + 1 };
        let columns = if column == columns {
            0..columns
        } else {
            column..column + 1
        };
        let sum: u32 = rows
            .map(|r| counts[r][columns.clone()].iter().sum::<u32>())
            .sum();
        f64::from(sum)
    };
    let mut register = Register::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let value = value(row, column);
            let state = match value > 0.0 && value < k {
                true => State::Primary,
                false => State::Open,
            };
            let height = u32::from(row == rows) + u32::from(column == columns);
            let owner = (row < rows).then_some(row as u32);
            register.cell(Cell {
                owner,
                ..cell(value, state, k, height)
            });
        }
    }
    let mut relations = Vec::new();
    for row in 0..=rows {
        relations.push((
            at(row, columns),
            (0..columns).map(|c| at(row, c)).collect::<Vec<_>>(),
        ));
    }
    for column in 0..=columns {
        relations.push((at(rows, column), (0..rows).map(|r| at(r, column)).collect()));
    }
    for (whole, parts) in &relations {
        register.sum(*whole, parts);
    }
    (register, relations)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Nobody, nor one establishment that knows its row, can tell a secret of
    /// another closer than the width.
    #[test]
    fn no_secret_is_known_too_well(counts in (3usize..6, 2usize..5).prop_flat_map(|(rows, columns)| {
        prop::collection::vec(prop::collection::vec(0u32..40, columns), rows)
    })) {
        let k = 5.0;
        let (register, relations) = table(&counts, k);
        let Ok(hidden) = protect(&register) else {
            // Nothing was published: only a whole that is itself too small cannot be protected.
            prop_assert!(counts.iter().flatten().sum::<u32>() < 50, "{counts:?}");
            return Ok(());
        };
        let values: Vec<f64> = register.cells.iter().map(|cell| cell.value).collect();
        for knowing in (0..counts.len() as u32).map(Some).chain([None]) {
            let unknown = |n: &usize| hidden[*n] && (knowing.is_none() || register.cells[*n].owner != knowing);
            let unknown: Vec<usize> = (0..hidden.len()).filter(unknown).collect();
            let found = bounds(&values, &relations, &unknown);
            for (cell, (low, high)) in unknown.iter().zip(found) {
                if register.cells[*cell].state == State::Primary {
                    prop_assert!(high - low >= k - 1e-6, "{counts:?}: {cell} in {low}..{high}, known to {knowing:?}");
                }
            }
        }
    }

    /// What an edition showed stays shown, what it hid stays hidden.
    #[test]
    fn earlier_editions_bind(counts in prop::collection::vec(prop::collection::vec(0u32..40, 4), 4), shown in 0usize..25, withheld in 0usize..25) {
        let (mut register, _) = table(&counts, 5.0);
        if register.cells[shown].state == State::Open {
            register.cells[shown].state = State::Published;
        }
        if register.cells[withheld].state == State::Open {
            register.cells[withheld].state = State::Withheld;
        }
        if let Ok(hidden) = protect(&register) {
            for (cell, hidden) in register.cells.iter().zip(hidden) {
                match cell.state {
                    State::Published => prop_assert!(!hidden),
                    State::Withheld | State::Primary => prop_assert!(hidden),
                    _ => {}
                }
            }
        }
    }
}

/// A whole that is hidden for its neighbour's sake is the sum of its parts.
#[test]
fn a_hidden_whole_hides_a_part() {
    let mut register = Register::default();
    let mut add = |value, state, height| register.cell(cell(value, state, 5.0, height));
    let all = add(103.0, State::Published, 3);
    let large = add(100.0, State::Open, 2);
    let small = add(3.0, State::Primary, 2);
    let parts = [add(60.0, State::Open, 0), add(40.0, State::Open, 0)];
    register.sum(all, &[large, small]);
    register.sum(large, &parts);
    let hidden = protect_lines(&register).unwrap();
    assert_eq!(places(&hidden), [large, small, parts[1]]);
}

/// Of several cells that a hidden one is not more than, the least counts.
#[test]
fn the_least_bound_of_a_hidden_cell_counts() {
    let of = |bounds: [f64; 2]| {
        let mut register = Register::default();
        let mut add = |value, state| register.cell(cell(value, state, 5.0, 0));
        let all = add(120.0, State::Published);
        let parts = [
            add(8.0, State::Primary),
            add(12.0, State::Open),
            add(100.0, State::Open),
        ];
        let bounds = bounds.map(|bound| add(bound, State::Published));
        register.sum(all, &parts);
        bounds
            .iter()
            .for_each(|bound| register.at_most(parts[0], *bound));
        register.at_most(parts[1], bounds[1]);
        places(&protect_lines(&register).unwrap()).len()
    };
    // 20, of at most 10 and 14, leave four values to each; of at most 14 and 14, enough.
    assert_eq!(of([10.0, 14.0]), 3);
    assert_eq!(of([14.0, 10.0]), 3);
    assert_eq!(of([16.0, 14.0]), 2);
}

#[test]
fn what_is_out_already_cannot_be_protected_and_is_named() {
    let (mut register, _) = table(&[vec![3, 20], vec![30, 40]], 5.0);
    for cell in &mut register.cells {
        if cell.state == State::Open {
            cell.state = State::Published;
        }
    }
    assert_eq!(protect(&register).unwrap_err().cells, [0]);
}
