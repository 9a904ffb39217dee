//! What an entry of a directory says, in the terms of the lake: pseudonyms,
//! roles, join keys of structures.

use crate::directory::aaf::{Category, Entry, Operation};
use crate::directory::delivery::Extent;
use crate::domain::{Role, Uai};
use crate::privacy::pseudonym::YearKey;

/// What becomes of an entry. Holds a pseudonym, never an id.
pub(super) enum Fact {
    Structure(Structure),
    Person(Person),
    /// A change of nothing that is kept.
    Nothing,
    Rejected(&'static str),
}

pub(super) struct Structure {
    pub key: String,
    pub uai: Uai,
    pub name: String,
    pub kind: String,
}

/// What is `None` was not told.
pub(super) struct Person {
    pub category: Category,
    pub account: u64,
    pub presence: Option<Presence>,
    pub attached: Option<Vec<String>>,
    pub functions: Option<Vec<String>>,
    pub parents: Option<Vec<u64>>,
    /// Codes of functions that no table of ours knows.
    pub unmapped: Vec<String>,
}

pub(super) enum Presence {
    /// There, in a role and with a fine profile, if they were told.
    Present(Option<(Role, &'static str)>),
    Left,
}

/// How a person is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// By the join key of an académie.
    JoinKeys,
    /// As the platform does: `<académie>-<join key>` and its own ids hold a hyphen and
    /// are whole; a bare join key is completed.
    OfPlatform,
}

/// Translates the entries of one delivery.
pub(super) struct Translator {
    pub key: YearKey,
    pub academie: String,
    pub extent: Extent,
}

impl Translator {
    pub fn fact(&self, entry: &Entry, ids: Ids) -> Fact {
        if self.extent == Extent::Complete && entry.operation != Operation::Add {
            return Fact::Rejected("change_in_a_complete_delivery");
        }
        match entry.category {
            Category::Structure => structure(entry),
            Category::Other => Fact::Rejected("not_a_person_nor_a_structure"),
            _ if entry.id.is_empty() => Fact::Rejected("no_join_key"),
            _ => self.person(entry, ids),
        }
    }

    /// Join keys are unique only inside one académie.
    fn pseudonym(&self, key: &str, ids: Ids) -> u64 {
        if ids == Ids::OfPlatform && key.contains('-') {
            return self.key.pseudonym(key.as_bytes());
        }
        let id = [self.academie.as_str(), "-", key].concat();
        self.key.pseudonym(id.as_bytes())
    }

    fn person(&self, entry: &Entry, ids: Ids) -> Fact {
        let keys = |name| {
            let keys = entry.structures_of(name)?;
            Some(keys.into_iter().map(str::to_owned).collect())
        };
        let parents = relatives(entry).filter(|_| entry.category == Category::Student);
        let parents = parents.map(|keys| keys.iter().map(|key| self.pseudonym(key, ids)).collect());
        let mut person = Person {
            category: entry.category,
            account: self.pseudonym(&entry.id, ids),
            presence: presence(entry),
            attached: keys("ENTPersonStructRattach"),
            functions: keys("ENTPersonFonctions"),
            parents,
            unmapped: unmapped(entry),
        };
        match entry.operation {
            Operation::Modify if person.says_nothing() => return Fact::Nothing,
            Operation::Modify => {}
            // What an addition does not give is not there, whatever was before.
            Operation::Add if self.extent == Extent::Delta => person.fill(),
            Operation::Add => {}
            Operation::Delete => {
                person.fill();
                person.presence = Some(Presence::Left);
            }
        }
        Fact::Person(person)
    }
}

impl Person {
    fn says_nothing(&self) -> bool {
        self.presence.is_none()
            && self.attached.is_none()
            && self.functions.is_none()
            && self.parents.is_none()
    }

