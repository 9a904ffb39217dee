//! Rows to Parquet files, staged until the commit.

use super::integrity::Summed;
use super::io_message;
use super::ledger::{StoredFile, sync_folder};
use super::lines::{Arrivals, LINE_HASH, LineIndex, line_key, stored_hash};
use super::table::{Column, Kind, Table};
use arrow::array::{
    ArrayRef, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMillisecondBuilder, UInt64Builder,
};
use chrono::{DateTime, NaiveDate, Utc};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

const ROWS_IN_A_BATCH: usize = 2_048;
/// Files of one input open at once.
const OPEN_FILES: usize = 256;
const ROWS_IN_A_GROUP: usize = 1 << 18;
/// Encoded bytes kept in memory over all files of an input before they are written.
const MEMORY: usize = 96 << 20;
/// A file that got no row for so many rows of others keeps nothing in memory.
const IDLE_ROWS: u64 = 100_000;

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
    /// The keyed hash of a line, of which a part is stored.
    LineHash(u64),
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
    source: String,
    lines: Rc<RefCell<LineIndex>>,
    arrivals: Arrivals,
    staging: PathBuf,
    /// By table and day; the one written last is looked at first.
    open: Vec<(Place, TableWriter)>,
    last: usize,
    rows: u64,
    closed: Vec<Staged>,
    /// How often all files were closed because too many were open.
    generation: usize,
}

/// A table and, where it has them, a partition of it.
type Place = (Table, Option<NaiveDate>);

/// A closed file, before it has its name.
struct Staged {
    path: PathBuf,
    folder: String,
    rows: u64,
    sha256: String,
}

impl Transaction {
    pub(super) fn new(
        root: &Path,
        source: &str,
        lines: Rc<RefCell<LineIndex>>,
    ) -> Result<Self, String> {
        // There is one writer: nobody else stages files.
        let staging = (0..).map(|n| root.join(format!("staging/{n}")));
        let mut unused = staging.skip_while(|folder| folder.exists());
        let staging = unused.next().expect("there is always a next number");
        fs::create_dir_all(&staging).map_err(|e| io_message(&staging, &e))?;
        Ok(Self {
            source: source.into(),
            lines,
            arrivals: Arrivals::default(),
            staging,
            open: Vec::new(),
            last: 0,
            rows: 0,
            closed: Vec::new(),
            generation: 0,
        })
    }

    /// Whether the lake holds no line of the source and local day, and none of
    /// an input that came before: then every line of it is new.
    pub fn is_new_day(&mut self, table: Table, day: NaiveDate) -> Result<bool, String> {
        let index = self.lines.borrow();
        self.arrivals.is_new_day(&index, &self.source, table, day)
    }

    /// Whether the lake does not hold this line of the source and local day yet;
    /// asked once for each line of the input, in order.
    pub fn is_new(
        &mut self,
        table: Table,
        day: NaiveDate,
        time: DateTime<Utc>,
        hash: u64,
    ) -> Result<bool, String> {
        let index = self.lines.borrow();
        let key = line_key(time.timestamp_millis(), stored_hash(hash));
        self.arrivals.is_new(&index, &self.source, table, day, key)
    }

