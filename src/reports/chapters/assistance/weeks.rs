//! Requests of each week of the school year, up to the end of the period.

use super::super::peak;
use super::tables::{said, shown_columns};
use super::{source, table};
use crate::charts::{BLUE, GREY, Line, Weeks, lines};
use crate::document::{Block, Figure, Table, TableCell};
use crate::domain::Period;
use crate::french;
use crate::indicators::Figures;
use crate::privacy::disclosure::{ProtectedRow, Shown};
use crate::reports::tables::{number, text as cell};
use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Fewer weeks with requests make no curve.
const LEAST: usize = 6;

/// The weeks of the school year with data, and the days that they are about.
struct Told<'a> {
    figures: &'a Figures,
    rows: Vec<ProtectedRow<'a>>,
    first: NaiveDate,
    last: NaiveDate,
}

/// The chart, or a sentence where too few weeks are shown.
pub(in super::super) fn weeks(figures: &Figures) -> Block {
    let told = Told::of(figures);
    let with_requests = told.drawn(|requests| requests > 0.0);
    match with_requests.iter().flatten().count() < LEAST {
        true => Block::Table(said(
            told.data(),
            "Demandes par semaine : trop peu de semaines ont un nombre de demandes qui peut être montré, leur évolution n’est pas tracée.",
        )),
        false => Block::Figure(told.figure(with_requests)),
    }
}

fn monday(row: ProtectedRow<'_>) -> NaiveDate {
    match row.get("week") {
        Shown::Date(day) => *day,
        _ => NaiveDate::MIN,
    }
}

/// 1 August of the school year of a day.
fn year_start(day: NaiveDate) -> NaiveDate {
    let year = Period::parse(&Period::school_year_of(day));
    year.map_or(day, |year| year.first())
}

/// The week since that of 1 September; none for the weeks before it.
fn rank(row: ProtectedRow<'_>, year: i32) -> Option<i64> {
    let september = NaiveDate::from_ymd_opt(year, 9, 1)?;
    let first = september.week(Weekday::Mon).first_day();
    row.get("week_of_year")
        .integer()
        .filter(|_| monday(row) >= first)
}

/// `, 2e semaine depuis la rentrée`
fn since(rank: Option<i64>) -> String {
    match rank {
        Some(1) => ", 1re semaine depuis la rentrée".into(),
        Some(n) => format!(", {n}e semaine depuis la rentrée"),
        None => String::new(),
    }
}

