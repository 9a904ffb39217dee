//! Requests for assistance: volume, delays in opening hours, service levels, levels
//! that worked on them, beside usage. Shared by all deliverables.

use super::{level_label, role_label, text};
use crate::charts::{BLUE, Bar, Line, TEAL, Weeks, bars, lines};
use crate::document::{Block, Chapter, Figure, Table, TableCell};
use crate::domain::Departement;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable, Shown};
use crate::reports::tables::{number, rate, text as cell};

/// The chapter of the observatory's report and of the yearly balance.
pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = Vec::new();
    blocks.extend(sentences(figures).iter().map(|sentence| text(sentence)));
    blocks.push(Block::Table(months(figures.table("assistance_months"))));
    blocks.push(Block::Table(delays(figures)));
    blocks.push(Block::Table(compliance(figures)));
    blocks.push(Block::Table(cohort(figures.table("assistance_cohort"))));
    blocks.push(Block::Table(matrix(figures)));
    blocks.extend(reasons(figures).map(Block::Figure));
    blocks.push(Block::Table(breakdown(figures)));
    blocks.push(Block::Table(incidents(figures)));
    named(blocks)
}

/// The chapter of a partner's pack.
pub(super) fn of_partner(figures: &Figures) -> Chapter {
    let mut blocks = Vec::new();
    blocks.extend(sentences(figures).iter().map(|sentence| text(sentence)));
    blocks.push(Block::Table(months(figures.table("assistance_months"))));
    blocks.push(Block::Table(delays(figures)));
    blocks.push(Block::Table(compliance(figures)));
    blocks.push(Block::Table(breakdown(figures)));
    named(blocks)
}

fn named(blocks: Vec<Block>) -> Chapter {
    Chapter {
        id: "assistance".into(),
        title: "Assistance".into(),
        blocks,
    }
}

fn table<const N: usize>(
    caption: &str,
    header: [&str; N],
    text_columns: usize,
    rows: Vec<Vec<TableCell>>,
    note: &str,
) -> Table {
    Table {
        caption: french::typeset(caption),
        header: header.map(french::typeset).to_vec(),
        text_columns,
        rows,
        note: french::typeset(note),
        ..Table::default()
    }
}

/// The row of all requests of the period.
pub(super) fn whole(table: &ProtectedTable) -> Option<ProtectedRow<'_>> {
    table.find(&[("dimension", "all")])
}

/// The row of a measure for all priorities.
pub(super) fn of_measure<'a>(table: &'a ProtectedTable, measure: &str) -> Option<ProtectedRow<'a>> {
    let rows = table.rows();
    let mut rows = rows.filter(|row| row.get("measure").text() == measure);
    rows.find(|row| row.get("priority").integer() == Some(0))
}

/// What the figures say, one sentence each; nothing is said of what is not shown.
pub(super) fn sentences(figures: &Figures) -> Vec<String> {
    let mut told = Vec::new();
    let opened = whole(figures.table("assistance_breakdown"));
    if let Some(row) = opened
        && let (Some(n), Some(rate)) = (row.get("opened").integer(), row.get("per_1000").number())
    {
        let visits = row.get("per_10000").number();
        let visits = visits.map_or_else(String::new, |v| {
            format!(" et {} pour 10\u{202f}000 visites", french::decimal(v, 1))
        });
        told.push(format!(
            "{} demandes ont été ouvertes, tous guichets confondus{} : {} pour 1\u{202f}000 comptes chargés{visits}. Une demande passée d’un guichet à un autre compte une fois, là où elle a commencé.",
            french::integer(n),
            evolution(figures),
            french::decimal(rate, 1),
        ));
    }
    told.extend(delay_sentence(figures));
    told.extend(compliance_sentence(figures));
    told
}

fn evolution(figures: &Figures) -> String {
    let opened = |table| whole(table).and_then(|row| row.get("opened").number());
    let now = opened(figures.table("assistance_breakdown"));
    let before = opened(figures.table_before("assistance_breakdown"));
    match (now, before) {
        (Some(now), Some(before)) if before > 0.0 => {
            format!(" ({} sur un an)", french::change(now / before - 1.0))
        }
        _ => String::new(),
    }
}

