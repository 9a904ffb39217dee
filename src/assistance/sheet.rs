//! An export as text cells under a header, whatever file it was, and what it says:
//! tickets or the history of tickets.

use super::cells;
use super::tools::{DateOrder, Field, HistoryField, Map, Tool, Tools};
use super::{Becomes, Change, Changed, Ticket};
use crate::domain::Role;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

type Cell = Option<String>;

/// Text cells, trimmed; `None` where empty.
pub struct Sheet {
    /// Names of columns.
    pub header: Vec<String>,
    /// Rows as wide as the header.
    pub rows: Vec<Vec<Cell>>,
}

/// What an export says, row by row; the reason where a row cannot be read.
pub enum Export {
    /// Its tickets.
    Tickets(Vec<Result<Ticket, &'static str>>),
    /// Changes of tickets.
    History(Vec<Result<Change, &'static str>>),
}

const DATES: [Field; 5] = [
    Field::Opened,
    Field::FirstResponse,
    Field::Resolved,
    Field::Closed,
    Field::Updated,
];

struct Reading<'a, F: Copy + Ord> {
    tools: &'a Tools,
    map: &'a Map<F>,
    places: BTreeMap<F, usize>,
    order: DateOrder,
    zone: Tz,
}

impl Sheet {
    /// Reads an export by the tool that its header tells. Refuses the file where a
    /// needed column is missing or the dates can be read in two ways.
    pub fn read(&self, tools: &Tools) -> Result<Export, String> {
        if let Some(history) = tools.history(&self.header) {
            let reading = self.reading(tools, history, &[HistoryField::Time])?;
            let rows = self.rows.iter().map(|row| reading.change(row));
            return Ok(Export::History(
                rows.filter_map(Result::transpose).collect(),
            ));
        }
        let tool = tools.tool(&self.header);
        let reading = self.reading(tools, tool, &DATES)?;
        for field in [Field::Id, Field::Status, Field::Opened] {
            if !reading.places.contains_key(&field) {
                return Err(self.missing(tool, field));
            }
        }
        let rows = self.rows.iter().map(|row| reading.ticket(row));
        Ok(Export::Tickets(rows.collect()))
    }

    fn missing(&self, tool: &Tool, field: Field) -> String {
        format!(
            "no column `{}` in what looks like an export of {}\nhint: export it again with this column, or name it in the file of tools; its first line names {} columns",
            tool.label(field),
            tool.name,
            self.header.len()
        )
    }

    fn reading<'a, F: Copy + Ord>(
        &self,
        tools: &'a Tools,
        map: &'a Map<F>,
        dates: &[F],
    ) -> Result<Reading<'a, F>, String> {
        let places = map.places(&self.header);
        let dates: Vec<usize> = dates
            .iter()
            .filter_map(|f| places.get(f).copied())
            .collect();
        let cells = self.rows.iter().flat_map(|row| {
            let cells = dates.iter().map(|place| row[*place].as_deref());
            cells.flatten()
        });
        let order = map.order.map_or_else(|| cells::date_order(cells), Ok)?;
        Ok(Reading {
            tools,
            map,
            places,
            order,
            zone: map.zone(),
        })
    }
}

impl<F: Copy + Ord> Reading<'_, F> {
    fn cell<'r>(&self, row: &'r [Cell], field: F) -> Option<&'r str> {
        let place = self.places.get(&field)?;
        row[*place].as_deref().filter(|text| *text != "null")
    }

    /// The meaning of a cell that may be empty, or the reason against it.
    fn meaning<T>(
        &self,
        row: &[Cell],
        field: F,
        reason: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, &'static str> {
        let cell = self.cell(row, field);
        cell.map(|text| parse(text).ok_or(reason)).transpose()
    }

    fn instant(&self, row: &[Cell], field: F) -> Result<Option<DateTime<Utc>>, &'static str> {
        self.meaning(row, field, "date", |text| {
            cells::instant(text, self.order, self.zone)
        })
    }
}

