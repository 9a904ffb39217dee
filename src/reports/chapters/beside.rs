//! What a pack tells of its perimeter and of the region, one indicator on each row.

use super::assistance::of_measure;
use super::reference::{is_region, level, of_region};
use super::services::{self, DEVICES};
use super::{chapter as titled, text, usage_row};
use crate::document::{Block, Chapter, Table, TableCell};
use crate::domain::service_label;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable, Shown};
use crate::reports::tables::{per_hundred, text as cell};

/// Services of which a pack tells the share beside that of the region.
const SERVICES: usize = 5;

/// None where the scope is the region, or has all of it.
pub(super) fn chapter(figures: &Figures) -> Option<Chapter> {
    let is_part = figures.scope.node_kind == "partner" && !is_region(figures);
    let table = is_part.then(|| table(figures))?;
    let of_level = match level(figures) {
        "1D" => ", pour le premier degré",
        "2D" => ", pour le second degré",
        _ => "",
    };
    let about = format!(
        "Les mêmes indicateurs, ici et pour toute la région académique{of_level}. L’assistance y est celle de toutes les demandes. Les écarts décrivent, ils ne classent pas : types et tailles des établissements diffèrent."
    );
    let blocks = vec![text(&about), Block::Table(table)];
    Some(titled("region", "À côté de la région académique", blocks))
}

fn table(figures: &Figures) -> Table {
    let mut rows = of_usage(figures);
    rows.extend(of_services(figures));
    rows.extend(of_devices(figures));
    rows.extend(of_assistance(figures));
    let rows = rows.into_iter();
    Table {
        caption: "Le périmètre à côté de la région académique".into(),
        header: ["Thème", "Indicateur", "Ici", "Région", "Écart"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 2,
        rows: rows.map(|row| row.cells().to_vec()).collect(),
        note: french::typeset(
            "Écart : ici moins région, en points pour ce qui est pour 100. Il est donné là où les deux valeurs sont publiées, arrondies de même.",
        ),
        ..Table::default()
    }
}

/// An indicator here and in the region.
struct Row {
    about: [String; 2],
    sides: [TableCell; 2],
    decimals: usize,
}

impl Row {
    /// A rate for a hundred, both as precise as the smaller of their bases lets one be.
    fn rate(
        about: [&str; 2],
        sides: [Option<ProtectedRow<'_>>; 2],
        [rate, over]: [&str; 2],
    ) -> Self {
        let bases = sides.iter().flatten();
        let bases = bases.filter(|row| row.get(rate).number().is_some());
        let base = super::common_base(bases.map(|row| row.get(over)));
        let of = |row: Option<ProtectedRow<'_>>| match row {
            Some(row) => per_hundred(row.get(rate), base),
            None => cell("nd"),
        };
        Self {
            about: about.map(french::typeset),
            sides: sides.map(of),
            decimals: usize::from(base >= 1_000),
        }
    }

    fn cells(self) -> [TableCell; 5] {
        let gap = self.gap();
        let [theme, what] = self.about.map(cell);
        let [own, region] = self.sides;
        [theme, what, own, region, gap]
    }

    /// The difference of what is read; the sign of a side that is not shown.
    fn gap(&self) -> TableCell {
        let unit = 10_f64.powi(self.decimals as i32);
        let [own, region] = &self.sides;
        let (own, region) = match (own.number, region.number) {
            (Some(own), Some(region)) => (own, region),
            (None, _) => return own.clone(),
            (_, None) => return region.clone(),
        };
        let gap = ((own * unit).round() - (region * unit).round()) / unit;
        let sign = match gap {
            g if g > 0.0 => "+\u{a0}",
            g if g < 0.0 => "\u{2212}\u{a0}",
            _ => "",
        };
        let size = match gap {
            0.0 => "-".to_owned(),
            _ => french::decimal(gap.abs(), self.decimals),
        };
        TableCell {
            text: format!("{sign}{size}"),
            number: Some(gap),
            ratio: false,
        }
    }
}

fn of_usage(figures: &Figures) -> Vec<Row> {
    let level = level(figures);
    let sides = [
        usage_row(figures, false, level, "all"),
        of_region(figures, level, "all"),
    ];
    let rate = |about, name| Row::rate(about, sides, [name, "loaded_accounts"]);
    let visits = |row: Option<ProtectedRow<'_>>| {
        let value = row.map(|row| row.get("visits_per_visitor").clone());
        crate::reports::tables::number(&value.unwrap_or(Shown::Missing))
    };
    vec![
        rate(
            ["Comptes", "Activés, pour 100 comptes chargés"],
            "activation_rate",
        ),
        rate(
            ["Visites", "Visiteurs pour 100 comptes chargés"],
            "active_rate",
        ),
        Row {
            about: ["Visites", "Visites par visiteur"].map(str::to_owned),
            sides: sides.map(visits),
            decimals: 1,
        },
    ]
}

