//! The register of cells about people: one decision for each, whatever table, deliverable or
//! partner shows it.
//!
//! A cell is a set of establishments, a role and a measure at a time. The same set is one cell
//! whatever it is called: a département's public collèges, and the perimeter of a partner that
//! has just these. What ties cells follows from the sets: roles make their whole, a set that is
//! cut in parts is tied to them, and where one set is in another, what is in the one only is a
//! cell too, though nobody shows it.

use super::suppression::{Cell, Protection, Register, State, protect_lines};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An establishment and what it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Its UAI.
    pub uai: String,
    /// Its académie.
    pub academie: String,
    /// Its département.
    pub departement: String,
    /// `1D` or `2D`.
    pub level: String,
    /// `CLG`, `LEGT`...; empty where nobody told.
    pub kind: String,
    /// `public` or `prive`; empty where nobody told.
    pub sector: String,
    /// Kind and name of the nodes that hold it: region, académie, département, partners.
    pub nodes: Vec<(String, String)>,
}

/// Which establishments a row is about: of a node, those of an area, a slice, a sector.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cut {
    /// Kind and name of the node.
    pub node: (String, String),
    /// `scope` and the node's name, or `academie`, `departement` and its name.
    pub area: (String, String),
    /// `all`, a level or a type.
    pub slice: String,
    /// `all` or a sector.
    pub sector: String,
}

impl Cut {
    /// The whole of a node.
    pub fn whole(kind: &str, name: &str) -> Self {
        Self {
            node: (kind.into(), name.into()),
            area: ("scope".into(), name.into()),
            slice: ALL.into(),
            sector: ALL.into(),
        }
    }
}

impl Cut {
    /// How much of a node it is: 3 for the whole of it, one less for each way in which it is
    /// narrowed; none for a single establishment.
    fn breadth(&self) -> u32 {
        let narrowed = [
            self.area.0 != "scope",
            self.slice != ALL,
            self.sector != ALL,
        ];
        let ways = narrowed.iter().filter(|is_narrowed| **is_narrowed).count();
        match self.node.0 == ESTABLISHMENT {
            true => 0,
            false => 3 - ways as u32,
        }
    }

    /// In one word, for what is remembered from one edition to the next.
    pub fn name(&self) -> String {
        let Self {
            node,
            area,
            slice,
            sector,
        } = self;
        format!(
            "{}:{}/{}:{}/{slice}/{sector}",
            node.0, node.1, area.0, area.1
        )
    }
}

/// Every slice, sector or role.
pub const ALL: &str = "all";

/// A number of people of a role who have the same establishments, all of which are named.
#[derive(Clone, Debug)]
pub struct Atom {
    /// A role, or [`ALL`].
    pub role: String,
    /// UAI.
    pub places: Vec<String>,
    /// How many.
    pub people: i64,
    /// What they did, where that is counted.
    pub volume: Volume,
}

/// A number of visits, and of the one person who made most of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Volume {
    /// Of all.
    pub all: i64,
    /// Of that person.
    pub most: i64,
}

/// Of a volume of which one person makes more than this share, most is known about that
/// person: it is secret (spec: 85 %).
const DOMINANT: f64 = 0.85;

/// The sets of establishments that tables tell of, and how they lie in each other.
pub struct Territory {
    index: HashMap<String, u32>,
    /// The establishments of each set, in order.
    sets: Vec<Vec<u32>>,
    /// The sets that hold an establishment.
    of_place: Vec<Vec<u32>>,
    cuts: HashMap<Cut, usize>,
    /// Of each set, the breadth of its broadest cut.
    breadths: Vec<u32>,
    /// How many sets have a name; those after them are what is in one only.
    named: usize,
    /// A set and the sets that make it without overlap.
    partitions: Vec<(usize, Vec<usize>)>,
}

/// A whole, along which axis it is parted, and the node that parts it.
type Axis<'a> = (usize, u8, &'a (String, String));

/// People by set and role.
pub type Counts = Vec<BTreeMap<String, i64>>;

