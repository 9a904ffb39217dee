//! Tickets of four helpdesks in their dialects (support module, GLPI 10 and its
//! history, OTRS, Zammad), with requests that go from one to another.

use super::plan::Planted;
use super::ticket_stories::{Desk, Story, stories};
use super::world::World;
use super::{Request, write_file};
use crate::domain::{Period, Role};
use chrono::{Duration, NaiveDateTime};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use std::collections::BTreeMap;
use std::path::Path;

const SUPPORT: &str = "\u{feff}ID;Structure du demandeur;Statut;Sujet;Catégorie;Profil;Date de création;Dernière modification;\n";
const GLPI: &str = "\u{feff}\"ID\";\"Titre\";\"Entité\";\"Statut\";\"Type\";\"Priorité\";\"Catégorie\";\"Date d'ouverture\";\"Date de résolution\";\"Date de clôture\";\"Attribué à - Groupe de techniciens\";\"Profil du demandeur\";\"Source de la demande\";\"Enquête de satisfaction - Satisfaction\";\"Référence d'origine\";\"Référence de l'escalade\";\n";
const GLPI_HISTORY: &str = "\"ID du ticket\";\"Date\";\"Champ\";\"Mise à jour\"\n";
const SUPPORT_HISTORY: &str = "ticket_id;event_date;event_type;status\n";
const OTRS: &str = "\"Ticket#\";\"Title\";\"Created\";\"Queue\";\"State\";\"Priority\";\"Customer\";\"Service\";\"First Response\";\"Solution Time\";\"Close Time\"\n";
const ZAMMAD: [&str; 8] = [
    "#",
    "Title",
    "State",
    "Priority",
    "Group",
    "Created at",
    "First response at",
    "Close at",
];

/// Files by school year.
#[derive(Default)]
struct Files {
    texts: BTreeMap<(&'static str, String), String>,
    zammad: BTreeMap<String, Vec<[String; 8]>>,
}

/// Writes the exports; returns how many requests there are.
pub(super) fn write(
    world: &World,
    planted: &Planted,
    request: &Request,
    out: &Path,
) -> Result<usize, String> {
    let stories = stories(world, planted, request);
    let end = request.to.and_hms_opt(23, 59, 0).expect("a time");
    let mut files = Files::default();
    for (number, story) in stories.iter().enumerate() {
        files.add(world, number, &story.until(end));
    }
    for ((name, year), rows) in &files.texts {
        let header = match *name {
            "support" => SUPPORT,
            "support-historique" => SUPPORT_HISTORY,
            "glpi" => GLPI,
            "glpi-historique" => GLPI_HISTORY,
            _ => OTRS,
        };
        let path = out.join(format!("tickets/{name}-{year}.csv"));
        write_file(&path, format!("{header}{rows}").as_bytes())?;
    }
    for (year, rows) in &files.zammad {
        let bytes = zammad(rows).map_err(|error| format!("workbook: {error}"))?;
        write_file(&out.join(format!("tickets/zammad-{year}.xlsx")), &bytes)?;
    }
    Ok(stories.len())
}

/// The export of a tool that tells dates in UTC; same rows, same bytes.
fn zammad(rows: &[[String; 8]]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::parse_from_str("2024-01-01")?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let dated = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = book.add_worksheet();
    for (column, name) in ZAMMAD.iter().enumerate() {
        sheet.write_string(0, column as u16, *name)?;
    }
    for (index, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let at = (index as u32 + 1, column as u16);
            match ZAMMAD[column].ends_with(" at") && !cell.is_empty() {
                true => {
                    let date = ExcelDateTime::parse_from_str(cell)?;
                    sheet.write_datetime_with_format(at.0, at.1, &date, &dated)?
                }
                false => sheet.write_string(at.0, at.1, cell)?,
            };
        }
    }
    book.save_to_buffer()
}

impl Files {
    fn text(&mut self, name: &'static str, opened: NaiveDateTime, row: &str) {
        let year = Period::school_year_of(opened.date());
        self.texts.entry((name, year)).or_default().push_str(row);
    }

