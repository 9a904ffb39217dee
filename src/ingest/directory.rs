//! Directories: a `Complet` of one académie is a snapshot of its accounts at a
//! date; the platform's own export links its ids to those of the directory.

use super::{
    Context, FileReport, Input, Keys, Report, date_in_name, school_year, store, tabular, unreadable,
};
use crate::directory::aaf::{self, Category, Entry, Operation};
use crate::domain::{Role, Uai};
use crate::lake::{Counts, Table, Transaction, Value};
use crate::source;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Ingests the files of one académie at one date as a snapshot. Account ids
/// become `<académie>-<join key>`, for join keys are unique only inside one.
/// Refuses the whole set if a file is cut: a partial snapshot would look like
/// a mass departure.
pub fn directory(
    context: &mut Context<'_>,
    paths: &[PathBuf],
    academie: &str,
) -> Result<Report, String> {
    let mut report = Report::default();
    for (snapshot, mut files) in by_date(paths)? {
        files.sort();
        let input = Input::identify("directory", academie, &files)?.versioned(&files);
        let part = store(context, &input, |keys, _, transaction| {
            let mut set = Set::default();
            let reports = files
                .iter()
                .map(|path| set.read_file(path))
                .collect::<Result<Vec<_>, _>>()?;
            let mut output = Output {
                keys,
                transaction,
                academie,
                snapshot,
                year: school_year(snapshot),
            };
            output.write(&set)?;
            Ok(reports)
        })?;
        report.extend(part);
    }
    Ok(report)
}

fn by_date(paths: &[PathBuf]) -> Result<BTreeMap<NaiveDate, Vec<PathBuf>>, String> {
    let mut sets: BTreeMap<NaiveDate, Vec<PathBuf>> = BTreeMap::new();
    for path in paths {
        let date = date_in_name(path).ok_or_else(|| {
            format!("`{}` has no date in its name\nhint: AAF files are named `<code>_Complet_<yyyymmdd>_<type>_<nnnn>.xml`", path.display())
        })?;
        sets.entry(date).or_default().push(path.clone());
    }
    Ok(sets)
}

struct Structure {
    uai: Uai,
    name: String,
    kind: String,
}

struct Person {
    role: Role,
    profile: &'static str,
    structures: Vec<String>,
}

/// All that a snapshot needs, by join key.
#[derive(Default)]
struct Set {
    structures: BTreeMap<String, Structure>,
    people: BTreeMap<String, Person>,
    /// Structures of the children, by the key of the relative.
    of_children: BTreeMap<String, BTreeSet<String>>,
}

impl Set {
    fn read_file(&mut self, path: &Path) -> Result<FileReport, String> {
        let input = source::reader(path).map_err(|error| unreadable(path, &error))?;
        let mut counts = Counts::default();
        // What a delta adds is not a snapshot: kept as one, it would look like
        // everybody else had left.
        let is_delta = path.to_string_lossy().contains("_Delta_");
        aaf::read(input, |entry| {
            counts.read += 1;
            let taken = match is_delta {
                true => Err("delta"),
                false => self.take(&entry),
            };
            match taken {
                Ok(()) => counts.kept += 1,
                Err(reason) => counts.reject(reason),
            }
        })
        .map_err(|fault| {
            format!(
                "`{}`, byte {}: {}\nhint: nothing of this snapshot was kept",
                path.display(),
                fault.offset,
                fault.message
            )
        })?;
        Ok(FileReport::of(path.display().to_string(), counts, None))
    }

    fn take(&mut self, entry: &Entry) -> Result<(), &'static str> {
        if entry.operation != Operation::Add {
            return Err("delta");
        }
        match entry.category {
            Category::Structure => self.structure(entry),
            Category::Student => self.person(entry, Role::Student, "ELV"),
            Category::Relative => self.person(entry, Role::Parent, "TUT"),
            Category::Staff => {
                let (role, profile) = staff_role(entry);
                self.person(entry, role, profile)
            }
            Category::Other => Err("not_a_person_nor_a_structure"),
        }
    }

    fn structure(&mut self, entry: &Entry) -> Result<(), &'static str> {
        let first = |name| entry.values(name).and_then(<[String]>::first);
        let kind = first("ENTStructureTypeStruct").cloned().unwrap_or_default();
        if kind == "SANS OBJET" {
            return Err("not_a_school");
        }
        let uai = first("ENTStructureUAI").or_else(|| first("ENTEtablissementUAI"));
        let uai = Uai::parse(uai.ok_or("no_uai")?).map_err(|_| "uai")?;
        let name = first("ENTStructureNomCourant").map(|name| name.replace('$', " "));
        let structure = Structure {
            uai,
            name: name.unwrap_or_default(),
            kind,
        };
        self.structures.insert(entry.id.clone(), structure);
        Ok(())
    }

    fn person(
        &mut self,
        entry: &Entry,
        role: Role,
        profile: &'static str,
    ) -> Result<(), &'static str> {
        if entry.id.is_empty() {
            return Err("no_join_key");
        }
        let structures: Vec<String> = entry.structures().into_iter().map(str::to_owned).collect();
        if role == Role::Student {
            for relative in relatives(entry) {
                let of_child = self.of_children.entry(relative).or_default();
                of_child.extend(structures.iter().cloned());
            }
        }
        let person = Person {
            role,
            profile,
            structures,
        };
        // A teacher of both levels stands in two files under one key.
        self.people
            .entry(entry.id.clone())
            .and_modify(|known| known.structures.extend(person.structures.iter().cloned()))
            .or_insert(person);
        Ok(())
    }
}

