//! Directories over time: who is where, from when to when.

use crate::corpus::corpus;
use crate::fixture::{run, stderr};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let made = run(&["privacy", "key", "new", "--key", &site.path("key")]);
        assert!(made.status.success());
        site
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file that ends where a whole one does.
    fn file(&self, name: &str, entries: &[String]) -> String {
        let path = self.path(name);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(&path, document(entries)).unwrap();
        path
    }

    fn ingest(&self, kind: &str, paths: &[&str], more: &[&str]) -> Output {
        let (lake, key) = (self.path("lac"), self.path("key"));
        let mut arguments = vec!["ingest", kind, "--lake", &lake, "--key", &key, "--json"];
        arguments.extend(paths);
        arguments.extend(more);
        run(&arguments)
    }

    /// Ingests deliveries of Lille, well or with rejects.
    fn deliver(&self, paths: &[&str]) -> Value {
        let output = self.ingest("directory", paths, &["--source", "lille"]);
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{}",
            stderr(&output)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a delivery that is not taken is told.
    fn refused(&self, path: &str) -> String {
        let output = self.ingest("directory", &[path], &["--source", "lille"]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        stderr(&output)
    }

    fn sql(&self, sql: &str) -> Value {
        let output = run(&["sql", sql, "--lake", &self.path("lac"), "--output", "json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Role, establishment and number of accounts on a day.
    fn on(&self, day: &str) -> Value {
        self.sql(&format!(
            "select role, uai, count(distinct account) as n from account_places
             where valid_from <= date '{day}' and valid_to > date '{day}'
             group by role, uai order by role, uai"
        ))
    }
}

fn document(entries: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n<ficAlimMENESR>\n{}</ficAlimMENESR>\n",
        entries.concat()
    )
}

fn entry(tag: &str, category: &str, id: u32, within: &str, attributes: &[(&str, &str)]) -> String {
    let attribute = match within {
        "attributes" => "attr",
        _ => "modification",
    };
    let given = attributes.iter().map(|(name, values)| {
        let values = values
            .split(' ')
            .map(|value| format!("<value>{value}</value>"));
        let values: String = values.collect();
        format!("<{attribute} name=\"{name}\" operation=\"replace\">{values}</{attribute}>")
    });
    let given: String = given.collect();
    let kind = match category {
        "EtabEducNat" => "Structure",
        _ => "Personne",
    };
    format!(
        "<{tag}><operationalAttributes><attr name=\"categorie{kind}\"><value>{category}</value></attr></operationalAttributes><identifier><id>{id}</id></identifier><{within}>{given}</{within}></{tag}>\n"
    )
}

fn add(category: &str, id: u32, attributes: &[(&str, &str)]) -> String {
    entry("addRequest", category, id, "attributes", attributes)
}

fn modify(category: &str, id: u32, attributes: &[(&str, &str)]) -> String {
    entry("modifyRequest", category, id, "modifications", attributes)
}

fn delete(category: &str, id: u32) -> String {
    entry("deleteRequest", category, id, "attributes", &[])
}

fn school(id: u32, uai: &str) -> String {
    add(
        "EtabEducNat",
        id,
        &[
            ("ENTStructureUAI", uai),
            ("ENTStructureTypeStruct", "COLLEGE"),
        ],
    )
}

fn pupil(id: u32, structure: &str, parents: &str) -> String {
    let attached = ("ENTPersonStructRattach", structure);
    add("Eleve", id, &[attached, ("ENTElevePersRelEleve", parents)])
}

const NORTH: &str = "0590001A";
const SOUTH: &str = "0620001B";

/// Two collèges, two pupils with a parent each, a teacher in both.
fn september(site: &Site) -> String {
    let name = |kind: &str| format!("sept/ENT2D_Complet_20250916_{kind}_0000.xml");
    site.file(&name("EtabEducNat"), &[school(1, NORTH), school(2, SOUTH)]);
    let pupils = [
        pupil(11, "1", "21$2$1$1$0$0"),
        pupil(12, "1", "22$1$1$1$0$0"),
    ];
    site.file(&name("Eleve"), &pupils);
    site.file(
        &name("PersRelEleve"),
        &[add("PersRelEleve", 21, &[]), add("PersRelEleve", 22, &[])],
    );
    let functions = ("ENTPersonFonctions", "1$ENS$X$-$-");
    let both = [
        ("ENTPersonStructRattach", "1"),
        ("ENTPersonFonctions", "1$ENS$X$-$- 2$ENS$X$-$-"),
    ];
    let staff = [
        add("PersEducNat", 31, &both),
        add("PersEducNat", 32, &[functions]),
    ];
    site.file(&name("PersEducNat"), &staff);
    site.path("sept")
}

fn row(role: &str, uai: &str, n: u32) -> Value {
    json!({"role": role, "uai": uai, "n": n})
}

#[test]
fn a_delta_moves_adds_and_deletes() {
    let site = Site::new();
    let complete = september(&site);
    let pupils = [
        modify(
            "Eleve",
            11,
            &[("ENTPersonStructRattach", "2"), ("ENTEleveNiveau", "")],
        ),
        delete("Eleve", 12),
        pupil(13, "2", "22$1$1$1$0$0"),
    ];
    let delta = site.file("ENT2D_Delta_20251103_Eleve_0000.xml", &pupils);
    let message = site.refused(&delta);
    assert!(
        message.contains("Complet") && message.contains("ENT2D_Delta_20251103"),
        "{message}"
    );
    site.deliver(&[&complete]);
    let counts = site.deliver(&[&delta]);
    assert_eq!(
        (&counts["kept"], &counts["rejected"]),
        (&json!(3), &json!({}))
    );
    let staff = site.file(
        "ENT2D_Delta_20251110_PersEducNat_0000.xml",
        &[modify(
            "PersEducNat",
            31,
            &[("ENTPersonFonctions", "2$DIR$X$-$-")],
        )],
    );
    site.deliver(&[&staff]);
    let teachers = [row("teacher", NORTH, 2), row("teacher", SOUTH, 1)];
    let before = [row("parent", NORTH, 2), row("student", NORTH, 2)];
    assert_eq!(
        site.on("2025-08-20"),
        json!([before.clone(), teachers.clone()].concat())
    );
    assert_eq!(
        site.on("2025-11-02"),
        json!([before, teachers.clone()].concat())
    );
    // The parent of the pupil who left has another child now, in the south.
    let after = [row("parent", SOUTH, 2), row("student", SOUTH, 2)];
    assert_eq!(
        site.on("2025-11-03"),
        json!([after.clone(), teachers].concat())
    );
    // The teacher became head of the south, still attached to the north.
    let staff = [
        row("staff", NORTH, 1),
        row("staff", SOUTH, 1),
        row("student", SOUTH, 2),
        row("teacher", NORTH, 1),
    ];
    assert_eq!(
        site.on("2026-01-10"),
        json!([&after[..1], &staff[..]].concat())
    );
    // The next complete delivery says who is there, whatever changed before.
    site.file(
        "jan/ENT2D_Complet_20260126_Eleve_0000.xml",
        &[pupil(12, "1", ""), pupil(13, "2", "")],
    );
    site.deliver(&[&site.path("jan")]);
    let pupils = site.on("2026-01-26");
    assert!(
        pupils
            .as_array()
            .unwrap()
            .contains(&row("student", NORTH, 1)),
        "{pupils}"
    );
    assert!(
        pupils
            .as_array()
            .unwrap()
            .contains(&row("student", SOUTH, 1)),
        "{pupils}"
    );
    assert_eq!(
        site.on("2026-01-25"),
        json!([&after[..1], &staff[..]].concat())
    );
}

#[test]
fn a_visit_is_where_its_account_was_on_its_day() {
    let site = Site::new();
    site.deliver(&[&september(&site)]);
    site.file(
        "jan/ENT2D_Complet_20260112_Eleve_0000.xml",
        &[pupil(11, "2", "21$2$1$1$0$0"), pupil(14, "2", "")],
    );
    // One pupil moved in the middle of the semester, one left, one came.
    site.deliver(&[&site.path("jan")]);
    let line = |id: u32, day: &str| {
        format!(
            "192.0.2.1 - lille-{id} [{day}:10:00:00 +0100] \"GET /timeline/timeline HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 Firefox/1\"\n"
        )
    };
    let lines: String = [11, 12, 21]
        .iter()
        .flat_map(|id| ["09/Jan/2026", "12/Jan/2026"].map(|day| line(*id, day)))
        .collect();
    let log = site.path("a.log");
    fs::write(&log, lines).unwrap();
    let read = site.ingest("access", &[&log], &["--format", "combined"]);
    assert!(read.status.success(), "{}", stderr(&read));
    let places = "select cast(day as text) as day, role, uai, count(*) as n from visit_places group by day, role, uai order by day, role";
    let at = |day: &str, role: &str, uai: Value, n: u32| json!({"day": day, "role": role, "uai": uai, "n": n});
    let january = json!([
        at("2026-01-09", "parent", json!(NORTH), 1),
        at("2026-01-09", "student", json!(NORTH), 2),
        at("2026-01-12", "parent", json!(SOUTH), 1),
        at("2026-01-12", "student", json!(SOUTH), 1),
        at("2026-01-12", "unknown", Value::Null, 1)
    ]);
    assert_eq!(site.sql(places), january);
    // A corrected directory of that day: the second pupil had not left. No log is read again.
    let corrected = [
        pupil(11, "2", "21$2$1$1$0$0"),
        pupil(12, "2", ""),
        pupil(14, "2", ""),
    ];
    site.file("jan/ENT2D_Complet_20260112_Eleve_0000.xml", &corrected);
    site.deliver(&[&site.path("jan")]);
    let places = site.sql(places);
    assert_eq!(places[3], at("2026-01-12", "student", json!(SOUTH), 2));
    assert_eq!(places.as_array().unwrap().len(), 4, "{places}");
}

#[test]
fn the_same_delivery_again_changes_nothing_and_a_cut_one_neither() {
    let site = Site::new();
    let complete = september(&site);
    let first = site.deliver(&[&complete]);
    assert_eq!((&first["read"], &first["kept"]), (&json!(8), &json!(8)));
    let lake = || {
        let files = crate::fixture::tree(Path::new(&site.path("lac")));
        files
            .into_iter()
            .filter(|(name, _)| !name.starts_with("marts"))
            .collect::<Vec<_>>()
    };
    let before = lake();
    let again = site.deliver(&[&complete]);
    assert_eq!(
        (&again["kept"], &again["duplicates"]),
        (&json!(0), &json!(8))
    );
    assert!(lake() == before, "the lake did not change");
    // The same files in an archive are the same delivery.
    let archive = zipped(Path::new(&complete), &site.path("delivery.zip"));
    assert_eq!(site.deliver(&[&archive])["duplicates"], json!(8));
    // A set with one cut file is refused whole, and the message says where.
    let name = |kind: &str| format!("jan/ENT2D_Complet_20260126_{kind}_0000.xml");
    site.file(&name("Eleve"), &[pupil(11, "2", ""), pupil(12, "2", "")]);
    let cut = site.file(
        &name("PersEducNat"),
        &[add("PersEducNat", 31, &[("sn", "SECRETNAME")])],
    );
    let text = fs::read(&cut).unwrap();
    fs::write(&cut, &text[..text.len() - 40]).unwrap();
    let message = site.refused(&site.path("jan"));
    for part in ["ENT2D_Complet_20260126_PersEducNat", ", byte ", "hint:"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!message.contains("SECRETNAME"), "{message}");
    assert!(lake() == before, "nothing of it was kept");
}

fn zipped(folder: &Path, path: &str) -> String {
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(&fs::read(&file).unwrap()).unwrap();
    }
    archive.finish().unwrap();
    path.to_owned()
}

#[test]
fn a_delivery_of_half_the_people_is_refused_until_confirmed() {
    let site = Site::new();
    site.deliver(&[&september(&site)]);
    let few = site.file(
        "ENT2D_Complet_20260126_Eleve_0000.xml",
        &[pupil(11, "1", "")],
    );
    let message = site.refused(&few);
    assert!(
        message.contains("1 entries (student)") && message.contains("--accept-shrinking"),
        "{message}"
    );
    let here = [
        row("parent", NORTH, 2),
        row("student", NORTH, 2),
        row("teacher", NORTH, 2),
        row("teacher", SOUTH, 1),
    ];
    assert_eq!(site.on("2026-01-26"), json!(here));
    let taken = site.ingest(
        "directory",
        &[&few],
        &["--source", "lille", "--accept-shrinking"],
    );
    assert!(taken.status.success(), "{}", stderr(&taken));
    let pupils = site.on("2026-01-26");
    assert!(
        pupils
            .as_array()
            .unwrap()
            .contains(&row("student", NORTH, 1)),
        "{pupils}"
    );
    // What is not a person or a school is no finding; replacement zones are no schools.
    let zone = add(
        "EtabEducNat",
        3,
        &[
            ("ENTStructureUAI", "0590002B"),
            ("ENTStructureTypeStruct", "SANS&#32;OBJET"),
        ],
    );
    site.file(
        "zone/ENT2D_Complet_20260126_EtabEducNat_0000.xml",
        &[school(1, NORTH), school(2, SOUTH), zone],
    );
    let output = site.ingest("directory", &[&site.path("zone")], &["--source", "lille"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts["rejected"], json!({"not_a_school": 1}));
}

/// A teacher of a school of the first degree and of a collège is told by two feeds
/// under one key; the same key in another académie is somebody else.
#[test]
fn feeds_of_one_academie_share_keys_and_two_academies_do_not() {
    let site = Site::new();
    site.deliver(&[&september(&site)]);
    let primary = add(
        "EtabEducNat",
        91,
        &[
            ("ENTStructureUAI", "0599998Z"),
            ("ENTStructureTypeStruct", "ECOLE"),
        ],
    );
    site.file("1d/ENT1D_Complet_20250920_EtabEducNat_0000.xml", &[primary]);
    let function = [("ENTPersonFonctions", "91$DIR$X$-$-")];
    let parent = [
        ("ENTPersonStructRattach", "91"),
        ("ENTEleveAutoriteParentale", "21 31"),
    ];
    site.file(
        "1d/ENT1D_Complet_20250920_PersEducNat_0000.xml",
        &[add("PersEducNat", 31, &function)],
    );
    site.file(
        "1d/ENT1D_Complet_20250920_Eleve_0000.xml",
        &[add("Eleve", 41, &parent)],
    );
    site.file(
        "1d/ENT1D_Complet_20250920_PersRelEleve_0000.xml",
        &[add("PersRelEleve", 21, &[])],
    );
    site.deliver(&[&site.path("1d")]);
    // One account, a teacher though the other feed says staff, and parent of a pupil.
    assert_eq!(
        site.on("2025-10-01"),
        json!([
            row("parent", NORTH, 2),
            row("parent", "0599998Z", 1),
            row("student", NORTH, 2),
            row("student", "0599998Z", 1),
            row("teacher", NORTH, 2),
            row("teacher", "0599998Z", 1),
            row("teacher", SOUTH, 1)
        ])
    );
    let overlaps = "select count(*) as n from account_periods a join account_periods b on a.account = b.account and a.school_year = b.school_year and a.valid_from < b.valid_from and b.valid_from < a.valid_to";
    assert_eq!(site.sql(overlaps), json!([{"n": 0}]));
    let accounts = site.sql("select count(distinct account) as n from account_periods");
    let other = site.ingest("directory", &[&site.path("sept")], &["--source", "amiens"]);
    assert!(other.status.success(), "{}", stderr(&other));
    let more = site.sql("select count(distinct account) as n from account_periods");
    assert_eq!(
        more[0]["n"].as_u64().unwrap(),
        accounts[0]["n"].as_u64().unwrap() + 6
    );
}

/// A set of the corpus as it is delivered, and what a second program (a few lines of
/// Python over the same files) counts in it.
struct Expected {
    set: &'static str,
    /// Entries read; what is neither a person nor a school.
    read: (u64, u64),
    /// Accounts by role, in the order of their names.
    roles: Value,
    /// Role, establishment, accounts.
    places: &'static [(&'static str, &'static str, u32)],
    /// Members of the staff in more than one structure.
    in_several: u32,
}

fn expected() -> [Expected; 5] {
    let of = |role: &str, n: u32| json!({"role": role, "n": n});
    [
        Expected {
            set: "aaf2d-2013",
            read: (159, 110),
            roles: json!([
                of("parent", 24),
                of("staff", 9),
                of("student", 12),
                of("teacher", 4)
            ]),
            places: &[],
            in_several: 12,
        },
        Expected {
            set: "aaf2d-2020",
            read: (2, 0),
            roles: json!([of("student", 1)]),
            places: &[],
            in_several: 0,
        },
        Expected {
            set: "aaf1d-synthetic",
            read: (8, 0),
            roles: json!([of("parent", 2), of("student", 2), of("teacher", 2)]),
            places: &[
                ("parent", "0599998Z", 1),
                ("parent", "0599999A", 2),
                ("student", "0599998Z", 1),
                ("student", "0599999A", 2),
                ("teacher", "0599998Z", 1),
                ("teacher", "0599999A", 2),
            ],
            in_several: 1,
        },
        Expected {
            set: "aaf2d-2024/before",
            read: (3, 0),
            roles: json!([of("teacher", 2)]),
            places: &[("teacher", "0123456A", 2)],
            in_several: 0,
        },
        Expected {
            set: "aaf2d-2024/after",
            read: (3, 0),
            roles: json!([of("staff", 1), of("teacher", 2)]),
            places: &[],
            in_several: 0,
        },
    ]
}

#[test]
fn sets_of_the_corpus_count_as_a_second_program_counts_them() {
    for expected in expected() {
        let Some(set) = corpus(&format!("aaf/{}", expected.set)) else {
            continue;
        };
        let site = Site::new();
        let counts = site.deliver(&[set.to_str().unwrap()]);
        let (read, passed_over) = expected.read;
        assert_eq!(counts["read"], read, "{}", expected.set);
        assert_eq!(counts["kept"], read - passed_over, "{}", expected.set);
        let roles = "select role, count(distinct account) as n from account_periods group by role order by role";
        assert_eq!(site.sql(roles), expected.roles, "{}", expected.set);
        let places = "select role, uai, count(distinct account) as n from account_places where uai is not null group by role, uai order by role, uai";
        let wanted: Vec<Value> = expected
            .places
            .iter()
            .map(|(role, uai, n)| row(role, uai, *n))
            .collect();
        assert_eq!(site.sql(places), json!(wanted), "{}", expected.set);
        let several = "select count(*) as n from (select account from attachments where category = 'staff' group by account having count(distinct structure) > 1)";
        assert_eq!(
            site.sql(several),
            json!([{"n": expected.in_several}]),
            "{}",
            expected.set
        );
    }
}

/// The set of 2024 corrected under the same name: one person more, the school stays told.
#[test]
fn a_corrected_set_of_the_corpus_takes_the_place_of_the_first() {
    let (Some(before), Some(after)) = (
        corpus("aaf/aaf2d-2024/before"),
        corpus("aaf/aaf2d-2024/after"),
    ) else {
        return;
    };
    let site = Site::new();
    site.deliver(&[before.to_str().unwrap()]);
    site.deliver(&[after.to_str().unwrap()]);
    let here = [row("staff", "0123456A", 1), row("teacher", "0123456A", 2)];
    assert_eq!(site.on("2024-10-01"), json!(here));
}

/// One pupil changes class, one is deleted, one added: with the names that the feed of the
/// complete set has.
#[test]
fn the_delta_of_the_corpus_applies_to_its_set() {
    let (Some(set), Some(delta)) = (corpus("aaf/aaf2d-2013"), corpus("aaf/delta-synthetic")) else {
        return;
    };
    let site = Site::new();
    let delta = fs::read(delta.join("ENT_Delta_20240917_Eleve_0000.xml")).unwrap();
    let path = site.path("FULL_ENTTSSERVICES_Delta_20130205_Eleve_0000.xml");
    fs::write(&path, delta).unwrap();
    site.deliver(&[set.to_str().unwrap()]);
    assert_eq!(site.deliver(&[&path])["kept"], 3);
    let there = |day: &str| {
        site.sql(&format!("select count(*) as n from account_periods where role = 'student' and valid_from <= date '{day}' and valid_to > date '{day}'"))
    };
    assert_eq!(there("2013-02-04"), json!([{"n": 12}]));
    assert_eq!(there("2013-02-05"), json!([{"n": 12}]));
    let changed = site.sql("select count(*) as n from account_periods where valid_from = date '2013-02-05' or valid_to = date '2013-02-05'");
    assert_eq!(changed, json!([{"n": 2}]));
}

const EXPORT: &str = "id;externalId;lastName;type;UAI;functions;relatives\n\
    u11;lille-11;SECRETNAME;Student;0590001A;;lille-21\n\
    u12;lille-12;SECRETNAME;Student;0590001A;;22\n\
    u21;lille-21;SECRETNAME;Relative;;;\n\
    u22;lille-22;SECRETNAME;Relative;;;\n\
    u31;31;SECRETNAME;Teacher;0590001A|0620001B;ENS;\n\
    u32;lille-32;SECRETNAME;Teacher;0590001A;ENS;\n";
const MAP: [&str; 10] = [
    "--columns",
    "key=externalId",
    "--columns",
    "profile=type",
    "--columns",
    "uai=UAI",
    "--columns",
    "parents=relatives",
    "--source",
    "lille",
];

/// The people of [`september`] as the platform exports them.
#[test]
fn a_table_of_accounts_tells_what_the_xml_tells() {
    let (xml, table) = (Site::new(), Site::new());
    fs::copy(xml.path("key"), table.path("key")).unwrap();
    xml.deliver(&[&september(&xml)]);
    let name = table.path("PLATEFORME_Complet_20250916_Comptes.csv");
    fs::write(&name, EXPORT).unwrap();
    let output = table.ingest("directory", &[&name], &MAP);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["read"], &told["kept"]), (&json!(6), &json!(6)));
    let places = "select account, role, uai, valid_from, valid_to from account_places
        order by account, uai";
    assert_eq!(table.sql(places), xml.sql(places));
    let again = table.ingest("directory", &[&name], &MAP);
    let told: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&told["kept"], &told["duplicates"]), (&json!(0), &json!(6)));
}