    fn add(&mut self, world: &World, number: usize, story: &Story) {
        match story.desk {
            Desk::Support => self.support(world, number, story),
            Desk::Authority => self.otrs(world, number, story),
            Desk::Academie => {}
        }
        if story.desk == Desk::Academie || story.to_academie.is_some() {
            self.glpi(world, number, story);
        }
        if let Some(sent) = story.to_provider {
            self.provider(number, story, sent);
        }
    }

    fn support(&mut self, world: &World, number: usize, story: &Story) {
        let account = &world.accounts[story.account];
        let profile = match account.role {
            Role::Student => "Student",
            Role::Parent => "Relative",
            Role::Teacher => "Teacher",
            _ => "Personnel",
        };
        let (status, changed) = match story.solved {
            Some(solved) if story.cancelled || !number.is_multiple_of(9) => ("Fermé", solved),
            Some(solved) => ("Résolu", solved),
            None if story.answered.is_some() => ("Ouvert", story.answered.unwrap_or(story.opened)),
            None => ("Nouveau", story.opened),
        };
        let stamp = |t: NaiveDateTime| t.format("%d/%m/%Y - %H:%M").to_string();
        let row = format!(
            "{};{};{status};Objet fictif ; numéro {number};{};{profile};{};{};\n",
            number + 1,
            structure(world, story),
            story.category,
            stamp(story.opened),
            stamp(changed)
        );
        self.text("support", story.opened, &row);
        self.support_history(number, story);
    }

    /// Codes of the module: 2 a change, 3 a comment; statuses 2 open, 4 closed.
    fn support_history(&mut self, number: usize, story: &Story) {
        let mut changes = vec![(story.opened, 1, 1)];
        changes.extend(story.answered.map(|time| (time, 2, 2)));
        changes.extend(story.answered.map(|time| (time, 3, 2)));
        changes.extend(story.solved.map(|time| (time, 2, 4)));
        for (time, event, status) in changes {
            let row = format!(
                "{};{};{event};{status}\n",
                number + 1,
                time.format("%Y-%m-%d %H:%M:%S")
            );
            self.text("support-historique", story.opened, &row);
        }
    }

    fn otrs(&mut self, world: &World, number: usize, story: &Story) {
        let stamp = |t: Option<NaiveDateTime>| {
            t.map_or(String::new(), |t| t.format("%Y-%m-%d %H:%M:%S").to_string())
        };
        let state = match (story.solved, story.cancelled, story.answered) {
            (Some(_), true, _) => "merged",
            (Some(_), false, _) => "closed successful",
            (None, _, Some(_)) => "open",
            (None, _, None) => "new",
        };
        let row = format!(
            "\"{}\";\"Objet fictif \"\"{number}\"\"\";\"{}\";\"Assistance::N0\";\"{state}\";\"{} {}\";\"{}\";\"{}\";\"{}\";\"{}\";\"{}\"\n",
            authority_id(number),
            stamp(Some(story.opened)),
            story.priority,
            ["very low", "low", "normal", "high", "very high"][story.priority as usize - 1],
            structure(world, story),
            story.category,
            stamp(story.answered),
            stamp(story.solved),
            stamp(story.solved)
        );
        self.text("otrs", story.opened, &row);
    }

    fn glpi(&mut self, world: &World, number: usize, story: &Story) {
        let account = &world.accounts[story.account];
        let stamp = |t: NaiveDateTime| t.format("%d-%m-%Y %H:%M").to_string();
        let opened = story.to_academie.unwrap_or(story.opened);
        let status = match (story.solved, story.waiting_now(), story.answered) {
            (Some(_), _, _) if number.is_multiple_of(11) => "Résolu",
            (Some(_), _, _) => "Clos",
            (None, true, _) => "En attente",
            (None, false, Some(_)) => "En cours (Attribué)",
            (None, false, None) => "Nouveau",
        };
        let solved = story.solved.map_or(String::new(), stamp);
        let closed = story.solved.filter(|_| status == "Clos");
        let closed = closed.map_or(String::new(), |t| stamp(t + Duration::days(3)));
        let groups = match story.to_second {
            Some(_) => "Assistance N1\nAssistance N2",
            None => "Assistance N1",
        };
        let origin = match (story.to_academie, story.desk) {
            (Some(_), Desk::Support) => format!("ent/{}", number + 1),
            (Some(_), Desk::Authority) => format!("collectivite/{}", authority_id(number)),
            _ => String::new(),
        };
        let further = story.to_provider.map_or(String::new(), |_| {
            format!("editeur/{}", provider_id(number))
        });
        let row = format!(
            "\"{}\";\"Objet fictif ''{number}''\";\"Académie &gt; {} &gt; {}\";\"{status}\";\"{}\";\"{}\";\"ENT > {}\";\"{}\";\"{solved}\";\"{closed}\";\"{groups}\";\"{}\";\"{}\";\"{}\";\"{origin}\";\"{further}\";\n",
            grouped(number),
            world.schools[account.schools[0]].place.departement,
            structure(world, story),
            story.kind,
            ["Très basse", "Basse", "Moyenne", "Haute", "Très haute"][story.priority as usize - 1],
            story.category,
            stamp(opened),
            account.role.label(),
            story.channel,
            story.satisfaction.map_or(String::new(), |n| n.to_string()),
        );
        self.text("glpi", opened, &row);
        self.history(number, story, opened);
    }