fn delay_sentence(figures: &Figures) -> Option<String> {
    let row = of_measure(figures.table("assistance_delays"), "resolution")?;
    let value = |name: &str| row.get(name).number();
    Some(format!(
        "La moitié des demandes résolues l’ont été en {} d’ouverture du service, neuf sur dix en {} ; pour qui attend, {} et {} se sont écoulées.",
        hours(value("opening_p50")?),
        hours(value("opening_p90")?),
        hours(value("elapsed_p50")?),
        hours(value("elapsed_p90")?),
    ))
}

fn compliance_sentence(figures: &Figures) -> Option<String> {
    let row = of_measure(figures.table("assistance_compliance"), "resolution")?;
    let late = match row.get("overdue_open").integer()? {
        0 => "aucune n’était encore ouverte au-delà du délai".to_owned(),
        1 => "une était encore ouverte au-delà du délai et compte comme un échec".to_owned(),
        n => format!(
            "{} étaient encore ouvertes au-delà du délai et comptent comme des échecs",
            french::integer(n)
        ),
    };
    Some(format!(
        "Le délai de résolution convenu est tenu pour {} des {} demandes à juger ; {late}.",
        french::shown_percent(row.get("compliance"), row.get("due")),
        french::integer(row.get("due").integer()?),
    ))
    .filter(|_| row.get("compliance").number().is_some())
}

/// `8,2 heures`, in minutes under an hour.
pub(super) fn hours(hours: f64) -> String {
    match hours {
        h if h < 1.0 => format!("{} minutes", french::decimal(h * 60.0, 0)),
        h => format!("{} heures", french::decimal(h, 1)),
    }
}

fn month_cell(row: ProtectedRow<'_>) -> TableCell {
    match row.get("month") {
        Shown::Date(day) => cell(french::month(*day)),
        other => cell(french::shown(other)),
    }
}

/// Flows and stocks of all levels of schools, month by month.
pub(super) fn months(table_of_months: &ProtectedTable) -> Table {
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
        "En cours à la fin = en cours au début + ouvertes + rouvertes − résolues − annulées, exactement ; les demandes en cours sont comptées pour elles-mêmes. Une demande rouverte puis résolue de nouveau compte deux résolutions. Ces mouvements sont des comptes de demandes : ils sont donnés, même petits, dans une ligne montrée.",
    )
}

fn measure_label(measure: &str) -> &'static str {
    match measure {
        "first_response" => "Première réponse",
        _ => "Résolution",
    }
}

fn priority_label(priority: Option<i64>) -> &'static str {
    match priority {
        Some(0) => "Toutes",
        Some(1) => "Très basse",
        Some(2) => "Basse",
        Some(3) => "Moyenne",
        Some(4) => "Haute",
        Some(5) => "Très haute",
        Some(6) => "Majeure",
        _ => "Non renseigné",
    }
}

fn by_priority(row: ProtectedRow<'_>) -> Vec<TableCell> {
    vec![
        cell(measure_label(row.get("measure").text())),
        cell(priority_label(row.get("priority").integer())),
    ]
}

/// Delays in opening hours and as they passed.
pub(super) fn delays(figures: &Figures) -> Table {
    let rows = figures.table("assistance_delays").rows().map(|row| {
        let mut cells = by_priority(row);
        cells.push(number(row.get("done")));
        for name in ["opening_p50", "opening_p90", "elapsed_p50", "elapsed_p90"] {
            cells.push(number(row.get(name)));
        }
        cells.push(match row.get("measure").text() {
            "resolution" => rate(row.get("waiting_share"), row.get("done")),
            _ => cell("///"),
        });
        cells
    });
    table(
        "Délais, en heures",
        [
            "Délai",
            "Priorité",
            "Demandes",
            "Ouverture, médiane",
            "Ouverture, 9e décile",
            "Écoulé, médiane",
            "Écoulé, 9e décile",
            "Part mise en attente",
        ],
        2,
        rows.collect(),
        "Ouverture : heures d’ouverture du service, sans l’attente du demandeur ; le compteur s’arrête pendant cette attente, dont la part est dite. Écoulé : temps vécu, de l’ouverture à la réponse ou à la dernière résolution. Centiles au plus proche rang, à partir de 30 demandes.",
    )
}