impl Reading<'_, Field> {
    fn ticket(&self, row: &[Cell]) -> Result<Ticket, &'static str> {
        let name = |field, reason| self.meaning(row, field, reason, cells::name);
        let status = self.meaning(row, Field::Status, "status", |t| {
            self.tools.status(self.map, t)
        })?;
        let mut ticket = Ticket {
            id: self.meaning(row, Field::Id, "id", cells::id)?.ok_or("id")?,
            opened: self.instant(row, Field::Opened)?.ok_or("date")?,
            first_response: self.instant(row, Field::FirstResponse)?,
            resolved: self.instant(row, Field::Resolved)?,
            closed: self.instant(row, Field::Closed)?,
            status: status.ok_or("status")?,
            category: name(Field::Category, "category")?,
            role: self.cell(row, Field::Role).map(Role::from_profile),
            structure: name(Field::Structure, "structure")?,
            priority: self.meaning(row, Field::Priority, "priority", |t| self.tools.priority(t))?,
            kind: self.meaning(row, Field::Kind, "type", |t| self.tools.kind(t))?,
            level: self.cell(row, Field::Group).and_then(cells::level),
            channel: name(Field::Channel, "channel")?,
            satisfaction: self.meaning(
                row,
                Field::Satisfaction,
                "satisfaction",
                cells::satisfaction,
            )?,
            escalated_from: self.meaning(
                row,
                Field::EscalatedFrom,
                "reference",
                cells::reference,
            )?,
            escalated_to: self.meaning(row, Field::EscalatedTo, "reference", cells::reference)?,
        };
        let changed = self.instant(row, Field::Updated)?;
        self.complete(&mut ticket, row, changed);
        dates_follow(&ticket)?;
        Ok(ticket)
    }

    /// What the tool tells in another way: a last change that was the solution, a
    /// category by the words of the subject.
    fn complete(&self, ticket: &mut Ticket, row: &[Cell], changed: Option<DateTime<Utc>>) {
        if ticket.status.is_done() && ticket.resolved.is_none() {
            ticket.resolved = ticket.closed.or(changed);
        }
        if ticket.status == super::Status::Closed {
            ticket.closed = ticket.closed.or(changed).or(ticket.resolved);
        }
        if ticket.category.is_none() {
            let subject = self.cell(row, Field::Subject);
            let derived = subject.and_then(|subject| self.tools.category_of(subject));
            ticket.category = derived.map(str::to_owned);
        }
    }
}

/// Nothing happens to a ticket before it is opened.
fn dates_follow(ticket: &Ticket) -> Result<(), &'static str> {
    let later = [ticket.first_response, ticket.resolved, ticket.closed];
    match later
        .into_iter()
        .flatten()
        .all(|time| time >= ticket.opened)
    {
        true => Ok(()),
        false => Err("dates"),
    }
}

impl Reading<'_, HistoryField> {
    /// A change; nothing where the row is about something else.
    fn change(&self, row: &[Cell]) -> Result<Option<Change>, &'static str> {
        let ticket = self
            .meaning(row, HistoryField::Ticket, "id", cells::id)?
            .ok_or("id")?;
        let time = self.instant(row, HistoryField::Time)?.ok_or("date")?;
        let field = self.cell(row, HistoryField::Field).ok_or("field")?;
        let value = self.cell(row, HistoryField::Value);
        let value = value.or_else(|| self.cell(row, HistoryField::Change).map(new_value));
        let to = match (self.tools.changed(field), value) {
            (Some(Changed::Status), Some(value)) => {
                Becomes::Status(self.tools.status(self.map, value).ok_or("status")?)
            }
            (Some(Changed::Group), Some(value)) => match cells::level(value) {
                Some(level) => Becomes::Level(level),
                None => return Ok(None),
            },
            (Some(Changed::Response), _) => Becomes::Answered,
            (Some(Changed::Escalation), _) => Becomes::Escalated,
            (Some(_), None) => return Err("value"),
            (None, _) => return Ok(None),
        };
        Ok(Some(Change { ticket, time, to }))
    }
}

/// `Changer Nouveau par En attente`, `Change New to Pending`: what is after the last
/// of these words.
fn new_value(sentence: &str) -> &str {
    let ends = [
        " par ",
        " by ",
        " to ",
        "Ajout d'un lien avec un élément : ",
        " : ",
    ];
    let after = ends.iter().filter_map(|word| {
        let (_, after) = sentence.rsplit_once(word)?;
        Some(after)
    });
    let value = after.min_by_key(|after| after.len()).unwrap_or(sentence);
    value
        .trim()
        .trim_end_matches(')')
        .rsplit_once(" (")
        .map_or(value.trim(), |(name, rest)| {
            // `Assistance N2 (12)`: the number is the tool's own.
            match rest.bytes().all(|b| b.is_ascii_digit()) {
                true => name.trim(),
                false => value.trim(),
            }
        })
}
