//! `entobs report KIND|all --period P --out DIR`, `entobs dashboard --period P --out FILE`.

use super::edition::{self, Job};
use super::query::{check_territory, node_kind};
use super::{Failure, Outcome, Place};
use crate::dashboard;
use crate::domain::{Departement, Period};
use crate::indicators::{Scope, Terms, compute, compute_cube};
use crate::lake::Lake;
use crate::query::Session;
use crate::query::marts::{self, Settings};
use crate::reports::{self, dashboard_views};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Kind {
    /// The whole edition: every deliverable of the period.
    All,
    /// The biannual report.
    Observatory,
    /// The yearly balance.
    Costra,
    /// The pack of one partner.
    Partner,
    /// The sheet of one territory.
    Coter,
    /// The bulletin of assistance, of the region or of one partner.
    Assistance,
    /// The note for the coordination committee.
    Coordination,
}

impl Kind {
    pub fn named(name: &str) -> Result<Self, String> {
        Self::from_str(name, true).map_err(|_| {
            format!("unknown report `{name}`\nhint: reports are all, observatory, costra, partner, coter, assistance and coordination")
        })
    }

    /// The word on the command line.
    pub fn word(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

#[derive(Args)]
pub(super) struct Report {
    /// Which deliverable.
    kind: Kind,
    #[command(flatten)]
    place: Place,
    /// `2025-2026-S1`, `2024-2025`, `2025-11`...
    #[arg(long, value_name = "P", alias = "year")]
    period: String,
    /// The partner of a pack or of a bulletin.
    #[arg(long, value_name = "ID", required_if_eq("kind", "partner"))]
    partner: Option<String>,
    /// The territory of a sheet: a département (`59`), an académie or a partner.
    #[arg(long, value_name = "T", required_if_eq("kind", "coter"))]
    territory: Option<String>,
    /// Where to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Args)]
pub(super) struct Dashboard {
    #[command(flatten)]
    place: Place,
    /// `2025-2026-S1`, `2024-2025`, `2025-11`...
    #[arg(long, value_name = "P")]
    period: String,
    /// The partner whose perimeter it shows; without it, the region.
    #[arg(long, value_name = "ID")]
    partner: Option<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A deliverable that is asked for.
pub(super) struct Wanted {
    pub kind: Kind,
    pub period: String,
    pub partner: Option<String>,
    pub territory: Option<String>,
}

pub(super) fn run(arguments: &Report) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let (settings, terms) = arguments.place.rules()?;
    let wanted = Wanted {
        kind: arguments.kind,
        period: arguments.period.clone(),
        partner: arguments.partner.clone(),
        territory: arguments.territory.clone(),
    };
    for file in make(&lake, &settings, &terms, &[wanted], &arguments.out)? {
        eprintln!("{}", file.display());
    }
    Ok(Outcome::Well)
}

/// Makes deliverables, each in its own folder under `out`; returns the main files. Those
/// whose periods end on the same day share what does not depend on their territory.
pub(super) fn make(
    lake: &Lake,
    settings: &Settings,
    terms: &Terms,
    wanted: &[Wanted],
    out: &Path,
) -> Result<Vec<PathBuf>, String> {
    let mut by_end: BTreeMap<NaiveDate, Vec<(&Wanted, Period)>> = BTreeMap::new();
    for wanted in wanted {
        let period = Period::parse(&wanted.period).map_err(|error| error.to_string())?;
        let together = by_end.entry(period.last()).or_default();
        together.push((wanted, period));
    }
    let mut files = Vec::new();
    for (end, together) in by_end {
        let session = marts::prepare_for_many(lake, settings, Some(end))?;
        let mut jobs = Vec::new();
        for (wanted, period) in together {
            jobs.extend(jobs_of(&session, settings, wanted, period)?);
        }
        files.extend(edition::make(&session, lake, settings, terms, jobs, out)?);
    }
    Ok(files)
}

/// One deliverable, or all of an edition.
fn jobs_of(
    session: &Session,
    settings: &Settings,
    wanted: &Wanted,
    period: Period,
) -> Result<Vec<Job>, String> {
    if wanted.kind == Kind::All {
        return edition::jobs(session, settings, &period);
    }
    if let Some(territory) = &wanted.territory {
        check_territory(session, territory)?;
    }
    Ok(vec![Job {
        kind: wanted.kind,
        scope: scope(settings, wanted, &period)?,
        period,
    }])
}

/// Makes one dashboard.
pub(super) fn run_dashboard(arguments: &Dashboard) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let (settings, terms) = arguments.place.rules()?;
    let wanted = Wanted {
        kind: match arguments.partner {
            Some(_) => Kind::Partner,
            None => Kind::Observatory,
        },
        period: arguments.period.clone(),
        partner: arguments.partner.clone(),
        territory: None,
    };
    let period = Period::parse(&wanted.period).map_err(|error| error.to_string())?;
    let scope = scope(&settings, &wanted, &period)?;
    let session = marts::prepare_for_many(&lake, &settings, Some(period.last()))?;
    let secrets = super::secrets(&session, &lake, &terms)?;
    let figures = compute(&secrets, &scope, &period)?;
    let cube = compute_cube(&secrets, &scope, &period)?;
    let digest = lake.digest()?;
    let document = match wanted.kind {
        Kind::Partner => reports::partner(&figures, &digest),
        _ => reports::observatory(&figures, &digest),
    };
    let page = dashboard::page(&figures, &cube, &document, &dashboard_views(&figures));
    let file = reports::save(arguments.out.clone(), page.as_bytes())?;
    eprintln!("{}", file.display());
    Ok(Outcome::Well)
}

fn scope(settings: &Settings, wanted: &Wanted, period: &Period) -> Result<Scope, String> {
    match (wanted.kind, &wanted.partner, &wanted.territory) {
        (Kind::Coter, _, Some(territory)) => of_territory(settings, territory, period),
        (Kind::Partner | Kind::Assistance, Some(id), _) => of_partner(settings, id, period),
        _ => Ok(Scope::region()),
    }
}

/// A territory of the tree, or the perimeter of a partner.
fn of_territory(settings: &Settings, territory: &str, period: &Period) -> Result<Scope, String> {
    let name = match node_kind(territory) {
        "region" => return Ok(Scope::region()),
        "partner" => return of_partner(settings, territory, period),
        "departement" => Departement::ALL
            .iter()
            .find(|known| known.code() == territory)
            .map_or("", |known| known.name()),
        "academie" if territory == "09" => "Académie de Lille",
        "academie" => "Académie d’Amiens",
        _ => territory,
    };
    Ok(Scope {
        node_kind: node_kind(territory).into(),
        node: territory.to_owned(),
        name: name.to_owned(),
    })
}

/// The perimeter of a partner of that time.
pub(super) fn of_partner(settings: &Settings, id: &str, period: &Period) -> Result<Scope, String> {
    let members = settings
        .partners
        .iter()
        .filter(|p| p.is_member(period.last()));
    let ids: Vec<&str> = members.clone().map(|p| p.id.as_str()).collect();
    let found = members.clone().find(|p| p.id == id);
    let partner = found.ok_or_else(|| {
        format!(
            "unknown partner `{id}` at the end of the period\nhint: partners are {}",
            ids.join(", ")
        )
    })?;
    Ok(Scope {
        node_kind: "partner".into(),
        node: partner.id.clone(),
        name: partner.name.clone(),
    })
}
