//! Marts: tables derived from the lake by `queries/marts`, made again only where the lake,
//! the queries or the settings changed: some as a whole, those of visits day by day, so
//! that what a new day costs does not depend on how many are there.
//!
//! ```text
//! lake/marts/
//!   state.json                     what each mart and day was made from
//!   account_places.parquet ...     made as a whole
//!   persons.parquet                accounts by number, added to
//!   visits/2025-09.parquet         a month that is over
//!   visits/2025-10-14.parquet ...  days of one that is not
//!   results/                       tables of indicators, protected (`indicators::shelf`)
//! ```

mod freshness;
mod making;
mod parts;

use super::{Cell, Origin, Session, VIEWS};
use crate::domain::{Assistance, Partner, SchoolCalendar, Traits};
use crate::lake::{Depth, Lake, checksum, io_message};
use arrow::array::{Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Field, Schema};
use chrono::{Datelike, NaiveDate, Weekday};
use freshness::State;
use making::Marts;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// What the marts depend on besides the lake.
#[derive(Debug)]
pub struct Settings {
    /// Partners, for the perimeters.
    pub partners: Vec<Partner>,
    /// School days.
    pub calendar: SchoolCalendar,
    /// Helpdesks, opening hours, service levels.
    pub assistance: Assistance,
    /// A visit ends after so many minutes without a request.
    pub timeout_minutes: i64,
    /// Bytes that queries may gather in memory; more is spilled to disk.
    pub memory: usize,
    /// What measures usage from which day on, in the order of the days; before
    /// the first of them, access logs.
    pub usage: Vec<(NaiveDate, UsageSource)>,
}

/// What visits and services are counted from: one source a day, so that
/// nothing is counted twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageSource {
    /// Access logs.
    Requests,
    /// Events of the platform.
    Events,
}

impl UsageSource {
    /// The source of a name; the error lists them.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "requests" => Ok(Self::Requests),
            "events" => Ok(Self::Events),
            other => Err(format!(
                "unknown source of usage `{other}`\nhint: `requests` (access logs) or `events`"
            )),
        }
    }

    /// The word in SQL and in the configuration.
    pub fn code(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Events => "events",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            partners: Partner::defaults(),
            calendar: SchoolCalendar::zone_b(),
            assistance: Assistance::built_in(),
            timeout_minutes: 30,
            memory: super::session::MEMORY,
            usage: Vec::new(),
        }
    }
}

/// A session with the marts made and registered; perimeters are those of the
/// partners on `at`, or on the last day with requests.
pub fn prepare(lake: &Lake, settings: &Settings, at: Option<NaiveDate>) -> Result<Session, String> {
    let (session, data) = with_marts(lake, settings)?;
    let bounds = data_bounds(&session)?;
    let at = at.unwrap_or_else(|| bounds.map_or(NaiveDate::MAX, |(_, last)| last));
    session.set_origin(Origin {
        data,
        settings: format!("{at} {settings:?}"),
        bounds,
        marts: state_bytes(lake.root()),
    });
    register_nodes(&session, &settings.partners, at)?;
    register_partners(&session, &settings.partners)?;
    register_school_minutes(&session, &settings.calendar)?;
    register_calendar(&session, &settings.calendar)?;
    register_views(&session, &[])?;
    Ok(session)
}

/// The same for the hundreds of queries of an edition: opening files again for each of them
/// takes longer than reading small marts into memory once, which is done before the first of
/// them, if there is any. Large ones stay on disk.
pub fn prepare_for_many(
    lake: &Lake,
    settings: &Settings,
    at: Option<NaiveDate>,
) -> Result<Session, String> {
    let session = prepare(lake, settings, at)?;
    let small = small(lake)?;
    session.before_queries(move |session| {
        for name in small {
            session.keep_view(&name)?;
        }
        register_views(session, &KEPT_VIEWS)
    });
    Ok(session)
}

/// Bytes of the files of a mart that is small.
const SMALL: u64 = 16 << 20;
/// Views that most indicators join, of at most a few rows a group of establishments.
const KEPT_VIEWS: [&str; 5] = [
    "place_nodes",
    "place_sets",
    "kind_cells",
    "kind_sets",
    "silences",
];

/// What says of which inputs the marts of a lake are: other bytes, other marts.
pub fn state_bytes(lake: &Path) -> Vec<u8> {
    fs::read(State::path(&lake.join("marts"))).unwrap_or_default()
}

/// The folder of what is made from the marts.
pub const RESULTS: &str = "results";