    /// Adds a row to a table; `day` names the partition of tables that have one.
    /// The values must follow the table's columns.
    pub fn row(
        &mut self,
        table: Table,
        day: Option<NaiveDate>,
        values: &[Value<'_>],
    ) -> Result<(), String> {
        self.rows += 1;
        let total = self.rows;
        let writer = self.writer(table, day)?;
        writer.last_row = total;
        match writer.push(values)? {
            true => self.bound_memory(),
            false => Ok(()),
        }
    }

    /// Whether the lake does not hold a line yet that is known by its key alone.
    pub(super) fn is_new_key(
        &mut self,
        table: Table,
        day: NaiveDate,
        key: u64,
    ) -> Result<bool, String> {
        let index = self.lines.borrow();
        self.arrivals.is_new(&index, &self.source, table, day, key)
    }

    /// Adds rows that have the columns of the table already.
    pub(super) fn batch(
        &mut self,
        table: Table,
        day: NaiveDate,
        rows: &RecordBatch,
    ) -> Result<(), String> {
        self.rows += rows.num_rows() as u64;
        let total = self.rows;
        let writer = self.writer(table, Some(day))?;
        writer.last_row = total;
        writer.write(rows)?;
        self.bound_memory()
    }

    /// Adds rows of one table and partition, column after column: faster than one
    /// by one. `fill` is called with some of the rows at a time and puts a value of
    /// each into every column.
    pub fn rows<R>(
        &mut self,
        table: Table,
        day: Option<NaiveDate>,
        mut rows: &[R],
        fill: impl Fn(&[R], &mut Columns<'_>),
    ) -> Result<(), String> {
        while !rows.is_empty() {
            let count = self.writer(table, day)?.room().min(rows.len());
            let (now, later) = rows.split_at(count);
            self.rows += count as u64;
            let total = self.rows;
            let writer = self.writer(table, day)?;
            writer.last_row = total;
            fill(now, &mut Columns(writer.builders.iter_mut()));
            if writer.pushed(count)? {
                self.bound_memory()?;
            }
            rows = later;
        }
        Ok(())
    }

    /// The open file of a place.
    fn writer(&mut self, table: Table, day: Option<NaiveDate>) -> Result<&mut TableWriter, String> {
        let place = (table, day);
        let is_last = |last: &(Place, TableWriter)| last.0 == place;
        if !self.open.get(self.last).is_some_and(is_last) {
            let known = self.open.iter().position(is_last);
            self.last = match known {
                Some(known) => known,
                None => self.open_file(place)?,
            };
        }
        Ok(&mut self.open[self.last].1)
    }

    /// Opens the file of a place; returns where it stands among the open ones.
    fn open_file(&mut self, (table, day): Place) -> Result<usize, String> {
        if self.open.len() == OPEN_FILES {
            self.close_all()?;
            self.generation += 1;
        }
        let folder = table.folder(day);
        let name = format!("{}~{}", folder.replace('/', "~"), self.generation);
        let writer = TableWriter::create(self.staging.join(name), folder, table)?;
        self.open.push(((table, day), writer));
        Ok(self.open.len() - 1)
    }

    /// A long input has many days, and one that jumps between them has many
    /// files half written.
    fn bound_memory(&mut self) -> Result<(), String> {
        let writers = self.open.iter();
        let encoded: usize = writers.map(|(_, w)| w.writer.in_progress_size()).sum();
        let now = self.rows;
        for (_, writer) in &mut self.open {
            let is_idle = writer.last_row + IDLE_ROWS < now;
            if encoded > MEMORY || is_idle {
                writer.end_group()?;
            }
        }
        Ok(())
    }

    fn close_all(&mut self) -> Result<(), String> {
        for (_, writer) in std::mem::take(&mut self.open) {
            self.closed.push(writer.close()?);
        }
        Ok(())
    }

    /// Closes the files and moves them into place, named after the input.
    pub(super) fn finish(mut self, root: &Path, digest: &str) -> Result<Vec<StoredFile>, String> {
        self.close_all()?;
        let mut stored = Vec::new();
        let mut folders = BTreeSet::new();
        for file in std::mem::take(&mut self.closed) {
            let folder = root.join(&file.folder);
            fs::create_dir_all(&folder).map_err(|e| io_message(&folder, &e))?;
            let path = free_name(root, &file.folder, digest);
            let target = root.join(&path);
            fs::rename(&file.path, &target).map_err(|e| io_message(&target, &e))?;
            folders.insert(folder);
            stored.push(StoredFile {
                path,
                rows: file.rows,
                sha256: Some(file.sha256),
            });
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))?;
        stored.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(stored)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // What stays behind is cleared when the lake is next written.
        let _ = fs::remove_dir_all(&self.staging);
    }
}

/// The name of a new file of an input: an input that is read again, or that
/// jumps between very many days, has several in one folder.
pub(super) fn free_name(root: &Path, folder: &str, digest: &str) -> String {
    let name = |part: &str| format!("{folder}/{}{part}.parquet", &digest[..32]);
    let names = std::iter::once(name("")).chain((1..).map(|n| name(&format!("-{n}"))));
    let mut free = names.skip_while(|name| root.join(name).exists());
    free.next().expect("there is always a next number")
}

struct TableWriter {
    table: Table,
    folder: String,
    staged: PathBuf,
    writer: ArrowWriter<Summed>,
    builders: Vec<Builder>,
    pending: usize,
    rows: u64,
    /// Rows of the transaction when it got its last one.
    last_row: u64,
}

impl TableWriter {
    fn create(staged: PathBuf, folder: String, table: Table) -> Result<Self, String> {
        let file = File::create(&staged).map_err(|e| io_message(&staged, &e))?;
        let file = Summed::new(file);
        let writer = ArrowWriter::try_new(file, table.schema(), Some(properties(table)))
            .map_err(|error| not_written(&staged, &error))?;
        Ok(Self {
            table,
            folder,
            staged,
            writer,
            builders: table.columns().iter().map(Builder::new).collect(),
            pending: 0,
            rows: 0,
            last_row: 0,
        })
    }

