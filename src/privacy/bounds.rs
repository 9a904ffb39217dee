//! The smallest and largest value that a cell can have, by linear
//! programming, from equations and inequalities over cells of 0 or more.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

/// A sum of unknowns with coefficients that is a number, or not more than it.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Unknowns and coefficients; each unknown once.
    pub terms: Vec<(usize, f64)>,
    /// Whether the sum is at most `value`; else it is `value`.
    pub at_most: bool,
    /// The number.
    pub value: f64,
}

/// What ties some unknowns, numbered from 0.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// How many unknowns.
    pub unknowns: usize,
    /// What ties them.
    pub constraints: Vec<Constraint>,
}

/// An extreme of an unknown and the values of all unknowns where it is reached.
#[derive(Clone, Debug)]
pub struct Extreme {
    /// The extreme; infinite where nothing bounds it.
    pub value: f64,
    /// One solution with this value; empty where it is infinite.
    pub point: Vec<f64>,
}

impl System {
    /// The smallest value of an unknown.
    pub fn smallest(&self, unknown: usize) -> Result<Extreme, String> {
        self.extreme(unknown, OptimizationDirection::Minimize)
    }

    /// The largest value of an unknown.
    pub fn largest(&self, unknown: usize) -> Result<Extreme, String> {
        self.extreme(unknown, OptimizationDirection::Maximize)
    }

    fn extreme(&self, unknown: usize, way: OptimizationDirection) -> Result<Extreme, String> {
        let mut problem = Problem::new(way);
        let goal = |number| if number == unknown { 1.0 } else { 0.0 };
        let variables: Vec<Variable> = (0..self.unknowns)
            .map(|number| problem.add_var(goal(number), (0.0, f64::INFINITY)))
            .collect();
        add(&mut problem, &variables, &self.constraints);
        match problem.solve() {
            Ok(outcome) => {
                let solution = outcome
                    .into_solution()
                    .map_err(|_| "interrupted".to_owned())?;
                let point = variables.iter().map(|v| solution.var_value(*v)).collect();
                Ok(Extreme {
                    value: solution.objective(),
                    point,
                })
            }
            Err(microlp::Error::Unbounded) => Ok(Extreme {
                value: f64::INFINITY,
                point: Vec::new(),
            }),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// States constraints over variables.
pub(super) fn add(problem: &mut Problem, variables: &[Variable], constraints: &[Constraint]) {
    for constraint in constraints {
        let mut sum = LinearExpr::empty();
        for (unknown, coefficient) in &constraint.terms {
            sum.add(variables[*unknown], *coefficient);
        }
        let operator = match constraint.at_most {
            true => ComparisonOp::Le,
            false => ComparisonOp::Eq,
        };
        problem.add_constraint(sum, operator, constraint.value);
    }
}
