//! AAF XML (annuaire académique fédérateur): `Complet` and `Delta`, 1D and 2D.
//!
//! A sample of the bytes:
//! ```text
//! <addRequest>
//! <operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes>
//! <identifier><id>2605692</id></identifier>
//! <attributes><attr name="ENTPersonStructRattach"><value>52006</value></attr></attributes>
//! </addRequest>
//! ```
//! Attributes pass by allow-list: names, birth dates, addresses and INE are
//! never held in memory beyond the reader's buffer. The DTD is never resolved.

use quick_xml::Reader;
use quick_xml::encoding::DecodingReader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::collections::BTreeMap;
use std::io::BufRead;

/// The only attributes that are kept (spec 4, section 2.3 and 2.4).
const ALLOWED: [&str; 27] = [
    "ENTAuxPersRelEleveEleve",
    "ENTEcoleCommune",
    "ENTEcoleMinistereTutelle",
    "ENTEleveAutoriteParentale",
    "ENTEleveNivFormation",
    "ENTEleveNiveau",
    "ENTElevePersRelEleve",
    "ENTEleveStatutEleve",
    "ENTEtablissementCodeMinistereTutelle",
    "ENTEtablissementContrat",
    "ENTEtablissementMinistereTutelle",
    "ENTEtablissementStructRattachFctl",
    "ENTEtablissementUAI",
    "ENTPersRelEleveEleve",
    "ENTPersonCategorieEnseignant",
    "ENTPersonFonctions",
    "ENTPersonJointure",
    "ENTPersonStructRattach",
    "ENTServAcAcademie",
    "ENTServAcCodeAcademie",
    "ENTStructureCodeTypeStruct",
    "ENTStructureJointure",
    "ENTStructureNomCourant",
    "ENTStructureTypeStruct",
    "ENTStructureUAI",
    "ENTStructureVille",
    "PersEducNatPresenceDevantEleves",
];

/// What an entry asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `addRequest`
    Add,
    /// `modifyRequest`: the attributes given replace those of before; an
    /// empty one empties.
    Modify,
    /// `deleteRequest`
    Delete,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// `Eleve`
    Student,
    /// `PersRelEleve`
    Relative,
    /// `PersEducNat`
    Staff,
    /// `EtabEducNat`
    Structure,
    /// Subjects, MEF and what no table knows.
    Other,
}

impl Category {
    /// The category of a word in the name of a file (`Eleve`), or of an entry.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "Eleve" => Self::Student,
            "PersRelEleve" => Self::Relative,
            "PersEducNat" => Self::Staff,
            "EtabEducNat" => Self::Structure,
            _ => return None,
        })
    }

    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Relative => "relative",
            Self::Staff => "staff",
            Self::Structure => "structure",
            Self::Other => "other",
        }
    }
}

/// One request of the file. The id and the values are personal data: an
/// entry can be neither printed nor serialised.
pub struct Entry {
    /// What it asks for.
    pub operation: Operation,
    /// What it is about.
    pub category: Category,
    /// The join key, unique inside one académie only.
    pub id: String,
    attributes: BTreeMap<&'static str, Vec<String>>,
}

impl Entry {
    /// An entry told by another form than XML.
    pub(super) fn new(
        operation: Operation,
        category: Category,
        id: String,
        attributes: BTreeMap<&'static str, Vec<String>>,
    ) -> Self {
        Self {
            operation,
            category,
            id,
            attributes,
        }
    }

    /// The non-empty values of an allowed attribute; `None` where the file
    /// does not give the attribute at all (an empty one gives `Some(&[])`).
    pub fn values(&self, name: &str) -> Option<&[String]> {
        self.attributes.get(name).map(Vec::as_slice)
    }

    /// The structures in which the entry's person works or studies: join keys
    /// from the attachment and from the functions, once each.
    pub fn structures(&self) -> Vec<&str> {
        let attached = self.structures_of("ENTPersonStructRattach");
        let functions = self.structures_of("ENTPersonFonctions");
        let mut keys: Vec<&str> = attached.into_iter().chain(functions).flatten().collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The join keys of structures in one attribute (`52006`, `52006$ENS$...`),
    /// once each; `None` where the file does not give the attribute.
    pub fn structures_of(&self, name: &str) -> Option<Vec<&str>> {
        let first = |value: &'_ String| value.find('$').unwrap_or(value.len());
        let values = self.values(name)?.iter();
        let mut keys: Vec<&str> = values
            .map(|value| &value[..first(value)])
            .filter(|key| !key.is_empty())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        Some(keys)
    }
}

/// Where and why a file could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes from the start of the decoded file.
    pub offset: u64,
    /// What is wrong; holds nothing of the file but tag names.
    pub message: String,
}

