//! A period beside the one a year before: whether they may be compared, and how a change is
//! said. Nothing changes over a break in what is counted; what rests on incomplete days is
//! provisional; a small base bears no rate (spec 6, rates).

use crate::document::TableCell;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::text as cell;

/// The mark of what is provisional.
const MARK: &str = "\u{a0}(p)";

/// The mark after a change of what logs tell, where there is one.
pub(super) fn mark(figures: &Figures) -> &'static str {
    match figures.comparison_is_marked() {
        true => MARK,
        false => "",
    }
}

/// How visits or visitors changed, as a cell of a table.
pub(super) fn change(figures: &Figures, now: &Shown, before: Option<&Shown>) -> TableCell {
    let Some(before) = before.filter(|_| !figures.is_broken()) else {
        return cell("nd");
    };
    let (Some(count), Some(base)) = (now.number(), before.number()) else {
        let is_secret = [now, before].contains(&&Shown::Secret);
        return cell(if is_secret { "s" } else { "nd" });
    };
    match ratio(figures, count, base) {
        Some(ratio) => TableCell {
            text: format!("{}{}", french::change(ratio, base as i64), mark(figures)),
            number: Some(ratio),
            ratio: true,
        },
        None if base > 0.0 => cell("ns"),
        None => cell("nd"),
    }
}

/// How visits or visitors changed, in words: `+ 0,9 % sur un an (p)`; nothing where that may
/// not be said.
pub(super) fn in_a_year(figures: &Figures, now: &Shown, before: &Shown) -> Option<String> {
    let words = of_counts(figures, now.number()?, before.number()?);
    let words = words.filter(|_| !figures.is_broken())?;
    Some(format!("{words} sur un an{}", mark(figures)))
}

/// `+ 0,9 %`, of what does not come from logs: accounts, requests for help.
pub(super) fn of_counts(figures: &Figures, now: f64, before: f64) -> Option<String> {
    let ratio = ratio(figures, now, before)?;
    Some(french::change(ratio, before as i64))
}

/// Of so few establishments, or none, that came or left, what is told of all and of the constant
/// perimeter tells of each.
const FEW: i64 = 5;

/// Whether a few establishments only are outside of the constant perimeter, of a row of it.
pub(super) fn has_few_others(row: &ProtectedRow<'_>) -> bool {
    let count = |name: &str| row.get(name).integer().unwrap_or(0);
    let others = count("all_establishments") - count("establishments");
    (1..FEW).contains(&others)
}

/// How the visits or the visitors of the constant perimeter changed: to a percent only where
/// little is outside of it.
pub(super) fn of_constant(figures: &Figures, row: &ProtectedRow<'_>, name: &str) -> Option<String> {
    let before = row.get(&format!("{name}_before")).number()?;
    let ratio = ratio(figures, row.get(name).number()?, before)?;
    let base = match has_few_others(row) {
        true => 0,
        false => before as i64,
    };
    (!figures.is_broken()).then(|| french::change(ratio, base))
}

fn ratio(figures: &Figures, now: f64, before: f64) -> Option<f64> {
    let is_enough = before >= figures.terms.policy.rate_base as f64;
    is_enough.then(|| now / before - 1.0)
}

/// What is said of the comparison in the first lines of a deliverable.
pub(super) fn words(figures: &Figures) -> String {
    if !figures.has_before() {
        return "L’année précédente n’est pas mesurée : aucune évolution n’est donnée.".into();
    }
    match breaks(figures)[..] {
        [] => "Les évolutions sont mesurées par rapport à la même période de l’année précédente.".into(),
        _ => "Ce qui est compté comme une visite a changé entre les deux périodes : aucune évolution des visites n’est donnée.".into(),
    }
}

