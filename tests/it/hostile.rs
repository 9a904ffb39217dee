//! Inputs that somebody made to do harm: each is refused or read for what it is,
//! in bounded time and memory, and says which it was.

use crate::fixture::{entobs, run, stderr, stdout};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        let made = run(&["privacy", "key", "new", "--key", &site.path("key")]);
        assert!(made.status.success());
        site
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn arguments<'a>(&self, kind: &'a str, path: &'a str, more: &[&'a str]) -> Vec<String> {
        let (lake, key) = (self.path("lac"), self.path("key"));
        let all = [
            "ingest", kind, path, "--json", "--lake", &lake, "--key", &key,
        ];
        all.iter()
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect()
    }

    fn ingest(&self, kind: &str, path: &str, more: &[&str]) -> Output {
        let arguments = self.arguments(kind, path, more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        entobs(&arguments).output().unwrap()
    }

    /// The same in so many megabytes of address space.
    fn ingest_within(&self, megabytes: u64, kind: &str, path: &str, more: &[&str]) -> Output {
        let limit = format!("ulimit -v {}; exec \"$@\"", megabytes << 10);
        let mut command = Command::new("sh");
        command.args(["-c", &limit, "sh", env!("CARGO_BIN_EXE_entobs")]);
        command
            .args(self.arguments(kind, path, more))
            .output()
            .unwrap()
    }

    fn longest_structure(&self) -> Value {
        let sql = "select max(character_length(structure)) as n from attachments";
        let said = run(&["sql", sql, "--lake", &self.path("lac"), "--output", "json"]);
        serde_json::from_slice::<Value>(&said.stdout).unwrap()[0]["n"].clone()
    }

    fn rows(&self, table: &str) -> Value {
        let sql = format!("select count(*) as n from {table}");
        let said = run(&["sql", &sql, "--lake", &self.path("lac"), "--output", "json"]);
        serde_json::from_slice::<Value>(&said.stdout).unwrap()[0]["n"].clone()
    }
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(path: &str, members: &[(&str, &[u8], usize)]) {
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes, times) in members {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).unwrap();
        (0..*times).for_each(|_| archive.write_all(bytes).unwrap());
    }
    archive.finish().unwrap();
}

const PUPILS: &str = "ENT2D_Complet_20250916_Eleve_0000.xml";

fn aaf(dtd: &str, value: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE ficAlimMENESR {dtd}>\n<ficAlimMENESR>\n<addRequest><operationalAttributes><attr name=\"categoriePersonne\"><value>Eleve</value></attr></operationalAttributes><identifier><id>11</id></identifier><attributes><attr name=\"ENTPersonStructRattach\"><value>{value}</value></attr></attributes></addRequest>\n</ficAlimMENESR>\n"
    )
}

const PLAIN_DTD: &str = "SYSTEM \"ficAlimMENESR.dtd\"";

