//! The head of a query file: what it gives, what it needs, what adds up.
//!
//! ```sql
//! -- One row per département and role: usage of the period.
//! -- param period_start date
//! -- column departement text dimension
//! -- column visitors integer people
//! -- column visits integer volume of visitors
//! -- column active_rate real rate visitors over loaded_accounts
//! ```

use crate::lake::Kind;
use arrow::datatypes::{Field, Schema};
use std::sync::Arc;

/// What a column is for the disclosure control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Names the cell.
    Dimension,
    /// Distinct people: secret below the threshold.
    People,
    /// A volume made by the people of another column: secret with them.
    Volume {
        /// The column of people.
        of: String,
    },
    /// A ratio of two columns of people or volumes: secret where one of them
    /// is, or where their difference is a small group.
    Rate {
        /// Numerator.
        of: String,
        /// Denominator.
        over: String,
    },
    /// A change from one column of people or volumes to another: secret where one
    /// of them is. They are of two times, so their difference is no group.
    Change {
        /// Now.
        of: String,
        /// Before.
        over: String,
    },
    /// Says nothing of people: establishments, days, minutes of a service.
    Open,
}

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// The name in SQL.
    pub name: String,
    /// The type, checked at plan time.
    pub kind: Kind,
    /// What it is.
    pub measure: Measure,
}

/// A typed parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Without the `$`.
    pub name: String,
    /// Its type.
    pub kind: Kind,
}

/// How the rows of a mart are kept from one run to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kept {
    /// Made anew as a whole when what it reads changed.
    #[default]
    Whole,
    /// By local day (`kept by day`): only days whose inputs changed are made anew,
    /// those from `$first_day` to `$last_day`.
    ByDay,
    /// Not kept (`kept for a step`): the marts after it read it while days are made.
    ForAStep,
    /// What was there stays (`kept and added to`).
    AddedTo,
}

/// Rows that differ in one dimension and make a whole that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// The dimension.
    pub column: String,
    /// What it says in the row of the whole; none where another table or a sentence
    /// tells the whole.
    pub value: Option<String>,
    /// Other dimensions that follow it, as the place of a class follows its name.
    pub beside: Vec<String>,
}

/// From what one cell of a table can be computed, for the disclosure control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// `total <column> <value>|elsewhere [beside <column>...]`
    pub totals: Vec<Total>,
    /// `linked <column>...`: columns of people tied by an equation in each row.
    pub linked: Vec<Vec<String>>,
    /// `cell <column> <measure> <time> [by <column>...]`: columns that the register of cells
    /// decides on; `by` names the columns that say which part of the time or of the visits.
    pub cells: Vec<CellColumn>,
    /// `within <column> <measure> <time>`: columns whose rows are details of a cell of the
    /// register (its months, its services): hidden where it is.
    pub within: Vec<CellColumn>,
}

/// A column of people that is a cell of the register, or a detail of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellColumn {
    /// The column.
    pub column: String,
    /// `accounts`, `activated` or `visitors`.
    pub measure: String,
    /// `reference`, `period` or `previous`: which parameters tell the time; `row`: the columns
    /// `first_day` and `last_day` do.
    pub time: String,
    /// Columns that name the part which a row is about; none for the whole.
    pub by: Vec<String>,
}

/// A query file: its contract and its text.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The first line of the head.
    pub description: String,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// Columns in order.
    pub columns: Vec<OutputColumn>,
    /// From what a cell can be computed.
    pub ties: Ties,
    /// How its rows are kept, for a mart.
    pub kept: Kept,
    /// The whole file.
    pub sql: String,
}

impl Contract {
    /// Reads a query file; the error names file and line.
    pub fn parse(file: &str, sql: &str) -> Result<Self, String> {
        let mut contract = Self {
            description: String::new(),
            parameters: Vec::new(),
            columns: Vec::new(),
            ties: Ties::default(),
            kept: Kept::Whole,
            sql: sql.to_owned(),
        };
        for (number, line) in sql.lines().enumerate() {
            let Some(line) = line.strip_prefix("-- ") else {
                break;
            };
            contract
                .head_line(line)
                .map_err(|reason| format!("{file}, line {}: {reason}", number + 1))?;
        }
        if contract.columns.is_empty() {
            return Err(format!(
                "{file}, line 1: the head declares no column\nhint: write `-- column <name> <type> <measure>`"
            ));
        }
        contract
            .check_references()
            .map_err(|reason| format!("{file}: {reason}"))?;
        Ok(contract)
    }

