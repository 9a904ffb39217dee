//! Tables as the register of cells lets them be shown: each cell about people is decided once,
//! for every table that has it.

use super::Terms;
use super::figures::reference;
use crate::domain::Period;
use crate::privacy::disclosure::{Known, ProtectedTable, protect_with};
use crate::privacy::memory::{Memory, Remembered};
use crate::privacy::register::{
    self, ALL, Atom, Counts, Cut, Decisions, ESTABLISHMENT, Place, Settled, Territory, Volume,
};
use crate::query::{Argument, Cell, CellColumn, Contract, RawTable, Session, register_query};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

type Decided = Arc<OnceLock<Result<Arc<Decisions>, String>>>;

/// The decisions of a session, each made when it is first needed.
pub struct Secrets<'a> {
    session: &'a Session,
    terms: Terms,
    memory: Memory,
    territory: OnceLock<Result<Territory, String>>,
    /// By measure and time.
    decided: Mutex<BTreeMap<(String, String), Decided>>,
}

type Arguments<'a> = &'a [(&'static str, Argument)];

impl<'a> Secrets<'a> {
    /// Nothing is decided yet.
    pub fn new(session: &'a Session, terms: &Terms) -> Self {
        Self {
            session,
            terms: terms.clone(),
            memory: Memory::default(),
            territory: OnceLock::new(),
            decided: Mutex::default(),
        }
    }

    /// What earlier editions told stays as it was told.
    pub fn remembering(mut self, memory: Memory) -> Self {
        self.memory = memory;
        self
    }

    /// The calendar and the rules.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Where the figures come from.
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// Runs a query and protects what it gives.
    pub fn table(
        &self,
        contract: &Contract,
        arguments: Arguments<'_>,
    ) -> Result<ProtectedTable, String> {
        let raw = self.session.run_once(contract, arguments)?;
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
            let counted = decisions.counts[spot.set].get(spot.role);
            let counted = counted.copied().unwrap_or(0);
            match &raw.rows[spot.row][spot.column] {
                Cell::Integer(told) if *told != counted => found.push(format!(
                    "row {} {} {}: {told}, not {counted}",
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

    /// Goes through the cells of a table that the register knows, or details of which it
    /// knows the whole.
    fn each(
        &self,
        raw: &RawTable,
        arguments: Arguments<'_>,
        cells: &[CellColumn],
        mut visit: impl FnMut(Spot<'_>, &Decisions),
    ) -> Result<(), String> {
        if cells.is_empty() || raw.rows.is_empty() {
            return Ok(());
        }
        let territory = self.territory()?;
        let reader = Reader::new(raw, arguments);
        let sets = raw.rows.iter().map(|row| territory.set(&reader.cut(row)?));
        let sets: Vec<Option<usize>> = sets.collect();
        for cell in cells {
            let decisions = self.decisions(cell, arguments)?;
            let column = reader.columns[cell.column.as_str()];
            for (row, set) in sets.iter().enumerate() {
                let Some(set) = *set else { continue };
                let role = reader.role(&raw.rows[row]);
                visit(
                    Spot {
                        row,
                        column,
                        set,
                        role,
                    },
                    &decisions,
                );
            }
        }
        Ok(())
    }

    fn decisions(
        &self,
        cell: &CellColumn,
        arguments: Arguments<'_>,
    ) -> Result<Arc<Decisions>, String> {
        let day = |name: &str| match arguments.iter().find(|(known, _)| *known == name) {
            Some((_, Argument::Date(day))) => Ok(*day),
            _ => Err(format!("no parameter `{name}` for the register of cells")),
        };
        match cell.time.as_str() {
            "reference" => self.accounts(&cell.measure, day("reference_date")?),
            "previous" => self.visitors(day("previous_start")?, day("previous_end")?),
            _ => self.visitors(day("period_start")?, day("period_end")?),
        }
    }

    fn once(
        &self,
        measure: &str,
        time: String,
        decide: impl FnOnce() -> Result<Decisions, String>,
    ) -> Result<Arc<Decisions>, String> {
        let key = (measure.to_owned(), time);
        let decided = {
            let mut all = self.decided.lock().expect("no thread panics with it");
            all.entry(key).or_default().clone()
        };
        decided.get_or_init(|| decide().map(Arc::new)).clone()
    }

    /// Accounts of a day, or those of them that are activated.
    fn accounts(&self, measure: &str, day: NaiveDate) -> Result<Arc<Decisions>, String> {
        self.once(measure, day.to_string(), || {
            let arguments = [("reference_date", Argument::Date(day))];
            let rows = self.rows("accounts", &arguments)?;
            let only_activated = measure == "activated";
            let rows = rows
                .iter()
                .filter(|row| !only_activated || row[1] == Cell::Integer(1));
            let atoms: Vec<Atom> = rows.map(|row| atom(&row[0], &row[2], &row[3])).collect();
            let cells = (measure, day.to_string());
            match only_activated {
                true => {
                    let accounts = self.accounts("accounts", day)?;
                    self.decide(&cells, &atoms, Some(&*accounts), &[])
                }
                false => self.decide(&cells, &atoms, None, &[]),
            }
        })
    }

    fn visitors(&self, first: NaiveDate, last: NaiveDate) -> Result<Arc<Decisions>, String> {
        self.once("visitors", format!("{first}..{last}"), || {
            let arguments = [
                ("period_start", Argument::Date(first)),
                ("period_end", Argument::Date(last)),
            ];
            let rows = self.rows("visitors", &arguments)?;
            let came = |row: &Vec<Cell>| Atom {
                volume: Volume {
                    all: integer(&row[3]),
                    most: integer(&row[4]),
                },
                ..atom(&row[0], &row[1], &row[2])
            };
            let atoms: Vec<Atom> = rows.iter().map(came).collect();
            let period = Period::parse(&format!("{first}..{last}")).map_err(|e| e.to_string())?;
            let accounts =
                self.accounts("accounts", reference(self.session, &period).unwrap_or(last))?;
            let cells = ("visitors", format!("{first}..{last}"));
            let halves = match halves(first, last)? {
                Some(halves) => halves
                    .iter()
                    .map(|half| self.visitors(half.first(), half.last()))
                    .collect::<Result<Vec<_>, String>>()?,
                None => Vec::new(),
            };
            self.decide(&cells, &atoms, Some(&*accounts), &halves)
        })
    }

    fn rows(&self, name: &str, arguments: Arguments<'_>) -> Result<Vec<Vec<Cell>>, String> {
        Ok(self
            .session
            .run_once(&register_query(name)?, arguments)?
            .rows)
    }

    /// Where cells cannot be protected, all of the measure is hidden; where editions showed
    /// some of it already, there is nothing to be done.
    fn decide(
        &self,
        (measure, time): &(&str, String),
        atoms: &[Atom],
        accounts: Option<&Decisions>,
        halves: &[Arc<Decisions>],
    ) -> Result<Decisions, String> {
        let territory = self.territory()?;
        let counts = territory.counts(atoms);
        let mut settled = self.settled(measure, time, &counts, halves)?;
        settled.dominated = territory.dominated(atoms);
        let threshold = self.terms.policy.threshold;
        match register::decide(territory, counts.clone(), accounts, &settled, threshold) {
            Ok(decisions) => Ok(decisions),
            Err(_) if settled.shown.is_empty() => Ok(Decisions::nothing_shown(counts)),
            Err(cells) => {
                let names = cells.iter().take(10);
                let names = names.map(|(set, role)| format!("{} {role}", territory.name(*set)));
                Err(format!(
                    "{measure} of {time}: cells that earlier editions showed tell others that must be secret: {}\nhint: bring the data back to what they were when it was published, or leave this period out",
                    names.collect::<Vec<_>>().join(", ")
                ))
            }
        }
    }

    /// What editions and the semesters of a school year settle of its cells. Visits of the
    /// semesters make those of the year: where one semester is hidden and the other shown, the
    /// year is hidden.
    fn settled(
        &self,
        measure: &str,
        time: &str,
        counts: &Counts,
        halves: &[Arc<Decisions>],
    ) -> Result<Settled, String> {
        let mut settled = Settled::default();
        if self.memory.knows(measure, time) {
            for (cut, set) in self.territory()?.cuts() {
                let name = cut.name();
                for role in counts[set].keys() {
                    match self.memory.was_hidden(measure, time, &name, role) {
                        Some(true) => settled.hidden.insert((set, role.clone())),
                        Some(false) => settled.shown.insert((set, role.clone())),
                        None => false,
                    };
                }
            }
        }
        if let [first, second] = halves {
            for (set, roles) in counts.iter().enumerate() {
                let told = roles
                    .keys()
                    .filter(|role| first.is_hidden(set, role) != second.is_hidden(set, role));
                let told = told.map(|role| (set, role.clone()));
                settled
                    .hidden
                    .extend(told.filter(|key| !settled.shown.contains(key)));
            }
        }
        Ok(settled)
    }

    /// Every cell of a period and of the one before, shown or hidden, for what is remembered
    /// of an edition.
    ///
    /// # Errors
    /// As [`Secrets::table`].
    pub fn remembered(&self, period: &Period) -> Result<Vec<Remembered>, String> {
        let day = reference(self.session, period)?;
        let before = super::year_before(period)?;
        let span = |period: &Period| format!("{}..{}", period.first(), period.last());
        let decided = [
            ("accounts", day.to_string(), self.accounts("accounts", day)?),
            (
                "activated",
                day.to_string(),
                self.accounts("activated", day)?,
            ),
            (
                "visitors",
                span(period),
                self.visitors(period.first(), period.last())?,
            ),
            (
                "visitors",
                span(&before),
                self.visitors(before.first(), before.last())?,
            ),
        ];
        let territory = self.territory()?;
        let mut cells = Vec::new();
        for (measure, time, decisions) in decided {
            for (cut, set) in territory.cuts() {
                cells.extend(decisions.counts[set].keys().map(|role| Remembered {
                    measure: measure.into(),
                    time: time.clone(),
                    cut: cut.name(),
                    role: role.clone(),
                    is_hidden: decisions.is_hidden(set, role),
                }));
            }
        }
        Ok(cells)
    }
}

/// The semesters of a school year; none of another span.
fn halves(first: NaiveDate, last: NaiveDate) -> Result<Option<[Period; 2]>, String> {
    let name = Period::school_year_of(first);
    let parse = |name: &str| Period::parse(name).map_err(|error| error.to_string());
    let year = parse(&name)?;
    match (year.first(), year.last()) == (first, last) {
        true => Ok(Some([
            parse(&format!("{name}-S1"))?,
            parse(&format!("{name}-S2"))?,
        ])),
        false => Ok(None),
    }
}

/// A cell of a table, and the establishments and the role that it is about.
struct Spot<'a> {
    row: usize,
    column: usize,
    set: usize,
    role: &'a str,
}

fn atom(role: &Cell, places: &Cell, people: &Cell) -> Atom {
    Atom {
        role: text(role).to_owned(),
        places: text(places).split(' ').map(str::to_owned).collect(),
        people: integer(people),
        volume: Volume::default(),
    }
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

/// Which establishments a row of a table is about.
struct Reader<'a> {
    columns: BTreeMap<&'a str, usize>,
    node: Option<(String, String)>,
}

impl<'a> Reader<'a> {
    fn new(raw: &'a RawTable, arguments: Arguments<'_>) -> Self {
        let columns = raw.columns.iter().enumerate();
        let given = |name: &str| match arguments.iter().find(|(known, _)| *known == name) {
            Some((_, Argument::Text(text))) => Some(text.clone()),
            _ => None,
        };
        Self {
            columns: columns
                .map(|(place, column)| (column.name.as_str(), place))
                .collect(),
            node: given("node_kind").zip(given("node")),
        }
    }

    fn role<'r>(&self, row: &'r [Cell]) -> &'r str {
        self.columns
            .get("role")
            .map_or(ALL, |place| text(&row[*place]))
    }

    /// None where the row names nothing that the register knows: no node, or a part without
    /// a name.
    fn cut(&self, row: &[Cell]) -> Option<Cut> {
        let told = |name: &str| Some(text(&row[*self.columns.get(name)?]));
        if let Some(uai) = told("uai") {
            return Some(Cut::whole(ESTABLISHMENT, uai));
        }
        let of_row = match told("departement") {
            Some(departement) => Some(("departement", departement)),
            None => told("node_kind").zip(told("node")),
        };
        let of_row = of_row.map(|(kind, node)| (kind.to_owned(), node.to_owned()));
        let (kind, node) = of_row.or_else(|| self.node.clone())?;
        let mut cut = Cut::whole(&kind, &node);
        if let (Some(kind), Some(area)) = (told("area_kind"), told("area")) {
            cut.area = (kind.into(), area.into());
        }
        let slice = ["slice", "level", "type"].into_iter().find_map(told);
        slice.unwrap_or(ALL).clone_into(&mut cut.slice);
        told("sector").unwrap_or(ALL).clone_into(&mut cut.sector);
        Some(cut)
    }
}

/// Kinds of nodes whose cells hang together; communes are told by queries only.
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
            },
        );
    }
    let sql = format!(
        "select uai, node_kind, node from nodes where node_kind in ({KINDS}) order by uai, node_kind, node"
    );
    for row in session.sql(&sql)?.1 {
        if let Some(place) = places.get_mut(text(&row[0])) {
            let node = (text(&row[1]).to_owned(), text(&row[2]).to_owned());
            place.nodes.push(node);
        }
    }
    Ok(places.into_values().collect())
}
