//! Rules that turn figures into sentences: each says what it looked at and the condition
//! under which its sentence may be said. A rule whose figures are secret, absent or too
//! close says nothing, or `stable`.

mod gaps;
mod places;
mod series;

use crate::document::Table;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::ProtectedRow;
use crate::reports::tables::text as cell;

/// Changes of visits under this are `stable`.
const STABLE: f64 = 0.02;
/// Fewer visits a year before bear no change.
const BASE: f64 = 1_000.0;
/// Two rates under this are not said to differ.
const GAP: f64 = 0.05;
/// Sentences of a synthesis: what fits its page.
const TOLD: usize = 5;

/// A sentence of which the condition holds.
pub(super) struct Said {
    /// Plain French, not yet typeset.
    sentence: String,
    /// The figures it rests on, in words.
    figures: Vec<String>,
}

struct Rule {
    /// The file of `queries/indicators` that its figures are from.
    query: &'static str,
    /// When its sentence may be said, in French.
    condition: &'static str,
    find: fn(&Figures) -> Option<Said>,
}

/// What matters most comes first.
const RULES: [Rule; 10] = [
    Rule {
        query: "constant_perimeter",
        condition: "au moins 1 000 visites un an avant ; « stable » sous 2 %",
        find: series::visits,
    },
    Rule {
        query: "usage",
        condition: "au moins la moitié des visites",
        find: gaps::parents_in_primary,
    },
    Rule {
        query: "usage",
        condition: "au moins 5 points d’écart, et deux fois l’erreur type",
        find: gaps::roles,
    },
    Rule {
        query: "unusual_silences",
        condition: "toute la région ; au moins 60 requêtes ou 20 visites attendues",
        find: series::silence,
    },
    Rule {
        query: "establishments",
        condition: "toutes les visites montrées",
        find: places::without_visits,
    },
    Rule {
        query: "establishments",
        condition: "au moins 50 visites un an avant, chiffres montrés des deux années",
        find: places::dropped,
    },
    Rule {
        query: "usage",
        condition: "tous les départements montrés, 1 000 visites un an avant, autant d’établissements à 2 % près, hausse d’au moins 2 %",
        find: places::largest_rise,
    },
    Rule {
        query: "usage",
        condition: "au moins 5 points d’écart, et deux fois l’erreur type",
        find: gaps::levels,
    },
    Rule {
        query: "hours",
        condition: "heures toutes montrées, ou dont le reste secret ne peut la dépasser",
        find: series::busiest_hour,
    },
    Rule {
        query: "services",
        condition: "services tous montrés, hors accueil",
        find: gaps::first_service,
    },
];

fn found(figures: &Figures) -> impl Iterator<Item = (&'static Rule, Said)> {
    RULES
        .iter()
        .filter_map(|rule| Some((rule, (rule.find)(figures)?)))
}

/// The sentences that matter most, typeset.
pub(super) fn sentences(figures: &Figures) -> Vec<String> {
    let told = found(figures).take(TOLD);
    told.map(|(_, said)| french::typeset(&said.sentence))
        .collect()
}

/// Every sentence that may be said, with its figures and its condition.
pub(super) fn table(figures: &Figures) -> Option<Table> {
    let rows: Vec<_> = found(figures)
        .map(|(rule, said)| {
            vec![
                cell(french::typeset(&said.sentence)),
                cell(french::typeset(&said.figures.join(" ; "))),
                cell(french::typeset(rule.condition)),
                cell(french::typeset(basis(rule.query))),
            ]
        })
        .collect();
    let more = match rows.len() > TOLD {
        true => "La synthèse reprend les cinq premiers. ",
        false => "",
    };
    (!rows.is_empty()).then(|| Table {
        caption: "Constats, chiffres et conditions".into(),
        header: ["Constat", "Chiffres", "Condition", "Fondé sur"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 4,
        rows,
        note: french::typeset(&format!(
            "{more}Un constat dont les chiffres sont secrets, absents ou trop proches n’est pas écrit."
        )),
        ..Table::default()
    })
}

/// What a query tells, as a reader says it.
fn basis(query: &str) -> &'static str {
    match query {
        "constant_perimeter" => "Visites à périmètre constant",
        "usage" => "Usages par territoire, degré et profil",
        "unusual_silences" => "Silences anormaux",
        "establishments" => "Usages de chaque établissement",
        "hours" => "Visites par jour et heure",
        "services" => "Visites par service",
        _ => "",
    }
}

/// Marks what compares with a year of which days are missing or wrong.
fn provisional(figures: &Figures) -> &'static str {
    match figures.comparison_is_marked() {
        true => " (p)",
        false => "",
    }
}

/// A share of people, the people it is of, and both as a reader sees them.
struct Rate {
    share: f64,
    base: i64,
}

impl Rate {
    fn of(row: &ProtectedRow<'_>, rate: &str, base: &str) -> Option<Self> {
        Some(Self {
            share: row.get(rate).number()?,
            base: row.get(base).integer().filter(|base| *base > 0)?,
        })
    }

    /// Of a hundred, as precise as the coarser of the two.
    fn beside(&self, other: &Self) -> String {
        french::per_hundred(self.share, self.base.min(other.base))
    }

    /// `78,4 pour 100, sur 12 500 comptes`
    fn told(&self, other: &Self) -> String {
        format!(
            "{} pour 100, sur {} comptes",
            self.beside(other),
            french::integer(self.base)
        )
    }

    /// By how much this one is larger, where that is more than the smallest gap that is
    /// said and more than twice the standard error of a difference of two shares.
    fn is_above(&self, other: &Self) -> bool {
        let variance = |rate: &Self| rate.share * (1.0 - rate.share) / rate.base as f64;
        let noise = 2.0 * (variance(self) + variance(other)).sqrt();
        self.share - other.share >= GAP.max(noise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_differ_beyond_noise_only() {
        let rate = |share, base| Rate { share, base };
        assert!(rate(0.56, 10_000).is_above(&rate(0.50, 10_000)));
        assert!(!rate(0.54, 10_000).is_above(&rate(0.50, 10_000)));
        // 2 x sqrt(2 x 0.25 / 100) = 14 points
        assert!(!rate(0.60, 100).is_above(&rate(0.50, 100)));
        assert!(rate(0.65, 100).is_above(&rate(0.50, 100)));
        assert!(!rate(0.50, 100).is_above(&rate(0.65, 100)));
    }

    #[test]
    fn every_rule_names_a_query() {
        for rule in &RULES {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/queries/indicators");
            let file = format!("{folder}/{}.sql", rule.query);
            assert!(std::path::Path::new(&file).exists(), "{file}");
            assert!(!rule.condition.is_empty());
            assert!(!basis(rule.query).is_empty(), "{}", rule.query);
        }
    }
}