/// Service levels, with those open and overdue apart.
pub(super) fn compliance(figures: &Figures) -> Table {
    let rows = figures.table("assistance_compliance").rows().map(|row| {
        let mut cells = by_priority(row);
        cells.push(match row.get("priority").integer() {
            Some(0) => cell("///"),
            _ => number(row.get("target_hours")),
        });
        for name in ["due", "within", "late", "overdue_open"] {
            cells.push(number(row.get(name)));
        }
        cells.push(rate(row.get("compliance"), row.get("due")));
        cells
    });
    table(
        "Niveaux de service",
        [
            "Engagement",
            "Priorité",
            "Délai convenu (heures)",
            "À juger",
            "Tenus",
            "En retard",
            "Ouvertes hors délai",
            "Taux",
        ],
        2,
        rows.collect(),
        "À juger, hors demandes annulées : ce qui a reçu sa réponse ou sa résolution dans la période, et ce qui reste ouvert à sa fin au-delà du délai, compté comme un échec. Délai convenu en heures d’ouverture ; sans priorité, celui de la priorité moyenne.",
    )
}

/// What became of all requests of a month.
pub(super) fn cohort(cohorts: &ProtectedTable) -> Table {
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
    table(
        "Part des demandes ouvertes dans le mois résolues en 1, 2, 5 et 10 jours ouvrés",
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
    )
}

fn support_level(level: Option<i64>) -> String {
    match level {
        Some(level) => format!("Niveau\u{a0}{level}"),
        None => "Non renseigné".into(),
    }
}

/// The work of each level of assistance, the last month told.
pub(super) fn work(figures: &Figures) -> Table {
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
    table(
        "Travail de chaque niveau d’assistance",
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
    )
}

/// Where requests went from each level.
pub(super) fn matrix(figures: &Figures) -> Table {
    let next = ["0", "1", "2", "3", "resolved", "cancelled", "open"];
    let moves = figures.table("assistance_matrix");
    let rows = (0..=3).filter_map(|level| {
        let from = || {
            moves
                .rows()
                .filter(move |row| row.get("from_level").integer() == Some(level))
        };
        from().next()?;
        let cells = next.iter().map(|to| {
            let found = from().find(|row| row.get("next").text() == *to);
            found.map_or_else(
                || number(&Shown::Integer(0)),
                |row| number(row.get("requests")),
            )
        });
        Some(
            [cell(support_level(Some(level)))]
                .into_iter()
                .chain(cells)
                .collect(),
        )
    });
    table(
        "D’un niveau à l’autre, demandes ouvertes dans la période",
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
        rows.collect(),
        "Une ligne dit ce qu’il est advenu des demandes passées par un niveau.",
    )
}

/// Reopened, first contact, satisfaction.
pub(super) fn quality(figures: &Figures) -> Table {
    let Some(row) = figures.table("assistance_quality").rows().next() else {
        return table(
            "Qualité de la résolution",
            ["Mesure", "Valeur", "Base"],
            1,
            Vec::new(),
            "",
        );
    };
    let of = |label: &str, value: TableCell, base: &str| {
        vec![cell(french::typeset(label)), value, number(row.get(base))]
    };
    let share = |name: &str, base: &str| rate(row.get(name), row.get(base));
    let rows = vec![
        of(
            "Résolues par le niveau qui les a reçues",
            share("first_level_rate", "resolved"),
            "resolved",
        ),
        of(
            "Résolues au premier contact",
            share("first_contact_rate", "resolved"),
            "resolved",
        ),
        of(
            "Rouvertes dans les 14 jours",
            share("reopen_rate", "solutions"),
            "solutions",
        ),
        of(
            "Taux de réponse à l’enquête",
            share("answer_rate", "resolved"),
            "resolved",
        ),
        of(
            "Satisfaction moyenne, de 1 à 5",
            number(row.get("satisfaction")),
            "rated",
        ),
    ];
    table(
        "Qualité de la résolution",
        ["Mesure", "Valeur", "Base"],
        1,
        rows,
        "Premier contact : ni transmise, ni mise en attente, ni rouverte, résolue au plus tard le jour d’ouverture suivant. Satisfaction : à partir de 10 réponses ; la base est le nombre de réponses.",
    )
}

