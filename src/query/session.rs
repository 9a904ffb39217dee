//! A DataFusion session over a lake.

use super::contract::{Contract, OutputColumn};
use super::prepared::{self, Plans};
use super::{Cell, RawTable, fits, functions, people, texts};
use crate::lake::{Lake, Snapshot, Spill, Table};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, Schema, UInt64Type,
};
use chrono::NaiveDate;
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{
    DataFrame, ParquetReadOptions, SQLOptions, SessionConfig, SessionContext,
};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::runtime::{Builder, Runtime};

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// UTF-8.
    Text(String),
    /// A day.
    Date(NaiveDate),
    /// A whole number.
    Integer(i64),
}

impl Argument {
    fn scalar(&self) -> ScalarValue {
        match self {
            Self::Text(text) => ScalarValue::Utf8(Some(text.clone())),
            Self::Date(day) => ScalarValue::Date32(Some(Date32Type::from_naive_date(*day))),
            Self::Integer(number) => ScalarValue::Int64(Some(*number)),
        }
    }
}

/// What queries may gather in memory, in bytes, unless said.
pub(super) const MEMORY: usize = 4 << 30;

/// What the tables of a session were made from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// A digest of the lake.
    pub data: String,
    /// Partners, calendar, helpdesks, the day whose partners are told, as text.
    pub settings: String,
    /// The first and the last day with data.
    pub bounds: Option<(NaiveDate, NaiveDate)>,
    /// The state of the marts when they were registered, as its file had it.
    pub marts: Vec<u8>,
}

/// Runs queries over the tables of a lake.
pub struct Session {
    runtime: Runtime,
    context: SessionContext,
    kept: Mutex<HashMap<String, Kept>>,
    plans: Plans,
    origin: OnceLock<Origin>,
    late: Mutex<Option<Late>>,
    is_ready: OnceLock<Result<(), String>>,
    /// After the engine, which keeps files in it.
    _spill: Option<Spill>,
}

/// What is done before the first query.
type Late = Box<dyn FnOnce(&Session) -> Result<(), String> + Send>;

/// A result that is being made or is there.
type Kept = Arc<OnceLock<Result<RawTable, String>>>;

impl Session {
    /// A session with the lake's tables and our functions registered.
    pub fn open(lake: &Lake) -> Result<Self, String> {
        Self::open_within(lake, MEMORY)
    }

