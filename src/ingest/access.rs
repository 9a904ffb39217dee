//! Access logs: one row a request.

use super::{Context, FileReport, Input, Keys, Report, school_year, store, unreadable};
use crate::access::{AccessLine, Classifier, LogFormat, Reader};
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

const DATELESS: &str = "the lines of this log format bear no date: it is in the prefix that the logging framework puts before them\nhint: paste that prefix in front of the name, as `--log-format '%{%Y-%m-%d %H:%M:%S}t entcore' --zone Europe/Paris`";

/// Ingests one log file.
pub fn access(
    context: &mut Context<'_>,
    path: &Path,
    source: &AccessSource,
) -> Result<Report, String> {
    if !source.format.has_time() {
        return Err(DATELESS.into());
    }
    let input = Input::identify("access", &source.front_end, &[path.to_owned()])?
        .read_as(&format!("{:?}", source.format));
    store(context, &input, |keys, services, transaction| {
        let classifier = Classifier::new(services.clone());
        let mut reading = Reading {
            keys,
            classifier,
            transaction,
            front_end: &source.front_end,
            reader: Reader::new(&source.format),
        };
        Ok(vec![reading.file(path)?])
    })
}

struct Reading<'a> {
    keys: &'a mut Keys,
    classifier: Classifier,
    transaction: &'a mut Transaction,
    front_end: &'a str,
    reader: Reader<'a>,
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

    /// Reads a line; a record that holds several requests counts as so many.
    fn line(&mut self, raw: &source::Line<'_>, counts: &mut Counts) -> Result<(), String> {
        match self.reader.read(raw.bytes) {
            Ok(line) => self.request(&line, raw.bytes, raw.ended, counts)?,
            Err(reason) => match self.reader.split_glued(raw.bytes) {
                Some(parts) => self.parts(&parts, raw.ended, counts)?,
                None => {
                    counts.read += 1;
                    counts.reject(reason.code());
                }
            },
        }
        Ok(())
    }

    fn parts(&mut self, parts: &[&[u8]], ended: bool, counts: &mut Counts) -> Result<(), String> {
        for part in parts {
            if let Ok(line) = self.reader.read(part) {
                self.request(&line, part, ended, counts)?;
            }
        }
        Ok(())
    }

    fn request(
        &mut self,
        line: &AccessLine<'_>,
        bytes: &[u8],
        ended: bool,
        counts: &mut Counts,
    ) -> Result<(), String> {
        counts.read += 1;
        // A last line that is still being written may read well and be
        // wrong: the next delivery will tell it whole.
        if !ended {
            counts.reject("unfinished");
            return Ok(());
        }
        match self.keep(line, self.keys.lines.hash(bytes))? {
            true => counts.kept += 1,
            false => counts.duplicates += 1,
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
            Value::Text(self.front_end),
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
