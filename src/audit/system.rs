//! Cells of people as the tables tell them, what ties them, and how far each secret one
//! is known.

use super::board::{Board, GROUPINGS, Places, Said};
use super::published::{Dashboard, Deliverable, Table};
use super::{Fault, Finding};
use crate::domain::Departement;
use crate::privacy::bounds::{Constraint, System};
use crate::privacy::deduction::deduce;
use std::collections::{BTreeMap, BTreeSet};

/// What is counted, by the heads of columns.
const COUNTS: [(&str, &str); 5] = [
    ("Chargés", "comptes"),
    ("Comptes", "comptes"),
    ("Activés", "activés"),
    ("Visiteurs", "visiteurs"),
    ("Visites", "visites"),
];
/// Ratios of two counts.
const RATIOS: [(&str, &str, &str); 5] = [
    ("Taux d’activation", "activés", "comptes"),
    ("Taux de visiteurs", "visiteurs", "comptes"),
    ("Visites par visiteur", "visites", "visiteurs"),
    ("Visites par compte", "visites", "comptes"),
    ("Comptes par visiteur", "comptes", "visiteurs"),
];
/// Counts of which the first is at most the second, in each cell.
const WITHIN: [(&str, &str); 3] = [
    ("activés", "comptes"),
    ("visiteurs", "comptes"),
    ("visiteurs", "visites"),
];
/// Counts of dashboards.
const BOARD_COUNTS: [(&str, &str); 6] = [
    ("loaded_accounts", "comptes"),
    ("activated_accounts", "activés"),
    ("visitors", "visiteurs"),
    ("visits", "visites"),
    ("visitors_before", "visiteurs"),
    ("visits_before", "visites"),
];
/// Rates of dashboards, in thousandths.
const BOARD_RATIOS: [(&str, &str, &str); 2] = [
    ("activation_rate", "activés", "comptes"),
    ("active_rate", "visiteurs", "comptes"),
];
/// Codes of dashboards and what tables say for them.
const WORDS: [(&str, &str); 10] = [
    ("1D", "Premier degré"),
    ("2D", "Second degré"),
    ("all", ALL),
    ("student", "Élèves"),
    ("parent", "Parents"),
    ("teacher", "Enseignants"),
    ("staff", "Personnels"),
    ("public", "Public"),
    ("privé", "Privé"),
    ("prive", "Privé"),
];
const LEVELS: [&str; 2] = ["Premier degré", "Second degré"];
const ROLES: [&str; 4] = ["Élèves", "Parents", "Enseignants", "Personnels"];
const ALL: &str = "Ensemble";
/// Groups of establishments as tables name them.
const GROUPS: [(&str, &str); 7] = [
    ("Commune rurale", "area rural"),
    ("Commune urbaine", "area urbain"),
    ("Hors éducation prioritaire", "priority hors EP"),
    ("REP", "priority REP"),
    ("REP+", "priority REP+"),
    // A sector is no group of its own: its cells are those of the boards of usage too.
    ("Public", "Public"),
    ("Privé", "Privé"),
];
/// Numbers of files are exact but for the last digit of a ratio.
const CLOSE: f64 = 1e-6;

/// Parts of visits that dashboards tell: the table, the columns that name a part, and
/// whether the parts add up.
const BOARD_PARTS: [(&str, &[&str], Axis); 8] = [
    ("weeks", &["week"], WEEKS),
    ("weeks_before", &["week"], WEEKS),
    ("place_weeks", &["week"], WEEKS),
    ("hours", &["weekday", "hour"], Axis("heure", true)),
    ("devices", &["device"], DEVICES),
    ("place_devices", &["device"], DEVICES),
    ("services", &["service"], SERVICES),
    ("place_services", &["service"], SERVICES),
];
const WEEKS: Axis = Axis("semaine", true);
const DEVICES: Axis = Axis("appareil", true);
/// A visit passes by several.
const SERVICES: Axis = Axis("service", false);

/// What visits are parted by, and whether the parts add up.
#[derive(Clone, Copy)]
struct Axis(&'static str, bool);

/// A cell: territory, period, measure, level (or type), sector (or group), role, part of the
/// visits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    territory: String,
    period: String,
    measure: &'static str,
    level: String,
    sector: String,
    role: String,
    /// Empty for all; the last field, so that the parts of a cell follow it.
    part: String,
}

impl Key {
    fn with(&self, change: impl Fn(&mut Self)) -> Self {
        let mut other = self.clone();
        change(&mut other);
        other
    }

    fn name(&self) -> String {
        format!(
            "{}, {}, {}, {}, {}, {}{}{}",
            self.territory,
            self.period,
            self.measure,
            self.level,
            self.sector,
            self.role,
            if self.part.is_empty() { "" } else { ", " },
            self.part
        )
    }
}

/// What the files say of a cell.
#[derive(Clone, Debug, Default)]
struct Cell {
    shown: Vec<Telling>,
    hidden: Vec<Telling>,
    threshold: f64,
    files: BTreeSet<String>,
    /// A table as CSV has it; else dashboards only.
    is_of_tables: bool,
}

