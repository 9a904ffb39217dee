//! Functions of our own: local time of the schools from an instant.

use crate::domain::time;
use arrow::array::{ArrayRef, AsArray, Date32Array, Int64Array};
use arrow::datatypes::{DataType, Date32Type, TimeUnit};
use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use datafusion::common::cast::as_timestamp_millisecond_array;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use std::sync::Arc;

fn millis() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

/// `local_day(instant) -> date`, `local_hour(instant) -> 0..23`,
/// `local_minute(instant) -> minutes since the local day began`: Europe/Paris.
pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        instant_function("local_day", DataType::Date32, |times| {
            let days = times
                .iter()
                .map(|t| t.map(|t| Date32Type::from_naive_date(t.date())));
            Arc::new(Date32Array::from_iter(days))
        }),
        instant_function("local_hour", DataType::Int64, |times| {
            Arc::new(Int64Array::from_iter(
                times.iter().map(|t| t.map(|t| i64::from(t.hour()))),
            ))
        }),
        instant_function("local_minute", DataType::Int64, |times| {
            let minutes = times
                .iter()
                .map(|t| t.map(|t| i64::from(t.hour() * 60 + t.minute())));
            Arc::new(Int64Array::from_iter(minutes))
        }),
        weekday(),
    ]
}

type Locals = Vec<Option<NaiveDateTime>>;

fn instant_function(name: &str, output: DataType, make: fn(Locals) -> ArrayRef) -> ScalarUDF {
    let body = move |arguments: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let instants = as_timestamp_millisecond_array(&arrays[0])?;
        let local = |ms: Option<i64>| {
            ms.and_then(DateTime::from_timestamp_millis)
                .map(time::local)
        };
        let locals: Locals = instants.iter().map(local).collect();
        Ok(ColumnarValue::Array(make(locals)))
    };
    create_udf(
        name,
        vec![millis()],
        output,
        Volatility::Immutable,
        Arc::new(body),
    )
}

/// `weekday(date) -> 1..7`, Monday is 1.
fn weekday() -> ScalarUDF {
    let body = |arguments: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let days = arrays[0].as_primitive::<Date32Type>();
        let number = |day: Option<i32>| {
            day.and_then(Date32Type::to_naive_date_opt)
                .map(|day| i64::from(day.weekday().number_from_monday()))
        };
        let numbers: Int64Array = days.iter().map(number).collect();
        Ok(ColumnarValue::Array(Arc::new(numbers)))
    };
    create_udf(
        "weekday",
        vec![DataType::Date32],
        DataType::Int64,
        Volatility::Immutable,
        Arc::new(body),
    )
}
