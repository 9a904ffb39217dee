//! Exact sets of people as aggregate functions of SQL: person numbers (below 2^32,
//! see `queries/marts/persons.sql`) in Roaring bitmaps. A set is the bytes of the
//! portable Roaring format; sets of days, roles and places merge into that of any
//! period and node without reading a visit again.
//!
//! - `people_set(person bigint) -> binary`: the set of the persons of a group;
//! - `people_union(set binary) -> binary`: the union of sets;
//! - `people_count(set binary) -> bigint`: how many people are in the union.
//!
//! No value, and a group without any value, is the empty set.

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Int64Array};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature,
    TypeSignature, Volatility,
};
use roaring::RoaringBitmap;
use std::sync::Arc;

/// The three functions.
pub(super) fn all() -> Vec<AggregateUDF> {
    [What::Set, What::Union, What::Count]
        .map(|what| AggregateUDF::new_from_impl(People::new(what)))
        .into()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    Set,
    Union,
    Count,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct People {
    what: What,
    signature: Signature,
}

impl People {
    fn new(what: What) -> Self {
        let exact = |kind| TypeSignature::Exact(vec![kind]);
        let signatures = match what {
            What::Set => vec![exact(DataType::Int64)],
            What::Union | What::Count => {
                let kinds = [
                    DataType::Binary,
                    DataType::BinaryView,
                    DataType::LargeBinary,
                ];
                kinds.map(exact).into()
            }
        };
        let signature = Signature::one_of(signatures, Volatility::Immutable);
        Self { what, signature }
    }
}

impl AggregateUDFImpl for People {
    fn name(&self) -> &str {
        match self.what {
            What::Set => "people_set",
            What::Union => "people_union",
            What::Count => "people_count",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.what {
            What::Set | What::Union => DataType::Binary,
            What::Count => DataType::Int64,
        })
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Sets::new(self.what, 1)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field = Field::new(format!("{}[people]", args.name), DataType::Binary, false);
        Ok(vec![Arc::new(field)])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Sets::new(self.what, 0)))
    }

    fn default_value(&self, _: &DataType) -> Result<ScalarValue> {
        Sets::new(self.what, 1).evaluate_one()
    }
}

/// The sets of all groups.
#[derive(Debug)]
struct Sets {
    what: What,
    groups: Vec<RoaringBitmap>,
    /// Bytes that went in: more than what the sets hold.
    bytes: usize,
}

impl Sets {
    fn new(what: What, groups: usize) -> Self {
        Self {
            what,
            groups: vec![RoaringBitmap::new(); groups],
            bytes: 0,
        }
    }

    /// Adds the persons of each row to the set of its group.
    fn insert(&mut self, persons: &Int64Array, of: impl Fn(usize) -> Option<usize>) -> Result<()> {
        for (row, person) in persons.iter().enumerate() {
            let (Some(group), Some(person)) = (of(row), person) else {
                continue;
            };
            let Ok(person) = u32::try_from(person) else {
                return exec_err!("person number {person} is not between 0 and 2^32 - 1");
            };
            self.groups[group].insert(person);
        }
        self.bytes += 4 * persons.len();
        Ok(())
    }

    /// Adds the set of each row to that of its group.
    fn union(&mut self, sets: &ArrayRef, of: impl Fn(usize) -> Option<usize>) -> Result<()> {
        for row in 0..sets.len() {
            let Some(group) = of(row).filter(|_| sets.is_valid(row)) else {
                continue;
            };
            let bytes = bytes(sets, row)?;
            self.bytes += bytes.len();
            let set = RoaringBitmap::deserialize_from(bytes).map_err(|error| {
                DataFusionError::Execution(format!("a set of people is damaged: {error}"))
            })?;
            let into = &mut self.groups[group];
            if into.is_empty() {
                *into = set;
            } else {
                *into |= set;
            }
        }
        Ok(())
    }

    fn add(&mut self, values: &ArrayRef, of: impl Fn(usize) -> Option<usize>) -> Result<()> {
        match self.what {
            What::Set => self.insert(values.as_primitive::<Int64Type>(), of),
            What::Union | What::Count => self.union(values, of),
        }
    }

    fn evaluate_one(&self) -> Result<ScalarValue> {
        Ok(match self.what {
            What::Count => ScalarValue::Int64(Some(count(&self.groups[0]))),
            What::Set | What::Union => ScalarValue::Binary(Some(serialised(&self.groups[0])?)),
        })
    }

    fn emit(&mut self, emit_to: EmitTo) -> Vec<RoaringBitmap> {
        let emitted = emit_to.take_needed(&mut self.groups);
        if self.groups.is_empty() {
            self.bytes = 0;
        }
        emitted
    }
}

fn count(set: &RoaringBitmap) -> i64 {
    set.len() as i64
}

fn serialised(set: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes)?;
    Ok(bytes)
}

fn binary(sets: &[RoaringBitmap]) -> Result<ArrayRef> {
    let size = sets.iter().map(RoaringBitmap::serialized_size).sum();
    let mut builder = BinaryBuilder::with_capacity(sets.len(), size);
    let mut bytes = Vec::new();
    for set in sets {
        bytes.clear();
        set.serialize_into(&mut bytes)?;
        builder.append_value(&bytes);
    }
    Ok(Arc::new(builder.finish()))
}

fn bytes(sets: &ArrayRef, row: usize) -> Result<&[u8]> {
    Ok(match sets.data_type() {
        DataType::Binary => sets.as_binary::<i32>().value(row),
        DataType::LargeBinary => sets.as_binary::<i64>().value(row),
        DataType::BinaryView => sets.as_binary_view().value(row),
        other => return exec_err!("a set of people is bytes, not {other}"),
    })
}

impl Accumulator for Sets {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(&values[0], |_| Some(0))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.evaluate_one()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(serialised(
            &self.groups[0],
        )?))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.union(&states[0], |_| Some(0))
    }
}

impl GroupsAccumulator for Sets {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups
            .resize_with(total_num_groups, RoaringBitmap::new);
        let passes = |row| opt_filter.is_none_or(|f| f.is_valid(row) && f.value(row));
        self.add(&values[0], |row| passes(row).then(|| group_indices[row]))
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sets = self.emit(emit_to);
        match self.what {
            What::Count => Ok(Arc::new(Int64Array::from_iter_values(
                sets.iter().map(count),
            ))),
            What::Set | What::Union => binary(&sets),
        }
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![binary(&self.emit(emit_to))?])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups
            .resize_with(total_num_groups, RoaringBitmap::new);
        self.union(&values[0], |row| Some(group_indices[row]))
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values[0].len();
        let indices: Vec<usize> = (0..rows).collect();
        let mut single = Self::new(self.what, 0);
        GroupsAccumulator::update_batch(&mut single, values, &indices, opt_filter, rows)?;
        GroupsAccumulator::state(&mut single, EmitTo::All)
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<RoaringBitmap>() + self.bytes
    }
}
