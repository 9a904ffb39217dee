//! The dashboard of one audience: one HTML file that asks nothing of anybody.
//! Its tables are columns of protected cells in blocks of JSON; its own small
//! script draws what the reader chooses from them. Views of the whole platform
//! are written here once and for all, from the blocks of a document.
//!
//! All that is in the file is published, so only protected cells go in.

mod columns;
mod facts;
mod map;

use crate::document::{Chapter, Document};
use crate::indicators::{Cube, CubeTable, Figures};
use crate::privacy::disclosure::{ProtectedRow, ProtectedTable};
use crate::reports::page::{blocks, escape};
use columns::{Form, Layout};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("style.css");
/// In the order in which they need each other.
const SCRIPT: [&str; 5] = [
    include_str!("script/data.js"),
    include_str!("script/dom.js"),
    include_str!("script/charts.js"),
    include_str!("script/views.js"),
    include_str!("script/app.js"),
];
const SHELL: &str = include_str!("shell.html");

/// Views that the script draws: fragment and title.
const DRAWN: [(&str, &str); 8] = [
    ("ensemble", "Vue d’ensemble"),
    ("usages", "Usages dans le temps"),
    ("territoires", "Territoires"),
    ("services", "Services"),
    ("equipements", "Équipements"),
    ("horaires", "Jours et heures"),
    ("comptes", "Comptes et activation"),
    ("equite", "Équité"),
];

/// The page. `document` gives title and mark, `fixed` the views of the whole
/// platform, in order.
pub fn page(figures: &Figures, cube: &Cube, document: &Document, fixed: &[Chapter]) -> String {
    let mut views: Vec<(&str, &str)> = DRAWN.to_vec();
    views.extend(fixed.iter().map(|view| (&*view.id, &*view.title)));
    let links: String = views
        .iter()
        .map(|(id, title)| {
            let (id, title) = (escape(id), escape(title));
            format!("<li><a href=\"#vue={id}\" data-vue=\"{id}\">{title}</a></li>\n")
        })
        .collect();
    let script = script();
    let replaced = [
        ("{{policy}}", policy(&script)),
        (
            "{{title}}",
            escape(&format!("Tableau de bord — {}", document.perimeter)),
        ),
        ("{{perimeter}}", escape(&document.perimeter)),
        ("{{subtitle}}", escape(&document.subtitle)),
        ("{{period}}", escape(&document.period)),
        ("{{date}}", escape(&document.data_date_words)),
        ("{{mark}}", escape(&document.mark)),
        ("{{links}}", links),
        ("{{fixed}}", fixed.iter().map(section).collect()),
        ("{{data}}", data(figures, cube)),
        ("{{style}}", STYLE.to_owned()),
        ("{{script}}", script),
    ];
    fill(SHELL, &replaced)
}

/// Each mark replaced once, in one pass: what is put in is never read again.
fn fill(shell: &str, replaced: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = shell;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = replaced.iter().find(|(mark, _)| rest.starts_with(mark));
        let (mark, text) = found.expect("the shell has marks of this list only");
        out.push_str(text);
        rest = &rest[mark.len()..];
    }
    out + rest
}

fn script() -> String {
    format!("\"use strict\";\n(() => {{\n{}}})();\n", SCRIPT.concat())
}

/// Nothing but this style and this script, named by what they are.
fn policy(script: &str) -> String {
    let hash = |text: &str| {
        let digest = Sha256::digest(text.as_bytes());
        format!("'sha256-{}'", base64(&digest))
    };
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(script)
    )
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() {
                digit as char
            } else {
                '='
            });
        }
    }
    out
}

fn section(view: &Chapter) -> String {
    format!(
        "<section class=\"fixe\" data-vue=\"{}\" hidden>\n{}</section>\n",
        escape(&view.id),
        blocks(&view.blocks)
    )
}

/// The blocks of JSON, one a table and period, read when they are needed.
fn data(figures: &Figures, cube: &Cube) -> String {
    let mut out = block("faits", &facts::facts(figures, cube));
    let uais: Vec<&str> = cube
        .establishments
        .rows()
        .map(|row| row.get("uai").text())
        .collect();
    out += &block("etablissements", &establishments(&cube.establishments));
    for part in &cube.tables {
        let id = format!("{}-{}", part.name, part.period);
        let keep = |row: &ProtectedRow<'_>| kept(part, row);
        let value = columns::columns(&part.table, keep, layout(part), &uais);
        out += &block(&id, &value);
    }
    for (period, table) in cube.region.iter().enumerate() {
        let whole = |row: &ProtectedRow<'_>| row.get("area_kind").text() == "scope";
        let value = columns::columns(table, whole, &AREA_USAGE, &uais);
        out += &block(&format!("region-{period}"), &value);
    }
    out
}

fn block(id: &str, value: &Value) -> String {
    // No `<` at all: no name can end the block or begin another.
    let json = value.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/json\" id=\"d-{id}\">{json}</script>\n")
}

/// Hours of a part of the period are told for all sectors together: with them
/// the file would be too large.
fn kept(part: &CubeTable, row: &ProtectedRow<'_>) -> bool {
    part.name != "hours" || part.period == 0 || row.get("sector").text() == "all"
}