impl Territory {
    /// The sets of all nodes, by area, slice and sector, and of single establishments.
    pub fn new(places: &[Place]) -> Self {
        let mut members: BTreeMap<Cut, Vec<u32>> = BTreeMap::new();
        for (number, place) in places.iter().enumerate() {
            for cut in cuts_of(place) {
                members.entry(cut).or_default().push(number as u32);
            }
        }
        let index = places.iter().enumerate();
        let mut territory = Self {
            index: index
                .map(|(n, place)| (place.uai.clone(), n as u32))
                .collect(),
            sets: Vec::new(),
            of_place: vec![Vec::new(); places.len()],
            cuts: HashMap::new(),
            breadths: Vec::new(),
            named: 0,
            partitions: Vec::new(),
        };
        let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
        for (cut, set) in &members {
            let number = territory.set_of(&mut known, set);
            territory.cuts.insert(cut.clone(), number);
        }
        territory.named = territory.sets.len();
        territory.differences(&mut known, &members);
        territory.part(&members, places);
        territory.breadths = territory.broadest();
        territory
    }

    fn broadest(&self) -> Vec<u32> {
        let mut breadths = vec![0; self.sets.len()];
        for (cut, set) in &self.cuts {
            breadths[*set] = cut.breadth().max(breadths[*set]);
        }
        breadths
    }

    fn set_of(&mut self, known: &mut HashMap<Vec<u32>, usize>, set: &[u32]) -> usize {
        if let Some(number) = known.get(set) {
            return *number;
        }
        let number = self.sets.len();
        self.sets.push(set.to_vec());
        for place in set {
            self.of_place[*place as usize].push(number as u32);
        }
        known.insert(set.to_vec(), number);
        number
    }

    /// Where one node or level is in another: what is in the one only.
    fn differences(
        &mut self,
        known: &mut HashMap<Vec<u32>, usize>,
        members: &BTreeMap<Cut, Vec<u32>>,
    ) {
        let is_of_node = |cut: &Cut| {
            let level = matches!(cut.slice.as_str(), ALL | "1D" | "2D");
            cut.area.0 == "scope" && cut.sector == ALL && level && cut.node.0 != ESTABLISHMENT
        };
        let wholes: BTreeSet<usize> = members
            .keys()
            .filter(|cut| is_of_node(cut))
            .map(|cut| self.cuts[cut])
            .collect();
        for large in &wholes {
            for small in &wholes {
                let (of, part) = (&self.sets[*large], &self.sets[*small]);
                if part.len() >= of.len() || !is_within(part, of) {
                    continue;
                }
                let rest: Vec<u32> = of
                    .iter()
                    .copied()
                    .filter(|place| part.binary_search(place).is_err())
                    .collect();
                let rest = self.set_of(known, &rest);
                self.partitions.push((*large, vec![*small, rest]));
            }
        }
    }

    /// How each cut is parted: by slice, by sector, by area, and the finest by establishment.
    fn part(&mut self, members: &BTreeMap<Cut, Vec<u32>>, places: &[Place]) {
        let mut parts: BTreeMap<Axis<'_>, BTreeSet<usize>> = BTreeMap::new();
        for (cut, set) in members {
            for (axis, whole) in wholes_of(cut, &places[set[0] as usize]) {
                if let Some(whole) = self.cuts.get(&whole) {
                    let of_axis = parts.entry((*whole, axis, &cut.node)).or_default();
                    of_axis.insert(self.cuts[cut]);
                }
            }
        }
        let parted = parts
            .into_iter()
            .map(|((whole, _, _), parts)| (whole, parts.into_iter().collect()));
        let mut all: BTreeSet<(usize, Vec<usize>)> = parted.collect();
        all.extend(self.partitions.drain(..));
        all.extend(self.finest(members, places));
        let sets = &self.sets;
        let is_whole = |(whole, parts): &(usize, Vec<usize>)| {
            let size: usize = parts.iter().map(|part| sets[*part].len()).sum();
            parts.len() > 1 && size == sets[*whole].len()
        };
        self.partitions = all.into_iter().filter(is_whole).collect();
    }