/// One file's word on a cell; of a hidden one the value is not looked at.
#[derive(Clone, Debug, Default)]
struct Telling {
    /// When, among the folders that were named.
    rank: usize,
    /// Digest of the lake: a later state may tell a corrected value.
    lake: String,
    value: f64,
}

impl Cell {
    /// What was told last.
    fn value(&self) -> Option<f64> {
        let last = self.shown.iter().max_by_key(|telling| telling.rank)?;
        Some(last.value)
    }

    /// Whether corrected values were told: what ties them to other cells is not exact.
    fn is_corrected(&self) -> bool {
        let mut values = self.shown.iter().map(|telling| telling.value);
        let first = values.next();
        values.any(|value| first.is_some_and(|first| !are_same(value, first)))
    }

    /// Two values of one state of the lake; or a cell that was hidden and then shown. What was
    /// shown first and has become small since may be hidden.
    fn contradiction(&self) -> Option<Fault> {
        let differ = |one: &Telling, other: &Telling| {
            one.lake == other.lake && !are_same(one.value, other.value)
        };
        let mut shown = self.shown.iter();
        if shown.any(|one| self.shown.iter().any(|other| differ(one, other))) {
            return Some(Fault::TwoValues);
        }
        let is_told = |hidden: &Telling| {
            let mut shown = self.shown.iter();
            shown.any(|shown| shown.lake == hidden.lake || shown.rank >= hidden.rank)
        };
        let is_shown_elsewhere = self.hidden.iter().any(is_told);
        is_shown_elsewhere.then_some(Fault::ShownElsewhere)
    }
}

fn are_same(one: f64, other: f64) -> bool {
    (one - other).abs() < CLOSE
}

/// A ratio that is shown.
#[derive(Clone, Debug)]
struct Ratio {
    of: Key,
    over: Key,
    value: f64,
    /// Half a unit of its last digit; 0 where it is exact.
    rounding: f64,
}

/// All that was told.
#[derive(Default)]
pub(super) struct Told {
    cells: BTreeMap<Key, Cell>,
    ratios: Vec<Ratio>,
    tables: usize,
    /// Of establishments: département, type and sector.
    places: BTreeMap<String, [String; 3]>,
    /// Of types: the level.
    types: BTreeMap<String, String>,
    /// Of establishments: their groups.
    groups: BTreeMap<String, Vec<String>>,
    /// Of territories that have a dashboard: their establishments.
    perimeters: BTreeMap<String, BTreeSet<String>>,
    /// The periods that make one, where dashboards tell all of them.
    times: BTreeMap<String, Vec<String>>,
    /// Territory, period and axis of the parts of visits that dashboards tell.
    parted: BTreeSet<(String, String, &'static str)>,
}

impl Told {
    /// Adds the tables of a deliverable.
    pub fn take(&mut self, deliverable: &Deliverable) {
        for table in &deliverable.tables {
            self.table(deliverable, table);
        }
        for dashboard in &deliverable.dashboards {
            self.know(&deliverable.territory, &dashboard.places);
            self.know_times(dashboard);
            for board in &dashboard.boards {
                self.board(deliverable, dashboard, board);
            }
        }
    }

    fn know(&mut self, territory: &str, places: &Places) {
        let perimeter = self.perimeters.entry(territory.to_owned()).or_default();
        perimeter.extend(places.uais.iter().cloned());
        let groups = places
            .uais
            .iter()
            .cloned()
            .zip(places.groups.iter().cloned());
        self.groups.extend(groups);
        let kinds = places.kinds.iter();
        let kinds = kinds
            .map(|[departement, kind, sector]| [departement.clone(), kind.clone(), word(sector)]);
        self.places.extend(places.uais.iter().cloned().zip(kinds));
        let levels = places.levels.iter();
        let levels = levels.map(|(kind, level)| (kind.clone(), word(level)));
        self.types.extend(levels);
    }

    /// A dashboard tells a period and, after it, all of its parts of which there are data.
    fn know_times(&mut self, dashboard: &Dashboard) {
        let told: BTreeSet<&String> = dashboard.boards.iter().map(|b| &b.period).collect();
        let whole = told.iter().max_by_key(|period| match period.len() {
            9 => 2,
            12 => 1,
            _ => 0,
        });
        let Some(whole) = whole else { return };
        let parts = told.iter().filter(|period| *period != whole);
        let parts: Vec<String> = parts.map(|period| (*period).clone()).collect();
        if !parts.is_empty() {
            self.times.insert((*whole).clone(), parts);
        }
    }

