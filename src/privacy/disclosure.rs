//! Disclosure control: the only maker of [`ProtectedTable`], and the only type
//! that outputs take. What the register of cells decides on is shown or hidden as it says
//! ([`super::register`], [`super::parts`]). Of other columns: primary suppression (threshold on
//! people, volumes with their people, complements of rates, small denominators) and, in each
//! table alone, further cells where the parts of a known whole leave a hidden one too few values,
//! along every tie that its contract declares.

use super::crossing::needed;
use super::threshold::Threshold;
use crate::query::{Cell, Measure, OutputColumn, RawTable, Total};
use serde::Serialize;
use std::collections::BTreeMap;

/// The rules that are set per deliverable.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// A cell about fewer people, and at least one, is secret.
    pub threshold: Threshold,
    /// No rate under this denominator.
    pub rate_base: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            threshold: Threshold::default(),
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
    /// One that was protected in an earlier run.
    pub(super) fn kept(names: Vec<String>, rows: Vec<Vec<Shown>>) -> Self {
        Self { names, rows }
    }

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

/// By row and column, whether a cell is hidden, where that was decided for all tables.
pub type Known = Vec<Vec<Option<bool>>>;

/// Protects a result of a query by its contract.
pub fn protect(raw: RawTable, policy: &Policy) -> ProtectedTable {
    let known = vec![vec![None; raw.columns.len()]; raw.rows.len()];
    protect_with(raw, policy, &known)
}

