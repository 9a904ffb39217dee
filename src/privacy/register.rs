//! The register of cells about people: one decision for each, whatever table, deliverable or
//! partner shows it.
//!
//! A cell is a set of establishments, a role and a measure at a time. The same set is one cell
//! whatever it is called: a département's public collèges, and the perimeter of a partner that
//! has just these. What ties cells follows from the sets: roles make their whole, a set that is
//! cut in parts is tied to them, and where one set is in another, what is in the one only is a
//! cell too, though nobody shows it.

use super::suppression::{Cell, Protection, Register, State, protect_lines};
use crate::domain::Role;
use sha2::{Digest as _, Sha256};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

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
    /// Ways of grouping establishments of a level, and its group in each: quintile, priority
    /// education, rural or urban.
    pub groups: Vec<(String, String)>,
}

/// Which establishments a row is about: of a node, those of an area, a slice, a sector.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cut {
    /// Kind and name of the node.
    pub node: (String, String),
    /// `scope` and the node's name; `academie`, `departement` and its name; a way of grouping
    /// and the group.
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

    /// A group of establishments of a level of a node.
    pub fn group(node: (&str, &str), grouping: &str, group: &str, level: &str) -> Self {
        Self {
            area: (grouping.into(), group.into()),
            slice: level.into(),
            ..Self::whole(node.0, node.1)
        }
    }

    fn is_group(&self) -> bool {
        !matches!(self.area.0.as_str(), "scope" | "academie" | "departement")
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

/// A role, or every one.
pub type Who = Option<Role>;

/// A set of establishments, by number, and a role.
pub type Key = (usize, Who);

/// Whom a code of a table names: a role, or [`ALL`]; none where it is neither.
pub fn who(code: &str) -> Option<Who> {
    let role = Role::ALL.into_iter().find(|role| role.code() == code);
    role.map(Some).or_else(|| (code == ALL).then_some(None))
}

/// Every slice, sector or role.
pub const ALL: &str = "all";

/// A number of people of a role who have the same establishments, all of which are named.
#[derive(Clone, Debug)]
pub struct Atom {
    /// Of which role.
    pub role: Who,
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
    /// Whether a set has a name that is not of one sector.
    has_all_sectors: Vec<bool>,
    /// Whether a set is a group only, of which no table tells roles or parts of visits.
    is_group: Vec<bool>,
    /// How many sets have a name; those after them are what is in one only.
    named: usize,
    /// A set and the sets that make it without overlap.
    partitions: Vec<(usize, Vec<usize>)>,
}

/// A whole, along which axis it is parted, the kind of the node that parts it, and its name or
/// the way of grouping.
type Axis<'a> = (usize, u8, &'a str, &'a str);

/// The axis along which a group of the region is parted by nodes.
const OF_NODES: u8 = 6;
/// That along which a level of a node is parted by groups.
const OF_GROUPS: u8 = 7;

/// Establishments, in order, by what they are called together.
type Members = BTreeMap<Cut, Vec<u32>>;

/// Sets by what they are called.
type Cuts = HashMap<Cut, usize>;

/// A group of fewer establishments is told by no table: it would be one school, or two.
pub const LARGE_GROUP: usize = 5;

/// People by set and role.
pub type Counts = Vec<BTreeMap<Who, i64>>;

/// People and what they did, of a set and a role.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// How many.
    pub people: i64,
    /// What they did.
    pub volume: Volume,
}

/// By set and role.
pub type Tallies = Vec<BTreeMap<Who, Tally>>;

/// What volumes are at least, by set and role.
pub type Least = Vec<BTreeMap<Who, i64>>;

/// Which cells tables tell of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Of single establishments.
    pub singles: Singles,
    /// Of each sector, not only of all together.
    pub sectors: bool,
    /// Of groups of establishments.
    pub groups: bool,
}

impl Told {
    /// Whatever there is.
    pub const EVERYTHING: Self = Self {
        singles: Singles::ByRole,
        sectors: true,
        groups: true,
    };
}

/// Which cells about single establishments tables tell of a measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Singles {
    /// Of each role.
    #[default]
    ByRole,
    /// Of all roles together.
    Whole,
    /// None.
    Untold,
}

