//! Partners of the convention: data with dates, never code.

use super::Rgb;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

/// The file of the twelve signatories, as an analyst would write one.
pub const DEFAULT_PARTNERS: &str = include_str!("../data/partners.toml");

/// A partner and its perimeter. Perimeters overlap and are never summed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Used in paths and on the command line.
    pub id: String,
    /// Shown to readers.
    pub name: String,
    /// First day of membership.
    from: toml::value::Datetime,
    /// First day after it.
    to: Option<toml::value::Datetime>,
    #[serde(default)]
    levels: Vec<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    ministries: Vec<String>,
    #[serde(default)]
    departements: Vec<String>,
    #[serde(default)]
    academies: Vec<String>,
    #[serde(default)]
    sectors: Vec<String>,
    #[serde(default)]
    natures: Vec<String>,
    #[serde(default)]
    uais: Vec<String>,
    /// `#12436D`: of the covers and headings of its own deliverables.
    pub colour: Option<String>,
    /// A PNG or SVG file, from the folder of the file of partners.
    pub logo: Option<String>,
    /// What is in it, once it is read.
    #[serde(skip)]
    pub logo_bytes: Option<Vec<u8>>,
}

/// What a perimeter looks at in an establishment.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    /// `1D` or `2D`.
    pub level: &'a str,
    /// `ECOLE`, `COLLEGE`...
    pub kind: &'a str,
    /// `AGRICULTURE`...
    pub ministry: &'a str,
    /// Two digits.
    pub departement: &'a str,
    /// `09` or `20`.
    pub academie: &'a str,
    /// `public`, `privé`...
    pub sector: &'a str,
    /// Three digits of the ministry.
    pub nature: &'a str,
    /// Its identifier.
    pub uai: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    partner: Vec<Partner>,
}

impl Partner {
    /// The twelve signatories.
    pub fn defaults() -> Vec<Self> {
        Self::parse(DEFAULT_PARTNERS).expect("the built-in partners are right")
    }

    /// Reads a file of `[[partner]]`; the error says line and column.
    pub fn parse(text: &str) -> Result<Vec<Self>, String> {
        let file = toml::from_str::<File>(text).map_err(|error| error.to_string())?;
        for partner in &file.partner {
            partner.check_colour()?;
        }
        Ok(file.partner)
    }

    /// White text must be readable on the colour, and the colour on white.
    fn check_colour(&self) -> Result<(), String> {
        let Some(colour) = &self.colour else {
            return Ok(());
        };
        let rgb = Rgb::parse(colour).ok_or_else(|| {
            format!(
                "partner `{}`: `{colour}` is no colour\nhint: write six hexadecimal digits, as `#12436D`",
                self.id
            )
        })?;
        let contrast = rgb.contrast(Rgb::WHITE);
        if contrast < 4.5 {
            return Err(format!(
                "partner `{}`: the contrast of `{colour}` with white is {contrast:.1}, less than 4.5\nhint: choose a darker colour",
                self.id
            ));
        }
        Ok(())
    }

    /// Whether it is a partner on a day.
    pub fn is_member(&self, day: NaiveDate) -> bool {
        date(&self.from).is_some_and(|from| day >= from)
            && self.to.as_ref().and_then(date).is_none_or(|to| day < to)
    }

    /// Whether an establishment is in the perimeter.
    pub fn covers(&self, school: Traits<'_>) -> bool {
        let fits =
            |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|w| w == value);
        fits(&self.levels, school.level)
            && fits(&self.types, school.kind)
            && fits(&self.ministries, school.ministry)
            && fits(&self.departements, school.departement)
            && fits(&self.academies, school.academie)
            && fits(&self.sectors, school.sector)
            && fits(&self.natures, school.nature)
            && fits(&self.uais, school.uai)
    }

    /// Whether its perimeter has no condition.
    pub fn covers_all(&self) -> bool {
        let conditions = [
            &self.levels,
            &self.types,
            &self.ministries,
            &self.departements,
            &self.academies,
            &self.sectors,
            &self.natures,
            &self.uais,
        ];
        conditions.iter().all(|wanted| wanted.is_empty())
    }

    /// First day of membership, and first day after it.
    pub fn membership(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        (date(&self.from), self.to.as_ref().and_then(date))
    }
}

fn date(value: &toml::value::Datetime) -> Option<NaiveDate> {
    let date = value.date?;
    NaiveDate::from_ymd_opt(
        i32::from(date.year),
        u32::from(date.month),
        u32::from(date.day),
    )
    .filter(|day| day.year() > 1900)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covering(level: &str, kind: &str, ministry: &str, departement: &str) -> Vec<String> {
        let school = Traits {
            level,
            kind,
            ministry,
            departement,
            academie: "",
            sector: "",
            nature: "",
            uai: "",
        };
        let partners = Partner::defaults();
        partners
            .iter()
            .filter(|p| p.covers(school))
            .map(|p| p.id.clone())
            .collect()
    }

    #[test]
    fn perimeters_of_the_twelve() {
        assert_eq!(Partner::defaults().len(), 12);
        let en = "EDUCATION NATIONALE";
        assert_eq!(
            covering("2D", "COLLEGE", en, "59"),
            ["region-academique", "departement-59"]
        );
        assert_eq!(
            covering("1D", "ECOLE", en, "62"),
            ["region-academique", "npdc-numerique"]
        );
        assert_eq!(
            covering("2D", "LYCEE AGRICOLE", "AGRICULTURE", "80"),
            ["region-academique", "region", "draaf"]
        );
    }

    #[test]
    fn membership_has_dates() {
        let partner =
            Partner::parse("[[partner]]\nid='x'\nname='X'\nfrom=2025-09-01\nto=2026-08-01")
                .unwrap();
        let day = |text: &str| text.parse().unwrap();
        assert!(!partner[0].is_member(day("2025-08-31")));
        assert!(partner[0].is_member(day("2026-07-31")));
        assert!(!partner[0].is_member(day("2026-08-01")));
    }

    #[test]
    fn a_colour_must_be_readable() {
        let with = |colour: &str| {
            let text = format!("[[partner]]\nid='x'\nname='X'\nfrom=2025-09-01\ncolour='{colour}'");
            Partner::parse(&text)
        };
        assert!(with("#0B5D3B").is_ok());
        assert!(with("#FFD500").unwrap_err().contains("darker"));
        assert!(with("vert").unwrap_err().contains("hexadecimal"));
    }

    #[test]
    fn a_misspelt_key_says_where() {
        let message =
            Partner::parse("[[partner]]\nid='x'\nname='X'\nfrom=2025-09-01\nlevel=['1D']")
                .unwrap_err();
        assert!(
            message.contains("line 5") && message.contains("levels"),
            "{message}"
        );
    }
}
