//! Rows to Parquet files, staged until the commit.

use super::io_message;
use super::ledger::StoredFile;
use super::lines::{Arrivals, LINE_HASH, LineIndex};
use super::table::{Column, Kind, Table};
use arrow::array::{
    ArrayRef, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMillisecondBuilder, UInt64Builder,
};
use chrono::{DateTime, NaiveDate, Utc};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

const ROWS_IN_A_BATCH: usize = 8_192;

/// A cell on its way into the lake.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// UTF-8.
    Text(&'a str),
    /// A local day.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// A pseudonym.
    Pseudonym(u64),
    /// A whole number.
    Integer(i64),
    /// A real number.
    Real(f64),
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<Option<NaiveDate>> for Value<'_> {
    fn from(date: Option<NaiveDate>) -> Self {
        date.map_or(Self::Null, Self::Date)
    }
}

impl From<Option<DateTime<Utc>>> for Value<'_> {
    fn from(instant: Option<DateTime<Utc>>) -> Self {
        instant.map_or(Self::Null, Self::Instant)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Integer)
    }
}

impl From<Option<f64>> for Value<'_> {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Null, Self::Real)
    }
}

/// The files of one input, staged.
pub struct Transaction {
    digest: String,
    source: String,
    lines: Rc<RefCell<LineIndex>>,
    arrivals: Arrivals,
    staging: PathBuf,
    open: BTreeMap<(Table, Option<NaiveDate>), TableWriter>,
}

impl Transaction {
    pub(super) fn new(
        root: &Path,
        digest: &str,
        source: &str,
        lines: Rc<RefCell<LineIndex>>,
    ) -> Result<Self, String> {
        let staging = root.join("staging").join(digest);
        fs::create_dir_all(&staging).map_err(|e| io_message(&staging, &e))?;
        Ok(Self {
            digest: digest.into(),
            source: source.into(),
            lines,
            arrivals: Arrivals::default(),
            staging,
            open: BTreeMap::new(),
        })
    }

    /// Whether the lake does not hold this line of the source and day yet; asked
    /// once for each line of the input, in order.
    pub fn is_new(&mut self, table: Table, day: NaiveDate, hash: u64) -> Result<bool, String> {
        let index = self.lines.borrow();
        self.arrivals.is_new(&index, &self.source, table, day, hash)
    }

    /// Adds a row to a table; `day` names the partition of tables that have one.
    /// The values must follow the table's columns.
    pub fn row(
        &mut self,
        table: Table,
        day: Option<NaiveDate>,
        values: &[Value<'_>],
    ) -> Result<(), String> {
        let writer = match self.open.entry((table, day)) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let folder = match day {
                    Some(day) => format!("{}/day={day}", table.name()),
                    None => table.name().to_owned(),
                };
                let relative = format!("{folder}/{}.parquet", &self.digest[..32]);
                entry.insert(TableWriter::create(&self.staging, relative, table)?)
            }
        };
        writer.push(values)
    }

    /// Closes the files and moves them into place.
    pub(super) fn finish(self, root: &Path) -> Result<Vec<StoredFile>, String> {
        let mut stored = Vec::new();
        for writer in self.open.into_values() {
            let (staged, file) = writer.close()?;
            let target = root.join(&file.path);
            let folder = target.parent().expect("a table has a folder");
            fs::create_dir_all(folder).map_err(|e| io_message(folder, &e))?;
            fs::rename(&staged, &target).map_err(|e| io_message(&target, &e))?;
            stored.push(file);
        }
        fs::remove_dir_all(&self.staging).map_err(|e| io_message(&self.staging, &e))?;
        Ok(stored)
    }
}

struct TableWriter {
    table: Table,
    relative: String,
    staged: PathBuf,
    writer: ArrowWriter<File>,
    builders: Vec<Builder>,
    pending: usize,
    rows: u64,
}

impl TableWriter {
    fn create(staging: &Path, relative: String, table: Table) -> Result<Self, String> {
        let staged = staging.join(relative.replace('/', "~"));
        let file = File::create(&staged).map_err(|e| io_message(&staged, &e))?;
        let level = ZstdLevel::try_new(3).expect("a level of zstd");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            // Hashes never repeat: a dictionary of them is a waste of time.
            .set_column_dictionary_enabled(ColumnPath::from(LINE_HASH), false)
            .set_created_by("entobs".into())
            .build();
        let writer = ArrowWriter::try_new(file, table.schema(), Some(properties))
            .map_err(|error| format!("`{}`: {error}", staged.display()))?;
        Ok(Self {
            table,
            relative,
            staged,
            writer,
            builders: table.columns().iter().map(Builder::new).collect(),
            pending: 0,
            rows: 0,
        })
    }

    fn push(&mut self, values: &[Value<'_>]) -> Result<(), String> {
        assert_eq!(values.len(), self.builders.len(), "a row has all columns");
        for (builder, value) in self.builders.iter_mut().zip(values) {
            builder.push(*value);
        }
        self.pending += 1;
        self.rows += 1;
        if self.pending == ROWS_IN_A_BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), String> {
        let columns: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(self.table.schema(), columns)
            .map_err(|error| format!("`{}`: {error}", self.staged.display()))?;
        self.pending = 0;
        self.writer
            .write(&batch)
            .map_err(|error| format!("`{}`: {error}", self.staged.display()))
    }

    fn close(mut self) -> Result<(PathBuf, StoredFile), String> {
        self.flush()?;
        let file = self
            .writer
            .into_inner()
            .map_err(|error| format!("`{}`: {error}", self.staged.display()))?;
        file.sync_all().map_err(|e| io_message(&self.staged, &e))?;
        let stored = StoredFile {
            path: self.relative,
            rows: self.rows,
        };
        Ok((self.staged, stored))
    }
}

enum Builder {
    Text(StringBuilder),
    Date(Date32Builder),
    Instant(TimestampMillisecondBuilder),
    Pseudonym(UInt64Builder),
    Integer(Int64Builder),
    Real(Float64Builder),
}

impl Builder {
    fn new(column: &Column) -> Self {
        match column.1 {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Instant => Self::Instant(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            Kind::Pseudonym => Self::Pseudonym(UInt64Builder::new()),
            Kind::Integer => Self::Integer(Int64Builder::new()),
            Kind::Real => Self::Real(Float64Builder::new()),
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(b), Value::Text(v)) => b.append_value(v),
            (Self::Date(b), Value::Date(v)) => b.append_value(days_since_1970(v)),
            (Self::Instant(b), Value::Instant(v)) => b.append_value(v.timestamp_millis()),
            (Self::Pseudonym(b), Value::Pseudonym(v)) => b.append_value(v),
            (Self::Integer(b), Value::Integer(v)) => b.append_value(v),
            (Self::Real(b), Value::Real(v)) => b.append_value(v),
            (Self::Text(b), Value::Null) => b.append_null(),
            (Self::Date(b), Value::Null) => b.append_null(),
            (Self::Instant(b), Value::Null) => b.append_null(),
            (Self::Pseudonym(b), Value::Null) => b.append_null(),
            (Self::Integer(b), Value::Null) => b.append_null(),
            (Self::Real(b), Value::Null) => b.append_null(),
            _ => unreachable!("a value has the type of its column"),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Instant(b) => Arc::new(b.finish()),
            Self::Pseudonym(b) => Arc::new(b.finish()),
            Self::Integer(b) => Arc::new(b.finish()),
            Self::Real(b) => Arc::new(b.finish()),
        }
    }
}

fn days_since_1970(day: NaiveDate) -> i32 {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");
    day.signed_duration_since(epoch).num_days() as i32
}
