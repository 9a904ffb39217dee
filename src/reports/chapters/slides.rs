//! The yearly balance on a screen: a finding on each slide.

use super::{
    assistance, chapter, decisions, findings, governance, perimeter, quality, services, synthesis,
    territories, text, trends, usage, weekly,
};
use crate::document::{Block, Chapter, Figure, Table};
use crate::french;
use crate::indicators::Figures;

/// Rows of a table that fit a slide.
const ROWS: usize = 9;

pub(super) fn chapters(figures: &Figures) -> Vec<Chapter> {
    let findings = findings::sentences(figures);
    let mut essential = vec![Block::Keys {
        keys: synthesis::keys(figures),
    }];
    if !findings.is_empty() {
        essential.push(Block::List { items: findings });
    }
    let mut slides = vec![chapter("chiffres", "L’année en six chiffres", essential)];
    let drawn: [Option<Figure>; 7] = [
        trends::figure(figures),
        Some(perimeter::activation(figures)),
        weekly::figure(figures),
        territories::chart(figures),
        usage::role_mix(figures),
        services::ranking(figures),
        services::devices(figures),
    ];
    slides.extend(drawn.into_iter().flatten().map(slide));
    slides.push(quality_slide(figures));
    slides.extend(assistance::compliance_bars(figures).map(slide));
    slides.push(chapter(
        "convention",
        governance::late(figures).trim_end_matches('.'),
        vec![Block::Table(cut(governance::duties(
            figures.table("convention"),
        )))],
    ));
    slides.push(chapter(
        "propositions",
        "Propositions et leur état",
        governance::proposals(figures)
            .blocks
            .into_iter()
            .map(cut_block)
            .collect(),
    ));
    slides.push(roadmap(figures));
    slides.push(decisions::asked(decisions::of_costra(figures)));
    slides
}

/// The finding as the title, the chart, how to read it.
fn slide(figure: Figure) -> Chapter {
    let said = Block::Text {
        text: figure.reading.clone(),
    };
    let (id, title) = (figure.id.clone(), figure.title.clone());
    chapter(&id, &title, vec![Block::Figure(figure), said])
}

fn cut_block(block: Block) -> Block {
    match block {
        Block::Table(table) => Block::Table(cut(table)),
        other => other,
    }
}

fn quality_slide(figures: &Figures) -> Chapter {
    let title = quality::gap(figures);
    let title = title.unwrap_or_else(|| "Disponibilité de l’ENT et de la connexion".into());
    let table = Block::Table(cut(quality::availability(figures)));
    chapter("qualite", title.trim_end_matches('.'), vec![table])
}

fn roadmap(figures: &Figures) -> Chapter {
    let tables = governance::roadmap(figures).blocks.into_iter();
    let mut blocks: Vec<Block> = tables
        .map(|block| match block {
            Block::Table(table) => Block::Table(cut(table)),
            other => other,
        })
        .collect();
    if blocks.is_empty() {
        blocks.push(text(
            "La feuille de route n’est pas encore inscrite au registre.",
        ));
    }
    chapter(
        "feuille-de-route",
        &format!("Feuille de route {}", figures.next_year()),
        blocks,
    )
}

/// What fits; the report has the rest.
fn cut(mut table: Table) -> Table {
    let all = table.rows.len();
    if all > ROWS {
        table.rows.truncate(ROWS);
        table.note = french::typeset(&format!(
            "{} premières lignes sur {} ; toutes sont dans le rapport.",
            french::integer(ROWS as i64),
            french::integer(all as i64)
        ));
    }
    table
}
