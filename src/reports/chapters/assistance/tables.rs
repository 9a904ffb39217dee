//! Tables of flows, stocks, delays and levels. A row of which nothing is shown is left out; where
//! none is left, a sentence says so.

use super::{measure_label, priority_label, table};
use crate::document::{Table, TableCell};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable, Shown};
use crate::reports::tables::{number, rate, text as cell};
use std::ops::Range;

// Captions by which the chapter on method knows what is shown.
pub(in super::super) const COHORT: &str =
    "Part des demandes ouvertes dans le mois résolues en 1, 2, 5 et 10 jours ouvrés";
pub(in super::super) const WORK: &str = "Travail de chaque niveau d’assistance";
pub(in super::super) const MATRIX: &str =
    "D’un niveau à l’autre, demandes ouvertes dans la période";
pub(in super::super) const QUALITY: &str = "Qualité de la résolution";
pub(in super::super) const INCIDENTS: &str =
    "Demandes après une interruption vue dans les journaux";

/// The rows that show a number in one of these columns, with a note where others are left out;
/// a sentence in the place of the table where there are none.
pub(super) fn kept(all: Table, columns: Range<usize>, few: &str, left_out: &str) -> Table {
    let is_shown = |row: &Vec<TableCell>| row[columns.clone()].iter().any(|c| c.number.is_some());
    let shown = all.rows.iter().filter(|row| is_shown(row)).count();
    if shown == 0 {
        return said(all, few);
    }
    let mut table = all;
    if shown < table.rows.len() {
        table.rows.retain(is_shown);
        table.note = french::typeset(&format!("{} {left_out}", table.note));
    }
    table
}

/// A table of which PDF and page say a sentence only.
pub(super) fn said(table: Table, sentence: &str) -> Table {
    Table {
        said: Some(french::typeset(sentence)),
        ..table
    }
}

/// Without the columns of numbers of which none is shown.
pub(super) fn shown_columns(mut table: Table) -> Table {
    let is_shown = |column: usize| table.rows.iter().any(|row| row[column].number.is_some());
    let kept: Vec<bool> = (0..table.header.len())
        .map(|column| column < table.text_columns || is_shown(column))
        .collect();
    let mut keep = kept.iter().cycle().copied();
    table.header.retain(|_| keep.next().unwrap_or(true));
    for row in &mut table.rows {
        row.retain(|_| keep.next().unwrap_or(true));
    }
    table
}

fn month_cell(row: ProtectedRow<'_>) -> TableCell {
    match row.get("month") {
        Shown::Date(day) => cell(french::month(*day)),
        other => cell(french::shown(other)),
    }
}

/// Flows and stocks of all levels of schools, month by month.
pub(in super::super) fn months(table_of_months: &ProtectedTable) -> Table {
    let names = [
        "backlog_start",
        "opened",
        "reopened",
        "resolved",
        "cancelled",
        "backlog_end",
    ];
    let all = table_of_months
        .rows()
        .filter(|row| row.get("level").text() == "all");
    let rows = all.map(|row| {
        let numbers = names.iter().map(|name| number(row.get(name)));
        [month_cell(row)].into_iter().chain(numbers).collect()
    });
    table(
        "Demandes par mois et demandes en cours",
        [
            "Mois",
            "En cours au début",
            "Ouvertes",
            "Rouvertes",
            "Résolues",
            "Annulées",
            "En cours à la fin",
        ],
        1,
        rows.collect(),
        "En cours à la fin = en cours au début + ouvertes + rouvertes − résolues − annulées, exactement ; les demandes en cours sont comptées pour elles-mêmes. Une demande rouverte puis résolue de nouveau compte deux résolutions. Dans un mois montré, même les petits nombres le sont : ils disent ce que deviennent les demandes et ne désignent personne.",
    )
}