/// Names of the marts that are small, in order.
fn small(lake: &Lake) -> Result<Vec<String>, String> {
    let folder = lake.root().join("marts");
    let failed = |error: std::io::Error| format!("`{}`: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_results = path.ends_with(RESULTS);
        let is_mart = path.is_dir() && !is_results
            || path.extension().is_some_and(|found| found == "parquet");
        if is_mart && bytes(&path).map_err(failed)? <= SMALL {
            let name = path.file_stem().unwrap_or_default();
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Bytes of a file, or of the files of a folder.
fn bytes(path: &Path) -> std::io::Result<u64> {
    if path.is_file() {
        return Ok(path.metadata()?.len());
    }
    let files = fs::read_dir(path)?;
    files.map(|file| Ok(file?.metadata()?.len())).sum()
}

/// Registers the views over the marts as they are now, some of them with their rows.
fn register_views(session: &Session, kept: &[&str]) -> Result<(), String> {
    for (name, sql) in VIEWS {
        session.forget(name);
        session.register_view(name, sql)?;
        if kept.contains(name) {
            session.keep_view(name)?;
        }
    }
    Ok(())
}

/// A session with the marts of the files that it reads, whatever becomes of the
/// lake meanwhile, and a digest of these files.
fn with_marts(lake: &Lake, settings: &Settings) -> Result<(Session, String), String> {
    let session = Session::open_within(lake, settings.memory)?;
    register_usage_sources(&session, &settings.usage)?;
    super::opening::register(&session, &settings.assistance)?;
    let mut marts = Marts::of(&session, lake, settings)?;
    if !marts.are_fresh()? {
        let _writer = lake.writer()?;
        lake.verify(Depth::Bytes)?.whole(lake)?;
        // From here on nobody writes. Somebody may have since the files were listed.
        marts = Marts::of(&session, lake, settings)?;
        marts.bring_up_to_date()?;
    }
    marts.register()?;
    let data = marts.revision();
    Ok((session, data))
}

/// The first and the last local day that have an answer or a visit.
pub fn data_bounds(session: &Session) -> Result<Option<(NaiveDate, NaiveDate)>, String> {
    if let Some(origin) = session.origin() {
        return Ok(origin.bounds);
    }
    let days = "select day from minutes union all select day from visits union all select day from source_hours";
    let (_, rows) = session.sql(&format!("select min(day), max(day) from ({days}) as days"))?;
    Ok(match rows.first().map(Vec::as_slice) {
        Some([Cell::Date(first), Cell::Date(last)]) => Some((*first, *last)),
        _ => None,
    })
}

/// Names of the files of marts that are not what was written; they are made again once the
/// marts are forgotten.
pub fn damaged(lake: &Lake) -> Result<Vec<String>, String> {
    let folder = lake.root().join("marts");
    let mut damaged = Vec::new();
    for (name, (_, sha256)) in State::load(&folder).files {
        let path = folder.join(&name);
        if !path.exists() || checksum(&path)? != sha256 {
            damaged.push(name);
        }
    }
    Ok(damaged)
}

/// Removes all marts: the next query makes them again.
pub fn forget(lake: &Lake) -> Result<(), String> {
    let _writer = lake.writer()?;
    clear(&lake.root().join("marts"))
}

/// The file that vouches for the others goes first.
fn clear(folder: &std::path::Path) -> Result<(), String> {
    State::remove(folder)?;
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|e| io_message(folder, &e))?;
    }
    Ok(())
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        _ => "",
    }
}

/// `partners(partner, name)`: those of the configuration, whenever they were members.
fn register_partners(session: &Session, partners: &[Partner]) -> Result<(), String> {
    let field = |name| Field::new(name, DataType::Utf8, false);
    let schema = Arc::new(Schema::new(vec![field("partner"), field("name")]));
    let column = |of: fn(&Partner) -> &str| -> Arc<dyn arrow::array::Array> {
        Arc::new(StringArray::from_iter_values(partners.iter().map(of)))
    };
    let columns = vec![column(|p| &p.id), column(|p| &p.name)];
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|e| e.to_string())?;
    session.register_rows("partners", schema, vec![batch])
}

/// `nodes(node_kind, node, uai)`: each establishment in every node of the territory tree and in
/// the perimeters of the partners on a day. `nodes_ever`: the same with the perimeters of all
/// partners, whenever they were members; what is decided for all editions is decided on it.
fn register_nodes(session: &Session, partners: &[Partner], at: NaiveDate) -> Result<(), String> {
    let members: Vec<&Partner> = partners.iter().filter(|p| p.is_member(at)).collect();
    register_nodes_of(session, "nodes", &members)?;
    let all: Vec<&Partner> = partners.iter().collect();
    register_nodes_of(session, "nodes_ever", &all)
}