impl Territory {
    /// The sets of all nodes, by area, slice and sector, of groups and of single establishments.
    pub fn new(places: &[Place]) -> Self {
        let mut members = members(places, cuts_of);
        let (groups, small): (Members, Members) = members_of_groups(places);
        members.extend(groups);
        let index = places.iter().enumerate();
        let mut territory = Self {
            index: index
                .map(|(n, place)| (place.uai.clone(), n as u32))
                .collect(),
            sets: Vec::new(),
            of_place: vec![Vec::new(); places.len()],
            cuts: HashMap::new(),
            breadths: Vec::new(),
            has_all_sectors: Vec::new(),
            is_group: Vec::new(),
            named: 0,
            partitions: Vec::new(),
        };
        let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut numbers = Cuts::new();
        for (cut, set) in &members {
            let number = territory.set_of(&mut known, set);
            numbers.insert(cut.clone(), number);
        }
        territory.cuts = numbers.clone();
        territory.named = territory.sets.len();
        for (cut, set) in small {
            let number = territory.set_of(&mut known, &set);
            numbers.insert(cut.clone(), number);
            members.insert(cut, set);
        }
        territory.is_group = groups_only(&numbers, territory.sets.len());
        territory.differences(&mut known, &members, &numbers);
        territory.is_group.resize(territory.sets.len(), false);
        territory.part(&members, &numbers, places);
        territory.breadths = territory.broadest();
        territory.has_all_sectors = vec![false; territory.sets.len()];
        for (cut, set) in &territory.cuts {
            territory.has_all_sectors[*set] |= cut.sector == ALL;
        }
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

    /// Where one node or level is in another: what is in the one only. Of a group of two nodes,
    /// where that is too few establishments for a group.
    fn differences(
        &mut self,
        known: &mut HashMap<Vec<u32>, usize>,
        members: &Members,
        numbers: &Cuts,
    ) {
        let is_of_node = |cut: &Cut| {
            let level = matches!(cut.slice.as_str(), ALL | "1D" | "2D");
            cut.area.0 == "scope" && cut.sector == ALL && level && cut.node.0 != ESTABLISHMENT
        };
        let wholes = members.keys().filter(|cut| is_of_node(cut));
        let wholes: BTreeSet<usize> = wholes.map(|cut| numbers[cut]).collect();
        self.differences_of(known, &wholes, usize::MAX);
        let mut groups: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
        for cut in members.keys().filter(|cut| cut.is_group()) {
            let group = groups.entry((&cut.area, &cut.slice)).or_default();
            group.insert(numbers[cut]);
        }
        for sets in groups.into_values() {
            self.differences_of(known, &sets, LARGE_GROUP - 1);
        }
    }

    /// Where one of some sets is in another, and the rest is not larger than that.
    fn differences_of(
        &mut self,
        known: &mut HashMap<Vec<u32>, usize>,
        wholes: &BTreeSet<usize>,
        largest: usize,
    ) {
        for large in wholes {
            for small in wholes {
                let (of, part) = (&self.sets[*large], &self.sets[*small]);
                let is_part = part.len() < of.len() && of.len() - part.len() <= largest;
                if !is_part || !is_within(part, of) {
                    continue;
                }
                let rest = of.iter().copied();
                let rest = rest.filter(|place| part.binary_search(place).is_err());
                let rest: Vec<u32> = rest.collect();
                let rest = self.set_of(known, &rest);
                self.partitions.push((*large, vec![*small, rest]));
            }
        }
    }

    /// How each cut is parted: by slice, by sector, by area, and the finest by establishment.
    fn part(&mut self, members: &Members, numbers: &Cuts, places: &[Place]) {
        let mut parts: BTreeMap<Axis<'_>, BTreeSet<usize>> = BTreeMap::new();
        for (cut, set) in members {
            for (axis, whole) in wholes_of(cut, &places[set[0] as usize]) {
                if let Some(whole) = numbers.get(&whole) {
                    let by = match axis {
                        OF_NODES => "",
                        OF_GROUPS => &cut.area.0,
                        _ => &cut.node.1,
                    };
                    let of_axis = parts.entry((*whole, axis, &cut.node.0, by)).or_default();
                    of_axis.insert(numbers[cut]);
                }
            }
        }
        let parted = parts
            .into_iter()
            .map(|((whole, ..), parts)| (whole, parts.into_iter().collect()));
        let mut all: BTreeSet<(usize, Vec<usize>)> = parted.collect();
        all.extend(self.partitions.drain(..));
        all.extend(self.finest(members, numbers, places));
        let sets = &self.sets;
        let is_whole = |(whole, parts): &(usize, Vec<usize>)| {
            let size: usize = parts.iter().map(|part| sets[*part].len()).sum();
            parts.len() > 1 && size == sets[*whole].len()
        };
        self.partitions = all.into_iter().filter(is_whole).collect();
    }

    /// The sets of a département, a type and a sector, and groups, by establishment.
    fn finest(
        &self,
        members: &Members,
        numbers: &Cuts,
        places: &[Place],
    ) -> Vec<(usize, Vec<usize>)> {
        let is_finest = |cut: &&Cut| {
            let has_type = !matches!(cut.slice.as_str(), ALL | "1D" | "2D");
            let is_of_area = cut.node.0 == "region" && cut.area.0 == "departement";
            cut.is_group() || is_of_area && cut.sector != ALL && has_type
        };
        let single = |place: &u32| {
            let uai = &places[*place as usize].uai;
            self.cuts[&Cut::whole(ESTABLISHMENT, uai)]
        };
        members
            .iter()
            .filter(|(cut, _)| is_finest(cut))
            .map(|(cut, set)| (numbers[cut], set.iter().map(single).collect()))
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

    /// Sets that no cut names, by a digest of their establishments: the same in another list of
    /// them.
    pub fn nameless(&self) -> Vec<(String, usize)> {
        let mut uais = vec![""; self.of_place.len()];
        for (uai, place) in &self.index {
            uais[*place as usize] = uai;
        }
        let digest = |set: &[u32]| {
            let mut members: Vec<&str> = set.iter().map(|place| uais[*place as usize]).collect();
            members.sort_unstable();
            let digest = Sha256::digest(members.join(" "));
            let digits = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
            format!("set:{}", digits.collect::<String>())
        };
        let sets = self.sets.iter().enumerate().skip(self.named);
        sets.map(|(number, set)| (digest(set), number)).collect()
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

    /// People and volumes of each set and role: who has one of its establishments counts once.
    /// Only of what tables tell, and of what lies between.
    pub fn tallies(&self, atoms: &[Atom], told: Told) -> Tallies {
        let mut tallies: Tallies = vec![BTreeMap::new(); self.sets.len()];
        let mut seen = vec![usize::MAX; self.sets.len()];
        for (number, atom) in atoms.iter().enumerate() {
            let places = atom.places.iter().filter_map(|uai| self.index.get(uai));
            for set in places.flat_map(|place| &self.of_place[*place as usize]) {
                let set = *set as usize;
                if seen[set] == number || !self.is_told(set, atom.role, told) {
                    continue;
                }
                seen[set] = number;
                let tally = tallies[set].entry(atom.role).or_default();
                tally.people += atom.people;
                tally.volume.all += atom.volume.all;
                tally.volume.most = tally.volume.most.max(atom.volume.most);
            }
        }
        tallies
    }

    /// How much of each volume the cells that are shown tell to be there at least: roles add
    /// up, and a set holds what each of its parts does.
    pub fn least(&self, tallies: &Tallies, hidden: &BTreeSet<Key>) -> Least {
        let shown = tallies.iter().enumerate().map(|(set, roles)| {
            let roles = roles.iter().map(|(role, tally)| {
                let is_hidden = hidden.contains(&(set, *role));
                (*role, if is_hidden { 0 } else { tally.volume.all })
            });
            roles.collect()
        });
        let mut least: Least = shown.collect();
        while self.raise(&mut least) {}
        least
    }

    /// One step; whether anything was raised.
    fn raise(&self, least: &mut Least) -> bool {
        let mut is_raised = false;
        for roles in least.iter_mut() {
            let sum = roles.iter().filter(|(role, _)| role.is_some());
            let sum: i64 = sum.map(|(_, volume)| volume).sum();
            if let Some(all) = roles.get_mut(&None).filter(|all| **all < sum) {
                *all = sum;
                is_raised = true;
            }
        }
        for (whole, parts) in &self.partitions {
            for part in parts {
                let of_part: Vec<(Who, i64)> = least[*part].iter().map(|(r, v)| (*r, *v)).collect();
                for (role, volume) in of_part {
                    let of_whole = least[*whole].get_mut(&role);
                    if let Some(known) = of_whole.filter(|known| **known < volume) {
                        *known = volume;
                        is_raised = true;
                    }
                }
            }
        }
        is_raised
    }

    /// Whether tables tell a cell, or the sets that they tell of leave it.
    fn is_told(&self, set: usize, role: Who, told: Told) -> bool {
        if self.is_group[set] {
            return told.groups && role.is_none();
        }
        if set >= self.named {
            return true;
        }
        if !told.sectors && !self.has_all_sectors[set] {
            return false;
        }
        let is_single = self.breadths[set] == 0;
        match told.singles {
            Singles::ByRole => true,
            Singles::Whole => !is_single || role.is_none(),
            Singles::Untold => !is_single,
        }
    }
}

/// The people of tallies.
pub fn people(tallies: &Tallies) -> Counts {
    let of_roles = |roles: &BTreeMap<Who, Tally>| {
        let roles = roles.iter();
        roles.map(|(role, tally)| (*role, tally.people)).collect()
    };
    tallies.iter().map(of_roles).collect()
}

/// The cells of which one person makes nearly all of the volume.
pub fn dominated(tallies: &Tallies) -> BTreeSet<Key> {
    let cells = tallies.iter().enumerate().flat_map(|(set, roles)| {
        let roles = roles.iter();
        roles.map(move |(role, tally)| ((set, *role), tally.volume))
    });
    cells
        .filter(|(_, volume)| volume.most as f64 > DOMINANT * volume.all as f64)
        .map(|(cell, _)| cell)
        .collect()
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
        "scope" => {}
        _ => wholes.extend(wholes_of_group(cut, place)),
    }
    wholes
}

/// A group is one of those of a level of a node; that of the region is made of those of its
/// académies, and of its départements.
fn wholes_of_group(cut: &Cut, place: &Place) -> Vec<(u8, Cut)> {
    let scope = ("scope".to_owned(), cut.node.1.clone());
    let mut wholes = vec![(OF_GROUPS, with(cut, |cut| cut.area = scope.clone()))];
    let region = place.nodes.iter().find(|(kind, _)| kind == "region");
    if let (Some(region), "academie" | "departement") = (region, cut.node.0.as_str()) {
        wholes.push((OF_NODES, with(cut, |cut| cut.node = region.clone())));
    }
    wholes
}

fn members(places: &[Place], cuts_of: impl Fn(&Place) -> Vec<Cut>) -> Members {
    let mut members = Members::new();
    for (number, place) in places.iter().enumerate() {
        for cut in cuts_of(place) {
            members.entry(cut).or_default().push(number as u32);
        }
    }
    members
}

/// Groups that tables tell of, and those of too few establishments.
fn members_of_groups(places: &[Place]) -> (Members, Members) {
    let groups = members(places, |place| {
        let nodes = place.nodes.iter();
        let cuts = nodes.flat_map(|(kind, node)| {
            let groups = place.groups.iter();
            groups.map(move |(way, group)| Cut::group((kind, node), way, group, &place.level))
        });
        cuts.collect()
    });
    let groups = groups.into_iter();
    groups.partition(|(_, set)| set.len() >= LARGE_GROUP)
}

/// By set, whether all its names are those of groups.
fn groups_only(numbers: &Cuts, sets: usize) -> Vec<bool> {
    let mut are_groups = vec![true; sets];
    for (cut, set) in numbers {
        are_groups[*set] &= cut.is_group();
    }
    are_groups
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
    hidden: BTreeMap<Key, bool>,
    /// What was counted.
    pub counts: Counts,
    /// Whatever the cell.
    is_all_hidden: bool,
}

impl Decisions {
    /// Every cell is hidden, counted or not.
    pub fn all_hidden() -> Self {
        Self {
            hidden: BTreeMap::new(),
            counts: Counts::new(),
            is_all_hidden: true,
        }
    }

    /// Every cell is hidden.
    pub fn nothing_shown(counts: Counts) -> Self {
        let cells = counts.iter().enumerate();
        let cells = cells.flat_map(|(set, roles)| roles.keys().map(move |role| (set, *role)));
        Self {
            hidden: cells.map(|cell| (cell, true)).collect(),
            counts,
            is_all_hidden: false,
        }
    }

    /// With what was counted.
    pub fn counted(self, counts: Counts) -> Self {
        Self { counts, ..self }
    }

    /// Of these cells, whether each is hidden.
    #[cfg(test)]
    pub fn of(cells: impl IntoIterator<Item = (Key, bool)>) -> Self {
        Self {
            hidden: cells.into_iter().collect(),
            counts: Counts::new(),
            is_all_hidden: false,
        }
    }

    /// The cells that are hidden; those that nobody tells but that follow from others are.
    pub fn hidden(&self) -> impl Iterator<Item = &Key> {
        let hidden = self.hidden.iter().filter(|(_, is_hidden)| **is_hidden);
        hidden
            .map(|(cell, _)| cell)
            .filter(|(set, _)| *set != usize::MAX)
    }

    /// Hidden is what one of two hides: of a whole that two parts make which are told. Counts
    /// nothing.
    pub fn either(&self, other: &Self) -> Self {
        let mut either = self.hidden.clone();
        for (cell, is_hidden) in &other.hidden {
            *either.entry(*cell).or_default() |= is_hidden;
        }
        Self {
            hidden: either,
            counts: Counts::new(),
            is_all_hidden: self.is_all_hidden || other.is_all_hidden,
        }
    }

    /// With more cells that are hidden.
    pub fn hiding(mut self, cells: impl IntoIterator<Item = Key>) -> Self {
        self.hidden
            .extend(cells.into_iter().map(|cell| (cell, true)));
        self
    }

    /// How many people were counted.
    pub fn count(&self, (set, role): &Key) -> Option<i64> {
        self.counts.get(*set)?.get(role).copied()
    }

    /// Whether a cell is hidden; one about nobody never is.
    pub fn is_hidden(&self, set: usize, role: Who) -> bool {
        let found = self.hidden.get(&(set, role));
        self.is_all_hidden || found.copied().unwrap_or(false)
    }
}

/// What is settled of cells before they are decided on, by set and role.
#[derive(Clone, Default)]
pub struct Settled {
    /// Shown by an earlier edition.
    pub shown: BTreeSet<Key>,
    /// Hidden by an earlier edition, or told by cells of other times if shown.
    pub hidden: BTreeSet<Key>,
    /// Other cells tell them, whatever is decided on them.
    pub known: BTreeSet<Key>,
    /// Those of a longer time: not fewer, where they are shown.
    pub within: Option<Arc<Decisions>>,
    /// One person makes nearly all of what is counted beside the people.
    pub dominated: BTreeSet<Key>,
}

impl Settled {
    /// What cannot be hidden any more.
    pub fn told(&self) -> BTreeSet<Key> {
        self.shown.union(&self.known).cloned().collect()
    }

    /// With more cells that are to be hidden.
    pub fn hiding(&self, cells: &BTreeSet<Key>) -> Self {
        let mut settled = self.clone();
        settled.hidden.extend(cells.iter().cloned());
        settled
    }

    fn state(&self, key: &Key) -> State {
        match () {
            () if self.hidden.contains(key) => State::Withheld,
            () if self.shown.contains(key) || self.known.contains(key) => State::Published,
            () => State::Open,
        }
    }
}

/// Those of whom a measure counts some, decided on before: where they are hidden, so is the
/// measure.
#[derive(Clone, Copy)]
pub struct Among<'a> {
    /// How many they are.
    pub decisions: &'a Decisions,
    /// Whether tables tell that the rest of them are a group of people too, and what ties
    /// them to each other.
    pub rest: bool,
}

/// Decides for every cell of a measure, of people `among` others.
///
/// # Errors
/// Cells that cannot be protected, by number of set and role.
pub fn decide(
    territory: &Territory,
    counts: Counts,
    among: Option<Among<'_>>,
    settled: &Settled,
    threshold: i64,
) -> Result<Decisions, Vec<Key>> {
    if counts.iter().all(BTreeMap::is_empty) {
        return Ok(Decisions::nothing_shown(counts));
    }
    let mut system = System {
        territory,
        accounts: among.map(|among| among.decisions),
        rest_is_group: among.is_some_and(|among| among.rest),
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
            system.cell((set, *role), *people);
        }
    }
    let numbers = std::mem::take(&mut system.numbers);
    system.tie(&counts, &numbers);
    if system.rest_is_group {
        system.sum_hidden_roles(&counts, &numbers);
    }
    let hidden = protect_lines(&system.register).map_err(|conflict| {
        let cells = conflict.cells.into_iter();
        cells.map(|cell| system.keys[cell]).collect::<Vec<_>>()
    })?;
    let keys = system.keys.into_iter();
    let hidden = keys.zip(hidden).collect();
    Ok(Decisions {
        hidden,
        counts,
        is_all_hidden: false,
    })
}

