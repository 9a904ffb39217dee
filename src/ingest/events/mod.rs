//! Events of the platform, one row an event, in the forms it gives them out:
//! NDJSON, the JSON arrays of its read-out, its PostgreSQL twins as CSV. Only
//! the keys named here are looked at; addresses, agents, sessions and classes
//! stay in the file.

mod array;
mod form;
mod lines;
mod object;
mod twin;

use super::tally::{Tally, is_name};
use super::{Context, FileReport, Input, Keys, NO_KEY, Report, school_year, store};
use crate::domain::{OTHER_SERVICE, Role, ServiceMap, time};
use crate::lake::{Counts, Table, Transaction, Value};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use form::Form;
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

/// Event types of the platform (spec 4, 1.2); others are kept and counted.
const KNOWN_TYPES: &str = include_str!("../../data/event-types.txt");
/// A type of the table that holds credentials.
const PASSWORD_TYPE: &str = "PASSWORD";
/// Columns and keys of the table that holds credentials.
const CREDENTIALS: [&str; 3] = ["login", "login_alias", "password"];

/// An event as its form gives it, before pseudonyms are made.
struct Event<'a> {
    identity: Identity<'a>,
    event_type: Cow<'a, str>,
    module: Option<Cow<'a, str>>,
    time: DateTime<Utc>,
    user: Option<Cow<'a, str>>,
    profile: Option<Cow<'a, str>>,
}

/// What tells an event from every other, in whatever form it comes.
enum Identity<'a> {
    /// The platform's id: an event with it is one, however often it comes.
    Id(Cow<'a, str>),
    /// The whole in one form: equal ones may be several events.
    Content(Vec<u8>),
}

/// Why a row is not kept.
type Reason = &'static str;

/// Ingests one file of events; `zone` is that of the dates of a PostgreSQL
/// twin, written without offset. Refuses a file of credentials as a whole.
pub fn events(
    context: &mut Context<'_>,
    path: &Path,
    source: &str,
    zone: Tz,
) -> Result<Report, String> {
    let form = Form::of(path)?;
    let input = Input::identify("events", source, &[path.to_owned()])?;
    store(context, &input, |keys, services, transaction| {
        let mut sink = Sink::new(keys, services, transaction);
        let fault = match form {
            Form::Lines => lines::read(path, &mut sink)?,
            Form::Array => array::read(path, &mut sink)?,
            Form::Twin => twin::read(path, zone, &mut sink)?,
        };
        Ok(vec![sink.report(path, fault)])
    })
}

/// Where events go, whatever their form.
struct Sink<'a> {
    keys: &'a mut Keys,
    services: &'a ServiceMap,
    transaction: &'a mut Transaction,
    known_types: HashSet<&'static str>,
    /// Events of this file that have an id.
    ids: HashSet<u64>,
    counts: Counts,
    types: Tally,
    modules: Tally,
}

impl<'a> Sink<'a> {
    fn new(keys: &'a mut Keys, services: &'a ServiceMap, transaction: &'a mut Transaction) -> Self {
        Self {
            keys,
            services,
            transaction,
            known_types: KNOWN_TYPES.lines().collect(),
            ids: HashSet::new(),
            counts: Counts::default(),
            types: Tally::new("unknown event type"),
            modules: Tally::new("unmapped module"),
        }
    }

    /// Counts one row and stores it if it is a new event.
    fn take(&mut self, row: Result<Event<'_>, Reason>) -> Result<(), String> {
        self.counts.read += 1;
        match row.and_then(allowed) {
            Ok(event) => match self.keep(&event)? {
                Some(true) => self.counts.kept += 1,
                Some(false) => self.counts.duplicates += 1,
                None => self.counts.reject(NO_KEY),
            },
            Err(reason) => self.counts.reject(reason),
        }
        Ok(())
    }

    /// Stores a new event; says whether it is one, or nothing where its person
    /// cannot be pseudonymised.
    fn keep(&mut self, event: &Event<'_>) -> Result<Option<bool>, String> {
        let day = time::local(event.time).date();
        let (hash, is_known) = match &event.identity {
            Identity::Id(id) => {
                let hash = self.keys.lines.hash(id.as_bytes());
                (hash, !self.ids.insert(hash))
            }
            Identity::Content(bytes) => (self.keys.lines.hash(bytes), false),
        };
        if is_known
            || !self
                .transaction
                .is_new(Table::Events, day, event.time, hash)?
        {
            return Ok(Some(false));
        }
        let year = school_year(day);
        let user = event.user.as_deref();
        let account = user.map(|user| self.keys.pseudonym(&year, user.as_bytes()));
        if account == Some(None) {
            return Ok(None);
        }
        let account = account.flatten().map_or(Value::Null, Value::Pseudonym);
        let module = event.module.as_deref();
        let row = [
            Value::Text(&year),
            Value::Date(day),
            Value::Instant(event.time),
            account,
            Value::Text(&event.event_type),
            module.into(),
            Value::Text(self.service(&event.event_type, module)),
            Value::Text(Role::from_profile(event.profile.as_deref().unwrap_or_default()).code()),
            Value::LineHash(hash),
        ];
        self.transaction.row(Table::Events, Some(day), &row)?;
        Ok(Some(true))
    }

    /// The service of a module; counts what no table knows.
    fn service(&mut self, event_type: &str, module: Option<&str>) -> &'a str {
        if !self.known_types.contains(event_type) {
            self.types.add(event_type);
        }
        let service = module.and_then(|module| self.services.maps_module(module));
        if let (None, Some(module)) = (service, module) {
            self.modules.add(module);
        }
        service.unwrap_or(OTHER_SERVICE)
    }

    fn report(mut self, path: &Path, fault: Option<String>) -> FileReport {
        self.types.note(&mut self.counts);
        self.modules.note(&mut self.counts);
        FileReport::of(path.display().to_string(), self.counts, fault)
    }
}

/// Types and modules are names that programs give: what has not their shape
/// may be about a person. A type is required, a module is not.
fn allowed(mut event: Event<'_>) -> Result<Event<'_>, Reason> {
    if event.event_type == PASSWORD_TYPE {
        return Err("credentials");
    }
    if !is_name(&event.event_type) {
        return Err("event-type");
    }
    event.module = event.module.filter(|module| is_name(module));
    Ok(event)
}

/// Why a file could not be read to its end.
fn cut(read: u64, error: &dyn std::fmt::Display) -> String {
    format!("cannot be read after event {read}: {error}\nhint: the file was cut; ask for it again")
}
