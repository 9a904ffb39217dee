//! Access logs: one row a request.

use super::{Context, FileReport, Input, Keys, Report, school_year, store, unreadable};
use crate::access::{AccessLine, Classifier, LogFormat, line};
use crate::domain::time;
use crate::lake::{Counts, Table, Transaction, Value};
use crate::source;
use std::path::Path;

/// Where a log comes from and how it is written.
pub struct AccessSource {
    /// The front-end: equal lines of two machines are two requests.
    pub front_end: String,
    /// The compiled format.
    pub format: LogFormat,
}

/// Ingests one log file.
pub fn access(
    context: &mut Context<'_>,
    path: &Path,
    source: &AccessSource,
) -> Result<Report, String> {
    let input = Input::identify("access", &source.front_end, &[path.to_owned()])?
        .read_as(&format!("{:?}", source.format));
    store(context, &input, |keys, services, transaction| {
        let classifier = Classifier::new(services.clone());
        let mut reading = Reading {
            keys,
            classifier,
            transaction,
            source,
        };
        Ok(vec![reading.file(path)?])
    })
}

struct Reading<'a> {
    keys: &'a mut Keys,
    classifier: Classifier,
    transaction: &'a mut Transaction,
    source: &'a AccessSource,
}

impl Reading<'_> {
    fn file(&mut self, path: &Path) -> Result<FileReport, String> {
        let mut lines = source::open(path).map_err(|error| unreadable(path, &error))?;
        let mut counts = Counts::default();
        let fault = loop {
            match lines.next_line() {
                Ok(Some(raw)) => self.line(&raw, &mut counts)?,
                Ok(None) => break None,
                Err(error) => {
                    let read = counts.read;
                    break Some(format!(
                        "cannot be read after line {read}: {error}\nhint: the file was cut; ask for it again"
                    ));
                }
            }
        };
        Ok(FileReport {
            path: path.display().to_string(),
            counts,
            fault,
        })
    }

    fn line(&mut self, raw: &source::Line<'_>, counts: &mut Counts) -> Result<(), String> {
        counts.read += 1;
        match line::read(&self.source.format, raw.bytes) {
            // A last line that is still being written may read well and be
            // wrong: the next delivery will tell it whole.
            Ok(_) if !raw.ended => counts.reject("unfinished"),
            Ok(line) => match self.keep(&line, self.keys.lines.hash(raw.bytes))? {
                true => counts.kept += 1,
                false => counts.duplicates += 1,
            },
            Err(reason) => counts.reject(reason.code()),
        }
        Ok(())
    }

    /// Stores a line that the lake does not hold yet; says whether it did.
    fn keep(&mut self, line: &AccessLine<'_>, hash: u64) -> Result<bool, String> {
        let day = time::local(line.time.unwrap_or_default()).date();
        if !self.transaction.is_new(Table::Requests, day, hash)? {
            return Ok(false);
        }
        let year = school_year(day);
        let found = self.classifier.classify(line);
        let account = match line.user.as_deref() {
            Some(user) => Value::Pseudonym(self.keys.pseudonym(&year, user)),
            None => Value::Null,
        };
        let row = [
            Value::Text(&year),
            Value::Date(day),
            line.time.into(),
            Value::Text(&self.source.front_end),
            account,
            Value::Text(found.class.code()),
            Value::Text(found.service),
            Value::Text(found.device),
            line.status.map(i64::from).into(),
            line.duration_us.into(),
            Value::Pseudonym(hash),
        ];
        self.transaction.row(Table::Requests, Some(day), &row)?;
        Ok(true)
    }
}
