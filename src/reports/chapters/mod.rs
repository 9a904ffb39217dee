//! The chapters of the deliverables, shared between them, and which deliverable
//! has which. Sentences are said only where their figures are shown.

mod assistance;
mod balance;
mod beside;
mod bulletin;
mod comparison;
mod coordination;
mod coter;
mod decisions;
mod equity;
mod establishments;
mod findings;
mod governance;
pub(super) mod interruptions;
mod method;
mod national;
mod peak;
mod perimeter;
mod quality;
mod reference;
mod rhythm;
mod services;
mod slides;
mod synthesis;
mod territories;
mod trends;
mod unpublished;
mod usage;
mod weekly;

pub(crate) use weekly::Axis;

use crate::charts::{PALE, Stack};
use crate::document::{Block, Brand, Chapter, Document, Form};
use crate::domain::Departement;
use crate::french;
use crate::indicators::{Figures, Scope};
use crate::privacy::disclosure::{ProtectedRow, Shown};
use chrono::Datelike;
use plotters::style::RGBColor;
use sha2::{Digest, Sha256};

/// The biannual report of the observatory.
pub fn observatory(figures: &Figures, lake_digest: &str) -> Document {
    let mut chapters = vec![
        synthesis::chapter(figures),
        perimeter::chapter(figures),
        usage::chapter(figures),
        territories::chapter(figures),
        services::chapter(figures),
    ];
    chapters.extend(equity::chapter(figures));
    chapters.extend([
        quality::chapter(figures),
        assistance::chapter(figures),
        governance::accompaniment(figures),
        governance::proposals(figures),
        national::chapter(figures),
        method::chapter(figures),
    ]);
    let title = "Rapport de l’observatoire des usages";
    document(figures, lake_digest, title, Form::Report, chapters)
}

/// The yearly balance for the strategic committee.
pub fn costra(figures: &Figures, lake_digest: &str) -> Document {
    let mut chapters = vec![
        synthesis::chapter(figures),
        balance::balance(figures),
        trends::trends(figures),
        perimeter::chapter(figures),
        usage::chapter(figures),
        territories::chapter(figures),
        services::chapter(figures),
    ];
    chapters.extend(equity::chapter(figures));
    chapters.extend([
        quality::chapter(figures),
        assistance::chapter(figures),
        governance::accompaniment(figures),
        governance::proposals(figures),
        governance::convention(figures),
        governance::roadmap(figures),
        national::chapter(figures),
        decisions::asked(decisions::of_costra(figures)),
        method::chapter(figures),
    ]);
    document(figures, lake_digest, COSTRA, Form::Report, chapters)
}

const COSTRA: &str = "Bilan annuel pour le comité stratégique";

/// The same on a screen.
pub fn costra_slides(figures: &Figures, lake_digest: &str) -> Document {
    let chapters = slides::chapters(figures);
    document(figures, lake_digest, COSTRA, Form::Slides, chapters)
}

/// The pack of one partner.
pub fn partner(figures: &Figures, lake_digest: &str) -> Document {
    let mut synthesis = synthesis::chapter(figures);
    if figures.scope.node_kind == "partner" {
        let reference = reference::figure(figures);
        synthesis.blocks.extend(reference.map(Block::Figure));
    }
    let mut chapters = vec![
        synthesis,
        perimeter::chapter(figures),
        usage::chapter(figures),
        services::chapter(figures),
    ];
    chapters.extend(equity::chapter(figures));
    chapters.push(assistance::of_partner(figures));
    chapters.extend(beside::chapter(figures));
    chapters.push(method::chapter(figures));
    let title = "Dossier partenaire";
    document(figures, lake_digest, title, Form::Report, chapters)
}

/// The sheet of a territory for its steering committee.
pub fn coter(figures: &Figures, lake_digest: &str) -> Document {
    let chapters = coter::chapters(figures);
    document(
        figures,
        lake_digest,
        "Fiche territoire",
        Form::Note,
        chapters,
    )
}

/// The note for the coordination committee.
pub fn coordination(figures: &Figures, lake_digest: &str) -> Document {
    let chapters = coordination::chapters(figures);
    document(
        figures,
        lake_digest,
        "Note de coordination",
        Form::Note,
        chapters,
    )
}