    /// Usage by area and by establishment, and its parts.
    fn board(&mut self, deliverable: &Deliverable, dashboard: &Dashboard, board: &Board) {
        let scope = match board.name.as_str() {
            "usage" | "places" | "equity" => deliverable.territory.as_str(),
            "region" => "region 32",
            name if part_of(name).is_some() => deliverable.territory.as_str(),
            _ => return,
        };
        self.tables += 1;
        let rows = board.measures.values().next().map_or(0, Vec::len);
        for row in 0..rows {
            let text = |name: &str| board.dimensions.get(name).map(|texts| texts[row].as_str());
            let key = Key {
                territory: match (text("uai"), text("area_kind"), text("area")) {
                    (Some(uai), _, _) => format!("etablissement {uai}"),
                    (_, Some("scope"), _) | (_, None, _) => scope.to_owned(),
                    (_, Some(kind), area) if scope.starts_with("region") => {
                        format!("{kind} {}", area.unwrap_or(""))
                    }
                    (_, Some(kind), area) => format!("{scope}, {kind} {}", area.unwrap_or("")),
                },
                period: match board.name.as_str() {
                    "weeks_before" => year_before(&board.period),
                    _ => board.period.clone(),
                },
                part: part_of(&board.name).map_or_else(String::new, |(by, axis)| {
                    let words = by.iter().filter_map(|name| text(name));
                    let words: Vec<&str> = [axis.0].into_iter().chain(words).collect();
                    words.join(" ")
                }),
                measure: "",
                level: text("slice").map_or_else(|| ALL.to_owned(), word),
                sector: match text("grouping").zip(text("group_name")) {
                    Some(("sector", sector)) => word(sector),
                    Some((way, group)) => format!("{way} {group}"),
                    None => text("sector").map_or_else(|| ALL.to_owned(), word),
                },
                role: text("role").map_or_else(|| ALL.to_owned(), word),
            };
            if let Some((_, axis)) = part_of(&board.name) {
                let told = (key.territory.clone(), key.period.clone(), axis.0);
                self.parted.insert(told);
            }
            self.board_row(deliverable, dashboard, board, row, &key);
        }
    }

    fn board_row(
        &mut self,
        deliverable: &Deliverable,
        dashboard: &Dashboard,
        board: &Board,
        row: usize,
        key: &Key,
    ) {
        let said = |name: &str| board.measures.get(name).map(|values| values[row]);
        for (name, measure) in BOARD_COUNTS {
            let Some(said) = said(name).filter(|said| *said != Said::Nothing) else {
                continue;
            };
            let number = match said {
                Said::Number(number) => Some(number),
                _ => None,
            };
            let key = key.with(|key| {
                key.measure = measure;
                if name.ends_with("_before") {
                    key.period = year_before(&key.period);
                }
            });
            self.tell(deliverable, &dashboard.file, key, number);
        }
        for (name, of, over) in BOARD_RATIOS {
            if let Some(Said::Number(thousandths)) = said(name) {
                let [of, over] = [of, over].map(|measure| key.with(|key| key.measure = measure));
                let value = thousandths / 1_000.0;
                // Whole percents under a base of 1,000, which is not told where it is hidden.
                let rounding = 0.005;
                self.ratios.push(Ratio {
                    of,
                    over,
                    value,
                    rounding,
                });
            }
        }
    }

    /// A cell as a file tells it: a number, or hidden.
    fn tell(&mut self, deliverable: &Deliverable, file: &str, key: Key, number: Option<f64>) {
        let cell = self.cells.entry(key).or_default();
        cell.threshold = cell.threshold.max(deliverable.threshold);
        cell.files.insert(file.to_owned());
        cell.is_of_tables |= file.ends_with(".csv");
        let telling = Telling {
            rank: deliverable.rank,
            lake: deliverable.lake.clone(),
            value: number.unwrap_or_default(),
        };
        match number {
            Some(_) => cell.shown.push(telling),
            None => cell.hidden.push(telling),
        }
    }

    fn table(&mut self, deliverable: &Deliverable, table: &Table) {
        let place = |name: &str| table.header.iter().position(|known| known == name);
        let by_level = place("Degré").zip(place("Profil"));
        let by_node = place("Département");
        if let Some((group, level)) = place("Groupe").zip(place("Degré")) {
            self.groups_of(deliverable, table, group, level);
            return;
        }
        if by_level.is_none() && by_node.is_none() || place("Groupe").is_some() {
            return;
        }
        let is_known = |name: &&String| COUNTS.iter().any(|(head, _)| head == name);
        if !table.header.iter().any(|name| is_known(&name)) {
            return;
        }
        self.tables += 1;
        for row in &table.rows {
            let text = |place: usize| row.get(place).cloned().unwrap_or_default();
            let key = Key {
                territory: match by_node.map(text) {
                    Some(name) => territory(&name),
                    None => deliverable.territory.clone(),
                },
                period: deliverable.period.clone(),
                measure: "",
                level: by_level.map_or_else(|| ALL.to_owned(), |(level, _)| text(level)),
                sector: ALL.to_owned(),
                role: by_level.map_or_else(|| ALL.to_owned(), |(_, role)| text(role)),
                part: String::new(),
            };
            self.row(deliverable, table, row, &key);
        }
    }