/// Measure and priority, at the left of a row.
pub(super) fn by_priority(row: ProtectedRow<'_>) -> Vec<TableCell> {
    vec![
        cell(measure_label(row.get("measure").text())),
        cell(priority_label(row.get("priority").integer())),
    ]
}

fn delays_of(row: ProtectedRow<'_>) -> Vec<TableCell> {
    let mut cells = by_priority(row);
    for name in [
        "done",
        "opening_p50",
        "opening_p90",
        "elapsed_p50",
        "elapsed_p90",
    ] {
        cells.push(number(row.get(name)));
    }
    cells.push(match row.get("measure").text() {
        "resolution" => rate(row.get("waiting_share"), row.get("done")),
        _ => cell("///"),
    });
    cells
}

/// Delays in opening hours and as they passed.
pub(in super::super) fn delays(figures: &Figures) -> Table {
    let rows = figures.table("assistance_delays").rows().map(delays_of);
    let all = table(
        "Délais, en heures",
        [
            "Délai",
            "Priorité",
            "Demandes",
            "Heures ouvrées, médiane",
            "Heures ouvrées, 9e décile",
            "Temps écoulé, médiane",
            "Temps écoulé, 9e décile",
            "Part mise en attente",
        ],
        2,
        rows.collect(),
        "Heures ouvrées : heures d’ouverture du service, sans l’attente du demandeur ; le compteur s’arrête pendant cette attente, dont la part est dite. Temps écoulé : temps vécu, de l’ouverture à la réponse ou à la dernière résolution. Centiles au plus proche rang, à partir de 30 demandes.",
    );
    kept(
        all,
        3..8,
        "Trop peu de demandes pour en donner les délais.",
        "Les priorités de moins de 30 demandes ne sont pas données.",
    )
}

/// What became of all requests of a month.
pub(in super::super) fn cohort(cohorts: &ProtectedTable) -> Table {
    let rows = cohorts.rows().map(|row| {
        let shares = ["share_1", "share_2", "share_5", "share_10"];
        let shares = shares
            .iter()
            .map(|name| rate(row.get(name), row.get("opened")));
        [month_cell(row), number(row.get("opened"))]
            .into_iter()
            .chain(shares)
            .collect()
    });
    let all = table(
        COHORT,
        [
            "Mois d’ouverture",
            "Ouvertes",
            "1 jour",
            "2 jours",
            "5 jours",
            "10 jours",
        ],
        1,
        rows.collect(),
        "Demandes annulées exclues. 1 jour : au plus tard le jour d’ouverture du service qui suit. nd : ces jours ne sont pas encore passés pour toutes les demandes.",
    );
    kept(
        all,
        2..6,
        "Trop peu de demandes pour dire en combien de jours celles d’un mois sont résolues.",
        "Ne sont pas donnés les mois de moins de 30 demandes, ni ceux dont aucun de ces délais n’est encore passé.",
    )
}

fn support_level(level: Option<i64>) -> String {
    match level {
        Some(level) => format!("Niveau\u{a0}{level}"),
        None => "Non renseigné".into(),
    }
}

/// The work of each level of assistance, month by month.
pub(in super::super) fn work(figures: &Figures) -> Table {
    let names = [
        "backlog_start",
        "opened",
        "received",
        "reopened",
        "passed",
        "resolved",
        "cancelled",
        "backlog_end",
    ];
    let all = figures.table("assistance_work").rows();
    let rows = all.map(|row| {
        let numbers = names.iter().map(|name| number(row.get(name)));
        let first = [
            month_cell(row),
            cell(support_level(row.get("support_level").integer())),
        ];
        first.into_iter().chain(numbers).collect()
    });
    let all = table(
        WORK,
        [
            "Mois",
            "Niveau",
            "En cours au début",
            "Ouvertes",
            "Reçues",
            "Rouvertes",
            "Transmises",
            "Résolues",
            "Annulées",
            "En cours à la fin",
        ],
        2,
        rows.collect(),
        "Niveaux 0 et 1 : premier accueil ; 2 : spécialistes ; 3 : experts de l’éditeur. Une demande transmise est le travail de deux niveaux : ces lignes ne s’additionnent pas en demandes.",
    );
    let left_out = hidden_work(&all);
    kept(
        all,
        2..10,
        "Trop peu de demandes pour donner le travail de chaque niveau d’assistance, mois par mois.",
        &left_out,
    )
}