/// Protects a result of a query by its contract, some cells of which are decided already.
pub fn protect_with(raw: RawTable, policy: &Policy, known: &Known) -> ProtectedTable {
    let needed = needed(&raw, &policy.threshold);
    let rows = raw.rows.iter().zip(&needed);
    let mut secret: Vec<Vec<bool>> = rows
        .map(|(row, needed)| primary(&raw.columns, row, needed))
        .collect();
    for (flags, known) in secret.iter_mut().zip(known) {
        for (flag, known) in flags.iter_mut().zip(known) {
            *flag = known.unwrap_or(*flag);
        }
    }
    hide_told(&raw, &mut secret, known, &needed);
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
fn primary(columns: &[OutputColumn], row: &[Cell], needed: &[i64]) -> Vec<bool> {
    let few = |number: i64, at: usize| (1..needed[at]).contains(&number);
    let mut flags: Vec<bool> = columns
        .iter()
        .zip(row)
        .enumerate()
        .map(|(at, (column, cell))| column.measure == Measure::People && few(integer(cell), at))
        .collect();
    for column in columns {
        if let Measure::Rate { of, over } = &column.measure {
            let (of, over) = (place(columns, of), place(columns, over));
            let both =
                columns[of].measure == Measure::People && columns[over].measure == Measure::People;
            // The rest of a group of people is a group of people.
            if both && few(integer(&row[over]) - integer(&row[of]), of) {
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

/// Where the parts of a known whole leave a secret one too few values, another part is hidden
/// too, the smallest that is not zero. Until nothing changes, as a cell may be a part of
/// several wholes.
fn hide_told(raw: &RawTable, secret: &mut [Vec<bool>], known: &Known, needed: &[Vec<i64>]) {
    let is_open = |column: usize| known.iter().any(|row| row[column].is_none());
    let columns = raw.columns.iter().enumerate();
    let open = columns.filter(|(at, column)| column.measure == Measure::People && is_open(*at));
    let open: Vec<usize> = open.map(|(at, _)| at).collect();
    let wholes: Vec<Vec<Whole>> = totals(raw).iter().map(|t| wholes(raw, t)).collect();
    loop {
        let mut changed = false;
        for whole in wholes.iter().flatten() {
            for column in &open {
                changed |= hide_with(raw, secret, known, whole, *column, needed);
            }
        }
        for line in &raw.ties.linked {
            changed |= hide_in_rows(raw, secret, line, needed);
        }
        if !changed {
            return;
        }
    }
}

/// A hidden number, and what else of the table says of it.
#[derive(Clone, Copy)]
struct Hidden {
    number: i64,
    /// It is not less.
    least: i64,
    /// It is not more.
    most: Option<i64>,
    /// So many values must be possible.
    needed: i64,
}

/// Whether hidden numbers, of which the sum is known, leave one of them fewer values than the
/// it needs.
fn is_told(hidden: &[Hidden]) -> bool {
    let sum: i64 = hidden.iter().map(|cell| cell.number).sum();
    let most = |cell: &Hidden| cell.most.map_or(sum, |most| most.min(sum));
    let all_most: i64 = hidden.iter().map(most).sum();
    let all_least: i64 = hidden.iter().map(|cell| cell.least).sum();
    hidden.iter().any(|cell| {
        let low = (sum - (all_most - most(cell))).max(cell.least);
        let high = (sum - (all_least - cell.least)).min(most(cell));
        high - low < cell.needed
    })
}

/// A hidden cell of people among the parts of a whole. Those who came are accounts: the row
/// bounds the one by the other where it is shown, and where it is hidden too, by all that is
/// hidden of it.
fn hidden_cell(
    raw: &RawTable,
    secret: &[Vec<bool>],
    whole: &Whole,
    (row, column): (usize, usize),
    needed: i64,
) -> Hidden {
    let name = &raw.columns[column].name;
    let value = |row: usize, column: usize| integer(&raw.rows[row][column]);
    let (mut least, mut most) = (0, None::<i64>);
    for output in &raw.columns {
        let Measure::Rate { of, over } = &output.measure else {
            continue;
        };
        let (part, all) = (place(&raw.columns, of), place(&raw.columns, over));
        let are_people = [part, all]
            .iter()
            .all(|at| raw.columns[*at].measure == Measure::People);
        if !are_people || of == over {
            continue;
        }
        if over == name && !secret[row][part] {
            least = least.max(value(row, part));
        }
        if of == name {
            let bound = match secret[row][all] {
                false => value(row, all),
                true => {
                    let parts = whole.parts.iter().filter(|part| secret[**part][all]);
                    parts.map(|part| value(*part, all)).sum()
                }
            };
            // Requests may be more than accounts: then the one says nothing of the other.
            if bound >= value(row, column) {
                most = Some(most.map_or(bound, |known| known.min(bound)));
            }
        }
    }
    Hidden {
        number: value(row, column),
        least,
        most,
        needed,
    }
}

/// Those that the contract declares; a role is always a part of every one.
fn totals(raw: &RawTable) -> Vec<Total> {
    let mut totals = raw.ties.totals.clone();
    let has_role = raw.columns.iter().any(|column| column.name == "role");
    if has_role && !totals.iter().any(|total| total.column == "role") {
        totals.push(Total {
            column: "role".into(),
            value: Some("all".into()),
            beside: Vec::new(),
        });
    }
    totals
}

/// Rows of parts, and that of the whole; none where the whole is told elsewhere.
struct Whole {
    row: Option<usize>,
    parts: Vec<usize>,
}

/// The rows that differ in one dimension only, together.
fn wholes(raw: &RawTable, total: &Total) -> Vec<Whole> {
    let axis = place(&raw.columns, &total.column);
    let names = |index: usize| {
        let column = &raw.columns[index];
        column.measure == Measure::Dimension
            && index != axis
            && !total.beside.contains(&column.name)
    };
    let mut groups: BTreeMap<String, Whole> = BTreeMap::new();
    for (number, row) in raw.rows.iter().enumerate() {
        let cells = row.iter().enumerate().filter(|(index, _)| names(*index));
        let key = format!("{:?}", cells.map(|(_, cell)| cell).collect::<Vec<_>>());
        let empty = Whole {
            row: None,
            parts: Vec::new(),
        };
        let whole = groups.entry(key).or_insert(empty);
        match total.value.as_ref() {
            Some(value) if says(&row[axis], value) => whole.row = Some(number),
            _ => whole.parts.push(number),
        }
    }
    // Parts of a whole that no row tells, though one should, disclose nothing.
    let is_known = |whole: &Whole| whole.row.is_some() || total.value.is_none();
    groups.into_values().filter(is_known).collect()
}

fn says(cell: &Cell, value: &str) -> bool {
    match cell {
        Cell::Text(text) => text == value,
        Cell::Integer(number) => number.to_string() == value,
        _ => false,
    }
}

/// Hides one more part of a whole in one column, or the whole, if the parts that are hidden
/// are told; whether it did.
fn hide_with(
    raw: &RawTable,
    secret: &mut [Vec<bool>],
    known: &Known,
    whole: &Whole,
    column: usize,
    needed: &[Vec<i64>],
) -> bool {
    if whole.row.is_some_and(|row| secret[row][column]) {
        return false;
    }
    let value = |part: usize| integer(&raw.rows[part][column]);
    let counted = || whole.parts.iter().copied().filter(|part| value(*part) > 0);
    let hidden: Vec<_> = counted()
        .filter(|part| secret[*part][column])
        .map(|part| hidden_cell(raw, secret, whole, (part, column), needed[part][column]))
        .collect();
    if hidden.is_empty() || !is_told(&hidden) {
        return false;
    }
    let may_go = |part: &usize| !secret[*part][column] && known[*part][column].is_none();
    let shown = counted().filter(may_go);
    let next = shown
        .min_by_key(|part| value(*part))
        .or(whole.row.filter(may_go));
    next.map(|row| secret[row][column] = true).is_some()
}

/// Hides one more of linked columns in each row in which those that are hidden are told.
fn hide_in_rows(
    raw: &RawTable,
    secret: &mut [Vec<bool>],
    line: &[String],
    needed: &[Vec<i64>],
) -> bool {
    let columns: Vec<usize> = line.iter().map(|name| place(&raw.columns, name)).collect();
    let mut changed = false;
    for ((row, needed), flags) in raw.rows.iter().zip(needed).zip(secret) {
        let counted = || {
            columns
                .iter()
                .copied()
                .filter(|column| integer(&row[*column]) > 0)
        };
        let hidden: Vec<_> = counted()
            .filter(|column| flags[*column])
            .map(|column| Hidden {
                number: integer(&row[column]),
                least: 0,
                most: None,
                needed: needed[column],
            })
            .collect();
        if hidden.is_empty() || !is_told(&hidden) {
            continue;
        }
        let shown = counted().filter(|column| !flags[*column]);
        if let Some(column) = shown.min_by_key(|column| integer(&row[*column])) {
            flags[column] = true;
            changed = true;
        }
    }
    changed
}

fn show(columns: &[OutputColumn], row: &[Cell], secret: &[bool], policy: &Policy) -> Vec<Shown> {
    let base = |column: &OutputColumn| match &column.measure {
        Measure::Rate { over, .. } | Measure::Change { over, .. } => {
            Some(&row[place(columns, over)])
        }
        _ => None,
    };
    columns
        .iter()
        .zip(row)
        .zip(secret)
        .map(|((column, cell), secret)| match cell {
            _ if *secret => Shown::Secret,
            // Of a base that nobody knows it is not said that it is small.
            _ if base(column) == Some(&Cell::Null) => Shown::Missing,
            _ if base(column).is_some_and(|base| integer(base) < policy.rate_base) => {
                Shown::NotSignificant
            }
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
        let contract = Contract::parse("t.sql", HEAD).unwrap();
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
        let ties = contract.ties;
        protect(
            RawTable {
                columns: contract.columns,
                ties,
                rows,
            },
            &Policy::default(),
        )
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

    const MONTHS: &str = "-- One row per month and class.\n-- column month integer dimension\n-- column class text dimension\n-- column people integer people\n-- column often integer people\n-- column seldom integer people\n-- total month elsewhere\n-- linked people often seldom\n";

    /// Rows of month, people, those who come often and seldom.
    fn months(rows: &[(i64, i64, i64, i64)]) -> ProtectedTable {
        let contract = Contract::parse("t.sql", MONTHS).unwrap();
        let number = |n: &i64| Cell::Integer(*n);
        let rows = rows.iter().map(|(month, people, often, seldom)| {
            let class = Cell::Text("one".into());
            vec![
                number(month),
                class,
                number(people),
                number(often),
                number(seldom),
            ]
        });
        let (columns, ties) = (contract.columns, contract.ties);
        protect(
            RawTable {
                columns,
                ties,
                rows: rows.collect(),
            },
            &Policy::default(),
        )
    }

    #[test]
    fn a_whole_told_elsewhere_takes_a_second_part() {
        let table = months(&[(1, 40, 20, 20), (2, 3, 0, 3), (3, 30, 10, 20)]);
        let shown: Vec<_> = table.rows().map(|row| row.get("people").clone()).collect();
        assert_eq!(shown, [Shown::Integer(40), Shown::Secret, Shown::Secret]);
    }

    #[test]
    fn a_cell_is_not_the_difference_of_its_row() {
        let table = months(&[(1, 40, 37, 3)]);
        let row = table.rows().next().unwrap();
        assert_eq!(row.get("seldom"), &Shown::Secret);
        assert_eq!(row.get("often"), &Shown::Secret);
        assert_eq!(row.get("people"), &Shown::Integer(40));
    }

    #[test]
    fn hidden_parts_leave_enough_values() {
        // 18 of 14 and 6 accounts: each would be known within two.
        let table = table(&[
            ("all", 389, 307, 9_000),
            ("parent", 207, 147, 3_625),
            ("staff", 6, 5, 200),
            ("student", 162, 142, 5_072),
            ("teacher", 14, 13, 400),
        ]);
        let shown = |role: &str| {
            table
                .find(&[("role", role)])
                .unwrap()
                .get("visitors")
                .clone()
        };
        assert_eq!(shown("student"), Shown::Secret, "the next smallest");
        assert_eq!(shown("parent"), Shown::Integer(147));
        let cell = |number, least, most| Hidden {
            number,
            least,
            most,
            needed: 5,
        };
        assert!(!is_told(&[cell(13, 0, None), cell(5, 0, None)]));
        assert!(is_told(&[cell(13, 0, Some(14)), cell(5, 0, Some(6))]));
        assert!(is_told(&[cell(3, 0, None), cell(1, 0, None)]));
        // Seven accounts, of whom five are known to have come to the one.
        assert!(is_told(&[cell(5, 5, None), cell(2, 0, None)]));
    }
}
