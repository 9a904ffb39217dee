//! Directories in AAF XML by académie, level and date, the platform's account
//! export and the school list.

use super::world::{Account, School, World};
use super::{Request, gzip, write_file};
use crate::domain::{Period, Role};
use chrono::{Datelike, NaiveDate};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const ENTRIES_IN_A_FILE: usize = 20_000;

pub(super) fn write(world: &World, request: &Request, out: &Path) -> Result<(), String> {
    write_file(
        &out.join("etablissements.csv"),
        school_list(world).as_bytes(),
    )?;
    for snapshot in snapshots(request) {
        for academie in ["lille", "amiens"] {
            for level in ["1D", "2D"] {
                write_set(world, snapshot, academie, level, out)?;
            }
        }
        let name = format!("comptes/comptes_{}.csv", snapshot.format("%Y%m%d"));
        write_file(
            &out.join(name),
            platform_accounts(world, snapshot).as_bytes(),
        )?;
    }
    Ok(())
}

/// Mid-September and late January of each school year.
pub(super) fn snapshots(request: &Request) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    let first = Period::parse(&Period::school_year_of(request.from)).expect("a school year");
    for year in first.first().year()..=request.to.year() {
        days.extend(NaiveDate::from_ymd_opt(year, 9, 16));
        days.extend(NaiveDate::from_ymd_opt(year + 1, 1, 26));
    }
    days.retain(|day| *day <= request.to);
    days
}

fn write_set(
    world: &World,
    snapshot: NaiveDate,
    academie: &str,
    level: &str,
    out: &Path,
) -> Result<(), String> {
    let schools: Vec<&School> = world
        .schools
        .iter()
        .filter(|s| s.academie() == academie && s.level == level && s.deployed_from <= snapshot)
        .collect();
    let here = |account: &&Account| {
        let of_level = |s: &usize| {
            world.schools[*s].level == level && world.schools[*s].deployed_from <= snapshot
        };
        account.academie == academie
            && account.is_there(snapshot)
            && account.schools.iter().any(of_level)
    };
    let people: Vec<&Account> = world.accounts.iter().filter(here).collect();
    let files = Files {
        folder: out.join("annuaires").join(academie),
        level,
        academie,
        snapshot,
    };
    files.write("EtabEducNat", &schools, |school| structure(school))?;
    let of = |roles: &[Role]| {
        let people = people.iter().copied();
        people
            .filter(|a| roles.contains(&a.role))
            .collect::<Vec<&Account>>()
    };
    let pupil = |account: &&Account| pupil(world, account, level);
    files.write("Eleve", &of(&[Role::Student]), pupil)?;
    files.write("PersRelEleve", &of(&[Role::Parent]), |a| relative(a))?;
    let staff = of(&[Role::Teacher, Role::Staff]);
    files.write("PersEducNat", &staff, |a| member(world, a))
}

/// The files of one feed at one day.
struct Files<'a> {
    folder: PathBuf,
    level: &'a str,
    academie: &'a str,
    snapshot: NaiveDate,
}

impl Files<'_> {
    /// A large category is told in several files, as the académies do.
    fn write<T>(
        &self,
        kind: &str,
        items: &[T],
        entry: impl Fn(&T) -> String,
    ) -> Result<(), String> {
        let whole = if items.is_empty() { Some(items) } else { None };
        let parts = items.chunks(ENTRIES_IN_A_FILE).chain(whole);
        for (number, part) in parts.enumerate() {
            let Self {
                level, snapshot, ..
            } = self;
            let stamp = snapshot.format("%Y%m%d");
            let name = format!("ENT{level}HDF_Complet_{stamp}_{kind}_{number:04}.xml.gz");
            let body: String = part.iter().map(&entry).collect();
            let text = document(level, self.academie, snapshot, &body);
            write_file(&self.folder.join(name), &gzip(text.as_bytes()))?;
        }
        Ok(())
    }
}

fn document(level: &str, academie: &str, date: &NaiveDate, body: &str) -> String {
    let code = if academie == "lille" { "09" } else { "20" };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n<ficAlimMENESR>\n<!-- versionAF=\"AAF-VE2407\" codeAcademieExport=\"{code}\" degre=\"{level}\" dateGenerationExport=\"{}\" -->\n{body}</ficAlimMENESR>\n",
        date.format("%d/%m/%Y")
    )
}