    /// Adds a row; says whether a batch of rows was encoded.
    fn push(&mut self, values: &[Value<'_>]) -> Result<bool, String> {
        assert_eq!(values.len(), self.builders.len(), "a row has all columns");
        for (builder, value) in self.builders.iter_mut().zip(values) {
            builder.push(*value);
        }
        self.pushed(1)
    }

    /// Rows until the batch is full.
    fn room(&self) -> usize {
        ROWS_IN_A_BATCH - self.pending
    }

    /// Rows were added; says whether a batch of rows was encoded.
    fn pushed(&mut self, rows: usize) -> Result<bool, String> {
        self.pending += rows;
        self.rows += rows as u64;
        let is_full = self.pending == ROWS_IN_A_BATCH;
        if is_full {
            self.flush()?;
        }
        Ok(is_full)
    }

    /// Writes what is in memory; nothing to do for a file that did before.
    fn end_group(&mut self) -> Result<(), String> {
        if self.pending > 0 {
            self.flush()?;
        }
        if self.writer.in_progress_rows() == 0 {
            return Ok(());
        }
        let ended = self.writer.flush();
        ended.map_err(|error| not_written(&self.staged, &error))
    }

    fn flush(&mut self) -> Result<(), String> {
        let columns: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(self.table.schema(), columns)
            .map_err(|error| not_written(&self.staged, &error))?;
        self.pending = 0;
        self.write_encoded(&batch)
    }

    fn write_encoded(&mut self, batch: &RecordBatch) -> Result<(), String> {
        let written = self.writer.write(batch);
        written.map_err(|error| not_written(&self.staged, &error))
    }

    /// Writes rows after those that came one by one.
    fn write(&mut self, rows: &RecordBatch) -> Result<(), String> {
        if self.pending > 0 {
            self.flush()?;
        }
        self.rows += rows.num_rows() as u64;
        self.write_encoded(rows)
    }

    fn close(mut self) -> Result<Staged, String> {
        self.flush()?;
        let file = self
            .writer
            .into_inner()
            .map_err(|error| not_written(&self.staged, &error))?;
        let sha256 = file.end().map_err(|e| io_message(&self.staged, &e))?;
        Ok(Staged {
            path: self.staged,
            folder: self.folder,
            rows: self.rows,
            sha256,
        })
    }
}

/// The disk may be full, or a quota reached.
fn not_written(path: &Path, error: &dyn std::fmt::Display) -> String {
    io_message(path, error)
}

/// Rows of a table as one file.
pub(super) fn write_batch(table: Table, rows: &RecordBatch, path: &Path) -> Result<File, String> {
    let message = |error| not_written(path, &error);
    let file = File::create(path).map_err(|e| io_message(path, &e))?;
    let mut writer =
        ArrowWriter::try_new(file, table.schema(), Some(properties(table))).map_err(message)?;
    writer.write(rows).map_err(message)?;
    writer.into_inner().map_err(message)
}

/// How the columns of a table are written: instants and days follow each other; hashes
/// never repeat, and two of their eight bytes are zero.
fn properties(table: Table) -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("a level of zstd");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROWS_IN_A_GROUP))
        .set_created_by("entobs".into());
    for Column(name, kind) in table.columns() {
        let path = ColumnPath::from(*name);
        if *name == LINE_HASH {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::BYTE_STREAM_SPLIT)
                .set_column_compression(path.clone(), Compression::ZSTD(ZstdLevel::default()))
                .set_column_statistics_enabled(path, EnabledStatistics::None);
        } else if *kind == Kind::Text {
            // Nothing is found faster by the least and the greatest of few words.
            properties = properties.set_column_statistics_enabled(path, EnabledStatistics::None);
        } else if matches!(kind, Kind::Instant | Kind::Date) {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    properties.build()
}

