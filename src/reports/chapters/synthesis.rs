//! One page: six key figures, findings, perimeter and coverage.

use super::{level_label, period_name, text, usage_row};
use crate::document::{Block, Chapter, Key};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::Shown;

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = vec![
        text(&format!(
            "Périmètre : {}, {}. {}",
            figures.scope.name,
            super::period_words(figures),
            match figures.has_before() {
                true => "Les évolutions comparent à la même période de l’année précédente.",
                false => "L’année précédente n’est pas mesurée : aucune évolution n’est donnée.",
            }
        )),
        Block::Keys {
            keys: keys(figures),
        },
    ];
    let findings = findings(figures);
    if !findings.is_empty() {
        blocks.push(super::heading("Ce qu’il faut retenir"));
        blocks.push(Block::List { items: findings });
    }
    blocks.push(perimeter_note(figures));
    Chapter {
        id: "synthese".into(),
        title: "Synthèse".into(),
        blocks,
    }
}

/// Six key figures with their changes.
pub(super) fn keys(figures: &Figures) -> Vec<Key> {
    let (Some(now), before) = (
        usage_row(figures, false, "all", "all"),
        usage_row(figures, true, "all", "all"),
    ) else {
        return Vec::new();
    };
    let count = |name: &str, label: &str| {
        let mut changes = Vec::new();
        if let Some(before) = before {
            changes.extend(raw_change(now.get(name), before.get(name)));
        }
        changes.extend(constant_change(figures, name));
        if name != "loaded_accounts" && figures.comparison_is_marked() {
            changes
                .iter_mut()
                .for_each(|change| change.push_str("\u{a0}(p)"));
        }
        Key {
            value: french::shown(now.get(name)),
            label: label.into(),
            changes,
        }
    };
    let rate = |name: &str, over: &str, label: &str| {
        let points = before.and_then(|before| points(now.get(name), before.get(name)));
        Key {
            value: french::shown_percent(now.get(name), now.get(over)),
            label: label.into(),
            changes: points.into_iter().collect(),
        }
    };
    let mut visits = count("visits", "visites");
    visits
        .changes
        .extend(per_school_day(figures, now.get("visits")));
    vec![
        visits,
        count("visitors", "visiteurs"),
        rate(
            "active_rate",
            "loaded_accounts",
            "des comptes ont fait au moins une visite",
        ),
        count("loaded_accounts", "comptes chargés"),
        rate(
            "activation_rate",
            "loaded_accounts",
            "des comptes sont activés",
        ),
        Key {
            value: french::shown(now.get("visits_per_visitor")),
            label: "visites par visiteur".into(),
            changes: Vec::new(),
        },
    ]
}

fn raw_change(now: &Shown, before: &Shown) -> Option<String> {
    let (now, before) = (now.number()?, before.number().filter(|n| *n > 0.0)?);
    Some(format!("{} sur un an", french::change(now / before - 1.0)))
}

fn points(now: &Shown, before: &Shown) -> Option<String> {
    Some(french::points(now.number()? - before.number()?))
}

fn constant_change(figures: &Figures, name: &str) -> Option<String> {
    let row = figures
        .table("constant_perimeter")
        .find(&[("level", "all")])?;
    let before = row
        .get(&format!("{name}_before"))
        .number()
        .filter(|n| *n > 0.0)?;
    let now = row.get(name).number()?;
    let count = row.get("establishments").integer()?;
    Some(format!(
        "{} à périmètre constant ({}\u{a0}établissement{})",
        french::change(now / before - 1.0),
        french::integer(count),
        french::plural(count)
    ))
}

fn per_school_day(figures: &Figures, visits: &Shown) -> Option<String> {
    let days = figures.calendar.school_days(&figures.period);
    let visits = visits.number().filter(|_| days > 0)?;
    Some(format!(
        "{} par jour de classe",
        french::decimal(visits / days as f64, 0)
    ))
}

/// Sentences that the figures bear out, or nothing.
pub(super) fn findings(figures: &Figures) -> Vec<String> {
    let found = [
        parents_in_primary(figures),
        active_roles(figures),
        level_growth(figures),
        busiest_hour(figures),
    ];
    found
        .into_iter()
        .flatten()
        .map(|s| french::typeset(&s))
        .collect()
}

