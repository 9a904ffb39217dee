//! The audit of CAS: a record over several lines, or a line with `|`.

use super::{Login, Outcome, login, time};
use chrono_tz::Tz;

const BEGIN: &str = "Audit trail record BEGIN";
const LOGGER: &str = "Slf4jLoggingAuditTrailManager] - ";
const BAR: &str = "=====";

/// Lines on their way into records: those of a CAS record together, any other
/// line alone.
#[derive(Default)]
pub struct Records {
    open: Option<Open>,
}

struct Open {
    text: String,
    bars: usize,
}

/// A record, or what a line left without its end.
pub enum Piece {
    /// A record, or a line that is one.
    Whole(String),
    /// A record that another one interrupts.
    Unfinished,
}

impl Records {
    /// Takes a line; gives what it ends.
    pub fn push(&mut self, line: &str) -> Option<Piece> {
        if line.contains(BEGIN) {
            let text = line.to_owned();
            let interrupted = self.open.replace(Open { text, bars: 0 });
            return interrupted.map(|_| Piece::Unfinished);
        }
        let Some(open) = &mut self.open else {
            let is_blank = line.trim().is_empty();
            return (!is_blank).then(|| Piece::Whole(line.to_owned()));
        };
        open.text.push('\n');
        open.text.push_str(line);
        open.bars += usize::from(line.starts_with(BAR));
        if open.bars < 2 && open.text.len() < LONGEST {
            return None;
        }
        self.open.take().map(|open| Piece::Whole(open.text))
    }

    /// At the end of the file: whether a record lacks its end.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

/// A record is under a kilobyte; a longer one is none.
const LONGEST: usize = 1 << 16;

/// Whether a record is one over several lines.
pub(super) fn is_record(record: &str) -> bool {
    let first = record.lines().next();
    first.is_some_and(|line| line.contains(BEGIN))
}

/// `WHO: ...`, `ACTION: ...`, `WHEN: ...`, a line each.
pub(super) fn record(record: &str, zone: Tz) -> Result<Login<'_>, &'static str> {
    let field = |name: &str| {
        let fields = record.lines().filter_map(|line| line.split_once(':'));
        let mut values = fields.filter(|(known, _)| known.trim() == name);
        values.next().map(|(_, value)| value.trim())
    };
    let action = field("ACTION").ok_or("columns")?;
    let outcome = Outcome::of_action(action).ok_or("columns")?;
    let time = field("WHEN").ok_or("columns")?;
    let time = time::instant(time, zone).ok_or("date")?;
    login(time, field("WHO").unwrap_or_default(), outcome)
}

/// A line without what the logger writes before the record.
pub(super) fn without_logger(line: &str) -> &str {
    match line.find(LOGGER) {
        Some(at) => &line[at + LOGGER.len()..],
        None => line,
    }
}

/// `who|what|when|action|client|server|...`, or, as esup writes it,
/// `when|who|what|action|client|server|`. The action is looked for from the
/// end: a service in `what` may hold anything.
pub(super) fn line(line: &str, zone: Tz) -> Result<Login<'_>, &'static str> {
    let fields: Vec<&str> = line.split('|').map(str::trim).collect();
    let found = fields
        .iter()
        .enumerate()
        .rev()
        .find_map(|(place, field)| Some((place, Outcome::of_action(field)?)));
    let (place, outcome) = found.filter(|(place, _)| *place >= 3).ok_or("columns")?;
    if let Some(time) = time::instant(fields[0], zone) {
        return login(time, fields[1], outcome);
    }
    let time = time::instant(fields[place - 1], zone).ok_or("date")?;
    login(time, fields[0], outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::SCHOOLS;

    const RECORD: &str = "2025-11-03 08:00:07,516 INFO [x] - Audit trail record BEGIN
=============================================================
WHO: prof3
WHAT: Supplied credentials: [UsernamePasswordCredential(username=prof3)]
ACTION: AUTHENTICATION_SUCCESS
WHEN: Mon Nov 03 08:00:07 CET 2025
CLIENT IP ADDRESS: 192.0.2.1
=============================================================
";

    fn pieces(text: &str) -> (Vec<String>, usize, bool) {
        let mut records = Records::default();
        let (mut whole, mut unfinished) = (Vec::new(), 0);
        for line in text.lines() {
            match records.push(line) {
                Some(Piece::Whole(record)) => whole.push(record),
                Some(Piece::Unfinished) => unfinished += 1,
                None => {}
            }
        }
        (whole, unfinished, records.is_open())
    }

    #[test]
    fn a_record_is_one_row() {
        let (whole, unfinished, open) = pieces(&format!("{RECORD}\nstray\n{RECORD}"));
        assert_eq!((whole.len(), unfinished, open), (3, 0, false));
        let login = record(&whole[0], SCHOOLS).ok().unwrap();
        assert_eq!(login.account, Some("prof3"));
        assert_eq!(login.outcome, Outcome::Success);
        assert_eq!(login.time.to_rfc3339(), "2025-11-03T07:00:07+00:00");
    }

    #[test]
    fn a_record_without_its_end_is_unfinished() {
        let cut = &RECORD[..RECORD.find("WHEN").unwrap()];
        assert_eq!(pieces(cut), (vec![], 0, true));
        let (whole, unfinished, open) = pieces(&format!("{cut}{RECORD}"));
        assert_eq!((whole.len(), unfinished, open), (1, 1, false));
    }
}
