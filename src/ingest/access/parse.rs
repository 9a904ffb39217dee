//! Lines of a log into rows, on as many threads as there are processors: read,
//! classified, the account pseudonymised. What is not in [`Row`] ends here.

use super::AccessSource;
use crate::access::{AccessLine, Classifier, Reader, RequestClass, Rules};
use crate::domain::{Period, ServiceId, first_segment, time};
use crate::ingest::{Keys, NO_KEY};
use crate::lake::Counts;
use crate::memo::Memo;
use crate::privacy::pseudonym::{LineKey, MasterKey, YearKey};
use crate::source::{Block, Line};
use chrono::{DateTime, NaiveDate, Utc};
use rustc_hash::FxHashMap;

/// A request on its way to the lake.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub time: DateTime<Utc>,
    /// In Europe/Paris.
    pub day: NaiveDate,
    pub account: Option<u64>,
    pub class: RequestClass,
    pub service: ServiceId,
    pub device: &'static str,
    pub status: Option<u16>,
    pub duration_us: Option<i64>,
    pub line_hash: u64,
}

/// What became of the lines of a block.
#[derive(Default)]
pub(super) struct Parsed {
    pub rows: Vec<Row>,
    /// Of all lines, read or not, in order.
    pub hashes: Vec<u64>,
    /// Whether the last line has no end.
    pub unfinished: bool,
    /// Lines read and rejected; what is kept is known when it is stored.
    pub counts: Counts,
    /// Requests by the id of the rule that classified them.
    pub rules: Vec<u64>,
    pub unmapped: Unmapped,
}

impl Parsed {
    /// Forgets what it holds, not the memory it took.
    fn clear(&mut self, rules: usize) {
        self.rows.clear();
        self.hashes.clear();
        self.unfinished = false;
        self.counts = Counts::default();
        self.rules.clear();
        self.rules.resize(rules, 0);
        self.unmapped.0.clear();
    }
}

/// Requests of people for paths that no service claims, by their first segment,
/// with some accounts each: what only few people ask for may say who they are.
#[derive(Default)]
pub(super) struct Unmapped(pub FxHashMap<Vec<u8>, (u64, Vec<u64>)>);

/// Accounts that must have asked for a path before it is named.
pub(super) const ENOUGH_PEOPLE: usize = 5;
/// Paths counted for one input.
const MOST_PATHS: usize = 4_096;

impl Unmapped {
    fn count(&mut self, path: &[u8], account: u64) {
        self.add(first_segment(path), 1, &[account]);
    }

    fn add(&mut self, segment: &[u8], count: u64, accounts: &[u64]) {
        if !self.0.contains_key(segment) {
            if self.0.len() == MOST_PATHS {
                return;
            }
            self.0.insert(segment.to_vec(), (0, Vec::new()));
        }
        let known = self.0.get_mut(segment).expect("just put there");
        known.0 += count;
        for account in accounts {
            if known.1.len() < ENOUGH_PEOPLE && !known.1.contains(account) {
                known.1.push(*account);
            }
        }
    }

    /// Adds those of another block.
    pub fn merge(&mut self, other: &Self) {
        for (segment, (count, accounts)) in &other.0 {
            self.add(segment, *count, accounts);
        }
    }
}

/// Reads blocks of one source.
pub(super) struct Parser<'c> {
    reader: Reader<'c>,
    classifier: Classifier<'c>,
    accounts: Accounts<'c>,
    lines: &'c LineKey,
    days: LocalDays,
    /// How many rules there are.
    rules: usize,
}

impl<'c> Parser<'c> {
    pub fn new(source: &'c AccessSource, rules: &'c Rules, keys: &'c Keys) -> Self {
        Self {
            reader: Reader::new(&source.format),
            classifier: Classifier::new(rules),
            accounts: Accounts::new(&keys.master),
            lines: &keys.lines,
            days: LocalDays::default(),
            rules: rules.labels().len(),
        }
    }

    /// Reads every line of a block into what is left of another.
    pub fn block(&mut self, block: &Block, mut parsed: Parsed) -> Parsed {
        parsed.clear(self.rules);
        if block.too_long {
            parsed.counts.read = 1;
            parsed.counts.reject("too_long");
        }
        for line in block.lines() {
            self.line(&line, &mut parsed);
        }
        parsed
    }

