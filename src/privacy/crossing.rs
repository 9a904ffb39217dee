//! How many people each cell of a table must be about, by how many variables cross in it.

use super::threshold::Threshold;
use crate::query::{Cell, Measure, RawTable};

/// Columns that say where and when a cell is, that part visits, or that another column says
/// more of: no variables ([`Threshold`]).
const NO_VARIABLES: [&str; 24] = [
    "node_kind",
    "node",
    "area_kind",
    "area",
    "academie",
    "departement",
    "commune",
    "uai",
    "name",
    "day",
    "week",
    "month",
    "week_of_year",
    "first_day",
    "last_day",
    "years_ago",
    "grouping",
    "dimension",
    "source",
    "device",
    "hour",
    "moment",
    "service",
    "weekday",
];
/// What an establishment is: no more is said than by its name.
const OF_ESTABLISHMENT: [&str; 4] = ["slice", "level", "type", "sector"];

/// By row and column: the fewest people that may be shown.
pub(super) fn needed(raw: &RawTable, threshold: &Threshold) -> Vec<Vec<i64>> {
    let has_place = raw.columns.iter().any(|column| column.name == "uai");
    let is_variable = |name: &str| {
        let is_of_place = has_place && OF_ESTABLISHMENT.contains(&name);
        !NO_VARIABLES.contains(&name) && !is_of_place
    };
    let dimensions = raw.columns.iter().enumerate();
    let variables: Vec<usize> = dimensions
        .filter(|(_, column)| column.measure == Measure::Dimension && is_variable(&column.name))
        .map(|(place, _)| place)
        .collect();
    let of_row = |row: &Vec<Cell>| {
        let told = variables.iter().filter(|place| is_narrowed(&row[**place]));
        let told = told.count();
        let columns = raw.columns.iter();
        columns
            .map(|column| threshold.of(told + usize::from(is_class(raw, &column.name))))
            .collect()
    };
    raw.rows.iter().map(of_row).collect()
}

fn is_narrowed(cell: &Cell) -> bool {
    match cell {
        Cell::Null => false,
        Cell::Text(text) => text != "all",
        _ => true,
    }
}

/// The classes of a row stand after the whole that they make.
fn is_class(raw: &RawTable, name: &str) -> bool {
    let mut classes = raw.ties.linked.iter().flat_map(|line| line.iter().skip(1));
    classes.any(|class| class == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Contract;

    const HEAD: &str = "-- One row.\n-- column month integer dimension\n-- column level text dimension\n-- column role text dimension\n-- column loaded integer people\n-- column often integer people\n-- column seldom integer people\n-- linked loaded often seldom\n";

    fn needed_of(head: &str, level: &str, role: &str) -> Vec<i64> {
        let contract = Contract::parse("t.sql", head).unwrap();
        let mut row = vec![
            Cell::Integer(9),
            Cell::Text(level.into()),
            Cell::Text(role.into()),
        ];
        row.extend([40, 20, 20].map(Cell::Integer));
        let raw = RawTable {
            columns: contract.columns,
            ties: contract.ties,
            rows: vec![row],
        };
        needed(&raw, &Threshold::default()).remove(0)[3..].to_vec()
    }

    #[test]
    fn a_class_of_a_role_of_a_level_is_three_variables() {
        assert_eq!(needed_of(HEAD, "2D", "parent"), [5, 10, 10]);
        assert_eq!(needed_of(HEAD, "all", "parent"), [5, 5, 5]);
        assert_eq!(needed_of(HEAD, "all", "all"), [5, 5, 5]);
    }

    #[test]
    fn an_establishment_is_of_one_level() {
        let of_place = HEAD.replace("column month integer", "column uai integer");
        assert_eq!(needed_of(&of_place, "2D", "parent"), [5, 5, 5]);
    }
}
