//! nginx access logs, by front-end and day, rotated at midnight and gzipped.

use super::activity::{Page, Visit};
use super::plan::{Planted, within};
use super::world::World;
use super::{gzip, rng, write_file};
use crate::domain::time;
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Europe::Paris;
use std::fmt::Write;
use std::path::Path;

/// The `log_format` that the invented administrator declared.
pub const LOG_FORMAT: &str = r#"$remote_addr - $ent_account [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time "$upstream_response_time""#;

pub(super) const FRONT_ENDS: [&str; 2] = ["fe1", "fe2"];

/// Agents by the share of accounts that use them, per hundred.
const AGENTS: [(usize, &str); 6] = [
    (
        38,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    ),
    (
        62,
        "Mozilla/5.0 (Linux; Android 13; SM-A135F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
    ),
    (
        80,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    ),
    (88, "okhttp/4.9.3"),
    (
        91,
        "Mozilla/5.0 (Linux; Android 12; Alba 10\\x22 Build/LMY47I) AppleWebKit/537.36 Safari/537.36",
    ),
    (
        100,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    ),
];

struct Line {
    at: NaiveDateTime,
    front_end: usize,
    text: String,
}

/// Writes the files of one day; returns the lines written.
pub(super) fn write_day(
    world: &World,
    planted: &Planted,
    seed: u64,
    day: NaiveDate,
    visits: &[Visit],
    out: &Path,
) -> Result<u64, String> {
    if day == planted.missing {
        return Ok(0);
    }
    let mut maker = Maker {
        planted,
        rng: rng(seed, "lines", day.num_days_from_ce() as u64),
        lines: Vec::new(),
    };
    for visit in visits {
        maker.visit(world, visit);
    }
    maker.machines(day);
    let mut lines = maker.lines;
    // Stable: lines of the same second stay in the order of their making.
    lines.sort_by_key(|line| line.at);
    if (planted.known_bad.0..=planted.known_bad.1).contains(&day) {
        let mut index = 0;
        lines.retain(|_| {
            index += 1;
            index % 2 == 0
        });
    }
    let mut written = 0;
    for (number, front_end) in FRONT_ENDS.iter().enumerate() {
        let mut text = String::new();
        for line in lines.iter().filter(|line| line.front_end == number) {
            text.push_str(&line.text);
            text.push('\n');
            written += 1;
        }
        let name = format!("{front_end}/access-{}.log.gz", day.format("%Y%m%d"));
        write_file(&out.join("acces").join(name), &gzip(text.as_bytes()))?;
    }
    Ok(written)
}

struct Maker<'a> {
    planted: &'a Planted,
    rng: fastrand::Rng,
    lines: Vec<Line>,
}

