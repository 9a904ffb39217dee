//! What must hold before drafts are published.

use super::Draft;
use super::drafts::{Coverage, RULES, Silence};
use crate::audit::{Audit, Finding};
use crate::french;
use crate::privacy::disclosure::Policy;
use serde::{Deserialize, Serialize};

/// What data must be like.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Of the days of the period, the share of which each front-end has logs.
    pub least_received: f64,
    /// Of signed-in requests, the share whose account no directory knows.
    pub most_unknown: f64,
    /// Minutes of one silence that nothing explains.
    pub most_silent_minutes: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            least_received: 0.95,
            most_unknown: 0.05,
            most_silent_minutes: 240,
        }
    }
}

/// What stops an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Drafts are not what was made, or are not of this lake.
    Drafts,
    /// Data are missing.
    Completeness,
    /// Something secret is told.
    Disclosure,
}

impl Gate {
    /// In words.
    pub fn french(self) -> &'static str {
        match self {
            Self::Drafts => "projets",
            Self::Completeness => "complétude",
            Self::Disclosure => "secret statistique",
        }
    }
}

/// Why an edition is not published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refusal {
    /// Which gate.
    pub gate: Gate,
    /// In French: it is read by those who decide to publish.
    pub what: String,
}

/// All that stops an edition, each reason once. A note that a period's deliverables print
/// answers for the completeness of that period, and for nothing else.
pub fn refusals(
    drafts: &[Draft],
    lake: &str,
    limits: &Limits,
    policy: &Policy,
    audit: &Audit,
) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut add = |gate, what| found.push(Refusal { gate, what });
    for draft in drafts {
        let folder = draft.folder.display();
        for fault in &draft.changed {
            add(Gate::Drafts, format!("{folder} : {fault}"));
        }
        if draft.lake != lake {
            let fault = "fait d’un autre état de l’entrepôt, à refaire";
            add(Gate::Drafts, format!("{folder} : {fault}"));
        }
        for what in other_rules(draft, policy) {
            add(Gate::Disclosure, format!("{folder} : {what}"));
        }
        if draft.notes.is_empty() {
            for what in incomplete(draft, limits) {
                add(Gate::Completeness, what);
            }
        }
    }
    for finding in &audit.findings {
        add(Gate::Disclosure, disclosed(finding));
    }
    found.sort();
    found.dedup();
    found
}

/// The least that is published of people, whatever a configuration says: no edition is made with
/// less than what the partners were promised.
const LEAST: [i64; 3] = [5, 10, 30];

/// Rules that a draft was made by and that are not those of the configuration, or are less than
/// what is published: the audit looks for what the draft itself promises.
fn other_rules(draft: &Draft, policy: &Policy) -> Vec<String> {
    let wanted = [
        policy.threshold.plain,
        policy.threshold.crossed,
        policy.rate_base,
    ];
    let rules = RULES.into_iter().zip(wanted).zip(LEAST);
    let wrong = rules.filter_map(|((name, wanted), least)| {
        let wanted = wanted.max(least);
        let made = draft.rules.get(name).copied().unwrap_or(0);
        (made < wanted)
            .then(|| format!("fait avec {name} = {made}, il en faut {wanted}, à refaire"))
    });
    wrong.collect()
}

fn incomplete(draft: &Draft, limits: &Limits) -> Vec<String> {
    let period = &draft.period;
    if draft.coverage.is_empty() {
        return vec![format!(
            "{period} : aucune couverture des journaux n’est dite"
        )];
    }
    let of_front_ends = draft.coverage.iter();
    let mut found: Vec<String> = of_front_ends
        .flat_map(|coverage| front_end(coverage, limits))
        .map(|what| format!("{period} : {what}"))
        .collect();
    let silent = |silence: &&Silence| silence.minutes > limits.most_silent_minutes;
    found.extend(draft.silences.iter().filter(silent).map(|silence| {
        format!(
            "{period} : silence inexpliqué de {} le {}, {} minutes",
            silence.subject, silence.day, silence.minutes
        )
    }));
    found
}