    /// A table of equity. It shows accounts and rates of them, which tell the counts.
    fn groups_of(&mut self, deliverable: &Deliverable, table: &Table, group: usize, level: usize) {
        self.tables += 1;
        for row in &table.rows {
            let text = |place: usize| row.get(place).map_or("", String::as_str);
            let Some(group) = group_code(text(group)) else {
                continue;
            };
            let key = Key {
                territory: deliverable.territory.clone(),
                period: deliverable.period.clone(),
                measure: "",
                level: text(level).to_owned(),
                sector: group,
                role: ALL.to_owned(),
                part: String::new(),
            };
            self.row(deliverable, table, row, &key);
            let number = |head: &str| {
                let place = table.header.iter().position(|known| known == head)?;
                row.get(place)?.replace(',', ".").parse::<f64>().ok()
            };
            for (head, of, over) in [RATIOS[1], RATIOS[3]] {
                let all = self.cells.get(&key.with(|key| key.measure = over));
                let told = number(head).zip(all.and_then(Cell::value));
                let count = told.map(|(rate, all)| (rate * all).round());
                let is_hidden = row
                    .last()
                    .is_some_and(|m| m.split(' ').any(|mark| mark == "s"));
                if count.is_some() || is_hidden {
                    let key = key.with(|key| key.measure = of);
                    self.tell(deliverable, &table.file, key, count);
                }
            }
        }
    }

    fn row(&mut self, deliverable: &Deliverable, table: &Table, row: &[String], key: &Key) {
        let marks = row.last().map_or("", String::as_str);
        for (head, text) in table.header.iter().zip(row) {
            let number = text.replace(',', ".").parse::<f64>().ok();
            let count = COUNTS.iter().find(|(known, _)| known == head);
            if let Some((_, measure)) = count {
                let key = key.with(|key| key.measure = measure);
                let is_hidden = marks.split(' ').any(|mark| mark == "s");
                if number.is_some() || is_hidden {
                    self.tell(deliverable, &table.file, key, number);
                }
            }
            let ratio = RATIOS.iter().find(|(known, _, _)| known == head);
            if let (Some((_, of, over)), Some(value)) = (ratio, number) {
                let [of, over] = [of, over].map(|measure| key.with(|key| key.measure = measure));
                self.ratios.push(Ratio {
                    of,
                    over,
                    value,
                    rounding: 0.0,
                });
            }
        }
    }

    /// Tables with cells of people.
    pub fn tables(&self) -> usize {
        self.tables
    }

    /// Cells, each once.
    pub fn count(&self) -> usize {
        self.cells.len()
    }

    /// How many cells are secret.
    pub fn count_secret(&self) -> usize {
        self.secret().count()
    }

    /// Cells that no file shows and one hides.
    fn secret(&self) -> impl Iterator<Item = (&Key, &Cell)> {
        let cells = self.cells.iter();
        cells.filter(|(_, cell)| !cell.hidden.is_empty() && cell.shown.is_empty())
    }

    /// Cells of which the files do not say the same.
    pub fn contradictions(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (key, cell) in &self.cells {
            if let (Some(value), Some(fault)) = (cell.value(), cell.contradiction()) {
                found.push(finding(key, cell, fault, value, value));
            }
        }
        found
    }

    /// Cells that should not be shown whatever the others: about too few people, or about all
    /// but too few.
    pub fn under_threshold(&self) -> Vec<Finding> {
        let shown = |key: &Key| self.cells.get(key)?.value();
        let mut found = Vec::new();
        for (key, cell) in &self.cells {
            let (Some(value), true) = (cell.value(), key.measure != "visites") else {
                continue;
            };
            let is_few = |number: f64| number > CLOSE && number < cell.threshold - CLOSE;
            let wholes = WITHIN
                .iter()
                .filter(|(less, more)| *less == key.measure && *more != "visites");
            let mut rests = wholes
                .filter_map(|(_, more)| Some(shown(&key.with(|key| key.measure = more))? - value));
            if is_few(value) || rests.any(is_few) {
                found.push(finding(key, cell, Fault::UnderThreshold, value, value));
            }
        }
        found
    }

    /// Secret cells that the others tell: by one line after the other, for all of them; by all
    /// lines of the tables together, for those that tables tell.
    ///
    /// # Errors
    /// A system that the solver cannot solve.
    pub fn disclosed(&self) -> Result<Vec<Finding>, String> {
        let mut found = BTreeMap::new();
        let unknowns = self.unknowns(|_| true);
        let bounds = deduce(&self.system(&unknowns));
        for (key, cell) in self.secret() {
            let (low, high) = bounds[unknowns[key]];
            if let Some(fault) = fault(key, cell, low, high) {
                found.insert(key, finding(key, cell, fault, low, high));
            }
        }
        let unknowns = self.unknowns(|cell| cell.is_of_tables);
        let system = self.system(&unknowns);
        for (key, cell) in self
            .secret()
            .filter(|(key, _)| !found.contains_key(key))
            .collect::<Vec<_>>()
        {
            let Some(unknown) = unknowns.get(key) else {
                continue;
            };
            let explain = |error: String| {
                format!(
                    "the cells of these files cannot be bounded: {error}\nhint: files of two states of the lake may contradict each other; audit those of one edition"
                )
            };
            let low = system.smallest(*unknown).map_err(explain)?.value;
            let high = system.largest(*unknown).map_err(explain)?.value;
            if let Some(fault) = fault(key, cell, low, high) {
                found.insert(key, finding(key, cell, fault, low, high));
            }
        }
        Ok(found.into_values().collect())
    }

    /// Numbers of the cells that are not shown.
    fn unknowns(&self, is_wanted: impl Fn(&Cell) -> bool) -> BTreeMap<&Key, usize> {
        let hidden = self.cells.iter();
        let hidden = hidden.filter(|(_, cell)| cell.shown.is_empty() && is_wanted(cell));
        hidden
            .enumerate()
            .map(|(number, (key, _))| (key, number))
            .collect()
    }

