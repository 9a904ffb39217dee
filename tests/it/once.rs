//! Each line once, whatever files bring it and in whatever order.

use entobs::access::{LogFormat, Rules};
use entobs::domain::ServiceMap;
use entobs::ingest::{self, AccessSource, Context, Report};
use entobs::lake::{Lake, Table};
use entobs::privacy::pseudonym::MasterKey;
use entobs::query::{Cell, Session, marts};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::Path;

struct Site {
    folder: tempfile::TempDir,
    lake: Lake,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::create(&folder.path().join("lac")).unwrap();
        // The same key everywhere, so that two lakes can be compared.
        let key = folder.path().join("key");
        fs::write(&key, [7_u8; 32]).unwrap();
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&key, owner_only).unwrap();
        Self { folder, lake }
    }

    fn ingest(&self, front_end: &str, text: &str) -> Report {
        let path = self.folder.path().join("log");
        fs::write(&path, text).unwrap();
        self.ingest_file(front_end, &path)
    }

    fn ingest_file(&self, front_end: &str, path: &Path) -> Report {
        self.ingest_as("common", front_end, path)
    }

    fn context(&self, services: ServiceMap) -> Context<'_> {
        let key = MasterKey::load(&self.folder.path().join("key")).unwrap();
        Context::new(&self.lake, key, Rules::built_in(services)).unwrap()
    }

    fn retract(&self, text: &str) -> usize {
        let path = self.folder.path().join("log");
        fs::write(&path, text).unwrap();
        let mut context = self.context(ServiceMap::default_map());
        let (_, done) = ingest::retract(&mut context, path.to_str().unwrap()).unwrap();
        done.incomplete.len()
    }

    fn ingest_as(&self, format: &str, front_end: &str, path: &Path) -> Report {
        let mut context = self.context(ServiceMap::default_map());
        let source = AccessSource {
            front_end: front_end.into(),
            format: LogFormat::compile(format).unwrap(),
        };
        let mut report = Report::default();
        ingest::access(&mut context, &[path.to_owned()], &source, &mut report).unwrap();
        report
    }

    /// Names and bytes of the files of requests.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let files = self.lake.files(Table::Requests).unwrap();
        let name = |path: &Path| {
            let inside = path.strip_prefix(self.lake.root()).unwrap();
            inside.display().to_string()
        };
        files
            .iter()
            .map(|p| (name(p), fs::read(p).unwrap()))
            .collect()
    }

    fn rows(&self) -> Vec<Vec<Cell>> {
        let session = Session::open(&self.lake).unwrap();
        let sql = "select * from requests order by front_end, time, line_hash";
        session.sql(sql).unwrap().1
    }
}

fn line(second: usize, page: usize) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "192.0.2.1 - u{page} [03/Nov/2025:{hour:02}:{minute:02}:{second:02} +0100] \"GET /edt/{page} HTTP/1.1\" 200 5\n"
    )
}

#[test]
fn a_log_delivered_longer_adds_what_is_new() {
    let site = Site::new();
    let whole: Vec<String> = (0..40).map(|n| line(n, n % 3)).collect();
    // The first delivery ends in the middle of its last line.
    let short = whole[..20].concat() + &whole[20][..60];
    let first = site.ingest("fe1", &short);
    assert_eq!((first.total.read, first.total.kept), (21, 20));
    let second = site.ingest("fe1", &whole.concat());
    assert_eq!((second.total.kept, second.total.duplicates), (20, 20));
    assert_eq!(site.rows().len(), 40);
}

#[test]
fn a_last_line_without_its_end_waits_for_the_next_delivery() {
    let site = Site::new();
    let text = line(1, 1) + line(2, 2).trim_end();
    let report = site.ingest("fe1", &text);
    assert_eq!(report.total.kept, 1);
    assert_eq!(report.total.rejected["unfinished"], 1);
    assert_eq!(site.ingest("fe1", &(text + "\n")).total.kept, 1);
    assert_eq!(site.rows().len(), 2);
}

#[test]
fn a_log_read_under_a_wrong_format_is_read_again_under_the_right_one() {
    let site = Site::new();
    let path = site.folder.path().join("log");
    fs::write(&path, line(1, 1) + &line(2, 2)).unwrap();
    let wrong = site.ingest_as("combined", "fe1", &path);
    assert_eq!((wrong.total.read, wrong.total.kept), (2, 0));
    assert_eq!(site.ingest_as("common", "fe1", &path).total.kept, 2);
    // A third way of reading the same lines adds nothing.
    let again = site.ingest_as("%h %l %{user} %t \"%r\" %>s %b", "fe1", &path);
    assert_eq!((again.total.kept, again.total.duplicates), (0, 2));
}

