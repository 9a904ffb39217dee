//! What queries know of assistance besides the tickets: opening hours as functions,
//! helpdesks and service levels as tables.

use super::Session;
use crate::domain::Assistance;
use crate::domain::opening::Opening;
use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Date32Type, Field, Schema, TimeUnit};
use chrono::{DateTime, Utc};
use datafusion::common::cast::as_timestamp_millisecond_array;
use datafusion::error::Result as Computed;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use std::collections::BTreeMap;
use std::sync::Arc;

type Count = fn(&Opening, DateTime<Utc>, DateTime<Utc>) -> i64;

/// `opening_ms(helpdesk, from, to)` in milliseconds, `opening_days(helpdesk, from,
/// to)` (0 for the same day) and `plain_name(text)`; null where one of the instants
/// is. Tables `calendar_days`, `helpdesks` and `service_levels`.
pub(super) fn register(session: &Session, assistance: &Assistance) -> Result<(), String> {
    session.register_function(count("opening_ms", assistance, Opening::between));
    session.register_function(count("opening_days", assistance, Opening::days_between));
    session.register_function(plain_name());
    calendar_days(session)?;
    helpdesks(session, assistance)?;
    service_levels(session, assistance)
}

fn count(name: &str, assistance: &Assistance, count: Count) -> ScalarUDF {
    let assistance = assistance.clone();
    let body = move |arguments: &[ColumnarValue]| -> Computed<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let helpdesks = arrow::compute::cast(&arrays[0], &DataType::Utf8)?;
        let helpdesks = helpdesks.as_string::<i32>();
        let from = as_timestamp_millisecond_array(&arrays[1])?;
        let to = as_timestamp_millisecond_array(&arrays[2])?;
        let mut known: BTreeMap<&str, Arc<Opening>> = BTreeMap::new();
        let counted = (0..from.len()).map(|row| {
            let (from, to) = (instant(from, row)?, instant(to, row)?);
            let helpdesk = helpdesks.value(row);
            let opening = known
                .entry(helpdesk)
                .or_insert_with(|| assistance.opening(helpdesk));
            Some(count(opening, from, to))
        });
        let counted: Int64Array = counted.collect();
        Ok(ColumnarValue::Array(Arc::new(counted)))
    };
    let time = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    create_udf(
        name,
        vec![DataType::Utf8, time.clone(), time],
        DataType::Int64,
        Volatility::Immutable,
        Arc::new(body),
    )
}

fn instant(times: &TimestampMillisecondArray, row: usize) -> Option<DateTime<Utc>> {
    times
        .is_valid(row)
        .then(|| DateTime::from_timestamp_millis(times.value(row)))?
}

/// A name without accents, signs and case, so that two tools spell it alike.
fn plain_name() -> ScalarUDF {
    let body = |arguments: &[ColumnarValue]| -> Computed<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let texts = arrow::compute::cast(&arrays[0], &DataType::Utf8)?;
        let plain = texts.as_string::<i32>().iter().map(|text| text.map(plain));
        let plain: StringArray = plain.collect();
        Ok(ColumnarValue::Array(Arc::new(plain)))
    };
    create_udf(
        "plain_name",
        vec![DataType::Utf8],
        DataType::Utf8,
        Volatility::Immutable,
        Arc::new(body),
    )
}

fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let letters = lower.chars().map(|c| match c {
        'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    });
    let text: String = letters.collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn table(
    session: &Session,
    name: &str,
    columns: Vec<(&str, DataType, ArrayRef)>,
) -> Result<(), String> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, kind, _)| Field::new(*name, kind.clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|e| e.to_string())?;
    session.register_rows(name, schema, vec![batch])
}

fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter(texts))
}

/// `calendar_days(day)`: every day, so that a month without any event has its row.
fn calendar_days(session: &Session) -> Result<(), String> {
    let day = |year| chrono::NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
    let days = day(2010).iter_days().take_while(|d| *d < day(2080));
    let days = Date32Array::from_iter_values(days.map(Date32Type::from_naive_date));
    table(
        session,
        "calendar_days",
        vec![("day", DataType::Date32, Arc::new(days))],
    )
}

/// `helpdesks(helpdesk, name, level, refers_to)`
fn helpdesks(session: &Session, assistance: &Assistance) -> Result<(), String> {
    let all = || assistance.helpdesks.iter();
    let levels = Int64Array::from_iter_values(all().map(|h| h.level));
    table(
        session,
        "helpdesks",
        vec![
            (
                "helpdesk",
                DataType::Utf8,
                texts(all().map(|h| Some(h.id.as_str()))),
            ),
            (
                "name",
                DataType::Utf8,
                texts(all().map(|h| Some(h.name.as_str()))),
            ),
            ("level", DataType::Int64, Arc::new(levels)),
            (
                "refers_to",
                DataType::Utf8,
                texts(all().map(|h| h.refers_to.as_deref())),
            ),
        ],
    )
}

/// `service_levels(measure, priority, level, kind, target_ms, valid_from, valid_to)`
fn service_levels(session: &Session, assistance: &Assistance) -> Result<(), String> {
    let all = || assistance.service_levels.iter();
    let days = |pick: fn(&crate::domain::ServiceLevel) -> chrono::NaiveDate| -> ArrayRef {
        let days = all().map(|s| Date32Type::from_naive_date(pick(s)));
        Arc::new(Date32Array::from_iter_values(days))
    };
    let numbers = |pick: fn(&crate::domain::ServiceLevel) -> Option<i64>| -> ArrayRef {
        Arc::new(Int64Array::from_iter(all().map(pick)))
    };
    table(
        session,
        "service_levels",
        vec![
            (
                "measure",
                DataType::Utf8,
                texts(all().map(|s| Some(s.measure.code()))),
            ),
            ("priority", DataType::Int64, numbers(|s| s.priority)),
            ("level", DataType::Int64, numbers(|s| s.level)),
            (
                "kind",
                DataType::Utf8,
                texts(all().map(|s| s.kind.as_deref())),
            ),
            (
                "target_ms",
                DataType::Int64,
                numbers(|s| Some((s.hours * 3_600_000.0).round() as i64)),
            ),
            ("valid_from", DataType::Date32, days(|s| s.validity().0)),
            ("valid_to", DataType::Date32, days(|s| s.validity().1)),
        ],
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_two_tools_meet() {
        assert_eq!(
            super::plain("École de l’Étang - Lille"),
            "ecole de l etang lille"
        );
        assert_eq!(
            super::plain("ECOLE DE L'ETANG LILLE"),
            "ecole de l etang lille"
        );
    }
}
