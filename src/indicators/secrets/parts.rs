//! Visitors of spans and of what parts their visits: months and weeks, hours, devices,
//! moments, services. What adds up over them is decided on together.

use super::year::{Year, nearly_all};
use super::{Secrets, among, atom, integer, once, text};
use crate::domain::Period;
use crate::indicators::figures::reference;
use crate::privacy::parts::{Line, Parted as Cells, Whole, settle};
use crate::privacy::register::{
    self, Among, Atom, Decisions, Key, Least, Settled, Singles, Tallies, Tally, Told, Volume, Who,
};
use crate::query::{Argument, Cell};
use chrono::{Datelike, Days, Months, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// First and last day.
pub(super) type Span = (NaiveDate, NaiveDate);

/// Decisions by the name of a part.
pub(super) type Parted = BTreeMap<String, Arc<Decisions>>;

/// What parts the visits of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Week,
    Hour,
    Device,
    Moment,
    Service,
}

impl Axis {
    /// Of the columns that name its parts; none for the whole.
    pub fn named(by: &[String]) -> Option<Self> {
        match by.first()?.as_str() {
            "week" => Some(Self::Week),
            "weekday" => Some(Self::Hour),
            "device" => Some(Self::Device),
            "moment" => Some(Self::Moment),
            _ => Some(Self::Service),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Hour => "hour",
            Self::Device => "device",
            Self::Moment => "moment",
            Self::Service => "service",
        }
    }

    /// Dashboards tell weeks, devices and services of establishments, of whole periods, and
    /// hours by sector of these only.
    fn told(self, is_whole: bool) -> Told {
        Told {
            singles: match self {
                Self::Week | Self::Device | Self::Service if is_whole => Singles::Whole,
                _ => Singles::Untold,
            },
            sectors: is_whole || self != Self::Hour,
            groups: false,
        }
    }

    /// A visit passes by several services, and has one of the others.
    fn adds_up(self) -> bool {
        self != Self::Service
    }
}

/// `2025-08-01..2026-01-31`
pub(super) fn span_name((first, last): Span) -> String {
    format!("{first}..{last}")
}

fn span_of(name: &str) -> Result<Span, String> {
    let period = Period::parse(name).map_err(|error| error.to_string())?;
    Ok((period.first(), period.last()))
}

/// The semesters of a school year.
pub(super) fn semesters(day: NaiveDate) -> Result<[Span; 2], String> {
    let year = Period::school_year_of(day);
    Ok([
        span_of(&format!("{year}-S1"))?,
        span_of(&format!("{year}-S2"))?,
    ])
}

fn is_school_year(span: Span) -> Result<bool, String> {
    Ok(span_of(&Period::school_year_of(span.0))? == span)
}

/// The span with which a span is decided on: months and weeks of a semester hang together.
pub(super) fn canonical(span: Span) -> Result<Span, String> {
    let semesters = semesters(span.0)?;
    let holds = |semester: &&Span| {
        months(**semester).contains(&span) || weeks(**semester).any(|week| week == span)
    };
    Ok(semesters.iter().find(holds).copied().unwrap_or(span))
}

/// The spans with whose weeks those of a span are decided on. Of a school year up to the end of
/// some month, those of its semesters too: their reports tell the same weeks.
fn holders(span: Span) -> Result<Vec<Span>, String> {
    let semesters = semesters(span.0)?;
    if is_school_year(span)? {
        return Ok(semesters.to_vec());
    }
    let whole = canonical(span)?;
    let mut holders = vec![whole];
    if span.0 == semesters[0].0 {
        let begun = semesters.into_iter();
        holders.extend(begun.filter(|half| half.0 <= span.1 && *half != whole));
    }
    Ok(holders)
}

/// The whole months of a span that is made of them.
fn months((first, last): Span) -> Vec<Span> {
    let mut months = Vec::new();
    let mut start = first;
    while start <= last && start.day() == 1 {
        let next = start + Months::new(1);
        months.push((start, next - Days::new(1)));
        start = next;
    }
    months.retain(|month| month.1 <= last);
    months
}

/// The weeks of a span; the first and the last may be cut.
fn weeks((first, last): Span) -> impl Iterator<Item = Span> {
    let monday = first - Days::new(u64::from(first.weekday().num_days_from_monday()));
    let mondays = monday
        .iter_weeks()
        .take_while(move |monday| *monday <= last);
    mondays.map(move |monday| (monday.max(first), (monday + Days::new(6)).min(last)))
}