/// Streams the entries of one file to `take`, in the order of the file.
/// Returns a fault where the file is cut or malformed: the entries given
/// before it must then not be committed, for a partial `Complet` would look
/// like a mass departure.
pub fn read(input: impl BufRead, mut take: impl FnMut(Entry)) -> Result<(), Fault> {
    let mut reader = Reader::from_reader(DecodingReader::new(input));
    let mut buffer = Vec::new();
    let mut parser = Parser::default();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        let fault = |message: String| Fault { offset: 0, message };
        if let Ok(Event::Decl(declaration)) = &event {
            // An unknown name is left to the decoder's own detection.
            if let Some(encoding) = declaration.encoder() {
                reader.get_mut().set_encoding(encoding);
            }
            continue;
        }
        let step = match event {
            Ok(Event::Eof) => break,
            Ok(event) => parser.event(&event).map_err(fault),
            Err(error) => Err(fault(describe(&error))),
        };
        match step {
            Ok(Some(entry)) => take(entry),
            Ok(None) => {}
            Err(fault) => {
                return Err(Fault {
                    offset: reader.error_position().max(reader.buffer_position()),
                    ..fault
                });
            }
        }
    }
    if parser.root_closed {
        return Ok(());
    }
    Err(Fault {
        offset: reader.buffer_position(),
        message:
            "the file ends before `</ficAlimMENESR>`\nhint: it was cut on the way; ask for it again"
                .into(),
    })
}

fn describe(error: &quick_xml::Error) -> String {
    let kind = match error {
        // The system's words, or ours where it unpacks to too much; never those of the file.
        quick_xml::Error::Io(error) => {
            return format!("{error}\nhint: the file may be cut or damaged; ask for it again");
        }
        quick_xml::Error::Syntax(_) => "a tag is not closed",
        quick_xml::Error::IllFormed(_) => "tags do not match",
        quick_xml::Error::Encoding(_) => "bytes do not fit the declared encoding",
        _ => "this is not well-formed XML",
    };
    format!("{kind}\nhint: the file may be cut or damaged; ask for it again")
}

#[derive(Default)]
struct Parser {
    operation: Option<Operation>,
    category: Option<Category>,
    id: String,
    attribute: Option<Attribute>,
    text: Option<String>,
    attributes: BTreeMap<&'static str, Vec<String>>,
    root_closed: bool,
}

enum Attribute {
    Category,
    Kept(&'static str),
    Dropped,
}

impl Parser {
    fn event(&mut self, event: &Event<'_>) -> Result<Option<Entry>, String> {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => return Ok(self.end(tag.name().as_ref())),
            Event::Text(text) => self.push(&text.xml10_content()),
            Event::CData(text) => self.push(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(reference)?,
            _ => {}
        }
        Ok(None)
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.name().as_ref() {
            "addRequest" => self.operation = Some(Operation::Add),
            "modifyRequest" => self.operation = Some(Operation::Modify),
            "deleteRequest" => self.operation = Some(Operation::Delete),
            "attr" | "modification" => self.attribute = Some(attribute(tag)),
            "id" | "value" => self.text = Some(String::new()),
            _ => {}
        }
        if let ("attr" | "modification", Some(Attribute::Kept(name))) =
            (tag.name().as_ref(), &self.attribute)
        {
            self.attributes.entry(name).or_default();
        }
    }

    fn end(&mut self, name: &str) -> Option<Entry> {
        match name {
            "id" => self.id = self.text.take().unwrap_or_default().trim().to_owned(),
            "value" => self.value(),
            "attr" | "modification" => self.attribute = None,
            "ficAlimMENESR" => self.root_closed = true,
            "addRequest" | "modifyRequest" | "deleteRequest" => return Some(self.entry()),
            _ => {}
        }
        None
    }

