//! Facts of a directory into rows of the lake.

use super::Unit;
use super::facts::{Fact, Person, Presence, Structure};
use crate::directory::delivery::Extent;
use crate::ingest::tally::Tally;
use crate::lake::{Counts, Table, Transaction, Value};

pub(super) struct Rows<'a> {
    pub unit: &'a Unit<'a>,
    pub transaction: &'a mut Transaction,
    unmapped: Tally,
}

impl<'a> Rows<'a> {
    /// Rows of a unit; that it was delivered is the first.
    pub fn new(unit: &'a Unit<'a>, transaction: &'a mut Transaction) -> Result<Self, String> {
        let row = [
            Value::Text(unit.academie),
            Value::Text(&unit.delivery.feed),
            Value::Text(&unit.year),
            Value::Date(unit.delivery.day),
            Value::Text(unit.category.code()),
            Value::Text(unit.delivery.extent.code()),
        ];
        transaction.row(Table::DirectorySnapshots, None, &row)?;
        Ok(Self {
            unit,
            transaction,
            unmapped: Tally::new("unmapped function"),
        })
    }

    /// Stores a fact and counts its entry.
    pub fn add(&mut self, fact: &Fact, counts: &mut Counts) -> Result<(), String> {
        counts.read += 1;
        match fact {
            Fact::Rejected(reason) => {
                counts.reject(reason);
                return Ok(());
            }
            Fact::Nothing => {}
            Fact::Structure(structure) => self.structure(structure, counts)?,
            Fact::Person(person) => self.person(person)?,
        }
        counts.kept += 1;
        Ok(())
    }

    /// What was seen on the way, for the counts of the last document.
    pub fn finish(self, counts: &mut Counts) {
        self.unmapped.note(counts);
    }

    fn structure(&mut self, structure: &Structure, counts: &mut Counts) -> Result<(), String> {
        if !structure.uai.check_letter_is_right() {
            let note = counts.notes.entry("uai with a wrong letter".into());
            *note.or_default() += 1;
        }
        let row = [
            Value::Text(self.unit.academie),
            Value::Text(&self.unit.delivery.feed),
            Value::Date(self.unit.delivery.day),
            Value::Text(&structure.key),
            Value::Text(structure.uai.as_str()),
            Value::Text(&structure.name),
            Value::Text(&structure.kind),
        ];
        self.transaction.row(Table::Structures, None, &row)
    }

    fn person(&mut self, person: &Person) -> Result<(), String> {
        for code in &person.unmapped {
            self.unmapped.add(code);
        }
        if let Some(presence) = &person.presence {
            self.account(person, presence)?;
        }
        self.attachments(person, "attachment", person.attached.as_deref())?;
        self.attachments(person, "function", person.functions.as_deref())?;
        self.kinships(person)
    }

    fn account(&mut self, person: &Person, presence: &Presence) -> Result<(), String> {
        let (change, role) = match presence {
            Presence::Present(role) => ("present", *role),
            Presence::Left => ("left", None),
        };
        let row = [
            Value::Text(self.unit.academie),
            Value::Text(&self.unit.delivery.feed),
            Value::Text(&self.unit.year),
            Value::Date(self.unit.delivery.day),
            Value::Text(person.category.code()),
            Value::Pseudonym(person.account),
            Value::Text(change),
            role.map(|(role, _)| role.code()).into(),
            role.map(|(_, profile)| profile).into(),
        ];
        self.transaction.row(Table::Accounts, None, &row)
    }

    fn attachments(
        &mut self,
        person: &Person,
        told_by: &str,
        structures: Option<&[String]>,
    ) -> Result<(), String> {
        let Some(structures) = structures else {
            return Ok(());
        };
        let named = structures.iter().map(|key| Some(key.as_str()));
        let emptied = (structures.is_empty() && self.is_delta()).then_some(None);
        for structure in named.chain(emptied) {
            let row = [
                Value::Text(self.unit.academie),
                Value::Text(&self.unit.delivery.feed),
                Value::Text(&self.unit.year),
                Value::Date(self.unit.delivery.day),
                Value::Text(person.category.code()),
                Value::Pseudonym(person.account),
                Value::Text(told_by),
                structure.into(),
            ];
            self.transaction.row(Table::Attachments, None, &row)?;
        }
        Ok(())
    }

    fn kinships(&mut self, person: &Person) -> Result<(), String> {
        let Some(parents) = &person.parents else {
            return Ok(());
        };
        let named = parents.iter().map(|parent| Value::Pseudonym(*parent));
        let emptied = (parents.is_empty() && self.is_delta()).then_some(Value::Null);
        for parent in named.chain(emptied) {
            let row = [
                Value::Text(self.unit.academie),
                Value::Text(&self.unit.delivery.feed),
                Value::Text(&self.unit.year),
                Value::Date(self.unit.delivery.day),
                Value::Pseudonym(person.account),
                parent,
            ];
            self.transaction.row(Table::Kinships, None, &row)?;
        }
        Ok(())
    }

    fn is_delta(&self) -> bool {
        self.unit.delivery.extent == Extent::Delta
    }
}
