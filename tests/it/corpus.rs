//! Real public inputs, read where they are and skipped aloud where they are not.

use entobs::access::{LogFormat, line};
use entobs::domain::Uai;
use entobs::source;
use std::path::PathBuf;

fn corpus(name: &str) -> Option<PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: the corpus file {name} is not here");
    None
}

/// 10,000 lines, the last one cut: every line read or counted as a reject.
#[test]
fn a_combined_log_is_accounted_for_line_by_line() {
    let Some(path) = corpus("logs/elastic-examples/apache_logs.log") else {
        return;
    };
    let format = LogFormat::compile("combined").unwrap();
    let mut lines = source::open(&path).unwrap();
    let (mut read, mut rejected) = (0, Vec::new());
    while let Some(raw) = lines.next_line().unwrap() {
        match line::read(&format, raw.bytes) {
            Ok(_) => read += 1,
            Err(error) => rejected.push(error.code()),
        }
    }
    assert_eq!((read, rejected), (9_999, vec!["truncated"]));
}

#[test]
fn check_letters_of_the_official_school_list() {
    let Some(path) = corpus("etablissements/referentiel_hdf.csv") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut checked = 0;
    for row in text.lines().skip(1) {
        let uai = Uai::parse(row.split(',').next().unwrap()).unwrap();
        assert!(uai.check_letter_is_right(), "{uai}");
        checked += 1;
    }
    assert_eq!(checked, text.lines().count() - 1);
}
