//! One page: six key figures, findings, perimeter and coverage.

use super::{comparison, establishments, findings, period_name, text, usage_row};
use crate::document::{Block, Chapter, Key};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use chrono::NaiveDate;
use std::collections::BTreeMap;

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = vec![
        text(&format!(
            "Périmètre : {}, {}. {}",
            figures.scope.name,
            super::period_words(figures),
            comparison::words(figures)
        )),
        Block::Keys {
            keys: keys(figures),
        },
    ];
    let findings = findings::sentences(figures);
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
            changes.extend(raw_change(figures, name, now.get(name), before.get(name)));
        }
        changes.extend(constant_change(figures, name));
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
        of_hundred(figures, &now, before.as_ref()),
        count("loaded_accounts", "comptes chargés"),
        rate(
            "activation_rate",
            "loaded_accounts",
            "des comptes sont activés",
        ),
        per_visitor(figures, &now, before.as_ref()),
    ]
}

fn per_visitor(
    figures: &Figures,
    now: &ProtectedRow<'_>,
    before: Option<&ProtectedRow<'_>>,
) -> Key {
    let value = |row: &ProtectedRow<'_>| row.get("visits_per_visitor").number();
    let change = before
        .filter(|_| !figures.is_broken())
        .and_then(|before| Some(value(now)? - value(before)?));
    Key {
        value: french::shown(now.get("visits_per_visitor")),
        label: "visites par visiteur".into(),
        changes: change
            .map(|change| {
                let mark = comparison::mark(figures);
                format!("{} sur un an{mark}", difference(change))
            })
            .into_iter()
            .collect(),
    }
}

/// Visitors of a hundred accounts: some may have left the directory before its date.
fn of_hundred(figures: &Figures, now: &ProtectedRow<'_>, before: Option<&ProtectedRow<'_>>) -> Key {
    let share = now.get("active_rate");
    let base = now.get("loaded_accounts").integer().unwrap_or(0);
    let change = before
        .filter(|_| !figures.is_broken())
        .and_then(|before| Some((share.number()?, before.get("active_rate").number()?)));
    let mark = comparison::mark(figures);
    Key {
        value: match share.number() {
            Some(number) => french::per_hundred(number, base),
            None => french::shown(share),
        },
        label: "visiteurs pour 100 comptes".into(),
        changes: change
            .map(|(now, before)| format!("{} sur un an{mark}", difference((now - before) * 100.0)))
            .into_iter()
            .collect(),
    }
}

/// `+ 1,2`, or `stable`
fn difference(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    let text = french::decimal(rounded.abs(), 1);
    match rounded {
        r if r > 0.0 => format!("+\u{a0}{text}"),
        r if r < 0.0 => format!("\u{2212}\u{a0}{text}"),
        _ => "stable".into(),
    }
}

/// `+ 11 000 sur un an, soit + 1,2 % (p)`: how much, then at what rate.
fn raw_change(figures: &Figures, name: &str, now: &Shown, before: &Shown) -> Option<String> {
    if name != "loaded_accounts" {
        return comparison::in_a_year(figures, now, before);
    }
    let change = comparison::of_counts(figures, now.number()?, before.number()?)?;
    Some(format!("{change} sur un an"))
}

fn points(now: &Shown, before: &Shown) -> Option<String> {
    let points = french::points(now.number()? - before.number()?);
    Some(format!("{points} sur un an"))
}

fn constant_change(figures: &Figures, name: &str) -> Option<String> {
    let row = figures
        .table("constant_perimeter")
        .find(&[("level", "all")])?;
    let change = comparison::of_constant(figures, &row, name)?;
    let count = row.get("establishments").integer()?;
    Some(format!(
        "{change} à périmètre constant ({}\u{a0}établissement{}){}",
        french::integer(count),
        french::plural(count),
        comparison::mark(figures)
    ))
}

