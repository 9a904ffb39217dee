//! GLPI exports, up to 10 and 11: columns by their labels, never by numbers.

use super::{Status, Ticket};
use crate::domain::time;
use chrono::{DateTime, NaiveDate, Utc};

/// The columns that are looked at, in the order of [`ticket`]'s cells.
pub const COLUMNS: [&str; 9] = [
    "ID",
    "Entité",
    "Statut",
    "Type",
    "Priorité",
    "Catégorie",
    "Date d'ouverture",
    "Date de résolution",
    "Date de clôture",
];

/// The order of day, month and year in a column of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// `05-01-2026`
    DayFirst,
    /// `01-05-2026`
    MonthFirst,
    /// `2026-01-05`
    YearFirst,
}

/// `;` or `,`, by the header.
pub fn separator(text: &str) -> u8 {
    let header = text
        .trim_start_matches(['\u{feff}', '\r', '\n'])
        .lines()
        .next();
    let header = header.unwrap_or_default();
    if header.matches(';').count() >= header.matches(',').count() {
        b';'
    } else {
        b','
    }
}

/// Infers the order over a whole column; refuses to guess.
pub fn date_order<'a>(dates: impl Iterator<Item = &'a str>) -> Result<DateOrder, String> {
    let (mut day_first, mut month_first, mut any) = (false, false, false);
    for date in dates {
        let parts: Vec<&str> = date.split(['-', '/', ' ']).collect();
        if parts.first().is_some_and(|p| p.len() == 4) {
            return Ok(DateOrder::YearFirst);
        }
        let number = |i: usize| parts.get(i).and_then(|p| p.parse::<u32>().ok());
        any |= number(0).is_some();
        day_first |= number(0).is_some_and(|n| n > 12);
        month_first |= number(1).is_some_and(|n| n > 12);
    }
    match (day_first, month_first) {
        (true, false) => Ok(DateOrder::DayFirst),
        (false, true) => Ok(DateOrder::MonthFirst),
        (true, true) => Err("dates of both orders stand in one column\nhint: export again with one date format".into()),
        (false, false) if any => Err("the dates can be read day first or month first\nhint: export a longer period, or with the year first".into()),
        (false, false) => Ok(DateOrder::YearFirst),
    }
}

/// A ticket from the cells of [`COLUMNS`], or the reason why not.
pub fn ticket(cells: &[Option<String>; 9], order: DateOrder) -> Result<Ticket, &'static str> {
    let [
        id,
        entity,
        status,
        kind,
        priority,
        category,
        opened,
        resolved,
        closed,
    ] = cells;
    let id: String = id
        .as_deref()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err("id");
    }
    let date = |cell: &Option<String>| match cell.as_deref() {
        None => Ok(None),
        Some(text) => instant(text, order).map(Some).ok_or("date"),
    };
    Ok(Ticket {
        id,
        opened: date(opened)?.ok_or("date")?,
        resolved: date(resolved)?,
        closed: date(closed)?,
        status: status.as_deref().and_then(Status::parse).ok_or("status")?,
        category: category.as_deref().map(unescape),
        role: None,
        structure: entity.as_deref().map(unescape),
        priority: priority.clone(),
        kind: kind.clone(),
        level: None,
    })
}

fn unescape(text: &str) -> String {
    text.replace("&gt;", ">")
        .replace("&#62;", ">")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

fn instant(text: &str, order: DateOrder) -> Option<DateTime<Utc>> {
    let (date, clock) = text.trim().split_once(' ')?;
    let parts: Vec<u32> = date
        .split(['-', '/'])
        .map(|p| p.parse().ok())
        .collect::<Option<_>>()?;
    let [a, b, c] = parts[..] else { return None };
    let (year, month, day) = match order {
        DateOrder::DayFirst => (c, b, a),
        DateOrder::MonthFirst => (c, a, b),
        DateOrder::YearFirst => (a, b, c),
    };
    let mut clock = clock.split(':').map(str::parse::<u32>);
    let (hour, minute) = (clock.next()?.ok()?, clock.next()?.ok()?);
    let local = NaiveDate::from_ymd_opt(year as i32, month, day)?.and_hms_opt(hour, minute, 0)?;
    Some(time::instant(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_dates_is_inferred_or_refused() {
        let order = |dates: &[&str]| date_order(dates.iter().copied());
        assert_eq!(
            order(&["05-01-2026 08:12", "25-01-2026 08:12"]),
            Ok(DateOrder::DayFirst)
        );
        assert_eq!(order(&["01-25-2026 08:12"]), Ok(DateOrder::MonthFirst));
        assert_eq!(order(&["2026-01-05 08:12"]), Ok(DateOrder::YearFirst));
        assert!(order(&["05-01-2026 08:12"]).unwrap_err().contains("hint:"));
        assert!(order(&["25-01-2026 08:12", "01-25-2026 08:12"]).is_err());
    }

    #[test]
    fn ids_with_groups_and_escaped_paths() {
        let cells = [
            Some("5\u{202f}732 943"),
            Some("Académie &gt; 59"),
            Some("Clos"),
            None,
            None,
            Some("ENT > Auth"),
            Some("15-01-2026 08:12"),
            None,
            Some("16-01-2026 03:00"),
        ]
        .map(|cell| cell.map(str::to_owned));
        let ticket = ticket(&cells, DateOrder::DayFirst).ok().unwrap();
        assert_eq!(ticket.id, "5732943");
        assert_eq!(ticket.structure.as_deref(), Some("Académie > 59"));
        assert_eq!(ticket.opened.to_rfc3339(), "2026-01-15T07:12:00+00:00");
        assert_eq!(ticket.status, Status::Closed);
    }
}
