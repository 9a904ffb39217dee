//! Realistic raw inputs made from a seed, in their real formats: never a
//! shortcut into the lake. Every school and person is invented; communes are
//! real, so that maps look true. Same seed, same bytes.

mod access_logs;
mod activity;
mod aaf_files;
mod event_files;
mod national_files;
mod places;
mod plan;
mod register_files;
mod ticket_files;
mod ticket_stories;
mod world;

pub use access_logs::LOG_FORMAT;
pub use plan::Planted;

use chrono::NaiveDate;
use flate2::{Compression, GzBuilder};
use std::fs;
use std::io::Write;
use std::path::Path;

/// The nginx variable of [`LOG_FORMAT`] that holds the account.
pub const ACCOUNT_VARIABLE: &str = "ent_account";

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// About how many accounts.
    pub accounts: usize,
    /// How many establishments, 5,570 at most; none: one for 60 accounts.
    pub schools: Option<usize>,
    /// First day of activity.
    pub from: NaiveDate,
    /// Last day of activity.
    pub to: NaiveDate,
    /// Everything follows from it.
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Establishments.
    pub schools: usize,
    /// Accounts over the whole time.
    pub accounts: usize,
    /// Lines of access logs.
    pub log_lines: u64,
    /// Tickets.
    pub tickets: usize,
}

/// Writes raw inputs into a folder; `progress` is told each month as it begins.
pub fn write(
    request: &Request,
    out: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Made, String> {
    let world = world::World::new(request);
    let planted = Planted::default();
    aaf_files::write(&world, request, out)?;
    register_files::write(&world, &planted, request, out)?;
    let tickets = ticket_files::write(&world, &planted, request, out)?;
    let mut events = event_files::Events::new(out);
    let mut national = national_files::National::default();
    let mut log_lines = 0;
    let mut month = String::new();
    for day in request
        .from
        .iter_days()
        .take_while(|day| *day <= request.to)
    {
        let name = day.format("%Y-%m").to_string();
        if name != month {
            progress(&name);
            events.begin_month(&name)?;
            month = name;
        }
        let visits = activity::of_day(&world, &planted, request.seed, day);
        log_lines += access_logs::write_day(&world, &planted, request.seed, day, &visits, out)?;
        events.write_day(&world, day, &visits);
        national.add_day(&world, day, &visits);
    }
    events.end()?;
    national.write(&world, out)?;
    Ok(Made {
        schools: world.schools.len(),
        accounts: world.accounts.len(),
        log_lines,
        tickets,
    })
}

/// Writes the directories, the platform's accounts and the school list alone:
/// for a whole region, activity would take long.
pub fn write_directories(request: &Request, out: &Path) -> Result<Made, String> {
    let world = world::World::new(request);
    aaf_files::write(&world, request, out)?;
    Ok(Made {
        schools: world.schools.len(),
        accounts: world.accounts.len(),
        ..Made::default()
    })
}

/// A generator of its own for each purpose, so that one part of the world
/// does not change when another draws more.
fn rng(seed: u64, purpose: &str, index: u64) -> fastrand::Rng {
    let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
    for byte in purpose.bytes().chain(index.to_le_bytes()) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    fastrand::Rng::with_seed(state)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let message = |error: std::io::Error| {
        format!(
            "`{}` cannot be written: {error}\nhint: check the room on the disk",
            path.display()
        )
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(message)?;
    }
    fs::write(path, bytes).map_err(message)
}

/// No time and no name in the header: same content, same bytes.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all bytes");
    encoder.finish().expect("memory takes all bytes")
}
