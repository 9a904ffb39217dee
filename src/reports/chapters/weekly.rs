//! Weekly series over the whole weeks of a period: the region over the year
//! before, départements side by side. Weeks cut by the period, not over yet,
//! or with data known to be wrong are not drawn.

use super::{peak, unpublished};
use crate::charts::{BLUE, GREY, Line, Weeks, lines, multiples, sparkline};
use crate::document::{Block, Figure, Sparks, Table, TableCell};
use crate::domain::{Departement, Period, SchoolCalendar};
use crate::french;
use crate::indicators::{Figures, RegisterRow};
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::text as cell;
use chrono::{Datelike, Days, NaiveDate};
use std::collections::BTreeSet;

const NOT_DRAWN: &str = "Bandes grises : vacances scolaires. Les semaines dont des journaux manquent ou sont signalés comme erronés, et celles que protège le secret, ne sont pas tracées.";

/// The whole weeks of a period, by their Mondays.
pub(crate) struct Axis {
    first: NaiveDate,
    weeks: usize,
}

impl Axis {
    /// Up to the last day with data.
    pub fn of(period: &Period, last_day: NaiveDate) -> Self {
        let to_monday = (7 - period.first().weekday().num_days_from_monday()) % 7;
        let first = period.first() + Days::new(u64::from(to_monday));
        let days = last_day.min(period.last()).signed_duration_since(first);
        let weeks = usize::try_from((days.num_days() + 1) / 7).unwrap_or(0);
        Self { first, weeks }
    }

    /// The Monday of a week.
    pub fn monday(&self, week: usize) -> NaiveDate {
        self.first + Days::new(7 * week as u64)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.weeks
    }

    /// Names of months and weeks without school.
    pub fn drawn(&self, calendar: &SchoolCalendar) -> Weeks {
        let is_free = |week: &usize| {
            let days = (0..5).map(|day| self.monday(*week) + Days::new(day));
            days.into_iter().all(|day| !calendar.is_school_day(day))
        };
        Weeks {
            ticks: self.months(),
            holidays: (0..self.weeks).filter(is_free).collect(),
            bad: Vec::new(),
            crisis: Vec::new(),
        }
    }

    /// The same with the weeks of this period whose data are wrong or missing, hatched.
    fn drawn_for(&self, figures: &Figures) -> Weeks {
        let is_bad = |week: &usize| self.is_bad(figures, *week);
        Weeks {
            bad: (0..self.weeks).filter(is_bad).collect(),
            crisis: (0..self.weeks)
                .filter(|week| self.has_crisis(figures, *week))
                .collect(),
            ..self.drawn(&figures.terms.calendar)
        }
    }

    /// Whether the crisis cell decided something for days of a week (convention, article 4.2).
    fn has_crisis(&self, figures: &Figures, week: usize) -> bool {
        let (from, to) = (self.monday(week), self.monday(week) + Days::new(6));
        let day = |row: &RegisterRow, name: &str| -> Option<NaiveDate> {
            row.get(name)?.get(..10)?.parse().ok()
        };
        let decisions = figures.whole_register("decisions-de-crise").iter();
        let mut spans = decisions.filter_map(|row| {
            let begun = day(row, "debut")?;
            Some((begun, day(row, "fin").unwrap_or(begun)))
        });
        spans.any(|(begun, ended)| begun <= to && ended >= from)
    }

    /// Whether data of a week are known to be wrong, or a front-end has no logs of a day.
    pub fn is_bad(&self, figures: &Figures, week: usize) -> bool {
        let (from, to) = (self.monday(week), self.monday(week) + Days::new(6));
        let bad = figures.known_bad();
        let is_wrong = bad
            .iter()
            .any(|(first, last, _)| *first <= to && *last >= from);
        is_wrong
            || figures
                .days_without_logs()
                .range(from..=to)
                .next()
                .is_some()
    }

    /// The first week of each month, by the short name of the month.
    fn months(&self) -> Vec<(usize, String)> {
        let turns = |week: &usize| {
            *week == 0 || self.monday(*week).month() != self.monday(*week - 1).month()
        };
        let name = |week: usize| french::month_short(self.monday(week)).to_owned();
        let weeks = (0..self.weeks).filter(turns);
        weeks.map(|week| (week, name(week))).collect()
    }

