//! Exports of the provider's statistics: rows of counts. Names of
//! establishments are not kept; a keyed hash of what a row is about tells the
//! same count in two exports.

use super::tally::{Tally, is_name};
use super::{Context, FileReport, Input, Keys, Report, store, tabular};
use crate::domain::{OTHER_SERVICE, Role, ServiceMap};
use crate::lake::{Counts, Table, Transaction, Value};
use crate::provider::{Grain, Header, Row, service_of};
use std::path::Path;

/// Ingests one export; a later one under the same name takes its place.
pub fn statistics(context: &mut Context<'_>, path: &Path, source: &str) -> Result<Report, String> {
    let text = tabular::text(path)?;
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = lines.next().unwrap_or_default();
    let header = Header::parse(header.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("`{}`: {error}", path.display()))?;
    let paths = [path.to_owned()];
    let input = Input::identify("statistics", source, &paths)?.versioned(&paths);
    store(context, &input, |keys, services, transaction| {
        let mut output = Output {
            keys,
            services,
            transaction,
            source,
            applications: Tally::new("unmapped application"),
            profiles: Tally::new("unknown profile"),
        };
        let counts = output.write(lines.map(|line| header.row(line)))?;
        Ok(vec![FileReport::of(
            path.display().to_string(),
            counts,
            None,
        )])
    })
}

struct Output<'a> {
    keys: &'a mut Keys,
    services: &'a ServiceMap,
    transaction: &'a mut Transaction,
    source: &'a str,
    applications: Tally,
    profiles: Tally,
}

impl<'a> Output<'a> {
    fn write(
        &mut self,
        rows: impl Iterator<Item = Result<Row, &'static str>>,
    ) -> Result<Counts, String> {
        let mut counts = Counts::default();
        let mut good = Vec::new();
        for row in rows {
            counts.read += 1;
            match row {
                Ok(row) => good.push(row),
                Err(reason) => counts.reject(reason),
            }
        }
        let grain = Grain::of(&good);
        for row in &good {
            self.row(row, grain)?;
            counts.kept += 1;
        }
        self.applications.note(&mut counts);
        self.profiles.note(&mut counts);
        Ok(counts)
    }

    fn row(&mut self, row: &Row, grain: Grain) -> Result<(), String> {
        if row.role == Role::Unknown && is_name(&row.profile) {
            self.profiles.add(&row.profile);
        }
        let about = [
            row.name.as_str(),
            row.uai.as_ref().map_or("", |uai| uai.as_str()),
            &row.start.to_string(),
            &row.profile,
            row.application.as_deref().unwrap_or_default(),
            row.device.as_deref().unwrap_or_default(),
        ]
        .join("\n");
        let about = self.keys.lines.hash(about.as_bytes());
        let service = self.service(row.application.as_deref());
        for (measure, value) in &row.values {
            let values = [
                Value::Text(self.source),
                Value::Text(grain.level),
                Value::Text(grain.frequency),
                row.uai.as_ref().map(|uai| uai.as_str()).into(),
                Value::Date(row.start.date()),
                Value::Text(row.role.code()),
                Value::Text(measure.code()),
                service.into(),
                row.device
                    .as_deref()
                    .filter(|device| is_name(device))
                    .into(),
                Value::Integer(*value),
                Value::Pseudonym(about),
            ];
            self.transaction
                .row(Table::ProviderStatistics, None, &values)?;
        }
        Ok(())
    }

    /// By label, else by the name of a module; what neither knows is counted.
    fn service(&mut self, application: Option<&str>) -> Option<&'a str> {
        let application = application?;
        let service = service_of(application).or_else(|| self.services.maps_module(application));
        if service.is_none() && is_name(application) {
            self.applications.add(application);
        }
        Some(service.unwrap_or(OTHER_SERVICE))
    }
}
