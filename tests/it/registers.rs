//! Registers filled in as people fill them, and the scoreboard of the convention.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

struct Lake {
    folder: tempfile::TempDir,
}

impl Lake {
    fn new() -> Self {
        let lake = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let key = lake.path("key");
        lake.run(&["privacy", "key", "new", "--key", &key]);
        lake
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entobs"));
        command.current_dir(self.folder.path()).args(arguments);
        command.output().unwrap()
    }

    /// Ingests a file under `lac`; returns what was said on standard error.
    fn ingest(&self, kind: &str, name: &str, text: &str, source: &str) -> String {
        let (path, lake, key) = (self.path(name), self.path("lac"), self.path("key"));
        fs::write(&path, text).unwrap();
        let output = self.run(&[
            "ingest", kind, &path, "--source", source, "--lake", &lake, "--key", &key,
        ]);
        String::from_utf8(output.stderr).unwrap()
    }

    fn sql(&self, sql: &str) -> String {
        let lake = self.path("lac");
        let output = self.run(&["sql", sql, "--lake", &lake, "--output", "csv"]);
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The messages that name a row, without the path.
fn faults(said: &str) -> Vec<&str> {
    said.lines()
        .filter_map(|line| Some(&line[line.find(", row ")? + 2..]))
        .collect()
}

fn schools() -> String {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/etablissements.csv");
    fs::read_to_string(samples).unwrap()
}

#[test]
fn each_fault_of_a_row_is_told_by_row_and_column_and_the_others_are_kept() {
    let lake = Lake::new();
    lake.ingest("schools", "ecoles.csv", &schools(), "defaut");
    let uai = lake.sql("select uai from establishments order by uai limit 1");
    let uai = uai.lines().nth(1).unwrap();
    let wrong_letter = match uai.ends_with('A') {
        true => format!("{}B", &uai[..7]),
        false => format!("{}A", &uai[..7]),
    };
    let row = |id: &str, level: &str, hours: &str, schools: &str| {
        format!("{id};2025-10-01;Formation;Enseignants;{level};59;{hours};12;{schools};\n")
    };
    let small = uai.to_lowercase();
    let header = "id;date;type;public;degre;departement;heures;participants;etablissements;bilan\n";
    let text = [
        header.to_owned(),
        row("A1", "1D", "3", uai),
        row("A2", "3D", "3", ""),
        row("A3", "1D", "trois", ""),
        row("A4", "1D", "3", &wrong_letter),
        row("A5", "1D", "3", &format!("{uai}, 0010001W")),
        row("A1", "1D", "3", ""),
        row("", "1D", "3", ""),
        row("A8", "1D", "3", &small),
        row("A9", "1D", "3", "").replace("2025-10-01", "2025-10-1"),
    ];
    let said = lake.ingest("register", "actions.csv", &text.concat(), "actions");
    let expected = [
        "row 2, column `degre`: not one of 1D, 2D, 1D et 2D",
        "row 3, column `heures`: not a whole number",
        "row 4, column `etablissements`: UAI with a wrong letter",
        "row 5, column `etablissements`: UAI that the school list does not have",
        "row 6, column `id`: duplicate id",
        "row 7, column `id`: empty",
        "row 8, column `etablissements`: not a UAI number like 0590001A",
        "row 9, column `date`: not a date like 2025-11-03",
    ];
    assert_eq!(faults(&said), expected, "{said}");
    let kept = "select count(*) as n from registers where field = 'id'";
    assert_eq!(lake.sql(kept), "n\n1\n");
}

#[test]
fn times_partners_and_counts_are_checked() {
    let lake = Lake::new();
    let incidents = "id;nature;perimetre;debut;fin;cause
I1;incident;ENT;2025-09-02T08:00;2025-09-02T07:00;Saturation
I2;panne;ENT;2025-09-02T08:00;2025-09-02T09:00;Saturation
I3;incident;ENT;2025-09-02;2025-09-02T09:00;Saturation
";
    let said = lake.ingest("register", "incidents.csv", incidents, "incidents");
    assert_eq!(
        faults(&said),
        [
            "row 1, column `fin`: end before start",
            "row 2, column `nature`: not one of incident, maintenance",
            "row 3, column `debut`: not a time like 2025-11-03T08:00",
        ]
    );
    let sent = "id;emetteur;debut;fin;profils;etablissements;objet
M1;mairie;2025-11-03;2025-11-14;parents;;x
M2;region;2025-11-03;2025-11-14;tous;;x
M3;region;;2025-11-14;parents;;x
";
    let said = lake.ingest("register", "communications.csv", sent, "communications");
    assert_eq!(
        faults(&said),
        [
            "row 1, column `emetteur`: unknown partner",
            "row 2, column `profils`: not some of eleves, parents, enseignants, personnels",
            "row 3, column `debut`: empty",
        ]
    );
    let surveys = "id;enquete;debut;fin;profil;question;reponse;effectif;repondants;sollicites
E1;B;2025-11-03;2025-11-21;parents;q;oui;12;10;100
E2;B;2025-11-03;2025-11-21;parents;q;oui;10;101;100
";
    let said = lake.ingest("register", "enquetes.csv", surveys, "enquetes");
    assert_eq!(
        faults(&said),
        [
            "row 1, column `effectif`: more answers than respondents",
            "row 2, column `repondants`: more respondents than people asked",
        ]
    );
}

const MEETINGS: &str = "id;instance;date;participants;partenaires
R1;Observatoire;2025-11-20;19;region region-academique
R2;Comité de coordination;2025-12-11;13;
R3;Comité de coordination;2026-04-02;13;
R4;COSTRA;2025-06-12;26;
";

#[test]
fn a_duty_is_done_done_late_late_or_to_come() {
    let lake = Lake::new();
    lake.ingest("register", "reunions.csv", MEETINGS, "reunions");
    let status = |day: &str| {
        let place = lake.path("lac");
        let asked = [
            "convention",
            "status",
            "--at",
            day,
            "--lake",
            &place,
            "--output",
            "csv",
        ];
        let output = lake.run(&asked);
        let text = String::from_utf8(output.stdout).unwrap();
        let rows = text.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(';').collect();
            (
                cells[1].to_owned(),
                cells[3].to_owned(),
                cells[4].to_owned(),
            )
        });
        (output.status.code(), rows.collect::<Vec<_>>())
    };
    let state = |rows: &[(String, String, String)], duty: &str| {
        let found = rows.iter().find(|row| row.0.starts_with(duty)).unwrap();
        (found.1.clone(), found.2.clone())
    };
    let pair = |done: &str, state: &str| (done.to_owned(), state.to_owned());
    // Nothing is due on the first day of the school year.
    let (code, rows) = status("2025-08-01");
    assert_eq!(code, Some(0));
    assert!(rows.iter().all(|row| row.2 == "à venir"), "{rows:?}");
    let (code, rows) = status("2026-06-30");
    assert_eq!((code, rows.len()), (Some(3), 8));
    assert_eq!(
        state(&rows, "Observatoire, première"),
        pair("2025-11-20", "fait")
    );
    assert_eq!(state(&rows, "Observatoire, deuxième"), pair("", "à venir"));
    assert_eq!(
        state(&rows, "Comité de coordination, deuxième"),
        pair("2026-04-02", "fait en retard")
    );
    assert_eq!(
        state(&rows, "Statistiques d’assistance, premier"),
        pair("", "en retard")
    );
    // The committee of the year before does not count.
    assert_eq!(state(&rows, "Comité stratégique"), pair("", "à venir"));
    let (_, rows) = status("2026-07-31");
    assert_eq!(state(&rows, "Comité stratégique"), pair("", "en retard"));
}

