//! A second program that counts the raw synthetic inputs in its own way:
//! nothing of the product is used, only text cut by hand. What it finds must
//! be what the report shows.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use flate2::read::MultiGzDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Figures by table of the report and labels of the row and column.
pub type Counts = BTreeMap<(&'static str, String), i64>;

pub struct Request {
    pub at: NaiveDateTime,
    pub account: String,
    pub path: String,
    pub is_get: bool,
    pub status: u16,
    pub agent: String,
}

struct Person {
    role: &'static str,
    schools: BTreeSet<String>,
}

struct School {
    level: &'static str,
    departement: String,
}

struct Visit {
    start: NaiveDateTime,
    account: String,
    pages: i64,
    services: BTreeSet<&'static str>,
    agent: String,
}

const SERVICES: [(&str, &str); 11] = [
    ("/timeline/", "Accueil"),
    ("/conversation/", "Messagerie"),
    ("/homeworks/", "Cahier de textes"),
    ("/schoolbook/", "Cahier de liaison"),
    ("/workspace/", "Stockage et partage"),
    ("/presences/", "Absences"),
    ("/edt/", "Emploi du temps"),
    ("/exercizer/", "Parcours pédagogiques"),
    ("/collaborativewall/", "Production collaborative"),
    ("/actualites/", "Actualités"),
    ("/mediacentre/", "Ressources documentaires"),
];

/// Counts everything of the inputs of one school year with one directory.
pub fn count(inputs: &Path) -> Counts {
    let mut counts = Counts::new();
    let schools = schools(inputs);
    let people = people(inputs);
    let requests = requests(inputs);
    let last = requests.iter().map(|r| r.at.date()).max().unwrap();
    accounts(&mut counts, &people, &schools, &activated(inputs, last));
    let visits = visits(&requests);
    usage(&mut counts, &visits, &people, &schools);
    minutes(&mut counts, &requests);
    tickets(&mut counts, inputs);
    counts
}

fn files(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let mut out = Vec::new();
    match path.extension().is_some_and(|e| e == "gz") {
        true => MultiGzDecoder::new(&bytes[..])
            .read_to_end(&mut out)
            .map(drop)
            .unwrap(),
        false => out = bytes,
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn schools(inputs: &Path) -> BTreeMap<String, School> {
    let text = text(&inputs.join("etablissements.csv"));
    let rows = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    rows.map(|row| {
        let level = if row[2] == "1D" {
            "Premier degré"
        } else {
            "Second degré"
        };
        let departement = match &row[0][..3] {
            "002" => "Aisne",
            "059" => "Nord",
            "060" => "Oise",
            "062" => "Pas-de-Calais",
            _ => "Somme",
        };
        let school = School {
            level,
            departement: departement.into(),
        };
        (row[0].to_owned(), school)
    })
    .collect()
}

/// The values of an attribute in one AAF entry.
fn values(entry: &str, name: &str) -> Vec<String> {
    let Some((_, rest)) = entry.split_once(&format!("<attr name=\"{name}\">")) else {
        return Vec::new();
    };
    let inside = rest.split("</attr>").next().unwrap();
    let parts = inside.split("<value>").skip(1);
    parts
        .map(|v| v.split("</value>").next().unwrap().to_owned())
        .collect()
}

fn people(inputs: &Path) -> BTreeMap<String, Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for academie in ["lille", "amiens"] {
        let texts: Vec<String> = files(inputs.join("annuaires").join(academie))
            .iter()
            .map(|f| text(f))
            .collect();
        let entries: Vec<&str> = texts
            .iter()
            .flat_map(|t| t.split("<addRequest>").skip(1))
            .collect();
        let mut uais = BTreeMap::new();
        for entry in &entries {
            for uai in values(entry, "ENTStructureUAI") {
                uais.insert(values(entry, "ENTStructureJointure").remove(0), uai);
            }
        }
        let mut of_children: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in entries
            .iter()
            .filter(|e| e.contains("<value>Eleve</value>"))
        {
            let mut relatives = values(entry, "ENTEleveAutoriteParentale");
            for relative in values(entry, "ENTElevePersRelEleve") {
                relatives.push(relative.split('$').next().unwrap().to_owned());
            }
            for relative in relatives {
                let of = of_children.entry(relative).or_default();
                of.extend(values(entry, "ENTPersonStructRattach"));
            }
        }
        for entry in entries.iter().filter(|e| e.contains("categoriePersonne")) {
            let key = values(entry, "ENTPersonJointure").remove(0);
            let functions = values(entry, "ENTPersonFonctions");
            let role = match () {
                () if entry.contains("<value>Eleve</value>") => "Élèves",
                () if entry.contains("<value>PersRelEleve</value>") => "Parents",
                () if functions.iter().any(|f| f.contains("$ENS$")) => "Enseignants",
                () => "Personnels",
            };
            let mut structures: BTreeSet<String> = values(entry, "ENTPersonStructRattach")
                .into_iter()
                .collect();
            structures.extend(
                functions
                    .iter()
                    .map(|f| f.split('$').next().unwrap().to_owned()),
            );
            structures.extend(of_children.get(&key).into_iter().flatten().cloned());
            let found = structures.iter().filter_map(|s| uais.get(s).cloned());
            let person = people.entry(format!("{academie}-{key}")).or_insert(Person {
                role,
                schools: BTreeSet::new(),
            });
            person.schools.extend(found);
        }
    }
    people
}

fn activated(inputs: &Path, last: NaiveDate) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(inputs.join("comptes")) {
        for line in text(&file).lines().skip(1) {
            let cells: Vec<&str> = line.split(';').collect();
            if cells[2].parse::<NaiveDate>().is_ok_and(|day| day <= last) {
                found.insert(cells[1].to_owned());
            }
        }
    }
    found
}

/// Lines with their eight quotes; the others are cut.
pub fn requests(inputs: &Path) -> Vec<Request> {
    let mut requests = Vec::new();
    for front_end in ["fe1", "fe2"] {
        for file in files(inputs.join("acces").join(front_end)) {
            let text = text(&file);
            requests.extend(
                text.lines()
                    .filter(|l| l.matches('"').count() == 8)
                    .map(request),
            );
        }
    }
    requests
}

fn request(line: &str) -> Request {
    let quoted: Vec<&str> = line.split('"').collect();
    let stamp = line.split(['[', ']']).nth(1).unwrap();
    let words: Vec<&str> = quoted[1].split(' ').collect();
    let target = words.get(1).copied().unwrap_or_default();
    Request {
        at: NaiveDateTime::parse_from_str(&stamp[..20], "%d/%b/%Y:%H:%M:%S").unwrap(),
        account: line.split(' ').nth(2).unwrap().to_owned(),
        path: target.split('?').next().unwrap().to_owned(),
        is_get: words[0] == "GET",
        status: quoted[2].trim().split(' ').next().unwrap().parse().unwrap(),
        agent: quoted[5].to_owned(),
    }
}

/// Runs of pages and actions of one account, cut where 30 minutes are passed.
/// The times are local; the inputs told here have no clock change.
fn visits(requests: &[Request]) -> Vec<Visit> {
    let mut of_account: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
    for request in requests
        .iter()
        .filter(|r| r.account != "-" && r.status < 400)
    {
        let idle = request.path.starts_with("/assets/")
            || request.path.starts_with("/conversation/count/");
        if !idle {
            of_account
                .entry(&request.account)
                .or_default()
                .push(request);
        }
    }
    let mut visits: Vec<Visit> = Vec::new();
    for (account, mut list) in of_account {
        list.sort_by_key(|request| request.at);
        let mut previous: Option<NaiveDateTime> = None;
        for request in list {
            if previous.is_none_or(|at| (request.at - at).num_seconds() > 1_800) {
                visits.push(Visit {
                    start: request.at,
                    account: account.to_owned(),
                    pages: 0,
                    services: BTreeSet::new(),
                    agent: request.agent.clone(),
                });
            }
            previous = Some(request.at);
            let visit = visits.last_mut().unwrap();
            visit.pages += i64::from(request.is_get);
            let service = SERVICES
                .iter()
                .find(|(prefix, _)| request.path.starts_with(prefix));
            visit.services.extend(service.map(|(_, label)| *label));
        }
    }
    visits
}

/// Every group that a visit or a person of these schools and role is in.
fn groups(person: &Person, schools: &BTreeMap<String, School>) -> BTreeSet<(String, &'static str)> {
    let mut found = BTreeSet::new();
    for uai in &person.schools {
        let school = &schools[uai];
        for role in [person.role, "Ensemble"] {
            found.insert((school.level.to_owned(), role));
            found.insert(("Ensemble".to_owned(), role));
        }
        found.insert((school.departement.clone(), "*"));
    }
    found
}

fn label(group: &(String, &str), column: &str) -> String {
    match group.1 {
        "*" => format!("{} / {column}", group.0),
        role => format!("{} / {role} / {column}", group.0),
    }
}

fn accounts(
    counts: &mut Counts,
    people: &BTreeMap<String, Person>,
    schools: &BTreeMap<String, School>,
    activated: &BTreeSet<String>,
) {
    for (account, person) in people {
        for group in groups(person, schools) {
            let (table, column) = match group.1 {
                "*" => ("Usages par département", "Comptes"),
                _ => ("Comptes chargés et activés par degré et profil", "Chargés"),
            };
            *counts.entry((table, label(&group, column))).or_default() += 1;
            if group.1 != "*" && activated.contains(account) {
                *counts.entry((table, label(&group, "Activés"))).or_default() += 1;
            }
        }
    }
}

fn usage(
    counts: &mut Counts,
    visits: &[Visit],
    people: &BTreeMap<String, Person>,
    schools: &BTreeMap<String, School>,
) {
    let mut visitors: BTreeMap<(&'static str, String), BTreeSet<&str>> = BTreeMap::new();
    for visit in visits {
        let Some(person) = people.get(&visit.account).filter(|p| !p.schools.is_empty()) else {
            continue;
        };
        let mut add = |table, key: String, n| *counts.entry((table, key)).or_default() += n;
        for group in groups(person, schools) {
            let table = match group.1 {
                "*" => "Usages par département",
                _ => "Visiteurs et visites par degré et profil",
            };
            add(table, label(&group, "Visites"), 1);
            visitors
                .entry((table, label(&group, "Visiteurs")))
                .or_default()
                .insert(&visit.account);
        }
        let day = visit.start.date();
        let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        add("Visites par semaine", format!("{monday} / Visites"), 1);
        let hour = visit.start.format("%u / %-H / Visites").to_string();
        add("Visites par jour et heure", hour, 1);
        for service in &visit.services {
            add(
                "Part des visites par service",
                format!("{service} / Visites"),
                1,
            );
        }
        add("query devices", device(&visit.agent).to_owned(), 1);
        add("query usage", "page_views".into(), visit.pages);
    }
    counts.extend(
        visitors
            .into_iter()
            .map(|(key, who)| (key, who.len() as i64)),
    );
}

fn device(agent: &str) -> &'static str {
    match () {
        () if agent.starts_with("okhttp") => "app",
        () if agent.contains("Windows NT") || agent.contains("Macintosh") => "computer",
        () if agent.contains("Mobile") => "smartphone",
        () => "tablet",
    }
}

/// Minutes of the whole day in which a path answered, and those without failure.
fn minutes(counts: &mut Counts, requests: &[Request]) {
    let mut answers: BTreeMap<(&str, String), (i64, i64)> = BTreeMap::new();
    for request in requests {
        let login = request.path.starts_with("/auth/");
        let path = if login {
            "Connexion (fédération)"
        } else {
            "ENT"
        };
        let minute = answers
            .entry((path, request.at.format("%F %H:%M").to_string()))
            .or_default();
        minute.0 += 1;
        minute.1 += i64::from(request.status >= 500);
    }
    let table = "Disponibilité de l’ENT et de la connexion";
    for ((path, _), (all, failed)) in answers {
        let key = |column| (table, format!("{path} / toutes heures / {column}"));
        *counts.entry(key("Minutes mesurées")).or_default() += 1;
        *counts.entry(key("Minutes sans panne")).or_default() += i64::from(failed * 100 < all);
    }
}

/// Requests by month and reason: a ticket that another tool sent on is not counted
/// again, and the provider's are never the first.
fn tickets(counts: &mut Counts, inputs: &Path) {
    for file in files(inputs.join("tickets")) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if name.contains("historique") || name.ends_with("xlsx") {
            continue;
        }
        let text = text(&file).replace("N1\nAssistance", "N1 Assistance");
        for line in text.lines().skip(1) {
            let quoted: Vec<&str> = line.split("\";\"").collect();
            let plain: Vec<&str> = line.rsplit(';').collect();
            let (category, date, form) = match &name[..4] {
                "glpi" if quoted[14].is_empty() => (quoted[6], quoted[7], "%d-%m-%Y"),
                "glpi" => continue,
                "otrs" => (quoted[7], quoted[2], "%Y-%m-%d"),
                _ => (plain[4], plain[2], "%d/%m/%Y"),
            };
            let opened = NaiveDate::parse_from_str(&date[..10], form).unwrap();
            let month = opened.with_day(1).unwrap();
            let category = category.rsplit(" > ").next().unwrap();
            let mut add = |table, key: String| *counts.entry((table, key)).or_default() += 1;
            add(
                "Demandes par mois et demandes en cours",
                format!("{month} / Ouvertes"),
            );
            add("Demandes par motif", format!("{category} / Demandes"));
        }
    }
}