    fn system(&self, unknowns: &BTreeMap<&Key, usize>) -> System {
        let mut system = System {
            unknowns: unknowns.len(),
            constraints: Vec::new(),
        };
        let mut tie = |terms: &[(&Key, f64)], at_most: bool| {
            let known = |key: &Key| self.cells.get(key).and_then(Cell::value);
            let is_corrected = |key: &Key| self.cells.get(key).is_some_and(Cell::is_corrected);
            if terms.iter().any(|(key, _)| is_corrected(key)) {
                return;
            }
            let mut open = Vec::new();
            let mut value = 0.0;
            for (key, factor) in terms {
                match (known(key), unknowns.get(key)) {
                    (Some(number), _) => value -= number * factor,
                    (None, Some(unknown)) => open.push((*unknown, *factor)),
                    // Of a cell that no file has, nothing follows.
                    (None, None) => return,
                }
            }
            if !open.is_empty() {
                system.constraints.push(Constraint {
                    terms: open,
                    at_most,
                    value,
                });
            }
        };
        for key in self.cells.keys() {
            for (terms, at_most) in self.ties(key) {
                let terms: Vec<(&Key, f64)> = terms.iter().map(|(key, f)| (key, *f)).collect();
                tie(&terms, at_most);
            }
        }
        for ratio in &self.ratios {
            let Ratio {
                of, over, rounding, ..
            } = ratio;
            match *rounding > 0.0 {
                true => {
                    tie(&[(of, 1.0), (over, -ratio.value - rounding)], true);
                    tie(&[(of, -1.0), (over, ratio.value - rounding)], true);
                }
                false => tie(&[(of, 1.0), (over, -ratio.value)], false),
            }
        }
        system
    }

    /// What a cell has to do with others: a role is one of four; of levels, sectors, territories
    /// and establishments a person may have several.
    fn ties(&self, key: &Key) -> Vec<Tie> {
        let mut found = Vec::new();
        if key.role == ALL {
            let parts = ROLES.map(|role| key.with(|key| key.role = role.into()));
            found.extend(self.by_role(key, parts));
        }
        found.extend(self.by_part(key));
        found.extend(self.by_time(key));
        if key.level == ALL {
            let parts = LEVELS.map(|level| key.with(|key| key.level = level.into()));
            found.extend(parted(key, &parts, false));
        }
        if key.territory.starts_with("region") {
            let parts = Departement::ALL
                .map(|d| key.with(|key| key.territory = format!("departement {}", d.code())));
            found.extend(parted(key, &parts, false));
        }
        for (parts, are_all) in self.finer(key) {
            // Dashboards name all cells that are about somebody.
            let parts: Vec<Key> = parts
                .into_iter()
                .filter(|part| self.cells.contains_key(part))
                .collect();
            if !parts.is_empty() {
                let ties = parted(key, &parts, false).into_iter();
                found.extend(ties.skip(usize::from(!are_all)));
            }
        }
        for (less, more) in WITHIN {
            if key.measure == less {
                let more = key.with(|key| key.measure = more);
                found.push((vec![(key.clone(), 1.0), (more, -1.0)], true));
            }
        }
        found
    }

    /// Dashboards name all cells that are about somebody.
    fn told_of(&self, parts: impl IntoIterator<Item = Key>) -> Vec<Key> {
        let parts = parts.into_iter();
        parts.filter(|part| self.cells.contains_key(part)).collect()
    }

    fn by_role(&self, key: &Key, parts: [Key; 4]) -> Vec<Tie> {
        match key.part.is_empty() {
            true => parted(key, &parts, true),
            false => match self.told_of(parts) {
                parts if parts.is_empty() => Vec::new(),
                parts => parted(key, &parts, true),
            },
        }
    }

    /// The weeks, hours, devices, services of a cell.
    fn by_part(&self, key: &Key) -> Vec<Tie> {
        let mut found = Vec::new();
        if !key.part.is_empty() {
            return found;
        }
        for Axis(name, adds_up) in [WEEKS, Axis("heure", true), DEVICES, SERVICES] {
            let first = key.with(|key| key.part = format!("{name} "));
            let after = self.cells.range(first..).map(|(key, _)| key);
            let is_part =
                |part: &&Key| part.part.starts_with(name) && part.with(|p| p.part.clear()) == *key;
            let parts: Vec<Key> = after.take_while(is_part).cloned().collect();
            if parts.is_empty() {
                continue;
            }
            let is_sum = adds_up && key.measure == "visites";
            let ties = parted(key, &parts, is_sum).into_iter();
            // Of what does not add up, each is within the whole, and that is all.
            found.extend(ties.skip(usize::from(!adds_up)));
        }
        found
    }