/// The age of what is open at the end.
pub(super) fn backlog(figures: &Figures) -> Table {
    let rows = figures.table("assistance_backlog").rows().map(|row| {
        let label = match row.get("age").text() {
            "all" => "Ensemble",
            other => other,
        };
        vec![
            cell(label),
            number(row.get("open_requests")),
            number(row.get("age_p50")),
            number(row.get("age_p90")),
        ]
    });
    table(
        "Demandes en cours à la fin de la période, par ancienneté",
        [
            "Ancienneté",
            "Demandes",
            "Âge médian (jours)",
            "9e décile (jours)",
        ],
        1,
        rows.collect(),
        "Jours calendaires depuis l’ouverture, ou depuis la réouverture.",
    )
}

fn dimension_label(dimension: &str) -> Option<&'static str> {
    Some(match dimension {
        "level" => "Degré",
        "role" => "Profil",
        "departement" => "Département",
        "helpdesk" => "Premier guichet",
        "channel" => "Canal",
        "kind" => "Nature",
        _ => return None,
    })
}

fn value_label(dimension: &str, value: &str) -> String {
    match (dimension, value) {
        (_, "nd") => "Non renseigné".into(),
        ("level", value) => level_label(value).into(),
        ("role", value) => role_label(value).into(),
        ("departement", code) => Departement::ALL
            .iter()
            .find(|known| known.code() == code)
            .map_or(code, |known| known.name())
            .into(),
        ("kind", "incident") => "Incident".into(),
        ("kind", "request") => "Demande de service".into(),
        (_, value) => value.into(),
    }
}

/// Who asks, from where, how, beside usage.
pub(super) fn breakdown(figures: &Figures) -> Table {
    let order = [
        "level",
        "role",
        "departement",
        "helpdesk",
        "channel",
        "kind",
    ];
    let all = figures.table("assistance_breakdown");
    let rows = order.iter().flat_map(|dimension| {
        let rows = all
            .rows()
            .filter(|row| row.get("dimension").text() == *dimension);
        rows.map(|row| {
            let of_people = row.get("loaded_accounts").number().is_some();
            let mark = |name: &str| match of_people {
                true => number(row.get(name)),
                false => cell("///"),
            };
            vec![
                cell(dimension_label(dimension).unwrap_or_default()),
                cell(value_label(dimension, row.get("value").text())),
                number(row.get("opened")),
                mark("per_1000"),
                mark("per_10000"),
            ]
        })
    });
    table(
        "Qui demande, d’où et comment",
        [
            "Dimension",
            "Valeur",
            "Ouvertes",
            "Pour 1\u{202f}000 comptes",
            "Pour 10\u{202f}000 visites",
        ],
        2,
        rows.collect(),
        "Comptes chargés et visites des mêmes personnes. Le degré et le département sont ceux de l’établissement que la demande nomme, lorsqu’il est reconnu.",
    )
}

