//! Makes the marts that are not what they should be, and no others.

use super::Settings;
use super::freshness::{Day, Inputs, State};
use super::parts::{self, Part};
use crate::domain::time;
use crate::lake::{Lake, Snapshot, Table, checksum, io_message};
use crate::query::contract::Kept;
use crate::query::{Argument, Cell, Contract, MARTS, Session};
use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Days are made together as long as they have no more requests and events: what is
/// sorted at once.
const ROWS_AT_ONCE: u64 = 20_000_000;

/// The accounts numbered before, as `persons` reads them.
const NUMBERED: &str = "numbered_persons";

/// The marts of a lake, as one ledger of it tells.
pub(super) struct Marts<'a> {
    session: &'a Session,
    snapshot: Snapshot,
    settings: &'a Settings,
    inputs: Inputs<'a>,
    contracts: Vec<(&'static str, Contract)>,
    state: State,
    folder: PathBuf,
}

impl<'a> Marts<'a> {
    /// Those on disk, and what they should be.
    pub fn of(
        session: &'a Session,
        lake: &'a Lake,
        settings: &'a Settings,
    ) -> Result<Self, String> {
        let folder = lake.root().join("marts");
        let snapshot = lake.snapshot()?;
        let parse = |(name, sql): &(&'static str, &str)| {
            let contract = Contract::parse(&format!("queries/marts/{name}.sql"), sql)?;
            Ok((*name, contract))
        };
        Ok(Self {
            inputs: Inputs::new(snapshot.entries(), settings),
            contracts: MARTS.iter().map(parse).collect::<Result<_, String>>()?,
            state: State::load(&folder),
            session,
            snapshot,
            settings,
            folder,
        })
    }

    /// A digest of the files of the lake that they are made from.
    pub fn revision(&self) -> String {
        self.snapshot.revision()
    }

    /// Whether they are what they should be. Registers those made as a whole.
    pub fn are_fresh(&mut self) -> Result<bool, String> {
        if !self.are_there() || self.inputs.of_whole_marts()? != self.state.whole {
            return Ok(false);
        }
        self.session.register_lake(&self.snapshot)?;
        self.register_whole()?;
        self.inputs.learn(self.session)?;
        Ok(self.inputs.stale_days(&self.state).is_empty())
    }

    /// Makes what is not. To be called by the one that writes to the lake.
    pub fn bring_up_to_date(&mut self) -> Result<(), String> {
        if !self.are_there() {
            super::clear(&self.folder)?;
            self.state = State::default();
        }
        fs::create_dir_all(&self.folder).map_err(|e| io_message(&self.folder, &e))?;
        self.session.register_lake(&self.snapshot)?;
        self.clean()?;
        let made = self.make_whole().and_then(|()| {
            self.inputs.learn(self.session)?;
            self.make_days()
        });
        self.clean()?;
        made
    }

