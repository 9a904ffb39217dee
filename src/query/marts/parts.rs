//! The files of a mart kept by day: one for each of the last days, one for each month
//! that is over. So a new day writes few rows, and a reader opens few files.

use crate::lake::io_message;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, SchemaRef};
use chrono::{Datelike, Days, Months, NaiveDate};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// A month is over when so many days after it have come: late files come soon or not.
const DAYS_AFTER_A_MONTH: u64 = 7;

/// The days of one file of each mart kept by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// The first local day.
    pub first: NaiveDate,
    /// The last one.
    pub last: NaiveDate,
}

impl Part {
    /// One of a day alone.
    pub fn day(day: NaiveDate) -> Self {
        Self {
            first: day,
            last: day,
        }
    }

    /// That of a day, when `newest` is the last day with data.
    pub fn of(day: NaiveDate, newest: NaiveDate) -> Self {
        let first = day - Days::new(u64::from(day.day0()));
        let last = first + Months::new(1) - Days::new(1);
        if last + Days::new(DAYS_AFTER_A_MONTH) <= newest {
            return Self { first, last };
        }
        Self::day(day)
    }

    /// Whether it is a month and not a day.
    pub fn is_month(self) -> bool {
        self.first < self.last
    }

    /// Whether a day is in it.
    pub fn holds(self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// Its file in the folder of a mart; not there where it has no rows.
    pub fn file(self, mart: &Path) -> PathBuf {
        let name = match self.is_month() {
            true => self.first.format("%Y-%m.parquet"),
            false => self.first.format("%Y-%m-%d.parquet"),
        };
        mart.join(name.to_string())
    }
}

/// Lays the rows of a file, in the order of their days, into the files of parts.
pub(super) fn lay(rows: &Path, parts: &[Part], mart: &Path) -> Result<(), String> {
    fs::create_dir_all(mart).map_err(|e| io_message(mart, &e))?;
    let reader = reader(rows)?;
    let mut left = parts.iter().copied().peekable();
    let mut open: Option<(Part, PartFile)> = None;
    for batch in reader {
        let batch = batch.map_err(|e| damaged(rows, &e))?;
        let mut from = 0;
        while from < batch.num_rows() {
            let day = day_of(&batch, from)?;
            if !open.as_ref().is_some_and(|(part, _)| part.holds(day)) {
                if let Some((_, file)) = open.take() {
                    file.close()?;
                }
                let part = left.find(|part| part.holds(day)).ok_or_else(|| {
                    format!("`{}`: rows of {day} are not in order", rows.display())
                })?;
                open = Some((part, PartFile::create(part.file(mart), batch.schema())?));
            }
            let (part, file) = open.as_mut().expect("a part is open");
            let to = end_of(&batch, *part, from)?;
            file.write(&batch.slice(from, to - from))?;
            from = to;
        }
    }
    open.map_or(Ok(()), |(_, file)| file.close())
}

/// Makes one file of the files of days, which go.
pub(super) fn join(days: &[Part], month: Part, mart: &Path) -> Result<(), String> {
    let files: Vec<PathBuf> = days.iter().map(|day| day.file(mart)).collect();
    let files: Vec<PathBuf> = files.into_iter().filter(|file| file.exists()).collect();
    let mut joined: Option<PartFile> = None;
    for file in &files {
        for batch in reader(file)? {
            let batch = batch.map_err(|e| damaged(file, &e))?;
            if joined.is_none() {
                joined = Some(PartFile::create(month.file(mart), batch.schema())?);
            }
            joined.as_mut().expect("it is open").write(&batch)?;
        }
    }
    joined.map_or(Ok(()), PartFile::close)?;
    for file in &files {
        fs::remove_file(file).map_err(|e| io_message(file, &e))?;
    }
    Ok(())
}

/// The first row from `from` on whose day is not of the part.
fn end_of(batch: &RecordBatch, part: Part, from: usize) -> Result<usize, String> {
    for row in from..batch.num_rows() {
        if !part.holds(day_of(batch, row)?) {
            return Ok(row);
        }
    }
    Ok(batch.num_rows())
}

fn day_of(batch: &RecordBatch, row: usize) -> Result<NaiveDate, String> {
    let days = batch.column_by_name("day");
    let days = days.and_then(|days| days.as_primitive_opt::<Date32Type>());
    days.filter(|days| days.is_valid(row))
        .and_then(|days| Date32Type::to_naive_date_opt(days.value(row)))
        .ok_or_else(|| "a mart kept by day needs a column `day` without gaps".into())
}

fn reader(path: &Path) -> Result<ParquetRecordBatchReader, String> {
    let file = File::open(path).map_err(|e| io_message(path, &e))?;
    ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|e| damaged(path, &e))
}

fn damaged(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!(
        "`{}` cannot be read: {error}\nhint: remove the folder `marts` of the lake; it is made again from the lake",
        path.display()
    )
}

/// A Parquet file under a name of its own until it is whole.
struct PartFile {
    path: PathBuf,
    staged: PathBuf,
    writer: ArrowWriter<File>,
}

impl PartFile {
    fn create(path: PathBuf, schema: SchemaRef) -> Result<Self, String> {
        let staged = path.with_extension("new");
        let file = File::create(&staged).map_err(|e| io_message(&staged, &e))?;
        let level = ZstdLevel::try_new(1).expect("a level of zstd");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties));
        Ok(Self {
            writer: writer.map_err(|e| damaged(&staged, &e))?,
            path,
            staged,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), String> {
        let written = self.writer.write(batch);
        written.map_err(|e| format!("`{}` cannot be written: {e}", self.staged.display()))
    }

    fn close(self) -> Result<(), String> {
        let closed = self.writer.close();
        closed.map_err(|e| format!("`{}` cannot be written: {e}", self.staged.display()))?;
        fs::rename(&self.staged, &self.path).map_err(|e| io_message(&self.path, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_over_a_week_after_their_end() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let part = |of: &str, newest: &str| {
            let part = Part::of(day(of), day(newest));
            part.file(Path::new("m")).display().to_string()
        };
        assert_eq!(part("2025-09-30", "2025-10-06"), "m/2025-09-30.parquet");
        assert_eq!(part("2025-09-30", "2025-10-07"), "m/2025-09.parquet");
        assert_eq!(part("2024-02-01", "2025-10-07"), "m/2024-02.parquet");
        let february = Part::of(day("2024-02-10"), day("2025-10-07"));
        assert!(february.holds(day("2024-02-29")) && !february.holds(day("2024-03-01")));
    }
}