/// The first reasons.
pub(super) fn reasons(figures: &Figures) -> Option<Figure> {
    let all = figures.table("assistance_breakdown");
    let rows: Vec<_> = all
        .rows()
        .filter(|row| row.get("dimension").text() == "reason")
        .collect();
    let shown: Vec<(String, i64)> = rows
        .iter()
        .filter_map(|row| {
            Some((
                row.get("value").text().to_owned(),
                row.get("opened").integer()?,
            ))
        })
        .take(8)
        .collect();
    let (first, count) = shown.first()?;
    let told: Vec<String> = shown
        .iter()
        .map(|(name, n)| format!("{name} {}", french::integer(*n)))
        .collect();
    let drawn: Vec<Bar> = shown
        .iter()
        .map(|(name, n)| Bar {
            label: name.clone(),
            value: *n as f64,
            shown: french::integer(*n),
            colour: TEAL,
        })
        .collect();
    let title = match first.as_str() {
        "Non renseigné" => "Motifs des demandes".to_owned(),
        _ => format!("« {first} » est le premier motif de demande"),
    };
    let data = rows
        .iter()
        .map(|row| vec![cell(row.get("value").text()), number(row.get("opened"))]);
    Some(Figure {
        id: "motifs".into(),
        title: french::typeset(&title),
        subtitle: super::subtitle(figures, "Demandes ouvertes par motif, tous guichets"),
        alt: french::typeset(&format!("Barres horizontales : {}.", told.join(", "))),
        reading: french::typeset(&format!(
            "Lecture : {} demandes portent sur « {first} ».{}",
            french::integer(*count),
            match rows.len() > shown.len() {
                true => " D’autres motifs, plus rares ou secrets, ne sont pas montrés.",
                false => "",
            }
        )),
        champ: super::champ(figures),
        source: source(),
        svg: bars(&drawn),
        data: table(
            "Demandes par motif",
            ["Motif", "Demandes"],
            1,
            data.collect(),
            "",
        ),
    })
}

fn source() -> String {
    french::typeset(
        "Source : outils d’assistance de l’ENT, de l’académie, des collectivités et de l’éditeur.",
    )
}