/// `5 210 par jour de classe, + 1,2 % (p)`
fn per_school_day(figures: &Figures, visits: &Shown) -> Option<String> {
    let days = figures.terms.calendar.school_days(&figures.period);
    let visits = visits.number().filter(|_| days > 0)?;
    let row = figures
        .table("constant_perimeter")
        .find(&[("level", "all"), ("role", "all")]);
    let change = row.and_then(|row| {
        let change = row.get("all_visits_per_school_day_change").number()?;
        let before = row.get("all_visits_before").integer()?;
        let mark = comparison::mark(figures);
        Some(format!(", {}{mark}", french::change(change, before)))
    });
    Some(format!(
        "{} par jour de classe{}",
        french::decimal(visits / days as f64, 0),
        change.unwrap_or_default()
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
    items.extend(made_of(figures));
    items.extend(comparison::breaks(figures));
    items.extend(coverage(figures));
    if figures.comparison_is_marked() {
        items.push("Évolutions marquées (p) : provisoires, des jours de l’une des deux périodes manquent ou sont signalés comme erronés.".into());
    }
    items.push("Les valeurs qui désigneraient trop peu de personnes, ou qui permettraient de les déduire, sont remplacées par « s » (secret statistique).".into());
    Block::Note {
        title: format!("Périmètre et couverture, {}", period_name(figures)),
        items: items.iter().map(|item| french::typeset(item)).collect(),
    }
}

/// Days received of some front-ends, with those that are missing if they are few.
fn received(expected: i64, missing: &[NaiveDate], names: &[&str]) -> String {
    const NAMED: usize = 5;
    let logs = match names {
        [one] => format!("Journaux du serveur {one}, qui reçoit les requêtes"),
        several => format!(
            "Journaux des serveurs {}, qui reçoivent les requêtes",
            several.join(", ")
        ),
    };
    let count = missing.len() as i64;
    let days: Vec<String> = missing.iter().map(|day| french::date(*day)).collect();
    match count {
        0 => format!("{logs} : les {expected} jours de la période sont reçus."),
        1 => format!(
            "{logs} : {} jours reçus sur {expected} ; manque le {}.",
            expected - 1,
            days[0]
        ),
        n if missing.len() <= NAMED => format!(
            "{logs} : {} jours reçus sur {expected} ; manquent les {}.",
            expected - n,
            days.join(", ")
        ),
        n => format!(
            "{logs} : {} jours reçus sur {expected} ; {n} jours manquent.",
            expected - n
        ),
    }
}

/// What the establishments of a partner are, as `3 collèges publics`; their accounts are at
/// the date of the figures.
fn made_of(figures: &Figures) -> Option<String> {
    let rows = figures.table("types").select(&[("role", "all")]);
    let kinds =
        rows.filter(|row| row.get("type").text() != "all" && row.get("sector").text() != "all");
    let told: Vec<String> = kinds
        .filter_map(|row| {
            let count = row
                .get("establishments")
                .integer()
                .filter(|count| *count > 0)?;
            let kind = establishments::type_label(row.get("type").text());
            let words = several(&kind, row.get("sector").text(), count);
            Some(format!("{} {words}", french::integer(count)))
        })
        .collect();
    let is_partner = figures.scope.node_kind == "partner" && !told.is_empty();
    is_partner.then(|| format!("Ce périmètre réunit : {}.", told.join(", ")))
}

/// `écoles publiques`: a kind of establishment and its sector in the number wanted.
fn several(kind: &str, sector: &str, count: i64) -> String {
    let is_short = kind == kind.to_uppercase();
    let kind = if is_short {
        kind.to_owned()
    } else {
        kind.to_lowercase()
    };
    let sector = match (kind.starts_with("école"), sector) {
        (true, "public") => "publique",
        (true, "privé") => "privée",
        (_, other) => other,
    };
    let plural = french::plural(count);
    let names = kind.split(' ').map(|word| match is_short {
        true => word.to_owned(),
        false => format!("{word}{plural}"),
    });
    let names: Vec<String> = names.collect();
    format!("{} {sector}{plural}", names.join(" "))
}

/// Missing days and known-bad periods, said on the first page.
pub(super) fn coverage(figures: &Figures) -> Vec<String> {
    let mut by_days: BTreeMap<(i64, Vec<NaiveDate>), Vec<&str>> = BTreeMap::new();
    for row in figures.table("coverage").rows() {
        let name = row.get("front_end").text();
        if let Some(expected) = row.get("days_expected").integer() {
            let missing = figures.missing_days(name);
            by_days.entry((expected, missing)).or_default().push(name);
        }
    }
    let mut items: Vec<String> = by_days
        .iter()
        .map(|((expected, missing), names)| received(*expected, missing, names))
        .collect();
    let now = figures.known_bad_in(&figures.period);
    let mut before = figures.known_bad_in(&figures.before);
    before.retain(|bad| !now.contains(bad) && figures.has_before());
    let mut all: Vec<_> = before
        .into_iter()
        .map(|bad| (bad, "Données de l’an dernier signalées"))
        .chain(now.into_iter().map(|bad| (bad, "Données signalées")))
        .collect();
    all.sort();
    items.extend(all.into_iter().map(|(bad, what)| known_bad(what, bad)));
    items
}

/// A period of which data are known to be wrong, and why.
pub(super) fn known_bad(what: &str, (from, to, reason): (NaiveDate, NaiveDate, &str)) -> String {
    format!(
        "{what} comme erronées {} : {}.",
        french::span(from, to),
        reason.to_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_agree_with_their_sector_and_number() {
        assert_eq!(several("École", "public", 4), "écoles publiques");
        assert_eq!(several("École", "privé", 1), "école privée");
        assert_eq!(several("Collège", "privé", 2), "collèges privés");
        let lycees = several("Lycée professionnel", "public", 3);
        assert_eq!(lycees, "lycées professionnels publics");
        assert_eq!(several("EREA", "public", 2), "EREA publics");
    }
}