impl<'a> Told<'a> {
    fn of(figures: &'a Figures) -> Self {
        let mut rows: Vec<_> = figures.to_date("assistance_weeks").rows().collect();
        let reference = figures.reference.min(figures.period.last());
        let is_to_come = |row: &ProtectedRow<'_>| {
            monday(*row) > reference && row.get("opened") == &Shown::Integer(0)
        };
        while rows.last().is_some_and(is_to_come) {
            rows.pop();
        }
        // Tickets may be newer than logs.
        let newer = rows.last().map(|row| monday(*row));
        let newer = newer.filter(|monday| *monday > reference);
        let last = newer.map_or(reference, |monday| monday + Days::new(6));
        Self {
            figures,
            rows,
            first: year_start(figures.period.last()),
            last: last.min(figures.period.last()),
        }
    }

    fn opened(&self) -> Vec<Option<f64>> {
        let rows = self.rows.iter();
        rows.map(|row| row.get("opened").number()).collect()
    }

    /// Whether no weekday of a week is outside of the days told.
    fn is_whole(&self, place: usize) -> bool {
        let monday = monday(self.rows[place]);
        monday >= self.first && monday + Days::new(4) <= self.last
    }

    /// The values to draw, of whole weeks.
    fn drawn(&self, wanted: fn(f64) -> bool) -> Vec<Option<f64>> {
        let values = self.opened().into_iter().enumerate();
        values
            .map(|(place, value)| value.filter(|v| self.is_whole(place) && wanted(*v)))
            .collect()
    }

    /// All requests of these weeks, where every month is shown.
    fn all(&self) -> Option<f64> {
        let months = self.figures.to_date("assistance_months");
        let rows: Vec<_> = months
            .rows()
            .filter(|row| row.get("level").text() == "all")
            .collect();
        let opened = rows.iter().map(|row| row.get("opened").number());
        opened.sum::<Option<f64>>().filter(|_| !rows.is_empty())
    }

    /// The week that had the most, where no other may have had as many.
    fn most(&self) -> Option<(usize, f64)> {
        let found = peak::largest(&self.opened(), self.all());
        found.filter(|(place, _)| self.is_whole(*place))
    }

    fn axis(&self) -> Weeks {
        let name = |place: usize| french::month_short(monday(self.rows[place])).to_owned();
        let turns = |place: &usize| *place == 0 || name(*place) != name(*place - 1);
        let calendar = &self.figures.terms.calendar;
        let is_free = |place: &usize| {
            let mut days = monday(self.rows[*place]).iter_days().take(5);
            days.all(|day| !calendar.is_school_day(day))
        };
        let places = || 0..self.rows.len();
        Weeks {
            ticks: places()
                .filter(turns)
                .map(|place| (place, name(place)))
                .collect(),
            holidays: places().filter(is_free).collect(),
            bad: Vec::new(),
            crisis: Vec::new(),
        }
    }

    /// Weeks without a request stand apart: a line down to them would tell of a fall.
    fn svg(&self, with_requests: &[Option<f64>]) -> String {
        let line = |label: &str, values: Vec<Option<f64>>, colour| Line {
            label: label.into(),
            values,
            colour,
        };
        let mut drawn = vec![line("demandes", with_requests.to_vec(), BLUE)];
        let without = self.drawn(|requests| requests == 0.0);
        if without.iter().any(Option::is_some) {
            drawn.insert(0, line("aucune", without, GREY));
        }
        lines(&drawn, &self.axis())
    }

    fn figure(&self, with_requests: Vec<Option<f64>>) -> Figure {
        let title = match self.most() {
            Some((place, count)) => format!(
                "La semaine du {} est celle qui a reçu le plus de demandes : {}",
                french::date(monday(self.rows[place])),
                french::integer(count as i64)
            ),
            None => "Demandes par semaine".into(),
        };
        let scope = &self.figures.scope.name;
        let (first, last) = (french::date(self.first), french::date(self.last));
        Figure {
            id: "demandes-semaines".into(),
            title: french::typeset(&title),
            subtitle: french::typeset(&format!(
                "Demandes ouvertes par semaine depuis le {first}, {scope}"
            )),
            alt: french::typeset(&self.alt(&with_requests)),
            reading: french::typeset(&self.reading(&with_requests)),
            champ: french::typeset(&format!("Champ : {scope}, du {first} au {last}.")),
            source: source(),
            svg: self.svg(&with_requests),
            data: self.data(),
        }
    }

    fn alt(&self, with_requests: &[Option<f64>]) -> String {
        let shown = || with_requests.iter().flatten();
        format!(
            "Courbe des demandes par semaine : {} semaines tracées, de {} à {} demandes.",
            shown().count(),
            french::integer(shown().fold(f64::MAX, |a, b| a.min(*b)) as i64),
            french::integer(shown().fold(0.0, |a: f64, b| a.max(*b)) as i64),
        )
    }

    fn reading(&self, with_requests: &[Option<f64>]) -> String {
        let shown = with_requests.iter().enumerate();
        let shown = shown.filter_map(|(place, value)| Some((place, (*value)?)));
        // The first of those with the most that are drawn.
        let most = shown.fold(
            (0, 0.0),
            |most, week| {
                if week.1 > most.1 { week } else { most }
            },
        );
        let row = self.rows[most.0];
        let minutes = row.get("incident_minutes").number();
        let mark = match minutes.is_some_and(|minutes| minutes > 0.0) {
            true => ", marquée par un incident de la plateforme",
            false => "",
        };
        format!(
            "Lecture : {} demandes la semaine du {}{}{mark}.{}",
            french::integer(most.1 as i64),
            french::date(monday(row)),
            since(rank(row, self.first.year())),
            self.signs()
        )
    }

    /// What the chart draws besides the curve, and what it leaves out.
    fn signs(&self) -> String {
        let is_shown = |(is_so, words): (bool, &'static str)| is_so.then_some(words);
        let has_none = self.drawn(|requests| requests == 0.0);
        let drawn = [
            (
                !self.axis().holidays.is_empty(),
                " Semaines sans classe en gris.",
            ),
            (
                has_none.iter().any(Option::is_some),
                " Les semaines sans demande sont à zéro, à part de la courbe.",
            ),
        ];
        let left_out = [
            (
                self.opened().iter().any(Option::is_none),
                "celles que protège le secret",
            ),
            (self.is_cut(), "celles que la période coupe"),
        ];
        let drawn: String = drawn.into_iter().filter_map(is_shown).collect();
        let left_out: Vec<_> = left_out.into_iter().filter_map(is_shown).collect();
        match left_out.is_empty() {
            true => drawn,
            false => format!(
                "{drawn} Semaines qui ne sont pas tracées : {}.",
                left_out.join(", ")
            ),
        }
    }

    fn is_cut(&self) -> bool {
        (0..self.rows.len()).any(|place| !self.is_whole(place))
    }

    fn data(&self) -> Table {
        let rows = self.rows.iter().map(|row| self.data_row(*row));
        let cut = match self.is_cut() {
            true => " Une semaine que la période coupe ne compte que les jours de celle-ci.",
            false => "",
        };
        shown_columns(table(
            "Demandes et visites par semaine",
            [
                "Semaine du",
                "Semaine depuis la rentrée",
                "Demandes",
                "Visites",
                "Pour 10\u{202f}000 visites",
                "Minutes d’incident",
            ],
            1,
            rows.collect(),
            &format!("Semaine 1 depuis la rentrée : celle du 1er septembre.{cut}"),
        ))
    }

    fn data_row(&self, row: ProtectedRow<'_>) -> Vec<TableCell> {
        let rank = rank(row, self.first.year());
        let rank = rank.map_or_else(|| cell("///"), |n| number(&Shown::Integer(n)));
        let numbers = ["opened", "visits", "per_10000", "incident_minutes"];
        let numbers = numbers.iter().map(|name| number(row.get(name)));
        let first = [cell(french::date(monday(row))), rank];
        first.into_iter().chain(numbers).collect()
    }
}
