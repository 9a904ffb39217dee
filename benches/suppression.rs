//! An edition of the size of the region: 5,570 establishments in communes and
//! départements, roles, accounts loaded, active and not. Prints cells, what is
//! hidden, seconds and the peak of memory.
//!
//! `cargo bench --bench suppression [-- ESTABLISHMENTS]`

use entobs::privacy::suppression::{Cell, Protection, Register, State, protect};
use std::time::Instant;

const ROLES: usize = 4;
const K: f64 = 5.0;

/// Accounts loaded and active, of each role, of an establishment.
fn establishment(random: &mut fastrand::Rng) -> [[f64; 2]; ROLES] {
    let is_school = random.f64() < 0.85;
    let pupils = if is_school {
        random.u32(20..250)
    } else {
        random.u32(150..1_400)
    };
    let sizes = [pupils, pupils * 3 / 2, pupils / 18 + 1, pupils / 60 + 1];
    let shares = [0.6, 0.4, 0.8, 0.5];
    std::array::from_fn(|role| {
        let active = (0..sizes[role])
            .filter(|_| random.f64() < shares[role])
            .count();
        [f64::from(sizes[role]), active as f64]
    })
}

/// Cells of one node: `[role or all][loaded, active, not active]`.
type Node = [[usize; 3]; ROLES + 1];

fn node(
    register: &mut Register,
    counts: &[[f64; 2]; ROLES],
    height: u32,
    owner: Option<u32>,
) -> Node {
    let mut all = [0.0; 2];
    counts.iter().for_each(|[loaded, active]| {
        all[0] += loaded;
        all[1] += active;
    });
    let few = |value: f64| value < K;
    let node: Node = std::array::from_fn(|role| {
        let [loaded, active] = *counts.get(role).unwrap_or(&all);
        let height = height + u32::from(role == ROLES);
        let mut cell = |value: f64, open: State| {
            let state = if few(value) { State::Primary } else { open };
            let protection = Protection::Width(K);
            register.cell(Cell {
                value,
                state,
                protection,
                height,
                owner,
            })
        };
        let cells = [
            cell(loaded, State::Open),
            cell(active, State::Open),
            cell(loaded - active, State::Unshown),
        ];
        register.sum(cells[0], &cells[1..]);
        cells
    });
    for (measure, all) in node[ROLES].iter().enumerate() {
        let parts: [usize; ROLES] = std::array::from_fn(|role| node[role][measure]);
        register.sum(*all, &parts);
    }
    node
}

fn total(parts: &[[[f64; 2]; ROLES]]) -> [[f64; 2]; ROLES] {
    let mut sum = [[0.0; 2]; ROLES];
    for part in parts {
        for (role, measures) in part.iter().enumerate() {
            sum[role][0] += measures[0];
            sum[role][1] += measures[1];
        }
    }
    sum
}

fn tie(register: &mut Register, whole: &Node, parts: &[Node]) {
    for role in 0..=ROLES {
        for measure in 0..3 {
            let parts: Vec<usize> = parts.iter().map(|part| part[role][measure]).collect();
            register.sum(whole[role][measure], &parts);
        }
    }
}

fn region(establishments: usize) -> Register {
    let mut random = fastrand::Rng::with_seed(8);
    let mut register = Register::default();
    let mut made = 0;
    let mut departements = Vec::new();
    let mut of_region = Vec::new();
    for departement in 0..5 {
        let mut communes = Vec::new();
        let mut of_departement = Vec::new();
        while made < establishments * (departement + 1) / 5 {
            let size = 1 + random.usize(0..3) + if random.f64() < 0.02 { 30 } else { 0 };
            let counts: Vec<_> = (0..size).map(|_| establishment(&mut random)).collect();
            let nodes: Vec<Node> = (0..size)
                .map(|n| node(&mut register, &counts[n], 0, Some((made + n) as u32)))
                .collect();
            // A commune of one establishment tells what this one knows.
            let owner = (size == 1).then_some(made as u32);
            let whole = node(&mut register, &total(&counts), 1, owner);
            made += size;
            tie(&mut register, &whole, &nodes);
            communes.push(whole);
            of_departement.push(total(&counts));
        }
        let whole = node(&mut register, &total(&of_departement), 3, None);
        tie(&mut register, &whole, &communes);
        departements.push(whole);
        of_region.push(total(&of_departement));
    }
    let whole = node(&mut register, &total(&of_region), 4, None);
    tie(&mut register, &whole, &departements);
    register
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

fn main() {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let register = region(asked.unwrap_or(5_570));
    let secret = register
        .cells
        .iter()
        .filter(|cell| cell.state == State::Primary)
        .count();
    println!(
        "{} cells, {} relations, {secret} secret",
        register.cells.len(),
        register.relations.len()
    );
    let start = Instant::now();
    match protect(&register) {
        Ok(hidden) => {
            let shown =
                |state| move |(cell, hidden): &(&Cell, &bool)| **hidden && cell.state == state;
            let further = register
                .cells
                .iter()
                .zip(&hidden)
                .filter(shown(State::Open))
                .count();
            println!("{further} further cells hidden");
        }
        Err(conflict) => println!("{conflict}"),
    }
    println!(
        "{:.1} s, {} MB",
        start.elapsed().as_secs_f64(),
        peak_megabytes()
    );
}
