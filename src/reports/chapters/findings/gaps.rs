//! What differs at one time: roles, levels, services.

use super::super::{level_label, services, usage_row};
use super::{Rate, Said};
use crate::domain::service_label;
use crate::french;
use crate::indicators::Figures;

fn active(figures: &Figures, level: &str, role: &str) -> Option<Rate> {
    let row = usage_row(figures, false, level, role)?;
    Rate::of(&row, "active_rate", "loaded_accounts")
}

pub(super) fn parents_in_primary(figures: &Figures) -> Option<Said> {
    let row = usage_row(figures, false, "1D", "parent")?;
    let share = row.get("visit_share");
    let share = share.number().filter(|share| *share >= 0.5)?;
    Some({
        // As round as in the title of the chart that shows it.
        let shown = french::percent(share, 0);
        Said {
            sentence: format!("Les parents représentent {shown} des visites dans les écoles."),
            figures: vec![format!(
                "{} visites de parents sur {} dans le premier degré",
                french::shown(row.get("visits")),
                french::shown(row.get("all_visits"))
            )],
        }
    })
}

/// Teachers and parents.
pub(super) fn roles(figures: &Figures) -> Option<Said> {
    let [teachers, parents] = ["teacher", "parent"].map(|role| active(figures, "all", role));
    let (teachers, parents) = (teachers?, parents?);
    teachers.is_above(&parents).then(|| Said {
        sentence: format!(
            "On compte {} visiteurs pour 100 comptes chez les enseignants, contre {} chez les parents.",
            teachers.beside(&parents),
            parents.beside(&teachers)
        ),
        figures: vec![
            format!("enseignants : {}", teachers.told(&parents)),
            format!("parents : {}", parents.told(&teachers)),
        ],
    })
}

/// The two levels, the larger one first.
pub(super) fn levels(figures: &Figures) -> Option<Said> {
    let [primary, secondary] =
        ["1D", "2D"].map(|level| Some((level, active(figures, level, "all")?)));
    let (mut high, mut low) = (primary?, secondary?);
    if high.1.share < low.1.share {
        std::mem::swap(&mut high, &mut low);
    }
    let name = |level| level_label(level).to_lowercase();
    high.1.is_above(&low.1).then(|| Said {
        sentence: format!(
            "On compte {} visiteurs pour 100 comptes dans le {}, contre {} dans le {}.",
            high.1.beside(&low.1),
            name(high.0),
            low.1.beside(&high.1),
            name(low.0)
        ),
        figures: vec![
            format!("{} : {}", name(high.0), high.1.told(&low.1)),
            format!("{} : {}", name(low.0), low.1.told(&high.1)),
        ],
    })
}

/// After the page that opens on its own.
pub(super) fn first_service(figures: &Figures) -> Option<Said> {
    let most = services::first(figures)?;
    let name = service_label(most.get("service").text()).to_lowercase();
    let share = french::shown_percent(most.get("share"), most.get("all_visits"));
    Some(Said {
        sentence: format!("{} : {name} ({share}).", services::FIRST),
        figures: vec![format!(
            "{name} : {} visites sur {}",
            french::shown(most.get("visits")),
            french::shown(most.get("all_visits"))
        )],
    })
}