fn parents_in_primary(figures: &Figures) -> Option<String> {
    let row = usage_row(figures, false, "1D", "parent")?;
    let share = row.get("visit_share");
    (share.number()? >= 0.5).then(|| {
        format!(
            "Les parents représentent {} des visites dans les écoles.",
            french::shown_percent(share, row.get("all_visits"))
        )
    })
}

fn active_roles(figures: &Figures) -> Option<String> {
    let rate = |role: &str| {
        let row = usage_row(figures, false, "all", role)?;
        Some((
            row.get("active_rate").number()?,
            row.get("loaded_accounts").integer()?,
        ))
    };
    let (teachers, teacher_base) = rate("teacher")?;
    let (parents, parent_base) = rate("parent")?;
    (teachers > parents + 0.05).then(|| {
        format!(
            "{} des enseignants sont venus au moins une fois, contre {} des parents.",
            french::percent(teachers, teacher_base),
            french::percent(parents, parent_base)
        )
    })
}

fn level_growth(figures: &Figures) -> Option<String> {
    let change = |level: &str| {
        let row = figures
            .table("constant_perimeter")
            .find(&[("level", level)])?;
        let before = row
            .get("visits_before")
            .number()
            .filter(|n| *n >= 1_000.0)?;
        Some(row.get("visits").number()? / before - 1.0)
    };
    let (primary, secondary) = (change("1D")?, change("2D")?);
    let (high, low) = if primary > secondary {
        ("1D", "2D")
    } else {
        ("2D", "1D")
    };
    let (most, least) = (primary.max(secondary), primary.min(secondary));
    (most - least >= 0.02).then(|| {
        format!(
            "À périmètre constant, les visites évoluent de {} dans le {} et de {} dans le {}.",
            french::change(most),
            level_label(high).to_lowercase(),
            french::change(least),
            level_label(low).to_lowercase()
        )
    })
}

fn busiest_hour(figures: &Figures) -> Option<String> {
    let table = figures.table("hours");
    let busiest = table.rows().max_by_key(|row| row.get("visits").integer())?;
    let weekday = busiest.get("weekday").integer()?;
    let hour = busiest.get("hour").integer()?;
    let day = french::WEEKDAYS[(weekday - 1) as usize];
    Some(format!(
        "L’heure la plus chargée est le {day} de {hour} h à {} h ({} visites sur la période).",
        hour + 1,
        french::shown(busiest.get("visits"))
    ))
}

fn perimeter_note(figures: &Figures) -> Block {
    let mut items = Vec::new();
    if let Some(row) = usage_row(figures, false, "all", "all") {
        let count = row.get("establishments").integer().unwrap_or(0);
        items.push(format!(
            "{} établissement{} mesuré{} au {}.",
            french::integer(count),
            french::plural(count),
            french::plural(count),
            french::date(figures.reference)
        ));
    }
    items.extend(coverage(figures));
    if figures.comparison_is_marked() {
        items.push("Évolutions marquées (p) : provisoires, des jours de l’une des deux périodes manquent ou sont connus comme erronés.".into());
    }
    items.push("Les cases trop petites pour protéger les personnes sont marquées « s » (secret statistique).".into());
    Block::Note {
        title: format!("Périmètre et couverture, {}", period_name(figures)),
        items: items.iter().map(|item| french::typeset(item)).collect(),
    }
}

/// Missing days and known-bad periods, said on the first page.
pub(super) fn coverage(figures: &Figures) -> Vec<String> {
    let mut items = Vec::new();
    for row in figures.table("coverage").rows() {
        let (Some(expected), Some(received)) = (
            row.get("days_expected").integer(),
            row.get("days_received").integer(),
        ) else {
            continue;
        };
        let missing = expected - received;
        let name = row.get("front_end").text();
        items.push(match missing {
            0 => format!("Journaux du frontal {name} : les {expected} jours de la période sont reçus."),
            1 => format!("Journaux du frontal {name} : {received} jours reçus sur {expected} ; un jour manque."),
            n => format!("Journaux du frontal {name} : {received} jours reçus sur {expected} ; {n} jours manquent."),
        });
    }
    let mut bad = figures.known_bad_in(&figures.before);
    bad.extend(figures.known_bad_in(&figures.period));
    bad.sort();
    bad.dedup();
    for (from, to, reason) in bad {
        items.push(format!(
            "Données connues comme erronées du {} au {} : {}.",
            french::date(from),
            french::date(to),
            reason.to_lowercase()
        ));
    }
    items
}
