//! Deliveries of an académie: which documents there are in files, folders and
//! zip archives, and what their names say of them.
//!
//! A name as the académies write it:
//! ```text
//! ENT2DHDF_Complet_20250916_Eleve_0000.xml
//! feed     what    day      category
//! ```
//! 1D and 2D, or agriculture, are feeds of their own: each has its days. A part
//! that the name of a document lacks is that of its archive
//! (`picardie_AGRICOLE_Complet_20250916_export.zip`).

use super::aaf::Category;
use crate::source;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Whether a delivery tells all or what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// `Complet`: who is not in it is not there.
    Complete,
    /// `Delta`: what was added, modified and deleted since the delivery before.
    Delta,
}

impl Extent {
    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Delta => "delta",
        }
    }
}

/// A delivery; earlier days come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivery {
    /// The day in the names.
    pub day: NaiveDate,
    /// What it tells.
    pub extent: Extent,
    /// What stands before `_Complet_` or `_Delta_`.
    pub feed: String,
}

/// One XML document: a file, or a member of an archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Document {
    file: PathBuf,
    /// Name and place in the archive.
    member: Option<(String, usize)>,
}

/// In the name of a table, the word for accounts of all categories.
const ALL_ACCOUNTS: &str = "Comptes";

/// The documents of a delivery, by what they are about.
pub type Documents = BTreeMap<Category, Vec<Document>>;

impl Document {
    /// Whether it is a table and no XML.
    pub fn is_table(&self) -> bool {
        self.base().to_lowercase().ends_with(".csv")
    }

    /// Whether it tells all accounts, whatever their category.
    pub fn is_of_all(&self) -> bool {
        self.base()
            .split(['_', '.'])
            .any(|word| word == ALL_ACCOUNTS)
    }

    /// How messages name it: `delivery.zip: ENT_Complet_..._Eleve_0000.xml`.
    pub fn shown(&self) -> String {
        match &self.member {
            // Whoever made the archive chose the names: none of them speaks to a terminal.
            Some((member, _)) => {
                let member = member.replace(char::is_control, "\u{fffd}");
                format!("{}: {member}", self.file.display())
            }
            None => self.file.display().to_string(),
        }
    }

    /// Its uncompressed bytes.
    pub fn read<T>(&self, work: impl FnOnce(&mut dyn BufRead) -> T) -> io::Result<T> {
        let Some((_, place)) = &self.member else {
            return Ok(work(&mut *source::reader(&self.file)?));
        };
        let mut archive = archive(&self.file)?;
        let found = archive.by_index(*place).map_err(io::Error::other)?;
        let packed = found.compressed_size();
        let member = source::Bounded::new(found, |_| packed);
        let member = BufReader::with_capacity(1 << 16, member);
        // What lies gzipped in an archive is packed twice.
        Ok(work(&mut *source::unpacked(member)?))
    }

    /// Its name without folders and without the mark of compression: an archive
    /// may lie beside what was taken out of it.
    fn base(&self) -> String {
        let name = match &self.member {
            Some((member, _)) => member.clone(),
            None => self.file.display().to_string(),
        };
        let name = name.rsplit(['/', '\\']).next().unwrap_or(&name);
        name.strip_suffix(".gz").unwrap_or(name).to_owned()
    }

    fn digest(&self) -> Result<[u8; 32], String> {
        let digested = self.read(|bytes| {
            let mut hash = Sha256::new();
            io::copy(bytes, &mut Summing(&mut hash)).map(|_| hash.finalize().into())
        });
        digested.and_then(|digest| digest).map_err(|error| {
            format!(
                "`{}` cannot be read: {error}\nhint: check the path and its permissions; an archive may be cut",
                self.shown()
            )
        })
    }
}

fn archive(path: &Path) -> io::Result<ZipArchive<BufReader<File>>> {
    ZipArchive::new(BufReader::new(File::open(path)?)).map_err(io::Error::other)
}

/// What the name of a document says, as far as it does.
#[derive(Default)]
struct Name {
    feed: Option<String>,
    extent: Option<Extent>,
    day: Option<NaiveDate>,
    category: Option<Category>,
}

