//! Disclosure control: the only maker of [`ProtectedTable`], and the only type
//! that outputs take. Today: primary suppression (threshold on people, volumes
//! with their people, complements of rates, small denominators) and, along
//! declared groups, one more cell where a single one is hidden under a shown
//! total. Complementary suppression over the whole linked system is to come.

use crate::query::{Cell, Measure, OutputColumn, RawTable};
use serde::Serialize;

/// The rules that are set per deliverable.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// A cell about 1 to `threshold - 1` people is secret.
    pub threshold: i64,
    /// No rate under this denominator.
    pub rate_base: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            threshold: 5,
            rate_base: 30,
        }
    }
}

/// A value that may be shown, or why it is not.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Names the cell.
    Text(String),
    /// A count.
    Integer(i64),
    /// A ratio or a real number.
    Real(f64),
    /// A day.
    Date(chrono::NaiveDate),
    /// `s`: secret, primary or complementary, never told apart.
    Secret,
    /// `ns`: too few to say anything.
    NotSignificant,
    /// `nd`: not available.
    Missing,
}

impl Shown {
    /// The count, if it is shown.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is shown.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, or nothing.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }
}

/// A table that outputs may show.
#[derive(Clone, Debug, Serialize)]
pub struct ProtectedTable {
    names: Vec<String>,
    rows: Vec<Vec<Shown>>,
}

impl ProtectedTable {
    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The rows in the order of the query.
    pub fn rows(&self) -> impl Iterator<Item = ProtectedRow<'_>> {
        self.rows
            .iter()
            .map(|cells| ProtectedRow { table: self, cells })
    }

    /// The rows that have these texts in these columns.
    pub fn select<'a>(
        &'a self,
        wanted: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = ProtectedRow<'a>> {
        self.rows().filter(move |row| {
            wanted
                .iter()
                .all(|(name, text)| row.get(name).text() == *text)
        })
    }

    /// The first row that has these texts in these columns.
    pub fn find(&self, wanted: &[(&str, &str)]) -> Option<ProtectedRow<'_>> {
        let fits = |row: &ProtectedRow<'_>| {
            wanted
                .iter()
                .all(|(name, text)| row.get(name).text() == *text)
        };
        self.rows().find(fits)
    }
}

/// One row of a protected table.
#[derive(Clone, Copy)]
pub struct ProtectedRow<'a> {
    table: &'a ProtectedTable,
    cells: &'a [Shown],
}

impl<'a> ProtectedRow<'a> {
    /// A cell by the name of its column; `nd` where there is no such column.
    pub fn get(&self, name: &str) -> &'a Shown {
        let place = self.table.names.iter().position(|known| known == name);
        place.map_or(&Shown::Missing, |place| &self.cells[place])
    }

    /// The cells in the order of the columns.
    pub fn cells(&self) -> &'a [Shown] {
        self.cells
    }
}

/// Protects a result of a query by its contract.
pub fn protect(raw: RawTable, policy: &Policy) -> ProtectedTable {
    let mut secret: Vec<Vec<bool>> = raw
        .rows
        .iter()
        .map(|row| primary(&raw.columns, row, policy))
        .collect();
    hide_lonely(&raw, &mut secret);
    for flags in &mut secret {
        spread(&raw.columns, flags);
    }
    let rows = raw.rows.iter().zip(&secret);
    let rows = rows
        .map(|(row, flags)| show(&raw.columns, row, flags, policy))
        .collect();
    ProtectedTable {
        names: raw
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect(),
        rows,
    }
}

fn place(columns: &[OutputColumn], name: &str) -> usize {
    let found = columns.iter().position(|column| column.name == name);
    found.expect("the contract was checked when it was read")
}

fn integer(cell: &Cell) -> i64 {
    match cell {
        Cell::Integer(number) => *number,
        _ => 0,
    }
}

/// Cells about too few people, and parts of a shown whole whose rest is too few.
fn primary(columns: &[OutputColumn], row: &[Cell], policy: &Policy) -> Vec<bool> {
    let few = |number: i64| (1..policy.threshold).contains(&number);
    let mut flags: Vec<bool> = columns
        .iter()
        .zip(row)
        .map(|(column, cell)| column.measure == Measure::People && few(integer(cell)))
        .collect();
    for column in columns {
        if let Measure::Rate { of, over } = &column.measure {
            let (of, over) = (place(columns, of), place(columns, over));
            let both =
                columns[of].measure == Measure::People && columns[over].measure == Measure::People;
            // The rest of a group of people is a group of people.
            if both && few(integer(&row[over]) - integer(&row[of])) {
                flags[of] = true;
            }
        }
    }
    flags
}

/// Volumes follow their people, rates follow both of their parts.
fn spread(columns: &[OutputColumn], flags: &mut [bool]) {
    for (index, column) in columns.iter().enumerate() {
        if let Measure::Volume { of } = &column.measure {
            flags[index] |= flags[place(columns, of)];
        }
    }
    for (index, column) in columns.iter().enumerate() {
        if let Measure::Rate { of, over } | Measure::Change { of, over } = &column.measure {
            flags[index] |= flags[place(columns, of)] || flags[place(columns, over)];
        }
    }
}

