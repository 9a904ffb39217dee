//! The official school list: what a directory does not say of an establishment.

use super::{Context, FileReport, Input, Report, store, tabular};
use crate::domain::{Departement, Uai};
use crate::lake::{Counts, Table, Transaction, Value};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Ingests the school list, in one file or several: the last list ingested
/// takes the place of the one before. `,`-separated, columns `uai, nom, degre,
/// type, secteur, commune`, and optionally `nature, tutelle, code_insee,
/// effectif, ips, education_prioritaire, zone, lat, lon, en_service_du,
/// en_service_au`. An establishment listed again is a duplicate.
pub fn schools(context: &mut Context<'_>, paths: &[PathBuf]) -> Result<Report, String> {
    let input = Input::identify("schools", "", paths)?.version_of("school list");
    store(context, &input, |_, _, transaction| {
        let mut seen = BTreeSet::new();
        paths
            .iter()
            .map(|path| read(path, &mut seen, transaction))
            .collect()
    })
}

fn read(
    path: &Path,
    seen: &mut BTreeSet<Uai>,
    transaction: &mut Transaction,
) -> Result<FileReport, String> {
    let table = tabular::read(path, b',')?;
    for needed in ["uai", "nom", "degre", "type", "secteur", "commune"] {
        table.column(needed, path)?;
    }
    let mut counts = Counts::default();
    for row in table.rows() {
        counts.read += 1;
        let uai = row.maybe(table.find("uai")).map(Uai::parse);
        let Some(Ok(uai)) = uai else {
            counts.reject("uai");
            continue;
        };
        let Some(departement) = Departement::of(uai) else {
            counts.reject("outside_the_region");
            continue;
        };
        if !seen.insert(uai) {
            counts.duplicates += 1;
            continue;
        }
        keep(&table, &row, uai, departement, transaction)?;
        counts.kept += 1;
    }
    Ok(FileReport::of(path.display().to_string(), counts, None))
}

fn keep(
    table: &tabular::Tabular,
    row: &tabular::Row<'_>,
    uai: Uai,
    departement: Departement,
    transaction: &mut Transaction,
) -> Result<(), String> {
    let text = |name| row.maybe(table.find(name));
    let real = |name| text(name).and_then(|cell| cell.parse::<f64>().ok());
    let whole = |name| real(name).map(|number| number as i64);
    let date = |name| text(name).and_then(|cell| cell.parse::<NaiveDate>().ok());
    let values = [
        Value::Text(uai.as_str()),
        text("nom").into(),
        text("degre").into(),
        text("type").into(),
        whole("nature").into(),
        text("secteur").into(),
        text("tutelle").into(),
        Value::Text(departement.code()),
        Value::Text(departement.academie()),
        text("code_insee").into(),
        text("commune").into(),
        whole("effectif").into(),
        real("ips").into(),
        text("education_prioritaire").into(),
        text("zone").into(),
        real("lat").into(),
        real("lon").into(),
        date("en_service_du").into(),
        date("en_service_au").into(),
    ];
    transaction.row(Table::Establishments, None, &values)
}
