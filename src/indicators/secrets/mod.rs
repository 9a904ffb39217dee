//! Tables as the register of cells lets them be shown: each cell about people is decided once,
//! for every table that has it.

mod parts;
mod reader;
mod year;

use super::Terms;
use super::shelf::Shelf;
use crate::domain::{Period, Role};
use crate::lake::Lake;
use crate::privacy::disclosure::{Known, ProtectedTable, protect_with};
use crate::privacy::memory::{Memory, Remembered};
use crate::privacy::register::{
    self, ALL, Among, Atom, Decisions, Key, Place, Settled, Tallies, Territory, Told, Volume, Who,
};
use crate::query::{
    Argument, Cell, CellColumn, Contract, Measure, RawTable, Session, register_query,
};
use chrono::NaiveDate;
use parts::{Axis, Parted, Span};
use reader::Reader;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

type Once<T> = Arc<OnceLock<Result<Arc<T>, String>>>;
/// By what it is about.
type Kept<T> = Mutex<BTreeMap<(String, String), Once<T>>>;

/// The decisions of a session, each made when it is first needed.
pub struct Secrets<'a> {
    session: &'a Session,
    terms: Terms,
    memory: Memory,
    /// Tables of earlier runs.
    shelf: Option<Shelf>,
    territory: OnceLock<Result<Territory, String>>,
    /// Accounts, by measure and day.
    accounts: Kept<Decisions>,
    /// Visitors, by axis and span.
    parted: Kept<Parted>,
    /// Who came, by span.
    came: Kept<Tallies>,
}