/// How many rows of months and levels are not given.
fn hidden_work(all: &Table) -> String {
    let is_hidden = |row: &&Vec<TableCell>| row[2..].iter().all(|cell| cell.number.is_none());
    let hidden = all.rows.iter().filter(is_hidden).count() as i64;
    let (s, verb) = match hidden {
        1 => ("", "n’est pas donnée"),
        _ => ("s", "ne sont pas données"),
    };
    format!(
        "{hidden} ligne{s} sur {}, une par mois et par niveau, {verb} : trop peu de demandes.",
        all.rows.len()
    )
}

/// Where requests went from each level.
pub(in super::super) fn matrix(figures: &Figures) -> Table {
    let moves = figures.table("assistance_matrix");
    let rows: Vec<_> = (0..=3)
        .filter_map(|level| moves_from(moves, level))
        .collect();
    let is_empty = rows.is_empty();
    let all = table(
        MATRIX,
        [
            "De",
            "Vers 0",
            "Vers 1",
            "Vers 2",
            "Vers 3",
            "Résolues",
            "Annulées",
            "En cours",
        ],
        1,
        rows,
        "Une ligne dit ce qu’il est advenu, à la fin de la période, des demandes passées par un niveau ; s : trop peu y sont passées.",
    );
    match is_empty {
        true => said(
            all,
            "Demandes passées d’un niveau à l’autre : aucune demande n’a été ouverte sur la période.",
        ),
        false => all,
    }
}

/// What came after a level, if requests passed by it.
fn moves_from(moves: &ProtectedTable, level: i64) -> Option<Vec<TableCell>> {
    let from = || {
        moves
            .rows()
            .filter(move |row| row.get("from_level").integer() == Some(level))
    };
    from().next()?;
    // Where nothing is told of a level, where nobody went is not told either.
    let is_hidden = from().any(|row| row.get("requests") == &Shown::Secret);
    let nobody = match is_hidden {
        true => Shown::Secret,
        false => Shown::Integer(0),
    };
    let next = ["0", "1", "2", "3", "resolved", "cancelled", "open"];
    let cells = next.iter().map(|to| {
        let found = from().find(|row| row.get("next").text() == *to);
        found.map_or_else(|| number(&nobody), |row| number(row.get("requests")))
    });
    let first = cell(support_level(Some(level)));
    Some([first].into_iter().chain(cells).collect())
}

/// Name of a measure, how to read its value from a row, name of its base.
fn quality_rows(row: ProtectedRow<'_>) -> Vec<Vec<TableCell>> {
    let shares = [
        (
            "Résolues par le niveau qui les a reçues",
            "first_level_rate",
            "resolved",
        ),
        (
            "Résolues au premier contact",
            "first_contact_rate",
            "resolved",
        ),
        ("Rouvertes dans les 14 jours", "reopen_rate", "solutions"),
        ("Taux de réponse à l’enquête", "answer_rate", "resolved"),
    ];
    let of = |label: &str, value: TableCell, base: &str| {
        vec![cell(french::typeset(label)), value, number(row.get(base))]
    };
    let mut rows: Vec<_> = shares
        .iter()
        .map(|(label, name, base)| of(label, rate(row.get(name), row.get(base)), base))
        .collect();
    let satisfaction = number(row.get("satisfaction"));
    rows.push(of("Satisfaction moyenne, de 1 à 5", satisfaction, "rated"));
    rows
}

