//! Which places stand out: départements that grew, establishments that fell.

use super::super::establishments::{self, DROP};
use super::super::territories;
use super::{BASE, STABLE, Said, provisional};
use crate::french;
use crate::indicators::Figures;

/// Establishments where nobody came.
pub(super) fn without_visits(figures: &Figures) -> Option<Said> {
    let table = figures.table("establishments");
    let visits: Option<Vec<i64>> = table
        .rows()
        .map(|row| row.get("visits").integer())
        .collect();
    let visits = visits?;
    let silent = visits.iter().filter(|visits| **visits == 0).count() as i64;
    let all = french::integer(visits.len() as i64);
    (silent > 0).then(|| Said {
        sentence: format!(
            "{} établissement{} sur {all} n’{} eu aucune visite.",
            french::integer(silent),
            french::plural(silent),
            if silent < 2 { "a" } else { "ont" }
        ),
        figures: vec![format!(
            "{} sur {all} à zéro visite",
            french::integer(silent)
        )],
    })
}

/// Establishments that lost a third of their visits or more in a year.
pub(super) fn dropped(figures: &Figures) -> Option<Said> {
    let compared = establishments::compared(figures);
    let is_drop = |loss: &f64| *loss <= DROP;
    let lost = compared.iter().map(|(loss, ..)| *loss).filter(is_drop);
    let (lost, all) = (lost.count() as i64, compared.len() as i64);
    let mark = provisional(figures);
    (lost > 0).then(|| Said {
        sentence: format!(
            "{} établissement{} sur {} {} au moins 30 % de {} visites en un an{mark}.",
            french::integer(lost),
            french::plural(lost),
            french::integer(all),
            if lost < 2 { "a perdu" } else { "ont perdu" },
            if lost < 2 { "ses" } else { "leurs" }
        ),
        figures: vec![format!(
            "{} sur {} comparés",
            french::integer(lost),
            french::integer(all)
        )],
    })
}

/// The département of which visits grew most, where all may be compared.
pub(super) fn largest_rise(figures: &Figures) -> Option<Said> {
    let mut rises = territories::changes(figures, BASE)?;
    rises.sort_by(|a, b| b.change.total_cmp(&a.change));
    let [first, second, ..] = &rises[..] else {
        return None;
    };
    let mark = provisional(figures);
    let words = |change: f64| french::change(change, BASE as i64);
    let is_first = words(first.change) != words(second.change);
    (first.change >= STABLE && is_first).then(|| Said {
        sentence: format!(
            "La plus forte hausse des visites est celle du département {} : {} en un an{mark}.",
            first.departement.name(),
            words(first.change)
        ),
        figures: rises
            .iter()
            .map(|r| format!("{} : {}", r.departement.name(), words(r.change)))
            .collect(),
    })
}
