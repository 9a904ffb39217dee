"""The same query files by DuckDB, on the same files of a lake.

Reads one JSON object on standard input:
  tables   name -> {columns: [[name, type]], files: [Parquet] or rows: [[value]]}
  marts, views   [[name, sql]] in the order in which they are made
  queries  [[name, sql, parameters]]
  settings the parameters of the marts
  assistance   the settings of helpdesks, opening hours and service levels, as they are written
Writes one JSON object: query -> rows. Nothing of the program is used: sessions, sets,
opening hours and figures are made anew by this engine.
"""

import csv
import datetime
import json
import re
import sys
import tempfile
import zoneinfo

import duckdb

# What our engine and this one call differently.
DIALECT = """
set integer_division = true;
set timezone = 'UTC';
create macro local_time(t) as (t at time zone 'Europe/Paris');
create macro local_day(t) as cast(local_time(t) as date);
create macro local_hour(t) as extract(hour from local_time(t));
create macro local_minute(t) as
    extract(hour from local_time(t)) * 60 + extract(minute from local_time(t));
create macro weekday(d) as isodow(d);
create macro string_to_array(text, separator) as string_split(text, separator);
create macro arrow_cast(t, kind) as
    case kind when 'Int32' then datediff('day', date '1970-01-01', cast(t as date)) else epoch_ms(t) end;
create macro people_set(person) as list(distinct person);
create macro people_union(people) as list_distinct(flatten(list(people)));
create macro text_set(names) as coalesce(
    array_to_string(list_sort(list_distinct(flatten(list(string_split(names, ' ')) filter (names is not null)))), ' '), '');
create macro people_count(people) as coalesce(len(list_distinct(flatten(list(people)))), 0);
create macro plain_name(text) as trim(regexp_replace(strip_accents(lower(text)), '[^\\p{L}\\p{N}]+', ' ', 'g'));
create table open_spans (span_of varchar, span_day date, span_start bigint, span_end bigint);
-- Columns with names that no query has: a macro takes an argument by its name.
create macro opening_ms(helpdesk, t, u) as case when t is not null and u is not null then (
    select cast(coalesce(sum(least(span_end, epoch_ms(u)) - greatest(span_start, epoch_ms(t))), 0) as bigint)
    from open_spans
    where span_of = helpdesk and span_start < epoch_ms(u) and span_end > epoch_ms(t)
) end;
create macro opening_days(helpdesk, t, u) as case when t is not null and u is not null then (
    select count(distinct span_day)
    from open_spans
    where span_of = helpdesk and span_day > local_day(t) and span_day <= local_day(u)
) end;
create table calendar_days as
    select cast(day as date) as day from range(timestamp '2010-01-01', timestamp '2080-01-01', interval 1 day) days(day);
create table helpdesks (helpdesk varchar, name varchar, level bigint, refers_to varchar);
create table service_levels (
    measure varchar, priority bigint, level bigint, kind varchar, target_ms bigint, valid_from date, valid_to date
);
"""

# How a query names an instant that it makes itself.
INSTANT = """, 'Timestamp(Millisecond, Some("UTC"))')"""

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
# What the tests ask about lies between; delays outside of it would be 0 here.
FIRST_OPEN, END_OPEN = datetime.date(2023, 1, 1), datetime.date(2029, 1, 1)
NEVER = "9999-12-31"
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}


def easter(year):
    """The Sunday after the full moon of spring, by the golden number: holds from 1900 to 2199."""
    golden = year % 19
    moon = (19 * golden + 24) % 30
    if moon == 29 or (moon == 28 and golden > 10):
        moon -= 1
    day = datetime.date(year, 3, 21) + moon * DAY
    return day + (7 - day.isoweekday() % 7) * DAY


def is_public_holiday(day):
    # Easter Monday, Ascension, Whit Monday.
    return (day.month, day.day) in FIXED_HOLIDAYS or (day - easter(day.year)).days in (1, 39, 50)


def clock_shows(day, minute):
    """The first moment at which clocks in Paris show this minute of a day or a later one, in ms."""
    wanted = datetime.datetime.combine(day, datetime.time()) + minute * MINUTE
    # They are never more than two hours ahead of UTC.
    moment = (wanted - 120 * MINUTE).replace(tzinfo=datetime.timezone.utc)
    while moment.astimezone(PARIS).replace(tzinfo=None) < wanted:
        moment += MINUTE
    return int(moment.timestamp()) * 1000