struct System<'a> {
    territory: &'a Territory,
    accounts: Option<&'a Decisions>,
    rest_is_group: bool,
    settled: &'a Settled,
    threshold: i64,
    register: Register,
    keys: Vec<Key>,
    numbers: Numbers,
    /// Cells of the accounts of whom the measure counts some.
    loaded: Numbers,
}

/// Cells by set and role.
type Numbers = BTreeMap<Key, usize>;

impl System<'_> {
    /// The accounts, decided on before; those that are hidden too, for what bounds them one by
    /// one.
    fn add_accounts(&mut self) {
        let Some(accounts) = self.accounts else {
            return;
        };
        for (set, roles) in accounts.counts.iter().enumerate() {
            for (role, people) in roles {
                let is_told = set < self.territory.named && !accounts.is_hidden(set, *role);
                if !is_told && !self.rest_is_group {
                    continue;
                }
                let state = if is_told {
                    State::Published
                } else {
                    State::Unshown
                };
                let number = self.known(*people, state);
                self.loaded.insert((set, *role), number);
            }
        }
        if self.rest_is_group {
            let numbers = std::mem::take(&mut self.loaded);
            self.tie(&accounts.counts, &numbers);
            self.loaded = numbers;
        }
    }

    fn cell(&mut self, key: Key, people: i64) {
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
        self.numbers.insert(key, number);
        self.keys.push(key);
        // Those who came are accounts.
        let cap = self.loaded.get(&self.keys[number]);
        if let Some(cap) = cap.filter(|_| loaded >= people) {
            self.register.at_most(number, *cap);
        }
        if let Some(longer) = self.shown_within(key) {
            let cap = self.known(longer, State::Published);
            self.register.at_most(number, cap);
        }
    }

    /// Who came in the longer time, where that is shown.
    fn shown_within(&self, (set, role): Key) -> Option<i64> {
        let longer = self.settled.within.as_ref()?;
        let is_told = set < self.territory.named && !longer.is_hidden(set, role);
        longer.counts[set].get(&role).copied().filter(|_| is_told)
    }

    /// What more readers look at is hidden last: the whole of a perimeter, all roles of it.
    fn height(&self, (set, role): &Key) -> u32 {
        let size = size_class(self.territory.sets[*set].len());
        size + self.territory.breadths[*set] + 2 * u32::from(role.is_none())
    }

    /// Whether a cell may be shown.
    fn state(&self, key: &Key, people: i64) -> State {
        let (set, role) = key;
        let few = |number: i64| (1..self.threshold).contains(&number);
        let is_named = *set < self.territory.named;
        let counts = self.accounts.map(|accounts| &accounts.counts[*set]);
        let loaded = counts.and_then(|counts| counts.get(role).copied());
        let are_hidden = self
            .accounts
            .is_some_and(|accounts| accounts.is_hidden(*set, *role));
        let rest = loaded.map_or(0, |loaded| loaded - people);
        let is_one = self.settled.dominated.contains(key);
        let is_rest_few = self.rest_is_group && few(rest);
        match few(people) || is_rest_few || is_one || (is_named && are_hidden) {
            true => State::Primary,
            // Nobody tells it, but who knows the others can compute it.
            false if !is_named => State::Unshown,
            false => self.settled.state(key),
        }
    }

    fn tie(&mut self, counts: &Counts, numbers: &Numbers) {
        for (set, roles) in counts.iter().enumerate() {
            let whole = roles
                .get(&None)
                .map(|people| (numbers[&(set, None)], *people));
            let parts = roles.iter().filter(|(role, _)| role.is_some());
            let parts: Vec<_> = parts
                .map(|(role, people)| (numbers[&(set, *role)], *people))
                .collect();
            if let Some(whole) = whole {
                self.relate(whole, &parts);
            }
        }
        let territory = self.territory;
        for (whole, parts) in &territory.partitions {
            for (role, people) in &counts[*whole] {
                let key = |set: &usize| (*set, *role);
                let of = |set: &usize| Some((*numbers.get(&key(set))?, counts[*set][role]));
                let parts: Vec<(usize, i64)> = parts.iter().filter_map(of).collect();
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
            let is_of_group = |role: &Who| accounts.is_hidden(set, *role);
            let parts = came.iter().filter(|(role, _)| role.is_some());
            let all: i64 = parts.clone().map(|(_, people)| *people).sum();
            if came.get(&None) != Some(&all) {
                continue;
            }
            let (group, others): (Vec<_>, Vec<_>) = parts.partition(|(role, _)| is_of_group(role));
            let cell = |(role, _): &(&Who, &i64)| numbers[&(set, **role)];
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
            self.register.sum(numbers[&(set, None)], &parts);
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
    /// Where it is more, not all parts are counted, as tables do not tell of them (single
    /// establishments, their roles): they tie nothing.
    fn relate(&mut self, whole: (usize, i64), parts: &[(usize, i64)]) {
        let numbers: Vec<usize> = parts.iter().map(|part| part.0).collect();
        let sum: i64 = parts.iter().map(|part| part.1).sum();
        match sum.cmp(&whole.1) {
            Ordering::Equal => self.register.sum(whole.0, &numbers),
            Ordering::Greater => self.register.distinct(whole.0, &numbers),
            Ordering::Less => {}
        }
    }
}

/// The key of a cell that is no decision of the measure.
fn nobody() -> Key {
    (usize::MAX, None)
}

/// How many accounts the hidden roles of a set have together, where the others tell it: there
/// are several, the whole is shown, and it is their sum.
fn hidden_sum(accounts: &Decisions, set: usize) -> Option<i64> {
    let roles = &accounts.counts[set];
    let whole = *roles.get(&None)?;
    let parts = roles.iter().filter(|(role, _)| role.is_some());
    let hidden = parts
        .clone()
        .filter(|(role, _)| accounts.is_hidden(set, **role));
    let is_told = !accounts.is_hidden(set, None)
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
            groups: Vec::new(),
        }
    }

    fn atom(role: &str, places: &str, people: i64) -> [Atom; 2] {
        [role, ALL].map(|role| Atom {
            role: who(role).unwrap(),
            places: places.split(' ').map(str::to_owned).collect(),
            people,
            volume: Volume::default(),
        })
    }

    fn counted(territory: &Territory, atoms: &[Atom]) -> Counts {
        people(&territory.tallies(atoms, Told::EVERYTHING))
    }

    fn every(decisions: &Decisions) -> Among<'_> {
        Among {
            decisions,
            rest: true,
        }
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
        let counts = counted(&territory, &atoms.concat());
        let of = |cut: &Cut| counts[territory.set(cut).unwrap()][&Some(Role::Teacher)];
        assert_eq!(of(&Cut::whole(ESTABLISHMENT, "A")), 13);
        assert_eq!(of(&Cut::whole(ESTABLISHMENT, "B")), 5);
        assert_eq!(of(&Cut::whole("partner", "p")), 15);
        assert_eq!(of(&cut(("region", "32"), "2D", "prive")), 2);
    }

    fn hidden(territory: &Territory, atoms: &[[Atom; 2]]) -> impl Fn(&Cut, &str) -> bool + use<> {
        let decided = decide(
            territory,
            counted(territory, &atoms.concat()),
            None,
            &Settled::default(),
            5,
        )
        .unwrap();
        let sets: BTreeMap<Cut, usize> = territory.cuts.clone().into_iter().collect();
        move |cut, role| decided.is_hidden(sets[cut], who(role).unwrap())
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
        let accounts = counted(&territory, &atoms(40).concat());
        let accounts = decide(&territory, accounts, None, &Settled::default(), 5).unwrap();
        let came = counted(&territory, &atoms(38).concat());
        let came = decide(
            &territory,
            came,
            Some(every(&accounts)),
            &Settled::default(),
            5,
        )
        .unwrap();
        let one = territory.set(&Cut::whole(ESTABLISHMENT, "A")).unwrap();
        assert!(!accounts.is_hidden(one, Some(Role::Teacher)));
        assert!(came.is_hidden(one, Some(Role::Teacher)));
    }

    /// Ten parents came to each collège; one of those of B made 90 of their 99 visits, which is
    /// not much of what all parents made.
    #[test]
    fn a_volume_that_one_person_makes_is_secret() {
        let territory = world();
        let came = |uai, people, all, most| {
            let mut atoms = atom("parent", uai, people);
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
        let dominated = super::dominated(&territory.tallies(&atoms, Told::EVERYTHING));
        let b = territory.set(&Cut::whole(ESTABLISHMENT, "B")).unwrap();
        let wanted = [None, Some(Role::Parent)].map(|role| (b, role));
        assert_eq!(dominated, wanted.into());
        let settled = Settled {
            dominated,
            ..Settled::default()
        };
        let decided = decide(&territory, counted(&territory, &atoms), None, &settled, 5).unwrap();
        assert!(decided.is_hidden(b, Some(Role::Parent)));
        let one = |uai| territory.set(&Cut::whole(ESTABLISHMENT, uai)).unwrap();
        assert!(
            decided.is_hidden(one("A"), Some(Role::Parent)),
            "the rest of two"
        );
        assert!(!decided.is_hidden(one("C"), Some(Role::Parent)));
    }

    /// Of establishments only all roles are told: the roles of C, which has six, tie nothing.
    #[test]
    fn what_is_not_counted_ties_nothing() {
        let territory = world();
        let atoms = ["A", "B", "C", "D", "E"].map(|uai| atom("teacher", uai, 6));
        let told = Told {
            singles: Singles::Whole,
            sectors: true,
            groups: false,
        };
        let counts = people(&territory.tallies(&atoms.concat(), told));
        let one = territory.set(&Cut::whole(ESTABLISHMENT, "A")).unwrap();
        assert_eq!(counts[one].keys().collect::<Vec<_>>(), [&None]);
        let decided = decide(&territory, counts, None, &Settled::default(), 5).unwrap();
        let roles = [None, Some(Role::Teacher)];
        let is_shown = |(_, set)| roles.iter().all(|role| !decided.is_hidden(set, *role));
        assert!(territory.cuts().all(is_shown));
    }

    /// Three teachers and three of the staff are hidden among the accounts, whose other roles
    /// tell that they are six. Of 152 who came 100 are parents; the 50 pupils at most: two of
    /// the others came at least, and six at most. Hiding the pupils alone would leave 46 to 50.
    #[test]
    fn hidden_roles_bound_together_who_came_of_the_others() {
        let territory = Territory::new(&[place("A", "CLG", "public", &[])]);
        let counts = |people: [i64; 4]| {
            let roles = ["teacher", "staff", "student", "parent"];
            let atoms = roles.iter().zip(people);
            let atoms: Vec<_> = atoms
                .map(|(role, people)| atom(role, "A", people))
                .collect();
            counted(&territory, &atoms.concat())
        };
        let one = territory.set(&Cut::whole(ESTABLISHMENT, "A")).unwrap();
        let roles = [ALL, "teacher", "staff", "student", "parent"];
        let hidden = |of: &Decisions| roles.map(|role| of.is_hidden(one, who(role).unwrap()));
        let accounts = counts([3, 3, 50, 300]);
        let accounts = decide(&territory, accounts, None, &Settled::default(), 5).unwrap();
        assert_eq!(hidden(&accounts), [false, true, true, false, false]);
        let mut settled = Settled::default();
        settled.hidden.insert((one, Some(Role::Student)));
        let came = counts([2, 2, 48, 100]);
        let came = decide(&territory, came, Some(every(&accounts)), &settled, 5).unwrap();
        assert_eq!(hidden(&came), [false, true, true, true, true]);
    }

    /// Ten écoles in two groups of five: the first of each has three pupils, and what else is
    /// hidden by département alone would be the smallest, which is of the other group.
    #[test]
    fn a_hidden_school_is_not_what_its_group_leaves() {
        let uais = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
        let places: Vec<Place> = uais
            .iter()
            .enumerate()
            .map(|(number, uai)| Place {
                groups: vec![("ips".into(), if number < 5 { "Q1" } else { "Q2" }.into())],
                ..place(uai, "ECOLE", "public", &[])
            })
            .collect();
        let territory = Territory::new(&places);
        let group = |name| Cut::group(("region", "32"), "ips", name, "1D");
        let pupils = [3, 90, 80, 70, 60, 10, 20, 30, 40, 50];
        let atoms = uais.iter().zip(pupils);
        let atoms: Vec<_> = atoms.map(|(uai, n)| atom("student", uai, n)).collect();
        let is_hidden = hidden(&territory, &atoms);
        let is_school_hidden = |uai: &&&str| is_hidden(&Cut::whole(ESTABLISHMENT, uai), ALL);
        let of_first = uais[..5].iter().filter(is_school_hidden).count();
        assert!(of_first > 1 || is_hidden(&group("Q1"), ALL));
        assert!(is_school_hidden(&&uais[0]));
    }

    /// Of a group of four nobody tells; the level and the other group leave it.
    #[test]
    fn groups_of_few_establishments_are_not_told() {
        let places: Vec<Place> = ["A", "B", "C", "D", "E", "F", "G", "H", "I"]
            .iter()
            .enumerate()
            .map(|(number, uai)| Place {
                groups: vec![("ips".into(), if number < 5 { "Q1" } else { "Q2" }.into())],
                ..place(uai, "ECOLE", "public", &[])
            })
            .collect();
        let territory = Territory::new(&places);
        let set = |name| territory.set(&Cut::group(("region", "32"), "ips", name, "1D"));
        assert!(set("Q1").is_some());
        assert_eq!(set("Q2"), None);
        let level = territory.set(&cut(("region", "32"), "1D", ALL)).unwrap();
        let is_by_groups = |(whole, parts): &&(usize, Vec<usize>)| {
            *whole == level && parts.contains(&set("Q1").unwrap())
        };
        let found = territory.partitions.iter().find(is_by_groups).unwrap();
        assert!(found.1.iter().any(|part| *part >= territory.named));
        let atoms = ["A", "F"].map(|uai| atom("student", uai, 30));
        let tallies = territory.tallies(&atoms.concat(), Told::EVERYTHING);
        let roles = tallies[set("Q1").unwrap()].keys();
        assert_eq!(
            roles.collect::<Vec<_>>(),
            [&None],
            "roles of groups are not told"
        );
    }

    /// C was hidden by an edition: another part goes with it, unless all of them were shown.
    #[test]
    fn an_edition_binds_the_next_one() {
        let territory = world();
        let atoms = ["A", "B", "C", "D", "E"].map(|uai| atom("student", uai, 100));
        let counts = counted(&territory, &atoms.concat());
        let key = |cut: &Cut| (territory.set(cut).unwrap(), Some(Role::Student));
        let private = key(&cut(("region", "32"), "2D", "prive"));
        let public = key(&cut(("region", "32"), "2D", "public"));
        let second = key(&cut(("region", "32"), "2D", ALL));
        let mut settled = Settled::default();
        settled.hidden.insert(private);
        let decided = decide(&territory, counts.clone(), None, &settled, 5).unwrap();
        let hidden = |key: &Key| decided.is_hidden(key.0, key.1);
        assert!(hidden(&private));
        assert!(hidden(&public) || hidden(&second));
        settled.shown.extend(decided.hidden.keys().cloned());
        settled.shown.remove(&private);
        let conflict = decide(&territory, counts, None, &settled, 5);
        assert!(conflict.is_err_and(|cells| cells.contains(&private)));
    }
}