    /// Throws away parts that were not put in their place.
    fn clean(&self) -> Result<(), String> {
        let staging = self.staging();
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(|e| io_message(&staging, &e))?;
        }
        Ok(())
    }

    /// Registers the tables of the lake and the marts, all of the same moment.
    pub fn register(&self) -> Result<(), String> {
        self.session.register_lake(&self.snapshot)?;
        self.session.forget(NUMBERED);
        self.register_whole()?;
        let newest = self.state.newest;
        let parts: BTreeSet<Part> = newest.map_or(BTreeSet::new(), |newest| {
            let days = self.state.days.keys();
            days.map(|day| Part::of(*day, newest)).collect()
        });
        for (name, contract) in &self.contracts {
            let files: Vec<PathBuf> = match contract.kept {
                Kept::Whole => continue,
                Kept::ForAStep => {
                    self.session.forget(name);
                    continue;
                }
                Kept::ByDay => {
                    let mart = self.folder.join(name);
                    parts.iter().map(|part| part.file(&mart)).collect()
                }
                Kept::AddedTo => vec![self.persons()],
            };
            self.register_mart(name, contract, files)?;
        }
        Ok(())
    }

    /// Whether each file that was written is there, and as long as it was: one that was
    /// cut makes all marts anew.
    fn are_there(&self) -> bool {
        self.state.files.iter().all(|(name, (bytes, _))| {
            let data = fs::metadata(self.folder.join(name));
            data.is_ok_and(|data| data.len() == *bytes)
        })
    }

    /// Vouches for a file that was written, if there is one.
    fn vouch(&mut self, path: &Path) -> Result<(), String> {
        if !path.exists() {
            return Ok(());
        }
        let bytes = fs::metadata(path).map_err(|e| io_message(path, &e))?.len();
        let seal = (bytes, checksum(path)?);
        self.state.files.insert(self.name(path), seal);
        Ok(())
    }

    /// The name of a file from the folder of the marts.
    fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.folder);
        inside.unwrap_or(path).display().to_string()
    }

    fn register_whole(&self) -> Result<(), String> {
        for (name, contract) in &self.contracts {
            if contract.kept == Kept::Whole {
                self.register_mart(name, contract, vec![self.whole(name)])?;
            }
        }
        Ok(())
    }

    /// A mart without rows may have no file.
    fn register_mart(
        &self,
        name: &str,
        contract: &Contract,
        files: Vec<PathBuf>,
    ) -> Result<(), String> {
        let there: Vec<PathBuf> = files.into_iter().filter(|file| file.exists()).collect();
        self.session.register_files(name, &there, contract.schema())
    }

    fn whole(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.parquet"))
    }

    fn persons(&self) -> PathBuf {
        self.whole("persons")
    }

    fn staging(&self) -> PathBuf {
        self.folder.join("staging")
    }

    fn make_whole(&mut self) -> Result<(), String> {
        let wanted = self.inputs.of_whole_marts()?;
        let state = &mut self.state;
        state
            .whole
            .retain(|name, inputs| wanted.get(name) == Some(inputs));
        let kept: BTreeSet<String> = state.whole.keys().cloned().collect();
        for name in wanted.keys().filter(|name| !kept.contains(*name)) {
            state.files.remove(&format!("{name}.parquet"));
        }
        state.store(&self.folder)?;
        let whole = self.contracts.clone();
        for (name, contract) in whole.iter().filter(|(_, c)| c.kept == Kept::Whole) {
            let path = self.whole(name);
            if !kept.contains(*name) {
                self.materialise(name, contract, &[], &path)?;
                self.vouch(&path)?;
            }
            self.register_mart(name, contract, vec![path])?;
        }
        self.state.whole = wanted;
        self.state.store(&self.folder)
    }

    /// Runs the query of a mart into a file, which is there whole or not at all; what a killed
    /// run leaves lies with the parts to be thrown away.
    fn materialise(
        &self,
        name: &str,
        contract: &Contract,
        arguments: &[(&str, Argument)],
        path: &Path,
    ) -> Result<(), String> {
        let staging = self.staging();
        fs::create_dir_all(&staging).map_err(|e| io_message(&staging, &e))?;
        let made = staging.join("made.parquet");
        self.session
            .materialise(contract, arguments, &made)
            .map_err(|error| format!("queries/marts/{name}.sql: {error}"))?;
        fs::rename(&made, path).map_err(|e| io_message(path, &e))
    }

    fn make_days(&mut self) -> Result<(), String> {
        let plan = Plan::of(&self.inputs, &self.state);
        if plan.is_empty() {
            return Ok(());
        }
        self.clear(&plan)?;
        self.seal(&plan)?;
        for span in plan.spans(&self.inputs, &self.state) {
            self.make_span(&span)?;
        }
        self.vouch(&self.persons())?;
        self.state.store(&self.folder)
    }

    /// Takes the days that are to be made, or laid out otherwise, out of the state, then
    /// their files: a killed run leaves no day that is not what the state says.
    fn clear(&mut self, plan: &Plan) -> Result<(), String> {
        let goes = |day: &NaiveDate| plan.made.iter().any(|part| part.holds(*day));
        let moves = |day: &NaiveDate| plan.sealed.values().any(|days| days.contains_key(day));
        let old = self.state.newest;
        let gone = |days: &dyn Fn(&NaiveDate) -> bool| -> Vec<PathBuf> {
            let days = self.state.days.keys().filter(|day| days(day));
            let parts: BTreeSet<Part> = days.filter_map(|day| Some(Part::of(*day, old?))).collect();
            self.files_of(parts.iter())
        };
        let (removed, moved) = (gone(&goes), gone(&moves));
        for path in removed.iter().chain(&moved).chain([&self.persons()]) {
            let name = self.name(path);
            self.state.files.remove(&name);
        }
        self.state.days.retain(|day, _| !goes(day) && !moves(day));
        self.state.newest = self.inputs.newest();
        self.state.store(&self.folder)?;
        for file in removed.iter().filter(|file| file.exists()) {
            fs::remove_file(file).map_err(|e| io_message(file, &e))?;
        }
        Ok(())
    }

    /// The files of some parts, of all marts kept by day.
    fn files_of<'p>(&self, parts: impl Iterator<Item = &'p Part>) -> Vec<PathBuf> {
        let of = |part: &Part| {
            let marts = self.by_day();
            let files = marts.map(|(name, _)| part.file(&self.folder.join(name)));
            files.collect::<Vec<_>>()
        };
        parts.flat_map(of).collect()
    }

    /// Makes one file of the days of each month that is over.
    fn seal(&mut self, plan: &Plan) -> Result<(), String> {
        for (month, days) in &plan.sealed {
            let parts: Vec<Part> = days.keys().map(|day| Part::day(*day)).collect();
            for (name, _) in self.by_day() {
                parts::join(&parts, *month, &self.folder.join(name))?;
            }
            for file in self.files_of([*month].iter()) {
                self.vouch(&file)?;
            }
            self.state.days.extend(days.clone());
            self.state.store(&self.folder)?;
        }
        Ok(())
    }

    fn by_day(&self) -> impl Iterator<Item = &(&'static str, Contract)> {
        let all = self.contracts.iter();
        all.filter(|(_, contract)| contract.kept == Kept::ByDay)
    }

    /// Makes the marts of some parts that follow each other.
    fn make_span(&mut self, span: &[Part]) -> Result<(), String> {
        let (first, last) = (span[0].first, span[span.len() - 1].last);
        let staging = self.staging();
        fs::create_dir_all(&staging).map_err(|e| io_message(&staging, &e))?;
        let persons = self.contract("persons");
        self.register_mart(NUMBERED, persons, vec![self.persons()])?;
        let reach = self.make_visits(first, last)?;
        for (name, contract) in &self.contracts {
            let is_made = ["counted_requests", "visits"].contains(name);
            if contract.kept != Kept::Whole && !is_made {
                self.step(name, contract, first, last)?;
            }
        }
        for (name, _) in self.by_day() {
            let rows = staging.join(format!("{name}.parquet"));
            if rows.exists() {
                parts::lay(&rows, span, &self.folder.join(name))?;
            }
        }
        let (numbered, path) = (staging.join("persons.parquet"), self.persons());
        fs::rename(&numbered, &path).map_err(|e| io_message(&path, &e))?;
        for file in self.files_of(span.iter()) {
            self.vouch(&file)?;
        }
        let days = self.inputs.logged().map(|(day, _)| day);
        for day in days.filter(|day| first <= *day && *day <= last) {
            let until = reach.get(&day).copied().unwrap_or(day).max(day);
            let inputs = self.inputs.of_day(day, until);
            self.state.days.insert(day, Day { until, inputs });
        }
        self.state.store(&self.folder)
    }

    fn contract(&self, name: &str) -> &Contract {
        let found = self.contracts.iter().find(|(known, _)| *known == name);
        &found.expect("it is a mart").1
    }

    /// Makes the visits that start in a span; gives for each day the last one on which a
    /// visit of it could have gone on. Reads the day before, for what was under way at
    /// midnight, and as many days after as the longest visit needs.
    fn make_visits(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, NaiveDate>, String> {
        let mut until = last + Days::new(1);
        loop {
            self.read_days(first - Days::new(1), until)?;
            for name in ["counted_requests", "visits"] {
                self.step(name, self.contract(name), first, last)?;
            }
            let reach = self.reach()?;
            let furthest = reach.values().max().copied().unwrap_or(until);
            let mut days = self.inputs.logged().map(|(day, _)| day);
            if !days.any(|day| until < day && day <= furthest) {
                return Ok(reach);
            }
            until = furthest;
        }
    }

    /// Registers requests and events of some days alone.
    fn read_days(&self, first: NaiveDate, last: NaiveDate) -> Result<(), String> {
        for table in [Table::Requests, Table::Events] {
            let files = self.snapshot.files_of_days(table, first, last);
            self.session
                .register_files(table.name(), &files, table.schema())?;
        }
        Ok(())
    }

    /// Makes a mart for a span, and registers these rows alone.
    fn step(
        &self,
        name: &str,
        contract: &Contract,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<(), String> {
        let arguments = [
            ("first_day", Argument::Date(first)),
            ("last_day", Argument::Date(last)),
            (
                "timeout_minutes",
                Argument::Integer(self.settings.timeout_minutes),
            ),
        ];
        let path = self.staging().join(format!("{name}.parquet"));
        self.materialise(name, contract, &arguments, &path)?;
        self.register_mart(name, contract, vec![path])
    }

    /// By day of the visits made: the last local day before they time out.
    fn reach(&self) -> Result<BTreeMap<NaiveDate, NaiveDate>, String> {
        let sql =
            "select day, arrow_cast(max(end_time), 'Int64') as ended from visits group by day";
        let mut reach = BTreeMap::new();
        for row in self.session.sql(sql)?.1 {
            let [Cell::Date(day), Cell::Integer(ended)] = row[..] else {
                continue;
            };
            let timeout = TimeDelta::minutes(self.settings.timeout_minutes);
            let end = DateTime::from_timestamp_millis(ended).map(|ended| ended + timeout);
            reach.insert(day, end.map_or(day, |end| time::local(end).date()));
        }
        Ok(reach)
    }
}

/// Which files of days are to be made, and which to be laid out otherwise.
struct Plan {
    /// Parts with a day that is not what it should be.
    made: BTreeSet<Part>,
    /// Months that are over and whose days are as they should be, with what they were
    /// made from.
    sealed: BTreeMap<Part, BTreeMap<NaiveDate, Day>>,
}

impl Plan {
    fn of(inputs: &Inputs<'_>, state: &State) -> Self {
        let newest = inputs.newest().unwrap_or(NaiveDate::MIN);
        let was = |day: NaiveDate| state.newest.map(|newest| Part::of(day, newest));
        let mut stale = inputs.stale_days(state);
        // A month whose end is the last day again, after an input was taken back.
        let cut = |day: &&NaiveDate| {
            was(**day).is_some_and(Part::is_month) && !Part::of(**day, newest).is_month()
        };
        stale.extend(state.days.keys().filter(cut));
        let made: BTreeSet<Part> = stale.iter().map(|day| Part::of(*day, newest)).collect();
        let mut sealed: BTreeMap<Part, BTreeMap<NaiveDate, Day>> = BTreeMap::new();
        for (day, kept) in &state.days {
            let part = Part::of(*day, newest);
            let is_new = part.is_month() && !was(*day).is_some_and(Part::is_month);
            if is_new && !made.contains(&part) {
                let days = sealed.entry(part).or_default();
                days.insert(*day, kept.clone());
            }
        }
        Self { made, sealed }
    }

    fn is_empty(&self) -> bool {
        self.made.is_empty() && self.sealed.is_empty()
    }

    /// The parts to make, those that follow each other together.
    fn spans(&self, inputs: &Inputs<'_>, state: &State) -> Vec<Vec<Part>> {
        let logged: BTreeMap<NaiveDate, u64> = inputs.logged().collect();
        let mut spans: Vec<Vec<Part>> = Vec::new();
        let mut rows = 0;
        for part in &self.made {
            let here: u64 = logged.range(part.first..=part.last).map(|(_, n)| n).sum();
            if here == 0 {
                continue;
            }
            let follows = spans
                .last()
                .and_then(|span| span.last())
                .is_some_and(|before| {
                    let between = state.days.range(before.last..part.first).next();
                    between.is_none() && rows + here <= ROWS_AT_ONCE
                });
            if follows {
                rows += here;
                spans.last_mut().expect("one is before").push(*part);
            } else {
                rows = here;
                spans.push(vec![*part]);
            }
        }
        spans
    }
}
