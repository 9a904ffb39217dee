//! Deliverables made side by side: what each territory and period needs is
//! computed once for all of its deliverables.

use super::report::{Kind, of_partner};
use crate::dashboard;
use crate::document::{Brand, Document};
use crate::domain::{Departement, Period};
use crate::indicators::{Cube, Figures, Scope, Secrets, Terms, compute, compute_cube};
use crate::lake::Lake;
use crate::query::marts::{Settings, data_bounds};
use crate::query::{Cell, Session};
use crate::reports::{self, Inputs, Package, Provenance, dashboard_views};
use crate::side_by_side;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A deliverable to make.
#[derive(Clone)]
pub(super) struct Job {
    pub kind: Kind,
    pub scope: Scope,
    pub period: Period,
}

/// What the jobs of an edition share.
struct Edition<'a> {
    secrets: Secrets<'a>,
    settings: &'a Settings,
    terms: &'a Terms,
    lake: String,
    inputs: Vec<Inputs>,
    out: &'a Path,
    all: usize,
    done: AtomicUsize,
}

/// Every deliverable of a period: observatory, coordination note and bulletin of
/// the region; pack and bulletin of each partner; sheet of each département; the
/// balance of the last school year that was over, if the lake knows it.
pub(super) fn jobs(
    session: &Session,
    settings: &Settings,
    period: &Period,
) -> Result<Vec<Job>, String> {
    let mut jobs = Vec::new();
    let mut add = |kind, scope: &Scope, period: &Period| {
        jobs.push(Job {
            kind,
            scope: scope.clone(),
            period: period.clone(),
        });
    };
    let region = Scope::region();
    for kind in [Kind::Observatory, Kind::Coordination, Kind::Assistance] {
        add(kind, &region, period);
    }
    match last_year(session, period)? {
        Some(year) => add(Kind::Costra, &region, &year),
        None => eprintln!(
            "note: no school year was over by {} of which the lake knows anything: no COSTRA",
            period.last()
        ),
    }
    let members = settings.partners.iter();
    for partner in members.filter(|partner| partner.is_member(period.last())) {
        let scope = of_partner(settings, &partner.id, period)?;
        if has_establishments(session, &scope)? {
            add(Kind::Partner, &scope, period);
            add(Kind::Assistance, &scope, period);
        } else {
            eprintln!(
                "note: partner `{}` has no establishment in the lake: no pack",
                partner.id
            );
        }
    }
    for departement in Departement::ALL {
        let scope = Scope {
            node_kind: "departement".into(),
            node: departement.code().into(),
            name: departement.name().into(),
        };
        if has_establishments(session, &scope)? {
            add(Kind::Coter, &scope, period);
        }
    }
    Ok(jobs)
}

fn has_establishments(session: &Session, scope: &Scope) -> Result<bool, String> {
    let sql = "select distinct node_kind, node from nodes order by node_kind, node";
    let wanted = [&scope.node_kind, &scope.node].map(|text| Cell::Text(text.clone()));
    Ok(session.sql(sql)?.1.iter().any(|row| row[..] == wanted))
}

/// The last school year whose summer had come by the end of the period.
fn last_year(session: &Session, period: &Period) -> Result<Option<Period>, String> {
    let name = Period::school_year_of(period.last());
    let this = Period::parse(&name).map_err(|error| error.to_string())?;
    // From July on, the year is told.
    let is_over = this.last() - period.last() < chrono::Duration::days(31);
    let year = match is_over {
        true => this,
        false => crate::indicators::school_year_before(&this)?,
    };
    let bounds = data_bounds(session)?;
    let is_known = bounds.is_some_and(|(first, last)| first <= year.last() && last >= year.first());
    Ok(is_known.then_some(year))
}

/// Makes deliverables, several at a time; returns their main files in the order
/// of the jobs.
pub(super) fn make(
    session: &Session,
    lake: &Lake,
    settings: &Settings,
    terms: &Terms,
    jobs: Vec<Job>,
    out: &Path,
) -> Result<Vec<PathBuf>, String> {
    let edition = Edition {
        secrets: super::secrets(session, lake, terms)?,
        settings,
        terms,
        lake: lake.digest()?,
        inputs: inputs(lake)?,
        out,
        all: jobs.len(),
        done: AtomicUsize::new(0),
    };
    let made = side_by_side::each(&groups(jobs), |jobs| Ok(edition.group(jobs)))?;
    let made: BTreeMap<usize, Result<Vec<PathBuf>, String>> = made.into_iter().flatten().collect();
    let made: Result<Vec<Vec<PathBuf>>, String> = made.into_values().collect();
    Ok(made?.concat())
}

/// Computes what deliverables are made from, which the secrets keep, and makes none.
pub(super) fn aggregate(
    session: &Session,
    lake: &Lake,
    terms: &Terms,
    jobs: Vec<Job>,
) -> Result<(), String> {
    let secrets = super::secrets(session, lake, terms)?;
    side_by_side::each(&groups(jobs), |jobs| shared(&secrets, jobs)).map(drop)
}

/// What the jobs of one territory and period are made from.
fn shared(secrets: &Secrets<'_>, jobs: &[(usize, Job)]) -> Result<(Figures, Option<Cube>), String> {
    let first = &jobs[0].1;
    let figures = compute(secrets, &first.scope, &first.period)?;
    let has_board = jobs.iter().any(|(_, job)| has_board(job.kind));
    let cube = has_board.then(|| compute_cube(secrets, &first.scope, &first.period));
    Ok((figures, cube.transpose()?))
}