/// The views of a dashboard that are of the whole platform or of registers.
pub fn dashboard_views(figures: &Figures) -> Vec<Chapter> {
    let mut accompaniment = governance::accompaniment(figures);
    accompaniment.title = "Accompagnement et propositions".into();
    accompaniment
        .blocks
        .extend(governance::proposals(figures).blocks);
    let of_partner = figures.scope.node_kind == "partner";
    let mut views = vec![
        match of_partner {
            true => assistance::of_partner(figures),
            false => assistance::chapter(figures),
        },
        quality::chapter(figures),
        accompaniment,
        national::chapter(figures),
        method::chapter(figures),
    ];
    let about = [
        "Cette vue porte sur tout le périmètre et la période du fichier : les filtres ne s’y appliquent pas.",
        "Cette vue porte sur toute la plateforme : seule la période du fichier la définit, les filtres ne s’y appliquent pas.",
    ];
    for (view, about) in views.iter_mut().zip(about) {
        view.blocks.insert(0, text(about));
    }
    if let Some(method) = views.last_mut() {
        method.title = "Méthode et définitions".into();
    }
    views.into_iter().map(unpublished::readable).collect()
}

/// The bulletin of assistance, of the region or of one partner.
pub fn assistance(figures: &Figures, lake_digest: &str) -> Document {
    let chapters = bulletin::chapters(figures);
    // The platform as a whole is the region's to tell.
    let title = match figures.scope == Scope::region() {
        true => "Bulletin de l’assistance et de la qualité de service",
        false => "Bulletin de l’assistance",
    };
    document(figures, lake_digest, title, Form::Note, chapters)
}

fn document(
    figures: &Figures,
    lake_digest: &str,
    title: &str,
    form: Form,
    chapters: Vec<Chapter>,
) -> Document {
    let mut hash = Sha256::new();
    for part in [
        lake_digest,
        title,
        &figures.scope.node,
        figures.period.name(),
        env!("CARGO_PKG_VERSION"),
    ] {
        hash.update(part);
        hash.update("\n");
    }
    let chapters = method::of_what_is_shown(chapters);
    Document {
        form,
        brand: Brand::default(),
        title: title.into(),
        subtitle: format!("ENT Hauts-de-France — {}", period_name(figures)),
        perimeter: french::typeset(&figures.scope.name),
        period: period_words(figures),
        data_date: figures.reference.to_string(),
        data_date_words: french::date(figures.reference),
        mark: crate::lake::hex(&hash.finalize())[..10].to_owned(),
        chapters: chapters.into_iter().map(unpublished::readable).collect(),
    }
}

/// `semestre 1 de 2025-2026`, or the name as it is.
fn period_name(figures: &Figures) -> String {
    let name = figures.period.name();
    match (name.strip_suffix("-S1"), name.strip_suffix("-S2")) {
        (Some(year), _) => format!("premier semestre {year}"),
        (_, Some(year)) => format!("second semestre {year}"),
        _ if name.len() == 9 => format!("année scolaire {name}"),
        _ if name.len() == 7 => french::month(figures.period.first()),
        _ => period_words(figures),
    }
}

/// `du 1er août 2025 au 31 janvier 2026`
fn period_words(figures: &Figures) -> String {
    let (first, last) = (figures.period.first(), figures.period.last());
    let start = french::date(first);
    // `du 1er au 30 novembre 2025`
    let start = match (first.year(), first.month()) == (last.year(), last.month()) {
        true => start.split('\u{a0}').next().unwrap_or_default().to_owned(),
        false => start,
    };
    format!("du {start} au {}", french::date(last))
}

fn chapter(id: &str, title: &str, blocks: Vec<Block>) -> Chapter {
    Chapter {
        id: id.into(),
        title: french::typeset(title),
        blocks,
    }
}

fn text(sentence: &str) -> Block {
    Block::Text {
        text: french::typeset(sentence),
    }
}

fn heading(title: &str) -> Block {
    Block::Heading {
        text: french::typeset(title),
    }
}

fn role_label(code: &str) -> &str {
    match code {
        "all" => "Ensemble",
        "student" => "Élèves",
        "parent" => "Parents",
        "teacher" => "Enseignants",
        "staff" => "Personnels",
        "guest" => "Invités",
        _ => "Non renseigné",
    }
}

/// A word of the data, or that it is all of them.
fn whole_or(code: &str) -> &str {
    match code {
        "all" => "Ensemble",
        other => other,
    }
}

fn level_label(code: &str) -> &str {
    match code {
        "all" => "Ensemble",
        "1D" => "Premier degré",
        "2D" => "Second degré",
        other => other,
    }
}

/// The levels that the scope has; their total only where there are two.
fn levels(figures: &Figures) -> Vec<&'static str> {
    let mut levels = LEVELS.to_vec();
    levels.retain(|level| usage_row(figures, false, level, "all").is_some());
    if levels.len() != 1 {
        levels.push("all");
    }
    levels
}

/// Between blue and paper: a part of what is blue.
const LIGHT: RGBColor = RGBColor(0x4A, 0x8F, 0xCE);
const LIGHTER: RGBColor = RGBColor(0xB4, 0xD3, 0xEF);
const ROLES: [&str; 4] = ["student", "parent", "teacher", "staff"];
const LEVELS: [&str; 2] = ["1D", "2D"];