/// The months of a semester that its parts are told of besides; none of another span.
fn months_told(span: Span) -> Result<Vec<Span>, String> {
    Ok(match semesters(span.0)?.contains(&span) {
        true => months(span),
        false => Vec::new(),
    })
}

/// Between days on which both a month and a week begin, months and weeks make the same.
fn segments(months: &[Span], weeks: &[Span]) -> Vec<(NaiveDate, NaiveDate)> {
    let begins = |spans: &[Span]| spans.iter().map(|s| s.0).collect::<BTreeSet<_>>();
    let both: Vec<NaiveDate> = begins(months)
        .intersection(&begins(weeks))
        .copied()
        .collect();
    let ends = both.iter().skip(1).map(|day| *day - Days::new(1));
    let ends: Vec<NaiveDate> = ends.chain(months.last().map(|month| month.1)).collect();
    match both.len() {
        0 | 1 => Vec::new(),
        _ => both.into_iter().zip(ends).collect(),
    }
}

fn inside(spans: &[Span], (first, last): Span, from: usize) -> impl Iterator<Item = usize> {
    let spans = spans.iter().enumerate();
    spans
        .filter(move |(_, span)| span.0 >= first && span.1 <= last)
        .map(move |(number, _)| from + number)
}

impl Secrets<'_> {
    /// Parts of a span by an axis, each by its name.
    pub(super) fn parts_of(&self, axis: Axis, span: Span) -> Result<Arc<Parted>, String> {
        let whole = canonical(span)?;
        match axis {
            Axis::Week => self.weeks_of(span),
            _ => {
                let all = self.by_axis(axis, whole)?;
                let prefix = format!("{} ", span_name(span));
                let of_span = all.iter().filter_map(|(name, decisions)| {
                    let part = name.strip_prefix(&prefix)?;
                    Some((part.to_owned(), Arc::clone(decisions)))
                });
                Ok(Arc::new(of_span.collect()))
            }
        }
    }

    /// By Monday. A week that two semesters cut is hidden where one of its parts is; one that
    /// the span cuts, and no semester, always: weeks and months that are shown would tell it.
    fn weeks_of(&self, span: Span) -> Result<Arc<Parted>, String> {
        let mut found = Parted::new();
        for holder in holders(span)? {
            let times = self.times(holder)?;
            for week in weeks(holder).filter(|week| week.1 >= span.0 && week.0 <= span.1) {
                let is_cut = week.0 < span.0 || week.1 > span.1;
                let decisions = match times.get(&week_name(week)) {
                    Some(decisions) if !is_cut => Arc::clone(decisions),
                    _ => Arc::new(Decisions::all_hidden()),
                };
                let monday = monday_of(week).to_string();
                let decisions = match found.remove(&monday) {
                    Some(known) => Arc::new(known.either(&decisions)),
                    None => decisions,
                };
                found.insert(monday, decisions);
            }
        }
        Ok(Arc::new(found))
    }

    /// The weeks that are decided on for a span, by the names that editions remember.
    pub(super) fn decided_weeks(
        &self,
        span: Span,
    ) -> Result<impl Iterator<Item = (String, Arc<Decisions>)>, String> {
        let mut found = Parted::new();
        for holder in holders(span)? {
            for week in weeks(holder).map(week_name) {
                let times = self.times(holder)?;
                let Some(decisions) = times.get(&week) else {
                    continue;
                };
                let decisions = match found.remove(&week) {
                    // Hidden where one of them hides it.
                    Some(known) => {
                        let either = known.either(decisions);
                        Arc::new(either.counted(known.counts.clone()))
                    }
                    None => Arc::clone(decisions),
                };
                found.insert(week, decisions);
            }
        }
        Ok(found.into_iter())
    }

    /// A span, its months where it is a semester, and its weeks. Of a school year, visits are
    /// those of its semesters: hidden where one of these is.
    pub(super) fn times(&self, span: Span) -> Result<Arc<Parted>, String> {
        once(&self.parted, "time", span_name(span), || {
            if is_school_year(span)? {
                let year = self.school_year(span)?;
                return Ok([(span_name(span), Arc::new(year))].into());
            }
            let mut spans = vec![span];
            spans.extend(months_told(span)?);
            let weeks: Vec<Span> = weeks(span).collect();
            let tallies = self.tallies_of_times(span, &spans, &weeks)?;
            let names = spans.iter().map(|span| span_name(*span));
            let names: Vec<String> = names.chain(weeks.iter().map(|w| week_name(*w))).collect();
            let mut settled = self.settled_of(&names, &tallies)?;
            let year = Year::ended_by(self, span)?;
            let times = Times {
                spans,
                weeks,
                names,
                tallies,
            };
            loop {
                let decided = self.settle_times(&times, &settled)?;
                let told = match &year {
                    Some(year) => year.told(self, &decided[0])?,
                    None => BTreeSet::new(),
                };
                let of_span = &times.tallies[0];
                let is_new = |key: &Key| {
                    of_span[key.0].contains_key(&key.1) && !settled[0].hidden.contains(key)
                };
                let told: Vec<Key> = told.into_iter().filter(is_new).collect();
                if told.is_empty() {
                    return Ok(times.names.into_iter().zip(decided).collect());
                }
                settled[0].hidden.extend(told);
            }
        })
    }

    /// Visits of a school year are those of its semesters: hidden where one of these is, or
    /// where an edition hid them.
    fn school_year(&self, span: Span) -> Result<Decisions, String> {
        let [first, second] = semesters(span.0)?.map(|half| self.visitors(half));
        let came = self.visitors_tallied(span)?;
        let remembered = self.remembered_of("visitors", &span_name(span), &came)?;
        let year = first?.either(&*second?).hiding(remembered.hidden);
        let shown = remembered.shown.into_iter();
        let lost: Vec<Key> = shown.filter(|key| year.is_hidden(key.0, key.1)).collect();
        match lost.is_empty() {
            true => Ok(year.counted(register::people(&came))),
            false => Err(self.conflict(&format!("visitors of {}", span_name(span)), &lost)),
        }
    }

    /// Decides on a span, its months and its weeks.
    fn settle_times(
        &self,
        times: &Times,
        settled: &[Settled],
    ) -> Result<Vec<Arc<Decisions>>, String> {
        let Times {
            spans,
            weeks,
            names,
            tallies,
        } = times;
        let cells = Cells {
            territory: self.territory()?,
            tallies: tallies.iter().map(Arc::as_ref).collect(),
            shown: settled.iter().map(Settled::told).collect(),
            within: vec![None; tallies.len()],
            lines: lines_of_times(spans, weeks),
            room: self.threshold(),
        };
        settle(&cells, |part, hidden, decided| {
            let mut settled = settled[part].hiding(hidden);
            let is_month = part > 0 && part < spans.len();
            settled.within = decided[0].clone().filter(|_| is_month);
            let name = format!("visitors of {}", names[part]);
            let accounts;
            let among = match spans.get(part) {
                Some(span) => {
                    accounts = self.accounts_at_end(*span)?;
                    among(&accounts)
                }
                None => only(decided[0].as_ref().expect("wholes come first")),
            };
            self.decide(&name, &tallies[part], Some(among), &settled)
        })
    }

    pub(super) fn accounts_at_end(&self, (first, last): Span) -> Result<Arc<Decisions>, String> {
        let period = Period::parse(&format!("{first}..{last}")).map_err(|e| e.to_string())?;
        self.accounts("accounts", reference(self.session, &period).unwrap_or(last))
    }

    pub(super) fn visitors_tallied(&self, span: Span) -> Result<Arc<Tallies>, String> {
        once(&self.came, "visitors", span_name(span), || {
            let rows = self.rows("visitors", &days(span))?;
            let atoms: Vec<Atom> = rows.iter().map(|row| came(row)).collect();
            Ok(self.territory()?.tallies(&atoms, Told::EVERYTHING))
        })
    }

    fn tallies_of_times(
        &self,
        span: Span,
        spans: &[Span],
        weeks: &[Span],
    ) -> Result<Vec<Arc<Tallies>>, String> {
        let territory = self.territory()?;
        let mut tallies = Vec::new();
        for span in spans {
            tallies.push(self.visitors_tallied(*span)?);
        }
        let mut by_week = match weeks {
            [] => BTreeMap::new(),
            _ => self.atoms(Axis::Week, span, false)?,
        };
        for week in weeks {
            let monday = monday_of(*week);
            let atoms = by_week.remove(&("all".to_owned(), monday.to_string()));
            let came = territory.tallies(&atoms.unwrap_or_default(), Axis::Week.told(true));
            tallies.push(Arc::new(came));
        }
        Ok(tallies)
    }

    /// What is settled of each part: by editions, and by who makes most of it.
    fn settled_of(
        &self,
        names: &[String],
        tallies: &[Arc<Tallies>],
    ) -> Result<Vec<Settled>, String> {
        let mut all = Vec::new();
        for (name, tallies) in names.iter().zip(tallies) {
            let mut settled = self.remembered_of("visitors", name, tallies)?;
            settled.dominated = register::dominated(tallies);
            all.push(settled);
        }
        Ok(all)
    }

    /// Rows of the register by span and part.
    fn atoms(
        &self,
        axis: Axis,
        span: Span,
        by_month: bool,
    ) -> Result<BTreeMap<(String, String), Vec<Atom>>, String> {
        let mut arguments = days(span).to_vec();
        let by_month = if by_month { "yes" } else { "no" };
        arguments.push(("by_month", Argument::Text(by_month.into())));
        let query = match axis {
            Axis::Service => "services",
            _ => {
                arguments.push(("axis", Argument::Text(axis.code().into())));
                "parts"
            }
        };
        let mut atoms: BTreeMap<_, Vec<Atom>> = BTreeMap::new();
        for row in self.rows(query, &arguments)? {
            let part = (text(&row[0]).to_owned(), text(&row[1]).to_owned());
            atoms.entry(part).or_default().push(came(&row[2..]));
        }
        Ok(atoms)
    }

    /// Parts of a span and of its months where it is a semester, each as `SPAN PART`.
    fn by_axis(&self, axis: Axis, span: Span) -> Result<Arc<Parted>, String> {
        once(&self.parted, axis.code(), span_name(span), || {
            if is_school_year(span)? {
                return self.axis_of_year(axis, span);
            }
            let months = months_told(span)?;
            let atoms = self.atoms(axis, span, !months.is_empty())?;
            let spans = [("all".to_owned(), span)].into_iter();
            let spans = spans.chain(months.iter().map(|month| (month.0.to_string(), *month)));
            let spans: BTreeMap<String, Span> = spans.collect();
            let mut parts = Vec::new();
            let mut tallies = Vec::new();
            for ((of_span, part), atoms) in &atoms {
                let told = axis.told(of_span == "all");
                tallies.push(self.territory()?.tallies(atoms, told));
                parts.push(AxisPart {
                    span: spans[of_span],
                    name: part.clone(),
                    whole: self.visitors(spans[of_span])?,
                });
            }
            self.settle_axis(axis, span, &parts, &tallies)
        })
    }

    /// Of a second semester, a part by which nearly all came of those of the year: with the first
    /// semester shown it cannot be hidden, and with that hidden it must be. Else the year, hidden
    /// too, would be known within the few that are left.
    fn know_nearly_all(
        &self,
        axis: Axis,
        span: Span,
        parts: &[AxisPart],
        settled: &mut [Settled],
        tallies: &[Tallies],
    ) -> Result<(), String> {
        let [first, second] = semesters(span.0)?;
        if span != second {
            return Ok(());
        }
        let before = self.parts_of(axis, first)?;
        let year = self.visitors((first.0, second.1))?;
        let of_span = parts.iter().enumerate().filter(|(_, p)| p.span == second);
        for (number, part) in of_span {
            if let Some(before) = before.get(&part.name) {
                let [hidden, known] = nearly_all(before, &year, &tallies[number], self.threshold());
                settled[number].hidden.extend(hidden);
                settled[number].known.extend(known);
            }
        }
        Ok(())
    }

    fn axis_of_year(&self, axis: Axis, span: Span) -> Result<Parted, String> {
        let mut year = Parted::new();
        for half in semesters(span.0)? {
            for (part, decisions) in self.parts_of(axis, half)?.iter() {
                let name = format!("{} {part}", span_name(span));
                let decisions = match year.remove(&name) {
                    Some(known) => Arc::new(known.either(decisions)),
                    None => Arc::clone(decisions),
                };
                year.insert(name, decisions);
            }
        }
        Ok(year)
    }

    /// Of each part, the visits of its span where they are shown.
    fn within(&self, parts: &[AxisPart]) -> Result<Vec<Option<Arc<Least>>>, String> {
        let of_spans: BTreeMap<Span, &AxisPart> = parts.iter().map(|p| (p.span, p)).collect();
        let shown = of_spans.into_iter().map(|(span, part)| {
            let came = self.visitors_tallied(span)?;
            Ok((span, Arc::new(shown_volumes(&came, &part.whole))))
        });
        let shown = shown.collect::<Result<BTreeMap<_, _>, String>>()?;
        let of_part = |part: &AxisPart| shown.get(&part.span).cloned();
        Ok(parts.iter().map(of_part).collect())
    }

    fn settle_axis(
        &self,
        axis: Axis,
        span: Span,
        parts: &[AxisPart],
        tallies: &[Tallies],
    ) -> Result<Parted, String> {
        let names = parts.iter().map(|part| part.full_name());
        let names: Vec<String> = names.collect();
        let mut settled = Vec::new();
        for (part, tallies) in parts.iter().zip(tallies) {
            let measure = format!("visitors by {}", axis.code());
            let mut of_part = self.remembered_of(&measure, &part.full_name(), tallies)?;
            of_part.dominated = register::dominated(tallies);
            settled.push(of_part);
        }
        if axis.adds_up() {
            know_single_parts(parts, tallies, &mut settled);
        }
        self.know_nearly_all(axis, span, parts, &mut settled, tallies)?;
        let cells = Cells {
            territory: self.territory()?,
            tallies: tallies.iter().collect(),
            shown: settled.iter().map(Settled::told).collect(),
            within: self.within(parts)?,
            lines: lines_of_axis(axis, span, parts),
            room: self.threshold(),
        };
        let decided = settle(&cells, |part, hidden, _| {
            let settled = settled[part].hiding(hidden);
            let name = format!("visitors by {} of {}", axis.code(), names[part]);
            let among = only(&parts[part].whole);
            self.decide(&name, &tallies[part], Some(among), &settled)
        })?;
        Ok(names.into_iter().zip(decided).collect())
    }
}