fn front_end(coverage: &Coverage, limits: &Limits) -> Vec<String> {
    let name = &coverage.front_end;
    let mut found = Vec::new();
    if let (Some(expected), Some(received)) = (coverage.days_expected, coverage.days_received)
        && (received as f64) < limits.least_received * expected as f64
    {
        found.push(format!(
            "serveur {name} : {received} jours reçus sur {expected} attendus"
        ));
    }
    if let Some(share) = coverage.unknown_share.filter(|s| *s > limits.most_unknown) {
        let share = french::percent(share, 1_000);
        found.push(format!(
            "serveur {name} : {share} des requêtes connectées viennent de comptes inconnus des annuaires"
        ));
    }
    found
}

fn disclosed(finding: &Finding) -> String {
    format!("{} : {}", finding.cell, finding.fault.french())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Note;
    use chrono::NaiveDate;

    fn draft(received: i64, unknown: f64) -> Draft {
        Draft {
            folder: "observatoire".into(),
            title: String::new(),
            perimeter: String::new(),
            period: "2025-2026-S1".into(),
            rules: RULES.map(str::to_owned).into_iter().zip(LEAST).collect(),
            lake: "a".into(),
            digest: String::new(),
            notes: Vec::new(),
            coverage: vec![Coverage {
                front_end: "f1".into(),
                days_expected: Some(100),
                days_received: Some(received),
                unknown_share: Some(unknown),
            }],
            silences: Vec::new(),
            changed: Vec::new(),
            kept: Vec::new(),
        }
    }

    fn gates(draft: Draft) -> Vec<Gate> {
        let found = refusals(
            &[draft],
            "a",
            &Limits::default(),
            &Policy::default(),
            &Audit::default(),
        );
        found.iter().map(|refusal| refusal.gate).collect()
    }

    #[test]
    fn missing_days_and_unknown_accounts_stop_an_edition() {
        assert_eq!(gates(draft(95, 0.05)), []);
        assert_eq!(gates(draft(94, 0.0)), [Gate::Completeness]);
        assert_eq!(gates(draft(94, 0.06)), [Gate::Completeness; 2]);
        let mut silent = draft(100, 0.0);
        silent.silences.push(Silence {
            subject: "/auth/saml".into(),
            day: "2025-10-07".into(),
            minutes: 241,
        });
        assert_eq!(gates(silent), [Gate::Completeness]);
    }

    #[test]
    fn drafts_of_other_rules_are_not_published() {
        let mut weak = draft(100, 0.0);
        weak.rules.insert("threshold".into(), 1);
        assert_eq!(gates(weak), [Gate::Disclosure]);
        let mut silent = draft(100, 0.0);
        silent.rules.clear();
        assert_eq!(gates(silent), [Gate::Disclosure; 3]);
        let mut strict = draft(100, 0.0);
        strict.rules.insert("rate_base".into(), 100);
        assert_eq!(gates(strict), []);
    }

    #[test]
    fn a_deliverable_without_coverage_is_not_complete() {
        let mut bare = draft(100, 0.0);
        bare.coverage.clear();
        assert_eq!(gates(bare), [Gate::Completeness]);
    }

    #[test]
    fn a_note_answers_for_completeness_only() {
        let note = Note {
            period: "2025-2026-S1".into(),
            by: "Direction du numérique".into(),
            at: NaiveDate::from_ymd_opt(2026, 2, 10).unwrap(),
            text: "Six jours manquent.".into(),
        };
        let mut noted = draft(90, 0.2);
        noted.notes.push(note);
        noted.changed.push("dossier.pdf a été modifié".into());
        assert_eq!(gates(noted), [Gate::Drafts]);
        let mut other = draft(100, 0.0);
        other.lake = "b".into();
        assert_eq!(gates(other), [Gate::Drafts]);
    }
}