    /// The same with so many bytes of memory for what queries gather; what does not
    /// fit is spilled to files in the lake, which go when the query ends.
    pub fn open_within(lake: &Lake, memory: usize) -> Result<Self, String> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(16 << 20)
            .build()
            .map_err(|error| format!("threads cannot be started: {error}"))?;
        let config = SessionConfig::new()
            .with_target_partitions(2)
            .with_information_schema(true);
        let spill = lake.spill();
        let aside = spill.as_ref().map(|spill| spill.folder().to_owned());
        let aside = match aside {
            Some(folder) => DiskManagerMode::Directories(vec![folder]),
            // The lake is on a medium that is only read.
            None => DiskManagerMode::OsTmpDirectory,
        };
        // First come, first served: equal shares for each operator that can spill would be a
        // few megabytes each where queries of many operators run beside each other, too
        // little for one of them that has spilled to read back what it wrote.
        let engine = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(GreedyMemoryPool::new(memory)))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(aside))
            .build_arc()
            .map_err(|error| format!("the engine cannot be started: {error}"))?;
        let context = SessionContext::new_with_config_rt(config, engine);
        for function in functions::all() {
            context.register_udf(function);
        }
        for function in people::all() {
            context.register_udaf(function);
        }
        context.register_udaf(texts::text_set());
        let snapshot = lake.snapshot()?;
        let session = Self {
            runtime,
            context,
            kept: Mutex::default(),
            plans: Plans::default(),
            origin: OnceLock::new(),
            late: Mutex::default(),
            is_ready: OnceLock::new(),
            _spill: spill,
        };
        session.register_lake(&snapshot)?;
        Ok(session)
    }

    /// What its tables were made from, once that was said.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.get()
    }

    /// Says what its tables were made from, once.
    pub fn set_origin(&self, origin: Origin) {
        let was_unknown = self.origin.set(origin).is_ok();
        assert!(was_unknown, "the marts of a session are made once");
    }

    /// What is to be done before the first query file is run, if any ever is; free SQL does
    /// not wait for it.
    pub fn before_queries(&self, work: impl FnOnce(&Self) -> Result<(), String> + Send + 'static) {
        *self.late.lock().expect("no thread panics with it") = Some(Box::new(work));
    }

    fn get_ready(&self) -> Result<(), String> {
        let ready = self.is_ready.get_or_init(|| {
            let late = self.late.lock().expect("no thread panics with it").take();
            late.map_or(Ok(()), |work| work(self))
        });
        ready.clone()
    }

    /// Registers the tables of a lake as they were at one moment, in the place of those
    /// that were registered before.
    pub fn register_lake(&self, snapshot: &Snapshot) -> Result<(), String> {
        for table in Table::ALL {
            let files = snapshot.files(table);
            self.register_files(table.name(), &files, table.schema())?;
        }
        Ok(())
    }

    /// Registers Parquet files as a table, in the place of one of that name; an empty one
    /// where there is none.
    pub fn register_files(
        &self,
        name: &str,
        files: &[PathBuf],
        schema: Arc<Schema>,
    ) -> Result<(), String> {
        self.forget(name);
        if files.is_empty() {
            return self.register_rows(name, schema, Vec::new());
        }
        let files: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        let options = ParquetReadOptions::default().schema(&schema);
        let frame = self
            .runtime
            .block_on(self.context.read_parquet(files, options));
        let view = frame
            .map_err(|e| format!("table `{name}`: {e}"))?
            .into_view();
        self.register(name, view)
    }

    /// Registers Parquet files of the same columns as one table.
    pub fn register_parquet_files(&self, name: &str, files: &[PathBuf]) -> Result<(), String> {
        let files: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        let options = ParquetReadOptions::default();
        let frame = self
            .runtime
            .block_on(self.context.read_parquet(files, options));
        let view = frame
            .map_err(|e| format!("table `{name}`: {e}"))?
            .into_view();
        self.register(name, view)
    }

    fn register(&self, name: &str, table: Arc<dyn TableProvider>) -> Result<(), String> {
        self.plans.clear();
        let registered = self.context.register_table(name, table);
        registered
            .map(|_| ())
            .map_err(|e| format!("table `{name}`: {e}"))
    }

    /// Registers rows that Rust made as a table.
    pub fn register_rows(
        &self,
        name: &str,
        schema: Arc<Schema>,
        batches: Vec<RecordBatch>,
    ) -> Result<(), String> {
        let table =
            MemTable::try_new(schema, vec![batches]).map_err(|e| format!("table `{name}`: {e}"))?;
        self.register(name, Arc::new(table))
    }

    /// Registers a function of our own.
    pub fn register_function(&self, function: datafusion::logical_expr::ScalarUDF) {
        self.context.register_udf(function);
    }

    /// Registers a query as a table, run when it is read.
    pub fn register_view(&self, name: &str, sql: &str) -> Result<(), String> {
        let frame = self.runtime.block_on(self.context.sql(sql));
        let view = frame
            .map_err(|e| format!("view `{name}`: {e}"))?
            .into_view();
        self.register(name, view)
    }

    /// Runs a view now and keeps its rows in its place.
    pub fn keep_view(&self, name: &str) -> Result<(), String> {
        let kept = self.runtime.block_on(async {
            let frame = self.context.table(name).await?;
            let schema = Arc::clone(frame.schema().inner());
            Ok::<_, DataFusionError>((schema, frame.collect().await?))
        });
        let (schema, batches) = kept.map_err(|e| format!("view `{name}`: {e}"))?;
        self.forget(name);
        self.register_rows(name, schema, batches)
    }

    /// Takes a table out of the session, if it is there; its files stay.
    pub fn forget(&self, name: &str) {
        self.plans.clear();
        // An unknown name is what is wanted.
        let _ = self.context.deregister_table(name);
    }

    /// Registers one Parquet file as a table.
    pub fn register_file(&self, name: &str, path: &Path) -> Result<(), String> {
        self.plans.clear();
        let shown = path.display().to_string();
        let options = ParquetReadOptions::default();
        let done = self
            .runtime
            .block_on(self.context.register_parquet(name, shown, options));
        done.map_err(|e| format!("table `{name}`: {e}"))
    }

    /// Runs a query file after checking its contract against its plan.
    pub fn run(
        &self,
        contract: &Contract,
        arguments: &[(&str, Argument)],
    ) -> Result<RawTable, String> {
        self.get_ready()?;
        let state = self.context.state();
        let work = async {
            let plan = self.plans.get(&state, contract).await;
            let plan = plan.map_err(|e| format!("{}: {e}", contract.description))?;
            check(&contract.columns, plan.schema().as_arrow())?;
            let values = values(contract, arguments)?;
            let batches = prepared::run(&state, plan, values).await;
            batches.map_err(|e| e.to_string())
        };
        let batches = self.runtime.block_on(work)?;
        Ok(RawTable {
            columns: contract.columns.clone(),
            ties: contract.ties.clone(),
            rows: rows(&batches)?,
        })
    }

    /// The same, once for the same query and values of its parameters: deliverables
    /// of one edition share what does not depend on their territory. Tables must not
    /// be registered anew in between. May be called from several threads.
    pub fn run_once(
        &self,
        contract: &Contract,
        arguments: &[(&str, Argument)],
    ) -> Result<RawTable, String> {
        let is_read = |name: &str| contract.parameters.iter().any(|p| p.name == name);
        let values = arguments.iter().filter(|(name, _)| is_read(name));
        let key = format!("{:?}\n{}", values.collect::<Vec<_>>(), contract.sql);
        let kept = {
            let mut all = self.kept.lock().expect("no thread panics with it");
            all.entry(key).or_default().clone()
        };
        kept.get_or_init(|| self.run(contract, arguments)).clone()
    }

    /// Runs a query file into one Parquet file.
    pub fn materialise(
        &self,
        contract: &Contract,
        arguments: &[(&str, Argument)],
        path: &Path,
    ) -> Result<(), String> {
        let frame = self.plan(contract, arguments)?;
        let options = DataFrameWriteOptions::new().with_single_file_output(true);
        let shown = path.display().to_string();
        let done = self
            .runtime
            .block_on(frame.write_parquet(&shown, options, None));
        done.map(|_| ()).map_err(|e| e.to_string())
    }

    fn plan(
        &self,
        contract: &Contract,
        arguments: &[(&str, Argument)],
    ) -> Result<DataFrame, String> {
        let frame = self.runtime.block_on(self.context.sql(&contract.sql));
        let mut frame = frame.map_err(|e| format!("{}: {e}", contract.description))?;
        if !contract.parameters.is_empty() {
            let values = values(contract, arguments)?;
            frame = frame.with_param_values(values).map_err(|e| e.to_string())?;
        }
        check(&contract.columns, frame.schema().as_arrow())?;
        Ok(frame)
    }

    /// Runs free SQL that only reads.
    pub fn sql(&self, sql: &str) -> Result<(Vec<String>, Vec<Vec<Cell>>), String> {
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let work = async {
            let frame = self.context.sql_with_options(sql, options).await?;
            let names = frame
                .schema()
                .fields()
                .iter()
                .map(|f| f.name().clone())
                .collect();
            Ok::<_, datafusion::error::DataFusionError>((names, frame.collect().await?))
        };
        let (names, batches) = self.runtime.block_on(work).map_err(|error| {
            format!("{error}\nhint: `entobs sql \"show tables\"` lists the tables; only queries that read are allowed")
        })?;
        Ok((names, rows(&batches)?))
    }
}