#[test]
fn equal_lines_of_one_second_or_of_two_machines_are_as_many_requests() {
    let site = Site::new();
    let twice = line(5, 1).repeat(2);
    assert_eq!(site.ingest("fe1", &twice).total.kept, 2);
    assert_eq!(site.ingest("fe2", &twice).total.kept, 2);
    // Three of them in a later file: one more.
    let third = site.ingest("fe1", &(line(4, 1) + &line(5, 1).repeat(3)));
    assert_eq!((third.total.kept, third.total.duplicates), (2, 2));
    assert_eq!(site.rows().len(), 6);
}

/// Pieces of a log (from line, to line), together all of it, in any order.
fn deliveries() -> impl Strategy<Value = Vec<(usize, usize)>> {
    let piece = (0_usize..60, 1_usize..61);
    proptest::collection::vec(piece, 0..5)
        .prop_map(|pieces| {
            let mut all: Vec<_> = pieces.into_iter().filter(|(from, to)| from < to).collect();
            all.extend([(0, 30), (25, 60)]);
            all
        })
        .prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_overlap_order_and_repetition_gives_the_same_rows(
        pieces in deliveries(), pages in proptest::collection::vec(0_usize..3, 60)
    ) {
        let lines: Vec<String> = pages.iter().enumerate().map(|(n, page)| line(n, *page)).collect();
        let whole = Site::new();
        whole.ingest("fe1", &lines.concat());
        let cut = Site::new();
        let mut kept = 0;
        for (from, to) in pieces {
            let report = cut.ingest("fe1", &lines[from..to].concat());
            prop_assert!(report.total.balance());
            kept += report.total.kept;
        }
        prop_assert_eq!(kept, 60);
        prop_assert_eq!(cut.rows(), whole.rows());
        for site in [&cut, &whole] {
            site.lake.writer().unwrap().compact().unwrap();
        }
        prop_assert_eq!(cut.rows(), whole.rows());
        prop_assert_eq!(cut.files(), whole.files());
    }
}