impl Name {
    fn parse(path: &str) -> Self {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let extents = [("_Complet_", Extent::Complete), ("_Delta_", Extent::Delta)];
        let found = extents
            .into_iter()
            .find_map(|(word, extent)| Some((file.split_once(word)?, extent)));
        let rest = found.map_or(file, |((_, rest), _)| rest);
        let mut words = rest.split(['_', '.']);
        Self {
            feed: found.map(|((feed, _), _)| feed.to_owned()),
            extent: found.map(|(_, extent)| extent),
            day: words
                .clone()
                .filter(|word| word.len() == 8)
                .find_map(|word| NaiveDate::parse_from_str(word, "%Y%m%d").ok()),
            category: words.find_map(Category::named),
        }
    }

    /// With what its archive's name says where its own says nothing.
    fn or(self, outer: Self) -> Self {
        Self {
            feed: self.feed.or(outer.feed),
            extent: self.extent.or(outer.extent),
            day: self.day.or(outer.day),
            category: self.category,
        }
    }
}

/// The deliveries in files, folders (with all their folders) and archives, in
/// the order in which they apply.
pub fn find(paths: &[PathBuf]) -> Result<BTreeMap<Delivery, Documents>, String> {
    let mut found = BTreeMap::new();
    let mut folders = BTreeSet::new();
    for path in paths {
        look_into(path, &mut folders, &mut found)?;
    }
    for documents in found.values_mut().flat_map(BTreeMap::values_mut) {
        documents.sort();
        documents.dedup();
        keep_once(documents)?;
    }
    if found.is_empty() {
        let shown: Vec<String> = paths.iter().map(|p| format!("`{}`", p.display())).collect();
        return Err(format!(
            "{} holds no XML and no table\nhint: give the `.xml`, `.xml.gz`, `.csv`, `.csv.gz` or `.zip` files of the académie, or their folder",
            shown.join(", ")
        ));
    }
    Ok(found)
}

/// Leaves out what an archive and the folder it was unpacked to hold both. Two
/// documents of one name that tell different things are an error: nobody knows
/// which of them is meant.
fn keep_once(documents: &mut Vec<Document>) -> Result<(), String> {
    let mut named: BTreeMap<String, Vec<Document>> = BTreeMap::new();
    for document in documents.drain(..) {
        named.entry(document.base()).or_default().push(document);
    }
    for mut same in named.into_values() {
        let first = same.remove(0);
        if !same.is_empty() {
            let digest = first.digest()?;
            for other in &same {
                if other.digest()? != digest {
                    return Err(format!(
                        "`{}` and `{}` have one name and different contents\nhint: remove the one that is not of this delivery",
                        first.shown(),
                        other.shown()
                    ));
                }
            }
        }
        documents.push(first);
    }
    documents.sort();
    Ok(())
}

/// Takes bytes into a digest.
struct Summing<'a>(&'a mut Sha256);