/// The values of the parameters of a query, by name.
fn values<'a>(
    contract: &Contract,
    arguments: &[(&'a str, Argument)],
) -> Result<Vec<(&'a str, ScalarValue)>, String> {
    let value = |name: &String| {
        let given = arguments.iter().find(|(known, _)| known == name);
        let (name, value) = given.ok_or_else(|| format!("parameter `{name}` is missing"))?;
        Ok((*name, value.scalar()))
    };
    let names = contract.parameters.iter().map(|parameter| &parameter.name);
    names.map(value).collect()
}

fn check(columns: &[OutputColumn], schema: &Schema) -> Result<(), String> {
    let fields = schema.fields();
    if fields.len() != columns.len() {
        return Err(format!(
            "the query gives {} columns, its head declares {}",
            fields.len(),
            columns.len()
        ));
    }
    for (column, field) in columns.iter().zip(fields) {
        if column.name != *field.name() || !fits(column.kind, field.data_type()) {
            return Err(format!(
                "the query gives `{} {}` where its head declares `{} {:?}`",
                field.name(),
                field.data_type(),
                column.name,
                column.kind
            ));
        }
    }
    Ok(())
}

fn rows(batches: &[RecordBatch]) -> Result<Vec<Vec<Cell>>, String> {
    let mut rows = Vec::new();
    for batch in batches {
        for index in 0..batch.num_rows() {
            let row = batch.columns().iter().map(|column| cell(column, index));
            rows.push(row.collect::<Result<Vec<_>, _>>()?);
        }
    }
    Ok(rows)
}

fn cell(column: &dyn Array, index: usize) -> Result<Cell, String> {
    if column.is_null(index) {
        return Ok(Cell::Null);
    }
    Ok(match column.data_type() {
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(index).to_owned()),
        DataType::LargeUtf8 => Cell::Text(column.as_string::<i64>().value(index).to_owned()),
        DataType::Utf8View => Cell::Text(column.as_string_view().value(index).to_owned()),
        DataType::Int64 => Cell::Integer(column.as_primitive::<Int64Type>().value(index)),
        DataType::Int32 => {
            Cell::Integer(i64::from(column.as_primitive::<Int32Type>().value(index)))
        }
        DataType::UInt64 => {
            let number = column.as_primitive::<UInt64Type>().value(index);
            i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string()), Cell::Integer)
        }
        DataType::Float64 => Cell::Real(column.as_primitive::<Float64Type>().value(index)),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>().value(index);
            Date32Type::to_naive_date_opt(days).map_or(Cell::Null, Cell::Date)
        }
        DataType::Boolean => Cell::Text(column.as_boolean().value(index).to_string()),
        other => {
            let options = arrow::util::display::FormatOptions::default();
            let shown = arrow::util::display::ArrayFormatter::try_new(column, &options);
            let shown =
                shown.map_err(|e| format!("a column of type {other} cannot be shown: {e}"))?;
            Cell::Text(shown.value(index).to_string())
        }
    })
}
