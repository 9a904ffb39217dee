//! How large the lake is, table by table.

use super::{Lake, Table, io_message};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;

/// A table of the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableStats {
    /// Its name.
    pub table: &'static str,
    /// Its Parquet files.
    pub files: u64,
    /// Its rows.
    pub rows: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// The first day that has rows, of a table with days.
    pub first_day: Option<NaiveDate>,
    /// The last one.
    pub last_day: Option<NaiveDate>,
}

impl Lake {
    /// All tables, those without rows too.
    pub fn stats(&self) -> Result<Vec<TableStats>, String> {
        let snapshot = self.snapshot()?;
        let mut all = Vec::new();
        for table in Table::ALL {
            let prefix = format!("{}/", table.name());
            let files = snapshot.entries().values().flat_map(|entry| &entry.files);
            let files: Vec<_> = files.filter(|f| f.path.starts_with(&prefix)).collect();
            let paths: BTreeSet<&String> = files.iter().map(|file| &file.path).collect();
            let mut bytes = 0;
            for path in &paths {
                let path = self.root().join(path);
                bytes += fs::metadata(&path)
                    .map_err(|e| io_message(&path, &e))?
                    .len();
            }
            let days: BTreeSet<NaiveDate> = paths.iter().filter_map(|path| day(path)).collect();
            all.push(TableStats {
                table: table.name(),
                files: paths.len() as u64,
                rows: files.iter().map(|file| file.rows).sum(),
                bytes,
                first_day: days.first().copied(),
                last_day: days.last().copied(),
            });
        }
        Ok(all)
    }
}

fn day(path: &str) -> Option<NaiveDate> {
    let (_, rest) = path.split_once("/day=")?;
    rest.split('/').next()?.parse().ok()
}
