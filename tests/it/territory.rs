//! The tree, the perimeters at a date, and what `entobs check` finds.

use crate::corpus::corpus;
use crate::fixture::{run, stderr};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new(schools: &str) -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let made = run(&["privacy", "key", "new", "--key", &site.path("key")]);
        assert!(made.status.success());
        site.list(schools);
        site
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn list(&self, schools: &str) {
        self.ingest("schools", &self.write("schools.csv", schools), &[]);
    }

    fn ingest(&self, kind: &str, path: &str, more: &[&str]) {
        let (lake, key) = (self.path("lac"), self.path("key"));
        let mut arguments = vec!["ingest", kind, path, "--lake", &lake, "--key", &key];
        arguments.extend(more);
        let output = run(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
    }

    /// The code and the JSON of a command.
    fn ask(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let lake = self.path("lac");
        let output = run(&[arguments, &["--lake", &lake, "--json"]].concat());
        let value = serde_json::from_slice(&output.stdout);
        (
            output.status.code(),
            value.unwrap_or_else(|_| panic!("{}", stderr(&output))),
        )
    }
}

/// Sums of a column by the values of others.
fn sums(rows: &Value, by: &[&str], column: &str) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let key: Vec<&str> = by.iter().map(|name| row[name].as_str().unwrap()).collect();
        *sums.entry(key.join(" ")).or_default() += row[column].as_i64().unwrap();
    }
    sums
}