    fn head_line(&mut self, line: &str) -> Result<(), String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["param", name, kind] => self.parameters.push(Parameter {
                name: name.to_owned(),
                kind: kind_of(kind)?,
            }),
            ["column", name, kind, ref measure @ ..] => self.columns.push(OutputColumn {
                name: name.to_owned(),
                kind: kind_of(kind)?,
                measure: measure_of(measure)?,
            }),
            ["total", column, value, ref beside @ ..] => {
                self.ties.totals.push(total(column, value, beside)?);
            }
            ["linked", ref columns @ ..] => {
                let columns = columns.iter().map(|name| (*name).to_owned());
                self.ties.linked.push(columns.collect());
            }
            ["cell", column, measure, time, ref by @ ..] => {
                let cell = cell_column(column, measure, time, by)?;
                self.ties.cells.push(cell);
            }
            ["within", column, measure, time] => {
                let cell = cell_column(column, measure, time, &[])?;
                self.ties.within.push(cell);
            }
            ["kept", "by", "day"] => self.kept = Kept::ByDay,
            ["kept", "for", "a", "step"] => self.kept = Kept::ForAStep,
            ["kept", "and", "added", "to"] => self.kept = Kept::AddedTo,
            _ if self.description.is_empty() => line.clone_into(&mut self.description),
            _ => {}
        }
        Ok(())
    }

    fn check_references(&self) -> Result<(), String> {
        let known = |name: &String| self.columns.iter().any(|c| c.name == *name);
        let of_totals = self.ties.totals.iter();
        let named = of_totals.flat_map(|total| total.beside.iter().chain([&total.column]));
        let cells = self.ties.cells.iter().chain(&self.ties.within);
        let cells = cells.flat_map(|cell| cell.by.iter().chain([&cell.column]));
        let mut tied = named.chain(self.ties.linked.iter().flatten()).chain(cells);
        if let Some(missing) = tied.find(|name| !known(name)) {
            return Err(format!("a tie names `{missing}`, which is not declared"));
        }
        for column in &self.columns {
            let named: Vec<&String> = match &column.measure {
                Measure::Volume { of } => vec![of],
                Measure::Rate { of, over } | Measure::Change { of, over } => vec![of, over],
                _ => Vec::new(),
            };
            if let Some(missing) = named.into_iter().find(|name| !known(name)) {
                return Err(format!(
                    "column `{}` refers to `{missing}`, which is not declared",
                    column.name
                ));
            }
        }
        Ok(())
    }

    /// The Arrow schema of its rows.
    pub fn schema(&self) -> Arc<Schema> {
        let fields = self.columns.iter();
        let fields = fields.map(|c| Field::new(&c.name, c.kind.data_type(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The place of a column.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

fn total(column: &str, value: &str, beside: &[&str]) -> Result<Total, String> {
    let beside = match beside {
        [] => &[],
        ["beside", names @ ..] if !names.is_empty() => names,
        other => {
            return Err(format!(
                "`{}` after a total\nhint: write `total <column> <value>|elsewhere [beside <column>...]`",
                other.join(" ")
            ));
        }
    };
    Ok(Total {
        column: column.to_owned(),
        value: (value != "elsewhere").then(|| value.to_owned()),
        beside: beside.iter().map(|name| (*name).to_owned()).collect(),
    })
}

/// Visitors are counted by parts too.
fn cell_column(column: &str, measure: &str, time: &str, by: &[&str]) -> Result<CellColumn, String> {
    let parts = match by {
        [] => Some(&by[..0]),
        ["by", parts @ ..] if measure == "visitors" => PARTS.contains(&parts).then_some(parts),
        _ => None,
    };
    let is_known = ["accounts", "activated", "visitors"].contains(&measure)
        && (["reference", "period", "previous"].contains(&time)
            || (measure, time) == ("visitors", "row") && by.is_empty());
    let Some(parts) = parts.filter(|_| is_known) else {
        return Err(format!(
            "`{measure} {time} {}` is no cell of the register\nhint: write `cell <column> accounts|activated|visitors reference|period|previous`, for visitors also `row`, `by week`, `by weekday hour`, `by device`, `by moment`, `by service`",
            by.join(" ")
        ));
    };
    Ok(CellColumn {
        column: column.to_owned(),
        measure: measure.to_owned(),
        time: time.to_owned(),
        by: parts.iter().map(|name| (*name).to_owned()).collect(),
    })
}

/// Columns that name a part of the visits of a period.
const PARTS: [&[&str]; 5] = [
    &["week"],
    &["weekday", "hour"],
    &["device"],
    &["moment"],
    &["service"],
];

fn kind_of(word: &str) -> Result<Kind, String> {
    Ok(match word {
        "text" => Kind::Text,
        "date" => Kind::Date,
        "instant" => Kind::Instant,
        "integer" => Kind::Integer,
        "real" => Kind::Real,
        "pseudonym" => Kind::Pseudonym,
        "set" => Kind::Set,
        other => {
            return Err(format!(
                "unknown type `{other}`\nhint: text, date, instant, integer, real, pseudonym or set"
            ));
        }
    })
}

fn measure_of(words: &[&str]) -> Result<Measure, String> {
    Ok(match words {
        ["dimension"] => Measure::Dimension,
        ["people"] => Measure::People,
        ["open"] => Measure::Open,
        ["volume", "of", of] => Measure::Volume { of: (*of).into() },
        ["rate", of, "over", over] => Measure::Rate {
            of: (*of).into(),
            over: (*over).into(),
        },
        ["change", of, "over", over] => Measure::Change {
            of: (*of).into(),
            over: (*over).into(),
        },
        other => {
            return Err(format!(
                "unknown measure `{}`\nhint: dimension, people, open, `volume of <column>`, `rate <column> over <column>` or `change <column> over <column>`",
                other.join(" ")
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "-- One row per role.\n-- param period_start date\n-- column role text dimension\n-- column visitors integer people\n-- column visits integer volume of visitors\nselect 1";

    #[test]
    fn a_head_is_read() {
        let contract = Contract::parse("a.sql", SQL).unwrap();
        assert_eq!(contract.description, "One row per role.");
        assert_eq!(contract.parameters[0].kind, Kind::Date);
        assert_eq!(
            contract.columns[2].measure,
            Measure::Volume {
                of: "visitors".into()
            }
        );
        assert_eq!(contract.index("visits"), Some(2));
    }

    #[test]
    fn a_bad_head_says_where() {
        let bad = |text: &str| Contract::parse("a.sql", text).unwrap_err();
        assert!(bad(&SQL.replace("integer people", "integer peeple")).starts_with("a.sql, line 4"));
        assert!(bad(&SQL.replace("of visitors", "of nobody")).contains("nobody"));
        assert!(bad("select 1").contains("no column"));
        assert!(bad(&SQL.replace("select", "-- total age all\nselect")).contains("`age`"));
        assert!(bad(&SQL.replace("select", "-- total role all role\nselect")).contains("beside"));
    }
}
