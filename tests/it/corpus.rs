//! Real public inputs, read where they are and skipped aloud where they are not.

use entobs::access::{LogFormat, line};
use entobs::directory::aaf::{self, Category, Operation};
use entobs::domain::Uai;
use entobs::source;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
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

/// Requests by category in each set, as `grep -c '<.*Request>'` counts them.
#[test]
fn directories_are_read_whole() {
    let expected = [
        ("aaf2d-2013", [12, 24, 13, 10, 100]),
        ("aaf2d-2020", [1, 0, 0, 1, 0]),
        ("aaf2d-2024/before", [0, 0, 2, 1, 0]),
        ("aaf2d-2024/after", [0, 0, 3, 0, 0]),
        ("aaf1d-synthetic", [2, 2, 2, 2, 0]),
        ("delta-synthetic", [3, 0, 0, 0, 0]),
    ];
    for (set, counts) in expected {
        let Some(folder) = corpus(&format!("aaf/{set}")) else {
            return;
        };
        let mut found = BTreeMap::new();
        let mut deleted = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let file = BufReader::new(File::open(file.unwrap().path()).unwrap());
            let end = aaf::read(file, |entry| {
                *found.entry(entry.category).or_insert(0) += 1;
                deleted += usize::from(entry.operation == Operation::Delete);
            });
            assert_eq!(end, Ok(()), "{set}");
        }
        let categories = [
            Category::Student,
            Category::Relative,
            Category::Staff,
            Category::Structure,
            Category::Other,
        ];
        let read = categories.map(|category| found.get(&category).copied().unwrap_or(0));
        assert_eq!(read, counts, "{set}");
        assert_eq!(deleted, usize::from(set.starts_with("delta")));
    }
}