/// Where exactly one role of a node and level is secret under a shown `all`,
/// the smallest other one is hidden too: else it would be the difference.
fn hide_lonely(raw: &RawTable, secret: &mut [Vec<bool>]) {
    let Some(role) = raw.columns.iter().position(|column| column.name == "role") else {
        return;
    };
    let same_group = |a: &[Cell], b: &[Cell]| {
        raw.columns.iter().enumerate().all(|(index, column)| {
            index == role || column.measure != Measure::Dimension || a[index] == b[index]
        })
    };
    let is_all = |row: &[Cell]| row[role] == Cell::Text("all".into());
    for (column, output) in raw.columns.iter().enumerate() {
        if output.measure != Measure::People {
            continue;
        }
        for total in 0..raw.rows.len() {
            if !is_all(&raw.rows[total]) {
                continue;
            }
            let parts: Vec<usize> = neighbours(raw, total, &same_group)
                .into_iter()
                .filter(|part| !is_all(&raw.rows[*part]) && integer(&raw.rows[*part][column]) > 0)
                .collect();
            let hidden = parts.iter().filter(|part| secret[**part][column]).count();
            if hidden == 1 {
                let next = parts
                    .iter()
                    .filter(|part| !secret[**part][column])
                    .min_by_key(|part| integer(&raw.rows[**part][column]));
                match next {
                    Some(next) => secret[*next][column] = true,
                    None => secret[total][column] = true,
                }
            }
        }
    }
}

/// Rows of the same group; queries order by their dimensions, so they stand
/// close by.
fn neighbours(raw: &RawTable, row: usize, same: &impl Fn(&[Cell], &[Cell]) -> bool) -> Vec<usize> {
    let near = row.saturating_sub(200)..(row + 200).min(raw.rows.len());
    near.filter(|other| same(&raw.rows[row], &raw.rows[*other]))
        .collect()
}

fn show(columns: &[OutputColumn], row: &[Cell], secret: &[bool], policy: &Policy) -> Vec<Shown> {
    let small_base = |column: &OutputColumn| match &column.measure {
        Measure::Rate { over, .. } | Measure::Change { over, .. } => {
            integer(&row[place(columns, over)]) < policy.rate_base
        }
        _ => false,
    };
    columns
        .iter()
        .zip(row)
        .zip(secret)
        .map(|((column, cell), secret)| match cell {
            _ if *secret => Shown::Secret,
            _ if small_base(column) => Shown::NotSignificant,
            Cell::Null => Shown::Missing,
            Cell::Text(text) => Shown::Text(text.clone()),
            Cell::Integer(number) => Shown::Integer(*number),
            Cell::Real(number) => Shown::Real(*number),
            Cell::Date(day) => Shown::Date(*day),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Contract;

    const HEAD: &str = "-- One row per role.\n-- column role text dimension\n-- column loaded integer people\n-- column visitors integer people\n-- column visits integer volume of visitors\n-- column rate real rate visitors over loaded\n";

    fn table(rows: &[(&str, i64, i64, i64)]) -> ProtectedTable {
        let columns = Contract::parse("t.sql", HEAD).unwrap().columns;
        let rows = rows
            .iter()
            .map(|(role, loaded, visitors, visits)| {
                vec![
                    Cell::Text((*role).into()),
                    Cell::Integer(*loaded),
                    Cell::Integer(*visitors),
                    Cell::Integer(*visits),
                    Cell::Real(*visitors as f64 / *loaded as f64),
                ]
            })
            .collect();
        protect(RawTable { columns, rows }, &Policy::default())
    }

    #[test]
    fn a_small_cell_takes_its_volume_and_its_rate() {
        let table = table(&[("staff", 40, 3, 17)]);
        let row = table.rows().next().unwrap();
        assert_eq!(row.get("loaded"), &Shown::Integer(40));
        for name in ["visitors", "visits", "rate"] {
            assert_eq!(row.get(name), &Shown::Secret, "{name}");
        }
    }

    #[test]
    fn nearly_everybody_is_secret_too() {
        let table = table(&[("staff", 40, 38, 90)]);
        assert_eq!(table.rows().next().unwrap().get("visitors"), &Shown::Secret);
    }

    #[test]
    fn zero_is_shown_and_a_small_base_has_no_rate() {
        let table = table(&[("staff", 20, 0, 0)]);
        let row = table.rows().next().unwrap();
        assert_eq!(row.get("visitors"), &Shown::Integer(0));
        assert_eq!(row.get("rate"), &Shown::NotSignificant);
    }

    #[test]
    fn a_secret_is_not_alone_under_a_shown_total() {
        let table = table(&[
            ("all", 540, 123, 900),
            ("parent", 300, 80, 500),
            ("staff", 40, 3, 17),
            ("student", 200, 40, 383),
        ]);
        let of = |role: &str| {
            table
                .find(&[("role", role)])
                .unwrap()
                .get("visitors")
                .clone()
        };
        assert_eq!(of("staff"), Shown::Secret);
        assert_eq!(of("student"), Shown::Secret, "the smallest other one");
        assert_eq!(of("parent"), Shown::Integer(80));
        assert_eq!(of("all"), Shown::Integer(123));
    }
}
