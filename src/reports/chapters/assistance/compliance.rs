//! Service levels: how many requests were answered and solved in the delay agreed on.

use super::said::trimmed;
use super::tables::{by_priority, kept};
use super::{measure_label, of_measure, priority_label, source, table};
use crate::charts::{BLUE, Bar, bars as draw};
use crate::document::{Figure, Table, TableCell};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{number, rate, text as cell};

/// So far under the rate of all, that of a priority is told beside it.
const GAP: f64 = 0.15;
/// From so many requests.
const BASE: i64 = 30;

fn rows<'a>(
    figures: &'a Figures,
    measure: &'a str,
) -> impl Iterator<Item = ProtectedRow<'a>> + use<'a> {
    let all = figures.table("assistance_compliance").rows();
    all.filter(move |row| row.get("measure").text() == measure)
}

/// The priority least kept, where it is far under the whole.
fn worst<'a>(figures: &'a Figures, measure: &'a str) -> Option<ProtectedRow<'a>> {
    let table = figures.table("assistance_compliance");
    let all = of_measure(table, measure)?.get("compliance").number()?;
    let is_one = |row: &ProtectedRow<'_>| row.get("priority").integer().is_some_and(|p| p > 0);
    let is_enough = |row: &ProtectedRow<'_>| row.get("due").integer() >= Some(BASE);
    let told = rows(figures, measure)
        .filter(|row| is_one(row) && is_enough(row))
        .filter_map(|row| Some((row.get("compliance").number()?, row)));
    let (least, row) = told.min_by(|a, b| a.0.total_cmp(&b.0))?;
    // Two rates of two decimals differ by a little less than they say.
    (all - least > GAP - 1e-9).then_some(row)
}

fn percent(row: ProtectedRow<'_>) -> String {
    french::shown_percent(row.get("compliance"), row.get("due"))
}

/// `, mais pour 41 % de celles de priorité très haute`, or nothing.
fn but_for(figures: &Figures, measure: &str) -> String {
    worst(figures, measure).map_or_else(String::new, |row| {
        let priority = priority_label(row.get("priority").integer()).to_lowercase();
        let share = percent(row);
        format!(", mais pour {share} de celles de priorité {priority}")
    })
}

/// The same in the few words that a title holds: `, mais pour 41 % des très hautes`.
fn but_for_title(figures: &Figures) -> String {
    worst(figures, "resolution").map_or_else(String::new, |row| {
        let priority = priority_label(row.get("priority").integer()).to_lowercase();
        format!(", mais pour {} des {priority}s", percent(row))
    })
}

/// `Le délai de résolution convenu est tenu pour 90 %`
fn begun(measure: &str, row: ProtectedRow<'_>) -> String {
    let measure = measure_label(measure).to_lowercase();
    format!(
        "Le délai de {measure} convenu est tenu pour {}",
        percent(row)
    )
}

pub(super) fn sentence(figures: &Figures, measure: &str) -> Option<String> {
    let row = of_measure(figures.table("assistance_compliance"), measure)?;
    row.get("compliance").number()?;
    Some(format!(
        "{} des {} demandes évaluées{}{}.",
        begun(measure, row),
        french::integer(row.get("due").integer()?),
        but_for(figures, measure),
        overdue(measure, row.get("overdue_open").integer()?),
    ))
}

/// Those that are still open at the end of the period, though their delay is over.
fn overdue(measure: &str, count: i64) -> String {
    let is_answer = measure == "first_response";
    let (one, several) = match is_answer {
        true => (
            "attend encore sa première réponse",
            "attendent encore leur première réponse",
        ),
        false => ("reste à résoudre", "restent à résoudre"),
    };
    match count {
        0 if is_answer => String::new(),
        0 => " ; aucune demande en cours à la fin de la période n’a dépassé son délai".into(),
        1 => format!(
            " ; parmi elles, une {one} à la fin de la période alors que son délai est dépassé"
        ),
        n => format!(
            " ; parmi elles, {} {several} à la fin de la période alors que leur délai est dépassé",
            french::integer(n)
        ),
    }
}

/// A delay in hours, without a decimal that says nothing.
fn agreed(value: &Shown) -> TableCell {
    let text = value.number().map(trimmed);
    TableCell {
        text: text.unwrap_or_else(|| french::shown(value)),
        ..number(value)
    }
}

