//! What the PDF, the page and the workbook say and how they say it.

use crate::fixture::{observatory, run, stdout};
use crate::page::Page;
use flate2::read::ZlibDecoder;
use std::collections::BTreeSet;
use std::io::Read;

const REPORT: &str = "observatoire/2025-2026-S1/observatoire";

fn page(name: &str) -> Page {
    Page::new(String::from_utf8(observatory().deliverable(&format!("{name}.html"))).unwrap())
}

/// All that a PDF holds, with its compressed streams opened.
pub fn opened(pdf: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(pdf).into_owned();
    let find = |from: usize, what: &[u8]| {
        pdf[from..]
            .windows(what.len())
            .position(|w| w == what)
            .map(|at| from + at)
    };
    let mut at = 0;
    while let Some(start) = find(at, b"stream\n") {
        let mut stream = Vec::new();
        if ZlibDecoder::new(&pdf[start + 7..])
            .read_to_end(&mut stream)
            .is_ok()
        {
            text.push_str(&String::from_utf8_lossy(&stream));
        }
        at = find(start, b"endstream").map_or(pdf.len(), |end| end + 9);
    }
    text
}

#[test]
fn the_pdf_is_tagged_titled_and_in_french() {
    let text = opened(&observatory().deliverable(&format!("{REPORT}.pdf")));
    for part in [
        "/MarkInfo",
        "/StructTreeRoot",
        "/Outlines",
        "/DisplayDocTitle true",
        "pdfuaid:part",
        "pdfaid:part",
    ] {
        assert!(text.contains(part), "`{part}`");
    }
    assert!(text.contains("/Lang(fr-FR)"), "the language");
    // Header cells, and a text in place of each figure.
    assert!(
        text.matches("/S/TH").count() > 40,
        "{}",
        text.matches("/S/TH").count()
    );
    let figures = page(REPORT).html().matches("<figure>").count();
    assert!(figures >= 8);
    assert!(text.matches("/Alt<").count() >= figures);
}

#[test]
fn the_report_says_its_coverage_on_its_first_page() {
    let page = page(REPORT);
    let synthesis = page.html().split("<section").nth(1).unwrap();
    for part in [
        "Périmètre et couverture",
        "Journaux des serveurs fe1, fe2",
        "secret statistique",
    ] {
        assert!(synthesis.contains(part), "`{part}`");
    }
}

#[test]
fn chapters_are_those_of_each_deliverable() {
    let titles = |name: &str| -> Vec<String> {
        let page = page(name);
        let parts = page
            .html()
            .split("-titre\">")
            .skip(1)
            .map(|h| h.split("</h2>").next().unwrap().to_owned());
        parts.filter(|title| !title.contains('<')).collect()
    };
    assert!(titles(REPORT).contains(&"Équité".to_owned()));
    assert!(titles(REPORT).contains(&"Propositions".to_owned()));
    assert!(titles(REPORT).contains(&"Comparaison nationale".to_owned()));
    let costra = titles("costra/2025-2026/costra");
    for chapter in [
        "Synthèse",
        "Usages",
        "Territoires",
        "Services et équipements",
        "Assistance",
        "Feuille de route",
        "Bilan de l’année par axe",
        "Tendances sur trois ans",
        "Décisions demandées",
    ] {
        assert!(costra.contains(&chapter.to_owned()), "{costra:?}");
    }
    // Of the year to come, and of no other.
    let roadmap =
        page("costra/2025-2026/costra").rows("Feuille de route de l’année scolaire 2026-2027");
    assert_eq!(roadmap.len(), 1);
}

#[test]
fn french_typography_holds_everywhere() {
    for name in [
        REPORT,
        "costra/2025-2026/costra",
        "partenaires/departement-59/2025-2026-S1/dossier",
    ] {
        let page = page(name);
        let body = page
            .html()
            .split("<main")
            .nth(1)
            .unwrap()
            .split("<script>")
            .next()
            .unwrap();
        let shown: String = body
            .split('>')
            .filter_map(|part| part.split('<').next())
            .collect::<Vec<_>>()
            .join("\n");
        for wrong in [
            " :", " ;", " ?", " !", " %", "« ", " »", "'", "NaN", "inf ", "None",
        ] {
            let context = shown.split_once(wrong).map(|(before, after)| {
                let before: Vec<char> = before.chars().collect();
                let before: String = before[before.len().saturating_sub(30)..].iter().collect();
                format!(
                    "{before}[{wrong}]{}",
                    after.chars().take(30).collect::<String>()
                )
            });
            assert_eq!(context, None, "{name}");
        }
    }
}