impl Maker<'_> {
    fn visit(&mut self, world: &World, visit: &Visit) {
        let account = &world.accounts[visit.account];
        let id = account.external_id();
        let agent = AGENTS
            .iter()
            .find(|(share, _)| account.agent < *share)
            .expect("shares reach 100")
            .1;
        let address = format!("198.18.{}.{}", account.key % 250, account.key / 250 % 250);
        // Who is turned away tries again, a little later each time.
        let tries = if visit.pages.is_empty() { 5 } else { 1 };
        for attempt in 0..tries {
            self.request(
                visit.start + Duration::seconds(50 * attempt),
                &address,
                "-",
                "GET /auth/login?callback=%2Ftimeline HTTP/2.0",
                302,
                agent,
            );
        }
        for page in &visit.pages {
            self.page(page, &address, &id, agent);
        }
    }

    fn page(&mut self, page: &Page, address: &str, id: &str, agent: &str) {
        let number = self.rng.u32(1000..9999);
        let request = match page.posts {
            true => format!("POST {}/{number}/comment HTTP/2.0", page.path),
            false => format!("GET {}/{number}?ts={number}77 HTTP/2.0", page.path),
        };
        let status = if page.posts { 201 } else { 200 };
        self.request(page.at, address, id, &request, status, agent);
        if self.rng.u8(0..100) < 30 {
            self.request(
                page.at,
                address,
                id,
                "GET /assets/themes/ent-hdf/app.js HTTP/2.0",
                200,
                agent,
            );
        }
        if self.rng.u8(0..100) < 30 {
            let at = page.at + Duration::seconds(1);
            self.request(
                at,
                address,
                id,
                "GET /conversation/count/INBOX?unread=true HTTP/2.0",
                200,
                agent,
            );
        }
    }

    fn request(
        &mut self,
        at: NaiveDateTime,
        address: &str,
        id: &str,
        request: &str,
        status: u16,
        agent: &str,
    ) {
        let (status, millis) = self.answer(at, request, status);
        let bytes = if status >= 500 {
            166
        } else {
            self.rng.u32(300..40_000)
        };
        let mut text = String::with_capacity(300);
        let seconds = format!("{}.{:03}", millis / 1000, millis % 1000);
        write!(
            text,
            r#"{address} - {id} [{}] "{request}" {status} {bytes} "{}" "{agent}" {seconds} "{seconds}""#,
            stamp(at),
            referer(request, agent)
        )
        .expect("a string takes all");
        self.push(at, text);
    }

    fn push(&mut self, at: NaiveDateTime, text: String) {
        let front_end = self.rng.usize(0..FRONT_ENDS.len());
        self.lines.push(Line {
            at,
            front_end,
            text,
        });
    }

    /// Status and milliseconds: the planted faults, or a plain answer.
    fn answer(&mut self, at: NaiveDateTime, request: &str, status: u16) -> (u16, u32) {
        let login = request.contains("/auth/login");
        let usual = 20 + (self.rng.f64().powi(4) * 1500.0) as u32;
        match () {
            () if within(at, self.planted.outage) => (503, 5),
            () if within(at, self.planted.saturation) && self.rng.bool() => (504, 30_000),
            () if within(at, self.planted.saturation) => (status, 4_000 + usual * 4),
            () if login && within(at, self.planted.federation) => (502, 10_000),
            () if self.rng.u16(..) < 40 => (500, usual),
            () => (status, usual),
        }
    }

    /// Monitoring, robots and damaged lines of a day.
    fn machines(&mut self, day: NaiveDate) {
        let midnight = day.and_hms_opt(0, 0, 0).expect("a time");
        for quarter in 0..96 {
            let at = midnight + Duration::minutes(15 * quarter);
            self.request(
                at,
                "10.0.0.5",
                "-",
                "GET /auth/login HTTP/1.1",
                200,
                "kube-probe/1.27",
            );
        }
        for _ in 0..6 {
            let at = midnight + Duration::seconds(self.rng.i64(0..86_400));
            let agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
            self.request(
                at,
                "198.18.255.7",
                "-",
                "GET /robots.txt HTTP/1.1",
                404,
                agent,
            );
        }
        let at = midnight + Duration::seconds(self.rng.i64(0..86_400));
        let start = format!("198.18.255.9 - - [{}]", stamp(at));
        for hard in [
            r#""\x16\x03\x01\x01D \xB8\x95" 400 166 "-" "-" 0.000 "-""#,
            r#""" 400 0 "-" "-" 0.000 "-""#,
            r#""GET /index.php?x=a b HTTP/1.1" 404 151 "-" "Mozilla/5.0 (compatible; scanner"#,
            r#""]&\xDF\xBD" 400 150 "-" "-" 0.000 "-""#,
        ] {
            self.push(at, format!("{start} {hard}"));
        }
    }
}

/// A browser says which page of the platform asks; applications, machines and
/// whoever comes from elsewhere say nothing.
fn referer(request: &str, agent: &str) -> String {
    let is_browser = agent.starts_with("Mozilla/5.0 (") && !agent.contains("compatible");
    let target = request.split(' ').nth(1).unwrap_or_default();
    if !is_browser || target.starts_with("/auth/") {
        return "-".into();
    }
    let page = match target.split('?').next().unwrap_or_default() {
        part if part.starts_with("/assets/") => "/timeline/timeline",
        part if part.starts_with("/conversation/count/") => "/conversation/conversation",
        page => page.trim_end_matches("/comment"),
    };
    format!("https://ent.hauts-de-france.example{page}")
}

fn stamp(local: NaiveDateTime) -> String {
    let instant = time::instant(local);
    let offset = Paris.offset_from_utc_datetime(&instant.naive_utc()).fix();
    let hours = offset.local_minus_utc() / 3600;
    format!(
        "{} +{hours:02}00",
        time::local(instant).format("%d/%b/%Y:%H:%M:%S")
    )
}
