//! Tickets in two dialects: the ENT's support module and GLPI 10.

use super::plan::Planted;
use super::world::World;
use super::{Request, rng, write_file};
use crate::domain::{Period, Role, SchoolCalendar};
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const CATEGORIES: [(&str, u32); 6] = [
    ("Connexion", 40),
    ("Messagerie", 20),
    ("Cahier de textes", 14),
    ("Espace documentaire", 10),
    ("Annuaire", 10),
    ("Absences", 6),
];

struct Made {
    opened: NaiveDateTime,
    solved: NaiveDateTime,
    account: usize,
    category: &'static str,
}

pub(super) fn write(
    world: &World,
    planted: &Planted,
    request: &Request,
    out: &Path,
) -> Result<usize, String> {
    let made = make(world, planted, request);
    let mut support: BTreeMap<String, String> = BTreeMap::new();
    let mut glpi: BTreeMap<String, String> = BTreeMap::new();
    let end = request.to.and_hms_opt(23, 59, 0).expect("a time");
    for (number, ticket) in made.iter().enumerate() {
        let year = Period::school_year_of(ticket.opened.date());
        let (files, row) = match number % 5 {
            0 | 1 => (&mut glpi, glpi_row(world, number, ticket, end)),
            _ => (&mut support, support_row(world, number, ticket, end)),
        };
        files.entry(year).or_default().push_str(&row);
    }
    for (year, rows) in support {
        let header = "\u{feff}ID;Structure du demandeur;Statut;Sujet;Catégorie;Profil;Date de création;Dernière modification;\n";
        write_file(
            &out.join(format!("tickets/support-{year}.csv")),
            format!("{header}{rows}").as_bytes(),
        )?;
    }
    for (year, rows) in glpi {
        let header = "\u{feff}\"ID\";\"Titre\";\"Entité\";\"Statut\";\"Type\";\"Priorité\";\"Catégorie\";\"Date d'ouverture\";\"Date de résolution\";\"Date de clôture\";\n";
        write_file(
            &out.join(format!("tickets/glpi-{year}.csv")),
            format!("{header}{rows}").as_bytes(),
        )?;
    }
    Ok(made.len())
}

fn make(world: &World, planted: &Planted, request: &Request) -> Vec<Made> {
    let calendar = SchoolCalendar::zone_b();
    let mut rng = rng(request.seed, "tickets", 0);
    let mut made = Vec::new();
    // About 60 tickets for 1,000 accounts a year.
    let per_day = world.accounts.len() as f64 * 0.060 / 180.0;
    for day in request
        .from
        .iter_days()
        .take_while(|day| *day <= request.to)
    {
        let factor = match () {
            () if day == planted.outage.0.date() || day == planted.federation.0.date() => 9.0,
            () if !calendar.is_school_day(day) => 0.04,
            () if day.month() == 9 => 2.6,
            () => 0.85,
        };
        let wanted = per_day * factor;
        let count = wanted as usize + usize::from(rng.f64() < wanted.fract());
        for _ in 0..count {
            if let Some(ticket) = ticket(world, day, &mut rng) {
                made.push(ticket);
            }
        }
    }
    made.sort_by_key(|ticket| ticket.opened);
    made
}

fn ticket(world: &World, day: NaiveDate, rng: &mut fastrand::Rng) -> Option<Made> {
    let account = (0..20)
        .map(|_| rng.usize(0..world.accounts.len()))
        .find(|i| world.accounts[*i].is_there(day))?;
    let opened = day.and_hms_opt(rng.u32(7..20), rng.u32(0..60), 0)?;
    let hours = 0.3 + 90.0 * rng.f64().powi(3);
    let mut at = rng.u32(0..100);
    let (category, _) = CATEGORIES.iter().find(|(_, share)| {
        let found = at < *share;
        at = at.saturating_sub(*share);
        found
    })?;
    Some(Made {
        opened,
        solved: opened + Duration::minutes((hours * 60.0) as i64),
        account,
        category,
    })
}

fn support_row(world: &World, number: usize, ticket: &Made, end: NaiveDateTime) -> String {
    let account = &world.accounts[ticket.account];
    let school = &world.schools[account.schools[0]];
    let profile = match account.role {
        Role::Student => "Student",
        Role::Parent => "Relative",
        Role::Teacher => "Teacher",
        _ => "Personnel",
    };
    let (status, changed) = match ticket.solved < end {
        true if number.is_multiple_of(9) => ("Résolu", ticket.solved),
        true => ("Fermé", ticket.solved),
        false => ("Ouvert", ticket.opened),
    };
    let stamp = |t: NaiveDateTime| t.format("%d/%m/%Y - %H:%M").to_string();
    format!(
        "{};{} {};{status};Demande ; numéro {number};{};{profile};{};{};\n",
        number + 1,
        school.name,
        school.place.name,
        ticket.category,
        stamp(ticket.opened),
        stamp(changed)
    )
}

fn glpi_row(world: &World, number: usize, ticket: &Made, end: NaiveDateTime) -> String {
    let account = &world.accounts[ticket.account];
    let school = &world.schools[account.schools[0]];
    let stamp = |t: NaiveDateTime| t.format("%d-%m-%Y %H:%M").to_string();
    let (status, solved) = match ticket.solved < end {
        true => ("Clos", stamp(ticket.solved)),
        false => ("En cours (Attribué)", String::new()),
    };
    let closed = if solved.is_empty() {
        String::new()
    } else {
        stamp(ticket.solved + Duration::days(3))
    };
    let mut row = String::new();
    writeln!(
        row,
        "\"{}\";\"Demande ''{number}''\";\"Académie &gt; {}\";\"{status}\";\"Incident\";\"{}\";\"ENT > {}\";\"{}\";\"{solved}\";\"{closed}\";",
        number + 1, school.place.departement, if number.is_multiple_of(4) { "Haute" } else { "Moyenne" },
        ticket.category, stamp(ticket.opened)
    )
    .expect("a string takes all");
    row
}