    /// The sets of a département, a type and a sector, by establishment.
    fn finest(
        &self,
        members: &BTreeMap<Cut, Vec<u32>>,
        places: &[Place],
    ) -> Vec<(usize, Vec<usize>)> {
        let is_finest = |cut: &&Cut| {
            let has_type = !matches!(cut.slice.as_str(), ALL | "1D" | "2D");
            cut.node.0 == "region" && cut.area.0 == "departement" && cut.sector != ALL && has_type
        };
        let single = |place: &u32| {
            let uai = &places[*place as usize].uai;
            self.cuts[&Cut::whole(ESTABLISHMENT, uai)]
        };
        members
            .iter()
            .filter(|(cut, _)| is_finest(cut))
            .map(|(cut, set)| (self.cuts[cut], set.iter().map(single).collect()))
            .collect()
    }

    /// The set of a cut.
    pub fn set(&self, cut: &Cut) -> Option<usize> {
        self.cuts.get(cut).copied()
    }

    /// All cuts and their sets, in no order.
    pub fn cuts(&self) -> impl Iterator<Item = (&Cut, usize)> {
        self.cuts.iter().map(|(cut, set)| (cut, *set))
    }

    /// A name of a set: the first one of its cuts.
    pub fn name(&self, set: usize) -> String {
        let cuts = self.cuts.iter().filter(|(_, of)| **of == set);
        let names = cuts.map(|(cut, _)| cut.name());
        names
            .min()
            .unwrap_or_else(|| "a difference of two territories".into())
    }

    /// How many sets there are.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there is no establishment.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// People of each set and role: who has one of its establishments counts once.
    pub fn counts(&self, atoms: &[Atom]) -> Counts {
        self.gather(atoms, |people, atom| *people += atom.people)
    }

    /// The cells of which one person makes nearly all of the volume.
    pub fn dominated(&self, atoms: &[Atom]) -> BTreeSet<(usize, String)> {
        let volumes = self.gather(atoms, |volume: &mut Volume, atom| {
            volume.all += atom.volume.all;
            volume.most = volume.most.max(atom.volume.most);
        });
        let cells = volumes.into_iter().enumerate().flat_map(|(set, roles)| {
            let roles = roles.into_iter();
            roles.map(move |(role, volume)| ((set, role), volume))
        });
        cells
            .filter(|(_, volume)| volume.most as f64 > DOMINANT * volume.all as f64)
            .map(|(cell, _)| cell)
            .collect()
    }

    fn gather<T: Clone + Default>(
        &self,
        atoms: &[Atom],
        add: impl Fn(&mut T, &Atom),
    ) -> Vec<BTreeMap<String, T>> {
        let mut counts: Vec<BTreeMap<String, T>> = vec![BTreeMap::new(); self.sets.len()];
        let mut seen = vec![usize::MAX; self.sets.len()];
        for (number, atom) in atoms.iter().enumerate() {
            let places = atom.places.iter().filter_map(|uai| self.index.get(uai));
            for set in places.flat_map(|place| &self.of_place[*place as usize]) {
                let set = *set as usize;
                if seen[set] != number {
                    seen[set] = number;
                    add(counts[set].entry(atom.role.clone()).or_default(), atom);
                }
            }
        }
        counts
    }
}

/// The kind of node of one establishment.
pub const ESTABLISHMENT: &str = "establishment";

/// Of what a cut is a part: along which axis, and of which whole. `place` is one of its
/// establishments.
fn wholes_of(cut: &Cut, place: &Place) -> Vec<(u8, Cut)> {
    let mut wholes = Vec::new();
    match cut.slice.as_str() {
        ALL => {}
        "1D" | "2D" => wholes.push((0, with(cut, |cut| cut.slice = ALL.into()))),
        _ => wholes.push((1, with(cut, |cut| cut.slice.clone_from(&place.level)))),
    }
    if cut.sector != ALL {
        wholes.push((2, with(cut, |cut| cut.sector = ALL.into())));
    }
    let scope = ("scope".to_owned(), cut.node.1.clone());
    match cut.area.0.as_str() {
        "departement" => {
            wholes.push((3, with(cut, |cut| cut.area = scope.clone())));
            let academie = ("academie".to_owned(), place.academie.clone());
            wholes.push((4, with(cut, |cut| cut.area = academie.clone())));
        }
        "academie" => wholes.push((5, with(cut, |cut| cut.area = scope.clone()))),
        _ => {}
    }
    wholes
}

fn with(cut: &Cut, change: impl Fn(&mut Cut)) -> Cut {
    let mut other = cut.clone();
    change(&mut other);
    other
}