type Arguments<'a> = &'a [(&'static str, Argument)];

impl<'a> Secrets<'a> {
    /// Nothing is decided yet.
    pub fn new(session: &'a Session, terms: &Terms) -> Self {
        Self {
            session,
            terms: terms.clone(),
            memory: Memory::default(),
            shelf: None,
            territory: OnceLock::new(),
            accounts: Kept::default(),
            parted: Kept::default(),
            came: Kept::default(),
        }
    }

    /// What earlier editions told stays as it was told.
    pub fn remembering(mut self, memory: Memory) -> Self {
        self.memory = memory;
        self
    }

    /// Tables are taken from earlier runs of the same program (a digest of it) over the same rows
    /// and by the same rules and editions, and kept for later ones. To be called last.
    pub fn keeping(mut self, lake: &Lake, program: &str) -> Self {
        self.shelf = Shelf::of(
            lake.root(),
            program,
            self.session,
            &self.terms,
            &self.memory,
        );
        self
    }

    /// The calendar and the rules.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Of how few people a cell of the register is secret: the same for all, as they tell each
    /// other.
    fn threshold(&self) -> i64 {
        self.terms.policy.threshold.plain
    }

    /// Where the figures come from.
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// Runs a query and protects what it gives, or takes that from the shelf.
    pub fn table(
        &self,
        contract: &Contract,
        arguments: Arguments<'_>,
    ) -> Result<ProtectedTable, String> {
        let shelf = self.shelf.as_ref();
        if let Some(table) = shelf.and_then(|shelf| shelf.get(contract, arguments)) {
            return Ok(table);
        }
        let table = self.made(contract, arguments)?;
        if let Some(shelf) = shelf {
            shelf.put(contract, arguments, &table);
        }
        Ok(table)
    }

    fn made(
        &self,
        contract: &Contract,
        arguments: Arguments<'_>,
    ) -> Result<ProtectedTable, String> {
        let mut raw = self.session.run_once(contract, arguments)?;
        self.blank_small_groups(&mut raw, arguments)?;
        let known = self.known(&raw, arguments)?;
        Ok(protect_with(raw, &self.terms.policy, &known))
    }

    /// Counts of a table that are not those of the register: there should be none.
    pub fn disagreements(
        &self,
        contract: &Contract,
        arguments: Arguments<'_>,
    ) -> Result<Vec<String>, String> {
        let raw = self.session.run_once(contract, arguments)?;
        let mut found = Vec::new();
        self.each(&raw, arguments, &raw.ties.cells, |spot, decisions| {
            let counted = decisions.counts.get(spot.set);
            let counted = counted.and_then(|roles| roles.get(&spot.role));
            let counted = counted.copied().unwrap_or(0);
            match &raw.rows[spot.row][spot.column] {
                Cell::Integer(told) if *told != counted => found.push(format!(
                    "row {} {:?} {}: {told}, not {counted}",
                    spot.row, spot.role, raw.columns[spot.column].name
                )),
                _ => {}
            }
        })?;
        Ok(found)
    }

    fn territory(&self) -> Result<&Territory, String> {
        let made = self
            .territory
            .get_or_init(|| Ok(Territory::new(&places(self.session)?)));
        made.as_ref().map_err(Clone::clone)
    }

    /// What the register says of the cells of a table.
    fn known(&self, raw: &RawTable, arguments: Arguments<'_>) -> Result<Known, String> {
        let mut known = vec![vec![None; raw.columns.len()]; raw.rows.len()];
        self.each(raw, arguments, &raw.ties.cells, |spot, decisions| {
            let is_counted = matches!(raw.rows[spot.row][spot.column], Cell::Integer(_));
            known[spot.row][spot.column] =
                is_counted.then(|| decisions.is_hidden(spot.set, spot.role));
        })?;
        self.each(raw, arguments, &raw.ties.within, |spot, decisions| {
            // The whole is shown: the table decides on its details.
            if decisions.is_hidden(spot.set, spot.role) {
                known[spot.row][spot.column] = Some(true);
            }
        })?;
        Ok(known)
    }

    /// Groups that the register does not know are those of too few establishments, which are not
    /// published: no data, not a secret.
    fn blank_small_groups(
        &self,
        raw: &mut RawTable,
        arguments: Arguments<'_>,
    ) -> Result<(), String> {
        let reader = Reader::new(raw, arguments);
        if !reader.has_groups() || raw.ties.cells.is_empty() {
            return Ok(());
        }
        let territory = self.territory()?;
        let is_told = |row: &Vec<Cell>| reader.cut(row).and_then(|cut| territory.set(&cut));
        let are_told: Vec<bool> = raw.rows.iter().map(|row| is_told(row).is_some()).collect();
        let rows = raw.rows.iter_mut().zip(are_told);
        for (row, _) in rows.filter(|(_, is_told)| !is_told) {
            for (cell, column) in row.iter_mut().zip(&raw.columns) {
                if !matches!(column.measure, Measure::Dimension | Measure::Open) {
                    *cell = Cell::Null;
                }
            }
        }
        Ok(())
    }

    /// Goes through the cells of a table that the register knows, or details of which it
    /// knows the whole.
    fn each(
        &self,
        raw: &RawTable,
        arguments: Arguments<'_>,
        cells: &[CellColumn],
        mut visit: impl FnMut(Spot, &Decisions),
    ) -> Result<(), String> {
        if cells.is_empty() || raw.rows.is_empty() {
            return Ok(());
        }
        let territory = self.territory()?;
        let reader = Reader::new(raw, arguments);
        let sets = raw.rows.iter().map(|row| territory.set(&reader.cut(row)?));
        let sets: Vec<Option<usize>> = sets.collect();
        for cell in cells {
            let decided = match cell.time.as_str() {
                ROW => self.decided_by_row(raw, &reader)?,
                _ => self.decided(cell, arguments)?,
            };
            let column = reader.columns[cell.column.as_str()];
            for (number, (row, set)) in raw.rows.iter().zip(&sets).enumerate() {
                let (Some(set), Some(role)) = (*set, reader.role(row)) else {
                    continue;
                };
                let decisions = match &decided {
                    Decided::Whole(decisions) => Some(decisions),
                    Decided::Parts(parts) => parts.get(&reader.part(row, &cell.by)),
                    Decided::Spans(spans) => {
                        let span = reader.span(row).map(parts::span_name);
                        span.and_then(|span| spans.get(&span))
                    }
                };
                // A part of which the register knows nothing is the table's own to decide on.
                let Some(decisions) = decisions else { continue };
                let spot = Spot {
                    row: number,
                    column,
                    set,
                    role,
                };
                visit(spot, decisions);
            }
        }
        Ok(())
    }

    /// Visitors of the span of each row.
    fn decided_by_row(&self, raw: &RawTable, reader: &Reader<'_>) -> Result<Decided, String> {
        let spans: BTreeSet<Span> = raw.rows.iter().filter_map(|row| reader.span(row)).collect();
        // Of an old year of which little is left, or corrected since editions told it, nothing may
        // be decided any more: it is not told, and keeps no report from being made.
        let decided = spans.into_iter().map(|span| {
            let decided = self.visitors(span);
            let hidden = |_| Arc::new(Decisions::all_hidden());
            (parts::span_name(span), decided.unwrap_or_else(hidden))
        });
        Ok(Decided::Spans(decided.collect()))
    }

    fn decided(&self, cell: &CellColumn, arguments: Arguments<'_>) -> Result<Decided, String> {
        let day = |name: &str| match arguments.iter().find(|(known, _)| *known == name) {
            Some((_, Argument::Date(day))) => Ok(*day),
            _ => Err(format!("no parameter `{name}` for the register of cells")),
        };
        let span = match cell.time.as_str() {
            "reference" => {
                let accounts = self.accounts(&cell.measure, day("reference_date")?);
                return accounts.map(Decided::Whole);
            }
            "previous" => (day("previous_start")?, day("previous_end")?),
            _ => (day("period_start")?, day("period_end")?),
        };
        match Axis::named(&cell.by) {
            None => self.visitors(span).map(Decided::Whole),
            Some(axis) => self.parts_of(axis, span).map(Decided::Parts),
        }
    }

    /// Accounts of a day, or those of them that are activated.
    fn accounts(&self, measure: &str, day: NaiveDate) -> Result<Arc<Decisions>, String> {
        once(&self.accounts, measure, day.to_string(), || {
            let arguments = [("reference_date", Argument::Date(day))];
            let rows = self.rows("accounts", &arguments)?;
            let only_activated = measure == "activated";
            let rows = rows
                .iter()
                .filter(|row| !only_activated || row[1] == Cell::Integer(1));
            let atoms: Vec<Atom> = rows.map(|row| atom(&row[0], &row[2], &row[3])).collect();
            let tallies = self.territory()?.tallies(&atoms, Told::EVERYTHING);
            let settled = self.remembered_of(measure, &day.to_string(), &tallies)?;
            let cells = format!("{measure} of {day}");
            match only_activated {
                true => {
                    let accounts = self.accounts("accounts", day)?;
                    self.decide(&cells, &tallies, Some(among(&accounts)), &settled)
                }
                false => self.decide(&cells, &tallies, None, &settled),
            }
        })
    }

    /// Who came in a span.
    fn visitors(&self, span: Span) -> Result<Arc<Decisions>, String> {
        let times = self.times(parts::canonical(span)?)?;
        let found = times.get(&parts::span_name(span));
        found
            .cloned()
            .ok_or_else(|| format!("the register lacks {}", parts::span_name(span)))
    }

    fn rows(&self, name: &str, arguments: Arguments<'_>) -> Result<Vec<Vec<Cell>>, String> {
        Ok(self
            .session
            .run_once(&register_query(name)?, arguments)?
            .rows)
    }

    /// Where cells cannot be protected, all of them are hidden; where editions showed some
    /// already, there is nothing to be done.
    fn decide(
        &self,
        cells: &str,
        tallies: &Tallies,
        among: Option<Among<'_>>,
        settled: &Settled,
    ) -> Result<Decisions, String> {
        let territory = self.territory()?;
        let counts = register::people(tallies);
        match register::decide(territory, counts.clone(), among, settled, self.threshold()) {
            Ok(decisions) => Ok(decisions),
            Err(_) if settled.shown.is_empty() => Ok(Decisions::nothing_shown(counts)),
            Err(conflict) => Err(self.conflict(cells, &conflict)),
        }
    }

    /// Editions told what must be secret.
    fn conflict(&self, cells: &str, keys: &[Key]) -> String {
        let name = |set: usize| match self.territory() {
            Ok(territory) => territory.name(set),
            Err(error) => error,
        };
        let names = keys.iter().take(10);
        let names = names.map(|(set, role)| format!("{} {}", name(*set), code(*role)));
        format!(
            "{cells}: cells that earlier editions showed tell others that must be secret: {}\nhint: bring the data back to what they were when it was published, or leave this period out",
            names.collect::<Vec<_>>().join(", ")
        )
    }

    /// What editions told of the cells of a measure at a time.
    fn remembered_of(
        &self,
        measure: &str,
        time: &str,
        tallies: &Tallies,
    ) -> Result<Settled, String> {
        let mut settled = Settled::default();
        if !self.memory.knows(measure, time) {
            return Ok(settled);
        }
        let territory = self.territory()?;
        let named = territory.cuts().map(|(cut, set)| (cut.name(), set));
        for (name, set) in named.chain(territory.nameless()) {
            for role in tallies[set].keys() {
                match self.memory.was_hidden(measure, time, &name, code(*role)) {
                    Some(true) => settled.hidden.insert((set, *role)),
                    Some(false) => settled.shown.insert((set, *role)),
                    None => false,
                };
            }
        }
        Ok(settled)
    }

    /// Every cell of a period, of the parts of it that dashboards tell, of their weeks and of the
    /// same times a year before, shown or hidden, for what is remembered of an edition. Of sets that no table
    /// names, only what is hidden: nobody was shown the others.
    ///
    /// # Errors
    /// As [`Secrets::table`].
    pub fn remembered(&self, period: &Period) -> Result<Vec<Remembered>, String> {
        let mut decided = BTreeMap::new();
        for at in super::cube::periods(self.session, period)? {
            for measure in ["accounts", "activated"] {
                let accounts = self.accounts(measure, at.reference)?;
                decided.insert((measure, at.reference.to_string()), accounts);
            }
            for told in [&at.period, &at.before] {
                let span = (told.first(), told.last());
                decided.insert(("visitors", parts::span_name(span)), self.visitors(span)?);
            }
            let weeks = self.decided_weeks((at.period.first(), at.period.last()))?;
            decided.extend(weeks.map(|(week, decisions)| (("visitors", week), decisions)));
        }
        let territory = self.territory()?;
        let mut cells = Vec::new();
        let named = territory.cuts().map(|(cut, set)| (cut.name(), set, true));
        let nameless = territory.nameless().into_iter();
        let nameless = nameless.map(|(name, set)| (name, set, false));
        let sets: Vec<_> = named.chain(nameless).collect();
        for ((measure, time), decisions) in decided {
            for (name, set, is_named) in &sets {
                let roles = decisions.counts[*set].keys();
                let of_set = roles.map(|role| Remembered {
                    measure: measure.into(),
                    time: time.clone(),
                    cut: name.clone(),
                    role: code(*role).into(),
                    is_hidden: decisions.is_hidden(*set, *role),
                });
                cells.extend(of_set.filter(|cell| *is_named || cell.is_hidden));
            }
        }
        Ok(cells)
    }
}

/// What was decided on the cells of a column.
enum Decided {
    Whole(Arc<Decisions>),
    Parts(Arc<Parted>),
    /// By the span of the row.
    Spans(Parted),
}

/// The time of a column of which each row tells its own.
const ROW: &str = "row";

/// Made when it is first needed, by one thread.
fn once<T>(
    kept: &Kept<T>,
    about: &str,
    time: String,
    make: impl FnOnce() -> Result<T, String>,
) -> Result<Arc<T>, String> {
    let one = {
        let mut all = kept.lock().expect("no thread panics with it");
        all.entry((about.to_owned(), time)).or_default().clone()
    };
    one.get_or_init(|| make().map(Arc::new)).clone()
}

/// All accounts: the rest of them is a group of people too.
fn among(accounts: &Decisions) -> Among<'_> {
    Among {
        decisions: accounts,
        rest: true,
    }
}

/// A cell of a table, and the establishments and the role that it is about.
struct Spot {
    row: usize,
    column: usize,
    set: usize,
    role: Who,
}

fn atom(role: &Cell, places: &Cell, people: &Cell) -> Atom {
    Atom {
        // A role without a code of ours is of those that no table knows.
        role: register::who(text(role)).unwrap_or(Some(Role::Unknown)),
        places: text(places).split(' ').map(str::to_owned).collect(),
        people: integer(people),
        volume: Volume::default(),
    }
}

/// As tables and editions name it.
fn code(role: Who) -> &'static str {
    role.map_or(ALL, Role::code)
}