fn request(category: &str, id: u32, attributes: &[(&str, Vec<String>)]) -> String {
    let kind = if category == "EtabEducNat" {
        "Structure"
    } else {
        "Personne"
    };
    let mut text = format!(
        "<addRequest>\n<operationalAttributes><attr name=\"categorie{kind}\"><value>{category}</value></attr></operationalAttributes>\n<identifier><id>{id}</id></identifier>\n<attributes>\n"
    );
    for (name, values) in attributes {
        write!(text, "<attr name=\"{name}\">").expect("a string takes all");
        for value in values {
            let value = value.replace('&', "&amp;").replace('\'', "&apos;");
            write!(text, "<value>{value}</value>").expect("a string takes all");
        }
        text.push_str("</attr>\n");
    }
    text.push_str("</attributes>\n</addRequest>\n");
    text
}

fn one(value: impl ToString) -> Vec<String> {
    vec![value.to_string()]
}

fn structure(school: &School) -> String {
    request(
        "EtabEducNat",
        school.key,
        &[
            ("ENTStructureJointure", one(school.key)),
            ("ENTStructureUAI", one(school.uai)),
            (
                "ENTStructureNomCourant",
                one(format!("{}${}", school.name, school.place.name)),
            ),
            ("ENTStructureTypeStruct", one(school.kind)),
            ("ENTServAcAcademie", one(school.academie().to_uppercase())),
        ],
    )
}

fn pupil(world: &World, account: &Account, level: &str) -> String {
    let parents = account.parents.iter().map(|p| world.accounts[*p].key);
    let (name, parents): (_, Vec<String>) = match level {
        "1D" => (
            "ENTEleveAutoriteParentale",
            parents.map(|key| key.to_string()).collect(),
        ),
        _ => (
            "ENTElevePersRelEleve",
            parents.map(|key| format!("{key}$2$1$1$0$0")).collect(),
        ),
    };
    request(
        "Eleve",
        account.key,
        &[
            ("ENTPersonJointure", one(account.key)),
            ("sn", one(format!("NOMFICTIF{}", account.key))),
            ("givenName", one(format!("PRENOMFICTIF{}", account.key))),
            ("ENTPersonDateNaissance", one("01/01/2012")),
            ("ENTPersonStructRattach", structures(world, account)),
            (name, parents),
        ],
    )
}

fn relative(account: &Account) -> String {
    request(
        "PersRelEleve",
        account.key,
        &[
            ("ENTPersonJointure", one(account.key)),
            ("sn", one(format!("NOMFICTIF{}", account.key))),
        ],
    )
}

fn member(world: &World, account: &Account) -> String {
    let functions = account.schools.iter().map(|s| {
        format!(
            "{}${}$FONCTION$-$SANS OBJET",
            world.schools[*s].key, account.function
        )
    });
    let teaches = if account.role == Role::Teacher {
        "O"
    } else {
        "N"
    };
    request(
        "PersEducNat",
        account.key,
        &[
            ("ENTPersonJointure", one(account.key)),
            ("sn", one(format!("NOMFICTIF{}", account.key))),
            ("ENTPersonStructRattach", structures(world, account)),
            ("ENTPersonFonctions", functions.collect()),
            ("ENTPersonCategorieEnseignant", one(teaches)),
        ],
    )
}

fn structures(world: &World, account: &Account) -> Vec<String> {
    account
        .schools
        .iter()
        .map(|s| world.schools[*s].key.to_string())
        .collect()
}

fn platform_accounts(world: &World, snapshot: NaiveDate) -> String {
    let mut text = String::from("id;externalId;activation\n");
    for account in world.accounts.iter().filter(|a| a.is_there(snapshot)) {
        let activated = account.activated.filter(|on| *on <= snapshot);
        let on = activated.map(|on| on.to_string()).unwrap_or_default();
        writeln!(
            text,
            "{};{};{on}",
            account.platform_id(world.seed),
            account.external_id()
        )
        .expect("a string takes all");
    }
    text
}

fn school_list(world: &World) -> String {
    let mut text = String::from(
        "uai,nom,degre,type,nature,secteur,tutelle,code_insee,commune,effectif,ips,education_prioritaire,zone,lat,lon,en_service_du\n",
    );
    for s in &world.schools {
        writeln!(
            text,
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            s.uai,
            s.name,
            s.level,
            s.kind,
            s.nature,
            s.sector,
            s.ministry(),
            s.place.insee,
            s.place.name,
            s.pupils,
            s.ips,
            s.priority,
            s.place.area,
            s.place.latitude,
            s.place.longitude,
            s.deployed_from
        )
        .expect("a string takes all");
    }
    text
}