fn register_nodes_of(session: &Session, name: &str, partners: &[&Partner]) -> Result<(), String> {
    let sql = "select distinct uai, level, type, ministry, departement, academie, sector, cast(nature as text) as nature, insee from establishments order by uai";
    let (_, rows) = session.sql(sql)?;
    let (mut kinds, mut nodes, mut uais) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |kind: &str, node: &str, uai: &str| {
        kinds.push(kind.to_owned());
        nodes.push(node.to_owned());
        uais.push(uai.to_owned());
    };
    for row in &rows {
        let [
            uai,
            level,
            kind,
            ministry,
            departement,
            academie,
            sector,
            nature,
            insee,
        ] = &row[..]
        else {
            continue;
        };
        let uai = text(uai);
        add("region", "32", uai);
        add("academie", text(academie), uai);
        add("departement", text(departement), uai);
        if *insee != Cell::Null {
            add("commune", text(insee), uai);
        }
        add("establishment", uai, uai);
        let school = Traits {
            level: text(level),
            kind: text(kind),
            ministry: text(ministry),
            departement: text(departement),
            academie: text(academie),
            sector: text(sector),
            nature: text(nature),
            uai,
        };
        for partner in partners.iter().filter(|p| p.covers(school)) {
            add("partner", &partner.id, uai);
        }
    }
    let field = |name| Field::new(name, DataType::Utf8, false);
    let schema = Arc::new(Schema::new(vec![
        field("node_kind"),
        field("node"),
        field("uai"),
    ]));
    let columns = [kinds, nodes, uais].map(|column| Arc::new(StringArray::from(column)) as _);
    let batch =
        RecordBatch::try_new(schema.clone(), columns.to_vec()).map_err(|e| e.to_string())?;
    session.register_rows(name, schema, vec![batch])
}

/// `usage_sources(valid_from, valid_to, source)`: what measures usage, the last
/// day excluded. One row for each span, without gap nor overlap.
fn register_usage_sources(
    session: &Session,
    usage: &[(NaiveDate, UsageSource)],
) -> Result<(), String> {
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
    let before = (day(1970), UsageSource::Requests);
    let spans: Vec<(NaiveDate, UsageSource)> = std::iter::once(before)
        .chain(usage.iter().copied())
        .collect();
    let ends = spans.iter().skip(1).map(|(from, _)| *from);
    let ends = ends.chain([day(2200)]).map(Date32Type::from_naive_date);
    let starts = spans
        .iter()
        .map(|(from, _)| Date32Type::from_naive_date(*from));
    let sources = spans.iter().map(|(_, source)| Some(source.code()));
    let schema = Arc::new(Schema::new(vec![
        Field::new("valid_from", DataType::Date32, false),
        Field::new("valid_to", DataType::Date32, false),
        Field::new("source", DataType::Utf8, false),
    ]));
    let columns: Vec<arrow::array::ArrayRef> = vec![
        Arc::new(Date32Array::from_iter_values(starts)),
        Arc::new(Date32Array::from_iter_values(ends)),
        Arc::new(StringArray::from_iter(sources)),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|e| e.to_string())?;
    session.register_rows("usage_sources", schema, vec![batch])
}

/// `calendar(day, weekday, kind)`: each day that the school calendar knows or that
/// the data span, as `school`, `weekend` or `holiday`; no kind where the calendar ends.
fn register_calendar(session: &Session, calendar: &SchoolCalendar) -> Result<(), String> {
    let spans = [calendar.bounds(), data_bounds(session)?];
    let spans = spans.into_iter().flatten();
    let whole = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let days = whole.map_or(Vec::new(), |(first, last)| {
        first.iter_days().take_while(|day| *day <= last).collect()
    });
    let kind = |day: &NaiveDate| calendar.kind(*day).map(|kind| kind.code());
    let weekday = |day: &NaiveDate| i64::from(day.weekday().number_from_monday());
    let schema = Arc::new(Schema::new(vec![
        Field::new("day", DataType::Date32, false),
        Field::new("weekday", DataType::Int64, false),
        Field::new("kind", DataType::Utf8, true),
    ]));
    let dates = days.iter().copied().map(Date32Type::from_naive_date);
    let columns: Vec<arrow::array::ArrayRef> = vec![
        Arc::new(Date32Array::from_iter_values(dates)),
        Arc::new(Int64Array::from_iter_values(days.iter().map(weekday))),
        Arc::new(StringArray::from_iter(days.iter().map(kind))),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|e| e.to_string())?;
    session.register_rows("calendar", schema, vec![batch])
}

/// `school_minutes(day, hour, school_time)`: whether an hour is school time
/// (Mon Tue Thu Fri 8-18, Wed 8-12, on school days), spec 3.
fn register_school_minutes(session: &Session, calendar: &SchoolCalendar) -> Result<(), String> {
    let (mut days, mut hours, mut flags) = (Vec::new(), Vec::new(), Vec::new());
    if let Some((first, last)) = data_bounds(session)? {
        for day in first.iter_days().take_while(|day| *day <= last) {
            let end = if day.weekday() == Weekday::Wed {
                12
            } else {
                18
            };
            for hour in 0..24 {
                days.push(Date32Type::from_naive_date(day));
                hours.push(hour);
                let inside = calendar.is_school_day(day) && (8..end).contains(&hour);
                flags.push(i64::from(inside));
            }
        }
    }
    let schema = Arc::new(Schema::new(vec![
        Field::new("day", DataType::Date32, false),
        Field::new("hour", DataType::Int64, false),
        Field::new("school_time", DataType::Int64, false),
    ]));
    let batch = RecordBatch::try_new(
        schema.clone(),
        vec![
            Arc::new(Date32Array::from(days)),
            Arc::new(Int64Array::from(hours)),
            Arc::new(Int64Array::from(flags)),
        ],
    )
    .map_err(|e| e.to_string())?;
    session.register_rows("school_minutes", schema, vec![batch])
}