fn zipped(text: &str, level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A log is known again by its name, its bytes, or what it holds.
#[test]
fn the_same_log_renamed_or_compressed_again_is_one_input() {
    let site = Site::new();
    let text: String = (0..30).map(|n| line(n, n % 4)).collect();
    let path = |name: &str| site.folder.path().join(name);
    fs::write(path("a.log"), &text).unwrap();
    fs::write(path("b.log"), &text).unwrap();
    fs::write(path("crlf.log"), text.replace('\n', "\r\n")).unwrap();
    fs::write(path("a.gz"), zipped(&text, 1)).unwrap();
    fs::write(path("b.gz"), zipped(&text, 9)).unwrap();
    let half = text.len() / 2;
    let members = [zipped(&text[..half], 6), zipped(&text[half..], 6)].concat();
    fs::write(path("members.gz"), members).unwrap();
    assert_eq!(site.ingest_file("fe1", &path("a.log")).total.kept, 30);
    for name in [
        "a.log",
        "b.log",
        "crlf.log",
        "a.gz",
        "a.gz",
        "b.gz",
        "members.gz",
    ] {
        let total = site.ingest_file("fe1", &path(name)).total;
        assert_eq!((total.kept, total.duplicates), (0, 30), "{name}");
    }
    assert_eq!(site.lake.ledger().unwrap().len(), 1);
    // A plain file of the same length and the same ends is another one.
    let other = |page: usize| {
        let middle: String = (0..4_000).map(|n| line(n, page + n % 2)).collect();
        line(0, 1) + &middle + &line(9_000, 1)
    };
    assert_eq!(other(1).len(), other(3).len());
    site.ingest("fe2", &other(1));
    assert_eq!(site.ingest("fe2", &other(3)).total.kept, 4_000);
}

#[test]
fn an_input_taken_back_gives_back_what_it_hid() {
    let site = Site::new();
    let (early, late): (String, String) = (
        (0..20).map(|n| line(n, 1)).collect(),
        (10..30).map(|n| line(n, 1)).collect(),
    );
    site.ingest("fe1", &early);
    site.ingest("fe1", &late);
    assert_eq!(site.retract(&early), 1);
    assert_eq!(site.rows().len(), 10);
    let again = site.ingest("fe1", &late);
    assert_eq!((again.total.kept, again.total.duplicates), (10, 10));
    let alone = Site::new();
    alone.ingest("fe1", &late);
    assert_eq!(site.rows(), alone.rows());
    assert_eq!(site.ingest("fe1", &late).total.duplicates, 20);
    // The ledger counts the input as if it had come alone.
    let counts = |site: &Site| site.lake.ledger().unwrap().into_values().next().unwrap();
    assert_eq!(counts(&site).inputs, counts(&alone).inputs);
    assert_eq!(site.lake.digest().unwrap(), alone.lake.digest().unwrap());
    assert!(site.ingest("fe1", "").total.read == 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn taken_back_as_if_it_had_never_come(
        pieces in deliveries(),
        which in 0_usize..7,
        compacts in any::<bool>(),
    ) {
        let whole: Vec<String> = (0..60).map(|n| line(n / 2, n % 3)).collect();
        let text = |(from, to): &(usize, usize)| whole[*from..*to].concat();
        let mut pieces = pieces;
        pieces.sort_unstable();
        pieces.dedup();
        let gone = pieces[which % pieces.len()];
        let (with, without) = (Site::new(), Site::new());
        for piece in &pieces {
            with.ingest("fe1", &text(piece));
        }
        if compacts {
            with.lake.writer().unwrap().compact().unwrap();
        }
        with.retract(&text(&gone));
        for piece in pieces.iter().filter(|piece| **piece != gone) {
            with.ingest("fe1", &text(piece));
            without.ingest("fe1", &text(piece));
        }
        prop_assert_eq!(with.rows(), without.rows());
    }
}

/// A day made anew by another map of services: the same lines, another service;
/// the days around it stay.
#[test]
fn a_day_made_anew_has_the_same_requests() {
    let site = Site::new();
    let days: Vec<String> = (0..3)
        .map(|n| line(n, 1).replace("03/Nov", &format!("0{}/Nov", n + 3)))
        .collect();
    // A part of the second day comes in each of two files.
    site.ingest("fe1", &(days[0].clone() + &days[1]));
    site.ingest("fe1", &(days[1].repeat(2) + &days[2]));
    let before = site.rows();
    let services = "prefix,module,service\n/edt,Edt,absences\n";
    let mut context = site.context(ServiceMap::parse(services).unwrap());
    let paths = ["one", "two"].map(|name| site.folder.path().join(name));
    fs::write(&paths[0], days[0].clone() + &days[1]).unwrap();
    let source = || AccessSource {
        front_end: "fe1".into(),
        format: LogFormat::compile("common").unwrap(),
    };
    let day = "2025-11-04".parse().unwrap();
    let sources = [(source(), vec![paths[0].clone()])];
    let message = ingest::redo_day(&mut context, &sources, day).unwrap_err();
    assert!(message.contains("are not here"), "{message}");
    assert_eq!(site.rows(), before);
    fs::write(&paths[1], days[1].repeat(2) + &days[2]).unwrap();
    let sources = [(source(), paths.to_vec())];
    assert_eq!(ingest::redo_day(&mut context, &sources, day).unwrap(), 2);
    let after = site.rows();
    // The same context knows the lines of the new files.
    fs::write(&paths[0], days[0].clone() + &days[1] + &line(9, 1)).unwrap();
    let mut again = Report::default();
    ingest::access(&mut context, &paths[..1], &source(), &mut again).unwrap();
    assert_eq!((again.total.kept, again.total.duplicates), (1, 2));
    for (old, new) in before.iter().zip(&after) {
        let changed = old.iter().zip(new).filter(|(a, b)| a != b).count();
        let is_the_day = old[1] == Cell::Date(day);
        assert_eq!(changed, usize::from(is_the_day));
    }
    assert_eq!(before.len(), after.len());
}

/// A line of a request, of something that is none, or of nothing that can be read.
fn any_line() -> impl Strategy<Value = String> {
    let request = prop_oneof![
        Just("GET /edt HTTP/1.1\" 200"),
        Just("POST /blog/1 HTTP/1.1\" 201"),
        Just("GET /a.css HTTP/1.1\" 200"),
        Just("GET /edt HTTP/1.1\" 500"),
        Just("\\x16\\x03\" 400"),
    ];
    let read = (0_u32..86_400, 0_u8..5, request).prop_map(|(second, user, request)| {
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("::1 - u{user} [03/Nov/2025:{hour:02}:{minute:02}:{second:02} +0100] \"{request} 5")
    });
    prop_oneof![8 => read, 1 => "[ -~]{0,60}", 1 => Just("\u{0}é".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn every_line_is_accounted_for(
        lines in proptest::collection::vec(any_line(), 0..120),
        ended in any::<bool>(),
    ) {
        let site = Site::new();
        let text = lines.join("\n") + if ended { "\n" } else { "" };
        let total = site.ingest("fe1", &text).total;
        let read = text.split_inclusive('\n').count() as u64;
        prop_assert_eq!(total.read, read);
        prop_assert!(total.balance());
        let session = marts::prepare(&site.lake, &marts::Settings::default(), None).unwrap();
        let sql = "select (select count(*) from requests) as kept,
            (select count(distinct account) from visits) as people,
            (select count(*) from visits) as visits,
            (select coalesce(sum(requests), 0) from visits) as actions,
            (select count(*) from requests where account is not null and kind in ('page', 'action')) as counted";
        let row = &session.sql(sql).unwrap().1[0];
        let numbers: Vec<i64> = row
            .iter()
            .map(|cell| match cell {
                Cell::Integer(number) => *number,
                other => panic!("{other:?}"),
            })
            .collect();
        let [kept, people, visits, actions, counted] = numbers[..] else {
            panic!("five numbers");
        };
        prop_assert_eq!(kept as u64, total.kept);
        prop_assert!(people <= visits && visits <= actions);
        prop_assert_eq!(actions, counted);
    }
}
