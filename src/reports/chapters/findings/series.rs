//! What changes over time: from a year to the next, over the hours, and what fell silent.

use super::super::{comparison, interruptions, level_label, levels, usage};
use super::{BASE, STABLE, Said, provisional};
use crate::french;
use crate::indicators::{Figures, Scope};

/// Visits at constant perimeter of both periods.
struct Change {
    now: f64,
    before: f64,
    /// Whether the counts may be told: with those of all, they tell those of the others.
    is_told: bool,
}

impl Change {
    fn of(figures: &Figures, level: &str) -> Option<Self> {
        if figures.is_broken() {
            return None;
        }
        let row = figures
            .table("constant_perimeter")
            .find(&[("level", level), ("role", "all")])?;
        let before = row.get("visits_before").number();
        Some(Self {
            now: row.get("visits").number()?,
            before: before.filter(|visits| *visits >= BASE)?,
            is_told: !comparison::has_few_others(&row),
        })
    }

    fn ratio(&self) -> f64 {
        self.now / self.before - 1.0
    }

    /// By so few establishments more or less, an evolution to a percent tells nothing of theirs.
    fn precision(&self) -> i64 {
        match self.is_told {
            true => 1_000,
            false => 0,
        }
    }

    fn told(&self, level: &str) -> String {
        if !self.is_told {
            return format!(
                "{} : nombres non donnés, moins de cinq établissements sont hors du périmètre constant",
                level_label(level).to_lowercase()
            );
        }
        format!(
            "{} : {} visites contre {} un an avant",
            level_label(level).to_lowercase(),
            french::integer(self.now as i64),
            french::integer(self.before as i64)
        )
    }
}

/// Verb and size: `augmentent`, `de 14,9 %`; or that they are stable.
fn moved(change: f64, precision: i64) -> (&'static str, String) {
    let size = format!("de {}", french::percent(change.abs(), precision));
    match change {
        c if c >= STABLE => ("augmentent", size),
        c if c <= -STABLE => ("baissent", size),
        c => (
            "sont stables",
            format!("({})", french::change(c, precision)),
        ),
    }
}

/// Of each level where they differ by two points or more, or of all.
pub(super) fn visits(figures: &Figures) -> Option<Said> {
    let told = levels(figures);
    let both = match told[..] {
        [_] => None,
        _ => Change::of(figures, "1D").zip(Change::of(figures, "2D")),
    };
    let apart = both.filter(|(one, other)| (one.ratio() - other.ratio()).abs() >= STABLE);
    match apart {
        Some((primary, secondary)) => Some(of_levels(figures, &primary, &secondary)),
        None => of_all(figures),
    }
}

fn of_all(figures: &Figures) -> Option<Said> {
    let all = Change::of(figures, "all")?;
    let (verb, size) = moved(all.ratio(), all.precision());
    let mark = provisional(figures);
    Some(Said {
        sentence: format!("À périmètre constant, les visites {verb} {size}{mark}."),
        figures: vec![all.told("all")],
    })
}

fn of_levels(figures: &Figures, primary: &Change, secondary: &Change) -> Said {
    let mut told = [("1D", primary), ("2D", secondary)];
    told.sort_by(|a, b| b.1.ratio().total_cmp(&a.1.ratio()));
    let [(verb, size), (other_verb, other_size)] =
        told.map(|(_, change)| moved(change.ratio(), change.precision()));
    let [name, other_name] = told.map(|(level, _)| level_label(level).to_lowercase());
    // The verb once where both move the same way.
    let other = match verb == other_verb {
        true => other_size,
        false => format!("{other_verb} {other_size}"),
    };
    let mark = provisional(figures);
    Said {
        sentence: format!(
            "À périmètre constant, les visites {verb} {size} dans le {name} et {other} dans le {other_name}{mark}."
        ),
        figures: told.map(|(level, change)| change.told(level)).to_vec(),
    }
}

pub(super) fn busiest_hour(figures: &Figures) -> Option<Said> {
    let busiest = usage::busiest_hour(figures)?;
    let (day, hour) = (busiest.day, busiest.hour);
    let visits = french::integer(busiest.visits as i64);
    Some(Said {
        sentence: format!(
            "L’heure la plus chargée est celle du {day} de {hour} h à {} h ({visits} visites sur la période).",
            hour + 1
        ),
        figures: vec![format!("{day}, {hour} h : {visits} visites")],
    })
}

/// The silence of which most was to be expected, of the platform.
pub(super) fn silence(figures: &Figures) -> Option<Said> {
    let is_of_platform = figures.scope.node_kind == Scope::region().node_kind;
    let table = figures.table("unusual_silences");
    let count = table.rows().filter(|_| is_of_platform).count() as i64;
    let rows = table.rows().filter(|_| is_of_platform);
    let worst = rows.max_by_key(|row| row.get("expected").integer())?;
    let (place, when) = (interruptions::whose(&worst), interruptions::when(&worst)?);
    let expected = french::shown(worst.get("expected"));
    let (what, nothing) = match worst.get("family").text() {
        "role" => ("visites", "aucune visite"),
        _ => ("requêtes", "aucune requête"),
    };
    let explained = match interruptions::is_explained(figures, &worst) {
        true => "un registre l’explique",
        false => "aucun registre ne l’explique",
    };
    let others = match count {
        1 => String::new(),
        n => format!(
            " C’est le plus marqué des {} silences anormaux.",
            french::integer(n)
        ),
    };
    Some(Said {
        sentence: format!(
            "{when}, {nothing} {place} n’est enregistrée, là où {expected} étaient attendues ; {explained}.{others}"
        ),
        figures: vec![format!("{expected} {what} attendues, aucune reçue")],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_changes_are_stable() {
        assert_eq!(moved(0.149, 1_000), ("augmentent", "de 14,9\u{a0}%".into()));
        assert_eq!(moved(0.149, 0), ("augmentent", "de 15\u{a0}%".into()));
        assert_eq!(moved(-0.02, 1_000), ("baissent", "de 2,0\u{a0}%".into()));
        let (verb, size) = moved(0.0149, 1_000);
        assert_eq!(verb, "sont stables");
        assert_eq!(size, "(+\u{a0}1,5\u{a0}%)");
        assert_eq!(moved(0.0001, 1_000).1, "(stable)");
    }
}
