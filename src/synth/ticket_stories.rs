//! What happens to each invented request for assistance, before it has a form.

use super::plan::Planted;
use super::world::World;
use super::{Request, rng};
use crate::domain::SchoolCalendar;
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Timelike};

const CATEGORIES: [(&str, u32); 6] = [
    ("Connexion", 40),
    ("Messagerie", 20),
    ("Cahier de textes", 14),
    ("Espace documentaire", 10),
    ("Annuaire", 10),
    ("Absences", 6),
];

/// Where a request begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Desk {
    /// The ENT's support module.
    Support,
    /// The académie's GLPI.
    Academie,
    /// A local authority's OTRS.
    Authority,
}

/// What happens to one request; local times.
#[derive(Clone)]
pub(super) struct Story {
    pub desk: Desk,
    pub opened: NaiveDateTime,
    pub answered: Option<NaiveDateTime>,
    /// Sent to the académie by another desk.
    pub to_academie: Option<NaiveDateTime>,
    /// Within the académie, to the specialists.
    pub to_second: Option<NaiveDateTime>,
    /// To the provider's experts.
    pub to_provider: Option<NaiveDateTime>,
    /// Waiting for the requester.
    pub waits: Vec<(NaiveDateTime, Option<NaiveDateTime>)>,
    /// Solved a first time, and opened again.
    pub first_solved: Option<(NaiveDateTime, NaiveDateTime)>,
    pub solved: Option<NaiveDateTime>,
    pub cancelled: bool,
    pub account: usize,
    pub category: &'static str,
    pub priority: u8,
    pub kind: &'static str,
    pub channel: &'static str,
    pub satisfaction: Option<u8>,
}

impl Story {
    /// As it is known at an instant.
    pub fn until(&self, end: NaiveDateTime) -> Self {
        let known = |time: Option<NaiveDateTime>| time.filter(|t| *t <= end);
        let mut story = self.clone();
        story.answered = known(self.answered);
        story.to_academie = known(self.to_academie);
        story.to_second = known(self.to_second);
        story.to_provider = known(self.to_provider);
        story.solved = known(self.solved);
        story.first_solved = self.first_solved.filter(|(_, again)| *again <= end);
        story.waits.retain(|(from, _)| *from <= end);
        for (_, to) in &mut story.waits {
            *to = known(*to);
        }
        if story.solved.is_none() {
            story.satisfaction = None;
        }
        story
    }

    /// Whether it waits for the requester at the end of what is known.
    pub fn waiting_now(&self) -> bool {
        self.waits.iter().any(|(_, to)| to.is_none())
    }
}

/// All requests, by time of opening: about 250 for 1,000 accounts a year, many more
/// on the days of the planted outages and at the rentrée.
pub(super) fn stories(world: &World, planted: &Planted, request: &Request) -> Vec<Story> {
    let calendar = SchoolCalendar::zone_b();
    let mut rng = rng(request.seed, "tickets", 0);
    let mut made = Vec::new();
    let per_day = world.accounts.len() as f64 * 0.25 / 180.0;
    let days = request.from.iter_days();
    for day in days.take_while(|day| *day <= request.to) {
        let outage = [planted.outage, planted.federation]
            .into_iter()
            .find(|(from, _)| from.date() == day);
        let factor = match () {
            () if outage.is_some() => 5.0,
            () if !calendar.is_school_day(day) => 0.04,
            () if day.month() == 9 => 2.0,
            () => 0.85,
        };
        let wanted = per_day * factor;
        let count = wanted as usize + usize::from(rng.f64() < wanted.fract());
        for _ in 0..count {
            let after = outage.filter(|_| rng.u8(0..100) < 75).map(|(from, _)| from);
            made.extend(story(world, day, after, &mut rng));
        }
    }
    made.sort_by_key(|story| story.opened);
    made
}

