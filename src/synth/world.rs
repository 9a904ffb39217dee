//! Schools and accounts of the invented region.

use super::places::{NAMES, PLACES, Place};
use super::{Request, rng};
use crate::domain::{Departement, Period, Role, Uai};
use chrono::{Datelike, NaiveDate};

/// The kinds of establishment: code, label, level, nature, share of the
/// establishments (per thousand), weight of the roll.
const KINDS: [(&str, &str, &str, u16, u32, f64); 4] = [
    ("ECOLE", "École", "1D", 151, 800, 1.0),
    ("COLLEGE", "Collège", "2D", 340, 120, 4.0),
    ("LYCEE", "Lycée", "2D", 302, 60, 5.0),
    ("LYCEE AGRICOLE", "Lycée agricole", "2D", 306, 20, 2.5),
];

/// Départements by their share of the establishments, per thousand.
const SHARES: [(&str, u32); 5] = [
    ("59", 410),
    ("62", 260),
    ("60", 140),
    ("80", 105),
    ("02", 85),
];

pub(super) struct School {
    pub uai: Uai,
    pub key: u32,
    pub name: String,
    pub kind: &'static str,
    pub level: &'static str,
    pub nature: u16,
    pub sector: &'static str,
    pub place: &'static Place,
    pub ips: f64,
    pub priority: &'static str,
    pub pupils: usize,
    pub deployed_from: NaiveDate,
}

impl School {
    pub fn ministry(&self) -> &'static str {
        match self.kind {
            "LYCEE AGRICOLE" => "AGRICULTURE",
            _ => "EDUCATION NATIONALE",
        }
    }

    pub fn academie(&self) -> &'static str {
        match self.place.departement {
            "59" | "62" => "lille",
            _ => "amiens",
        }
    }
}

pub(super) struct Account {
    pub key: u32,
    pub role: Role,
    pub function: &'static str,
    /// Indexes of schools; a parent's are those of the children.
    pub schools: Vec<usize>,
    /// Indexes of accounts of the parents (pupils only).
    pub parents: Vec<usize>,
    pub joined: NaiveDate,
    pub left: Option<NaiveDate>,
    pub activated: Option<NaiveDate>,
    /// How often compared with others of the same role; mean about 1.
    pub habit: f64,
    /// Index into the agents of access logs.
    pub agent: usize,
    pub academie: &'static str,
}

impl School {
    /// Whether the action of the plan takes place in schools like this one.
    fn is_of_action(&self) -> bool {
        self.level == "1D" && self.place.departement == "59"
    }
}

impl World {
    /// Indexes of the six schools, or fewer, in which the planned action takes place.
    pub fn schools_of_action(&self) -> impl Iterator<Item = usize> {
        let all = self.schools.iter().enumerate();
        all.filter(|(_, school)| school.is_of_action())
            .map(|(index, _)| index)
            .take(6)
    }
}

impl Account {
    pub fn external_id(&self) -> String {
        format!("{}-{}", self.academie, self.key)
    }