/// The official list: the tree has its communes and counts, as lines of the file say.
#[test]
fn the_tree_is_that_of_the_official_list() {
    let Some(list) = corpus("etablissements/referentiel_hdf.csv") else {
        return;
    };
    let text = fs::read_to_string(list).unwrap();
    let site = Site::new(&text);
    let (code, tree) = site.ask(&["territory", "show", "32", "--at", "2025-10-01"]);
    assert_eq!(code, Some(0));
    let (mut schools, mut communes) = (BTreeMap::new(), BTreeSet::new());
    // No cell before the commune holds a comma but names in quotes, which end before.
    for line in text.lines().skip(1) {
        let tail = line.rsplit('"').next().unwrap();
        let cells: Vec<&str> = line[..8].split(',').chain(tail.split(',')).collect();
        let level = cells
            .iter()
            .find(|cell| matches!(**cell, "1D" | "2D"))
            .unwrap();
        let departement = &line[1..3];
        *schools.entry(format!("{departement} {level}")).or_default() += 1_i64;
        let insee = cells
            .iter()
            .position(|cell| matches!(*cell, "Lille" | "Amiens"))
            .unwrap()
            + 1;
        communes.insert(cells[insee].to_owned());
    }
    assert_eq!(
        sums(&tree, &["departement", "level"], "establishments"),
        schools
    );
    assert_eq!(schools.values().sum::<i64>(), 4_214);
    let rows = tree.as_array().unwrap();
    let told: BTreeSet<String> = rows
        .iter()
        .map(|row| row["insee"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(told, communes);
    let (_, nord) = site.ask(&["territory", "show", "59", "--at", "2025-10-01"]);
    let of_nord: i64 = sums(&nord, &["departement"], "establishments")
        .values()
        .sum();
    assert_eq!(of_nord, schools["59 1D"] + schools["59 2D"]);
    let lille = rows.iter().filter(|row| row["insee"] == "59350");
    assert!(lille.clone().count() >= 3);
    assert!(
        lille
            .clone()
            .all(|row| row["commune"].as_str().unwrap().to_uppercase() == "LILLE")
    );
}

const LIST: &str = "uai,nom,degre,type,secteur,departement,commune,en_service_du
0590001A,Un,2D,COLLEGE,public,NORD,LILLE,2024-08-01
0620001B,Deux,1D,ECOLE,public,PAS DE CALAIS,LENS,2026-01-01
0800001C,Trois,2D,LYCEE AGRICOLE,public,SOMME,AMIENS,
0600001D,Quatre,2D,AUTRE,public,OISE,CREIL,
";

const PARTNERS: &str = "
[[partner]]
id = 'region-academique'
name = 'Région académique'
from = 2021-08-01
[[partner]]
id = 'nord'
name = 'Nord'
from = 2021-08-01
types = ['COLLEGE']
departements = ['59']
[[partner]]
id = 'syndicat'
name = 'Syndicat'
from = 2026-01-01
to = 2026-08-01
levels = ['1D']
[[partner]]
id = 'region'
name = 'Région'
from = 2021-08-01
types = ['LYCEE', 'LYCEE AGRICOLE']
[[partner]]
id = 'liste'
name = 'Liste'
from = 2021-08-01
uais = ['0800001C', '0590001A']
sectors = ['public']
academies = ['20']
";

fn configured(site: &Site) -> String {
    site.write("partenaires.toml", PARTNERS);
    site.write(
        "observatory.toml",
        "lake = 'lac'\nkey = 'key'\noutputs = 'out'\npartners = 'partenaires.toml'\n",
    )
}

#[test]
fn a_partner_joins_by_avenant_and_leaves_with_the_school_year() {
    let site = Site::new(LIST);
    let config = configured(&site);
    let partners = |day: &str| {
        let (_, list) = site.ask(&["partners", "list", "--at", day, "-c", &config]);
        sums(&list, &["id"], "establishments")
    };
    let sizes = |pairs: &[(&str, i64)]| {
        let pairs = pairs.iter().map(|(id, n)| ((*id).to_owned(), *n));
        pairs.collect::<BTreeMap<String, i64>>()
    };
    let before = sizes(&[
        ("liste", 1),
        ("nord", 1),
        ("region", 1),
        ("region-academique", 3),
    ]);
    assert_eq!(partners("2025-12-31"), before);
    let mut during = before;
    during.extend(sizes(&[("syndicat", 1), ("region-academique", 4)]));
    assert_eq!(partners("2026-01-01"), during);
    assert_eq!(partners("2026-07-31"), during);
    assert!(!partners("2026-08-01").contains_key("syndicat"));
}

/// The whole region covers all, which says nothing of what the others leave out.
#[test]
fn coverage_tells_who_is_in_no_perimeter_and_who_in_several() {
    let site = Site::new(LIST);
    let config = configured(&site);
    let check = |day: &str| {
        let (code, rows) = site.ask(&["partners", "check", "--at", day, "-c", &config]);
        let rows = rows.as_array().unwrap().iter().map(|row| {
            json!([
                row["perimeters"],
                row["partners"],
                row["example"],
                row["establishments"]
            ])
        });
        (code, Value::from_iter(rows))
    };
    let (code, rows) = check("2025-12-31");
    assert_eq!(code, Some(3));
    assert_eq!(
        rows,
        json!([
            [0, "", "0620001B", 1],
            [0, "", "0600001D", 1],
            [1, "nord", "0590001A", 1],
            [2, "liste + region", "0800001C", 1]
        ])
    );
    let (_, rows) = check("2026-02-01");
    assert_eq!(rows[0], json!([0, "", "0600001D", 1]));
    assert_eq!(rows[2], json!([1, "syndicat", "0620001B", 1]));
}

/// Labels of official files differ; the département is that of the code.
#[test]
fn a_school_that_changes_its_label_of_departement_stays_where_it_is() {
    let site = Site::new(LIST);
    let tree = || {
        site.ask(&["territory", "show", "59", "--at", "2025-10-01"])
            .1
    };
    let before = tree();
    assert_eq!(before[0]["establishments"], 1);
    site.list(&LIST.replace("NORD", "Hauts de France - 059"));
    assert_eq!(tree(), before);
}

#[test]
fn check_finds_what_was_planted_and_says_well_otherwise() {
    let site = Site::new(LIST);
    let (code, findings) = site.ask(&["check"]);
    assert_eq!(code, Some(3), "two of the letters are wrong: {findings}");
    assert!(!findings["wrong_letters"].as_array().unwrap().is_empty());
    let right = "uai,nom,degre,type,secteur,commune\n0020002S,Un,2D,COLLEGE,public,LAON\n";
    site.list(right);
    let (code, findings) = site.ask(&["check"]);
    assert_eq!(code, Some(0), "{findings}");
    let entry = |category: &str, kind: &str, id: u32, attributes: &str| {
        format!(
            "<addRequest><operationalAttributes><attr name=\"categorie{kind}\"><value>{category}</value></attr></operationalAttributes><identifier><id>{id}</id></identifier><attributes>{attributes}</attributes></addRequest>"
        )
    };
    let attribute =
        |name: &str, value: &str| format!("<attr name=\"{name}\"><value>{value}</value></attr>");
    fs::create_dir(site.path("aaf")).unwrap();
    let document = |kind: &str, body: String| {
        site.write(
            &format!("aaf/ENT_Complet_20250916_{kind}_0000.xml"),
            &format!("<ficAlimMENESR>{body}</ficAlimMENESR>"),
        );
    };
    let unlisted = attribute("ENTStructureUAI", "0020098W");
    document(
        "EtabEducNat",
        entry("EtabEducNat", "Structure", 1, &unlisted),
    );
    let functions = attribute("ENTPersonFonctions", "1$XYZ$INCONNUE$-$-");
    let nowhere = attribute("ENTPersonStructRattach", "77");
    document(
        "PersEducNat",
        [
            entry("PersEducNat", "Personne", 5, &functions),
            entry("PersEducNat", "Personne", 6, &nowhere),
        ]
        .concat(),
    );
    site.ingest("directory", &site.path("aaf"), &["--source", "amiens"]);
    let line = |id: &str| {
        format!(
            "192.0.2.1 - {id} [01/Oct/2025:10:00:00 +0200] \"GET /timeline/timeline HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 Firefox/1\"\n"
        )
    };
    let log = site.write(
        "a.log",
        &[
            line("amiens-5"),
            line("amiens-9"),
            line("amiens-5"),
            line("amiens-5"),
        ]
        .concat(),
    );
    site.ingest("access", &log, &["--format", "combined", "--source", "fe1"]);
    let (code, findings) = site.ask(&["check"]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings,
        json!({
            "unknown_accounts": [{"day": "2025-10-01", "front_end": "fe1", "requests": 4, "unknown": 1, "share": 0.25}],
            "unknown_establishments": [{"uai": "0020098W", "name": "", "visits": 1, "share": 0.5}],
            "unnamed_structures": [{"source": "amiens", "structure": "77", "accounts": 1}],
            "unplaced_accounts": [{"role": "staff", "accounts": 2, "unplaced": 1}],
            "wrong_letters": [],
            "unmapped": [{"kind": "directory", "what": "unmapped function XYZ", "rows": 1}]
        })
    );
}