    /// One value a week, none where data are known to be wrong or are missing.
    fn values<'a>(
        &self,
        figures: &Figures,
        rows: impl Iterator<Item = ProtectedRow<'a>>,
        column: &str,
    ) -> Vec<Option<f64>> {
        let mut values = vec![None; self.weeks];
        for row in rows {
            let Shown::Date(monday) = row.get("week") else {
                continue;
            };
            let weeks = monday.signed_duration_since(self.first).num_days() / 7;
            let place = usize::try_from(weeks)
                .ok()
                .and_then(|week| values.get_mut(week));
            if let Some(value) = place.filter(|_| *monday >= self.first) {
                *value = row.get(column).number();
            }
        }
        for (week, value) in values.iter_mut().enumerate() {
            if self.is_bad(figures, week) {
                *value = None;
            }
        }
        values
    }

    /// The week of a row whose visits are secret.
    fn hidden(&self, row: &ProtectedRow<'_>) -> Option<usize> {
        let (Shown::Date(monday), Shown::Secret) = (row.get("week"), row.get("visits")) else {
            return None;
        };
        (0..self.weeks).find(|week| self.monday(*week) == *monday)
    }
}

const EVERYBODY: [(&str, &str); 2] = [("level", "all"), ("role", "all")];

/// Visits by week of a period and of the one before, week under week.
struct Series {
    axis: Axis,
    now: Vec<Option<f64>>,
    before: Vec<Option<f64>>,
    /// The weeks that are drawn, none where secret; zero where data are wrong, or nobody came.
    told: Vec<Option<f64>>,
    /// Whether data of some weeks are missing or known to be wrong.
    has_bad: bool,
}

impl Series {
    fn of(figures: &Figures) -> Self {
        let axis = Axis::of(&figures.period, figures.reference);
        let axis_before = Axis::of(&figures.before, figures.before.last());
        let rows = || figures.table("weekly").select(&EVERYBODY);
        let now = axis.values(figures, rows(), "visits");
        let rows_before = figures.table_before("weekly").select(&EVERYBODY);
        let mut before = axis_before.values(figures, rows_before, "visits");
        before.truncate(axis.weeks);
        let hidden: BTreeSet<usize> = rows().filter_map(|row| axis.hidden(&row)).collect();
        let is_bad: Vec<bool> = (0..axis.weeks)
            .map(|week| axis.is_bad(figures, week))
            .collect();
        let told = now.iter().enumerate().map(|(week, visits)| {
            let is_hidden = hidden.contains(&week) && !is_bad[week];
            (!is_hidden).then_some(visits.unwrap_or(0.0))
        });
        Self {
            told: told.collect(),
            has_bad: is_bad.contains(&true),
            axis,
            now,
            before,
        }
    }

    /// `5 743 visites la semaine du 9 septembre 2024`
    fn told(&self, week: usize, visits: f64) -> String {
        format!(
            "{} visites la semaine du {}",
            french::integer(visits as i64),
            french::date(self.axis.monday(week))
        )
    }

    /// The week with most visits, where it may be told.
    fn title(&self, figures: &Figures) -> String {
        let peak = peak::largest(&self.told, super::all_visits(figures));
        let day = |week| french::date(self.axis.monday(week));
        match peak {
            Some((week, _)) if self.has_bad => format!(
                "La semaine du {} est la plus chargée des semaines complètes",
                day(week)
            ),
            Some((week, _)) => format!("Le pic d’usage est atteint la semaine du {}", day(week)),
            None => "Visites par semaine".into(),
        }
    }

    /// Of the year before under this one, where it is measured.
    fn lines(&self, figures: &Figures) -> Vec<Line> {
        let line = |period: &Period, values: &[Option<f64>], colour| Line {
            label: Period::school_year_of(period.first()),
            values: values.to_vec(),
            colour,
        };
        let mut drawn = vec![line(&figures.period, &self.now, BLUE)];
        if self.has_before() {
            drawn.insert(0, line(&figures.before, &self.before, GREY));
        }
        drawn
    }

