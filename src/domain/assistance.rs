//! Helpdesks, their levels, their opening hours and the service levels owed: data
//! with dates, never code.

use super::opening::{Opening, Segment, Week};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

const BUILT_IN: &str = include_str!("../data/assistance.toml");

/// A tool of a service that answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Helpdesk {
    /// The `name` of its `[[tickets]]`.
    pub id: String,
    /// Shown to readers.
    pub name: String,
    /// 0 and 1: first answer; 2: business specialists; 3: third-party experts.
    pub level: i64,
    /// The hours that hold for it.
    hours: String,
    /// Whose ids its references are where they name no helpdesk.
    pub refers_to: Option<String>,
}

/// What is owed: the time in opening hours within which a measure must be done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevel {
    /// `first_response` or `resolution`.
    pub measure: Measure,
    /// From 1 (very low) to 6 (major); without it, any.
    pub priority: Option<i64>,
    /// Level of the first helpdesk; without it, any.
    pub level: Option<i64>,
    /// `incident` or `request`; without it, any.
    pub kind: Option<String>,
    /// Opening hours.
    pub hours: f64,
    from: toml::value::Datetime,
    to: Option<toml::value::Datetime>,
}

/// What a service level is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// From the opening to the first answer.
    FirstResponse,
    /// From the opening to the solution.
    Resolution,
}

impl Measure {
    /// The word in SQL.
    pub fn code(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::Resolution => "resolution",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeekFile {
    service: String,
    from: toml::value::Datetime,
    to: Option<toml::value::Datetime>,
    #[serde(default)]
    public_holidays: bool,
    #[serde(default)]
    monday: Vec<String>,
    #[serde(default)]
    tuesday: Vec<String>,
    #[serde(default)]
    wednesday: Vec<String>,
    #[serde(default)]
    thursday: Vec<String>,
    #[serde(default)]
    friday: Vec<String>,
    #[serde(default)]
    saturday: Vec<String>,
    #[serde(default)]
    sunday: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Closure {
    service: String,
    from: toml::value::Datetime,
    to: toml::value::Datetime,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    helpdesk: Vec<Helpdesk>,
    hours: Vec<WeekFile>,
    #[serde(default)]
    closure: Vec<Closure>,
    #[serde(default)]
    service_level: Vec<ServiceLevel>,
}

/// All that the delays of assistance depend on besides the tickets.
#[derive(Clone, Debug)]
pub struct Assistance {
    /// Helpdesks.
    pub helpdesks: Vec<Helpdesk>,
    /// Service levels.
    pub service_levels: Vec<ServiceLevel>,
    services: BTreeMap<String, Arc<Opening>>,
    text: String,
}

impl ServiceLevel {
    /// First day, and first day after.
    pub fn validity(&self) -> (NaiveDate, NaiveDate) {
        let never = NaiveDate::from_ymd_opt(2200, 1, 1).expect("a day");
        let to = self.to.as_ref().and_then(date);
        (
            date(&self.from).expect("checked when read"),
            to.unwrap_or(never),
        )
    }
}

impl Assistance {
    /// What holds where no file says otherwise.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("the built-in hours are right")
    }

    /// Reads a file of `[[helpdesk]]`, `[[hours]]`, `[[closure]]` and
    /// `[[service_level]]`; the error says what contradicts what.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let levels = file.service_level.iter();
        if levels.map(|l| &l.from).any(|from| date(from).is_none()) {
            return Err(
                "a service level has no day in `from`\nhint: write `from = 2025-09-01`".into(),
            );
        }
        let mut services = BTreeMap::new();
        for week in &file.hours {
            if !services.contains_key(&week.service) {
                services.insert(
                    week.service.clone(),
                    Arc::new(opening(&file, &week.service)?),
                );
            }
        }
        for helpdesk in &file.helpdesk {
            if !services.contains_key(&helpdesk.hours) {
                return Err(format!(
                    "helpdesk `{}` has the hours of `{}`, which are not there\nhint: add `[[hours]]` with `service = \"{}\"`",
                    helpdesk.id, helpdesk.hours, helpdesk.hours
                ));
            }
            if !(0..=3).contains(&helpdesk.level) {
                return Err(format!("helpdesk `{}`: levels are 0 to 3", helpdesk.id));
            }
        }
        Ok(Self {
            helpdesks: file.helpdesk,
            service_levels: file.service_level,
            services,
            text: text.to_owned(),
        })
    }

    /// The hours of a helpdesk; of one that no file names, those of the first.
    pub fn opening(&self, helpdesk: &str) -> Arc<Opening> {
        let named = self.helpdesks.iter().find(|h| h.id == helpdesk);
        let named = named
            .or(self.helpdesks.first())
            .and_then(|h| self.services.get(&h.hours));
        let any = named.or(self.services.values().next());
        any.cloned()
            .unwrap_or_else(|| Arc::new(Opening::new(&[], |_| false).expect("no week")))
    }

    /// All of it as it was written: a digest of what delays depend on.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn opening(file: &File, service: &str) -> Result<Opening, String> {
    let mut weeks = Vec::new();
    for week in file.hours.iter().filter(|week| week.service == service) {
        weeks.push(
            week.week()
                .map_err(|error| format!("hours of `{service}`: {error}"))?,
        );
    }
    let mut closures = Vec::new();
    for closure in file.closure.iter().filter(|c| c.service == service) {
        match (date(&closure.from), date(&closure.to)) {
            (Some(from), Some(to)) if from < to => closures.push((from, to)),
            _ => {
                return Err(format!(
                    "closure of `{service}`: two days are needed, the second later and excluded"
                ));
            }
        }
    }
    let is_closed = |day: NaiveDate| closures.iter().any(|(from, to)| day >= *from && day < *to);
    Opening::new(&weeks, is_closed).map_err(|error| format!("hours of `{service}`: {error}"))
}

impl WeekFile {
    fn week(&self) -> Result<Week, String> {
        let days = [
            &self.monday,
            &self.tuesday,
            &self.wednesday,
            &self.thursday,
            &self.friday,
            &self.saturday,
            &self.sunday,
        ];
        let mut segments: [Vec<Segment>; 7] = Default::default();
        for (day, texts) in segments.iter_mut().zip(days) {
            for text in texts {
                day.push(Segment::parse(text).map_err(|error| error.to_string())?);
            }
        }
        Ok(Week {
            from: date(&self.from).ok_or("`from` is no day")?,
            to: self.to.as_ref().and_then(date),
            days: segments,
            on_public_holidays: self.public_holidays,
        })
    }
}

fn date(value: &toml::value::Datetime) -> Option<NaiveDate> {
    let date = value.date?;
    NaiveDate::from_ymd_opt(
        i32::from(date.year),
        u32::from(date.month),
        u32::from(date.day),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_is_right_and_what_is_missing_is_said() {
        let built_in = Assistance::built_in();
        assert!(built_in.helpdesks.iter().any(|h| h.level == 3));
        assert!(!built_in.service_levels.is_empty());
        let bad = |text: &str| Assistance::parse(text).unwrap_err();
        let desk = "[[helpdesk]]\nid='a'\nname='A'\nlevel=1\nhours='x'\n";
        assert!(bad(&format!("{desk}[[hours]]\nservice='y'\nfrom=2020-01-01\n")).contains("`x`"));
        let hours = "[[hours]]\nservice='x'\nfrom=2020-01-01\nmonday=['17:00-08:00']\n";
        assert!(bad(&format!("{desk}{hours}")).contains("17:00-08:00"));
        assert!(bad(&format!("{desk}[[hours]]\nservice='x'\nmondays=[]\n")).contains("mondays"));
    }
}
