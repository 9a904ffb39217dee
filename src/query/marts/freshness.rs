//! What each mart was made from: kept beside the marts, so that only those that changed,
//! and of the marts kept by day only the days that changed, are made anew.

use super::{Settings, UsageSource};
use crate::lake::{LedgerEntry, Table, hex, io_message};
use crate::query::contract::Kept;
use crate::query::{Cell, Contract, MARTS, Session};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// The sources of our functions and the engine: marts are made anew when one of them changes.
const FUNCTIONS: [&str; 6] = [
    include_str!("../functions.rs"),
    include_str!("../people.rs"),
    include_str!("../opening.rs"),
    include_str!("../../domain/opening.rs"),
    include_str!("../../domain/assistance.rs"),
    datafusion::DATAFUSION_VERSION,
];

/// What all marts depend on: functions and queries.
fn hasher() -> Sha256 {
    let mut hash = Sha256::new();
    FUNCTIONS.iter().for_each(|source| hash.update(source));
    MARTS.iter().for_each(|(_, sql)| hash.update(sql));
    hash
}

/// What is kept of days whose requests are gone.
const PAST: [Table; 4] = [
    Table::PastVisits,
    Table::PastVisitServices,
    Table::PastMinutes,
    Table::PastSourceHours,
];

/// What the marts on disk were made from.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Digests of the inputs of the marts made as a whole, by name.
    pub whole: BTreeMap<String, String>,
    /// The days of the marts kept by day.
    pub days: BTreeMap<NaiveDate, Day>,
    /// The last day with data when the files of days were laid out.
    pub newest: Option<NaiveDate>,
    /// The files that are whole, by name: bytes and SHA-256.
    pub files: BTreeMap<String, (u64, String)>,
}

/// What a day was made from.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Day {
    /// The last day whose requests its visits may go on in.
    pub until: NaiveDate,
    /// A digest of the inputs.
    pub inputs: String,
}

impl State {
    /// Its file among marts in a folder.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join("state.json")
    }

    /// Of the marts in a folder; that of none, where it cannot be read.
    pub fn load(folder: &Path) -> Self {
        let text = fs::read_to_string(Self::path(folder)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Removes it: nothing vouches for the marts any more.
    pub fn remove(folder: &Path) -> Result<(), String> {
        let path = Self::path(folder);
        match path.exists() {
            true => fs::remove_file(&path).map_err(|e| io_message(&path, &e)),
            false => Ok(()),
        }
    }

    /// By rename, so that a killed run leaves the state before or this one.
    pub fn store(&self, folder: &Path) -> Result<(), String> {
        let (path, staged) = (Self::path(folder), folder.join("state.new"));
        let text = serde_json::to_string(self).expect("a state is plain data");
        fs::write(&staged, text).map_err(|e| io_message(&staged, &e))?;
        fs::rename(&staged, &path).map_err(|e| io_message(&path, &e))
    }
}

/// Digests of what the marts are made from, as a ledger lists it.
pub(super) struct Inputs<'a> {
    settings: &'a Settings,
    /// A digest begun with what all marts depend on.
    functions: Sha256,
    tables: BTreeMap<&'static str, String>,
    /// By day: rows of requests and events, and a digest of their files.
    logged: BTreeMap<NaiveDate, (u64, String)>,
    /// By source, feed, category and day of a directory.
    deliveries: HashMap<[String; 4], String>,
    attribution: Option<Attribution>,
}

/// What says who has which role and establishments on a day.
struct Attribution {
    /// Of the names of structures: a structure told for the first time, or under another
    /// name, makes every day anew. It is rare, and which days it touches costs more to know.
    names: String,
    /// Deliveries, each with the first day that it tells and the one after the last.
    reach: Vec<(NaiveDate, NaiveDate, String)>,
}

impl<'a> Inputs<'a> {
    /// Those of the entries of a ledger.
    pub fn new(ledger: &BTreeMap<String, LedgerEntry>, settings: &'a Settings) -> Self {
        let mut tables: BTreeMap<&'static str, Sha256> = BTreeMap::new();
        let mut logged: BTreeMap<NaiveDate, (u64, Sha256)> = BTreeMap::new();
        let mut deliveries = HashMap::new();
        for entry in ledger.values() {
            if let Some(told) = &entry.told {
                let day = told.day.to_string();
                let key = [&entry.source, &told.feed, &told.category, &day].map(String::clone);
                deliveries.insert(key, entry.digest.clone());
            }
            for file in &entry.files {
                let redone = file.day().and_then(|d| entry.redone.get(&d.to_string()));
                let rules = redone.or(entry.rules.as_ref()).map_or("", String::as_str);
                let said = format!("{} {} {} {rules}\n", entry.digest, file.path, file.rows);
                let table = Table::ALL.into_iter().find(|t| t.name() == file.table());
                let Some(table) = table else { continue };
                tables.entry(table.name()).or_default().update(&said);
                let is_activity = matches!(table, Table::Requests | Table::Events);
                if let (true, Some(day)) = (is_activity, file.day()) {
                    let of_day = logged.entry(day).or_default();
                    of_day.0 += file.rows;
                    of_day.1.update(&said);
                }
            }
        }
        let done = |hash: Sha256| hex(&hash.finalize());
        Self {
            settings,
            functions: hasher(),
            tables: tables
                .into_iter()
                .map(|(t, hash)| (t, done(hash)))
                .collect(),
            logged: logged
                .into_iter()
                .map(|(day, (rows, hash))| (day, (rows, done(hash))))
                .collect(),
            deliveries,
            attribution: None,
        }
    }