    fn fill(&mut self) {
        self.attached.get_or_insert_default();
        self.functions.get_or_insert_default();
        if self.category == Category::Student {
            self.parents.get_or_insert_default();
        }
    }
}

fn structure(entry: &Entry) -> Fact {
    if entry.operation == Operation::Delete {
        // The past still knows where it was.
        return Fact::Nothing;
    }
    let first = |name| entry.values(name).and_then(<[String]>::first);
    let kind = first("ENTStructureTypeStruct").cloned().unwrap_or_default();
    if kind == "SANS OBJET" {
        return Fact::Rejected("not_a_school");
    }
    let uai = first("ENTStructureUAI").or_else(|| first("ENTEtablissementUAI"));
    let Some(uai) = uai else {
        return match entry.operation {
            Operation::Modify => Fact::Nothing,
            _ => Fact::Rejected("no_uai"),
        };
    };
    let Ok(uai) = Uai::parse(uai) else {
        return Fact::Rejected("uai");
    };
    let name = first("ENTStructureNomCourant").map(|name| name.replace('$', " "));
    Fact::Structure(Structure {
        key: entry.id.clone(),
        uai,
        name: name.unwrap_or_default(),
        kind,
    })
}

/// Keys of the legal relatives a pupil names: 2D as `id$lien$...$respLegal$...`,
/// 1D as a list; `None` where the file gives neither.
fn relatives(entry: &Entry) -> Option<Vec<&str>> {
    let secondary = entry.values("ENTElevePersRelEleve");
    let primary = entry.values("ENTEleveAutoriteParentale");
    let legal = |value: &'_ String| {
        let parts: Vec<&str> = value.split('$').collect();
        matches!(parts.get(3), Some(&("1" | "2"))).then(|| parts[0].len())
    };
    let found: Vec<&str> = secondary
        .unwrap_or_default()
        .iter()
        .filter_map(|value| legal(value).map(|end| &value[..end]))
        .collect();
    match (secondary, primary) {
        (None, None) => None,
        (_, Some(primary)) if found.is_empty() => {
            Some(primary.iter().map(String::as_str).collect())
        }
        _ => Some(found),
    }
}

/// That an entry's person is there, and in which role as far as it says.
fn presence(entry: &Entry) -> Option<Presence> {
    let role = match entry.category {
        Category::Student => Some((Role::Student, "ELV")),
        Category::Relative => Some((Role::Parent, "TUT")),
        _ => staff_role(entry),
    };
    match entry.operation {
        Operation::Add => Some(Presence::Present(role.or(Some((Role::Staff, "ETA"))))),
        // A change of another attribute leaves the role as it was.
        Operation::Modify if entry.category == Category::Staff => {
            role.map(|role| Presence::Present(Some(role)))
        }
        Operation::Modify => None,
        Operation::Delete => Some(Presence::Left),
    }
}

/// Role and fine profile of a member of the staff (spec 4, 1.6; spec 2,
/// functions); `None` where the entry gives nothing that tells them.
fn staff_role(entry: &Entry) -> Option<(Role, &'static str)> {
    let flags = [
        "ENTPersonCategorieEnseignant",
        "PersEducNatPresenceDevantEleves",
    ];
    let flags = flags.map(|name| entry.values(name));
    let functions = entry.values("ENTPersonFonctions");
    if functions.is_none() && flags.iter().all(Option::is_none) {
        return None;
    }
    let yes = |values: &Option<&[String]>| values.is_some_and(|v| v.iter().any(|v| v == "O"));
    let codes: Vec<&str> = codes(entry).collect();
    let teaches = flags.iter().any(yes) || codes.iter().any(|c| matches!(*c, "ENS" | "DOC"));
    let role = if teaches { Role::Teacher } else { Role::Staff };
    let fallback = if teaches { "ENS" } else { "ETA" };
    let profile = codes.iter().find_map(|code| profile_of_function(code));
    Some((role, profile.unwrap_or(fallback)))
}

fn codes(entry: &Entry) -> impl Iterator<Item = &str> {
    let functions = entry.values("ENTPersonFonctions").unwrap_or_default();
    functions.iter().filter_map(|f| f.split('$').nth(1))
}

/// `-` stands for no function; what does not look like a code may be anything.
fn unmapped(entry: &Entry) -> Vec<String> {
    let is_code =
        |code: &&str| (2..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase());
    codes(entry)
        .filter(is_code)
        .filter(|code| profile_of_function(code).is_none())
        .map(str::to_owned)
        .collect()
}

fn profile_of_function(code: &str) -> Option<&'static str> {
    Some(match code {
        "ENS" | "FCP" | "FCA" | "FIJ" | "BED" | "IS" | "ISES" | "PPA" | "RH1D" | "RPL" | "UPI" => {
            "ENS"
        }
        "DIR" | "DEC" | "DECPR" | "DSES" => "DIR",
        "EDU" | "AED" | "AES" | "SUR" => "EVS",
        "DOC" => "DOC",
        "ADM" | "ADA" | "ADF" | "ALB" | "ASE" | "ASH" | "CFC" | "CPD" | "CTR" | "LAB" | "MDS"
        | "ORI" | "OUV" | "PSY" | "TEC" => "ETA",
        "INS" | "INJ" => "ACA",
        "COLTER" => "COL",
        _ => return None,
    })
}
