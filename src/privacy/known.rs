//! Every pseudonym of a person that a lake holds: what must never be read outside of it.

use super::retention::pseudonym;
use crate::lake::Table;
use crate::query::Session;
use rustc_hash::FxHashSet;

/// Pseudonyms of all tables and school years.
///
/// # Errors
/// A table that cannot be read.
pub fn pseudonyms(session: &Session) -> Result<FxHashSet<u64>, String> {
    let mut known = FxHashSet::default();
    for table in Table::ALL {
        let columns = table.columns().iter();
        for column in columns.filter(|column| Table::is_of_people(column)) {
            let (name, table) = (column.0, table.name());
            let sql = format!("select distinct {name} from {table} where {name} is not null");
            let (_, rows) = session.sql(&sql)?;
            known.extend(rows.iter().flatten().filter_map(pseudonym));
        }
    }
    Ok(known)
}
