//! What the registers tell: accompaniment, proposals, roadmap, how the convention
//! is kept.

use super::text;
use crate::document::{Block, Chapter, Table, TableCell};
use crate::domain::Departement;
use crate::french;
use crate::indicators::{Figures, RegisterRow};
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable, Shown};
use crate::reports::tables::{number, rate, text as cell};

/// How much was done with teachers, parents and staff in the period.
pub(super) fn actions_sentence(figures: &Figures) -> String {
    let actions = figures.register("actions");
    let sum = |name: &str| {
        actions
            .iter()
            .filter_map(|row| row.get(name)?.parse::<i64>().ok())
            .sum::<i64>()
    };
    match actions.len() as i64 {
        0 => "Aucune action d’accompagnement n’est inscrite au registre pour la période.".into(),
        n => format!(
            "{} action{} d’accompagnement au registre : {} heure{}, {} participant{}.",
            french::integer(n),
            french::plural(n),
            french::integer(sum("heures")),
            french::plural(sum("heures")),
            french::integer(sum("participants")),
            french::plural(sum("participants"))
        ),
    }
}

pub(super) fn accompaniment(figures: &Figures) -> Chapter {
    let actions = figures.register("actions");
    let count = actions.len() as i64;
    let mut blocks = vec![text(&actions_sentence(figures))];
    if count > 0 {
        let columns = [
            ("date", "Date"),
            ("type", "Type"),
            ("public", "Public"),
            ("departement", "Département"),
            ("bilan", "Objet"),
            ("heures", "Heures"),
            ("participants", "Participants"),
        ];
        blocks.push(Block::Table(Table {
            printed: Some(PRINTED),
            ..table(
                "Actions de formation et d’accompagnement",
                &columns,
                &actions,
            )
        }));
    }
    blocks.extend(effects(figures).map(Block::Table));
    let practices = figures.register("bonnes-pratiques");
    if !practices.is_empty() {
        let columns = [
            ("intitule", "Bonne pratique"),
            ("degre", "Degré"),
            ("description", "En quelques mots"),
        ];
        blocks.push(Block::Table(table(
            "Bonnes pratiques repérées",
            &columns,
            &practices,
        )));
    }
    blocks.extend(surveys(figures));
    blocks.extend(groups(figures));
    Chapter {
        id: "accompagnement".into(),
        title: "Accompagnement et bonnes pratiques".into(),
        blocks,
    }
}

