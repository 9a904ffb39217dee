//! The invariants of ARCHITECTURE.md that the compiler does not check.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn domain_imports_nothing_of_ours_and_does_no_io() {
    for (path, text) in sources("src/domain") {
        for forbidden in ["crate::", "std::fs", "std::io", "std::env", "std::net"] {
            assert!(
                !text.contains(forbidden),
                "{}: `{forbidden}`",
                path.display()
            );
        }
    }
}

#[test]
fn secrets_cannot_be_printed() {
    let secret = [
        "pub struct AccessLine",
        "pub struct MasterKey",
        "pub struct YearKey",
    ];
    let files = sources("src");
    for declaration in secret {
        let (_, text) = files.iter().find(|(_, t)| t.contains(declaration)).unwrap();
        let before = text.split(declaration).next().unwrap();
        let attributes = before.rsplit("\n\n").next().unwrap();
        assert!(!attributes.contains("derive"), "{declaration}");
        let name = declaration.rsplit(' ').next().unwrap();
        for (path, text) in &files {
            for shown in ["Debug for", "Display for", "Serialize for"] {
                let implementation = format!("{shown} {name}");
                assert!(!text.contains(&implementation), "{}", path.display());
            }
        }
    }
}