/// A span, its months, its weeks, what each is called and who came.
struct Times {
    /// The span, then its months.
    spans: Vec<Span>,
    weeks: Vec<Span>,
    names: Vec<String>,
    tallies: Vec<Arc<Tallies>>,
}

/// A part of a span by an axis.
struct AxisPart {
    span: Span,
    name: String,
    /// Who came in the span.
    whole: Arc<Decisions>,
}

impl AxisPart {
    fn full_name(&self) -> String {
        format!("{} {}", span_name(self.span), self.name)
    }
}

fn week_name(week: Span) -> String {
    format!("week {}", span_name(week))
}

fn monday_of(week: Span) -> NaiveDate {
    week.0 - Days::new(u64::from(week.0.weekday().num_days_from_monday()))
}

/// The days of a span as parameters.
fn days((first, last): Span) -> [(&'static str, Argument); 2] {
    [
        ("period_start", Argument::Date(first)),
        ("period_end", Argument::Date(last)),
    ]
}

/// Who came in a larger span, or by all parts: tables tell no rest of them.
fn only(decisions: &Decisions) -> Among<'_> {
    Among {
        decisions,
        rest: false,
    }
}

/// A row: role, places, people, visits, most of one.
fn came(row: &[Cell]) -> Atom {
    Atom {
        volume: Volume {
            all: integer(&row[3]),
            most: integer(&row[4]),
        },
        ..atom(&row[0], &row[1], &row[2])
    }
}