/// How usage changed where an action took place, against where none did; without an
/// action of which that can be said, no table.
fn effects(figures: &Figures) -> Option<Table> {
    let table = figures.table("effects");
    let shown: Vec<_> = table.rows().map(|row| effect(&row)).collect();
    (!shown.is_empty()).then(|| Table {
        caption: "Usage avant et après les actions".into(),
        header: [
            "Action",
            "Établ. concernés / autres",
            "Concernés, avant → après",
            "Autres, avant → après",
            "Écart d’évolution [intervalle à 95 %]",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 5,
        rows: shown,
        note: french::typeset(
            "Visites pour 100 comptes chargés et par jour de classe, moyenne des établissements : 8 semaines avant et 8 semaines après l’action. Autres : même type et même département, sans action dans ces semaines. L’écart décrit, il ne prouve pas que l’action est la cause ; si l’intervalle contient zéro, les évolutions ne se distinguent pas.",
        ),
        ..Table::default()
    })
}

fn effect(row: &ProtectedRow<'_>) -> Vec<TableCell> {
    let signed = |value: f64| {
        let sign = if value < 0.0 { "− " } else { "+ " };
        french::typeset(&format!("{sign}{}", french::decimal(value.abs(), 1)))
    };
    let mean = |name: &str| match row.get(name) {
        Shown::Real(value) => french::decimal(*value, 1),
        other => french::shown(other),
    };
    let gap = match ["effect", "low", "high"].map(|name| row.get(name).number()) {
        [Some(effect), Some(low), Some(high)] => {
            format!("{} [{} ; {}]", signed(effect), signed(low), signed(high))
        }
        _ if row.get("effect") == &Shown::Secret => "s".into(),
        _ => "trop peu d’établissements".into(),
    };
    let count = |name: &str| french::shown(row.get(name));
    vec![
        cell(format!(
            "{}, {}",
            row.get("action").text(),
            french::shown(row.get("day"))
        )),
        cell(format!("{} / {}", count("establishments"), count("others"))),
        cell(format!("{} → {}", mean("before"), mean("after"))),
        cell(format!(
            "{} → {}",
            mean("others_before"),
            mean("others_after")
        )),
        cell(french::typeset(&gap)),
    ]
}

pub(super) fn proposals(figures: &Figures) -> Chapter {
    let rows = figures.register_to_date("propositions");
    let blocks = match rows.is_empty() {
        true => vec![text("Aucune proposition n’est inscrite au registre.")],
        false => vec![
            text(&format!(
                "Les propositions sont examinées par le comité de coordination et validées par le comité stratégique. {}",
                moved(figures.register("propositions").len() as i64)
            )),
            Block::Table(proposals_table("Propositions et leur état", &rows)),
        ],
    };
    Chapter {
        id: "propositions".into(),
        title: "Propositions".into(),
        blocks,
    }
}

/// How many proposals are new, or have a new state, in the period.
fn moved(count: i64) -> String {
    match count {
        0 => "Aucune n’est entrée au registre ni n’a changé d’état pendant la période.".into(),
        1 => "Pendant la période, une est entrée au registre ou a changé d’état.".into(),
        n => format!(
            "Pendant la période, {} sont entrées au registre ou ont changé d’état.",
            french::integer(n)
        ),
    }
}

/// Proposals with their state.
pub(super) fn proposals_table(caption: &str, rows: &[&RegisterRow]) -> Table {
    let columns = [
        ("intitule", "Proposition"),
        ("porteur", "Portée par"),
        ("etat", "État"),
        ("date", "Depuis le"),
    ];
    table(caption, &columns, rows)
}

pub(super) fn roadmap(figures: &Figures) -> Chapter {
    let rows = figures.roadmap();
    let year = figures.next_year();
    let columns = [
        ("axe", "Axe"),
        ("action", "Action"),
        ("echeance", "Échéance"),
        ("responsable", "Responsable"),
        ("etat", "État"),
    ];
    let blocks = match rows.is_empty() {
        true => vec![text(&format!(
            "La feuille de route {year} n’est pas encore inscrite au registre."
        ))],
        false => vec![
            text("Actions proposées à la validation du comité stratégique, ou déjà engagées."),
            Block::Table(table(
                &format!("Feuille de route de l’année scolaire {year}"),
                &columns,
                &rows,
            )),
        ],
    };
    Chapter {
        id: "feuille-de-route".into(),
        title: "Feuille de route".into(),
        blocks,
    }
}

/// How the duties of the convention are kept (article 7), and what was sent
/// through the ENT (article 5.1).
pub(super) fn convention(figures: &Figures) -> Chapter {
    let mut blocks = vec![
        text(&late(figures)),
        Block::Table(duties(figures.table("convention"))),
    ];
    let sent = figures.table("communications");
    if sent.rows().next().is_some() {
        blocks.push(Block::Table(communications(sent)));
    }
    Chapter {
        id: "convention".into(),
        title: "Exécution de la convention".into(),
        blocks,
    }
}

/// How many duties of the school year are late.
pub(super) fn late(figures: &Figures) -> String {
    let table = figures.table("convention");
    let late = table
        .rows()
        .filter(|row| row.get("state").text() == "en retard");
    let on = french::date(figures.reference);
    match late.count() as i64 {
        0 => format!("Au {on}, aucune échéance de l’année scolaire n’est en retard."),
        n => format!(
            "Au {on}, {} échéance{} de l’année scolaire {} en retard.",
            french::integer(n),
            french::plural(n),
            if n > 1 { "sont" } else { "est" },
        ),
    }
}

/// The duties of the school year and their state.
pub(super) fn duties(table: &ProtectedTable) -> Table {
    let day = |shown: &Shown| match shown {
        Shown::Date(day) => french::date(*day),
        _ => "pas encore".into(),
    };
    let rows = table.rows().map(|row| {
        let duty = row.get("duty").text();
        vec![
            cell(row.get("article").text()),
            cell(french::typeset(duty)),
            cell(day(row.get("deadline"))),
            cell(day(row.get("done_on"))),
            cell(state(duty, row.get("state").text())),
        ]
    });
    Table {
        caption: "Échéances de l’année scolaire".into(),
        header: ["Article", "Échéance", "Au plus tard le", "Date", "État"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 5,
        rows: rows.collect(),
        note: french::typeset(
            "La convention fixe le nombre annuel de réunions et de bulletins ; les dates limites les répartissent sur l’année. Une échéance est en retard si rien n’est fait au soir de sa date limite. Source : registre des réunions.",
        ),
        ..Table::default()
    }
}

/// What became of a duty, in words that agree with it: a meeting, a committee, statistics.
fn state(duty: &str, state: &str) -> String {
    let kept = match duty {
        duty if duty.contains("réunion") => "tenue",
        duty if duty.starts_with("Statistiques") => "remises",
        _ => "tenu",
    };
    match state {
        "fait" => kept.into(),
        "fait en retard" => format!("{kept} en retard"),
        other => other.into(),
    }
}

fn communications(table: &ProtectedTable) -> Table {
    let rows = table.rows().map(|row| {
        vec![
            cell(french::typeset(row.get("name").text())),
            number(row.get("communications")),
            number(row.get("to_pupils_alone")),
            number(row.get("outside_perimeter")),
        ]
    });
    Table {
        caption: "Communications diffusées par l’ENT".into(),
        header: [
            "Émetteur",
            "Communications",
            "Aux seuls élèves",
            "Hors périmètre",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 1,
        rows: rows.collect(),
        note: french::typeset(
            "Article 5.1 : une collectivité n’écrit pas aux seuls élèves, et chacun n’écrit qu’aux établissements de son périmètre. Source : registre des communications.",
        ),
        ..Table::default()
    }
}

/// What groups of users said.
fn groups(figures: &Figures) -> Option<Block> {
    let rows = figures.register("groupes-utilisateurs");
    let columns = [
        ("date", "Date"),
        ("intitule", "Groupe"),
        ("synthese", "Synthèse"),
        ("participants", "Participants"),
    ];
    let shown = || Block::Table(table("Groupes d’utilisateurs", &columns, &rows));
    (!rows.is_empty()).then(shown)
}

/// What people were asked and what they answered.
fn surveys(figures: &Figures) -> Option<Block> {
    let rows: Vec<_> = figures.table("surveys").rows().map(survey).collect();
    let table = Table {
        caption: "Résultats des enquêtes".into(),
        header: [
            "Enquête",
            "Profil",
            "Question posée",
            "Réponse",
            "Part",
            "Marge d’erreur",
            "Répondants",
            "Taux de réponse",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 4,
        rows,
        note: french::typeset(
            "Part : de ceux qui ont répondu, avec sa marge d’erreur à 95 %, en points ; elle ne dit rien de ceux qui n’ont pas répondu. Taux de réponse : répondants parmi les personnes sollicitées. Source : registre des enquêtes.",
        ),
        ..Table::default()
    };
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

fn survey(row: ProtectedRow<'_>) -> Vec<TableCell> {
    let words = |name: &str| cell(french::typeset(row.get(name).text()));
    let margin = row.get("margin");
    let points = margin.number().map(|margin| TableCell {
        text: format!("± {}", french::decimal(margin * 100.0, 1)),
        number: Some(margin),
        ratio: true,
    });
    vec![
        words("survey"),
        cell(capital(row.get("profile").text())),
        words("question"),
        words("answer"),
        rate(row.get("share"), row.get("respondents")),
        points.unwrap_or_else(|| number(margin)),
        number(row.get("respondents")),
        rate(row.get("response_rate"), row.get("asked")),
    ]
}

/// Rows of a register that the PDF prints; page and workbook have all.
const PRINTED: usize = 40;

/// Columns of counts, which registers hold as whole numbers; they stand last.
const COUNTS: [&str; 2] = ["heures", "participants"];

fn table(caption: &str, columns: &[(&str, &str)], rows: &[&RegisterRow]) -> Table {
    let texts = columns
        .iter()
        .take_while(|(name, _)| !COUNTS.contains(name));
    let cells = |row: &&RegisterRow| columns.iter().map(|(name, _)| field(row, name)).collect();
    Table {
        caption: french::typeset(caption),
        header: columns
            .iter()
            .map(|(_, title)| (*title).to_owned())
            .collect(),
        text_columns: texts.count(),
        rows: rows.iter().map(cells).collect(),
        note: String::new(),
        ..Table::default()
    }
}

/// A field of a register as a reader sees it.
fn field(row: &RegisterRow, name: &str) -> TableCell {
    let Some(text) = row.get(name).filter(|text| !text.is_empty()) else {
        return cell("nd");
    };
    let count = COUNTS
        .contains(&name)
        .then(|| text.parse::<i64>().ok())
        .flatten();
    if let Some(count) = count {
        return TableCell {
            text: french::integer(count),
            number: Some(count as f64),
            ratio: false,
        };
    }
    let date = (name == "date").then(|| text.parse().ok()).flatten();
    let departement = Departement::ALL
        .iter()
        .find(|known| name == "departement" && known.code() == text);
    cell(match (date, departement) {
        (Some(date), _) => french::date(date),
        (_, Some(departement)) => departement.name().to_owned(),
        _ if name == "degre" => degree(text),
        _ if name == "profil" => capital(text),
        _ => french::typeset(text),
    })
}

fn degree(text: &str) -> String {
    match text {
        "1D" | "2D" => super::level_label(text).to_owned(),
        "1D et 2D" => "Premier et second degrés".into(),
        other => other.to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
