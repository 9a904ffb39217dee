//! Every PDF as a checker and as a reader's program would take it.

use crate::boxes::faults_of_pdf;
use crate::browser::missing;
use crate::fixture::{observatory, tree};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The PDFs under a folder.
pub fn pdfs(root: &Path) -> Vec<PathBuf> {
    let names = tree(root).into_iter().map(|(name, _)| name);
    let names = names.filter(|name| name.ends_with(".pdf"));
    names.map(|name| root.join(name)).collect()
}

/// Texts stand on their pages, fonts are inside, the file is sound.
pub fn check(files: &[PathBuf]) {
    for file in files {
        let name = file.display();
        match faults_of_pdf(file) {
            Some(faults) => assert_eq!(faults, Vec::<String>::new(), "{name}"),
            None => missing("pdftotext"),
        }
        match Command::new("pdffonts").arg(file).output() {
            Ok(output) => fonts(&name.to_string(), &String::from_utf8_lossy(&output.stdout)),
            Err(_) => missing("pdffonts"),
        }
        match Command::new("qpdf").arg("--check").arg(file).output() {
            Ok(output) => assert!(
                output.status.success(),
                "{name}: {}",
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(_) => missing("qpdf"),
        }
    }
}

fn fonts(name: &str, listed: &str) {
    let lines: Vec<&str> = listed.lines().skip(2).collect();
    assert!(!lines.is_empty(), "{name}: no font");
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        // name, type, encoding, emb, sub, uni, object: `emb` is the sixth from the end.
        assert_eq!(words[words.len() - 5], "yes", "{name}: {line}");
        assert!(line.contains("NotoSans"), "{name}: {line}");
    }
}

#[test]
fn every_pdf_is_sound_and_no_word_covers_another() {
    let files = pdfs(&observatory().root.join("sorties"));
    assert_eq!(files.len(), 4, "three deliverables and the slides");
    check(&files);
    // Each knows some rules of PDF/UA-1 that the other does not.
    for (program, arguments) in [("pdfua", &["check"][..]), ("outloud", &["--quiet"])] {
        match Command::new(program).args(arguments).args(&files).output() {
            Ok(output) => assert!(
                output.status.success(),
                "{program}: {}",
                String::from_utf8_lossy(&output.stdout)
            ),
            Err(_) => eprintln!("SKIPPED: {program} is missing; see .ci/run"),
        }
    }
}

/// What a slide has no room for would go to a page of its own, without a title.
#[test]
fn no_slide_runs_over() {
    let files = pdfs(&observatory().root.join("sorties"));
    let slides = files
        .iter()
        .find(|file| file.display().to_string().contains("diapositives"));
    let Ok(output) = Command::new("pdftotext")
        .arg(slides.unwrap())
        .arg("-")
        .output()
    else {
        return missing("pdftotext");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let pages: Vec<&str> = text.split('\u{c}').map(str::trim).collect();
    let pages: Vec<&str> = pages.into_iter().filter(|page| !page.is_empty()).collect();
    assert!(pages.len() >= 8, "{}", pages.len());
    for page in &pages {
        assert!(!page.starts_with("Lecture"), "{page}");
    }
}

/// What PDF/UA-1 asks and typst lets pass: see `deliverables.rs` for the rest.
#[test]
fn figures_say_more_than_their_caption() {
    let pages = tree(&observatory().root.join("sorties"));
    let mut seen = 0;
    for (name, bytes) in pages
        .iter()
        .filter(|(name, _)| name.contains("graphiques/") && name.ends_with(".svg"))
    {
        let svg = std::str::from_utf8(bytes).unwrap();
        let of = |tag: &str| {
            let (_, rest) = svg.split_once(&format!("<{tag}>")).unwrap();
            rest.split('<').next().unwrap().to_owned()
        };
        let (title, described) = (of("title"), of("desc"));
        assert!(described.chars().count() > 20, "{name}: {described}");
        assert_ne!(title, described, "{name}");
        seen += 1;
    }
    // Charts with nothing to show are sentences.
    assert!(seen >= 25, "{seen}");
}