/// Reopened, first contact, satisfaction.
pub(in super::super) fn quality(figures: &Figures) -> Table {
    let row = figures.table("assistance_quality").rows().next();
    let all = table(
        QUALITY,
        ["Mesure", "Valeur", "Base"],
        1,
        row.map(quality_rows).unwrap_or_default(),
        "Premier contact : ni transmise, ni mise en attente, ni rouverte, résolue au plus tard le jour d’ouverture suivant. Satisfaction : à partir de 10 réponses ; la base est le nombre de réponses.",
    );
    kept(
        all,
        1..2,
        "Trop peu de demandes résolues pour dire la qualité de leur résolution.",
        "Les mesures de trop peu de demandes ne sont pas données.",
    )
}

fn of_age(row: ProtectedRow<'_>) -> Vec<TableCell> {
    let label = match row.get("age").text() {
        "all" => "Ensemble",
        other => other,
    };
    let numbers = ["open_requests", "age_p50", "age_p90"];
    let numbers = numbers.iter().map(|name| number(row.get(name)));
    [cell(label)].into_iter().chain(numbers).collect()
}

/// The age of what is open at the end.
pub(in super::super) fn backlog(figures: &Figures) -> Table {
    let ages = figures.table("assistance_backlog");
    let all = table(
        "Demandes en cours à la fin de la période, par ancienneté",
        [
            "Ancienneté",
            "Demandes",
            "Âge médian (jours)",
            "9e décile (jours)",
        ],
        1,
        ages.rows().map(of_age).collect(),
        "Jours calendaires depuis l’ouverture, ou depuis la réouverture.",
    );
    match few_open(ages) {
        Some(sentence) => said(all, &sentence),
        None => shown_columns(kept(
            all,
            1..4,
            "",
            "Les anciennetés de trop peu de demandes ne sont pas données.",
        )),
    }
}

/// What is said where no class of age may be shown.
fn few_open(ages: &ProtectedTable) -> Option<String> {
    let Some(whole) = ages.find(&[("age", "all")]) else {
        return Some("Aucune demande n’est en cours à la fin de la période.".into());
    };
    let mut rows = ages.rows().filter(|row| row.get("age").text() != "all");
    if rows.any(|row| row.get("open_requests").number().is_some()) {
        return None;
    }
    Some(match whole.get("open_requests").integer() {
        Some(count) => format!(
            "{} demandes sont en cours à la fin de la période, trop peu pour en donner l’ancienneté.",
            french::integer(count)
        ),
        None => {
            "Trop peu de demandes sont en cours à la fin de la période pour en donner l’ancienneté."
                .into()
        }
    })
}

fn outage(row: ProtectedRow<'_>) -> Vec<TableCell> {
    let path = match row.get("path").text() {
        "connexion" => "Connexion (fédération)",
        _ => "ENT",
    };
    let minute = row.get("first_minute").integer();
    let minute = minute.map_or_else(|| "nd".into(), french::minute_of_day);
    let first = [french::shown(row.get("day")), path.into(), minute];
    let numbers = ["failing_minutes", "opened_after", "usual", "lag_minutes"];
    let numbers = numbers.iter().map(|name| number(row.get(name)));
    first.into_iter().map(cell).chain(numbers).collect()
}

/// What outages did to requests.
pub(in super::super) fn incidents(figures: &Figures) -> Table {
    let outages = figures.table("assistance_incidents");
    let all = table(
        INCIDENTS,
        [
            "Jour",
            "Composant",
            "Début",
            "Minutes en échec",
            "Demandes en 24 heures",
            "Usuel",
            "Décalage (minutes)",
        ],
        3,
        outages.rows().map(outage).collect(),
        "Usuel : moyenne du même jour des quatre semaines d’avant. Décalage : temps après le début de l’interruption auquel la moitié de ces demandes étaient arrivées.",
    );
    match all.rows.is_empty() {
        true => said(
            all,
            "Interruptions vues dans les journaux et suivies de demandes : aucune sur la période.",
        ),
        false => all,
    }
}