fn shown_volumes(tallies: &Tallies, decisions: &Decisions) -> Least {
    let sets = tallies.iter().enumerate();
    let of_set = |(set, roles): (usize, &BTreeMap<Who, Tally>)| {
        let shown = roles
            .iter()
            .filter(|(role, _)| !decisions.is_hidden(set, **role));
        shown
            .map(|(role, tally)| (*role, tally.volume.all))
            .collect()
    };
    sets.map(of_set).collect()
}

/// Where all visits that are shown of a span are of one part, that part is known.
fn know_single_parts(parts: &[AxisPart], tallies: &[Tallies], settled: &mut [Settled]) {
    let mut by_cell: BTreeMap<(Span, Key), Vec<usize>> = BTreeMap::new();
    for (number, (part, tallies)) in parts.iter().zip(tallies).enumerate() {
        for (set, roles) in tallies.iter().enumerate() {
            for role in roles.keys() {
                let cell = (part.span, (set, *role));
                by_cell.entry(cell).or_default().push(number);
            }
        }
    }
    for ((_, key), numbers) in by_cell {
        if let [one] = numbers[..]
            && !parts[one].whole.is_hidden(key.0, key.1)
        {
            settled[one].known.insert(key);
        }
    }
}

/// Months make their semester, weeks make it too, and between days on which both begin
/// they make the same.
fn lines_of_times(spans: &[Span], weeks: &[Span]) -> Vec<Line> {
    let months = &spans[1..];
    let numbers = |from: usize, count: usize| (from..from + count).collect::<Vec<_>>();
    let mut lines = Vec::new();
    for parts in [numbers(1, months.len()), numbers(spans.len(), weeks.len())] {
        if !parts.is_empty() {
            lines.push(Line {
                whole: Whole::Part(0),
                parts,
            });
        }
    }
    for segment in segments(months, weeks) {
        let of_months = inside(months, segment, 1);
        lines.push(Line {
            whole: Whole::Nothing,
            parts: of_months
                .chain(inside(weeks, segment, spans.len()))
                .collect(),
        });
    }
    lines
}