#[test]
fn the_page_asks_nothing_of_the_network() {
    let page = page(REPORT);
    assert!(page.html().contains("default-src 'none'"));
    let links = page.html().replace("http://www.w3.org/", "");
    assert!(!links.contains("http://") && !links.contains("https://"));
    assert_eq!(page.html().matches("<script>").count(), 1);
}

#[test]
fn a_partner_has_its_establishments_and_no_other() {
    let page = page("partenaires/departement-59/2025-2026-S1/dossier");
    let rows = page.rows("Comptes chargés et activés par degré et profil");
    let total = |rows: &[crate::page::Row]| {
        let row = rows
            .iter()
            .find(|(labels, _)| labels == &["Second degré", "Ensemble"])
            .unwrap();
        row.1[0].1.unwrap()
    };
    // The département answers for every collège on its ground, public or private.
    let sql =
        "select count(*) as n from establishments where departement = '59' and type = 'COLLEGE'";
    assert_eq!(
        Some(total(&rows) as i64),
        observatory().sql(sql)[0]["n"].as_i64()
    );
}

/// What a pack says of the region is what the region's report says, at the level of the pack.
#[test]
fn a_pack_has_the_region_beside_its_perimeter() {
    let pack = page("partenaires/departement-59/2025-2026-S1/dossier");
    let rows = pack.rows("Le périmètre à côté de la région académique");
    let usage = observatory().query(
        "usage",
        &["--territory", "32", "--level", "2D", "--role", "all"],
    );
    for (what, name, times) in [
        ("Visites par visiteur", "visits_per_visitor", 1.0),
        ("Visiteurs pour 100 comptes chargés", "active_rate", 100.0),
    ] {
        let row = rows.iter().find(|(labels, _)| labels[1] == what).unwrap();
        let (title, region) = &row.1[1];
        assert_eq!(title, "Région");
        let told = usage[0][name].as_f64().map(|value| value * times);
        assert_eq!(region.is_some(), told.is_some(), "{what}");
        let difference = region.unwrap_or_default() - told.unwrap_or_default();
        assert!(difference.abs() < 1e-9, "{what}: {region:?}, {told:?}");
    }
    let themes: BTreeSet<&str> = rows.iter().map(|(labels, _)| labels[0].as_str()).collect();
    for theme in ["Comptes", "Visites", "Équipements", "Assistance"] {
        assert!(themes.contains(theme), "{themes:?}");
    }
    let shown = rows.iter().filter(|row| row.1[1].1.is_some());
    assert!(shown.count() > 4, "{rows:?}");
}

#[test]
fn the_same_figure_in_the_query_the_page_and_the_csv() {
    let usage = observatory().query(
        "usage",
        &["--territory", "32", "--level", "all", "--role", "all"],
    );
    let visits = usage[0]["visits"].as_f64();
    assert!(visits.is_some(), "{usage:?}");
    let rows = page(REPORT).rows("Visiteurs et visites par degré et profil");
    let row = rows
        .iter()
        .find(|(labels, _)| labels == &["Ensemble", "Ensemble"])
        .unwrap();
    assert_eq!(
        row.1.iter().find(|(name, _)| name == "Visites").unwrap().1,
        visits
    );
    let csv = observatory().deliverable("observatoire/2025-2026-S1/graphiques/departements.csv");
    assert!(csv.starts_with("\u{feff}\"Département\";".as_bytes()));
}

#[test]
fn a_parquet_output_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let lake = observatory().path("lac");
    let output = run(&[
        "query",
        "usage",
        "--period",
        "2025-2026-S1",
        "--lake",
        &lake,
        "--output",
        "parquet",
    ]);
    let path = folder.path().join("usage.parquet");
    std::fs::write(&path, &output.stdout).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let names: Vec<String> = reader
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    assert!(
        names.contains(&"visitors".to_owned()) && names.contains(&"visitors_status".to_owned()),
        "{names:?}"
    );
    let rows: usize = reader
        .build()
        .unwrap()
        .map(|batch| batch.unwrap().num_rows())
        .sum();
    assert_eq!(rows, observatory().query("usage", &[]).len());
    assert!(stdout(&output).starts_with("PAR1"));
}