    /// The months of a semester, the semesters of a year.
    fn by_time(&self, key: &Key) -> Vec<Tie> {
        let periods = self.times.get(&key.period).into_iter().flatten();
        // Weeks are told of whole periods only: that of one half does not make that of the year.
        let axes = BOARD_PARTS.iter().map(|(.., axis)| axis.0);
        let axis = axes.into_iter().find(|axis| key.part.starts_with(axis));
        let is_told = |period: &&String| match axis {
            None => true,
            Some(axis) => {
                let wanted = (key.territory.clone(), (*period).clone(), axis);
                self.parted.contains(&wanted)
            }
        };
        if !periods.clone().all(|period| is_told(&period)) {
            return Vec::new();
        }
        let parts = periods;
        let parts = parts.map(|period| key.with(|key| key.period.clone_from(period)));
        let is_visitor = key.measure.starts_with("visit");
        match self.told_of(parts.filter(|_| is_visitor)) {
            parts if parts.is_empty() => Vec::new(),
            parts => parted(key, &parts, key.measure == "visites"),
        }
    }

    /// A level by groups, and a group by establishment; whether they are all of it.
    fn by_group(&self, key: &Key) -> Vec<(Vec<Key>, bool)> {
        if key.role != ALL || !key.part.is_empty() || !LEVELS.contains(&key.level.as_str()) {
            return Vec::new();
        }
        let members = self.members(key);
        let groups_of = |uai: &&String| self.groups.get(*uai).into_iter().flatten();
        if key.sector != ALL {
            let inside = members
                .iter()
                .filter(|uai| groups_of(uai).any(|g| *g == key.sector));
            let inside = inside.map(|uai| {
                key.with(|key| {
                    key.territory = format!("etablissement {uai}");
                    ALL.clone_into(&mut key.level);
                    ALL.clone_into(&mut key.sector);
                })
            });
            return vec![(inside.collect(), true)];
        }
        let ways = GROUPINGS.iter().map(|way| {
            let of_way = |group: &&String| group.split(' ').next() == Some(way);
            let has_group = |uai: &&String| groups_of(uai).any(|group| of_way(&group));
            let names = members.iter().flat_map(groups_of).filter(of_way);
            let names: BTreeSet<&String> = names.collect();
            let parts = names.into_iter();
            let parts = parts.map(|group| key.with(|key| key.sector.clone_from(group)));
            let parts: Vec<Key> = parts.collect();
            // Of small groups no file tells.
            let are_told = parts.iter().all(|part| self.cells.contains_key(part));
            (parts, are_told && members.iter().all(has_group))
        });
        ways.collect()
    }

    /// The establishments of a level of a territory, where a dashboard names them.
    fn members(&self, key: &Key) -> Vec<&String> {
        let departement = key.territory.strip_prefix("departement ");
        let perimeter = self.perimeters.get(&key.territory);
        let all = || {
            let region = self.perimeters.iter();
            let region =
                region.filter(|(name, _)| departement.is_some() && name.starts_with("region"));
            region.map(|(_, uais)| uais).next()
        };
        let uais = perimeter.or_else(all).into_iter().flatten();
        let is_inside = |uai: &&String| {
            self.places.get(*uai).is_some_and(|[of, kind, _]| {
                departement.is_none_or(|departement| departement == of)
                    && self.types.get(kind) == Some(&key.level)
            })
        };
        uais.filter(is_inside).collect()
    }

    /// The parts of a cell by type, by sector and by establishment; whether they are all of it.
    fn finer(&self, key: &Key) -> Vec<(Vec<Key>, bool)> {
        let mut found = self.by_group(key);
        let types = self.types.iter().filter(|(_, level)| **level == key.level);
        let types = types.map(|(kind, _)| key.with(|key| key.level.clone_from(kind)));
        // Who has no type, or no sector, is in no part.
        found.push((types.collect(), !self.types.contains_key("")));
        if key.sector == ALL {
            let sectors: BTreeSet<&String> = self.places.values().map(|kind| &kind[2]).collect();
            let sectors = sectors.into_iter();
            let sectors = sectors.map(|sector| key.with(|key| key.sector.clone_from(sector)));
            let is_told = self.places.values().all(|kind| !kind[2].is_empty());
            found.push((sectors.collect(), is_told));
        }
        if let Some(departement) = key.territory.strip_prefix("departement ") {
            let wanted = [departement, &key.level, &key.sector];
            let inside = self.places.iter().filter(|(_, kind)| kind[..] == wanted);
            let inside = inside.map(|(uai, _)| {
                key.with(|key| {
                    key.territory = format!("etablissement {uai}");
                    ALL.clone_into(&mut key.level);
                    ALL.clone_into(&mut key.sector);
                })
            });
            found.push((inside.collect(), true));
        }
        found
    }
}

/// As dashboards name a group; none where no table of equity says so.
fn group_code(label: &str) -> Option<String> {
    let known = GROUPS.iter().find(|(known, _)| *known == label);
    match known {
        Some((_, code)) => Some((*code).to_owned()),
        None => label.starts_with('Q').then(|| format!("ips {label}")),
    }
}

/// Which columns name a part, in a table of parts.
fn part_of(board: &str) -> Option<(&'static [&'static str], Axis)> {
    let found = BOARD_PARTS.iter().find(|(name, ..)| *name == board);
    found.map(|(_, by, axis)| (*by, *axis))
}