class Assistance:
    """Opening hours day by day, from the settings."""

    def __init__(self, told):
        self.told = told

    def valid(self, kind, service, day):
        """What is told of a service on a day: days written as `2025-12-24` compare as texts."""
        told = [one for one in self.told.get(kind, []) if one["service"] == service]
        return [one for one in told if one["from"] <= day.isoformat() < one.get("to", NEVER)]

    def spans(self, service, day):
        """When a service was open on a day: starts and ends in ms, each moment once."""
        week = next(iter(self.valid("hours", service, day)), {})
        is_off = is_public_holiday(day) and not week.get("public_holidays", False)
        if is_off or self.valid("closure", service, day):
            return []
        spans, reached = [], 0
        for text in sorted(week.get(WEEKDAYS[day.weekday()], [])):
            edges = [edge.split(":") for edge in text.split("-")]
            start, end = (clock_shows(day, int(hour) * 60 + int(minute)) for hour, minute in edges)
            if end > max(start, reached):
                spans.append((max(start, reached), end))
                reached = end
        return spans

    def open_spans(self):
        """Those of every helpdesk, of the days that tests ask about."""
        rows = []
        for desk in self.told["helpdesk"]:
            day = FIRST_OPEN
            while day < END_OPEN:
                rows += [[desk["id"], day, start, end] for start, end in self.spans(desk["hours"], day)]
                day += DAY
        return rows

    def helpdesks(self):
        return [[d["id"], d["name"], d["level"], d.get("refers_to")] for d in self.told["helpdesk"]]

    def service_levels(self):
        rows = []
        for told in self.told.get("service_level", []):
            owed = [told["measure"], told.get("priority"), told.get("level"), told.get("kind")]
            rows.append([*owed, round(told["hours"] * 3_600_000), told["from"], told.get("to", NEVER)])
        return rows


def with_instants(sql):
    """What a query casts to an instant in words of the other engine, in words of this one."""
    while (end := sql.find(INSTANT)) >= 0:
        start = sql.rfind("arrow_cast(", 0, end)
        # Back to the parenthesis that the last one closes: others may stand between.
        while (inside := sql[start + len("arrow_cast(") : end]).count("(") != inside.count(")"):
            start = sql.rfind("arrow_cast(", 0, start)
        cast = f"(cast({inside} as timestamp) at time zone 'UTC')"
        sql = sql[:start] + cast + sql[end + len(INSTANT) :]
    return sql


def bare(sql):
    """Without comments, in our dialect; `$x` stays a parameter."""
    return with_instants(re.sub(r"^\s*--.*$", "", sql, flags=re.M))


def parameters(sql, given):
    wanted = set(re.findall(r"\$(\w+)", sql))
    return {name: value for name, value in given.items() if name in wanted}


def literal(value):
    if isinstance(value, int):
        return str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f"date '{value}'"
    return f"'{value}'"


def with_literals(sql, given):
    for name in sorted(parameters(sql, given), key=len, reverse=True):
        sql = sql.replace("$" + name, literal(given[name]))
    return sql


def plain(value):
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10]
    if value is None or isinstance(value, (int, float, str)):
        return value
    return float(value)  # Decimal


def insert_rows(connection, name, rows):
    """By a file: much faster than row by row."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["\\N" if v is None else v for v in row] for row in rows])
        file.flush()
        options = "header = false, all_varchar = true, nullstr = '\\N'"
        connection.execute(f"""insert into "{name}" select * from read_csv('{file.name}', {options})""")


def connect(assistance):
    connection = duckdb.connect()
    connection.execute(DIALECT)
    insert_rows(connection, "open_spans", assistance.open_spans())
    insert_rows(connection, "helpdesks", assistance.helpdesks())
    insert_rows(connection, "service_levels", assistance.service_levels())
    return connection


def main():
    asked = json.load(sys.stdin)
    connection = connect(Assistance(asked["assistance"]))
    for name, table in asked["tables"].items():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in table["columns"])
        connection.execute(f'create table "{name}" ({columns})')
        if table.get("rows"):
            insert_rows(connection, name, table["rows"])
        for file in table.get("files", []):
            connection.execute(
                f'insert into "{name}" by name select * from read_parquet(?, hive_partitioning = false)', [file]
            )
    for name, sql in asked["marts"]:
        sql = with_literals(bare(sql), asked["settings"])
        connection.execute(f'create table "{name}" as {sql}')
    for name, sql in asked["views"]:
        connection.execute(f'create table "{name}" as {bare(sql)}')
    found = {}
    for name, sql, given in asked["queries"]:
        rows = connection.execute(with_literals(bare(sql), given)).fetchall()
        found[name] = [[plain(value) for value in row] for row in rows]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
