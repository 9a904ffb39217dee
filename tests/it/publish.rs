//! `entobs publish`: drafts become an edition, or the list of what stops it.

use crate::fixture::{PERIOD, observatory, run, stderr, stdout, tree};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The fixture's data are of seven weeks of the semester.
const YOUNG: &str = "[publication]\nleast_received = 0.1\nmost_silent_minutes = 1000\n";

/// A lake and its drafts, to be published from.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["lac", "sorties"] {
            for (file, bytes) in tree(&observatory().root.join(name)) {
                let path = folder.path().join(name).join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
        let desk = Self { folder };
        desk.configure(YOUNG);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn configure(&self, more: &str) {
        let text = fs::read_to_string(observatory().root.join("observatory.toml")).unwrap();
        let inputs = observatory().path("entrees/");
        let text = text.replace("\"entrees/", &format!("\"{inputs}"));
        fs::write(self.path("observatory.toml"), format!("{text}\n{more}")).unwrap();
    }

    fn publish(&self, options: &[&str]) -> Output {
        let (drafts, config) = (self.text("sorties"), self.text("observatory.toml"));
        let mut arguments = vec!["publish", &drafts, "-c", &config, "--at", "2026-02-10"];
        arguments.extend(options);
        run(&arguments)
    }

    fn edition(&self, number: u32) -> (Vec<u8>, Value) {
        let path = self.path(&format!("lac/editions/{number:04}/edition.json"));
        let bytes = fs::read(path).unwrap();
        let record = serde_json::from_slice(&bytes).unwrap();
        (bytes, record)
    }

    fn report(&self, out: &str) {
        let (config, out) = (self.text("observatory.toml"), self.text(out));
        let done = run(&[
            "report",
            "observatory",
            "--period",
            PERIOD,
            "-c",
            &config,
            "--out",
            &out,
        ]);
        assert!(done.status.success(), "{}", stderr(&done));
    }
}

fn digest(path: &Path) -> String {
    let sum = Sha256::digest(fs::read(path).unwrap());
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_edition_is_recorded_and_binds_the_next_one() {
    let desk = Desk::new();
    let done = desk.publish(&["--dry-run"]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}{}",
        stdout(&done),
        stderr(&done)
    );
    assert!(!desk.path("lac/editions").exists());
    let done = desk.publish(&["--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&told["edition"], &told["deliverables"]),
        (&1.into(), &3.into())
    );
    let (bytes, record) = desk.edition(1);
    for deliverable in record["deliverables"].as_array().unwrap() {
        let folder = deliverable["folder"].as_str().unwrap();
        let manifest = desk.path(&format!("sorties/{folder}/manifest.json"));
        assert_eq!(deliverable["manifest"], digest(&manifest).as_str());
        let kept = desk.path(&format!("lac/editions/0001/tables/{folder}/manifest.json"));
        assert_eq!(deliverable["manifest"], digest(&kept).as_str());
    }
    // What was decided is decided the same way again.
    desk.report("encore");
    let again = tree(&desk.path(&format!("encore/observatoire/{PERIOD}")));
    assert_eq!(
        again,
        tree(&desk.path(&format!("sorties/observatoire/{PERIOD}")))
    );
    // The next edition names the first one, which cannot be changed unseen.
    assert_eq!(desk.publish(&[]).status.code(), Some(0));
    let (_, second) = desk.edition(2);
    let first: String = Sha256::digest(&bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(second["previous"], first.as_str());
    let changed = String::from_utf8(bytes)
        .unwrap()
        .replace("2026-02-10", "2026-02-11");
    fs::write(desk.path("lac/editions/0001/edition.json"), changed).unwrap();
    let done = desk.publish(&[]);
    assert_eq!(done.status.code(), Some(1));
    assert!(stderr(&done).contains("edition 0001"), "{}", stderr(&done));
}

#[test]
fn changed_drafts_and_told_secrets_are_refused() {
    let desk = Desk::new();
    let table = format!("sorties/observatoire/{PERIOD}/donnees/01-perimetre.csv");
    let text = fs::read_to_string(desk.path(&table)).unwrap();
    let line = text.lines().find(|line| line.ends_with("\"\"")).unwrap();
    let mut cells: Vec<&str> = line.split(';').collect();
    cells[3] = "3";
    fs::write(desk.path(&table), text.replace(line, &cells.join(";"))).unwrap();
    fs::write(
        desk.path(&format!("sorties/observatoire/{PERIOD}/notes.txt")),
        "?",
    )
    .unwrap();
    let done = desk.publish(&[]);
    let said = stdout(&done);
    assert_eq!(done.status.code(), Some(4), "{said}{}", stderr(&done));
    assert!(
        said.contains("donnees/01-perimetre.csv a été modifié"),
        "{said}"
    );
    assert!(
        said.contains("notes.txt n’est pas dans le manifeste"),
        "{said}"
    );
    assert!(said.contains("secret statistique : "), "{said}");
    assert!(!desk.path("lac/editions").exists());
}

#[test]
fn a_note_answers_for_missing_days_once_it_is_printed() {
    let desk = Desk::new();
    fs::remove_dir_all(desk.path("sorties")).unwrap();
    desk.report("sorties");
    let strict = "[publication]\nmost_silent_minutes = 1000\n";
    desk.configure(strict);
    let done = desk.publish(&[]);
    let said = stdout(&done);
    assert_eq!(done.status.code(), Some(4), "{said}{}", stderr(&done));
    assert!(
        said.contains("complétude : ") && said.contains("jours reçus"),
        "{said}"
    );
    desk.configure(&format!(
        "{strict}[[note]]\nperiod = '{PERIOD}'\nby = 'Direction du numérique éducatif'\nat = '2026-02-09'\ntext = 'Les journaux du 6 octobre ne viendront plus.'\n"
    ));
    // The drafts do not print it yet.
    assert_eq!(desk.publish(&[]).status.code(), Some(4));
    desk.report("sorties");
    let done = desk.publish(&[]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}{}",
        stdout(&done),
        stderr(&done)
    );
    let (_, record) = desk.edition(1);
    assert_eq!(record["notes"][0]["by"], "Direction du numérique éducatif");
    let page = desk.path(&format!("sorties/observatoire/{PERIOD}/observatoire.html"));
    let page = fs::read_to_string(page).unwrap();
    let told = page.split("Réserve (").nth(1).expect("the note is printed");
    assert!(told.contains("ne viendront plus"), "{:?}", told.get(..300));
}