/// Requests of each week for 10,000 visits since the rentrée.
pub(super) fn weeks(figures: &Figures) -> Option<Figure> {
    let all = figures.to_date("assistance_weeks");
    let rows: Vec<_> = all.rows().collect();
    let values: Vec<Option<f64>> = rows.iter().map(|row| row.get("opened").number()).collect();
    let (most, at) = values
        .iter()
        .enumerate()
        .filter_map(|(place, value)| Some(((*value)?, place)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
    let day = |place: usize| match rows[place].get("week") {
        Shown::Date(day) => *day,
        _ => figures.period.first(),
    };
    let mut ticks: Vec<(usize, String)> = Vec::new();
    let mut month = String::new();
    for place in 0..rows.len() {
        let name = french::month_short(day(place)).to_owned();
        if name != month {
            ticks.push((place, name.clone()));
            month = name;
        }
    }
    let off = |place: &usize| {
        !day(*place)
            .iter_days()
            .take(5)
            .any(|d| figures.terms.calendar.is_school_day(d))
    };
    let weeks = Weeks {
        ticks,
        holidays: (0..rows.len()).filter(off).collect(),
        bad: Vec::new(),
    };
    let line = Line {
        label: "demandes".into(),
        values,
        colour: BLUE,
    };
    let peak = french::date(day(at));
    let number_of_week = rows[at].get("week_of_year").integer().unwrap_or(0);
    let since = match number_of_week {
        n if n >= 1 => format!(", {n}e semaine depuis la rentrée").replace(", 1e", ", 1re"),
        _ => String::new(),
    };
    let incident = rows[at]
        .get("incident_minutes")
        .number()
        .is_some_and(|m| m > 0.0);
    let mark = if incident {
        ", marquée par un incident de la plateforme"
    } else {
        ""
    };
    let data = rows.iter().map(|row| {
        let week = match row.get("week") {
            Shown::Date(day) => french::date(*day),
            other => french::shown(other),
        };
        vec![
            cell(week),
            number(row.get("week_of_year")),
            number(row.get("opened")),
            number(row.get("visits")),
            number(row.get("per_10000")),
            number(row.get("incident_minutes")),
        ]
    });
    Some(Figure {
        id: "demandes-semaines".into(),
        title: french::typeset(&format!(
            "La semaine du {peak} est celle qui a reçu le plus de demandes : {}",
            french::integer(most as i64)
        )),
        subtitle: french::typeset(&format!(
            "Demandes ouvertes par semaine depuis le {}, {}",
            french::date(day(0)),
            figures.scope.name
        )),
        alt: french::typeset(&format!(
            "Courbe des demandes par semaine ; le plus haut est la semaine du {peak}, avec {} demandes.",
            french::integer(most as i64)
        )),
        reading: french::typeset(&format!(
            "Lecture : {} demandes la semaine du {peak}{since}{mark}. Semaines sans classe en gris ; celles de moins de 5 demandes ne sont pas tracées.",
            french::integer(most as i64)
        )),
        champ: super::champ(figures),
        source: source(),
        svg: lines(&[line], &weeks),
        data: table(
            "Demandes et visites par semaine",
            [
                "Semaine du",
                "Semaine depuis la rentrée",
                "Demandes",
                "Visites",
                "Pour 10\u{202f}000 visites",
                "Minutes d’incident",
            ],
            1,
            data.collect(),
            "",
        ),
    })
}

/// What outages did to requests.
pub(super) fn incidents(figures: &Figures) -> Table {
    let rows = figures.table("assistance_incidents").rows().map(|row| {
        let day = match row.get("day") {
            Shown::Date(day) => french::date(*day),
            other => french::shown(other),
        };
        let path = match row.get("path").text() {
            "connexion" => "Connexion (fédération)",
            _ => "ENT",
        };
        let minute = row
            .get("first_minute")
            .integer()
            .map_or_else(|| "nd".into(), french::minute_of_day);
        vec![
            cell(day),
            cell(path),
            cell(minute),
            number(row.get("failing_minutes")),
            number(row.get("opened_after")),
            number(row.get("usual")),
            number(row.get("lag_minutes")),
        ]
    });
    table(
        "Demandes après une interruption vue dans les journaux",
        [
            "Jour",
            "Chemin",
            "Début",
            "Minutes en échec",
            "Demandes en 24 heures",
            "Usuel",
            "Décalage (minutes)",
        ],
        3,
        rows.collect(),
        "Usuel : moyenne du même jour des quatre semaines d’avant. Décalage : temps après le début de l’interruption auquel la moitié de ces demandes étaient arrivées.",
    )
}

/// Bars of the compliance of each measure: what the first page shows.
pub(super) fn compliance_bars(figures: &Figures) -> Option<Figure> {
    let all = figures.table("assistance_compliance");
    let mut drawn = Vec::new();
    let mut data = Vec::new();
    for measure in ["first_response", "resolution"] {
        for row in all
            .rows()
            .filter(|row| row.get("measure").text() == measure)
        {
            let priority = row.get("priority").integer();
            let label = format!(
                "{}, {}",
                measure_label(measure),
                priority_label(priority).to_lowercase()
            );
            data.push(vec![
                cell(label.clone()),
                rate(row.get("compliance"), row.get("due")),
            ]);
            let Some(share) = row.get("compliance").number() else {
                continue;
            };
            drawn.push(Bar {
                label,
                value: share,
                shown: french::shown_percent(row.get("compliance"), row.get("due")),
                colour: if priority == Some(0) {
                    BLUE
                } else {
                    super::LIGHT
                },
            });
        }
    }
    let row = of_measure(all, "resolution")?;
    row.get("compliance").number()?;
    Some(Figure {
        id: "niveaux-de-service".into(),
        title: french::typeset(&format!(
            "Le délai de résolution convenu est tenu pour {} des demandes",
            french::shown_percent(row.get("compliance"), row.get("due"))
        )),
        subtitle: super::subtitle(
            figures,
            "Part des demandes dans le délai convenu, par engagement et priorité",
        ),
        alt: french::typeset(&format!(
            "Barres horizontales : {}.",
            drawn
                .iter()
                .map(|b| format!("{} {}", b.label, b.shown))
                .collect::<Vec<_>>()
                .join(", ")
        )),
        reading: french::typeset(
            "Lecture : en bleu foncé toutes priorités, en bleu clair par priorité ; une demande ouverte hors délai est un échec.",
        ),
        champ: super::champ(figures),
        source: source(),
        svg: bars(&drawn),
        data: table(
            "Part des demandes dans le délai convenu",
            ["Engagement", "Taux"],
            1,
            data,
            "",
        ),
    })
}