const AREA_USAGE: Layout = Layout {
    dimensions: &["area_kind", "area", "slice", "sector", "role"],
    measures: &[
        ("establishments", Form::Count),
        ("loaded_accounts", Form::Count),
        ("activated_accounts", Form::Count),
        ("visitors", Form::Count),
        ("visits", Form::Count),
        ("activation_rate", Form::Share("loaded_accounts")),
        ("active_rate", Form::Share("loaded_accounts")),
        ("visits_per_visitor", Form::Tenths),
        ("visitors_before", Form::Count),
        ("visits_before", Form::Count),
        ("visits_change", Form::Change("visits_before")),
    ],
};
const PLACE_USAGE: Layout = Layout {
    dimensions: &["uai", "role"],
    measures: &[
        ("loaded_accounts", Form::Count),
        ("activated_accounts", Form::Count),
        ("visitors", Form::Count),
        ("visits", Form::Count),
        ("activation_rate", Form::Share("loaded_accounts")),
        ("active_rate", Form::Share("loaded_accounts")),
        ("visits_per_visitor", Form::Tenths),
        ("visitors_before", Form::Count),
        ("visits_before", Form::Count),
        ("visits_change", Form::Change("visits_before")),
    ],
};
/// Of an establishment in a part of the period.
const PLACE_PART: Layout = Layout {
    dimensions: &["uai", "role"],
    measures: &[
        ("loaded_accounts", Form::Count),
        ("visitors", Form::Count),
        ("visits", Form::Count),
        ("active_rate", Form::Share("loaded_accounts")),
    ],
};

macro_rules! layouts {
    ($($name:literal => [$($dimension:literal),*] [$($measure:literal $form:expr),*];)*) => {
        &[$(($name, Layout { dimensions: &[$($dimension),*], measures: &[$(($measure, $form)),*] })),*]
    };
}

const OTHERS: &[(&str, Layout)] = layouts! {
    "weeks" => ["area_kind", "area", "slice", "sector", "role", "week"] ["visitors" Form::Count, "visits" Form::Count];
    "services" => ["area_kind", "area", "slice", "sector", "role", "service"]
        ["visitors" Form::Count, "visits" Form::Count, "all_visits" Form::Count, "share" Form::Share("all_visits")];
    "devices" => ["area_kind", "area", "slice", "sector", "role", "device"]
        ["visits" Form::Count, "known_visits" Form::Count, "share" Form::Share("known_visits")];
    "hours" => ["area_kind", "area", "slice", "sector", "role", "weekday", "hour"] ["visits" Form::Count];
    "equity" => ["area_kind", "area", "slice", "grouping", "group_name"]
        ["establishments" Form::Count, "loaded_accounts" Form::Count, "visitors" Form::Count, "visits" Form::Count,
         "active_rate" Form::Share("loaded_accounts"), "visits_per_account" Form::Tenths];
    "place_weeks" => ["uai", "week"] ["visits" Form::Count];
    "place_services" => ["uai", "service"]
        ["visits" Form::Count, "all_visits" Form::Count, "share" Form::Share("all_visits")];
    "place_devices" => ["uai", "device"]
        ["visits" Form::Count, "known_visits" Form::Count, "share" Form::Share("known_visits")];
};

fn layout(part: &CubeTable) -> &'static Layout {
    match (part.name, part.period) {
        ("usage", _) => &AREA_USAGE,
        ("places", 0) => &PLACE_USAGE,
        ("places", _) => &PLACE_PART,
        (name, _) => {
            let name = name.trim_end_matches("_before");
            let found = OTHERS.iter().find(|(known, _)| *known == name);
            &found.expect("every table of the cube has a layout").1
        }
    }
}

/// Parallel lists; places on the map are `[x, y]`, or nothing.
fn establishments(table: &ProtectedTable) -> Value {
    let mut all = columns::columns(
        table,
        |_| true,
        &Layout {
            dimensions: &[
                "name",
                "commune",
                "academie",
                "departement",
                "level",
                "type",
                "sector",
                "ips",
                "priority",
                "area",
            ],
            measures: &[],
        },
        &[],
    );
    let uais: Vec<&str> = table.rows().map(|row| row.get("uai").text()).collect();
    let places: Vec<Value> = table
        .rows()
        .map(|row| {
            let place = row
                .get("longitude")
                .number()
                .zip(row.get("latitude").number());
            place.map_or(Value::Null, |(longitude, latitude)| {
                json!(map::project(longitude, latitude))
            })
        })
        .collect();
    all["uai"] = json!(uais);
    all["place"] = json!(places);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_known_texts() {
        for (text, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), coded);
        }
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let marks = [("{{a}}", "{{b}}".to_owned()), ("{{b}}", "x".to_owned())];
        assert_eq!(fill("<{{a}}|{{b}}>", &marks), "<{{b}}|x>");
    }

    #[test]
    fn a_block_cannot_be_ended_by_a_name() {
        let block = block("x", &json!("</script><script>alert(1)//"));
        assert_eq!(block.matches("</script>").count(), 1);
        assert_eq!(block.matches("<script").count(), 1);
    }

    /// Rules that the policy alone would not see: no text becomes markup.
    #[test]
    fn the_script_makes_no_markup_of_data() {
        for part in SCRIPT {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "Function(",
                "fetch(",
                "XMLHttpRequest",
                "localStorage",
                "http:",
            ] {
                let allowed = part.replace("http://www.w3.org/2000/svg", "");
                assert!(!allowed.contains(forbidden), "{forbidden}");
            }
        }
    }
}