/// Jobs with their places, those of one territory and period together.
fn groups(jobs: Vec<Job>) -> Vec<Vec<(usize, Job)>> {
    let mut groups: Vec<Vec<(usize, Job)>> = Vec::new();
    for (place, job) in jobs.into_iter().enumerate() {
        let same = |group: &&mut Vec<(usize, Job)>| {
            let first = &group[0].1;
            first.scope == job.scope && first.period == job.period
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push((place, job)),
            None => groups.push(vec![(place, job)]),
        }
    }
    groups
}

type Made = (usize, Result<Vec<PathBuf>, String>);

impl Edition<'_> {
    /// Makes the jobs of one territory and period.
    fn group(&self, jobs: &[(usize, Job)]) -> Vec<Made> {
        let shared = shared(&self.secrets, jobs);
        let one = |(place, job): &(usize, Job)| {
            let made = match &shared {
                Ok((figures, cube)) => self.one(job, figures, cube.as_ref()),
                Err(message) => Err(message.clone()),
            };
            (*place, made)
        };
        jobs.iter().map(one).collect()
    }

    fn one(
        &self,
        job: &Job,
        figures: &Figures,
        cube: Option<&Cube>,
    ) -> Result<Vec<PathBuf>, String> {
        let (document, folder, name) = self.document(job, figures);
        let brand = self.brand(job);
        let document = Document {
            brand: brand.clone(),
            ..document
        };
        let slides =
            (job.kind == Kind::Costra).then(|| reports::costra_slides(figures, &self.lake));
        let board = cube.filter(|_| has_board(job.kind));
        let board =
            board.map(|cube| dashboard::page(figures, cube, &document, &dashboard_views(figures)));
        let package = Package {
            name,
            document: &document,
            slides: slides.as_ref(),
            dashboard: board.as_deref(),
        };
        let folder = format!("{folder}/{}", job.period.name());
        let files = reports::write(
            &package,
            figures,
            &self.provenance(job),
            &self.out.join(&folder),
        )?;
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        eprintln!("  {done}/{} {folder}", self.all);
        Ok(files)
    }

    /// The document, its folder and its name in it.
    fn document(&self, job: &Job, figures: &Figures) -> (Document, String, &'static str) {
        let lake = &self.lake;
        let node = &job.scope.node;
        let of_partner = job.scope.node_kind == "partner";
        let territory = match of_partner {
            true => node.clone(),
            false => format!("{}-{node}", job.scope.node_kind),
        };
        match job.kind {
            Kind::Costra => (reports::costra(figures, lake), "costra".into(), "costra"),
            Kind::Partner => (
                reports::partner(figures, lake),
                format!("partenaires/{node}"),
                "dossier",
            ),
            Kind::Coter => (
                reports::coter(figures, lake),
                format!("coter/{territory}"),
                "fiche",
            ),
            Kind::Coordination => (
                reports::coordination(figures, lake),
                "coordination".into(),
                "note",
            ),
            Kind::Assistance => {
                let folder = match of_partner {
                    true => format!("partenaires/{node}/assistance"),
                    false => "assistance".to_owned(),
                };
                (reports::assistance(figures, lake), folder, "bulletin")
            }
            Kind::Observatory | Kind::All => (
                reports::observatory(figures, lake),
                "observatoire".into(),
                "observatoire",
            ),
        }
    }

    /// What the partner of a pack or of a bulletin wears.
    fn brand(&self, job: &Job) -> Brand {
        let partner = self
            .settings
            .partners
            .iter()
            .find(|partner| partner.id == job.scope.node);
        partner
            .filter(|_| job.scope.node_kind == "partner")
            .map_or_else(Brand::default, |partner| Brand {
                colour: partner.colour.clone(),
                logo: partner.logo_bytes.clone(),
            })
    }

    fn provenance(&self, job: &Job) -> Provenance {
        let threshold = self.terms.policy.threshold;
        let parameters = [
            ("kind", job.kind.word()),
            ("period", job.period.name().to_owned()),
            ("first_day", job.period.first().to_string()),
            ("last_day", job.period.last().to_string()),
            (
                "territory",
                format!("{} {}", job.scope.node_kind, job.scope.node),
            ),
            ("timeout_minutes", self.settings.timeout_minutes.to_string()),
            ("threshold", threshold.plain.to_string()),
            ("crossed_threshold", threshold.crossed.to_string()),
            ("rate_base", self.terms.policy.rate_base.to_string()),
        ];
        let parameters = parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Provenance {
            parameters: parameters.collect(),
            lake: self.lake.clone(),
            inputs: self.inputs.clone(),
        }
    }
}

/// What a reader explores: reports, packs and sheets have one.
fn has_board(kind: Kind) -> bool {
    !matches!(kind, Kind::Coordination | Kind::Assistance)
}

/// The inputs of the lake by kind and source.
fn inputs(lake: &Lake) -> Result<Vec<Inputs>, String> {
    let mut found: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for entry in lake.ledger()?.into_values() {
        found
            .entry((entry.kind, entry.source))
            .or_default()
            .push(entry.digest);
    }
    let inputs = found.into_iter().map(|((kind, source), mut digests)| {
        digests.sort();
        let mut hash = Sha256::new();
        for digest in &digests {
            hash.update(digest);
            hash.update("\n");
        }
        Inputs {
            kind,
            source,
            inputs: digests.len(),
            sha256: crate::lake::hex(&hash.finalize()),
        }
    });
    Ok(inputs.collect())
}