/// The parts of each span make it, where an axis adds up; a part of the months makes that of
/// their semester.
fn lines_of_axis(axis: Axis, span: Span, parts: &[AxisPart]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut by_span: BTreeMap<Span, Vec<usize>> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, part) in parts.iter().enumerate() {
        by_span.entry(part.span).or_default().push(number);
        by_name.entry(&part.name).or_default().push(number);
    }
    if axis.adds_up() {
        lines.extend(by_span.into_values().map(|of_span| Line {
            whole: Whole::Decided(Arc::clone(&parts[of_span[0]].whole)),
            parts: of_span,
        }));
    }
    for of_name in by_name.into_values() {
        let is_whole = |number: &&usize| parts[**number].span == span;
        let whole = of_name.iter().find(is_whole).copied();
        let rest: Vec<usize> = of_name
            .iter()
            .copied()
            .filter(|n| Some(*n) != whole)
            .collect();
        if let (Some(whole), false) = (whole, rest.is_empty()) {
            lines.push(Line {
                whole: Whole::Part(whole),
                parts: rest,
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Span {
        span_of(text).unwrap()
    }

    #[test]
    fn months_and_weeks_are_decided_on_with_their_semester() {
        let semester = span("2025-2026-S1");
        for part in [
            "2025-10",
            "2025-10-06..2025-10-12",
            "2025-08-01..2025-08-03",
        ] {
            assert_eq!(canonical(span(part)).unwrap(), semester, "{part}");
        }
        for own in ["2025-2026", "2025-2026-S1", "2025-10-06..2025-10-13"] {
            assert_eq!(canonical(span(own)).unwrap(), span(own), "{own}");
        }
    }

    /// 1 September and 1 December 2025 are Mondays.
    #[test]
    fn months_and_weeks_make_the_same_between_days_on_which_both_begin() {
        let semester = span("2025-2026-S1");
        let weeks: Vec<Span> = weeks(semester).collect();
        let wanted = [
            "2025-08",
            "2025-09-01..2025-11-30",
            "2025-12-01..2026-01-31",
        ];
        let found = segments(&months(semester), &weeks);
        assert_eq!(found, wanted.map(span));
        assert_eq!(weeks[0], span("2025-08-01..2025-08-03"));
        assert_eq!(weeks.last(), Some(&span("2026-01-26..2026-01-31")));
    }

    #[test]
    fn the_only_part_of_a_shown_whole_is_known() {
        let part = |name: &str| AxisPart {
            span: span("2025-10"),
            name: name.into(),
            whole: Arc::new(Decisions::nothing_shown(Vec::new())),
        };
        let tally = register::Tally::default();
        let of = |sets: &[usize]| -> Tallies {
            let has = |set: usize| sets.contains(&set).then_some((None, tally));
            (0..2).map(|set| has(set).into_iter().collect()).collect()
        };
        let mut settled = vec![Settled::default(), Settled::default()];
        let parts = [part("app"), part("computer")];
        know_single_parts(&parts, &[of(&[0]), of(&[0, 1])], &mut settled);
        assert!(settled[0].known.is_empty());
        assert_eq!(settled[1].known, [(1, None)].into());
    }
}
