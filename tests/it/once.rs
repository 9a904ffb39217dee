//! Each line once, whatever files bring it and in whatever order.

use entobs::access::LogFormat;
use entobs::domain::ServiceMap;
use entobs::ingest::{self, AccessSource, Context, Report};
use entobs::lake::Lake;
use entobs::privacy::pseudonym::MasterKey;
use entobs::query::{Cell, Session};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

struct Site {
    folder: tempfile::TempDir,
    lake: Lake,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(&folder.path().join("lac")).unwrap();
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

    fn ingest_as(&self, format: &str, front_end: &str, path: &Path) -> Report {
        let key = MasterKey::load(&self.folder.path().join("key")).unwrap();
        let mut context = Context::new(&self.lake, key, ServiceMap::default_map()).unwrap();
        let source = AccessSource {
            front_end: front_end.into(),
            format: LogFormat::compile(format).unwrap(),
        };
        ingest::access(&mut context, &[path.to_owned()], &source).unwrap()
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
    }
}