    fn history(&mut self, number: usize, story: &Story, opened: NaiveDateTime) {
        let mut changes: Vec<(NaiveDateTime, &str, &str)> = Vec::new();
        let taken = story.to_second.or(story.answered).filter(|t| *t > opened);
        if let Some(taken) = taken {
            changes.push((taken, "Statut", "Changer Nouveau par En cours (Attribué)"));
        }
        if let Some(time) = story.to_second {
            changes.push((
                time,
                "Groupe de techniciens",
                "Ajout d'un lien avec un élément : Assistance N2 (12)",
            ));
        }
        for (from, to) in &story.waits {
            changes.push((
                *from,
                "Statut",
                "Changer En cours (Attribué) par En attente",
            ));
            if let Some(to) = to {
                changes.push((*to, "Statut", "Changer En attente par En cours (Attribué)"));
            }
        }
        if let Some((first, again)) = story.first_solved {
            changes.push((first, "Statut", "Changer En cours (Attribué) par Résolu"));
            changes.push((again, "Statut", "Changer Résolu par En cours (Attribué)"));
        }
        if let Some(solved) = story.solved {
            let last = match story.cancelled {
                true => "Changer En cours (Attribué) par Annulé",
                false => "Changer En cours (Attribué) par Résolu",
            };
            changes.push((solved, "Statut", last));
            changes.push((solved, "Description", "Changer a par b"));
        }
        changes.sort();
        for (time, field, change) in changes {
            let time = time.format("%d-%m-%Y %H:%M");
            let row = format!(
                "\"{}\";\"{time}\";\"{field}\";\"{change}\"\n",
                grouped(number)
            );
            self.text("glpi-historique", opened, &row);
        }
    }

    fn provider(&mut self, number: usize, story: &Story, sent: NaiveDateTime) {
        let utc = |t: NaiveDateTime| {
            crate::domain::time::instant(t)
                .format("%Y-%m-%dT%H:%M:%S")
                .to_string()
        };
        let answered = sent + Duration::minutes(40 + (number as i64 * 37) % 400);
        let row = [
            provider_id(number).to_string(),
            format!("Objet fictif {number}"),
            if story.solved.is_some() {
                "closed"
            } else {
                "open"
            }
            .to_owned(),
            "3 high".to_owned(),
            "Experts N3".to_owned(),
            utc(sent),
            story
                .solved
                .filter(|s| answered < *s)
                .map_or(String::new(), |_| utc(answered)),
            story.solved.map_or(String::new(), utc),
        ];
        let year = Period::school_year_of(sent.date());
        self.zammad.entry(year).or_default().push(row);
    }
}

fn structure(world: &World, story: &Story) -> String {
    let school = &world.schools[world.accounts[story.account].schools[0]];
    format!("{} {}", school.name, school.place.name)
}

fn authority_id(number: usize) -> usize {
    2_024_000_000 + number
}

fn provider_id(number: usize) -> usize {
    70_000 + number
}

/// As GLPI shows ids: `5 732 943`.
fn grouped(number: usize) -> String {
    let id = 5_730_000 + number;
    format!(
        "{} {:03} {:03}",
        id / 1_000_000,
        id / 1_000 % 1_000,
        id % 1_000
    )
}