fn is_within(part: &[u32], whole: &[u32]) -> bool {
    part.iter().all(|place| whole.binary_search(place).is_ok())
}

fn cuts_of(place: &Place) -> Vec<Cut> {
    let mut cuts = vec![Cut::whole(ESTABLISHMENT, &place.uai)];
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    let slices = [Some(ALL.into()), named(&place.level), named(&place.kind)];
    let sectors = [Some(ALL.into()), named(&place.sector)];
    for (kind, node) in &place.nodes {
        let areas = [
            ("scope".to_owned(), node.clone()),
            ("academie".into(), place.academie.clone()),
            ("departement".into(), place.departement.clone()),
        ];
        for area in areas {
            for slice in slices.iter().flatten() {
                for sector in sectors.iter().flatten() {
                    cuts.push(Cut {
                        node: (kind.clone(), node.clone()),
                        area: area.clone(),
                        slice: slice.clone(),
                        sector: sector.clone(),
                    });
                }
            }
        }
    }
    cuts
}

/// Which cells of one measure are hidden.
pub struct Decisions {
    /// By set and role; a cell about nobody is not in it.
    hidden: BTreeMap<(usize, String), bool>,
    /// What was counted.
    pub counts: Counts,
}

impl Decisions {
    /// Every cell is hidden.
    pub fn nothing_shown(counts: Counts) -> Self {
        let cells = counts.iter().enumerate();
        let cells =
            cells.flat_map(|(set, roles)| roles.keys().map(move |role| (set, role.clone())));
        Self {
            hidden: cells.map(|cell| (cell, true)).collect(),
            counts,
        }
    }

    /// Whether a cell is hidden; one about nobody never is.
    pub fn is_hidden(&self, set: usize, role: &str) -> bool {
        let found = self.hidden.get(&(set, role.to_owned()));
        found.copied().unwrap_or(false)
    }
}

/// What is settled of cells before they are decided on, by set and role.
#[derive(Debug, Default)]
pub struct Settled {
    /// Shown by an earlier edition.
    pub shown: BTreeSet<(usize, String)>,
    /// Hidden by an earlier edition, or told by cells of other times if shown.
    pub hidden: BTreeSet<(usize, String)>,
    /// One person makes nearly all of what is counted beside the people.
    pub dominated: BTreeSet<(usize, String)>,
}

impl Settled {
    fn state(&self, key: &(usize, String)) -> State {
        match () {
            () if self.hidden.contains(key) => State::Withheld,
            () if self.shown.contains(key) => State::Published,
            () => State::Open,
        }
    }
}

/// Decides for every cell of a measure. `accounts` are those of whom the measure counts some,
/// decided before: where they are hidden, so is the measure, and the rest of them is a group
/// of people too.
///
/// # Errors
/// Cells that cannot be protected, by number of set and role.
pub fn decide(
    territory: &Territory,
    counts: Counts,
    accounts: Option<&Decisions>,
    settled: &Settled,
    threshold: i64,
) -> Result<Decisions, Vec<(usize, String)>> {
    let mut system = System {
        territory,
        accounts,
        settled,
        threshold,
        register: Register::default(),
        keys: Vec::new(),
        numbers: BTreeMap::new(),
        loaded: BTreeMap::new(),
    };
    system.add_accounts();
    for (set, roles) in counts.iter().enumerate() {
        for (role, people) in roles {
            system.cell((set, role.clone()), *people);
        }
    }
    let numbers = std::mem::take(&mut system.numbers);
    system.tie(&counts, &numbers);
    system.sum_hidden_roles(&counts, &numbers);
    let hidden = protect_lines(&system.register).map_err(|conflict| {
        let cells = conflict.cells.into_iter();
        cells
            .map(|cell| system.keys[cell].clone())
            .collect::<Vec<_>>()
    })?;
    let keys = system.keys.into_iter();
    let hidden = keys.zip(hidden).collect();
    Ok(Decisions { hidden, counts })
}

struct System<'a> {
    territory: &'a Territory,
    accounts: Option<&'a Decisions>,
    settled: &'a Settled,
    threshold: i64,
    register: Register,
    keys: Vec<(usize, String)>,
    numbers: Numbers,
    /// Cells of the accounts of whom the measure counts some.
    loaded: Numbers,
}