/// Service levels, with those open and overdue apart.
pub(in super::super) fn table_of(figures: &Figures) -> Table {
    let rows = figures.table("assistance_compliance").rows().map(|row| {
        let mut cells = by_priority(row);
        cells.push(match row.get("priority").integer() {
            Some(0) => cell("///"),
            _ => agreed(row.get("target_hours")),
        });
        for name in ["due", "within", "late", "overdue_open"] {
            cells.push(number(row.get(name)));
        }
        cells.push(rate(row.get("compliance"), row.get("due")));
        cells
    });
    let all = table(
        "Niveaux de service",
        [
            "Engagement",
            "Priorité",
            "Délai convenu (heures)",
            "Évaluées",
            "Tenus",
            "En retard",
            "Ouvertes hors délai",
            "Taux",
        ],
        2,
        rows.collect(),
        "Évaluées, hors demandes annulées : ce qui a reçu sa réponse ou sa résolution dans la période, et ce qui reste ouvert à sa fin au-delà du délai, compté comme un échec. Délai convenu en heures d’ouverture ; sans priorité, celui de la priorité moyenne.",
    );
    kept(
        all,
        7..8,
        "Trop peu de demandes pour dire si les délais convenus sont tenus.",
        "Les priorités de moins de 30 demandes ne sont pas données.",
    )
}

fn bar_label(row: ProtectedRow<'_>) -> String {
    let priority = match row.get("priority").integer() {
        Some(0) => "toutes priorités".to_owned(),
        other => format!("priorité {}", priority_label(other).to_lowercase()),
    };
    format!("{}, {priority}", measure_label(row.get("measure").text()))
}

fn bar(row: ProtectedRow<'_>) -> Option<Bar> {
    let is_all = row.get("priority").integer() == Some(0);
    Some(Bar {
        label: bar_label(row),
        value: row.get("compliance").number()?,
        shown: percent(row),
        colour: if is_all { BLUE } else { super::super::LIGHT },
    })
}

/// Bars of the compliance of each measure: what the first page shows.
pub(in super::super) fn bars(figures: &Figures) -> Option<Figure> {
    let whole = of_measure(figures.table("assistance_compliance"), "resolution")?;
    whole.get("compliance").number()?;
    let rows = || ["first_response", "resolution"].map(|measure| rows(figures, measure));
    let data = rows().into_iter().flatten().map(|row| {
        let share = rate(row.get("compliance"), row.get("due"));
        vec![cell(bar_label(row)), share]
    });
    let drawn: Vec<Bar> = rows().into_iter().flatten().filter_map(bar).collect();
    let told: Vec<String> = drawn
        .iter()
        .map(|bar| format!("{} {}", bar.label, bar.shown))
        .collect();
    Some(Figure {
        id: "niveaux-de-service".into(),
        title: french::typeset(&format!(
            "{} des demandes{}",
            begun("resolution", whole),
            but_for_title(figures)
        )),
        subtitle: super::super::subtitle(figures, "Part des demandes dans le délai, par priorité"),
        alt: french::typeset(&format!("Barres horizontales : {}.", told.join(", "))),
        reading: french::typeset(
            "Lecture : en bleu foncé, toutes priorités. Une demande encore ouverte hors délai compte comme un échec.",
        ),
        champ: super::super::champ(figures),
        source: source(),
        svg: draw(&drawn),
        data: table(
            "Part des demandes dans le délai convenu",
            ["Engagement", "Taux"],
            1,
            data.collect(),
            "",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overdue_requests_are_part_of_those_judged() {
        assert_eq!(overdue("first_response", 0), "");
        assert!(overdue("resolution", 0).contains("aucune demande en cours"));
        assert!(overdue("resolution", 1).contains("parmi elles, une reste à résoudre"));
        let several = overdue("first_response", 1_200);
        assert!(
            several.contains("1\u{202f}200 attendent encore leur première réponse"),
            "{several}"
        );
    }

    #[test]
    fn a_whole_delay_has_no_decimal() {
        assert_eq!(agreed(&Shown::Real(8.0)).text, "8");
        assert_eq!(agreed(&Shown::Real(2.5)).text, "2,5");
        assert_eq!(agreed(&Shown::Real(8.0)).number, Some(8.0));
        assert_eq!(agreed(&Shown::Missing).text, "nd");
    }
}
