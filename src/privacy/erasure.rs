//! The right to erasure: one person out of every table of the lake.

use super::pseudonym::MasterKey;
use super::retention::{pseudonym, school_years};
use crate::lake::{Erased, Lake};
use crate::query::Session;
use chrono::NaiveDate;
use rustc_hash::FxHashSet;
use serde::Serialize;

/// What says that a person is not in the lake any more. Says nothing of who it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The day that the operator gave.
    pub at: NaiveDate,
    /// School years of the lake in which the person was looked for.
    pub school_years: Vec<String>,
    /// School years of the lake whose key is gone: nobody can tell whose their
    /// rows are.
    pub years_without_key: Vec<String>,
    /// Rows that went, by table.
    pub erased: Erased,
    /// Whether no value and no byte of any file of the lake holds a pseudonym of
    /// the person afterwards; looked for by the program itself.
    pub verified: bool,
    /// What it means.
    pub statement: &'static str,
}

const STATEMENT: &str = "The rows of the person are taken out of every table of the lake; tables made from them were dropped and are made again without the person. Tickets hold no account. Published aggregates are not rewritten. Inputs outside the lake are not touched: one that is delivered later and still names the person brings new rows.";

/// Takes a person out of the lake. `ids` are ids of its account: that of the
/// directory (`<académie>-<join key>`), that of the platform, its login name.
/// What the platform's exports link to one of them goes too.
///
/// # Errors
/// A lake that somebody writes; a pseudonym that is still found afterwards.
pub fn forget(
    lake: &Lake,
    key: &MasterKey,
    ids: &[String],
    at: NaiveDate,
) -> Result<Certificate, String> {
    let session = Session::open(lake)?;
    let (mut with_key, mut without) = (Vec::new(), Vec::new());
    let mut people = FxHashSet::default();
    for year in school_years(&session)? {
        match key.for_year(&year) {
            Ok(key) => {
                for id in ids {
                    people.insert(key.pseudonym(id.as_bytes()));
                    people.insert(key.pseudonym(id.to_lowercase().as_bytes()));
                }
                with_key.push(year);
            }
            Err(_) => without.push(year),
        }
    }
    add_linked(&session, &mut people)?;
    let writer = lake.writer()?;
    let erased = writer.forget(&people, at)?;
    let traces = writer.traces(&people)?;
    if !traces.is_empty() {
        return Err(format!(
            "a pseudonym of the person is still found in {} files, `{}` among them\nhint: run the command again; if that does not help, the file is none of the lake's: remove it",
            traces.len(),
            traces[0]
        ));
    }
    Ok(Certificate {
        at,
        school_years: with_key,
        years_without_key: without,
        erased,
        verified: true,
        statement: STATEMENT,
    })
}

/// Adds the other pseudonyms of the same accounts.
fn add_linked(session: &Session, people: &mut FxHashSet<u64>) -> Result<(), String> {
    if people.is_empty() {
        return Ok(());
    }
    let mut known: Vec<u64> = people.iter().copied().collect();
    known.sort_unstable();
    let list: Vec<String> = known
        .iter()
        .map(|p| format!("arrow_cast('{p}', 'UInt64')"))
        .collect();
    let list = list.join(", ");
    let (_, rows) = session.sql(&format!(
        "select account, platform_account from platform_accounts where account in ({list}) or platform_account in ({list})"
    ))?;
    people.extend(rows.iter().flatten().filter_map(pseudonym));
    Ok(())
}