/// Cells by set and role.
type Numbers = BTreeMap<(usize, String), usize>;

impl System<'_> {
    /// The accounts, decided on before; those that are hidden too, for what bounds them one by
    /// one.
    fn add_accounts(&mut self) {
        let Some(accounts) = self.accounts else {
            return;
        };
        for (set, roles) in accounts.counts.iter().enumerate() {
            for (role, people) in roles {
                let is_told = set < self.territory.named && !accounts.is_hidden(set, role);
                let state = if is_told {
                    State::Published
                } else {
                    State::Unshown
                };
                let number = self.known(*people, state);
                self.loaded.insert((set, role.clone()), number);
            }
        }
        let numbers = std::mem::take(&mut self.loaded);
        self.tie(&accounts.counts, &numbers);
        self.loaded = numbers;
    }

    fn cell(&mut self, key: (usize, String), people: i64) {
        let loaded = self
            .accounts
            .and_then(|accounts| accounts.counts[key.0].get(&key.1));
        let (state, loaded) = (self.state(&key, people), loaded.copied().unwrap_or(0));
        let size = self.territory.sets[key.0].len();
        let number = self.register.cell(Cell {
            value: people as f64,
            state,
            protection: Protection::Width(self.threshold as f64),
            height: self.height(&key),
            owner: (size == 1).then(|| self.territory.sets[key.0][0]),
        });
        self.numbers.insert(key.clone(), number);
        self.keys.push(key);
        // Those who came are accounts.
        let cap = self.loaded.get(&self.keys[number]);
        if let Some(cap) = cap.filter(|_| loaded >= people) {
            self.register.at_most(number, *cap);
        }
    }

    /// What more readers look at is hidden last: the whole of a perimeter, all roles of it.
    fn height(&self, (set, role): &(usize, String)) -> u32 {
        let size = size_class(self.territory.sets[*set].len());
        size + self.territory.breadths[*set] + 2 * u32::from(role == ALL)
    }

    /// Whether a cell may be shown.
    fn state(&self, key: &(usize, String), people: i64) -> State {
        let (set, role) = key;
        let few = |number: i64| (1..self.threshold).contains(&number);
        let is_named = *set < self.territory.named;
        let counts = self.accounts.map(|accounts| &accounts.counts[*set]);
        let loaded = counts.and_then(|counts| counts.get(role).copied());
        let are_hidden = self
            .accounts
            .is_some_and(|accounts| accounts.is_hidden(*set, role));
        let rest = loaded.map_or(0, |loaded| loaded - people);
        let is_one = self.settled.dominated.contains(key);
        match few(people) || few(rest) || is_one || (is_named && are_hidden) {
            true => State::Primary,
            // Nobody tells it, but who knows the others can compute it.
            false if !is_named => State::Unshown,
            false => self.settled.state(key),
        }
    }

    fn tie(&mut self, counts: &Counts, numbers: &Numbers) {
        for (set, roles) in counts.iter().enumerate() {
            let whole = roles
                .get(ALL)
                .map(|people| (numbers[&(set, ALL.into())], *people));
            let parts = roles.iter().filter(|(role, _)| *role != ALL);
            let parts: Vec<_> = parts
                .map(|(role, people)| (numbers[&(set, role.clone())], *people))
                .collect();
            if let Some(whole) = whole {
                self.relate(whole, &parts);
            }
        }
        let territory = self.territory;
        for (whole, parts) in &territory.partitions {
            for (role, people) in &counts[*whole] {
                let key = |set: &usize| (*set, role.clone());
                let of = |set: &usize| Some((*numbers.get(&key(set))?, counts[*set][role]));
                let parts: Vec<_> = parts.iter().filter_map(of).collect();
                self.relate((numbers[&key(whole)], *people), &parts);
            }
        }
    }

    /// Of a set, the roles that are hidden among its accounts are one group: the others leave
    /// the sum of their accounts, and it bounds how many of them can have come.
    fn sum_hidden_roles(&mut self, counts: &Counts, numbers: &Numbers) {
        let Some(accounts) = self.accounts else {
            return;
        };
        for set in 0..self.territory.named {
            let Some(sum) = hidden_sum(accounts, set) else {
                continue;
            };
            let came = &counts[set];
            let is_of_group = |role: &str| accounts.is_hidden(set, role);
            let parts = came.iter().filter(|(role, _)| *role != ALL);
            let all: i64 = parts.clone().map(|(_, people)| *people).sum();
            if came.get(ALL) != Some(&all) {
                continue;
            }
            let (group, others): (Vec<_>, Vec<_>) = parts.partition(|(role, _)| is_of_group(role));
            let cell = |(role, _): &(&String, &i64)| numbers[&(set, (*role).clone())];
            let of_group: Vec<usize> = group.iter().map(cell).collect();
            let people: i64 = group.iter().map(|(_, people)| **people).sum();
            let loaded = self.known(sum, State::Published);
            let rest = self.known(people, State::Unshown);
            // Who has left since came and is no account any more.
            if people <= sum {
                self.register.at_most(rest, loaded);
            }
            self.register.sum(rest, &of_group);
            let parts: Vec<usize> = others.iter().map(cell).chain([rest]).collect();
            self.register.sum(numbers[&(set, ALL.into())], &parts);
        }
    }

    /// A number that no table tells, or that was decided on before.
    fn known(&mut self, people: i64, state: State) -> usize {
        self.keys.push(nobody());
        self.register.cell(Cell {
            value: people as f64,
            state,
            protection: Protection::Width(0.0),
            height: 0,
            owner: None,
        })
    }

    /// Somebody may have establishments of two parts: then the whole is less than their sum.
    fn relate(&mut self, whole: (usize, i64), parts: &[(usize, i64)]) {
        let numbers: Vec<usize> = parts.iter().map(|part| part.0).collect();
        let sum: i64 = parts.iter().map(|part| part.1).sum();
        match sum == whole.1 {
            true => self.register.sum(whole.0, &numbers),
            false => self.register.distinct(whole.0, &numbers),
        }
    }
}