#[test]
fn communications_are_held_against_article_5_1() {
    let lake = Lake::new();
    lake.ingest("schools", "ecoles.csv", &schools(), "defaut");
    let of = |condition: &str| {
        let sql = format!("select uai from establishments where {condition} order by uai limit 1");
        lake.sql(&sql).lines().nth(1).map(str::to_owned)
    };
    let own = of("type = 'COLLEGE' and departement = '59'").expect("a collège of the Nord");
    let other = of("type <> 'COLLEGE'").expect("a school of others");
    let sent = format!(
        "id;emetteur;debut;fin;profils;etablissements;objet
M1;departement-59;2025-11-03;2025-11-14;parents;{own};x
M2;departement-59;2025-11-04;2025-11-14;parents;{own} {other};x
M3;departement-59;2025-11-05;2025-11-14;eleves;;x
M4;region-academique;2025-11-05;2025-11-14;eleves;;x
M5;region-academique;2026-11-05;2026-11-14;eleves;;x
"
    );
    let said = lake.ingest("register", "communications.csv", &sent, "communications");
    assert!(faults(&said).is_empty(), "{said}");
    let place = lake.path("lac");
    let output = lake.run(&[
        "query",
        "communications",
        "--period",
        "2025-2026",
        "--lake",
        &place,
        "--output",
        "csv",
    ]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "sender;name;communications;to_pupils_alone;outside_perimeter;against\ndepartement-59;Département du Nord;3;1;1;2\nregion-academique;Région académique Hauts-de-France;1;0;0;0\n"
    );
}
