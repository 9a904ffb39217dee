//! The note that prepares a meeting of the coordination committee: what happened,
//! what to examine, what is due.

use super::{
    chapter, decisions, findings, governance, interruptions, method, quality, synthesis, text,
};
use crate::document::{Block, Chapter};
use crate::french;
use crate::indicators::{Figures, RegisterRow};
use chrono::NaiveDate;

pub(super) fn chapters(figures: &Figures) -> Vec<Chapter> {
    let mut facts = vec![text(&last_meeting(figures))];
    let happened = happened(figures);
    if !happened.is_empty() {
        facts.push(Block::List { items: happened });
    }
    facts.extend(quality::crisis(figures));
    let mut figures_of = vec![Block::Keys {
        keys: synthesis::keys(figures),
    }];
    let findings = findings::sentences(figures);
    if !findings.is_empty() {
        figures_of.push(Block::List { items: findings });
    }
    vec![
        chapter("faits", "Les faits de la période", facts),
        chapter("chiffres", "Les chiffres de la période", figures_of),
        to_examine(figures),
        chapter("echeances", "Échéances de la convention", due(figures)),
        decisions::asked(decisions::of_coordination(figures)),
        method::short(figures),
    ]
}

fn day(row: &RegisterRow) -> Option<NaiveDate> {
    row.get("date")?.parse().ok()
}

/// The last meeting up to the end of the period.
fn last_meeting(figures: &Figures) -> String {
    let rows = figures.whole_register("reunions").iter();
    let held = rows
        .filter(|row| row.get("instance").map(String::as_str) == Some("Comité de coordination"))
        .filter_map(day)
        .filter(|day| *day <= figures.period.last());
    match held.max() {
        Some(day) => format!(
            "Le comité de coordination s’est réuni pour la dernière fois le {}. Cette note porte sur la période {}.",
            french::date(day),
            super::period_words(figures)
        ),
        None => format!(
            "Le registre ne porte aucune réunion du comité de coordination avant la fin de la période. Cette note porte sur la période {}.",
            super::period_words(figures)
        ),
    }
}

/// What the registers and the logs tell of the period, a sentence each.
fn happened(figures: &Figures) -> Vec<String> {
    let mut said = vec![outages(figures)];
    let declared = figures.register("incidents").len() as i64;
    said.push(match declared {
        0 => "Aucun incident ni maintenance au registre.".into(),
        n => format!(
            "{} incident{} ou maintenance{} au registre.",
            french::integer(n),
            french::plural(n),
            french::plural(n)
        ),
    });
    said.extend(quality::gap(figures));
    let bad = figures.known_bad_in(&figures.period).into_iter();
    said.extend(bad.map(|bad| synthesis::known_bad("Données signalées", bad)));
    said.push(governance::actions_sentence(figures));
    said.extend(communications(figures));
    said.iter()
        .map(|sentence| french::typeset(sentence))
        .collect()
}

fn outages(figures: &Figures) -> String {
    let table = figures.table("outages");
    let count = table.rows().count() as i64;
    let minutes: i64 = table
        .rows()
        .filter_map(|row| row.get("failing_minutes").integer())
        .sum();
    let unknown = interruptions::undeclared(figures) as i64;
    match count {
        0 => "Aucune interruption d’au moins cinq minutes n’est vue dans les journaux.".into(),
        n => format!(
            "{} interruption{} vue{} dans les journaux, {} minutes en échec en tout ; {}.",
            french::integer(n),
            french::plural(n),
            french::plural(n),
            french::integer(minutes),
            match unknown {
                0 => "toutes sont au registre des incidents".to_owned(),
                1 => "une n’est pas au registre des incidents".to_owned(),
                u => format!(
                    "{} ne sont pas au registre des incidents",
                    french::integer(u)
                ),
            }
        ),
    }
}

/// Communications against article 5.1, where there are some.
fn communications(figures: &Figures) -> Option<String> {
    let table = figures.table("communications");
    let sum = |name: &str| -> i64 { table.rows().filter_map(|row| row.get(name).integer()).sum() };
    let (sent, against) = (sum("communications"), sum("against"));
    (sent > 0).then(|| {
        format!(
            "{} communication{} diffusée{} par l’ENT, dont {} contraire{} à l’article 5.1.",
            french::integer(sent),
            french::plural(sent),
            french::plural(sent),
            match against {
                0 => "aucune".to_owned(),
                n => french::integer(n),
            },
            french::plural(against)
        )
    })
}

fn to_examine(figures: &Figures) -> Chapter {
    let rows = decisions::proposals(figures, &["proposée", "examinée"]);
    let blocks = match rows.is_empty() {
        true => vec![text(
            "Aucune proposition n’attend un examen ou une validation.",
        )],
        false => vec![Block::Table(governance::proposals_table(
            "Propositions à examiner ou à transmettre",
            &rows,
        ))],
    };
    chapter("propositions", "Propositions", blocks)
}

fn due(figures: &Figures) -> Vec<Block> {
    vec![
        text(&governance::late(figures)),
        Block::Table(governance::duties(figures.table("convention"))),
    ]
}