/// The breaks in the series, a sentence each.
pub(super) fn breaks(figures: &Figures) -> Vec<String> {
    let breaks = figures.breaks().into_iter();
    let told = breaks.map(|(day, reason)| {
        let reason = match reason {
            "" => String::new(),
            reason => format!(" : {reason}"),
        };
        format!(
            "Rupture de série le {}{reason}. Les visites d’avant et d’après ne se comparent pas.",
            french::date(day)
        )
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Period;
    use crate::indicators::{RegisterRow, Scope, Terms};
    use crate::privacy::disclosure::ProtectedTable;
    use crate::privacy::kept;
    use std::collections::BTreeMap;
    use std::io::Write as _;

    /// Of ten days expected, so many received.
    fn coverage(received: i64) -> ProtectedTable {
        let row = format!("[{{\"I\":10}},{{\"I\":{received}}}]");
        let table = format!("{{\"names\":[\"days_expected\",\"days_received\"],\"rows\":[{row}]}}");
        table_of(&table)
    }

    fn table_of(json: &str) -> ProtectedTable {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(json.as_bytes()).unwrap();
        kept::read(&packed.finish().unwrap()).unwrap()
    }

    fn figures(received: i64, broken_on: Option<&str>) -> Figures {
        let row = |day: &str| -> RegisterRow {
            let fields = [
                ("indicateur", "visits"),
                ("date", day),
                ("motif", "Nouveau portail"),
            ];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
            fields.into()
        };
        let registers: Vec<RegisterRow> = broken_on.map(row).into_iter().collect();
        Figures {
            scope: Scope::region(),
            terms: Terms::default(),
            period: Period::parse("2025-2026-S1").unwrap(),
            before: Period::parse("2024-2025-S1").unwrap(),
            reference: "2026-01-31".parse().unwrap(),
            now: BTreeMap::from([("coverage", coverage(received))]),
            to_date: BTreeMap::new(),
            previous: BTreeMap::from([("coverage", coverage(10))]),
            region: BTreeMap::new(),
            registers: BTreeMap::from([("ruptures".to_owned(), registers)]),
        }
    }

    fn cell_of(figures: &Figures, now: i64, before: i64) -> String {
        change(figures, &Shown::Integer(now), Some(&Shown::Integer(before))).text
    }

    #[test]
    fn a_change_is_as_precise_as_its_base() {
        let whole = figures(10, None);
        assert_eq!(cell_of(&whole, 1_125, 1_000), "+\u{a0}12,5\u{a0}%");
        assert_eq!(cell_of(&whole, 112, 100), "+\u{a0}12\u{a0}%");
        assert_eq!(cell_of(&whole, 30, 29), "ns");
        assert_eq!(cell_of(&whole, 30, 0), "nd");
        let hidden = change(&whole, &Shown::Secret, Some(&Shown::Integer(50)));
        assert_eq!(hidden.text, "s");
        assert_eq!(change(&whole, &Shown::Integer(5), None).text, "nd");
    }

    #[test]
    fn a_change_over_missing_days_is_provisional() {
        let partial = figures(9, None);
        assert_eq!(cell_of(&partial, 112, 100), "+\u{a0}12\u{a0}%\u{a0}(p)");
        let change = change(&partial, &Shown::Integer(112), Some(&Shown::Integer(100)));
        assert!(change.is_provisional());
        let words = in_a_year(&partial, &Shown::Integer(112), &Shown::Integer(100));
        assert_eq!(words.unwrap(), "+\u{a0}12\u{a0}% sur un an\u{a0}(p)");
    }

    /// Of ten establishments, so many in the constant perimeter, with their visits of two years.
    fn perimeter(constant: i64) -> ProtectedTable {
        let names = "[\"all_establishments\",\"establishments\",\"visits\",\"visits_before\"]";
        let row = format!("[{{\"I\":10}},{{\"I\":{constant}}},{{\"I\":20260}},{{\"I\":20000}}]");
        table_of(&format!("{{\"names\":{names},\"rows\":[{row}]}}"))
    }

    #[test]
    fn a_change_tells_nothing_of_a_few_newcomers() {
        let figures = figures(10, None);
        let told = |constant| {
            let table = perimeter(constant);
            let row = table.rows().next().unwrap();
            of_constant(&figures, &row, "visits").unwrap()
        };
        assert_eq!(told(10), "+\u{a0}1,3\u{a0}%");
        assert_eq!(told(5), "+\u{a0}1,3\u{a0}%");
        for constant in 6..10 {
            assert_eq!(told(constant), "+\u{a0}1\u{a0}%", "{constant}");
        }
    }

    #[test]
    fn nothing_changes_over_a_break() {
        let broken = figures(10, Some("2025-03-01"));
        assert_eq!(cell_of(&broken, 112, 100), "nd");
        assert_eq!(
            in_a_year(&broken, &Shown::Integer(112), &Shown::Integer(100)),
            None
        );
        assert!(words(&broken).contains("aucune évolution des visites"));
        let told = breaks(&broken).concat();
        assert!(
            told.contains("1er\u{a0}mars\u{a0}2025 : Nouveau portail."),
            "{told}"
        );
        // Before both periods, and of the first day of the earlier one: they compare.
        for day in ["2023-03-01", "2024-08-01"] {
            assert_eq!(
                cell_of(&figures(10, Some(day)), 112, 100),
                "+\u{a0}12\u{a0}%"
            );
        }
    }
}
