//! Printed rows as one Parquet file in memory.

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use std::sync::Arc;

/// A column of numbers keeps its type; a mark in it (`s`, `ns`) is null, and
/// told by the column `<name>_status`.
pub(super) fn parquet(names: &[String], rows: &[Vec<Value>]) -> Result<Vec<u8>, String> {
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let cells: Vec<&Value> = rows.iter().map(|row| &row[place]).collect();
        let numeric = cells.iter().any(|cell| cell.is_number());
        columns.push((name.clone(), array(&cells, numeric)));
        if numeric && cells.iter().any(|cell| cell.is_string()) {
            columns.push((format!("{name}_status"), texts(&cells)));
        }
    }
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).map_err(|e| e.to_string())?;
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), None).map_err(|e| e.to_string())?;
    writer.write(&batch).map_err(|e| e.to_string())?;
    writer.into_inner().map_err(|e| e.to_string())
}

fn array(cells: &[&Value], numeric: bool) -> ArrayRef {
    if !numeric {
        return texts(cells);
    }
    let whole = |cell: &&Value| !cell.is_number() || cell.is_i64();
    if cells.iter().all(whole) {
        let numbers: Int64Array = cells.iter().map(|cell| cell.as_i64()).collect();
        return Arc::new(numbers);
    }
    let numbers: Float64Array = cells.iter().map(|cell| cell.as_f64()).collect();
    Arc::new(numbers)
}

fn texts(cells: &[&Value]) -> ArrayRef {
    let texts: StringArray = cells.iter().map(|cell| cell.as_str()).collect();
    Arc::new(texts)
}
