//! A partner's pack tells of its perimeter and of the whole region, and of nothing else: where
//! two establishments outside of it change names and codes, no table of it changes.

use crate::fixture::{PERIOD, observatory, run, stderr, tree};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

const PACK: &str = "sorties/partenaires/departement-59/2025-2026-S1";

/// Two establishments of one type and département outside of the Nord.
fn outside() -> [String; 2] {
    let rows = observatory().sql(
        "select min(uai) as first, max(uai) as last from establishments
         where departement <> '59' group by departement, type
         having count(*) > 1 order by count(*) desc, 1 limit 1",
    );
    ["first", "last"].map(|name| rows[0][name].as_str().unwrap().to_owned())
}

/// Copies inputs with each of two codes in place of the other, and the names in the school
/// list changed.
fn exchange(from: &Path, to: &Path, codes: &[String; 2]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            exchange(&path, &copy, codes);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let is_packed = path.extension().is_some_and(|found| found == "gz");
        let bytes = match is_packed {
            true => packed(&exchanged(&unpacked(&bytes), codes)),
            false => exchanged(&bytes, codes),
        };
        fs::write(copy, bytes).unwrap();
    }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut all).unwrap();
    all
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn exchanged(bytes: &[u8], [a, b]: &[String; 2]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let is_at = |place: usize, code: &String| bytes[place..].starts_with(code.as_bytes());
    for place in 0..bytes.len().saturating_sub(a.len() - 1) {
        let other = match () {
            () if is_at(place, a) => b,
            () if is_at(place, b) => a,
            () => continue,
        };
        out[place..place + other.len()].copy_from_slice(other.as_bytes());
    }
    out
}

/// Tables, figures of charts, and the data inside the dashboard.
fn told(pack: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = tree(pack);
    files.retain(|(name, _)| name.ends_with(".csv"));
    let page = fs::read_to_string(pack.join("tableau-de-bord.html")).unwrap();
    let blocks = page
        .split("<script type=\"application/json\" id=\"")
        .skip(1);
    for block in blocks {
        let (id, rest) = block.split_once("\">").unwrap();
        let (data, _) = rest.split_once("</script>").unwrap();
        files.push((format!("dashboard {id}"), data.as_bytes().to_vec()));
    }
    files
}

#[test]
fn nothing_outside_of_its_perimeter_is_in_a_pack() {
    let codes = outside();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let ours = &observatory().root;
    exchange(&ours.join("entrees"), &root.join("entrees"), &codes);
    fs::copy(ours.join("observatoire.cle"), root.join("observatoire.cle")).unwrap();
    let configuration = fs::read_to_string(ours.join("observatory.toml")).unwrap();
    let (sources, _) = configuration.split_once("[[report]]").unwrap();
    let config = root.join("observatory.toml");
    let wanted = format!(
        "{sources}[[report]]\nkind = \"partner\"\npartner = \"departement-59\"\nperiod = \"{PERIOD}\"\n"
    );
    fs::write(&config, wanted).unwrap();
    let done = run(&["run", "-c", config.to_str().unwrap()]);
    assert!(
        matches!(done.status.code(), Some(0 | 3)),
        "{}",
        stderr(&done)
    );
    let (before, after) = (told(&ours.join(PACK)), told(&root.join(PACK)));
    assert!(before.len() > 20, "{}", before.len());
    for ((name, before), (other, after)) in before.iter().zip(&after) {
        assert_eq!(name, other);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(before), text(after), "{name}");
        for code in &codes {
            assert!(!text(before).contains(code.as_str()), "{name} has {code}");
        }
    }
}