/// The columns of a table, in order, each taking a value of every row in turn. A
/// value of another type than its column's is a mistake in the program.
pub struct Columns<'b>(std::slice::IterMut<'b, Builder>);

impl Columns<'_> {
    /// UTF-8.
    pub fn text<'v>(&mut self, values: impl Iterator<Item = &'v str>) {
        match self.0.next() {
            Some(Builder::Text(column)) => values.for_each(|v| column.append_value(v)),
            _ => unreachable!("a value has the type of its column"),
        }
    }

    /// The same text in each of so many rows.
    pub fn same_text(&mut self, value: &str, rows: usize) {
        self.text(std::iter::repeat_n(value, rows));
    }

    /// The same local day in each of so many rows.
    pub fn same_date(&mut self, day: NaiveDate, rows: usize) {
        match self.0.next() {
            Some(Builder::Date(column)) => column.append_value_n(days_since_1970(day), rows),
            _ => unreachable!("a value has the type of its column"),
        }
    }

    /// Instants.
    pub fn instant(&mut self, values: impl Iterator<Item = DateTime<Utc>>) {
        match self.0.next() {
            Some(Builder::Instant(column)) => {
                values.for_each(|v| column.append_value(v.timestamp_millis()));
            }
            _ => unreachable!("a value has the type of its column"),
        }
    }

    /// Pseudonyms.
    pub fn pseudonym(&mut self, values: impl Iterator<Item = Option<u64>>) {
        match self.0.next() {
            Some(Builder::Pseudonym(column)) => values.for_each(|v| column.append_option(v)),
            _ => unreachable!("a value has the type of its column"),
        }
    }

    /// Keyed hashes of lines, of which a part is stored.
    pub fn line_hash(&mut self, values: impl Iterator<Item = u64>) {
        self.pseudonym(values.map(|hash| Some(stored_hash(hash))));
    }

    /// Whole numbers.
    pub fn integer(&mut self, values: impl Iterator<Item = Option<i64>>) {
        match self.0.next() {
            Some(Builder::Integer(column)) => values.for_each(|v| column.append_option(v)),
            _ => unreachable!("a value has the type of its column"),
        }
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
            Kind::Set => unreachable!("no table of the lake holds sets"),
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(b), Value::Text(v)) => b.append_value(v),
            (Self::Date(b), Value::Date(v)) => b.append_value(days_since_1970(v)),
            (Self::Instant(b), Value::Instant(v)) => b.append_value(v.timestamp_millis()),
            (Self::Pseudonym(b), Value::Pseudonym(v)) => b.append_value(v),
            (Self::Pseudonym(b), Value::LineHash(v)) => b.append_value(stored_hash(v)),
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