fn integer(cell: &Cell) -> i64 {
    match cell {
        Cell::Integer(number) => *number,
        _ => 0,
    }
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        _ => "",
    }
}

/// Kinds of nodes whose cells hang together; communes are told by queries only. Perimeters are
/// those of all partners: an edition of later tells some of this time, and there is one
/// decision.
const KINDS: &str = "'region', 'academie', 'departement', 'partner'";

fn places(session: &Session) -> Result<Vec<Place>, String> {
    let sql = "select distinct uai, academie, departement, level, type, sector from establishments order by uai";
    let mut places = BTreeMap::new();
    for row in session.sql(sql)?.1 {
        let word = |place: usize| text(&row[place]).to_owned();
        places.insert(
            word(0),
            Place {
                uai: word(0),
                academie: word(1),
                departement: word(2),
                level: word(3),
                kind: word(4),
                sector: word(5),
                nodes: Vec::new(),
                groups: Vec::new(),
            },
        );
    }
    let sql = format!(
        "select uai, node_kind, node from nodes_ever where node_kind in ({KINDS}) order by uai, node_kind, node"
    );
    for row in session.sql(&sql)?.1 {
        if let Some(place) = places.get_mut(text(&row[0])) {
            let node = (text(&row[1]).to_owned(), text(&row[2]).to_owned());
            place.nodes.push(node);
        }
    }
    // A sector is a cut of its own.
    let sql = "select uai, grouping, group_name from establishment_groups where grouping <> 'sector' order by uai, grouping, group_name";
    for row in session.sql(sql)?.1 {
        if let Some(place) = places.get_mut(text(&row[0])) {
            let group = (text(&row[1]).to_owned(), text(&row[2]).to_owned());
            place.groups.push(group);
        }
    }
    Ok(places.into_values().collect())
}