    /// For who cannot see it: where it starts, its peak and its low, where it ends, and how it
    /// stands beside the year before.
    fn described(&self, over: &str, is_broken: bool) -> String {
        let weeks = || self.now.iter().enumerate();
        let drawn: Vec<(usize, f64)> = weeks().filter_map(|(w, v)| Some((w, (*v)?))).collect();
        let told = |at: Option<&(usize, f64)>| {
            at.map_or_else(String::new, |(week, visits)| self.told(*week, *visits))
        };
        let lowest = drawn.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let highest = drawn.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
        let pairs = self.now.iter().zip(&self.before);
        let pairs: Vec<(f64, f64)> = pairs.filter_map(|(n, b)| Some(((*n)?, (*b)?))).collect();
        let above = pairs.iter().filter(|(now, before)| now > before).count();
        let beside = match pairs.len() {
            _ if is_broken => String::new(),
            0 => String::new(),
            all => format!(
                " Cette année est au-dessus de la précédente {above} semaine{} sur {all}.",
                french::plural(above as i64)
            ),
        };
        format!(
            "Courbe des visites sur {} semaines, dont {} tracées. Première : {} ; plus haute : {} ; plus basse : {} ; dernière : {} ; {over}.{beside}",
            self.axis.weeks,
            drawn.len(),
            told(drawn.first()),
            told(highest),
            told(lowest),
            told(drawn.last()),
        )
    }

    fn has_before(&self) -> bool {
        self.before.iter().any(Option::is_some)
    }

    fn table(&self) -> Table {
        data(&self.axis, &self.now, &self.before).without_empty_columns()
    }
}

/// Visits by week as a chart, or that they are not published.
pub(super) fn block(figures: &Figures) -> Option<Block> {
    let series = Series::of(figures);
    match peak::is_mostly_shown(&series.told) {
        true => figure_of(figures, &series).map(Block::Figure),
        false if series.told.contains(&None) => Some(unpublished::withheld(series.table())),
        false => None,
    }
}

/// Visits by week over those of the year before.
pub(super) fn figure(figures: &Figures) -> Option<Figure> {
    let series = Series::of(figures);
    let is_shown = peak::is_mostly_shown(&series.told);
    is_shown.then(|| figure_of(figures, &series))?
}

fn figure_of(figures: &Figures, series: &Series) -> Option<Figure> {
    let (week, most) = highest(&series.now)?;
    let told = series.told(week, most);
    // Hatched: weeks of this period. Where the year before is wrong, its own line has a gap.
    let weeks = series.axis.drawn_for(figures);
    let over = if series.has_before() {
        "la courbe grise est celle de l’année précédente"
    } else {
        "l’année précédente n’est pas mesurée"
    };
    Some(Figure {
        id: "visites-par-semaine".into(),
        title: french::typeset(&series.title(figures)),
        subtitle: super::subtitle(figures, "Nombre de visites par semaine"),
        alt: french::typeset(&series.described(over, figures.is_broken())),
        reading: french::typeset(&format!(
            "Lecture : on compte {told}. {}{}{NOT_DRAWN}",
            hatching(&weeks),
            crisis(&weeks)
        )),
        champ: super::champ(figures),
        source: super::source(),
        svg: lines(&series.lines(figures), &weeks),
        data: series.table(),
    })
}

/// What the mark of a crisis means, where there is one.
fn crisis(weeks: &Weeks) -> &'static str {
    match weeks.crisis.is_empty() {
        true => "",
        false => "Losange : semaine touchée par une décision de la cellule de crise. ",
    }
}

/// What hatching means, where there is some.
fn hatching(weeks: &Weeks) -> &'static str {
    match weeks.bad.is_empty() {
        true => "",
        false => {
            "Hachures : semaines de cette période dont les journaux manquent en partie ou sont erronés. "
        }
    }
}

