"""The same query files by DuckDB, on the same files of a lake.

Reads one JSON object on standard input:
  tables   name -> {columns: [[name, type]], files: [Parquet] or rows: [[value]]}
  marts, views   [[name, sql]] in the order in which they are made
  queries  [[name, sql, parameters]]
  settings the parameters of the marts
Writes one JSON object: query -> rows. Nothing of the program is used: sessions, sets
and figures are made anew by this engine.
"""

import csv
import datetime
import json
import re
import sys
import tempfile

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
"""


def bare(sql):
    """Without comments; `$x` stays a parameter."""
    return re.sub(r"^\s*--.*$", "", sql, flags=re.M)


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


def connect():
    connection = duckdb.connect()
    connection.execute(DIALECT)
    return connection


def main():
    asked = json.load(sys.stdin)
    connection = connect()
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
        connection.execute(f'create view "{name}" as {bare(sql)}')
    found = {}
    for name, sql, given in asked["queries"]:
        rows = connection.execute(with_literals(bare(sql), given)).fetchall()
        found[name] = [[plain(value) for value in row] for row in rows]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