/// The tables of a query, here and in the region.
fn tables<'a>(figures: &'a Figures, name: &str) -> [Option<&'a ProtectedTable>; 2] {
    [Some(figures.table(name)), figures.of_region(name)]
}

/// Of the services that are most present here, the home page left out.
fn of_services(figures: &Figures) -> Vec<Row> {
    let shown = services::ranked(figures).into_iter();
    let shown = shown.filter(|row| row.get("share").number().is_some());
    let rows = shown.take(SERVICES).map(|row| {
        let service = row.get("service").text();
        let wanted = [
            ("level", level(figures)),
            ("role", "all"),
            ("service", service),
        ];
        let sides = tables(figures, "services").map(|table| table?.find(&wanted));
        let what = format!("« {} », pour 100 visites", service_label(service));
        Row::rate(["Services", &what], sides, ["share", "all_visits"])
    });
    rows.collect()
}

fn of_devices(figures: &Figures) -> Vec<Row> {
    let rows = DEVICES.map(|(device, name, ..)| {
        let wanted = [
            ("level", level(figures)),
            ("role", "all"),
            ("device", device),
        ];
        let sides = tables(figures, "devices").map(|table| table?.find(&wanted));
        let what = format!("{name}, pour 100 visites dont l’équipement est connu");
        Row::rate(["Équipements", &what], sides, ["share", "known_visits"])
    });
    rows.into()
}

fn of_assistance(figures: &Figures) -> Vec<Row> {
    let answered = "Premières réponses dans leur délai, pour 100 demandes";
    let resolved = "Résolutions dans leur délai, pour 100 demandes";
    let compliance =
        [("first_response", answered), ("resolution", resolved)].map(|(measure, what)| {
            let tables = tables(figures, "assistance_compliance");
            let sides = tables.map(|table| of_measure(table?, measure));
            Row::rate(["Assistance", what], sides, ["compliance", "due"])
        });
    let contact = "Résolues au premier contact, pour 100 demandes résolues";
    let sides = tables(figures, "assistance_quality").map(|table| table?.rows().next());
    let first = Row::rate(
        ["Assistance", contact],
        sides,
        ["first_contact_rate", "resolved"],
    );
    compliance.into_iter().chain([first]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(own: Option<f64>, region: Option<f64>, decimals: usize) -> Row {
        let side = |number: Option<f64>| TableCell {
            text: number.map_or_else(|| "s".to_owned(), |number| number.to_string()),
            number,
            ratio: false,
        };
        Row {
            about: ["", ""].map(str::to_owned),
            sides: [side(own), side(region)],
            decimals,
        }
    }

    #[test]
    fn a_gap_is_that_of_what_is_read() {
        let gap = |own, region, decimals| row(own, region, decimals).gap().text;
        // 12.4 and 11.6 read 12 and 12.
        assert_eq!(gap(Some(12.4), Some(11.6), 0), "-");
        assert_eq!(gap(Some(12.4), Some(11.6), 1), "+\u{a0}0,8");
        assert_eq!(gap(Some(9.0), Some(11.5), 0), "\u{2212}\u{a0}3");
        assert_eq!(gap(None, Some(11.6), 1), "s");
        assert_eq!(gap(Some(11.6), None, 1), "s");
    }
}
