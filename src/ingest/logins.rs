//! The audit of the login path: one row a record.

use super::{Context, FileReport, Input, Keys, NO_KEY, Report, school_year, store, unreadable};
use crate::domain::time;
use crate::lake::{Counts, Table, Transaction, Value};
use crate::logins::{self, Login, Piece, Records};
use crate::source;
use chrono_tz::Tz;
use std::path::Path;

/// Ingests one audit log; `zone` is that of dates without offset.
pub fn logins(
    context: &mut Context<'_>,
    path: &Path,
    source: &str,
    zone: Tz,
) -> Result<Report, String> {
    let input = Input::identify("logins", source, &[path.to_owned()])?;
    store(context, &input, |keys, _, transaction| {
        let mut reading = Reading {
            keys,
            transaction,
            source,
            zone,
            counts: Counts::default(),
        };
        let fault = reading.file(path)?;
        Ok(vec![FileReport::of(
            path.display().to_string(),
            reading.counts,
            fault,
        )])
    })
}

struct Reading<'a> {
    keys: &'a mut Keys,
    transaction: &'a mut Transaction,
    source: &'a str,
    zone: Tz,
    counts: Counts,
}

impl Reading<'_> {
    /// Reads a file; returns why it could not be read to its end.
    fn file(&mut self, path: &Path) -> Result<Option<String>, String> {
        let mut lines = source::open(path).map_err(|error| unreadable(path, &error))?;
        let mut records = Records::default();
        let fault = loop {
            match lines.next_line() {
                Ok(Some(line)) => {
                    let text = String::from_utf8_lossy(line.bytes);
                    self.piece(records.push(&text), line.ended)?;
                }
                Ok(None) => break None,
                Err(error) => {
                    let read = self.counts.read;
                    break Some(format!(
                        "cannot be read after record {read}: {error}\nhint: the file was cut; ask for it again"
                    ));
                }
            }
        };
        if records.is_open() {
            self.count(Err("unfinished"));
        }
        Ok(fault)
    }

    /// A line that its file does not end may still be written; the bar that
    /// ends a record of several lines says that it is whole.
    fn piece(&mut self, piece: Option<Piece>, ended: bool) -> Result<(), String> {
        let taken = match &piece {
            None => return Ok(()),
            Some(Piece::Whole(record)) if ended || record.contains('\n') => self.record(record)?,
            Some(Piece::Whole(_) | Piece::Unfinished) => Err("unfinished"),
        };
        self.count(taken);
        Ok(())
    }

    fn count(&mut self, taken: Result<bool, &'static str>) {
        self.counts.read += 1;
        match taken {
            Ok(true) => self.counts.kept += 1,
            Ok(false) => self.counts.duplicates += 1,
            Err(reason) => self.counts.reject(reason),
        }
    }

    /// Stores a record that the lake does not hold yet; says whether it did.
    fn record(&mut self, record: &str) -> Result<Result<bool, &'static str>, String> {
        match logins::read(record, self.zone) {
            Ok(login) => {
                let hash = self.keys.lines.hash(record.as_bytes());
                let kept = self.keep(&login, hash)?;
                Ok(kept.ok_or(NO_KEY))
            }
            Err(reason) => Ok(Err(reason)),
        }
    }

    /// Whether it is new, or nothing where its person cannot be pseudonymised.
    fn keep(&mut self, login: &Login<'_>, hash: u64) -> Result<Option<bool>, String> {
        let day = time::local(login.time).date();
        if !self
            .transaction
            .is_new(Table::Logins, day, login.time, hash)?
        {
            return Ok(Some(false));
        }
        let year = school_year(day);
        // Names are typed with and without capitals.
        let account = login.account.map(|name| {
            let name = name.to_lowercase();
            self.keys.pseudonym(&year, name.as_bytes())
        });
        if account == Some(None) {
            return Ok(None);
        }
        let account = account.flatten().map_or(Value::Null, Value::Pseudonym);
        let row = [
            Value::Text(&year),
            Value::Date(day),
            Value::Instant(login.time),
            Value::Text(self.source),
            account,
            Value::Text(login.outcome.code()),
            login.duration_ms.into(),
            Value::LineHash(hash),
        ];
        self.transaction.row(Table::Logins, Some(day), &row)?;
        Ok(Some(true))
    }
}