    fn line(&mut self, raw: &Line<'_>, parsed: &mut Parsed) {
        let hash = self.lines.hash(raw.bytes);
        parsed.hashes.push(hash);
        parsed.unfinished = !raw.ended;
        match self.reader.read(raw.bytes) {
            Ok(line) => self.request(&line, hash, raw.ended, parsed),
            Err(reason) => match self.reader.split_glued(raw.bytes) {
                Some(parts) => self.parts(&parts, raw.ended, parsed),
                None => {
                    parsed.counts.read += 1;
                    parsed.counts.reject(reason.code());
                }
            },
        }
    }

    /// The requests of a record that holds several; each counts as a line.
    fn parts(&mut self, parts: &[&[u8]], ended: bool, parsed: &mut Parsed) {
        for part in parts {
            if let Ok(line) = self.reader.read(part) {
                let hash = self.lines.hash(part);
                self.request(&line, hash, ended, parsed);
            }
        }
    }

    fn request(&mut self, line: &AccessLine<'_>, hash: u64, ended: bool, parsed: &mut Parsed) {
        parsed.counts.read += 1;
        match line.time {
            // A last line that is still being written may read well and be
            // wrong: the next delivery will tell it whole.
            _ if !ended => parsed.counts.reject("unfinished"),
            Some(time) => self.row(line, time, hash, parsed),
            None => parsed.counts.reject("date"),
        }
    }

    fn row(&mut self, line: &AccessLine<'_>, time: DateTime<Utc>, hash: u64, parsed: &mut Parsed) {
        let day = self.days.of(time);
        let found = self.classifier.classify(line);
        let user = line.user.as_deref();
        let account = user.map(|user| self.accounts.pseudonym(day, user));
        if account == Some(None) {
            parsed.counts.reject(NO_KEY);
            return;
        }
        let account = account.flatten();
        let by_a_person = matches!(found.class, RequestClass::Page | RequestClass::Action);
        if let (true, ServiceId::OTHER, Some(path), Some(account)) =
            (by_a_person, found.service, &line.path, account)
        {
            parsed.unmapped.count(path, account);
        }
        parsed.rules[usize::from(found.rule)] += 1;
        parsed.rows.push(Row {
            time,
            day,
            account,
            class: found.class,
            service: found.service,
            device: found.device,
            status: line.status,
            duration_us: line.duration_us,
            line_hash: hash,
        });
    }
}

/// Pseudonyms of accounts, remembered: a visit has many requests.
struct Accounts<'c> {
    master: &'c MasterKey,
    years: Vec<Year>,
    /// The day asked for last, and its year's place.
    last: Option<(NaiveDate, usize)>,
}

struct Year {
    name: String,
    /// None where it was destroyed.
    key: Option<YearKey>,
    known: Memo<u64>,
}

impl<'c> Accounts<'c> {
    fn new(master: &'c MasterKey) -> Self {
        Self {
            master,
            years: Vec::new(),
            last: None,
        }
    }

    fn pseudonym(&mut self, day: NaiveDate, account: &[u8]) -> Option<u64> {
        let place = match self.last {
            Some((last, place)) if last == day => place,
            _ => self.year(day),
        };
        let year = &mut self.years[place];
        let key = year.key.as_ref()?;
        Some(year.known.get_or(account, || key.pseudonym(account)))
    }

    fn year(&mut self, day: NaiveDate) -> usize {
        let name = Period::school_year_of(day);
        let known = self.years.iter().position(|year| year.name == name);
        let place = known.unwrap_or_else(|| {
            self.years.push(Year {
                key: self.master.for_year(&name).ok(),
                name,
                known: Memo::with_bits(16),
            });
            self.years.len() - 1
        });
        self.last = Some((day, place));
        place
    }
}

/// Local days of instants. France changes its clocks at a whole hour of UTC and
/// by whole hours, so an hour of UTC lies in one local day.
#[derive(Default)]
struct LocalDays {
    last: Option<(i64, NaiveDate)>,
}

impl LocalDays {
    fn of(&mut self, time: DateTime<Utc>) -> NaiveDate {
        let hour = time.timestamp().div_euclid(3_600);
        match self.last {
            Some((last, day)) if last == hour => day,
            _ => {
                let day = time::local(time).date();
                self.last = Some((hour, day));
                day
            }
        }
    }
}
