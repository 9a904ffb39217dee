//! What the figures say, a sentence each; nothing is said of what is not shown.

use super::super::comparison;
use super::{compliance, of_measure, whole};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use chrono::{Days, NaiveDate};
use std::cmp::Reverse;

/// An outage is told with the requests when so many of them came after it.
const AFTER_OUTAGE: f64 = 0.1;

/// The last one is about service levels, if they may be told.
pub(in super::super) fn sentences(figures: &Figures) -> Vec<String> {
    let told = [
        opened(figures),
        after_outage(figures),
        delays(figures),
        compliance::sentence(figures, "first_response"),
        compliance::sentence(figures, "resolution"),
    ];
    told.into_iter().flatten().collect()
}

fn opened(figures: &Figures) -> Option<String> {
    let row = whole(figures.table("assistance_breakdown"))?;
    Some(format!(
        "{} demandes ont été ouvertes, tous guichets confondus{}{}. Une demande passée d’un guichet à un autre compte une fois, là où elle a commencé.",
        french::integer(row.get("opened").integer()?),
        evolution(figures),
        beside_usage(row),
    ))
}

fn evolution(figures: &Figures) -> String {
    let opened = |table| whole(table).and_then(|row| row.get("opened").number());
    let now = opened(figures.table("assistance_breakdown"));
    let before = opened(figures.table_before("assistance_breakdown"));
    match (now, before) {
        (Some(now), Some(before)) => comparison::of_counts(figures, now, before)
            .map_or_else(String::new, |change| format!(" ({change} sur un an)")),
        _ => String::new(),
    }
}

/// ` : 169,4 pour 1 000 comptes chargés et 92,0 pour 10 000 visites`, what of it is shown.
fn beside_usage(row: ProtectedRow<'_>) -> String {
    let told = [
        ("per_1000", "1\u{202f}000 comptes chargés"),
        ("per_10000", "10\u{202f}000 visites"),
    ];
    let told = told.iter().filter_map(|(name, what)| {
        let number = row.get(name).number()?;
        Some(format!("{} pour {what}", french::decimal(number, 1)))
    });
    let told: Vec<String> = told.collect();
    match told.is_empty() {
        true => String::new(),
        false => format!(" : {}", told.join(" et ")),
    }
}

/// The outage after which most requests came, where they are a tenth of the period's and twice
/// as many as on a usual day.
fn after_outage(figures: &Figures) -> Option<String> {
    let all = whole(figures.table("assistance_breakdown"))?
        .get("opened")
        .integer()?;
    let rows = figures.table("assistance_incidents").rows();
    let outages = rows.filter_map(|row| {
        let day = day_inside(figures, row)?;
        Some((row.get("opened_after").integer()?, day, row))
    });
    let (count, day, row) = outages.min_by_key(|(count, _, _)| Reverse(*count))?;
    let usual = row.get("usual").number()?;
    let share = count as f64 / all as f64;
    let is_told = share >= AFTER_OUTAGE && count as f64 >= 2.0 * usual;
    is_told.then(|| {
        format!(
            "{} demandes, soit {} de celles de la période, ont été ouvertes dans les 24 heures qui ont suivi le début de l’interruption {} du {}, contre {} d’ordinaire.",
            french::integer(count),
            french::percent(share, all),
            of_path(row.get("path").text()),
            french::date(day),
            usual_words(usual),
        )
    })
}

/// The day of an outage, if the day after it is of the period too.
fn day_inside(figures: &Figures, row: ProtectedRow<'_>) -> Option<NaiveDate> {
    match row.get("day") {
        Shown::Date(day) => Some(*day).filter(|day| *day + Days::new(1) <= figures.period.last()),
        _ => None,
    }
}

fn of_path(path: &str) -> &'static str {
    match path {
        "connexion" => "de la connexion",
        _ => "de l’ENT",
    }
}

fn usual_words(usual: f64) -> String {
    match usual {
        u if u > 0.0 => trimmed(u),
        _ => "aucune".into(),
    }
}

fn delays(figures: &Figures) -> Option<String> {
    let row = of_measure(figures.table("assistance_delays"), "resolution")?;
    let value = |name: &str| row.get(name).number();
    Some(format!(
        "La moitié des demandes résolues l’ont été en {} d’ouverture du service, neuf sur dix en {} ; attente et fermetures comprises, la moitié des demandes est résolue en {} et neuf sur dix en {}.",
        hours(value("opening_p50")?),
        hours(value("opening_p90")?),
        passed(value("elapsed_p50")?),
        passed(value("elapsed_p90")?),
    ))
}

/// With one decimal, where it is not zero.
pub(super) fn trimmed(number: f64) -> String {
    let text = french::decimal(number, 1);
    let whole = text.strip_suffix(",0").map(str::to_owned);
    whole.unwrap_or(text)
}

/// `8,2 heures`
fn counted(number: f64, unit: &str) -> String {
    // French has a plural from two on.
    let shown = (number * 10.0).round() / 10.0;
    format!("{} {unit}{}", trimmed(number), french::plural(shown as i64))
}

/// `8,2 heures`, in minutes under an hour.
fn hours(hours: f64) -> String {
    let minutes = (hours * 60.0).round();
    match minutes < 60.0 {
        true => counted(minutes, "minute"),
        false => counted(hours, "heure"),
    }
}

/// Time as it passes: hours up to two days, then days.
fn passed(time: f64) -> String {
    match time < 48.0 {
        true => hours(time),
        false => counted(time / 24.0, "jour"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_have_no_needless_decimal() {
        assert_eq!(hours(0.5), "30 minutes");
        assert_eq!(hours(0.01), "1 minute");
        assert_eq!(hours(0.995), "1 heure");
        assert_eq!(hours(1.2), "1,2 heure");
        assert_eq!(hours(1.96), "2 heures");
        assert_eq!(hours(8.0), "8 heures");
        assert_eq!(hours(8.94), "8,9 heures");
    }

    #[test]
    fn what_passed_is_told_in_days_from_two_on() {
        assert_eq!(passed(47.9), "47,9 heures");
        assert_eq!(passed(48.3), "2 jours");
        assert_eq!(passed(60.0), "2,5 jours");
        assert_eq!(passed(119.9), "5 jours");
    }
}
