//! Queries planned once for all values of their parameters: an edition runs the same few dozen
//! for each territory and period, and analysing and optimising them takes longer than the
//! answer where marts are small.

use super::contract::{Contract, Parameter};
use crate::lake::Kind;
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::collect;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Optimised plans by the text of their query. They hold the tables that they read, so they
/// are dropped when a table is registered.
#[derive(Default)]
pub(super) struct Plans(Mutex<HashMap<String, LogicalPlan>>);

impl Plans {
    /// Drops all.
    pub(super) fn clear(&self) {
        self.0.lock().expect("no thread panics with it").clear();
    }

    /// The plan of a query, its parameters still open.
    pub(super) async fn get(
        &self,
        state: &SessionState,
        contract: &Contract,
    ) -> Result<LogicalPlan> {
        let known = {
            let plans = self.0.lock().expect("no thread panics with it");
            plans.get(&contract.sql).cloned()
        };
        if let Some(plan) = known {
            return Ok(plan);
        }
        let plan = state.create_logical_plan(&contract.sql).await?;
        let plan = state.optimize(&typed(plan, &contract.parameters)?)?;
        let mut plans = self.0.lock().expect("no thread panics with it");
        plans.insert(contract.sql.clone(), plan.clone());
        Ok(plan)
    }
}

/// Runs an optimised plan with values in the place of its parameters.
pub(super) async fn run(
    state: &SessionState,
    plan: LogicalPlan,
    values: Vec<(&str, ScalarValue)>,
) -> Result<Vec<RecordBatch>> {
    let plan = match values.is_empty() {
        true => plan,
        false => plan.with_param_values(values)?,
    };
    // Not `SessionState::create_physical_plan`, which would optimise the plan once more.
    let planner = state.query_planner();
    let physical = planner.create_physical_plan(&plan, state).await?;
    collect(physical, state.task_ctx()).await
}

/// A plan whose parameters have the types that its contract declares: the optimiser must know
/// them where their values will only come later.
fn typed(plan: LogicalPlan, parameters: &[Parameter]) -> Result<LogicalPlan> {
    let with_type = |expression: Expr| {
        let Expr::Placeholder(mut open) = expression else {
            return Ok(Transformed::no(expression));
        };
        let name = open.id.trim_start_matches('$');
        let Some(parameter) = parameters.iter().find(|known| known.name == name) else {
            return Ok(Transformed::no(Expr::Placeholder(open)));
        };
        let field = Field::new("", data_type(parameter.kind), true);
        open.field = Some(Arc::new(field));
        Ok(Transformed::yes(Expr::Placeholder(open)))
    };
    let typed = plan.transform_up_with_subqueries(|plan| {
        let plan = plan.map_expressions(|expression| expression.transform_up(with_type))?;
        plan.map_data(LogicalPlan::recompute_schema)
    })?;
    Ok(typed.data)
}

/// As [`super::Argument`] gives them.
fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Date => DataType::Date32,
        Kind::Integer => DataType::Int64,
        _ => DataType::Utf8,
    }
}
