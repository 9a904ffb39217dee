//! A perimeter or a territory beside the region: never beside another one.

use super::{ROLES, role_label, usage_row};
use crate::charts::{Dumbbell, dumbbells};
use crate::document::{Figure, Table};
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{rate, text as cell};

/// The row of the region for a level and a role.
pub(super) fn of_region<'a>(
    figures: &'a Figures,
    level: &str,
    role: &str,
) -> Option<ProtectedRow<'a>> {
    figures.table("usage").find(&[
        ("node_kind", "region"),
        ("node", "32"),
        ("level", level),
        ("role", role),
    ])
}

/// The level that a scope and the region are compared at: that of the scope if it
/// has one only.
pub(super) fn level(figures: &Figures) -> &'static str {
    match super::levels(figures)[..] {
        [only] => only,
        _ => "all",
    }
}

/// Whether the scope has every establishment of the region: as many, being a part of it.
pub(super) fn is_region(figures: &Figures) -> bool {
    let count = |row: Option<ProtectedRow<'_>>| row?.get("establishments").integer();
    let here = count(usage_row(figures, false, "all", "all"));
    here.is_some() && here == count(of_region(figures, "all", "all"))
}

/// By role, the rows here and in the region.
type Pair<'a> = (&'static str, [ProtectedRow<'a>; 2]);

fn pairs<'a>(figures: &'a Figures, level: &str) -> Vec<Pair<'a>> {
    let roles = ROLES.into_iter().chain(["all"]);
    let pairs = roles.filter_map(|role| {
        let here = usage_row(figures, false, level, role)?;
        Some((role, [here, of_region(figures, level, role)?]))
    });
    pairs.collect()
}

/// Rates of visitors, here and in the region, by role; none where nothing is shown on both
/// sides, or both are the same.
pub(super) fn figure(figures: &Figures) -> Option<Figure> {
    if is_region(figures) {
        return None;
    }
    let level = level(figures);
    let pairs = pairs(figures, level);
    // One precision: that of the smallest base of which a rate is shown on both sides.
    let are_shown = |(_, rows): &&Pair<'_>| {
        let mut rows = rows.iter();
        rows.all(|row| row.get("active_rate").number().is_some())
    };
    let bases = pairs.iter().filter(are_shown).flat_map(|(_, rows)| rows);
    let base = super::common_base(bases.map(|row| row.get("loaded_accounts")));
    let (mut drawn, mut rows, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for (role, [here, region]) in pairs {
        let [own, other] =
            [here, region].map(|row| rate(row.get("active_rate"), &Shown::Integer(base)));
        rows.push(vec![cell(role_label(role)), own.clone(), other.clone()]);
        let (Some(a), Some(b)) = (own.number, other.number) else {
            continue;
        };
        told.push(format!(
            "le taux de visiteurs {} est de {} ici et de {} en région",
            super::of_role(role),
            own.text,
            other.text
        ));
        drawn.push(Dumbbell {
            label: role_label(role).into(),
            here: (a, own.text),
            reference: (b, other.text),
        });
    }
    let first = told.first()?;
    let of_level = match level {
        "1D" => " (premier degré)",
        "2D" => " (second degré)",
        _ => "",
    };
    Some(Figure {
        id: "reference".into(),
        title: french::typeset(&title(&drawn, drawn.len() == rows.len())),
        subtitle: super::subtitle(
            figures,
            &format!("Visiteurs pour 100 comptes chargés, à côté de la région{of_level}"),
        ),
        alt: french::typeset(&format!(
            "Deux points par profil, ici et en région. {}.",
            told.join(" ; ")
        )),
        reading: french::typeset(&format!("Lecture : {first}.")),
        champ: super::champ(figures),
        source: super::source(),
        svg: dumbbells([&figures.scope.name, "Région académique"], &drawn),
        data: Table {
            caption: french::typeset("Taux de visiteurs, ici et en région"),
            header: ["Profil", "Ici", "Région"].map(str::to_owned).to_vec(),
            text_columns: 1,
            rows,
            ..Table::default()
        },
    })
}

/// The widest gap, where it is wide enough to be said.
fn title(drawn: &[Dumbbell], are_shown: bool) -> String {
    let gap = |row: &Dumbbell| (row.here.0 - row.reference.0) * 100.0;
    let widest = drawn
        .iter()
        .filter(|row| row.label != role_label("all"))
        .max_by(|a, b| gap(a).abs().total_cmp(&gap(b).abs()));
    let Some(row) = widest.filter(|row| gap(row).abs() >= 2.0) else {
        let which = if are_shown { "" } else { " publiés" };
        return format!("Les taux de visiteurs{which} sont proches de ceux de la région");
    };
    let side = if gap(row) > 0.0 {
        "au-dessus"
    } else {
        "au-dessous"
    };
    // Of the rates as the labels show them.
    let decimals = usize::from(
        [&row.here.1, &row.reference.1]
            .iter()
            .all(|text| text.contains(',')),
    );
    let unit = 10_f64.powi(decimals as i32);
    let shown = |share: f64| (share * 100.0 * unit).round() / unit;
    let gap = (shown(row.here.0) - shown(row.reference.0)).abs();
    format!(
        "{} : le taux de visiteurs est {} point{} {side} de celui de la région",
        row.label,
        french::decimal(gap, decimals),
        french::plural(gap as i64),
    )
}