    fn value(&mut self) {
        let text = self.text.take().unwrap_or_default();
        let value = text.trim();
        match &self.attribute {
            Some(Attribute::Category) => self.category = Category::named(value),
            Some(Attribute::Kept(name)) if !value.is_empty() => {
                self.attributes
                    .entry(name)
                    .or_default()
                    .push(value.to_owned());
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        let dropped = matches!(self.attribute, Some(Attribute::Dropped));
        if let (Some(held), false) = (&mut self.text, dropped) {
            held.push_str(text);
        }
    }

    /// Feeds hold HTML entities (`&eacute;`); one that nobody knows is kept
    /// as it is written.
    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        let name = reference.xml10_content();
        let number = reference.resolve_char_ref();
        match number.map_err(|_| "a character reference is not one of Unicode".to_owned())? {
            Some(character) => self.push(character.encode_utf8(&mut [0; 4])),
            None => match resolve_html5_entity(&name) {
                Some(text) => self.push(text),
                None => self.push(&format!("&{name};")),
            },
        }
        Ok(())
    }

    fn entry(&mut self) -> Entry {
        Entry {
            operation: self.operation.take().unwrap_or(Operation::Add),
            category: self.category.take().unwrap_or(Category::Other),
            id: std::mem::take(&mut self.id),
            attributes: std::mem::take(&mut self.attributes),
        }
    }
}

fn attribute(tag: &BytesStart<'_>) -> Attribute {
    let name = tag
        .try_get_attribute("name")
        .ok()
        .flatten()
        .map(|attribute| attribute.value.into_owned())
        .unwrap_or_default();
    if name.starts_with("categorie") {
        return Attribute::Category;
    }
    match ALLOWED.iter().find(|allowed| **allowed == name) {
        Some(allowed) => Attribute::Kept(allowed),
        None => Attribute::Dropped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">
<ficAlimMENESR>"#;

    const PUPIL: &str = r#"<addRequest>
<operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes>
<identifier><id>11</id></identifier>
<attributes>
<attr name="sn"><value>SECRETNAME</value></attr>
<attr name="ENTPersonStructRattach"><value>7</value><value>8</value></attr>
<attr name="ENTEleveNiveau"><value/></attr>
</attributes></addRequest>"#;

    fn entries(body: &str) -> (Vec<Entry>, Result<(), Fault>) {
        let mut found = Vec::new();
        let end = read(format!("{HEAD}{body}").as_bytes(), |entry| {
            found.push(entry)
        });
        (found, end)
    }

    #[test]
    fn allowed_attributes_only() {
        let (found, end) = entries(&format!("{PUPIL}</ficAlimMENESR>"));
        assert_eq!(end, Ok(()));
        let pupil = &found[0];
        assert_eq!(
            (pupil.category, pupil.id.as_str()),
            (Category::Student, "11")
        );
        assert_eq!(pupil.structures(), ["7", "8"]);
        assert!(pupil.values("sn").is_none());
        assert_eq!(
            pupil.values("ENTEleveNiveau"),
            Some(&[][..]),
            "given and empty"
        );
        assert_eq!(pupil.values("ENTPersonFonctions"), None, "not given");
    }

    #[test]
    fn functions_bring_further_structures() {
        let body = r#"<addRequest><operationalAttributes><attr name="categoriePersonne"><value>PersEducNat</value></attr></operationalAttributes><identifier><id>3</id></identifier><attributes><attr name="ENTPersonStructRattach"><value>7</value></attr><attr name="ENTPersonFonctions"><value>9$ENS$X$-$-</value><value>7$DIR$X$-$-</value></attr></attributes></addRequest></ficAlimMENESR>"#;
        let (found, _) = entries(body);
        assert_eq!(found[0].structures(), ["7", "9"]);
    }

    #[test]
    fn a_delta_modifies_and_deletes() {
        let body = r#"<modifyRequest><operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes><identifier><id>1</id></identifier><modifications><modification name="ENTPersonStructRattach" operation="replace"><value>9</value></modification><modification name="ENTEleveNiveau" operation="replace"><value/></modification></modifications></modifyRequest>
<deleteRequest><operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes><identifier><id>2</id></identifier></deleteRequest></ficAlimMENESR>"#;
        let (found, end) = entries(body);
        assert_eq!(end, Ok(()));
        let operations: Vec<_> = found.iter().map(|entry| entry.operation).collect();
        assert_eq!(operations, [Operation::Modify, Operation::Delete]);
        assert_eq!(found[0].structures(), ["9"]);
        assert_eq!(found[0].values("ENTEleveNiveau"), Some(&[][..]));
    }

    #[test]
    fn entities_of_real_feeds() {
        let body = r#"<addRequest><operationalAttributes><attr name="categorieStructure"><value>EtabEducNat</value></attr></operationalAttributes><identifier><id>5</id></identifier><attributes><attr name="ENTStructureNomCourant"><value>COLL&eacute;GE D&apos;&#201;T&Eacute; &amp; &inconnu;</value></attr></attributes></addRequest></ficAlimMENESR>"#;
        let (found, end) = entries(body);
        assert_eq!(end, Ok(()));
        let name = &found[0].values("ENTStructureNomCourant").unwrap()[0];
        assert_eq!(name, "COLLéGE D'ÉTÉ & &inconnu;");
    }

    #[test]
    fn latin_9_and_no_declaration() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?><ficAlimMENESR><addRequest><identifier><id>5</id></identifier><attributes><attr name=\"ENTStructureVille\"><value>H\xE9nin</value></attr></attributes></addRequest></ficAlimMENESR>";
        let mut found = Vec::new();
        assert_eq!(read(latin.as_slice(), |entry| found.push(entry)), Ok(()));
        assert_eq!(found[0].values("ENTStructureVille").unwrap(), ["Hénin"]);
        let bare = "<!DOCTYPE ficAlimMENESR SYSTEM \"x.dtd\"><ficAlimMENESR></ficAlimMENESR>";
        assert_eq!(read(bare.as_bytes(), |_| ()), Ok(()));
    }

    #[test]
    fn a_cut_file_says_where_and_tells_nothing_of_its_content() {
        let whole = format!("{PUPIL}{PUPIL}</ficAlimMENESR>");
        for cut in [whole.len() - 3, whole.len() - 30, whole.len() / 2, 200, 10] {
            let (_, end) = entries(&whole[..cut]);
            let fault = end.unwrap_err();
            assert!(fault.message.contains("hint:"), "{}", fault.message);
            assert!(!fault.message.contains("SECRETNAME"));
            assert!(fault.offset > HEAD.len() as u64 && fault.offset <= (HEAD.len() + cut) as u64);
        }
    }
}