    pub fn platform_id(&self, seed: u64) -> String {
        let mut rng = rng(seed, "uuid", u64::from(self.key));
        let (a, b) = (rng.u64(..), rng.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    pub fn is_there(&self, day: NaiveDate) -> bool {
        day >= self.joined && self.left.is_none_or(|left| day < left)
    }
}

pub(super) struct World {
    pub seed: u64,
    pub schools: Vec<School>,
    pub accounts: Vec<Account>,
}

impl World {
    pub fn new(request: &Request) -> Self {
        let mut world = Self {
            seed: request.seed,
            schools: Vec::new(),
            accounts: Vec::new(),
        };
        let wanted = request.schools.unwrap_or(request.accounts / 60);
        let count = wanted.clamp(12, 5_570);
        for index in 0..count {
            let school = school(request, index, count);
            world.schools.push(school);
        }
        world.set_rolls(request.accounts);
        for index in 0..world.schools.len() {
            world.people_of(request, index);
        }
        world
    }

    /// Pupils are about 40 % of the accounts.
    fn set_rolls(&mut self, accounts: usize) {
        let weight = |kind: &str| KINDS.iter().find(|k| k.0 == kind).map_or(1.0, |k| k.5);
        let total: f64 = self.schools.iter().map(|s| weight(s.kind)).sum();
        for (index, school) in self.schools.iter_mut().enumerate() {
            let spread = 0.7 + 0.6 * rng(self.seed, "roll", index as u64).f64();
            let pupils = accounts as f64 * 0.40 * weight(school.kind) / total * spread;
            school.pupils = pupils.round().max(6.0) as usize;
        }
    }

    fn people_of(&mut self, request: &Request, school: usize) {
        let mut rng = rng(request.seed, "people", school as u64);
        let pupils = self.schools[school].pupils;
        for _ in 0..pupils {
            self.pupil(request, school, &mut rng);
        }
        let teachers = (pupils / 12).max(2);
        for _ in 0..teachers {
            let second = rng.u8(0..100) < 8;
            let mut schools = vec![school];
            if second
                && school > 0
                && self.schools[school - 1].academie() == self.schools[school].academie()
            {
                schools.push(school - 1);
            }
            self.add(request, Role::Teacher, "ENS", schools, &mut rng);
        }
        let staff = if self.schools[school].level == "2D" {
            (pupils / 30).max(2)
        } else {
            1
        };
        for n in 0..staff {
            let function = if n == 0 { "DIR" } else { "EDU" };
            self.add(request, Role::Staff, function, vec![school], &mut rng);
        }
    }

    fn pupil(&mut self, request: &Request, school: usize, rng: &mut fastrand::Rng) {
        let child = self.add(request, Role::Student, "ELV", vec![school], rng);
        let (joined, left) = (self.accounts[child].joined, self.accounts[child].left);
        // One in five has a brother or sister already here: the same parents.
        if rng.u8(0..100) < 20
            && let Some(sibling) = self.sibling(child, rng)
        {
            let parents = self.accounts[sibling].parents.clone();
            for parent in &parents {
                let parent = &mut self.accounts[*parent];
                parent.joined = parent.joined.min(joined);
                parent.left = match (parent.left, left) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
                if !parent.schools.contains(&school) {
                    parent.schools.push(school);
                }
            }
            self.accounts[child].parents = parents;
            return;
        }
        let count = if rng.u8(0..100) < 35 { 2 } else { 1 };
        for _ in 0..count {
            let parent = self.add(request, Role::Parent, "TUT", vec![school], rng);
            self.accounts[parent].joined = joined;
            self.accounts[parent].left = left;
            self.accounts[child].parents.push(parent);
        }
    }

    fn sibling(&self, child: usize, rng: &mut fastrand::Rng) -> Option<usize> {
        let academie = self.accounts[child].academie;
        (0..6).find_map(|_| {
            let other = rng.usize(0..child.max(1));
            let account = &self.accounts[other];
            let fits = account.role == Role::Student
                && account.academie == academie
                && !account.parents.is_empty();
            fits.then_some(other)
        })
    }

    fn add(
        &mut self,
        request: &Request,
        role: Role,
        function: &'static str,
        schools: Vec<usize>,
        rng: &mut fastrand::Rng,
    ) -> usize {
        let index = self.accounts.len();
        let start = year_start(request.from);
        let second = NaiveDate::from_ymd_opt(start.year() + 1, 8, 1).expect("a day");
        let (mut joined, mut left) = (start, None);
        match rng.u8(0..100) {
            0..=11 if role == Role::Student => joined = second,
            12..=23 if role == Role::Student => left = Some(second),
            24..=25 if role == Role::Student => {
                left = NaiveDate::from_ymd_opt(start.year() + 1, 1, 5)
            }
            _ => {}
        }
        let (share, weeks) = match role {
            Role::Student => (0.90, 4),
            Role::Parent => (0.72, 20),
            Role::Teacher => (0.93, 2),
            _ => (0.86, 2),
        };
        let active = rng.f64() < share;
        // Who was there when the time told begins has had an account for long.
        let newcomer = joined > start || self.schools[schools[0]].deployed_from > start;
        let first = joined.max(self.schools[schools[0]].deployed_from);
        let delay = 31 + rng.u64(0..weeks * 7);
        let late = rng.u8(0..100) < 12;
        let activated = active.then(|| match newcomer || late {
            true => first + chrono::Days::new(delay),
            false => start - chrono::Days::new(delay),
        });
        let spread = rng.f64();
        self.accounts.push(Account {
            key: 2_000_000 + index as u32,
            role,
            function,
            parents: Vec::new(),
            joined,
            left,
            activated,
            habit: 0.15 + 2.4 * spread * spread,
            agent: rng.usize(0..100),
            academie: self.schools[schools[0]].academie(),
            schools,
        });
        index
    }
}

fn year_start(day: NaiveDate) -> NaiveDate {
    let year = Period::school_year_of(day);
    Period::parse(&year).expect("a school year").first()
}

fn school(request: &Request, index: usize, count: usize) -> School {
    let mut rng = rng(request.seed, "school", index as u64);
    // Spread evenly, so that small worlds too have every kind everywhere.
    let departement = pick(
        index * 1000 / count,
        &SHARES.map(|(code, share)| (code, share)),
    );
    let kinds = KINDS.map(|kind| (kind.0, kind.4));
    let kind_code = pick((index * 617 + 130) % 1000, &kinds);
    let kind = KINDS
        .iter()
        .find(|k| k.0 == kind_code)
        .expect("a kind of the table");
    let places: Vec<&'static Place> = PLACES
        .iter()
        .filter(|p| p.departement == departement)
        .collect();
    let place = places[index % places.len()];
    let prefix = Departement::ALL
        .iter()
        .find(|d| d.code() == departement)
        .expect("one of the five");
    let number =
        prefix.code().parse::<u32>().expect("digits") * 10_000 + 5_000 + index as u32 % 5_000;
    let agricultural = kind.0 == "LYCEE AGRICOLE";
    let private = !agricultural && rng.u8(0..100) < 17;
    let ips = 70.0 + 60.0 * (rng.f64() + rng.f64()) / 2.0;
    let start = year_start(request.from);
    let late = kind.0 == "ECOLE" && rng.u8(0..100) < 9;
    let joined = NaiveDate::from_ymd_opt(start.year() + 1, 9, 1).expect("a day");
    School {
        uai: Uai::from_number(number).expect("seven digits"),
        key: 1_000 + index as u32,
        name: format!("{} {}", kind.1, NAMES[rng.usize(0..NAMES.len())]),
        kind: kind.0,
        level: kind.2,
        nature: kind.3,
        sector: if private { "privé" } else { "public" },
        place,
        ips: (ips * 10.0).round() / 10.0,
        priority: match ips {
            i if i < 82.0 && !private => "REP+",
            i if i < 92.0 && !private => "REP",
            _ => "hors EP",
        },
        pupils: 0,
        deployed_from: if late { joined } else { start },
    }
}

fn pick<'a>(at: usize, shares: &[(&'a str, u32)]) -> &'a str {
    let mut left = at as i64;
    for (code, share) in shares {
        left -= i64::from(*share);
        if left < 0 {
            return code;
        }
    }
    shares[0].0
}