/// Keys of the legal relatives a pupil names: 2D as `id$lien$...$respLegal$...`, 1D as a list.
fn relatives(entry: &Entry) -> Vec<String> {
    let legal = |value: &String| {
        let parts: Vec<&str> = value.split('$').collect();
        matches!(parts.get(3), Some(&("1" | "2"))).then(|| parts[0].to_owned())
    };
    let secondary = entry.values("ENTElevePersRelEleve").unwrap_or_default();
    let found: Vec<String> = secondary.iter().filter_map(legal).collect();
    if !found.is_empty() {
        return found;
    }
    let primary = entry.values("ENTEleveAutoriteParentale");
    primary.unwrap_or_default().to_vec()
}

/// Role and fine profile of a member of the staff (spec 4, 1.6; spec 2, functions).
fn staff_role(entry: &Entry) -> (Role, &'static str) {
    let yes = |name| {
        entry
            .values(name)
            .is_some_and(|v| v.iter().any(|v| v == "O"))
    };
    let functions = entry.values("ENTPersonFonctions").unwrap_or_default();
    let codes: Vec<&str> = functions
        .iter()
        .filter_map(|f| f.split('$').nth(1))
        .collect();
    let teaches = yes("ENTPersonCategorieEnseignant")
        || yes("PersEducNatPresenceDevantEleves")
        || codes.iter().any(|code| matches!(*code, "ENS" | "DOC"));
    let role = if teaches { Role::Teacher } else { Role::Staff };
    let fallback = if teaches { "ENS" } else { "ETA" };
    let profile = codes.iter().find_map(|code| profile_of_function(code));
    (role, profile.unwrap_or(fallback))
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

struct Output<'a> {
    keys: &'a mut Keys,
    transaction: &'a mut Transaction,
    academie: &'a str,
    snapshot: NaiveDate,
    year: String,
}

impl Output<'_> {
    fn write(&mut self, set: &Set) -> Result<(), String> {
        for structure in set.structures.values() {
            let row = [
                Value::Text(self.academie),
                Value::Date(self.snapshot),
                Value::Text(structure.uai.as_str()),
                Value::Text(&structure.name),
                Value::Text(&structure.kind),
            ];
            self.transaction.row(Table::Structures, None, &row)?;
        }
        for (key, person) in &set.people {
            self.person(set, key, person)?;
        }
        Ok(())
    }

    fn person(&mut self, set: &Set, key: &str, person: &Person) -> Result<(), String> {
        let id = format!("{}-{key}", self.academie);
        let account = self.keys.pseudonym(&self.year, id.as_bytes());
        let year = self.year.clone();
        let row = [
            Value::Text(self.academie),
            Value::Text(&year),
            Value::Date(self.snapshot),
            Value::Pseudonym(account),
            Value::Text(person.role.code()),
            Value::Text(person.profile),
        ];
        self.transaction.row(Table::Accounts, None, &row)?;
        let of_children = set.of_children.get(key).into_iter().flatten();
        let uais: BTreeSet<Uai> = person
            .structures
            .iter()
            .chain(of_children)
            .filter_map(|structure| set.structures.get(structure).map(|s| s.uai))
            .collect();
        for uai in uais {
            let row = [
                Value::Text(self.academie),
                Value::Text(&year),
                Value::Date(self.snapshot),
                Value::Pseudonym(account),
                Value::Text(uai.as_str()),
            ];
            self.transaction.row(Table::Attachments, None, &row)?;
        }
        Ok(())
    }
}

/// Ingests the platform's account export: `id;externalId;activation`, dates
/// as `2025-09-16`, the snapshot's date in the name of the file.
pub fn platform_accounts(context: &mut Context<'_>, path: &Path) -> Result<Report, String> {
    let snapshot = date_in_name(path).ok_or_else(|| {
        format!(
            "`{}` has no date in its name\nhint: name it `comptes_<yyyymmdd>.csv`",
            path.display()
        )
    })?;
    let paths = [path.to_owned()];
    let input = Input::identify("platform", "", &paths)?.versioned(&paths);
    store(context, &input, |keys, _, transaction| {
        let table = tabular::read(path, b';')?;
        let column = |name| table.column(name, path);
        let (id, external, activation) =
            (column("id")?, column("externalId")?, column("activation")?);
        let year = school_year(snapshot);
        let mut counts = Counts::default();
        for row in table.rows() {
            counts.read += 1;
            let (Some(id), Some(external)) = (row.get(id), row.get(external)) else {
                counts.reject("no_id");
                continue;
            };
            let activated = row.get(activation).map(str::parse::<NaiveDate>);
            let Ok(activated) = activated.transpose() else {
                counts.reject("date");
                continue;
            };
            counts.kept += 1;
            let row = [
                Value::Text(&year),
                Value::Date(snapshot),
                Value::Pseudonym(keys.pseudonym(&year, external.as_bytes())),
                Value::Pseudonym(keys.pseudonym(&year, id.as_bytes())),
                activated.into(),
            ];
            transaction.row(Table::PlatformAccounts, None, &row)?;
        }
        Ok(vec![FileReport::of(
            path.display().to_string(),
            counts,
            None,
        )])
    })
}
