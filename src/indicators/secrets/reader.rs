//! Which cell of the register a row of a table is.

use super::parts::Span;
use super::{Arguments, text};
use crate::privacy::register::{ALL, Cut, ESTABLISHMENT, Who, who};
use crate::query::{Argument, Cell, RawTable};
use std::collections::BTreeMap;

/// Which establishments a row of a table is about.
pub(super) struct Reader<'a> {
    pub columns: BTreeMap<&'a str, usize>,
    node: Option<(String, String)>,
}

impl<'a> Reader<'a> {
    pub fn new(raw: &'a RawTable, arguments: Arguments<'_>) -> Self {
        let columns = raw.columns.iter().enumerate();
        let given = |name: &str| match arguments.iter().find(|(known, _)| *known == name) {
            Some((_, Argument::Text(text))) => Some(text.clone()),
            _ => None,
        };
        Self {
            columns: columns
                .map(|(place, column)| (column.name.as_str(), place))
                .collect(),
            node: given("node_kind").zip(given("node")),
        }
    }

    /// Every role where there is no such column.
    pub fn role(&self, row: &[Cell]) -> Option<Who> {
        match self.columns.get("role") {
            Some(place) => who(text(&row[*place])),
            None => match self.dimension(row) {
                Some(("role", role)) => who(role),
                _ => Some(None),
            },
        }
    }

    /// What a row is about, in a table whose rows are about one thing or another.
    fn dimension<'r>(&self, row: &'r [Cell]) -> Option<(&'r str, &'r str)> {
        let told = |name: &str| Some(text(&row[*self.columns.get(name)?]));
        told("dimension").zip(told("value"))
    }

    /// None where the row names nothing that the register knows: no node, or a part without
    /// a name.
    pub fn cut(&self, row: &[Cell]) -> Option<Cut> {
        let told = |name: &str| Some(text(&row[*self.columns.get(name)?]));
        if let Some(uai) = told("uai") {
            return Some(Cut::whole(ESTABLISHMENT, uai));
        }
        let of_row = match told("departement") {
            Some(departement) => Some(("departement", departement)),
            None => told("node_kind").zip(told("node")),
        };
        let of_row = of_row.map(|(kind, node)| (kind.to_owned(), node.to_owned()));
        let (kind, node) = of_row.or_else(|| self.node.clone())?;
        let mut cut = Cut::whole(&kind, &node);
        if let (Some(kind), Some(area)) = (told("area_kind"), told("area")) {
            cut.area = (kind.into(), area.into());
        }
        match self.dimension(row) {
            None | Some(("all" | "role", _)) => {}
            Some(("level", level)) => level.clone_into(&mut cut.slice),
            Some(("departement", departement)) => {
                cut.area = ("departement".into(), departement.into());
            }
            // A reason, a channel: no set of establishments.
            Some(_) => return None,
        }
        let slice = ["slice", "level", "type"].into_iter().find_map(told);
        if let Some(slice) = slice {
            slice.clone_into(&mut cut.slice);
        }
        told("sector").unwrap_or(ALL).clone_into(&mut cut.sector);
        match (told("grouping"), told("group_name")) {
            (Some("sector"), Some(sector)) => sector.clone_into(&mut cut.sector),
            (Some(grouping), Some(group)) => cut = group_of(&cut, grouping, group),
            _ => {}
        }
        Some(cut)
    }

    /// The days that a row is about, in a table of several times.
    pub fn span(&self, row: &[Cell]) -> Option<Span> {
        let day = |name: &str| match row[*self.columns.get(name)?] {
            Cell::Date(day) => Some(day),
            _ => None,
        };
        day("first_day").zip(day("last_day"))
    }

    /// Whether rows are about groups of establishments, of which few are told.
    pub fn has_groups(&self) -> bool {
        self.columns.contains_key("grouping")
    }

    /// The name of the part that a row is about, as queries of the register name it.
    pub fn part(&self, row: &[Cell], by: &[String]) -> String {
        let words = by
            .iter()
            .map(|name| match &row[self.columns[name.as_str()]] {
                Cell::Integer(number) => number.to_string(),
                Cell::Date(day) => day.to_string(),
                other => text(other).to_owned(),
            });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// A group of a node, or of a département of the region.
fn group_of(cut: &Cut, grouping: &str, group: &str) -> Cut {
    let node = match cut.area.0.as_str() {
        "scope" => &cut.node,
        _ => &cut.area,
    };
    Cut::group((&node.0, &node.1), grouping, group, &cut.slice)
}
