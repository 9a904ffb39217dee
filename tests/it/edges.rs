//! Editions that nobody makes a demo of: a school year just begun, a month of logs
//! that is missing, names of eighty characters, a partner with one establishment.

use crate::boxes::faults_of_svg;
use crate::fixture::{configuration, entobs, run, stderr, tree};
use crate::pdf;
use std::fs;
use std::path::Path;

const PERIOD: &str = "2025-2026-S1";
const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60\" height=\"24\"><rect width=\"60\" height=\"24\" fill=\"#0B5D3B\"/></svg>";

/// Names as long as the longest of the official list, and one partner of one school.
fn inputs(root: &Path) -> String {
    let out = root.join("entrees");
    let arguments = [
        "synth",
        "--accounts",
        "250",
        "--from",
        "2025-09-01",
        "--to",
        "2025-10-19",
    ];
    let mut command = entobs(&arguments);
    assert!(
        command
            .arg("--out")
            .arg(&out)
            .output()
            .unwrap()
            .status
            .success()
    );
    let list = out.join("etablissements.csv");
    let text = fs::read_to_string(&list).unwrap();
    let mut lines = text.lines();
    let mut long = format!("{}\n", lines.next().unwrap());
    let mut first = String::new();
    for line in lines {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells[1] = format!(
            "{} intercommunal des métiers du numérique et des arts appliqués Jeanne",
            cells[1]
        );
        assert!(cells[1].chars().count() > 80);
        if first.is_empty() {
            first.clone_from(&cells[0]);
        }
        long += &format!("{}\n", cells.join(","));
    }
    fs::write(&list, long).unwrap();
    let partner = format!(
        "\n[[partner]]\nid = \"une-ecole\"\nname = \"Commune de Villeneuve-sous-les-Bois-et-de-ses-Environs, service des écoles\"\nfrom = 2021-08-01\nuais = [\"{first}\"]\ncolour = \"#0B5D3B\"\nlogo = \"logo.svg\"\n"
    );
    let file = out.join("partenaires.toml");
    let partners = fs::read_to_string(&file).unwrap();
    fs::write(&file, partners + &partner).unwrap();
    fs::write(out.join("logo.svg"), LOGO).unwrap();
    // The second half of September never came.
    for machine in ["fe1", "fe2"] {
        for day in 15..=30 {
            let name = format!("entrees/acces/{machine}/access-202509{day}.log.gz");
            fs::remove_file(root.join(name)).unwrap();
        }
    }
    first
}

#[test]
fn an_edition_of_a_year_just_begun() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    inputs(root);
    let sources = configuration();
    let (sources, _) = sources.split_once("[[report]]").unwrap();
    let config = root.join("observatory.toml");
    fs::write(
        &config,
        format!("{sources}[[report]]\nkind = \"all\"\nperiod = \"{PERIOD}\"\n"),
    )
    .unwrap();
    let (config, key) = (config.to_str().unwrap(), root.join("observatoire.cle"));
    run(&["privacy", "key", "new", "--key", key.to_str().unwrap()]);
    let output = run(&["run", "-c", config]);
    assert!(
        output.status.code() == Some(3) || output.status.success(),
        "{}",
        stderr(&output)
    );
    let made = root.join("sorties");
    let names: Vec<String> = tree(&made).into_iter().map(|(name, _)| name).collect();
    for (kind, name) in [
        ("observatoire", "observatoire"),
        ("coordination", "note"),
        ("assistance", "bulletin"),
        ("coter/departement-59", "fiche"),
        ("partenaires/une-ecole", "dossier"),
        ("partenaires/une-ecole/assistance", "bulletin"),
        ("partenaires/region-academique", "dossier"),
    ] {
        let file = format!("{kind}/{PERIOD}/{name}.pdf");
        assert!(names.contains(&file), "{file}: {}", stderr(&output));
        assert!(names.contains(&format!("{kind}/{PERIOD}/manifest.json")));
    }
    // No school year is over: nothing to tell the strategic committee.
    assert!(!names.iter().any(|name| name.starts_with("costra")));
    assert!(stderr(&output).contains("no COSTRA"), "{}", stderr(&output));
    pdf::check(&pdf::pdfs(&made));
    for (name, bytes) in tree(&made) {
        if name.contains("graphiques/") && name.ends_with(".svg") {
            let svg = std::str::from_utf8(&bytes).unwrap();
            assert_eq!(faults_of_svg(svg), Vec::<String>::new(), "{name}");
        }
    }
    says_what_is_missing(&made);
    wears_its_colour(&made);
}

fn says_what_is_missing(made: &Path) {
    let page = made.join(format!("observatoire/{PERIOD}/observatoire.html"));
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("jours manquent"));
    assert!(page.contains("aucune évolution n’est donnée"));
    let manifest = made.join(format!("coter/departement-59/{PERIOD}/manifest.json"));
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    assert_eq!(manifest["parameters"]["territory"], "departement 59");
    let coverage = &manifest["coverage"][0];
    assert!(coverage["days_received"].as_i64() < coverage["days_expected"].as_i64());
    let access = manifest["inputs"].as_array().unwrap().iter();
    let access = access.filter(|inputs| inputs["kind"] == "access");
    assert_eq!(
        access
            .map(|inputs| inputs["inputs"].as_u64().unwrap())
            .sum::<u64>(),
        2 * (49 - 16)
    );
    for file in manifest["files"].as_array().unwrap() {
        let path = made
            .join(format!("coter/departement-59/{PERIOD}"))
            .join(file["path"].as_str().unwrap());
        assert_eq!(
            fs::metadata(&path).unwrap().len(),
            file["bytes"].as_u64().unwrap(),
            "{}",
            path.display()
        );
    }
}

/// The pages of a partner with a colour of its own differ from those without.
fn wears_its_colour(made: &Path) {
    let of = |partner: &str| {
        fs::read(made.join(format!("partenaires/{partner}/{PERIOD}/dossier.pdf"))).unwrap()
    };
    // #0B5D3B as typst writes a fill.
    let green = "0.043137256 0.3647059 0.23137255";
    let opened = |bytes: &[u8]| crate::deliverables::opened(bytes);
    assert!(opened(&of("une-ecole")).contains(green));
    assert!(!opened(&of("region-academique")).contains(green));
}