fn highest(values: &[Option<f64>]) -> Option<(usize, f64)> {
    let shown = values
        .iter()
        .enumerate()
        .filter_map(|(week, value)| Some((week, (*value)?)));
    shown.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

fn data(axis: &Axis, now: &[Option<f64>], before: &[Option<f64>]) -> Table {
    let value = |value: Option<&Option<f64>>| match value.copied().flatten() {
        Some(visits) => TableCell {
            text: french::integer(visits as i64),
            number: Some(visits),
            ratio: false,
        },
        None => cell("nd"),
    };
    let rows = (0..now.len()).map(|week| {
        let monday = french::date(axis.monday(week));
        vec![cell(monday), value(now.get(week)), value(before.get(week))]
    });
    Table {
        caption: "Visites par semaine".into(),
        header: ["Semaine du", "Visites", "Un an avant"]
            .map(str::to_owned)
            .to_vec(),
        text_columns: 1,
        rows: rows.collect(),
        note: String::new(),
        ..Table::default()
    }
}

/// The weeks of each département as a small line on one scale, and what it shows.
pub(super) fn sparks(figures: &Figures, codes: &[&str]) -> Sparks {
    let axis = Axis::of(&figures.period, figures.reference);
    let table = figures.table("territory_weeks");
    let series: Vec<Vec<Option<f64>>> = codes
        .iter()
        .map(|code| {
            let wanted = [("departement", *code)];
            axis.values(figures, table.select(&wanted), "visits_per_account")
        })
        .collect();
    let most = series
        .iter()
        .flatten()
        .flatten()
        .copied()
        .fold(0.0, f64::max);
    let told = |values: &Vec<Option<f64>>| match highest(values) {
        Some((week, value)) => french::typeset(&format!(
            "Courbe des semaines montrées, au plus haut {} visite{} par compte la semaine du {}",
            french::decimal(value, 2),
            french::plural(value as i64),
            french::date(axis.monday(week))
        )),
        None => "Aucune semaine à montrer".into(),
    };
    Sparks {
        header: "Semaines".into(),
        lines: series
            .iter()
            .map(|values| (sparkline(values, most), told(values)))
            .collect(),
    }
}

/// Visits for 100 loaded accounts by week, a panel for each département.
pub(super) fn by_departement(figures: &Figures) -> Option<Figure> {
    let axis = Axis::of(&figures.period, figures.reference);
    let table = figures.table("territory_weeks");
    let mut drawn = Vec::new();
    let mut rows = Vec::new();
    for departement in Departement::ALL {
        let wanted = [("departement", departement.code())];
        let values = axis.values(figures, table.select(&wanted), "visits_per_account");
        for (week, value) in values.iter().enumerate() {
            rows.push(vec![
                cell(departement.name()),
                cell(french::date(axis.monday(week))),
                value.map_or_else(
                    || cell("nd"),
                    |value| TableCell {
                        text: french::decimal(value, 2),
                        number: Some(value),
                        ratio: false,
                    },
                ),
            ]);
        }
        if values.iter().any(Option::is_some) {
            drawn.push(Line {
                label: departement.name().into(),
                values,
                colour: BLUE,
            });
        }
    }
    if drawn.len() < 2 {
        return None;
    }
    let peaks: Vec<String> = drawn.iter().filter_map(|line| peak(&axis, line)).collect();
    Some(Figure {
        id: "departements-par-semaine".into(),
        title: french::typeset("Les semaines de chaque département, à la même échelle"),
        subtitle: super::subtitle(figures, "Visites par compte chargé et par semaine"),
        alt: french::typeset(&format!(
            "Une courbe par département, à la même échelle. Plus haute valeur tracée de chacune : {}.",
            peaks.join(" ; ")
        )),
        reading: french::typeset(&format!("Lecture : {}. {NOT_DRAWN}", peaks.first()?)),
        champ: super::champ(figures),
        source: super::source(),
        svg: multiples(&drawn, &axis.drawn_for(figures)),
        data: Table {
            caption: "Visites par compte chargé, par département et semaine".into(),
            header: ["Département", "Semaine du", "Visites par compte"]
                .map(str::to_owned)
                .to_vec(),
            text_columns: 2,
            rows,
            note: String::new(),
            ..Table::default()
        },
    })
}

fn peak(axis: &Axis, line: &Line) -> Option<String> {
    let (week, most) = highest(&line.values)?;
    let place = Departement::ALL
        .into_iter()
        .find(|known| known.name() == line.label)?;
    Some(format!(
        "{}, {} visite{} par compte la semaine du {}",
        super::in_departement(place),
        french::decimal(most, 2),
        french::plural(most as i64),
        french::date(axis.monday(week))
    ))
}