impl io::Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `folders` are those looked into: a symbolic link may lead back to one.
fn look_into(
    path: &Path,
    folders: &mut BTreeSet<PathBuf>,
    found: &mut BTreeMap<Delivery, Documents>,
) -> Result<(), String> {
    let unreadable = |error: io::Error| {
        format!(
            "`{}` cannot be read: {error}\nhint: check the path and its permissions; an archive may be cut",
            path.display()
        )
    };
    if path.is_dir() {
        if !folders.insert(path.canonicalize().map_err(unreadable)?) {
            return Ok(());
        }
        for item in fs::read_dir(path).map_err(unreadable)? {
            look_into(&item.map_err(unreadable)?.path(), folders, found)?;
        }
        return Ok(());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !has_extension(&name, &[".zip"]) {
        let document = Document {
            file: path.to_owned(),
            member: None,
        };
        return add(document, Name::parse(&name), found);
    }
    let archive = archive(path).map_err(unreadable)?;
    for (place, member) in archive.file_names().enumerate() {
        let member = member.map_err(|error| unreadable(io::Error::other(error)))?;
        let told = Name::parse(&member).or(Name::parse(&name));
        let document = Document {
            file: path.to_owned(),
            member: Some((member.into_owned(), place)),
        };
        add(document, told, found)?;
    }
    Ok(())
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let name = name.to_lowercase();
    extensions.iter().any(|extension| name.ends_with(extension))
}

/// Adds a document to its delivery; the DTD and what else lies beside is passed over.
fn add(
    document: Document,
    name: Name,
    found: &mut BTreeMap<Delivery, Documents>,
) -> Result<(), String> {
    let member = document.member.as_ref().map(|(name, _)| name.clone());
    let file = member.unwrap_or_else(|| document.file.display().to_string());
    if !has_extension(&file, &[".xml", ".xml.gz", ".csv", ".csv.gz"]) {
        return Ok(());
    }
    let (Some(feed), Some(extent), Some(day)) = (name.feed, name.extent, name.day) else {
        return Err(format!(
            "the name of `{}` does not say its feed and its day\nhint: AAF files are named `<feed>_Complet_<yyyymmdd>_<type>_<nnnn>.xml`, or `_Delta_`; tables `<feed>_Complet_<yyyymmdd>_Comptes.csv`",
            document.shown()
        ));
    };
    let delivery = Delivery { day, extent, feed };
    let categories = match (document.is_table(), document.is_of_all(), name.category) {
        (true, true, _) => vec![Category::Student, Category::Relative, Category::Staff],
        (true, false, None) => return Ok(()),
        (_, _, category) => vec![category.unwrap_or(Category::Other)],
    };
    if document.is_table() && extent == Extent::Delta {
        return Err(format!(
            "`{}`: a table tells who is there, not what changed\nhint: name it `{}_Complet_...` if it tells all",
            document.shown(),
            delivery.feed
        ));
    }
    let documents = found.entry(delivery).or_default();
    for category in categories {
        let of_it = documents.entry(category).or_default();
        of_it.push(document.clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn said(
        path: &str,
    ) -> (
        Option<String>,
        Option<Extent>,
        Option<String>,
        Option<Category>,
    ) {
        let name = Name::parse(path);
        let day = name.day.map(|day| day.to_string());
        (name.feed, name.extent, day, name.category)
    }

    #[test]
    fn names_of_real_deliveries() {
        let day = |text: &str| Some(text.to_owned());
        assert_eq!(
            said("FULL_ENTTSSERVICES_Complet_20130117_PersRelEleve_0000.xml"),
            (
                Some("FULL_ENTTSSERVICES".into()),
                Some(Extent::Complete),
                day("2013-01-17"),
                Some(Category::Relative)
            )
        );
        assert_eq!(
            said("x/ENT2DVA-ENT16_Delta_20240917_Eleve_0001.xml.gz"),
            (
                Some("ENT2DVA-ENT16".into()),
                Some(Extent::Delta),
                day("2024-09-17"),
                Some(Category::Student)
            )
        );
        let mef = said("ENT_0590001A_Complet_20240916_MefEducNat_0000.xml");
        assert_eq!((mef.0.unwrap(), mef.3), ("ENT_0590001A".into(), None));
    }

    #[test]
    fn an_archive_names_what_its_members_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder
            .path()
            .join("picardie_AGRICOLE_Complet_20250916_export.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for name in ["export/Eleve_0000.xml", "export/ficAlimMENESR.dtd"] {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(name, options).unwrap();
            zip.write_all(name.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        let found = find(&[folder.path().to_owned()]).unwrap();
        let (delivery, documents) = found.first_key_value().unwrap();
        assert_eq!(delivery.feed, "picardie_AGRICOLE");
        assert_eq!(documents.len(), 1, "no DTD");
        let mut text = String::new();
        let pupils = &documents[&Category::Student][0];
        pupils
            .read(|bytes| bytes.read_to_string(&mut text))
            .unwrap()
            .unwrap();
        assert_eq!(text, "export/Eleve_0000.xml");
        assert!(
            pupils
                .shown()
                .ends_with("export.zip: export/Eleve_0000.xml")
        );
    }

    #[test]
    fn earlier_deliveries_and_complete_ones_come_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "B_Delta_20250917_Eleve_0000.xml",
            "B_Complet_20250917_Eleve_0000.xml",
            "C_Complet_20250916_Eleve_0000.xml",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = find(&[folder.path().to_owned()]).unwrap();
        let order: Vec<_> = found.keys().map(|d| (d.feed.as_str(), d.extent)).collect();
        assert_eq!(
            order,
            [
                ("C", Extent::Complete),
                ("B", Extent::Complete),
                ("B", Extent::Delta)
            ]
        );
        let message = find(&[folder.path().join("annuaire.xml")]).unwrap_err();
        assert!(message.contains("annuaire.xml") && message.contains("hint:"));
        assert!(
            find(&[folder.path().join("x.dtd")])
                .unwrap_err()
                .contains("no XML")
        );
    }
}
