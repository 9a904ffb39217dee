//! Is the digital gap closing: priority education, rural and urban, sector, IPS.

use super::{level_label, text};
use crate::document::{Block, Chapter, Table, TableCell};
use crate::french;
use crate::indicators::Figures;
use crate::reports::tables::{number, rate, text as cell};

const GROUPINGS: [(&str, &str); 4] = [
    (
        "ips",
        "Quintile de l’indice de position sociale (Q1 : le plus bas)",
    ),
    ("priority", "Éducation prioritaire"),
    ("area", "Commune rurale ou urbaine"),
    ("sector", "Secteur"),
];

const SECRET: &str = "s : secret statistique.";
/// What tables do not say of small groups.
const SMALL: &str = "nd : groupe de moins de cinq établissements, non publié.";

/// None where the scope has nothing to compare.
pub(super) fn chapter(figures: &Figures) -> Option<Chapter> {
    let mut blocks = vec![text(
        "Chaque tableau rapporte les usages aux comptes chargés des mêmes établissements. Les écarts décrivent, ils n’expliquent pas : taille, type et degré des établissements diffèrent aussi d’un groupe à l’autre.",
    )];
    blocks.extend(
        GROUPINGS
            .iter()
            .map(|(code, title)| table(figures, code, title))
            // A single group has nothing to be compared with.
            .filter(|table| table.rows.len() > 1)
            .map(Block::Table),
    );
    (blocks.len() > 1).then(|| Chapter {
        id: "equite".into(),
        title: "Équité".into(),
        blocks,
    })
}

/// As a reader says it.
fn group_label(code: &str) -> &str {
    match code {
        "rural" => "Commune rurale",
        "urbain" => "Commune urbaine",
        "public" => "Public",
        "privé" | "prive" => "Privé",
        "hors EP" => "Hors éducation prioritaire",
        other => other,
    }
}

/// Inside a sentence; `Q1` and `REP` stay.
fn lower(label: &str) -> String {
    let is_name = label.chars().nth(1).is_none_or(|c| !c.is_lowercase());
    match is_name {
        true => label.to_owned(),
        false => label.to_lowercase(),
    }
}

/// Of each level, the groups whose accounts come least and most.
fn extremes(figures: &Figures, grouping: &str) -> String {
    let table = figures.table("equity");
    let of_level = |level: &&str| {
        let wanted = [("grouping", grouping), ("level", *level)];
        let all = table.select(&wanted).count();
        let shown = table.select(&wanted).filter_map(|row| {
            let visits = row.get("visits_per_account").number()?;
            Some((visits, group_label(row.get("group_name").text()).to_owned()))
        });
        let mut shown: Vec<(f64, String)> = shown.collect();
        shown.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (least, most) = (shown.first()?, shown.last()?);
        (shown.len() > 1).then(|| {
            let among = match shown.len() == all {
                true => "",
                false => ", parmi les groupes publiés",
            };
            format!(
                "{}{among} : de {} visites par compte ({}) à {} ({}).",
                level_label(level),
                french::decimal(least.0, 1),
                lower(&least.1),
                french::decimal(most.0, 1),
                lower(&most.1)
            )
        })
    };
    super::LEVELS
        .iter()
        .filter_map(of_level)
        .collect::<Vec<_>>()
        .join(" ")
}

fn table(figures: &Figures, grouping: &str, title: &str) -> Table {
    let mut rows: Vec<Vec<TableCell>> = Vec::new();
    for row in figures
        .table("equity")
        .rows()
        .filter(|r| r.get("grouping").text() == grouping)
    {
        rows.push(vec![
            cell(group_label(row.get("group_name").text())),
            cell(level_label(row.get("level").text())),
            number(row.get("establishments")),
            number(row.get("loaded_accounts")),
            rate(row.get("active_rate"), row.get("loaded_accounts")),
            number(row.get("visits_per_account")),
        ]);
    }
    let has = |sign: &str| rows.iter().flatten().any(|cell| cell.text == sign);
    let signs = [("s", SECRET), ("nd", SMALL)];
    let signs = signs.iter().filter(|(sign, _)| has(sign));
    let signs: Vec<&str> = signs.map(|(_, words)| *words).collect();
    let note = format!("{} {}", extremes(figures, grouping), signs.join(" "));
    Table {
        caption: french::typeset(title),
        header: [
            "Groupe",
            "Degré",
            "Établissements",
            "Comptes",
            "Taux de visiteurs",
            "Visites par compte",
        ]
        .map(str::to_owned)
        .to_vec(),
        text_columns: 2,
        rows,
        note: french::typeset(note.trim()),
        ..Table::default()
    }
}
