//! The ENT's support module: `;` without quotes, a `;` after the last cell,
//! `null` for nothing, `;` inside subjects.
//!
//! ```text
//! ID;Structure du demandeur;Statut;Sujet;Catégorie;Profil;Date de création;Dernière modification;
//! 102;LYCEE TEST;En attente utilisateur;Bug ; affichage;Espace documentaire;Teacher;06/01/2026 - 09:00;07/01/2026 - 10:30;
//! ```

use super::Sheet;
use super::records::body;

const HEADER: &str = "ID;Structure du demandeur;Statut;Sujet;";
const COLUMNS: usize = 8;
const BEFORE_SUBJECT: usize = 3;

/// Whether the text is an export of the support module.
pub fn is_support(text: &str) -> bool {
    body(text).starts_with(HEADER)
}

/// The rows re-aligned from both ends (three cells before the subject, four after
/// it), and the reason of each that cannot be. A line that has no id goes on with
/// the subject of the line before it.
pub fn sheet(text: &str) -> (Sheet, Vec<&'static str>) {
    let mut lines = body(text).lines().filter(|line| !line.trim().is_empty());
    let header = lines.next().unwrap_or_default();
    let header = header.trim_end_matches(';').split(';');
    let mut records: Vec<String> = Vec::new();
    for line in lines {
        match records.last_mut() {
            Some(last) if !begins(line) && aligned(last).is_none() => {
                last.push(' ');
                last.push_str(line);
            }
            _ => records.push(line.to_owned()),
        }
    }
    let mut broken = Vec::new();
    let rows = records.iter().filter_map(|record| {
        let cells = aligned(record);
        if cells.is_none() {
            broken.push("columns");
        }
        cells
    });
    let rows = rows.collect();
    let header = header.map(|name| name.trim().to_owned()).collect();
    (Sheet { header, rows }, broken)
}

/// Whether a line begins a ticket: digits, then `;`.
fn begins(line: &str) -> bool {
    let id = line.split(';').next().unwrap_or_default();
    !id.is_empty() && id.len() < line.len() && id.bytes().all(|b| b.is_ascii_digit())
}

/// The eight cells of a record whose last two are dates (or `null`).
fn aligned(record: &str) -> Option<Vec<Option<String>>> {
    let record = record.trim_end().strip_suffix(';').unwrap_or(record);
    let cells: Vec<&str> = record.split(';').map(str::trim).collect();
    let subject_end = cells.len().checked_sub(COLUMNS - BEFORE_SUBJECT - 1)?;
    if subject_end <= BEFORE_SUBJECT {
        return None;
    }
    let is_date = |cell: &&str| *cell == "null" || cell.contains('/') && cell.contains(':');
    if !cells[cells.len() - 2..].iter().all(is_date) {
        return None;
    }
    let subject = cells[BEFORE_SUBJECT..subject_end].join(";");
    let before = cells[..BEFORE_SUBJECT]
        .iter()
        .map(|cell| (*cell).to_owned());
    let after = cells[subject_end..].iter().map(|cell| (*cell).to_owned());
    let all = before.chain([subject]).chain(after);
    Some(all.map(|cell| (!cell.is_empty()).then_some(cell)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistance::{Export, Status, Ticket, Tools};
    use crate::domain::Role;

    const EXPORT: &str = "\u{feff}ID;Structure du demandeur;Statut;Sujet;Catégorie;Profil;Date de création;Dernière modification;
101;COLLEGE TEST;Fermé;Mot de passe;Messagerie;Relative;05/07/2026 - 08:12;05/07/2026 - 09:12;
102;null;En attente utilisateur;Bug ; affichage; page;Espace documentaire;Teacher;06/01/2026 - 09:00;07/01/2026 - 10:30;
103;LYCEE;Nouveau;coupé
105;null;Résolu;Sujet \"cité\";Autre;Student;07/01/2026 - 11:00;null;
104;LYCEE;Perdu;x;y;Student;06/01/2026 - 09:00;07/01/2026 - 10:30;
106;LYCEE;Nouveau;un sujet
sur deux lignes;null;Teacher;06/01/2026 - 09:00;06/01/2026 - 09:00;
";

    #[test]
    fn rows_are_aligned_from_both_ends() {
        assert!(is_support(EXPORT));
        let (sheet, broken) = sheet(EXPORT);
        assert_eq!(broken, ["columns"]);
        let Ok(Export::Tickets(rows)) = sheet.read(&Tools::built_in()) else {
            panic!("tickets");
        };
        let ticket = |n: usize| -> &Ticket { rows[n].as_ref().ok().unwrap() };
        assert_eq!(ticket(0).opened.to_rfc3339(), "2026-07-05T06:12:00+00:00");
        assert_eq!(ticket(0).role, Some(Role::Parent));
        assert_eq!(ticket(0).closed, ticket(0).resolved);
        assert_eq!(ticket(1).category.as_deref(), Some("Espace documentaire"));
        assert_eq!(
            (ticket(1).structure.as_deref(), ticket(1).resolved),
            (None, None)
        );
        assert_eq!(
            (ticket(2).status, ticket(2).resolved),
            (Status::Resolved, None)
        );
        assert_eq!(rows[3].as_ref().err(), Some(&"status"));
        assert_eq!(ticket(4).id, "106");
    }
}
