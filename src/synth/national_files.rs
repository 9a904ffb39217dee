//! The national measure of usage as its open data: a file a school year, a row an establishment
//! and week. A marker misses some visits, and counts an account in its first establishment only.

use super::activity::Visit;
use super::world::World;
use super::write_file;
use crate::domain::{Period, Role, Uai};
use chrono::{Datelike, Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Profiles in the order of the columns.
const PROFILES: [(&str, Role); 4] = [
    ("eleve", Role::Student),
    ("parent", Role::Parent),
    ("enseignant", Role::Teacher),
    ("admin_vie_scol_tech", Role::Staff),
];
/// One visit in so many is not marked.
const MISSED: usize = 12;
/// Establishments of other regions.
const ELSEWHERE: u32 = 12;
/// How many times the pupils of other regions come.
const PUPILS_ELSEWHERE: u64 = 2;

#[derive(Clone, Default)]
struct Marked {
    visits: u64,
    seconds: u64,
    users: BTreeSet<usize>,
}

/// Marked visits by week, school and profile.
#[derive(Default)]
pub(super) struct National {
    marked: BTreeMap<(NaiveDate, usize), [Marked; 4]>,
}

impl National {
    pub fn add_day(&mut self, world: &World, day: NaiveDate, visits: &[Visit]) {
        let monday = day - Days::new(day.weekday().num_days_from_monday().into());
        let seen = visits.iter().filter(|visit| !visit.pages.is_empty());
        for (number, visit) in seen.enumerate() {
            let account = &world.accounts[visit.account];
            let profile = PROFILES.iter().position(|(_, role)| *role == account.role);
            let (Some(profile), Some(school)) = (profile, account.schools.first()) else {
                continue;
            };
            if number % MISSED == 0 {
                continue;
            }
            let week = self.marked.entry((monday, *school)).or_default();
            let marked = &mut week[profile];
            let last = visit.pages.last().map_or(visit.start, |page| page.at);
            marked.visits += 1;
            marked.seconds += (last - visit.start).num_seconds().max(0) as u64;
            marked.users.insert(visit.account);
        }
    }

    /// Writes `national/dnma-profils-ANNÉE.csv`.
    pub fn write(&self, world: &World, out: &Path) -> Result<(), String> {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for ((monday, school), marked) in &self.marked {
            let year = Period::school_year_of(*monday);
            let text = files.entry(year).or_insert_with(header);
            let uai = world.schools[*school].uai;
            text.push_str(&row(*monday, uai, world.schools[*school].level, marked, 1));
            if (*school as u32) < ELSEWHERE {
                let other = Uai::from_number(750_000 + *school as u32).expect("seven digits");
                let level = world.schools[*school].level;
                text.push_str(&row(*monday, other, level, marked, PUPILS_ELSEWHERE));
            }
        }
        for (year, text) in files {
            let name = format!("dnma-profils-{year}.csv");
            write_file(&out.join("national").join(name), text.as_bytes())?;
        }
        Ok(())
    }
}

fn header() -> String {
    let mut names = vec!["debutsemaine".to_owned(), "uai".into(), "degre".into()];
    for profile in ["globales"]
        .into_iter()
        .chain(PROFILES.map(|(name, _)| name))
    {
        names.extend(["visites", "utilisateurs", "duree"].map(|of| format!("{of}_{profile}")));
    }
    names.join(";") + "\n"
}

fn row(monday: NaiveDate, uai: Uai, level: &str, marked: &[Marked; 4], pupils: u64) -> String {
    let mut numbers: Vec<[u64; 3]> = Vec::new();
    for ((_, role), of) in PROFILES.iter().zip(marked) {
        let times = if *role == Role::Student { pupils } else { 1 };
        let users = of.users.len() as u64;
        numbers.push([of.visits, users, of.seconds].map(|number| number * times));
    }
    let all = [0, 1, 2].map(|place| numbers.iter().map(|of| of[place]).sum());
    numbers.insert(0, all);
    let mut cells = vec![monday.to_string(), uai.to_string(), level.to_owned()];
    for [visits, users, seconds] in numbers {
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let duration = format!("{}:{:02}:{seconds:02}", minutes / 60, minutes % 60);
        cells.extend([visits.to_string(), users.to_string(), duration]);
    }
    cells.join(";") + "\n"
}