/// What a stack may leave of its whole, other or secret, and still be read.
const MOST_REST: f64 = 0.3;

/// The parts of a stack with what they leave of the whole; none where that is too much.
fn with_rest(mut parts: Vec<(f64, String, RGBColor)>) -> Option<Vec<(f64, String, RGBColor)>> {
    let rest = 1.0 - parts.iter().map(|part| part.0).sum::<f64>();
    if parts.is_empty() || rest > MOST_REST {
        return None;
    }
    if rest > 0.002 {
        parts.push((rest, String::new(), PALE));
    }
    Some(parts)
}

/// Said under stacks of which some are left out for that.
fn left_out(labels: &[&str]) -> String {
    match labels {
        [] => String::new(),
        _ => format!(
            " Barres non tracées, dont plus de 30 % est secret ou autre : {}.",
            labels.join(", ").to_lowercase()
        ),
    }
}

/// `dans l’Aisne`, `dans le Nord`
fn in_departement(departement: Departement) -> String {
    let name = departement.name();
    match name {
        "Somme" => format!("dans la {name}"),
        _ if name.starts_with(['A', 'O']) => format!("dans l’{name}"),
        _ => format!("dans le {name}"),
    }
}

/// `des élèves`, after a count of visits or of accounts.
fn of_role(role: &str) -> String {
    match role {
        "all" => "de l’ensemble des profils".into(),
        role => format!("des {}", role_label(role).to_lowercase()),
    }
}

/// The base that several rates are rounded by, so that they may be compared: the smallest.
fn common_base<'a>(bases: impl Iterator<Item = &'a Shown>) -> i64 {
    let bases = bases.map(|base| base.integer().unwrap_or(0));
    bases.min().unwrap_or(0)
}

/// Said under a table in which more accounts came than are activated.
fn leavers_note<'a>(rows: impl Iterator<Item = ProtectedRow<'a>>) -> &'static str {
    let count = |row: &ProtectedRow<'_>, name: &str| row.get(name).integer();
    let mut pairs =
        rows.filter_map(|row| Some((count(&row, "visitors")?, count(&row, "activated_accounts")?)));
    match pairs.any(|(visitors, activated)| visitors > activated) {
        true => {
            " Les visiteurs comptent aussi les personnes qui ont quitté l’annuaire avant la date de référence ; ils peuvent être plus nombreux que les comptes activés."
        }
        false => "",
    }
}

/// The key of that rest, where a stack has one.
fn rest_key(stacks: &[Stack]) -> Option<(String, RGBColor)> {
    let mut parts = stacks.iter().flat_map(|stack| &stack.parts);
    parts
        .any(|part| part.2 == PALE)
        .then(|| ("Autres ou secret".to_owned(), PALE))
}

/// Said under a table of changes where days are missing or known to be wrong, or what is counted
/// is not the same.
fn comparison_note(figures: &Figures) -> &'static str {
    match (figures.is_broken(), figures.comparison_is_marked()) {
        (true, _) => {
            " Évolutions non données : ce qui est compté comme une visite a changé entre les deux périodes."
        }
        (false, true) => {
            " Évolutions provisoires (p) : des jours manquent ou sont signalés comme erronés, voir « Périmètre et couverture »."
        }
        (false, false) => "",
    }
}

/// « Champ : … », what the figures are about.
fn champ(figures: &Figures) -> String {
    french::typeset(&format!(
        "Champ : {}, {}.",
        figures.scope.name,
        period_words(figures)
    ))
}

fn source() -> String {
    french::typeset("Source : observatoire des usages, journaux d’accès et annuaires de l’ENT.")
}

/// The subtitle of a chart: indicator, unit, perimeter, period.
fn subtitle(figures: &Figures, what: &str) -> String {
    french::typeset(&format!(
        "{what}, {}, {}",
        figures.scope.name,
        period_name(figures)
    ))
}

/// All visits of the scope in the period, where they are shown.
fn all_visits(figures: &Figures) -> Option<f64> {
    usage_row(figures, false, "all", "all")?
        .get("visits")
        .number()
}

/// The row of the whole scope for a level and a role.
fn usage_row<'a>(
    figures: &'a Figures,
    before: bool,
    level: &str,
    role: &str,
) -> Option<ProtectedRow<'a>> {
    let table = if before {
        figures.table_before("usage")
    } else {
        figures.table("usage")
    };
    table.rows().find(|row| {
        row.get("node_kind").text() == figures.scope.node_kind
            && row.get("node").text() == figures.scope.node
            && row.get("level").text() == level
            && row.get("role").text() == role
    })
}