/// The key of a cell that is no decision of the measure.
fn nobody() -> (usize, String) {
    (usize::MAX, String::new())
}

/// How many accounts the hidden roles of a set have together, where the others tell it: there
/// are several, the whole is shown, and it is their sum.
fn hidden_sum(accounts: &Decisions, set: usize) -> Option<i64> {
    let roles = &accounts.counts[set];
    let whole = *roles.get(ALL)?;
    let parts = roles.iter().filter(|(role, _)| *role != ALL);
    let hidden = parts
        .clone()
        .filter(|(role, _)| accounts.is_hidden(set, role));
    let is_told = !accounts.is_hidden(set, ALL)
        && parts.map(|(_, people)| people).sum::<i64>() == whole
        && hidden.clone().count() > 1;
    is_told.then(|| hidden.map(|(_, people)| people).sum())
}

fn size_class(establishments: usize) -> u32 {
    match establishments {
        0..=1 => 0,
        2..=20 => 1,
        21..=200 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(uai: &str, kind: &str, sector: &str, nodes: &[(&str, &str)]) -> Place {
        let level = if kind == "ECOLE" { "1D" } else { "2D" };
        let mut all = vec![("region", "32"), ("departement", "59")];
        all.extend(nodes);
        let named = all
            .iter()
            .map(|(kind, node)| ((*kind).into(), (*node).into()));
        Place {
            uai: uai.into(),
            academie: "lille".into(),
            departement: "59".into(),
            level: level.into(),
            kind: kind.into(),
            sector: sector.into(),
            nodes: named.collect(),
        }
    }

    fn atom(role: &str, places: &str, people: i64) -> [Atom; 2] {
        [role, ALL].map(|role| Atom {
            role: role.into(),
            places: places.split(' ').map(str::to_owned).collect(),
            people,
            volume: Volume::default(),
        })
    }

    /// Public collèges A and B, which are all of a partner; private C; écoles D and E.
    fn world() -> Territory {
        let of_partner = [("partner", "p")];
        Territory::new(&[
            place("A", "CLG", "public", &of_partner),
            place("B", "CLG", "public", &of_partner),
            place("C", "CLG", "prive", &[]),
            place("D", "ECOLE", "public", &[]),
            place("E", "ECOLE", "public", &[]),
        ])
    }

    fn cut(node: (&str, &str), slice: &str, sector: &str) -> Cut {
        Cut {
            slice: slice.into(),
            sector: sector.into(),
            ..Cut::whole(node.0, node.1)
        }
    }

    #[test]
    fn one_set_is_one_cell_whatever_it_is_called() {
        let territory = world();
        let partner = territory.set(&Cut::whole("partner", "p"));
        assert!(partner.is_some());
        assert_eq!(
            territory.set(&cut(("region", "32"), "2D", "public")),
            partner
        );
        assert_eq!(
            territory.set(&cut(("departement", "59"), "CLG", "public")),
            partner
        );
        let private = territory.set(&cut(("region", "32"), "CLG", "prive"));
        assert_eq!(private, territory.set(&Cut::whole(ESTABLISHMENT, "C")));
        assert_eq!(territory.set(&cut(("region", "32"), "LP", "prive")), None);
    }

    #[test]
    fn who_has_two_establishments_of_a_set_counts_once_in_it() {
        let territory = world();
        let atoms = [
            atom("teacher", "A", 10),
            atom("teacher", "A B", 3),
            atom("teacher", "B C", 2),
        ];
        let counts = territory.counts(&atoms.concat());
        let of = |cut: &Cut| counts[territory.set(cut).unwrap()]["teacher"];
        assert_eq!(of(&Cut::whole(ESTABLISHMENT, "A")), 13);
        assert_eq!(of(&Cut::whole(ESTABLISHMENT, "B")), 5);
        assert_eq!(of(&Cut::whole("partner", "p")), 15);
        assert_eq!(of(&cut(("region", "32"), "2D", "prive")), 2);
    }

    fn hidden(territory: &Territory, atoms: &[[Atom; 2]]) -> impl Fn(&Cut, &str) -> bool + use<> {
        let decided = decide(
            territory,
            territory.counts(&atoms.concat()),
            None,
            &Settled::default(),
            5,
        )
        .unwrap();
        let sets: BTreeMap<Cut, usize> = territory.cuts.clone().into_iter().collect();
        move |cut, role| decided.is_hidden(sets[cut], role)
    }

    /// C has three teachers: whoever knows those of all collèges and of the partner would
    /// know them.
    #[test]
    fn what_is_in_one_of_two_sets_only_is_not_the_difference_of_two_numbers() {
        let territory = world();
        let is_hidden = hidden(
            &territory,
            &[
                atom("teacher", "A", 30),
                atom("teacher", "B", 40),
                atom("teacher", "C", 3),
                atom("student", "A", 300),
                atom("student", "B", 400),
                atom("student", "C", 200),
                atom("student", "D", 100),
                atom("teacher", "D", 20),
                atom("student", "E", 90),
                atom("teacher", "E", 20),
            ],
        );
        let private = cut(("region", "32"), "2D", "prive");
        let all = cut(("region", "32"), "2D", ALL);
        let partner = Cut::whole("partner", "p");
        assert!(is_hidden(&private, "teacher"));
        assert!(is_hidden(&private, "student"), "nor by the roles");
        assert!(is_hidden(&all, "teacher") || is_hidden(&partner, "teacher"));
        assert!(!is_hidden(&Cut::whole("region", "32"), ALL));
    }

    #[test]
    fn large_numbers_are_shown() {
        let territory = world();
        let atoms = ["A", "B", "C", "D", "E"].map(|uai| atom("student", uai, 100));
        let is_hidden = hidden(&territory, &atoms);
        assert!(territory.cuts.keys().all(|cut| !is_hidden(cut, "student")));
    }

    /// Of 40 teachers, 38 came: the two others are few.
    #[test]
    fn the_rest_of_the_accounts_is_a_group_too() {
        let territory = world();
        let atoms = |a: i64| {
            [
                atom("teacher", "A", a),
                atom("teacher", "B", 40),
                atom("teacher", "C", 40),
            ]
        };
        let accounts = territory.counts(&atoms(40).concat());
        let accounts = decide(&territory, accounts, None, &Settled::default(), 5).unwrap();
        let came = territory.counts(&atoms(38).concat());
        let came = decide(&territory, came, Some(&accounts), &Settled::default(), 5).unwrap();
        let one = territory.set(&Cut::whole(ESTABLISHMENT, "A")).unwrap();
        assert!(!accounts.is_hidden(one, "teacher"));
        assert!(came.is_hidden(one, "teacher"));
    }

    /// Ten parents came to each collège; one of those of B made 90 of their 99 visits, which is
    /// not much of what all parents made.
    #[test]
    fn a_volume_that_one_person_makes_is_secret() {
        let territory = world();
        let came = |uai, people, all, most| {
            let mut atoms = atom("guardian", uai, people);
            for atom in &mut atoms {
                atom.volume = Volume { all, most };
            }
            atoms
        };
        let atoms = [
            came("A", 10, 200, 40),
            came("B", 10, 99, 90),
            came("C", 10, 120, 30),
        ];
        let atoms = atoms.concat();
        let dominated = territory.dominated(&atoms);
        let b = territory.set(&Cut::whole(ESTABLISHMENT, "B")).unwrap();
        let wanted = [ALL, "guardian"].map(|role| (b, role.to_owned()));
        assert_eq!(dominated, wanted.into());
        let settled = Settled {
            dominated,
            ..Settled::default()
        };
        let decided = decide(&territory, territory.counts(&atoms), None, &settled, 5).unwrap();
        assert!(decided.is_hidden(b, "guardian"));
        let one = |uai| territory.set(&Cut::whole(ESTABLISHMENT, uai)).unwrap();
        assert!(decided.is_hidden(one("A"), "guardian"), "the rest of two");
        assert!(!decided.is_hidden(one("C"), "guardian"));
    }

    /// Three teachers and three of the staff are hidden among the accounts, whose other roles
    /// tell that they are six. Of 152 who came 100 are parents; the 50 pupils at most: two of
    /// the others came at least, and six at most. Hiding the pupils alone would leave 46 to 50.
    #[test]
    fn hidden_roles_bound_together_who_came_of_the_others() {
        let territory = Territory::new(&[place("A", "CLG", "public", &[])]);
        let counts = |people: [i64; 4]| {
            let roles = ["teacher", "staff", "student", "guardian"];
            let atoms = roles.iter().zip(people);
            let atoms: Vec<_> = atoms
                .map(|(role, people)| atom(role, "A", people))
                .collect();
            territory.counts(&atoms.concat())
        };
        let one = territory.set(&Cut::whole(ESTABLISHMENT, "A")).unwrap();
        let roles = [ALL, "teacher", "staff", "student", "guardian"];
        let hidden = |of: &Decisions| roles.map(|role| of.is_hidden(one, role));
        let accounts = counts([3, 3, 50, 300]);
        let accounts = decide(&territory, accounts, None, &Settled::default(), 5).unwrap();
        assert_eq!(hidden(&accounts), [false, true, true, false, false]);
        let mut settled = Settled::default();
        settled.hidden.insert((one, "student".into()));
        let came = counts([2, 2, 48, 100]);
        let came = decide(&territory, came, Some(&accounts), &settled, 5).unwrap();
        assert_eq!(hidden(&came), [false, true, true, true, true]);
    }

    /// C was hidden by an edition: another part goes with it, unless all of them were shown.
    #[test]
    fn an_edition_binds_the_next_one() {
        let territory = world();
        let atoms = ["A", "B", "C", "D", "E"].map(|uai| atom("student", uai, 100));
        let counts = territory.counts(&atoms.concat());
        let key = |cut: &Cut| (territory.set(cut).unwrap(), "student".to_owned());
        let private = key(&cut(("region", "32"), "2D", "prive"));
        let public = key(&cut(("region", "32"), "2D", "public"));
        let second = key(&cut(("region", "32"), "2D", ALL));
        let mut settled = Settled::default();
        settled.hidden.insert(private.clone());
        let decided = decide(&territory, counts.clone(), None, &settled, 5).unwrap();
        let hidden = |key: &(usize, String)| decided.is_hidden(key.0, &key.1);
        assert!(hidden(&private));
        assert!(hidden(&public) || hidden(&second));
        settled.shown.extend(decided.hidden.keys().cloned());
        settled.shown.remove(&private);
        let conflict = decide(&territory, counts, None, &settled, 5);
        assert!(conflict.is_err_and(|cells| cells.contains(&private)));
    }
}