/// `2024-2025-S1` of `2025-2026-S1`: each year in the name is one less.
fn year_before(period: &str) -> String {
    let words = period.split('-').map(|word| match word.parse::<i32>() {
        Ok(year) if word.len() == 4 => (year - 1).to_string(),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join("-")
}

/// What tables say for a code of a dashboard.
fn word(code: &str) -> String {
    let found = WORDS.iter().find(|(known, _)| *known == code);
    found.map_or(code, |(_, word)| word).to_owned()
}

/// `departement 59` for `Nord`.
fn territory(name: &str) -> String {
    let found = Departement::ALL.iter().find(|known| known.name() == name);
    found.map_or_else(
        || name.to_owned(),
        |known| format!("departement {}", known.code()),
    )
}

type Tie = (Vec<(Key, f64)>, bool);

/// A whole is the sum of its parts, or at most their sum; no part is more than it.
fn parted(whole: &Key, parts: &[Key], exact: bool) -> Vec<Tie> {
    let mut terms = vec![(whole.clone(), 1.0)];
    terms.extend(parts.iter().map(|part| (part.clone(), -1.0)));
    let mut ties = vec![(terms, !exact)];
    for part in parts {
        ties.push((vec![(part.clone(), 1.0), (whole.clone(), -1.0)], true));
    }
    ties
}

/// A count of people needs as many possible values as the threshold, and one at least that is
/// not small; a volume needs more than one.
fn fault(key: &Key, cell: &Cell, low: f64, high: f64) -> Option<Fault> {
    let width = high - low;
    let is_of_people = key.measure != "visites";
    match () {
        () if width < 1.0 - CLOSE => Some(Fault::Exact),
        () if is_of_people && low > CLOSE && high < cell.threshold => Some(Fault::Small),
        () if is_of_people && width < cell.threshold - CLOSE => Some(Fault::Narrow),
        () => None,
    }
}

fn finding(key: &Key, cell: &Cell, fault: Fault, low: f64, high: f64) -> Finding {
    Finding {
        cell: key.name(),
        fault,
        low,
        high: high.is_finite().then_some(high),
        files: cell.files.iter().cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [&str; 5] = ["Degré", "Profil", "Chargés", "Activés", "Taux d’activation"];

    /// Accounts and activated accounts of the roles and all, of one level; `s` is a mark.
    fn told(rows: &[(&str, &str, &str, &str)]) -> Told {
        let row = |(role, loaded, activated, rate): &(&str, &str, &str, &str)| {
            let shown = |text: &&str| {
                if *text == "s" {
                    String::new()
                } else {
                    (*text).to_owned()
                }
            };
            let has_mark = [loaded, activated, rate].iter().any(|text| **text == "s");
            let mut cells: Vec<String> = vec!["Premier degré".into(), (*role).into()];
            cells.extend([loaded, activated, rate].map(shown));
            cells.push(if has_mark { "s".into() } else { String::new() });
            cells
        };
        let table = Table {
            file: "donnees/01.csv".into(),
            header: HEADER.map(str::to_owned).to_vec(),
            rows: rows.iter().map(row).collect(),
        };
        let mut told = Told::default();
        told.take(&Deliverable {
            territory: "departement 59".into(),
            period: "2025-2026-S1".into(),
            lake: String::new(),
            rank: 0,
            threshold: 5.0,
            tables: vec![table],
            sheets: Vec::new(),
            dashboards: Vec::new(),
        });
        told
    }

    fn faults(told: &Told) -> Vec<Fault> {
        let mut found = told.contradictions();
        found.extend(told.under_threshold());
        found.extend(told.disclosed().unwrap());
        found.iter().map(|finding| finding.fault).collect()
    }

    #[test]
    fn one_hole_in_a_line_is_computed() {
        let told = told(&[
            ("Élèves", "500", "450", ""),
            ("Parents", "600", "430", ""),
            ("Enseignants", "80", "s", ""),
            ("Personnels", "30", "20", ""),
            ("Ensemble", "1210", "976", ""),
        ]);
        assert_eq!(faults(&told), [Fault::Exact]);
        assert_eq!(told.disclosed().unwrap()[0].low, 76.0);
    }

    #[test]
    fn two_holes_of_which_one_is_small_are_too_narrow() {
        let of = |teachers: &str, staff: &str| {
            told(&[
                ("Élèves", "500", "450", ""),
                ("Parents", "600", "430", ""),
                ("Enseignants", teachers, "s", ""),
                ("Personnels", staff, "s", ""),
                ("Ensemble", "1210", "976", ""),
            ])
        };
        // 96 activated in 80 and 30: teachers from 66, staff from 16.
        assert_eq!(faults(&of("80", "30")), []);
        // 96 in 80 and 17: each is known within one.
        assert_eq!(faults(&of("80", "17")), [Fault::Narrow, Fault::Narrow]);
    }

    #[test]
    fn a_small_cell_and_a_small_rest_are_not_shown() {
        let told = told(&[
            ("Enseignants", "80", "3", ""),
            ("Personnels", "30", "28", ""),
            ("Parents", "60", "0", ""),
        ]);
        assert_eq!(
            faults(&told),
            [Fault::UnderThreshold, Fault::UnderThreshold]
        );
    }

    #[test]
    fn a_rate_beside_a_hidden_count_tells_it() {
        let told = told(&[
            ("Enseignants", "80", "s", "0,95"),
            ("Personnels", "30", "20", ""),
        ]);
        assert_eq!(faults(&told), [Fault::Exact]);
    }

    #[test]
    fn files_that_do_not_agree_are_found() {
        let mut told = told(&[("Enseignants", "80", "s", "")]);
        let other = super::super::published::Table {
            file: "donnees/02.csv".into(),
            header: HEADER.map(str::to_owned).to_vec(),
            rows: vec![
                ["Premier degré", "Enseignants", "81", "60", "", ""]
                    .map(str::to_owned)
                    .to_vec(),
            ],
        };
        told.take(&Deliverable {
            territory: "departement 59".into(),
            period: "2025-2026-S1".into(),
            lake: String::new(),
            rank: 0,
            threshold: 5.0,
            tables: vec![other],
            sheets: Vec::new(),
            dashboards: Vec::new(),
        });
        assert_eq!(faults(&told), [Fault::ShownElsewhere, Fault::TwoValues]);
    }

    /// Visits of the region by period and part; none where they are secret.
    fn visits(cells: &[(&str, &str, Option<f64>)]) -> Told {
        let cell = |(period, part, value): &(&str, &str, Option<f64>)| {
            let key = Key {
                territory: "region 32".into(),
                period: (*period).into(),
                measure: "visites",
                level: ALL.into(),
                sector: ALL.into(),
                role: "Parents".into(),
                part: (*part).into(),
            };
            let telling = Telling {
                value: value.unwrap_or_default(),
                ..Telling::default()
            };
            let mut cell = Cell {
                threshold: 5.0,
                ..Cell::default()
            };
            match value {
                Some(_) => cell.shown.push(telling),
                None => cell.hidden.push(telling),
            }
            (key, cell)
        };
        Told {
            cells: cells.iter().map(cell).collect(),
            ..Told::default()
        }
    }

    fn disclosed(told: &Told) -> Vec<(f64, f64)> {
        let found = told.disclosed().unwrap();
        let bounds = found
            .iter()
            .map(|f| (f.low, f.high.unwrap_or(f64::INFINITY)));
        bounds.collect()
    }

    #[test]
    fn a_hidden_week_or_device_is_what_the_others_leave() {
        let period = "2025-2026-S1";
        let of = |a: &str, b: &str, hidden: Option<f64>| {
            visits(&[
                (period, "", Some(100.0)),
                (period, a, Some(60.0)),
                (period, b, hidden),
            ])
        };
        let told = of("semaine 2025-09-01", "semaine 2025-09-08", None);
        assert_eq!(disclosed(&told), [(40.0, 40.0)]);
        let told = of("appareil app", "appareil computer", None);
        assert_eq!(disclosed(&told), [(40.0, 40.0)]);
        // A visit passes by several services.
        assert_eq!(disclosed(&of("service notes", "service accueil", None)), []);
    }

    #[test]
    fn a_hidden_month_is_what_the_others_leave_of_the_semester() {
        let mut told = visits(&[
            ("2025-2026-S1", "heure 1 8", Some(100.0)),
            ("2025-09", "heure 1 8", Some(70.0)),
            ("2025-10", "heure 1 8", None),
        ]);
        assert_eq!(disclosed(&told), [], "a month of another file, perhaps");
        let months = ["2025-09", "2025-10"].map(str::to_owned).to_vec();
        told.times.insert("2025-2026-S1".into(), months);
        let tells_hours = |month: &str| ("region 32".into(), month.into(), "heure");
        told.parted.insert(tells_hours("2025-09"));
        assert_eq!(disclosed(&told), [], "October tells no hours");
        told.parted.insert(tells_hours("2025-10"));
        assert_eq!(disclosed(&told), [(30.0, 30.0)]);
        assert_eq!(year_before("2025-2026-S1"), "2024-2025-S1");
        assert_eq!(year_before("2025-09"), "2024-09");
    }

    #[test]
    fn a_person_may_have_two_levels() {
        let of = |level: &str, loaded: f64| {
            let key = Key {
                territory: "region 32".into(),
                period: "2025-2026".into(),
                measure: "comptes",
                level: level.into(),
                sector: ALL.into(),
                role: "Personnels".into(),
                part: String::new(),
            };
            let cell = Cell {
                threshold: 5.0,
                is_of_tables: true,
                ..Cell::default()
            };
            let telling = Telling {
                value: loaded,
                ..Telling::default()
            };
            let cell = match loaded < 0.0 {
                true => Cell {
                    hidden: vec![telling],
                    ..cell
                },
                false => Cell {
                    shown: vec![telling],
                    ..cell
                },
            };
            (key, cell)
        };
        let cells = [of(ALL, 60.0), of(LEVELS[0], 40.0), of(LEVELS[1], -1.0)];
        let told = Told {
            cells: cells.into_iter().collect(),
            ..Told::default()
        };
        let system = told.system(&told.unknowns(|_| true));
        assert_eq!(system.smallest(0).unwrap().value, 20.0);
        assert_eq!(system.largest(0).unwrap().value, 60.0);
    }
}
