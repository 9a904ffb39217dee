//! What names a person, searched for in every readable file of a deliverable: addresses,
//! identifiers of accounts and sessions by their form, pseudonyms by their value where the
//! lake is at hand.
//!
//! Pictures and PDF are packed and not read: they are drawn from what the others hold.

use super::{Fault, Finding};
use rustc_hash::FxHashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Files that are text, and workbooks, which are text packed.
const READ: [&str; 5] = ["csv", "html", "json", "svg", "txt"];

/// The pseudonyms of a lake, to look for.
pub type Pseudonyms = FxHashSet<u64>;

/// All that looks like a person's in the files under a folder, in the order of their paths. A
/// finding has the file and the kind, never what was found.
///
/// # Errors
/// A file that cannot be read, by name.
pub fn traces(folder: &Path, pseudonyms: &Pseudonyms) -> Result<Vec<Finding>, String> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| message(folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| message(folder, &error))?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            found.extend(traces(&path, pseudonyms)?);
            continue;
        }
        for (kind, count) in of_file(&path, pseudonyms)? {
            found.push(Finding {
                cell: format!("{kind}, {count} fois"),
                fault: Fault::Personal,
                low: count as f64,
                high: Some(count as f64),
                files: vec![path.display().to_string()],
            });
        }
    }
    Ok(found)
}

fn message(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!(
        "`{}`: {error}\nhint: make the deliverable again, or leave it out",
        path.display()
    )
}

type Counts = Vec<(&'static str, usize)>;

fn of_file(path: &Path, pseudonyms: &Pseudonyms) -> Result<Counts, String> {
    let extension = path.extension().and_then(|found| found.to_str());
    let parts = match extension {
        Some("xlsx") => unpacked(path).map_err(|error| message(path, &error))?,
        Some(extension) if READ.contains(&extension) => {
            vec![fs::read(path).map_err(|error| message(path, &error))?]
        }
        _ => Vec::new(),
    };
    let mut counts = Counts::new();
    for bytes in parts {
        for kind in tokens(&bytes).filter_map(|token| kind(token, pseudonyms)) {
            match counts.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
        }
    }
    counts.sort_unstable();
    Ok(counts)
}

fn unpacked(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| error.to_string())?;
    let mut parts = Vec::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes)
            .map_err(|error| error.to_string())?;
        parts.push(bytes);
    }
    Ok(parts)
}

/// Runs of the characters that identifiers are made of.
fn tokens(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_of_one = |byte: &u8| byte.is_ascii_alphanumeric() || b".@+-_".contains(byte);
    bytes
        .split(move |byte| !is_of_one(byte))
        .filter(|token| token.len() > 6)
}

fn kind(token: &[u8], pseudonyms: &Pseudonyms) -> Option<&'static str> {
    let token = std::str::from_utf8(token).ok()?.trim_matches(['.', '-']);
    match () {
        () if is_address(token) => Some("adresse électronique"),
        () if is_ip(token) => Some("adresse IP"),
        () if is_uuid(token) => Some("identifiant de compte (UUID)"),
        () if is_session(token) => Some("identifiant de session"),
        () if is_pseudonym(token, pseudonyms) => Some("pseudonyme"),
        () => None,
    }
}

fn is_address(token: &str) -> bool {
    let Some((name, domain)) = token.split_once('@') else {
        return false;
    };
    let Some((host, top)) = domain.rsplit_once('.') else {
        return false;
    };
    !name.is_empty()
        && !host.is_empty()
        && top.len() > 1
        && top.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_ip(token: &str) -> bool {
    token.bytes().filter(|byte| *byte == b'.').count() == 3
        && token.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_uuid(token: &str) -> bool {
    let groups: Vec<&str> = token.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    groups.len() == lengths.len()
        && groups
            .iter()
            .zip(lengths)
            .all(|(group, length)| group.len() == length && is_hexadecimal(group))
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Digests of 256 bits, which manifests hold, are longer.
fn is_session(token: &str) -> bool {
    (32..=40).contains(&token.len())
        && is_hexadecimal(token)
        && token.bytes().any(|byte| byte.is_ascii_alphabetic())
        && token.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_pseudonym(token: &str, pseudonyms: &Pseudonyms) -> bool {
    let decimal = token.parse().ok();
    let hexadecimal = || match token.len() {
        16 => u64::from_str_radix(token, 16).ok(),
        _ => None,
    };
    decimal
        .or_else(hexadecimal)
        .is_some_and(|number: u64| pseudonyms.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&'static str> {
        let pseudonyms = FxHashSet::from_iter([14_227_311_904_522_871_355]);
        tokens(text.as_bytes())
            .filter_map(|token| kind(token, &pseudonyms))
            .collect()
    }

    #[test]
    fn what_names_a_person_is_known_by_its_form() {
        assert_eq!(
            of("<td>ana.roux@example.org.</td>"),
            ["adresse électronique"]
        );
        assert_eq!(of("\"192.0.2.17\""), ["adresse IP"]);
        let uuid = "id=0f8fad5b-d9cd-469f-a165-70867728950e;";
        assert_eq!(of(uuid), ["identifiant de compte (UUID)"]);
        let session = "sid=9f86d081884c7d659a2feaa0c55ad015";
        assert_eq!(of(session), ["identifiant de session"]);
        assert_eq!(of("[14227311904522871355,3]"), ["pseudonyme"]);
        assert_eq!(of("c57190cc31c5a23b"), ["pseudonyme"]);
    }

    #[test]
    fn what_deliverables_are_made_of_is_not() {
        let digest = "9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015";
        assert!(of(digest).is_empty());
        assert!(of("@media print { } 2025-2026-S1 1 204 567 12.345678901234567").is_empty());
        assert!(of("M 12.5 3.25 L 100.125 7 version 1.2.3 14227311904522871356").is_empty());
    }
}
