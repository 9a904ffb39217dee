//! What must hold between the figures of a lake, whatever its rows: checked on every
//! cell that the indicators give, before anything is hidden.

use crate::fixture::observatory;
use entobs::lake::Lake;
use entobs::query::{Argument, Cell, Session, indicator, marts};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A table of results with names.
struct Figures {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Figures {
    fn place(&self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap()
    }

    fn number(&self, row: &[Cell], name: &str) -> i64 {
        match &row[self.place(name)] {
            Cell::Integer(number) => *number,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn text(&self, row: &[Cell], name: &str) -> String {
        match &row[self.place(name)] {
            Cell::Text(text) => text.clone(),
            Cell::Date(day) => day.to_string(),
            other => panic!("{name}: {other:?}"),
        }
    }

    fn sum(&self, name: &str) -> i64 {
        self.rows.iter().map(|row| self.number(row, name)).sum()
    }

    /// The values of a column by the texts of others.
    fn by(&self, keys: &[&str], value: &str) -> BTreeMap<Vec<String>, i64> {
        let mut values = BTreeMap::new();
        for row in &self.rows {
            let key = keys.iter().map(|name| self.text(row, name)).collect();
            *values.entry(key).or_default() += self.number(row, value);
        }
        values
    }

    /// For each group of rows that differ in one column only: the value of `all`, and
    /// those of the parts.
    fn parts(&self, of: &str, keys: &[&str], value: &str) -> Vec<(i64, Vec<i64>)> {
        let mut groups: BTreeMap<Vec<String>, (Option<i64>, Vec<i64>)> = BTreeMap::new();
        for row in &self.rows {
            let key = keys.iter().map(|name| self.text(row, name)).collect();
            let group = groups.entry(key).or_default();
            let number = self.number(row, value);
            match self.text(row, of).as_str() {
                "all" => group.0 = Some(number),
                _ => group.1.push(number),
            }
        }
        let groups = groups.into_values();
        groups
            .filter_map(|(whole, parts)| Some((whole?, parts)).filter(|g| !g.1.is_empty()))
            .collect()
    }
}

/// Of the lake of the tests, or of another one that has these days: `ENTOBS_IDENTITIES_LAKE`.
fn session() -> Session {
    let other = std::env::var_os("ENTOBS_IDENTITIES_LAKE").map(PathBuf::from);
    let lake = other.unwrap_or_else(|| observatory().root.join("lac"));
    let lake = Lake::open(&lake).unwrap();
    marts::prepare(&lake, &marts::Settings::default(), None).unwrap()
}

/// First and last day.
type Days = (&'static str, &'static str);

const WHOLE: Days = ("2025-09-01", "2025-10-12");

fn figures(session: &Session, name: &str, kind: &str, node: &str) -> Figures {
    figures_of(session, name, (kind, node), WHOLE)
}

fn figures_of(session: &Session, name: &str, (kind, node): (&str, &str), days: Days) -> Figures {
    let date = |text: &str| Argument::Date(text.parse().unwrap());
    let arguments = [
        ("period_start", date(days.0)),
        ("period_end", date(days.1)),
        ("previous_start", date("2025-08-25")),
        ("previous_end", date("2025-08-31")),
        ("reference_date", date("2025-10-12")),
        ("node_kind", Argument::Text(kind.into())),
        ("node", Argument::Text(node.into())),
    ];
    let raw = session.run(&indicator(name).unwrap(), &arguments).unwrap();
    Figures {
        names: raw.columns.into_iter().map(|c| c.name).collect(),
        rows: raw.rows,
    }
}

/// Parts add up to the whole.
fn assert_adds(name: &str, groups: Vec<(i64, Vec<i64>)>) {
    assert!(!groups.is_empty(), "{name}");
    for (whole, parts) in groups {
        assert_eq!(whole, parts.iter().sum::<i64>(), "{name}: {parts:?}");
    }
}

/// Each part <= the whole <= the sum of the parts.
fn assert_people(name: &str, groups: Vec<(i64, Vec<i64>)>) {
    assert!(!groups.is_empty(), "{name}");
    for (whole, parts) in groups {
        let most = parts.iter().max().unwrap();
        assert!(
            *most <= whole && whole <= parts.iter().sum(),
            "{name}: {whole} of {parts:?}"
        );
    }
}

const USAGE: [&str; 3] = ["node_kind", "node", "level"];

#[test]
fn breakdowns_of_usage() {
    let table = figures(&session(), "usage", "region", "32");
    assert!(table.rows.len() >= 300, "{}", table.rows.len());
    for value in [
        "visits",
        "page_views",
        "loaded_accounts",
        "activated_accounts",
    ] {
        assert_adds(value, table.parts("role", &USAGE, value));
    }
    assert_people("visitors by role", table.parts("role", &USAGE, "visitors"));
    let by_level = ["node_kind", "node", "role"];
    for value in ["visitors", "visits", "loaded_accounts", "page_views"] {
        assert_people(value, table.parts("level", &by_level, value));
    }
    for row in &table.rows {
        let number = |name| table.number(row, name);
        assert!(number("visitors") <= number("visits"), "{row:?}");
        assert!(
            number("activated_accounts") <= number("loaded_accounts"),
            "{row:?}"
        );
        assert_eq!(number("visitors") == 0, number("visits") == 0, "{row:?}");
    }
}

/// region > académie > département > commune > establishment.
#[test]
fn the_tree_holds_its_parts() {
    let session = session();
    let table = figures(&session, "usage", "region", "32");
    let (_, parents) = session
        .sql("select distinct uai, insee, departement, academie from establishments")
        .unwrap();
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        _ => String::new(),
    };
    let value = |kind: &str, node: &str, name: &str| {
        let is = |row: &&Vec<Cell>| {
            table.text(row, "node_kind") == kind
                && table.text(row, "node") == node
                && table.text(row, "level") == "all"
                && table.text(row, "role") == "all"
        };
        table
            .rows
            .iter()
            .find(is)
            .map_or(0, |row| table.number(row, name))
    };
    let kinds = [
        "establishment",
        "commune",
        "departement",
        "academie",
        "region",
    ];
    let mut children: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
    for row in &parents {
        let mut line: Vec<String> = row.iter().map(text).collect();
        line.push("32".into());
        for step in 1..kinds.len() {
            let known = children.entry((step, line[step].clone())).or_default();
            if !known.contains(&line[step - 1]) {
                known.push(line[step - 1].clone());
            }
        }
    }
    for ((step, node), below) in &children {
        for name in ["visitors", "visits", "loaded_accounts"] {
            let whole = value(kinds[*step], node, name);
            let parts = below
                .iter()
                .map(|child| value(kinds[step - 1], child, name));
            assert_people(&format!("{name} of {node}"), vec![(whole, parts.collect())]);
        }
    }
}

#[test]
fn classes_of_rhythm_make_the_loaded_accounts() {
    let session = session();
    for (kind, node) in [
        ("region", "32"),
        ("departement", "59"),
        ("partner", "region"),
    ] {
        let table = figures(&session, "frequency", kind, node);
        let months = figures(&session, "months", kind, node);
        assert!(!table.rows.is_empty());
        for row in &table.rows {
            let number = |name| table.number(row, name);
            let classes = ["daily", "weekly", "monthly", "none"].map(number);
            assert_eq!(
                classes.iter().sum::<i64>(),
                number("loaded_accounts"),
                "{row:?}"
            );
            let same = months
                .rows
                .iter()
                .find(|other| other[..3] == row[..3])
                .unwrap();
            assert_eq!(
                months.number(same, "loaded_accounts"),
                number("loaded_accounts")
            );
        }
        let keys = ["month", "level"];
        for value in ["daily", "weekly", "monthly", "none", "loaded_accounts"] {
            assert_adds(value, table.parts("role", &keys, value));
        }
        assert_adds("visits", months.parts("role", &keys, "visits"));
        assert_people("visitors", months.parts("role", &keys, "visitors"));
    }
}

#[test]
fn volumes_add_up_over_what_divides_them() {
    let session = session();
    let usage = figures(&session, "usage", "region", "32");
    let in_region = |level: &str, role: &str, name: &str| {
        let is = |row: &&Vec<Cell>| {
            usage.text(row, "node_kind") == "region"
                && usage.text(row, "level") == level
                && usage.text(row, "role") == role
        };
        usage
            .rows
            .iter()
            .find(is)
            .map_or(0, |row| usage.number(row, name))
    };
    let all_visits: i64 = figures(&session, "hours", "region", "32").sum("visits");
    assert_eq!(all_visits, in_region("all", "all", "visits"));
    for name in ["weekly", "months", "moments", "devices", "durations"] {
        let table = figures(&session, name, "region", "32");
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in &table.rows {
            let key = (table.text(row, "level"), table.text(row, "role"));
            *sums.entry(key).or_default() += table.number(row, "visits");
            assert!(
                table.number(row, "visitors") <= table.number(row, "visits"),
                "{name}"
            );
        }
        assert!(sums.len() > 10, "{name}");
        for ((level, role), sum) in sums {
            assert_eq!(
                sum,
                in_region(&level, &role, "visits"),
                "{name} {level} {role}"
            );
        }
    }
    let types = figures(&session, "types", "region", "32");
    for value in ["visitors", "visits", "loaded_accounts"] {
        assert_people(value, types.parts("type", &["sector", "role"], value));
        assert_people(value, types.parts("sector", &["type", "role"], value));
        assert_people(value, types.parts("role", &["type", "sector"], value));
    }
}

const CELL: [&str; 4] = ["area_kind", "area", "slice", "sector"];

/// Of a table of a dashboard, the visits of each cell and role, its parts added up.
fn visits_by_cell(table: &Figures) -> BTreeMap<Vec<String>, (i64, i64)> {
    let mut cells: BTreeMap<Vec<String>, (i64, i64)> = BTreeMap::new();
    for row in &table.rows {
        let names = CELL.iter().chain(&["role"]);
        let key = names.map(|name| table.text(row, name)).collect();
        let visits = table.number(row, "visits");
        let cell = cells.entry(key).or_default();
        *cell = (cell.0 + visits, cell.1.max(visits));
        assert!(table.number(row, "visitors") <= visits, "{row:?}");
    }
    cells
}

/// Every cell that a dashboard lets its reader choose: roles make it, and so do weeks, hours
/// and devices; a service has no more visits than there are.
#[test]
fn cells_of_dashboards_are_made_of_their_parts() {
    let session = session();
    for (kind, node) in [("region", "32"), ("partner", "departement-59")] {
        let usage = figures(&session, "cube_usage", kind, node);
        for value in ["visits", "loaded_accounts", "activated_accounts"] {
            assert_adds(value, usage.parts("role", &CELL, value));
        }
        assert_people("visitors", usage.parts("role", &CELL, "visitors"));
        let mut cells = visits_by_cell(&usage);
        cells.retain(|_, (visits, _)| *visits > 0);
        assert!(cells.len() > 20, "{}", cells.len());
        for name in ["cube_weeks", "cube_hours", "cube_devices"] {
            let parts = visits_by_cell(&figures(&session, name, kind, node));
            let sums = |cells: &BTreeMap<Vec<String>, (i64, i64)>| -> BTreeMap<Vec<String>, i64> {
                cells
                    .iter()
                    .map(|(key, cell)| (key.clone(), cell.0))
                    .collect()
            };
            assert_eq!(sums(&parts), sums(&cells), "{name}");
        }
        let services = visits_by_cell(&figures(&session, "cube_services", kind, node));
        for (key, (_, most)) in services {
            assert!(most <= cells[&key].0, "{key:?}");
        }
    }
}

/// Cells of a dashboard by month make those of the months together.
#[test]
fn months_of_dashboards_make_their_whole() {
    let session = session();
    let keys = ["area_kind", "area", "slice", "sector", "role"];
    for node in [("region", "32"), ("partner", "departement-59")] {
        let of = |days: Days| figures_of(&session, "cube_usage", node, days);
        let parts = [
            of(("2025-09-01", "2025-09-30")),
            of(("2025-10-01", WHOLE.1)),
        ];
        let whole = of(WHOLE);
        let [visits, visitors] = ["visits", "visitors"].map(|name| {
            let [first, second] = [&parts[0], &parts[1]].map(|part| part.by(&keys, name));
            let cells = whole.by(&keys, name).into_iter();
            let of_parts = cells.map(|(key, whole)| {
                let part = |part: &BTreeMap<_, i64>| part.get(&key).copied().unwrap_or(0);
                (whole, vec![part(&first), part(&second)])
            });
            of_parts.collect::<Vec<_>>()
        });
        assert!(visits.len() > 50, "{}", visits.len());
        assert_adds("visits by month", visits);
        assert_people("visitors by month", visitors);
    }
}

/// What a dashboard tells of each establishment: roles make it, and so do weeks and devices.
#[test]
fn establishments_of_dashboards_are_made_of_their_parts() {
    let session = session();
    let of = |name: &str| figures(&session, name, "region", "32");
    let places = of("cube_places");
    for value in ["visits", "loaded_accounts", "activated_accounts"] {
        assert_adds(value, places.parts("role", &["uai"], value));
    }
    assert_people("visitors", places.parts("role", &["uai"], "visitors"));
    let mut whole = places.by(&["role", "uai"], "visits");
    whole.retain(|key, visits| key[0] == "all" && *visits > 0);
    let whole: BTreeMap<String, i64> = whole
        .into_iter()
        .map(|(mut key, visits)| (key.remove(1), visits))
        .collect();
    assert!(whole.len() >= 10, "{}", whole.len());
    for name in ["cube_place_weeks", "cube_place_devices"] {
        let sums = of(name).by(&["uai"], "visits").into_iter();
        let sums: BTreeMap<_, _> = sums.map(|(mut key, sum)| (key.remove(0), sum)).collect();
        assert_eq!(sums, whole, "{name}");
    }
    let services = of("cube_place_services");
    for row in &services.rows {
        let all = whole[&services.text(row, "uai")];
        assert_eq!(services.number(row, "all_visits"), all, "{row:?}");
        assert!(services.number(row, "visits") <= all, "{row:?}");
    }
}

/// Groups of establishments are parts of their cell, and together all of it where each
/// establishment is in one.
#[test]
fn groups_of_equity_are_parts_of_their_cell() {
    let session = session();
    let keys = ["area_kind", "area", "slice"];
    for (kind, node) in [("region", "32"), ("partner", "departement-59")] {
        let mut usage = figures(&session, "cube_usage", kind, node);
        let every = usage.rows.clone();
        let is_whole = |row: &&Vec<Cell>| {
            ["sector", "role"]
                .iter()
                .all(|n| usage.text(row, n) == "all")
        };
        usage.rows = every.iter().filter(is_whole).cloned().collect();
        let equity = figures(&session, "cube_equity", kind, node);
        let establishments = usage.by(&keys, "establishments");
        let mut whole_cells = 0;
        for value in ["visits", "visitors", "loaded_accounts"] {
            let whole = usage.by(&keys, value);
            let mut groups: BTreeMap<Vec<String>, (i64, Vec<i64>)> = BTreeMap::new();
            for row in &equity.rows {
                let names = keys.iter().chain(&["grouping"]);
                let key = names.map(|name| equity.text(row, name)).collect();
                let group = groups.entry(key).or_default();
                group.0 += equity.number(row, "establishments");
                group.1.push(equity.number(row, value));
            }
            assert!(groups.len() >= 4, "{}", groups.len());
            for (key, (members, parts)) in groups {
                let of_cell = whole[&key[..3]];
                assert!(parts.iter().all(|part| *part <= of_cell), "{key:?}");
                if members == establishments[&key[..3]] {
                    whole_cells += 1;
                    assert!(of_cell <= parts.iter().sum(), "{value} {key:?}");
                }
            }
        }
        assert!(whole_cells > 5, "{whole_cells}");
    }
}

#[test]
fn total_is_constant_perimeter_and_entrants() {
    let session = session();
    for (kind, node) in [
        ("region", "32"),
        ("departement", "59"),
        ("partner", "region"),
    ] {
        let table = figures(&session, "constant_perimeter", kind, node);
        assert!(!table.rows.is_empty());
        for row in &table.rows {
            let number = |name: &str| table.number(row, name);
            for of in ["visitors", "visits"] {
                let entrants = number(&format!("entrant_{of}"));
                let leavers = number(&format!("leaver_{of}"));
                let (now, before) = (format!("all_{of}"), format!("all_{of}_before"));
                assert!(entrants >= 0 && leavers >= 0, "{row:?}");
                assert_eq!(number(&now), number(of) + entrants, "{row:?}");
                assert_eq!(number(&before), number(&format!("{of}_before")) + leavers);
                let constant = number(of) - number(&format!("{of}_before"));
                assert_eq!(
                    number(&now) - number(&before),
                    constant + entrants - leavers
                );
            }
            assert!(
                number("establishments") <= number("all_establishments"),
                "{row:?}"
            );
        }
        assert_adds("visits", table.parts("role", &["level"], "visits"));
        assert_adds("all visits", table.parts("role", &["level"], "all_visits"));
    }
}

/// The sets say of each day what the visits say.
#[test]
fn sets_hold_who_came() {
    let session = session();
    let by_sets = "select day, people_count(people) as people, cast(sum(visits) as bigint) as visits, cast(sum(page_views) as bigint) as pages from day_sets group by day order by day";
    let by_visits = "select day, count(distinct account) as people, count(*) as visits, cast(sum(page_views) as bigint) as pages from visits group by day order by day";
    let sets = session.sql(by_sets).unwrap().1;
    assert!(sets.len() > 40, "{}", sets.len());
    assert_eq!(sets, session.sql(by_visits).unwrap().1);
    let whole = "select people_count(people) from day_sets";
    let scan = "select count(*) from (select distinct school_year, account from visits) as people";
    assert_eq!(session.sql(whole).unwrap().1, session.sql(scan).unwrap().1);
    let none = "select people_count(people) from day_sets where role = 'nobody'";
    assert_eq!(session.sql(none).unwrap().1, [[Cell::Integer(0)]]);
    let persons = "select count(*), count(distinct person), min(person), max(person) from persons";
    let rows = session.sql(persons).unwrap().1;
    assert_eq!((&rows[0][0], &rows[0][2]), (&rows[0][1], &Cell::Integer(1)));
    assert_eq!(rows[0][0], rows[0][3], "numbers are dense");
}
