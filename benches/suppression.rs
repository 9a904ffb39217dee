//! The register of cells at the size of the region: 5,570 establishments in five départements,
//! by type, sector and role, twelve perimeters, accounts and who came. Prints cells, what is
//! hidden, seconds and the peak of memory; ends with 1 where cells cannot be protected.
//!
//! `cargo bench --bench suppression [-- ESTABLISHMENTS]`

use entobs::privacy::register::{
    ALL, Among, Atom, Counts, Decisions, Place, Settled, Territory, Told, Volume, decide, people,
    who,
};
use std::process::ExitCode;
use std::time::Instant;

const K: i64 = 5;
const ROLES: [&str; 4] = ["student", "parent", "teacher", "staff"];
const DEPARTEMENTS: [(&str, &str); 5] = [
    ("02", "amiens"),
    ("59", "lille"),
    ("60", "amiens"),
    ("62", "lille"),
    ("80", "amiens"),
];

/// One in seven is of the second degree; one in ten is private.
fn place(number: usize) -> Place {
    let (departement, academie) = DEPARTEMENTS[number % 5];
    let (level, kind) = match number % 7 {
        0 => ("2D", ["CLG", "CLG", "LGT", "LP"][number / 7 % 4]),
        _ => ("1D", "ECOLE"),
    };
    let sector = if number.is_multiple_of(10) {
        "prive"
    } else {
        "public"
    };
    let own = |kind: &str, node: String| (kind.to_owned(), node);
    let mut nodes = vec![
        own("region", "32".into()),
        own("academie", academie.into()),
        own("departement", departement.into()),
        own("partner", format!("academie-{academie}")),
    ];
    if kind == "CLG" && sector == "public" {
        nodes.push(own("partner", format!("departement-{departement}")));
    }
    if matches!(kind, "LGT" | "LP") {
        nodes.push(own("partner", "region".into()));
    }
    // Communes that joined: some of the écoles of a département.
    if kind == "ECOLE" && number.is_multiple_of(3) {
        nodes.push(own("partner", format!("adi-{departement}")));
    }
    Place {
        uai: format!("{number:07}A"),
        academie: academie.into(),
        departement: departement.into(),
        level: level.into(),
        kind: kind.into(),
        sector: sector.into(),
        nodes,
        groups: vec![
            own(
                "area",
                if number.is_multiple_of(3) {
                    "rural"
                } else {
                    "urbain"
                }
                .into(),
            ),
            own("ips", format!("Q{}", number * 7 % 5 + 1)),
            own(
                "priority",
                if number % 11 < 2 { "REP" } else { "hors EP" }.into(),
            ),
        ],
    }
}

/// Accounts, and those of them who came; one family in twelve has two schools.
fn atoms(places: &[Place]) -> [Vec<Atom>; 2] {
    let mut random = fastrand::Rng::with_seed(8);
    let (mut accounts, mut came) = (Vec::new(), Vec::new());
    let mut add = |role: &str, names: &[&str], people: i64, random: &mut fastrand::Rng| {
        let share = random.f64();
        let some = (0..people).filter(|_| random.f64() < share).count() as i64;
        for (all, people) in [(&mut accounts, people), (&mut came, some)] {
            for role in [role, ALL] {
                all.push(Atom {
                    role: who(role).expect("a code of ours"),
                    places: names.iter().map(|name| (*name).to_owned()).collect(),
                    people,
                    volume: Volume::default(),
                });
            }
        }
    };
    for (number, place) in places.iter().enumerate() {
        let pupils = match place.kind.as_str() {
            "ECOLE" => random.i64(20..250),
            _ => random.i64(150..1_400),
        };
        let sizes = [pupils, pupils * 3 / 2, pupils / 18 + 1, pupils / 60 + 1];
        for (role, size) in ROLES.iter().zip(sizes) {
            add(role, &[&place.uai], size, &mut random);
        }
        let other = &places[(number * 7 + 35) % places.len()];
        add(
            "parent",
            &[&place.uai, &other.uai],
            pupils / 12,
            &mut random,
        );
    }
    [accounts, came]
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

fn told(territory: &Territory, counts: Counts, accounts: Option<&Decisions>) -> Option<Decisions> {
    let cells: usize = counts.iter().map(|roles| roles.len()).sum();
    let start = Instant::now();
    let among = accounts.map(|decisions| Among {
        decisions,
        rest: true,
    });
    let decided = decide(territory, counts, among, &Settled::default(), K);
    let seconds = start.elapsed().as_secs_f64();
    match decided {
        Ok(decided) => {
            let cells_of = |few: bool| {
                let counted = decided.counts.iter().enumerate();
                let each =
                    counted.flat_map(|(set, roles)| roles.iter().map(move |cell| (set, cell)));
                each.filter(|(set, (role, people))| {
                    decided.is_hidden(*set, **role) && (1..K).contains(*people) == few
                })
                .count()
            };
            let (few, further) = (cells_of(true), cells_of(false));
            println!("{cells} cells, {few} about few and {further} more hidden, {seconds:.1} s");
            Some(decided)
        }
        Err(stuck) => {
            println!("{} cells cannot be protected, {seconds:.1} s", stuck.len());
            None
        }
    }
}

fn main() -> ExitCode {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let places: Vec<Place> = (0..asked.unwrap_or(5_570)).map(place).collect();
    let [accounts, came] = atoms(&places);
    let start = Instant::now();
    let territory = Territory::new(&places);
    let counts = [&accounts, &came].map(|a| people(&territory.tallies(a, Told::EVERYTHING)));
    println!(
        "{} establishments, {} sets, counted in {:.1} s",
        places.len(),
        territory.len(),
        start.elapsed().as_secs_f64()
    );
    let [accounts, came] = counts;
    let accounts = told(&territory, accounts, None);
    let came = accounts.and_then(|accounts| told(&territory, came, Some(&accounts)));
    println!("{} MB", peak_megabytes());
    match came {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}
