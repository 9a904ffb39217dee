//! The ENT's support module: `;` without quotes, a `;` after the last cell,
//! `null` for nothing, `;` inside subjects.
//!
//! ```text
//! ID;Structure du demandeur;Statut;Sujet;Catégorie;Profil;Date de création;Dernière modification;
//! 102;LYCEE TEST;En attente utilisateur;Bug ; affichage;Espace documentaire;Teacher;06/01/2026 - 09:00;07/01/2026 - 10:30;
//! ```

use super::{Status, Ticket};
use crate::domain::{Role, time};
use chrono::{DateTime, NaiveDateTime, Utc};

const HEADER: &str = "ID;Structure du demandeur;Statut;Sujet;";

/// Whether the text is an export of the support module.
pub fn is_support(text: &str) -> bool {
    text.trim_start_matches(['\u{feff}', '\r', '\n'])
        .starts_with(HEADER)
}

/// Each row as a ticket or the reason why not. Rows are re-aligned from both
/// ends: three cells before the subject, four after it.
pub fn read(text: &str) -> Vec<Result<Ticket, &'static str>> {
    text.trim_start_matches(['\u{feff}', '\r', '\n'])
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(row)
        .collect()
}

fn row(line: &str) -> Result<Ticket, &'static str> {
    let line = line.trim_end().strip_suffix(';').unwrap_or(line);
    let cells: Vec<&str> = line.split(';').map(str::trim).collect();
    if cells.len() < 8 {
        return Err("columns");
    }
    let last = cells.len() - 1;
    let id = cells[0].to_owned();
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err("id");
    }
    let status = Status::parse(cells[2]).ok_or("status")?;
    let changed = optional_instant(cells[last])?;
    let done = matches!(status, Status::Resolved | Status::Closed);
    Ok(Ticket {
        id,
        opened: instant(cells[last - 1]).ok_or("date")?,
        resolved: changed.filter(|_| done),
        closed: changed.filter(|_| status == Status::Closed),
        status,
        category: given(cells[last - 3]),
        role: Some(Role::from_profile(cells[last - 2])),
        structure: given(cells[1]),
        priority: None,
        kind: None,
        level: None,
    })
}

fn given(cell: &str) -> Option<String> {
    (!cell.is_empty() && cell != "null").then(|| cell.to_owned())
}

/// `null` where the module knows no change.
fn optional_instant(cell: &str) -> Result<Option<DateTime<Utc>>, &'static str> {
    given(cell)
        .map(|cell| instant(&cell).ok_or("date"))
        .transpose()
}

fn instant(cell: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(cell, "%d/%m/%Y - %H:%M").ok()?;
    Some(time::instant(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = "\u{feff}ID;Structure du demandeur;Statut;Sujet;Catégorie;Profil;Date de création;Dernière modification;
101;COLLEGE TEST;Fermé;Mot de passe;Messagerie;Relative;05/07/2026 - 08:12;05/07/2026 - 09:12;
102;null;En attente utilisateur;Bug ; affichage; page;Espace documentaire;Teacher;06/01/2026 - 09:00;07/01/2026 - 10:30;
103;LYCEE;Nouveau;coupé
105;null;Résolu;Sujet \"cité\";Autre;Student;07/01/2026 - 11:00;null;
104;LYCEE;Perdu;x;y;Student;06/01/2026 - 09:00;07/01/2026 - 10:30;
";

    #[test]
    fn rows_are_aligned_from_both_ends() {
        assert!(is_support(EXPORT));
        let rows = read(EXPORT);
        let first = rows[0].as_ref().ok().unwrap();
        assert_eq!(first.opened.to_rfc3339(), "2026-07-05T06:12:00+00:00");
        assert_eq!(
            (first.role, first.closed),
            (Some(Role::Parent), first.resolved)
        );
        let second = rows[1].as_ref().ok().unwrap();
        assert_eq!(second.category.as_deref(), Some("Espace documentaire"));
        assert_eq!((second.structure.as_deref(), second.resolved), (None, None));
        assert_eq!(rows[2].as_ref().err(), Some(&"columns"));
        let undated = rows[3].as_ref().ok().unwrap();
        assert_eq!((undated.status, undated.resolved), (Status::Resolved, None));
        assert_eq!(rows[4].as_ref().err(), Some(&"status"));
    }
}
