//! The sheet of one territory, for its steering committee (article 4.2).

use super::{
    assistance, chapter, equity, establishments, method, reference, services, synthesis, text,
    usage, weekly,
};
use crate::document::{Block, Chapter, Table};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::ProtectedRow;
use crate::reports::tables::{number, rate, text as cell};

pub(super) fn chapters(figures: &Figures) -> Vec<Chapter> {
    let mut essential = synthesis::chapter(figures);
    essential.title = "L’essentiel".into();
    essential
        .blocks
        .extend(reference::figure(figures).map(Block::Figure));
    let mut usages = vec![Block::Table(types(figures))];
    usages.extend(weekly::block(figures));
    usages.push(Block::Table(
        usage::by_role(figures).without_empty_columns(),
    ));
    usages.extend(services::ranking(figures).map(Block::Figure));
    let mut chapters = vec![
        essential,
        chapter("usages", "Usages", usages),
        establishments::establishments(figures),
    ];
    chapters.extend(equity::chapter(figures));
    chapters.push(helped(figures));
    chapters.push(method::short(figures));
    chapters
}

/// Assistance in a few sentences and its reasons.
fn helped(figures: &Figures) -> Chapter {
    let said = assistance::sentences(figures);
    let mut blocks: Vec<Block> = said.iter().map(|sentence| text(sentence)).collect();
    if said.is_empty() {
        blocks.push(text(
            "Aucune demande d’assistance ne nomme le territoire sur la période.",
        ));
    }
    blocks.extend(assistance::reasons(figures).map(Block::Figure));
    chapter("assistance", "Assistance", blocks)
}

/// Usage by type of establishment and sector.
fn types(figures: &Figures) -> Table {
    let rows: Vec<_> = figures.table("types").rows().collect();
    let leavers = super::leavers_note(rows.iter().copied());
    let rows = rows.into_iter();
    // Types by sector, and the whole.
    let is_told = |row: &ProtectedRow<'_>| {
        let wholes = ["type", "sector"].map(|name| row.get(name).text() == "all");
        row.get("role").text() == "all" && wholes[0] == wholes[1]
    };
    let rows = rows.filter(is_told).map(|row| {
        vec![
            cell(establishments::type_label(row.get("type").text())),
            cell(super::whole_or(row.get("sector").text())),
            number(row.get("establishments")),
            number(row.get("loaded_accounts")),
            number(row.get("visitors")),
            rate(row.get("active_rate"), row.get("loaded_accounts")),
            number(row.get("visits")),
        ]
    });
    Table {
        caption: french::typeset("Usages selon le type d’établissement et le secteur"),
        header: [
            "Type",
            "Secteur",
            "Établissements",
            "Comptes",
            "Visiteurs",
            "Taux de visiteurs",
            "Visites",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 2,
        rows: rows.collect(),
        note: french::typeset(&format!(
            "Champ : établissements qui ont des comptes à la date des données. Une personne rattachée à deux types compte dans chacun.{leavers}"
        )),
        ..Table::default()
    }
}
