//! The platform's own export of accounts: links its ids to those of the
//! directory, and tells who activated the account.

use super::{
    Context, FileReport, Input, NO_KEY, Report, date_in_name, school_year, store, tabular,
};
use crate::lake::{Counts, Table, Value};
use chrono::NaiveDate;
use std::path::Path;

/// Ingests the platform's account export: `id;externalId;activation`, dates
/// as `2025-09-16`, the snapshot's date in the name of the file.
pub fn platform_accounts(context: &mut Context<'_>, path: &Path) -> Result<Report, String> {
    let snapshot = date_in_name(path).ok_or_else(|| {
        format!(
            "`{}` has no date in its name\nhint: name it `comptes_<yyyymmdd>.csv`",
            path.display()
        )
    })?;
    let paths = [path.to_owned()];
    let input = Input::identify("platform", "", &paths)?.versioned(&paths);
    store(context, &input, |keys, _, transaction| {
        let table = tabular::read(path, b';')?;
        let column = |name| table.column(name, path);
        let (id, external, activation) =
            (column("id")?, column("externalId")?, column("activation")?);
        let year = school_year(snapshot);
        let mut counts = Counts::default();
        for row in table.rows() {
            counts.read += 1;
            let (Some(id), Some(external)) = (row.get(id), row.get(external)) else {
                counts.reject("no_id");
                continue;
            };
            let activated = row.get(activation).map(str::parse::<NaiveDate>);
            let Ok(activated) = activated.transpose() else {
                counts.reject("date");
                continue;
            };
            let pseudonyms = [external, id].map(|id| keys.pseudonym(&year, id.as_bytes()));
            let [Some(account), Some(platform)] = pseudonyms else {
                counts.reject(NO_KEY);
                continue;
            };
            counts.kept += 1;
            let row = [
                Value::Text(&year),
                Value::Date(snapshot),
                Value::Pseudonym(account),
                Value::Pseudonym(platform),
                activated.into(),
            ];
            transaction.row(Table::PlatformAccounts, None, &row)?;
        }
        Ok(vec![FileReport::of(
            path.display().to_string(),
            counts,
            None,
        )])
    })
}
