//! What a run did and how large the lake is, as OpenMetrics text: a node exporter
//! reads the file and knows by its date when the run ended.

use super::chain::Summary;
use crate::lake::{Lake, TableStats};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Writes the file at once, by rename: whoever reads it sees it whole.
pub(super) fn write(path: &Path, lake: &Lake, summary: &Summary) -> Result<(), String> {
    let text = text(&lake.stats()?, summary);
    let staged = path.with_extension("tmp");
    let written = fs::write(&staged, text).and_then(|()| fs::rename(&staged, path));
    written.map_err(|error| {
        format!(
            "metrics `{}` cannot be written: {error}\nhint: choose another file with `--metrics`",
            path.display()
        )
    })
}

fn text(stats: &[TableStats], summary: &Summary) -> String {
    let mut text = String::new();
    let state = match &summary.error {
        Some(_) => 1,
        None if summary.total.has_findings() => 3,
        None => 0,
    };
    family(
        &mut text,
        "entobs_exit_code",
        "how the last run ended (0, 1, 3)",
    );
    line(&mut text, "entobs_exit_code", &[], state);
    family(
        &mut text,
        "entobs_rows",
        "rows of the inputs of the last run, by what became of them",
    );
    for stage in &summary.stages {
        let counts = &stage.counts;
        let mut rows = |became: &str, reason: &str, count| {
            let labels = [
                ("input", stage.name),
                ("became", became),
                ("reason", reason),
            ];
            line(&mut text, "entobs_rows", &labels, count);
        };
        rows("kept", "", counts.kept);
        rows("duplicate", "", counts.duplicates);
        for (reason, count) in &counts.rejected {
            rows("rejected", reason, *count);
        }
    }
    type Of = fn(&TableStats) -> u64;
    let families: [(&str, &str, Of); 3] = [
        ("entobs_lake_rows", "rows of the lake by table", |t| t.rows),
        ("entobs_lake_files", "files of the lake by table", |t| {
            t.files
        }),
        ("entobs_lake_bytes", "bytes of the lake by table", |t| {
            t.bytes
        }),
    ];
    for (name, help, of) in families {
        family(&mut text, name, help);
        for table in stats {
            line(&mut text, name, &[("table", table.table)], of(table));
        }
    }
    family(
        &mut text,
        "entobs_last_day_seconds",
        "start (UTC) of the last day that a table has",
    );
    for table in stats {
        if let Some(day) = table.last_day {
            let seconds = day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
            let labels = [("table", table.table)];
            line(&mut text, "entobs_last_day_seconds", &labels, seconds);
        }
    }
    text.push_str("# EOF\n");
    text
}

fn family(text: &mut String, name: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
    let labels: Vec<String> = labels
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
        .collect();
    let _ = match labels.is_empty() {
        true => writeln!(text, "{name} {value}"),
        false => writeln!(text, "{name}{{{}}} {value}", labels.join(",")),
    };
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}