/// The instant itself where people are at work, else the next morning of work.
fn at_work(time: NaiveDateTime) -> NaiveDateTime {
    let (mut day, mut late) = (time.date(), time.hour() >= 17);
    if time.hour() < 8 {
        return at_work(day.and_hms_opt(8, time.minute(), 0).expect("a time"));
    }
    let mut moved = time;
    while late || day.weekday().number_from_monday() > 5 || is_off(day) {
        day = day.succ_opt().expect("a day");
        moved = day.and_hms_opt(8, time.minute(), 0).expect("a time");
        late = false;
    }
    moved
}

/// Support works in holidays too, but not between Christmas and the new year.
fn is_off(day: NaiveDate) -> bool {
    (day.month(), day.day()) >= (12, 24) || (day.month(), day.day()) == (1, 1)
}

fn story(
    world: &World,
    day: NaiveDate,
    outage: Option<NaiveDateTime>,
    rng: &mut fastrand::Rng,
) -> Option<Story> {
    let account = (0..20)
        .map(|_| rng.usize(0..world.accounts.len()))
        .find(|i| world.accounts[*i].is_there(day))?;
    let opened = match outage {
        Some(from) => from + Duration::minutes(5 + (240.0 * rng.f64().powi(2)) as i64),
        None => day.and_hms_opt(rng.u32(7..20), rng.u32(0..60), 0)?,
    };
    let mut at = rng.u32(0..100);
    let (category, _) = CATEGORIES.iter().find(|(_, share)| {
        let found = at < *share || outage.is_some();
        at = at.saturating_sub(*share);
        found
    })?;
    let mut story = Story {
        desk: match rng.u8(0..100) {
            0..=44 => Desk::Support,
            45..=84 => Desk::Academie,
            _ => Desk::Authority,
        },
        opened,
        answered: None,
        to_academie: None,
        to_second: None,
        to_provider: None,
        waits: Vec::new(),
        first_solved: None,
        solved: None,
        cancelled: rng.u8(0..100) < 3,
        account,
        category,
        priority: [2, 3, 3, 3, 3, 4, 4, 5][rng.usize(0..8)],
        kind: if rng.u8(0..100) < 65 {
            "Incident"
        } else {
            "Demande"
        },
        channel: ["Formulaire", "Formulaire", "Téléphone", "Courriel"][rng.usize(0..4)],
        satisfaction: (rng.u8(0..100) < 35).then(|| [1, 2, 3, 4, 4, 4, 5, 5][rng.usize(0..8)]),
    };
    story.happen(rng);
    Some(story)
}

impl Story {
    fn happen(&mut self, rng: &mut fastrand::Rng) {
        let after = |time: NaiveDateTime, hours: f64, rng: &mut fastrand::Rng| {
            let minutes = (hours * 60.0 * rng.f64().powi(2)) as i64 + 5;
            at_work(time + Duration::minutes(minutes))
        };
        let mut now = after(self.opened, 9.0, rng);
        self.answered = Some(now);
        if self.desk != Desk::Academie && rng.u8(0..100) < 18 {
            now = after(now, 20.0, rng);
            self.to_academie = Some(now);
        }
        if self.desk == Desk::Academie || self.to_academie.is_some() {
            if rng.u8(0..100) < 28 {
                now = after(now, 20.0, rng);
                self.to_second = Some(now);
                if rng.u8(0..100) < 35 {
                    now = after(now, 30.0, rng);
                    self.to_provider = Some(now);
                }
            } else if rng.u8(0..100) < 22 {
                let from = after(now, 3.0, rng);
                let to = after(from, 60.0, rng);
                self.waits.push((from, Some(to)));
                now = to;
            }
            if rng.u8(0..100) < 7 && !self.cancelled {
                let first = after(now, 30.0, rng);
                let again = after(first, 120.0, rng);
                self.first_solved = Some((first, again));
                now = again;
            }
        }
        let hours = if rng.u8(0..100) < 8 { 400.0 } else { 60.0 };
        self.solved = Some(after(now, hours, rng));
    }
}
