//! Sets of names as one text, an aggregate function of SQL: `text_set(text) -> text` is the
//! names of a group, each once, in order, a blank between them. A text of several names
//! counts as all of them, so that sets of days merge into that of a period. No value, and a group
//! without any value, is the empty text.
//!
//! Millions of accounts have few sets of establishments between them: a set is held once, and
//! each group holds its number.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature,
    TypeSignature, Volatility,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The function.
pub(super) fn text_set() -> AggregateUDF {
    let kinds = [DataType::Utf8, DataType::Utf8View, DataType::LargeUtf8];
    let exact = kinds.map(|kind| TypeSignature::Exact(vec![kind]));
    AggregateUDF::new_from_impl(TextSet {
        signature: Signature::one_of(exact.into(), Volatility::Immutable),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TextSet {
    signature: Signature,
}

impl AggregateUDFImpl for TextSet {
    fn name(&self) -> &str {
        "text_set"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Texts::new(1)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field = Field::new(format!("{}[texts]", args.name), DataType::Utf8, false);
        Ok(vec![Arc::new(field)])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Texts::new(0)))
    }

    fn default_value(&self, _: &DataType) -> Result<ScalarValue> {
        Ok(Texts::new(1).evaluate_one())
    }
}

/// The number of the empty set.
const EMPTY: u32 = 0;

/// Sets by number.
#[derive(Debug)]
struct Sets {
    texts: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, u32>,
    unions: FxHashMap<(u32, u32), u32>,
    bytes: usize,
}

impl Sets {
    fn new() -> Self {
        let empty: Arc<str> = "".into();
        Self {
            texts: vec![Arc::clone(&empty)],
            numbers: FxHashMap::from_iter([(empty, EMPTY)]),
            unions: FxHashMap::default(),
            bytes: 0,
        }
    }

    /// The number of the set that a text names, in whatever order.
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let mut names: Vec<&str> = text.split(' ').filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        let in_order = names.join(" ");
        let number = match self.numbers.get(in_order.as_str()) {
            Some(number) => *number,
            None => self.add(in_order.as_str().into()),
        };
        if in_order != text {
            self.know(text.into(), number);
        }
        number
    }

    fn add(&mut self, text: Arc<str>) -> u32 {
        let number = self.texts.len() as u32;
        self.texts.push(Arc::clone(&text));
        self.know(text, number);
        number
    }

    fn know(&mut self, text: Arc<str>, number: u32) {
        // The text, what points to it twice, and its place in the map.
        self.bytes += text.len() + 64;
        self.numbers.insert(text, number);
    }

    fn union(&mut self, one: u32, other: u32) -> u32 {
        if one == other || other == EMPTY {
            return one;
        }
        if one == EMPTY {
            return other;
        }
        let pair = (one.min(other), one.max(other));
        if let Some(number) = self.unions.get(&pair) {
            return *number;
        }
        let [a, b] = [pair.0, pair.1].map(|number| Arc::clone(&self.texts[number as usize]));
        let number = self.number(&format!("{a} {b}"));
        self.bytes += 16;
        self.unions.insert(pair, number);
        number
    }
}

/// The sets of all groups.
#[derive(Debug)]
struct Texts {
    sets: Sets,
    groups: Vec<u32>,
}

impl Texts {
    fn new(groups: usize) -> Self {
        Self {
            sets: Sets::new(),
            groups: vec![EMPTY; groups],
        }
    }

    /// Adds the text of each row to the set of its group.
    fn add(&mut self, texts: &ArrayRef, of: impl Fn(usize) -> Option<usize>) -> Result<()> {
        match texts.data_type() {
            DataType::Utf8 => self.add_each(texts.as_string::<i32>().iter(), of),
            DataType::LargeUtf8 => self.add_each(texts.as_string::<i64>().iter(), of),
            DataType::Utf8View => self.add_each(texts.as_string_view().iter(), of),
            other => return exec_err!("a set of names is made of text, not {other}"),
        }
        Ok(())
    }

    fn add_each<'a>(
        &mut self,
        texts: impl Iterator<Item = Option<&'a str>>,
        of: impl Fn(usize) -> Option<usize>,
    ) {
        for (row, text) in texts.enumerate() {
            if let (Some(group), Some(text)) = (of(row), text) {
                let number = self.sets.number(text);
                self.groups[group] = self.sets.union(self.groups[group], number);
            }
        }
    }

    fn evaluate_one(&self) -> ScalarValue {
        let text = &self.sets.texts[self.groups[0] as usize];
        ScalarValue::Utf8(Some(text.to_string()))
    }

    fn emit(&mut self, emit_to: EmitTo) -> ArrayRef {
        let groups = emit_to.take_needed(&mut self.groups);
        let texts = groups.iter().map(|set| &*self.sets.texts[*set as usize]);
        Arc::new(StringArray::from_iter_values(texts))
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<u32>() + self.sets.bytes
    }
}

impl Accumulator for Texts {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(&values[0], |_| Some(0))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.evaluate_one())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate_one()])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.add(&states[0], |_| Some(0))
    }
}

impl GroupsAccumulator for Texts {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups.resize(total_num_groups, EMPTY);
        let passes = |row| opt_filter.is_none_or(|f| f.is_valid(row) && f.value(row));
        self.add(&values[0], |row| passes(row).then(|| group_indices[row]))
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.emit(emit_to))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.emit(emit_to)])
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.groups.resize(total_num_groups, EMPTY);
        self.add(&values[0], |row| Some(group_indices[row]))
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values[0].len();
        let indices: Vec<usize> = (0..rows).collect();
        let mut single = Self::new(0);
        GroupsAccumulator::update_batch(&mut single, values, &indices, opt_filter, rows)?;
        GroupsAccumulator::state(&mut single, EmitTo::All)
    }

    fn size(&self) -> usize {
        self.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_of(texts: &[&str]) -> String {
        let mut set = Texts::new(1);
        let values: ArrayRef = Arc::new(StringArray::from_iter_values(texts));
        Accumulator::update_batch(&mut set, &[values]).unwrap();
        match set.evaluate_one() {
            ScalarValue::Utf8(Some(text)) => text,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn each_name_once_and_in_order() {
        assert_eq!(set_of(&[]), "");
        assert_eq!(set_of(&["b", "a", "b"]), "a b");
        assert_eq!(set_of(&["b c", "", "c a"]), "a b c");
    }

    #[test]
    fn groups_emitted_in_parts_keep_theirs() {
        let mut sets = Texts::new(0);
        let values: ArrayRef = Arc::new(StringArray::from(vec![
            Some("b"),
            None,
            Some("a"),
            Some("a"),
        ]));
        let groups = [0, 1, 0, 2];
        GroupsAccumulator::update_batch(&mut sets, &[values], &groups, None, 3).unwrap();
        let first = GroupsAccumulator::evaluate(&mut sets, EmitTo::First(1)).unwrap();
        assert_eq!(first.as_string::<i32>().value(0), "a b");
        let rest = GroupsAccumulator::state(&mut sets, EmitTo::All).unwrap();
        let rest: Vec<_> = rest[0]
            .as_string::<i32>()
            .iter()
            .map(Option::unwrap)
            .collect();
        assert_eq!(rest, ["", "a"]);
    }
}
