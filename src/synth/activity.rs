//! Who comes when, and what they look at.

use super::plan::{ACTION_GAIN, Planted, within};
use super::rng;
use super::world::{Account, World};
use crate::domain::{Role, SchoolCalendar};
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Weekday};

/// A visit: the account, when it signs in, and its pages, in order; none
/// where it could not sign in.
pub(super) struct Visit {
    pub account: usize,
    pub start: NaiveDateTime,
    pub pages: Vec<Page>,
}

/// A page at a local time.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub at: NaiveDateTime,
    pub path: &'static str,
    pub module: &'static str,
    pub posts: bool,
}

/// Path, module, weight for pupils, parents, teachers and staff.
const SERVICES: [(&str, &str, [u32; 4]); 11] = [
    ("/timeline/timeline", "Timeline", [10, 10, 8, 8]),
    ("/conversation/inbox", "Conversation", [18, 30, 26, 34]),
    ("/homeworks", "Homeworks", [26, 14, 16, 2]),
    ("/schoolbook", "SchoolBook", [2, 22, 10, 4]),
    ("/workspace/workspace", "Workspace", [10, 1, 12, 10]),
    ("/presences", "Presences", [1, 6, 8, 18]),
    ("/edt", "Edt", [12, 6, 6, 10]),
    ("/exercizer", "Exercizer", [8, 0, 4, 0]),
    ("/collaborativewall", "CollaborativeWall", [6, 1, 5, 1]),
    ("/actualites", "Actualites", [3, 8, 3, 8]),
    ("/mediacentre", "Mediacentre", [4, 2, 2, 5]),
];

/// All visits that start on a local day.
pub(super) fn of_day(world: &World, planted: &Planted, seed: u64, day: NaiveDate) -> Vec<Visit> {
    let calendar = SchoolCalendar::zone_b();
    let pace = pace(&calendar, day);
    let in_action: Vec<usize> = world.schools_of_action().collect();
    let gain = |account: &Account| {
        let is_concerned = account
            .schools
            .iter()
            .any(|school| in_action.contains(school));
        if is_concerned && day >= planted.action {
            ACTION_GAIN
        } else {
            1.0
        }
    };
    let mut visits = Vec::new();
    for (index, account) in world.accounts.iter().enumerate() {
        let here = account.is_there(day) && account.activated.is_some_and(|on| on <= day);
        if !here
            || !account
                .schools
                .iter()
                .any(|s| world.schools[*s].deployed_from <= day)
        {
            continue;
        }
        let mut rng = rng(
            seed ^ u64::from(day.num_days_from_ce() as u32),
            "day",
            index as u64,
        );
        let chance = (rate(world, account, day) * account.habit * pace * gain(account)).min(0.95);
        if rng.f64() >= chance {
            continue;
        }
        let count = if rng.u8(0..100) < 22 { 2 } else { 1 };
        for _ in 0..count {
            let start = start(&mut rng, account.role, day, calendar.is_school_day(day));
            let kept_out = |at| account.role == Role::Parent && within(at, planted.crisis);
            if kept_out(start) {
                continue;
            }
            // While the federation is down nobody new comes in.
            if within(start, planted.federation) {
                visits.push(Visit {
                    account: index,
                    start,
                    pages: Vec::new(),
                });
            } else {
                let mut visit = visit(index, account.role, start, &mut rng);
                visit.pages.retain(|page| !kept_out(page.at));
                visits.push(visit);
            }
        }
    }
    visits
}

/// The pace of the year: September, Wednesdays, weekends, holidays.
fn pace(calendar: &SchoolCalendar, day: NaiveDate) -> f64 {
    let peak = match (day.month(), day.day()) {
        (9, 1..=21) => 1.45,
        (6, 20..) => 0.7,
        _ => 1.0,
    };
    let weekday: f64 = match day.weekday() {
        Weekday::Wed => 0.75,
        Weekday::Sat => 0.28,
        Weekday::Sun => 0.42,
        _ => 1.0,
    };
    let summer = matches!(day.month(), 7 | 8);
    match () {
        () if summer && !calendar.is_school_day(day) => 0.05,
        () if calendar.is_holiday(day) => 0.14,
        () if !calendar.is_school_day(day) => weekday.min(0.42),
        () => weekday * peak,
    }
}

/// Chance of a visit on a plain school day, by role and level; parents of
/// écoles come more and more.
fn rate(world: &World, account: &Account, day: NaiveDate) -> f64 {
    let primary = account
        .schools
        .iter()
        .any(|s| world.schools[*s].level == "1D");
    let years = (day.num_days_from_ce() - 738_734) as f64 / 365.0; // since 2023-08-01
    match (account.role, primary) {
        (Role::Student, true) => 0.06,
        (Role::Student, false) => 0.30,
        (Role::Parent, true) => 0.13 + 0.055 * years.max(0.0),
        (Role::Parent, false) => 0.16,
        (Role::Teacher, true) => 0.34,
        (Role::Teacher, false) => 0.46,
        _ => 0.38,
    }
}

fn start(rng: &mut fastrand::Rng, role: Role, day: NaiveDate, school_day: bool) -> NaiveDateTime {
    const PUPIL: [u32; 24] = [
        1, 0, 0, 0, 0, 0, 1, 8, 18, 14, 14, 9, 5, 10, 12, 12, 10, 16, 18, 16, 12, 8, 4, 2,
    ];
    const PARENT: [u32; 24] = [
        1, 0, 0, 0, 0, 1, 4, 11, 9, 6, 6, 6, 9, 7, 5, 5, 10, 15, 18, 19, 20, 16, 9, 3,
    ];
    const ADULT: [u32; 24] = [
        0, 0, 0, 0, 0, 1, 3, 14, 22, 18, 17, 14, 8, 13, 14, 13, 12, 11, 7, 6, 6, 4, 2, 1,
    ];
    const FREE: [u32; 24] = [
        2, 1, 0, 0, 0, 0, 1, 2, 5, 9, 12, 11, 8, 8, 9, 9, 10, 12, 13, 14, 14, 11, 7, 4,
    ];
    let weights = match role {
        _ if !school_day => &FREE,
        Role::Student => &PUPIL,
        Role::Parent => &PARENT,
        _ => &ADULT,
    };
    let hour = weighted(rng, weights) as u32;
    let (minute, second) = (rng.u32(0..60), rng.u32(0..60));
    day.and_hms_opt(hour, minute, second).expect("a time")
}

fn weighted(rng: &mut fastrand::Rng, weights: &[u32]) -> usize {
    let mut left = rng.u32(0..weights.iter().sum());
    for (index, weight) in weights.iter().enumerate() {
        if left < *weight {
            return index;
        }
        left -= weight;
    }
    0
}

fn visit(account: usize, role: Role, start: NaiveDateTime, rng: &mut fastrand::Rng) -> Visit {
    let column = match role {
        Role::Student => 0,
        Role::Parent => 1,
        Role::Teacher => 2,
        _ => 3,
    };
    let weights: Vec<u32> = SERVICES.iter().map(|s| s.2[column]).collect();
    let mut pages = vec![page(start, 0, false)];
    let mut at = start;
    while pages.len() < 30 && rng.u8(0..100) < 72 {
        at += Duration::seconds(rng.i64(4..260));
        let service = weighted(rng, &weights);
        pages.push(page(at, service, rng.u8(0..100) < 8));
    }
    Visit {
        account,
        start,
        pages,
    }
}

fn page(at: NaiveDateTime, service: usize, posts: bool) -> Page {
    let (path, module, _) = SERVICES[service];
    Page {
        at,
        path,
        module,
        posts,
    }
}
