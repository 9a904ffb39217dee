//! Charts: with what the demo gives them and with what nobody expects.

use crate::boxes::faults_of_svg;
use crate::fixture::{observatory, tree};
use entobs::charts::{
    Area, BLUE, Bar, Columns, Dumbbell, Frame, GREY, Line, Mark, ORANGE, Range, Spot, Stack, Weeks,
    areas, bars, columns, dumbbells, framed, heatmap, lines, multiples, png, ranges, spots, stacks,
};

const LONG: &str =
    "Lycée polyvalent intercommunal des métiers du bâtiment et du numérique de Saint-Quentin";
const FAR: [f64; 5] = [0.0, 0.4, 37.0, 12_345.0, 1e9];

fn check(name: &str, svg: &str) {
    assert_eq!(faults_of_svg(svg), Vec::<String>::new(), "{name}");
}

#[test]
fn no_label_of_a_chart_is_cut_or_covers_another() {
    let files = tree(&observatory().root.join("sorties"));
    let drawn = files
        .iter()
        .filter(|(name, _)| name.contains("graphiques/") && name.ends_with(".svg"));
    let mut seen = 0;
    for (name, bytes) in drawn {
        check(name, std::str::from_utf8(bytes).unwrap());
        seen += 1;
    }
    // Charts with nothing to show are sentences.
    assert!(seen >= 25, "{seen}");
}

#[test]
fn long_names_and_values_from_nothing_to_a_thousand_million() {
    let shown = |value: &f64| entobs::french::decimal(*value, 1);
    let labels = [LONG, "A", LONG, "Nord", LONG];
    let rows = || labels.iter().zip(&FAR);
    let bar = |(label, value): (&&str, &f64)| Bar {
        label: (*label).into(),
        value: *value,
        shown: shown(value),
        colour: BLUE,
    };
    check("bars", &bars(&rows().map(bar).collect::<Vec<_>>()));
    let dumbbell = |(label, value): (&&str, &f64)| Dumbbell {
        label: (*label).into(),
        here: (*value, shown(value)),
        reference: (value / 2.0, shown(&(value / 2.0))),
    };
    let pairs: Vec<_> = rows().map(dumbbell).collect();
    check("dumbbells", &dumbbells([LONG, "Région"], &pairs));
    let range = |(label, value): (&&str, &f64)| Range {
        label: (*label).into(),
        values: [0.0, *value, *value],
        shown: [shown(&0.0), shown(value), shown(value)],
    };
    check("ranges", &ranges(&rows().map(range).collect::<Vec<_>>()));
    let parts = vec![
        (0.99, "99 %".to_owned(), BLUE),
        (0.01, "1 %".to_owned(), ORANGE),
    ];
    let stack = |label: &&str| Stack {
        label: (*label).into(),
        parts: parts.clone(),
    };
    let key = [LONG, "Parents", LONG].map(|name| (name.to_owned(), BLUE));
    check(
        "stacks",
        &stacks(&key, &labels.iter().map(stack).collect::<Vec<_>>()),
    );
    let years = |from: usize| {
        let years = (from..5).map(|year| {
            (
                format!("202{year}-202{}", year + 1),
                FAR[year],
                shown(&FAR[year]),
                GREY,
            )
        });
        years.collect()
    };
    let panels = [2, 2, 2].map(|from| Columns {
        title: "Premier degré".into(),
        columns: years(from),
    });
    check("columns", &columns(&panels));
}

#[test]
fn series_with_gaps_single_weeks_and_wide_scales() {
    let months = ["août", "sept.", "oct.", "nov.", "déc."];
    let weeks = |count: usize| Weeks {
        ticks: (0..count)
            .map(|week| (week, months[week % 5].to_owned()))
            .collect(),
        holidays: vec![0],
        bad: vec![count - 1],
        crisis: vec![0, count - 1],
    };
    for most in FAR {
        let values: Vec<Option<f64>> = (0..20)
            .map(|week| (week % 7 != 3).then_some(most * f64::from(week) / 19.0))
            .collect();
        let line = |label: &str, values: &[Option<f64>]| Line {
            label: label.into(),
            values: values.to_vec(),
            colour: BLUE,
        };
        let both = [line("2024-2025", &values), line("2025-2026", &values)];
        check(&format!("lines to {most}"), &lines(&both, &weeks(20)));
        let five: Vec<_> = months.iter().map(|name| line(name, &values)).collect();
        check(
            &format!("multiples to {most}"),
            &multiples(&five, &weeks(20)),
        );
    }
    let alone = [Line {
        label: "2025-2026".into(),
        values: vec![Some(12.0)],
        colour: BLUE,
    }];
    check("one week", &lines(&alone, &weeks(1)));
    let row = |day: &str| (day.to_owned(), vec![None; 24]);
    check(
        "a heatmap of secrets",
        &heatmap(&["lundi", "vendredi"].map(row)),
    );
}

#[test]
fn maps_name_every_departement_inside_it() {
    let names = [
        ("02", "Aisne"),
        ("59", "Nord"),
        ("60", "Oise"),
        ("62", "Pas-de-Calais"),
        ("80", "Somme"),
    ];
    for alike in [true, false] {
        let all: Vec<Area> = names
            .iter()
            .enumerate()
            .map(|(place, (code, name))| Area {
                code,
                name: (*name).into(),
                value: (alike || place > 1).then_some(0.781),
                shown: if alike || place > 1 { "78,1 %" } else { "nd" }.into(),
            })
            .collect();
        check("areas", &areas(&all));
    }
    let key = [
        "La moitié des comptes ou plus (21)",
        "Moins de la moitié (3)",
        "Aucune visite (0)",
        "Secret (2)",
    ];
    let marks = [Mark::Disc, Mark::Ring, Mark::Diamond, Mark::Point].map(|mark| mark(BLUE));
    let key: Vec<(String, Mark)> = key.map(str::to_owned).into_iter().zip(marks).collect();
    let lille = Spot {
        longitude: 3.06,
        latitude: 50.63,
        mark: Mark::Disc(BLUE),
    };
    for ((code, _), mark) in names.into_iter().zip(marks.into_iter().cycle()) {
        let spot = Spot { mark, ..lille };
        check(code, &spots(&[code], &[spot], &key));
    }
}

#[test]
fn a_chart_alone_says_what_it_is_as_svg_and_as_png() {
    let bar = Bar {
        label: "Nord".into(),
        value: 1.0,
        shown: "1".into(),
        colour: BLUE,
    };
    let frame = Frame {
        title: "Un constat assez long pour tenir sur deux lignes, avec des chiffres et des noms de territoires : Pas-de-Calais, Nord",
        subtitle: "Indicateur & unité, périmètre, période",
        description: "Barres <horizontales>",
        notes: vec!["Lecture : une.", "", "Source : deux."],
    };
    let svg = framed(&bars(&[bar]), &frame);
    check("framed", &svg);
    assert!(svg.contains("<desc>Barres &lt;horizontales></desc>"));
    assert!(svg.contains("<title>Un constat"));
    let bytes = png(&svg).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
    // Twice the 800 pixels of the drawing: big-endian, after the name of the first chunk.
    assert_eq!(bytes[16..20], 1600_u32.to_be_bytes());
    assert_eq!(bytes, png(&svg).unwrap());
}