/// With the right map, the same file takes the place of what the wrong one told.
#[test]
fn a_corrected_map_of_columns_takes_the_place_of_the_wrong_one() {
    let site = Site::new();
    let name = site.path("PLATEFORME_Complet_20250916_Comptes.csv");
    fs::write(
        &name,
        format!("{EXPORT}u40;;SECRETNAME;Teacher;0590001A;;\nu41;41\n"),
    )
    .unwrap();
    let wrong = [&MAP[..4], &MAP[6..]].concat();
    site.ingest("directory", &[&name], &wrong);
    assert_eq!(site.on("2025-10-01")[0]["uai"], Value::Null);
    let output = site.ingest("directory", &[&name], &MAP);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rejected = json!({ "cells": 1, "no_join_key": 1 });
    assert_eq!((&told["read"], &told["rejected"]), (&json!(8), &rejected));
    let expected = json!([row("parent", NORTH, 2), row("student", NORTH, 2)]);
    let rows = site.on("2025-10-01");
    assert_eq!(json!(rows.as_array().unwrap()[..2]), expected);
}

#[test]
fn a_table_without_its_columns_is_refused() {
    let site = Site::new();
    let name = site.path("PLATEFORME_Complet_20250916_Comptes.csv");
    fs::write(&name, EXPORT).unwrap();
    let message = site.refused(&name);
    assert!(
        message.contains("no column `key`") && message.contains("hint:"),
        "{message}"
    );
    assert!(!message.contains("SECRETNAME"));
    let changes = site.path("PLATEFORME_Delta_20250917_Comptes.csv");
    fs::write(&changes, EXPORT).unwrap();
    assert!(site.refused(&changes).contains("tells who is there"));
}