#[test]
fn a_gzip_bomb_is_cut_off() {
    let site = Site::new();
    let line = "192.0.2.1 - - [03/Nov/2025:10:00:00 +0100] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"\n";
    let zeros = gz(&vec![0; 8 << 20]);
    let bomb = [gz(line.as_bytes()), zeros.repeat(2_000)].concat();
    assert!(bomb.len() < 20 << 20, "16 GB in {} bytes", bomb.len());
    let path = site.path("bomb.log.gz");
    fs::write(&path, bomb).unwrap();
    let done = site.ingest_within(4_000, "access", &path, &["--format", "combined"]);
    assert_eq!(done.status.code(), Some(3), "{}", stderr(&done));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(said["kept"], 1, "{said}");
    assert!(
        stderr(&done).contains("unpacks to more than"),
        "{}",
        stderr(&done)
    );
    // An export that is read whole says it before it is held in memory.
    let path = site.path("reunions.csv");
    fs::write(&path, zeros.repeat(2_000)).unwrap();
    let done = site.ingest_within(4_000, "register", &path, &["--source", "reunions"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        stderr(&done).contains("unpacks to more than"),
        "{}",
        stderr(&done)
    );
}

#[test]
fn a_zip_bomb_is_refused() {
    let site = Site::new();
    let path = site.path("livraison.zip");
    let blanks = vec![b' '; 1 << 20];
    zip(&path, &[(PUPILS, &blanks, 400)]);
    let done = site.ingest_within(4_000, "directory", &path, &["--source", "lille"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        stderr(&done).contains("unpacks to more than"),
        "{}",
        stderr(&done)
    );
    assert_eq!(site.rows("accounts"), 0);
    // A workbook is an archive too.
    let path = site.path("tickets.xlsx");
    zip(&path, &[("xl/sharedStrings.xml", &blanks, 400)]);
    let done = site.ingest_within(4_000, "tickets", &path, &[]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        stderr(&done).contains("unpacks to more than"),
        "{}",
        stderr(&done)
    );
}

#[test]
fn a_cell_far_out_takes_no_memory() {
    let site = Site::new();
    let path = site.path("tickets.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "ID").unwrap();
    sheet.write(0, 1, "Titre").unwrap();
    sheet.write(1_048_575, 16_383, "x").unwrap();
    book.save(&path).unwrap();
    let done = site.ingest_within(4_000, "tickets", &path, &[]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        stderr(&done).contains("more than 1024 columns"),
        "{}",
        stderr(&done)
    );
}

#[test]
fn laughs_by_the_billion_are_not_expanded() {
    let site = Site::new();
    let mut entities = String::from("<!ENTITY lol0 \"52006\">");
    for level in 1..10 {
        let of = format!("&lol{};", level - 1).repeat(10);
        entities += &format!("<!ENTITY lol{level} \"{of}\">");
    }
    let path = site.path(PUPILS);
    fs::write(&path, aaf(&format!("[{entities}]"), "&lol9;")).unwrap();
    let done = site.ingest_within(4_000, "directory", &path, &["--source", "lille"]);
    assert!(done.status.success(), "{}", stderr(&done));
    assert_eq!(
        site.longest_structure(),
        6,
        "the reference as it is written"
    );
    // Nor is a file of the machine read.
    let secret = site.path("secret");
    fs::write(&secret, "SECRET").unwrap();
    let outside = format!("[<!ENTITY file SYSTEM \"file://{secret}\">]");
    fs::write(&path, aaf(&outside, "&file;")).unwrap();
    let done = site.ingest("directory", &path, &["--source", "lille"]);
    assert!(done.status.success(), "{}", stderr(&done));
    for (name, bytes) in crate::fixture::tree(&site.0.path().join("lac")) {
        assert!(!bytes.windows(6).any(|w| w == b"SECRET"), "{name}");
    }
    assert_eq!(site.longest_structure(), 6);
}

#[test]
fn names_in_an_archive_reach_no_other_folder_and_no_terminal() {
    let site = Site::new();
    let folder = site.0.path().join("a/b");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("livraison.zip");
    let path = path.to_str().unwrap();
    let document = aaf(PLAIN_DTD, "1");
    let up = format!("../../{PUPILS}");
    let absolute = format!(
        "{}/{}",
        site.0.path().display(),
        PUPILS.replace("Eleve", "PersRelEleve")
    );
    let loud = "\u{1b}[2J/ENT2D_Complet_20250916_PersEducNat_0000.xml";
    zip(
        path,
        &[
            (&up, document.as_bytes(), 1),
            (&absolute, document.as_bytes(), 1),
            (loud, document.as_bytes(), 1),
        ],
    );
    let before = crate::fixture::tree(site.0.path()).len();
    let done = site.ingest("directory", path, &["--source", "lille"]);
    assert!(
        matches!(done.status.code(), Some(0 | 3)),
        "{}",
        stderr(&done)
    );
    assert!(!stderr(&done).contains('\u{1b}') && !stdout(&done).contains('\u{1b}'));
    let after = crate::fixture::tree(site.0.path());
    let inside = after.iter().filter(|(name, _)| !name.starts_with("lac/"));
    assert_eq!(inside.count(), before);
    assert!(!Path::new(&site.path(PUPILS)).exists());
}

#[test]
fn a_link_that_leads_back_is_followed_once() {
    let site = Site::new();
    let folder = site.0.path().join("livraison");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(PUPILS), aaf(PLAIN_DTD, "1")).unwrap();
    symlink(&folder, folder.join("encore")).unwrap();
    symlink("..", folder.join("plus-haut")).unwrap();
    symlink("nowhere", folder.join("nulle-part")).unwrap();
    let done = site.ingest(
        "directory",
        folder.to_str().unwrap(),
        &["--source", "lille"],
    );
    assert!(done.status.success(), "{}", stderr(&done));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(said["read"], 1, "{said}");
}

#[test]
fn a_million_modules_are_kept_and_not_listed() {
    let site = Site::new();
    let path = site.path("events.ndjson");
    let mut file = std::io::BufWriter::new(File::create(&path).unwrap());
    for n in 0..1_000_000 {
        let date = 1_762_156_800_000_u64 + n;
        writeln!(file, "{{\"event-type\":\"ACCESS\",\"module\":\"M{n}\",\"date\":{date},\"userId\":\"u\",\"_id\":\"{n}\"}}").unwrap();
    }
    drop(file);
    let done = site.ingest_within(4_000, "events", &path, &[]);
    assert!(done.status.success(), "{}", stderr(&done));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(said["kept"], 1_000_000);
    assert_eq!(said["notes"].as_object().unwrap().len(), 20);
}

#[test]
fn a_text_is_no_formula_in_a_spreadsheet() {
    let site = Site::new();
    let path = site.path("reunions.csv");
    fs::write(&path, "id;instance;date;participants\n=HYPERLINK(\"http://x/\");Observatoire;2024-11-21;18\n@R;Observatoire;2024-11-22;3\n").unwrap();
    let done = site.ingest("register", &path, &["--source", "reunions"]);
    assert!(
        matches!(done.status.code(), Some(0 | 3)),
        "{}",
        stderr(&done)
    );
    let sql = "select value, -1 as n from (select distinct value from registers union all select '+33' union all select '-x') order by value";
    let said = stdout(&run(&[
        "sql",
        sql,
        "--lake",
        &site.path("lac"),
        "--output",
        "csv",
    ]));
    for line in said.lines() {
        let start = line.trim_start_matches('"');
        assert!(!start.starts_with(['=', '+', '@', '-']), "{said}");
        assert!(line == "value;n" || line.ends_with(";-1"), "{said}");
    }
    assert!(
        said.contains("'+33;-1") && said.contains("'-x;-1"),
        "{said}"
    );
    // As JSON it is what it is.
    let said = run(&[
        "sql",
        "select '=1' as v from registers limit 1",
        "--lake",
        &site.path("lac"),
        "--output",
        "json",
    ]);
    let rows: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert!(rows == json!([]) || rows[0]["v"] == "=1", "{rows}");
}

#[test]
fn a_line_without_end_is_cut_off_in_every_reader() {
    let site = Site::new();
    let long = format!(
        "{{\"event-type\":\"ACCESS\",\"module\":\"{}\"}}\n",
        "x".repeat(40 << 20)
    );
    let path = site.path("events.ndjson");
    fs::write(
        &path,
        format!("{{\"event-type\":\"ACCESS\",\"date\":1762156800000,\"userId\":\"u\"}}\n{long}"),
    )
    .unwrap();
    let done = site.ingest("events", &path, &[]);
    assert_eq!(done.status.code(), Some(3), "{}", stderr(&done));
    assert!(
        stderr(&done).contains("a line is longer than 16 MB"),
        "{}",
        stderr(&done)
    );
    assert_eq!(site.rows("events"), 1);
}