    /// The days with requests or events, and how many.
    pub fn logged(&self) -> impl Iterator<Item = (NaiveDate, u64)> {
        self.logged.iter().map(|(day, (rows, _))| (*day, *rows))
    }

    /// The last of them.
    pub fn newest(&self) -> Option<NaiveDate> {
        self.logged.keys().next_back().copied()
    }

    /// Digests of the inputs of the marts made as a whole: what a mart reads is found in
    /// its text.
    pub fn of_whole_marts(&self) -> Result<BTreeMap<String, String>, String> {
        let mut made: BTreeMap<String, String> = BTreeMap::new();
        for (name, sql) in MARTS {
            if Contract::parse(name, sql)?.kept != Kept::Whole {
                continue;
            }
            let mut hash = self.functions.clone();
            hash.update(name);
            for word in words(sql) {
                let mart = made.get(word).map(String::as_str);
                hash.update(mart.or_else(|| self.table(word)).unwrap_or_default());
            }
            hash.update(self.settings.assistance.text());
            made.insert((*name).to_owned(), hex(&hash.finalize()));
        }
        Ok(made)
    }

    fn table(&self, name: &str) -> Option<&str> {
        self.tables.get(name).map(String::as_str)
    }

    /// Learns what only rows tell: the days that past tables keep, and, from marts already
    /// made, who told what of which days.
    pub fn learn(&mut self, session: &Session) -> Result<(), String> {
        self.learn_past_days(session)?;
        let names = "select source, structure, uai from structure_names order by source, structure";
        let mut hash = Sha256::new();
        for row in session.sql(names)?.1 {
            hash.update(format!("{row:?}"));
        }
        let reach = "select source, feed, category, cast(snapshot as text) as told_on, school_year, delivery, valid_from, valid_to
            from directory_reach order by source, feed, category, told_on, school_year, delivery";
        let mut told = Vec::new();
        for row in session.sql(reach)?.1 {
            let texts: Vec<&str> = row.iter().map(super::text).collect();
            let key = [0, 1, 2, 3].map(|n| texts[n].to_owned());
            let digest = self.deliveries.get(&key).map_or("", String::as_str);
            let (Cell::Date(from), Cell::Date(to)) = (&row[6], &row[7]) else {
                continue;
            };
            told.push((*from, *to, format!("{} {digest}\n", texts[..6].join(" "))));
        }
        self.attribution = Some(Attribution {
            names: hex(&hash.finalize()),
            reach: told,
        });
        Ok(())
    }

    /// Days of which only visits, minutes and hours are kept are days with data too.
    fn learn_past_days(&mut self, session: &Session) -> Result<(), String> {
        let said: Vec<&str> = PAST.iter().filter_map(|t| self.table(t.name())).collect();
        let said = said.join(" ");
        let days = "select day, count(*) as visits from (
                select day from past_visits union all select day from past_minutes
                union all select day from past_source_hours
            ) as past group by day";
        for row in session.sql(days)?.1 {
            let [Cell::Date(day), Cell::Integer(rows)] = row[..] else {
                continue;
            };
            let of_day = self.logged.entry(day).or_default();
            of_day.0 += rows.unsigned_abs();
            of_day.1.push_str(&said);
        }
        Ok(())
    }

    /// A digest of what the marts of a day are made from, when its visits go on until
    /// another day at most: logs of these days and of the one before, and who is where.
    pub fn of_day(&self, day: NaiveDate, until: NaiveDate) -> String {
        let attribution = self.attribution.as_ref().expect("it was learnt");
        let mut hash = self.functions.clone();
        hash.update(self.settings.timeout_minutes.to_le_bytes());
        hash.update(&attribution.names);
        let before = day - Days::new(1);
        for read in before.iter_days().take_while(|read| *read <= until) {
            let source = self.usage_on(read);
            hash.update(source.code());
            if let Some((_, files)) = self.logged.get(&read) {
                hash.update(format!("{read} {files}"));
                // Accounts of events are linked to those of directories.
                if source == UsageSource::Events {
                    hash.update(
                        self.table(Table::PlatformAccounts.name())
                            .unwrap_or_default(),
                    );
                }
            }
        }
        for (from, to, said) in &attribution.reach {
            if *from <= day && day < *to {
                hash.update(said);
            }
        }
        hex(&hash.finalize())
    }

    fn usage_on(&self, day: NaiveDate) -> UsageSource {
        let spans = self.settings.usage.iter().rev();
        let mut past = spans.filter(|(from, _)| *from <= day);
        past.next()
            .map_or(UsageSource::Requests, |(_, source)| *source)
    }

    /// The days of which marts are to be made: those whose inputs are not what they were,
    /// and those that are gone.
    pub fn stale_days(&self, state: &State) -> BTreeSet<NaiveDate> {
        let days = self.logged.keys().chain(state.days.keys());
        let is_stale = |day: &&NaiveDate| {
            let made = state.days.get(day);
            !self.logged.contains_key(day)
                || made.is_none_or(|made| self.of_day(**day, made.until) != made.inputs)
        };
        days.filter(is_stale).copied().collect()
    }
}

/// The different words of a query, without its comments.
fn words(sql: &str) -> BTreeSet<&str> {
    let lines = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    lines
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect()
}
