//! `entobs aggregate`: what is made at night is what reports are written from.

use crate::fixture::{PERIOD, is_kept_table, observatory, run, stderr, tree};
use std::fs;
use std::path::{Path, PathBuf};

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in tree(from) {
        if is_kept_table(&name) {
            continue;
        }
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Names and times of the tables that are kept.
fn kept(lake: &Path) -> Vec<(PathBuf, std::time::SystemTime)> {
    let results = lake.join("marts/results");
    let tables = tree(&results).into_iter();
    let at = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    tables
        .map(|(name, _)| (results.join(&name), at(&results.join(&name))))
        .collect()
}

#[test]
fn a_report_after_aggregate_runs_no_query_and_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lac");
    copy(&observatory().root.join("lac"), &lake);
    let config = observatory().path("observatory.toml");
    let lake_name = lake.to_str().unwrap();
    let common = ["--period", PERIOD, "-c", &config, "--lake", lake_name];
    let done = run(&[&["aggregate", "--json"], &common[..]].concat());
    assert!(done.status.success(), "{}", stderr(&done));
    let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(said["deliverables"].as_u64().unwrap() > 20, "{said}");
    let before = kept(&lake);
    assert!(before.len() > 200, "{}", before.len());
    let out = folder.path().join("sorties");
    let arguments = ["report", "observatory", "--out", out.to_str().unwrap()];
    let done = run(&[&arguments, &common[..]].concat());
    assert!(done.status.success(), "{}", stderr(&done));
    // No table was made that was not there.
    assert_eq!(kept(&lake), before);
    let name = format!("observatoire/{PERIOD}");
    let (made, first) = (
        out.join(&name),
        observatory().root.join("sorties").join(&name),
    );
    for ((name, bytes), (first_name, first_bytes)) in tree(&made).iter().zip(tree(&first)) {
        assert_eq!((name, bytes == &first_bytes), (&first_name, true));
    }
    assert_eq!(tree(&made).len(), tree(&first).len());
}
