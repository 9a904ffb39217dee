//! `entobs report KIND --period P --out DIR`, `entobs dashboard --period P --out FILE`.

use super::{Failure, Outcome, Place};
use crate::dashboard;
use crate::domain::Period;
use crate::indicators::{Scope, compute, compute_cube};
use crate::lake::Lake;
use crate::privacy::disclosure::Policy;
use crate::query::marts::{self, Settings};
use crate::reports::{self, dashboard_views};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// The biannual report.
    Observatory,
    /// The yearly balance.
    Costra,
    /// The pack of one partner.
    Partner,
    /// The bulletin of assistance, of the region or of one partner.
    Assistance,
}

impl Kind {
    pub fn named(name: &str) -> Result<Self, String> {
        Self::from_str(name, true).map_err(|_| {
            format!("unknown report `{name}`\nhint: reports are observatory, costra, partner and assistance")
        })
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
}

pub(super) fn run(arguments: &Report) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let (settings, policy) = arguments.place.rules()?;
    let wanted = Wanted {
        kind: arguments.kind,
        period: arguments.period.clone(),
        partner: arguments.partner.clone(),
    };
    for file in make(&lake, &settings, &policy, &wanted, &arguments.out)? {
        eprintln!("{}", file.display());
    }
    Ok(Outcome::Well)
}

/// Makes one deliverable in its own folder under `out`.
pub(super) fn make(
    lake: &Lake,
    settings: &Settings,
    policy: &Policy,
    wanted: &Wanted,
    out: &Path,
) -> Result<Vec<PathBuf>, String> {
    let period = Period::parse(&wanted.period).map_err(|error| error.to_string())?;
    let scope = scope(settings, wanted, &period)?;
    let session = marts::prepare(lake, settings, Some(period.last()))?;
    let figures = compute(&session, &settings.calendar, &scope, &period, policy)?;
    let cube = compute_cube(&session, &scope, &period, policy)?;
    let digest = lake.digest()?;
    let (document, folder, name) = match wanted.kind {
        Kind::Observatory => (
            reports::observatory(&figures, &digest),
            "observatoire".to_owned(),
            "observatoire",
        ),
        Kind::Costra => (
            reports::costra(&figures, &digest),
            "costra".to_owned(),
            "costra",
        ),
        Kind::Partner => (
            reports::partner(&figures, &digest),
            format!("partenaires/{}", scope.node),
            "dossier",
        ),
        Kind::Assistance => {
            let folder = match wanted.partner {
                Some(_) => format!("partenaires/{}/assistance", scope.node),
                None => "assistance".to_owned(),
            };
            (reports::assistance(&figures, &digest), folder, "bulletin")
        }
    };
    let board = dashboard::page(&figures, &cube, &document, &dashboard_views(&figures));
    let folder = out.join(folder).join(period.name());
    reports::write(&document, &board, &folder, name)
}

/// Makes one dashboard.
pub(super) fn run_dashboard(arguments: &Dashboard) -> Result<Outcome, Failure> {
    let lake = arguments.place.lake()?;
    let (settings, policy) = arguments.place.rules()?;
    let wanted = Wanted {
        kind: match arguments.partner {
            Some(_) => Kind::Partner,
            None => Kind::Observatory,
        },
        period: arguments.period.clone(),
        partner: arguments.partner.clone(),
    };
    let period = Period::parse(&wanted.period).map_err(|error| error.to_string())?;
    let scope = scope(&settings, &wanted, &period)?;
    let session = marts::prepare(&lake, &settings, Some(period.last()))?;
    let figures = compute(&session, &settings.calendar, &scope, &period, &policy)?;
    let cube = compute_cube(&session, &scope, &period, &policy)?;
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
    let of_partner =
        wanted.kind == Kind::Partner || wanted.kind == Kind::Assistance && wanted.partner.is_some();
    if !of_partner {
        return Ok(Scope::region());
    }
    let id = wanted.partner.as_deref().unwrap_or_default();
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
