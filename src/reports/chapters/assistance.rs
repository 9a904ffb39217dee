//! Volume, delays and reasons of the requests for assistance.

use super::{text, usage_row};
use crate::charts::{Bar, TEAL, bars};
use crate::document::{Block, Chapter, Figure, Table};
use crate::french;
use crate::indicators::{Figures, Scope};
use crate::privacy::disclosure::Shown;
use crate::reports::tables::{number, text as cell};

pub(super) fn chapter(figures: &Figures) -> Chapter {
    let mut blocks = Vec::new();
    blocks.extend(volume(figures).map(|sentence| text(&sentence)));
    blocks.push(Block::Table(months(figures)));
    blocks.extend(reasons(figures).map(Block::Figure));
    Chapter {
        id: "assistance".into(),
        title: "Assistance".into(),
        blocks,
    }
}

fn total(table: &crate::privacy::disclosure::ProtectedTable) -> Option<i64> {
    table.rows().map(|row| row.get("opened").integer()).sum()
}

fn volume(figures: &Figures) -> Option<String> {
    // Tickets are those of the region: not to be set against fewer accounts.
    if figures.scope != Scope::region() {
        return None;
    }
    let opened = total(figures.table("tickets")).filter(|n| *n > 0)?;
    let before = total(figures.table_before("tickets")).filter(|n| *n > 0);
    let accounts = usage_row(figures, false, "all", "all")?
        .get("loaded_accounts")
        .number()
        .filter(|n| *n > 0.0)?;
    let evolution = before.map_or_else(String::new, |b| {
        format!(
            ", soit {} sur un an",
            french::change(opened as f64 / b as f64 - 1.0)
        )
    });
    Some(format!(
        "{} demandes ont été ouvertes, tous guichets confondus{evolution} : {} pour 1 000 comptes chargés.",
        french::integer(opened), french::decimal(opened as f64 * 1000.0 / accounts, 1)
    ).replace("1 000", "1\u{202f}000"))
}

fn months(figures: &Figures) -> Table {
    let rows = figures.table("tickets").rows().map(|row| {
        let month = match row.get("month") {
            Shown::Date(day) => french::month(*day),
            other => french::shown(other),
        };
        vec![
            cell(month),
            number(row.get("opened")),
            number(row.get("solved")),
            number(row.get("median_hours")),
            number(row.get("p90_hours")),
        ]
    });
    Table {
        caption: "Demandes d’assistance par mois d’ouverture".into(),
        header: [
            "Mois",
            "Ouvertes",
            "Résolues depuis",
            "Délai médian (heures)",
            "9e décile (heures)",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 1,
        rows: rows.collect(),
        note: french::typeset(
            "Délais en temps écoulé, de l’ouverture à la résolution ; pour les demandes du module d’assistance, à la dernière modification.",
        ),
    }
}

fn reasons(figures: &Figures) -> Option<Figure> {
    let table = figures.table("ticket_reasons");
    let shown: Vec<(String, i64)> = table
        .rows()
        .filter_map(|row| {
            Some((
                row.get("reason").text().to_owned(),
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
    Some(Figure {
        id: "motifs".into(),
        title: french::typeset(&format!("« {first} » est le premier motif de demande")),
        subtitle: french::typeset(&format!(
            "Demandes ouvertes par motif, tous guichets, {}",
            super::period_name(figures)
        )),
        alt: french::typeset(&format!("Barres horizontales : {}.", told.join(", "))),
        reading: french::typeset(&format!(
            "Lecture : {} demandes portent sur « {first} ».",
            french::integer(*count)
        )),
        source: french::typeset("Source : outils d’assistance de l’ENT et de l’académie."),
        svg: bars(&drawn),
        data: Table {
            caption: "Demandes par motif".into(),
            header: ["Motif", "Demandes"].map(str::to_owned).to_vec(),
            text_columns: 1,
            rows: table
                .rows()
                .map(|row| vec![cell(row.get("reason").text()), number(row.get("opened"))])
                .collect(),
            note: String::new(),
        },
    })
}
