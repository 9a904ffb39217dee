-- One row per outage seen in the logs, as `queries/indicators/outages.sql` says it, of all days.
with judged as (
    select
        path, day, minute, requests, failures,
        case when failures > 0 and 100 * failures >= requests then 1 else 0 end as is_failing,
        case when failures = requests then 1 else 0 end as is_dead
    from minutes
),
numbered as (
    select
        *,
        sum(1 - is_failing) over (partition by path, day order by minute rows between unbounded preceding and current row) as good,
        sum(1 - is_dead) over (partition by path, day order by minute rows between unbounded preceding and current row) as alive
    from judged
),
gaps as (
    select
        *,
        good - lag(good) over (partition by path, day order by minute) as good_between,
        minute - lag(minute) over (partition by path, day order by minute) as gap
    from numbered
    where is_failing = 1
),
islands as (
    select
        *,
        sum(case when gap is null or good_between > 5 or gap > 30 then 1 else 0 end) over (
            partition by path, day order by minute rows between unbounded preceding and current row
        ) as island
    from gaps
),
spans as (
    select path, day, island, min(minute) as first_minute, max(minute) as last_minute, count(*) as failing_minutes
    from islands
    group by path, day, island
    having count(*) >= 5
),
outages as (
    select
        s.path, s.day, s.first_minute, s.last_minute, s.failing_minutes,
        cast(sum(m.failures) as bigint) as failures, cast(sum(m.requests) as bigint) as requests
    from spans s
    join judged m on m.path = s.path and m.day = s.day and m.minute between s.first_minute and s.last_minute
    group by s.path, s.day, s.first_minute, s.last_minute, s.failing_minutes
    having 3 * sum(m.failures) >= sum(m.requests)
),
-- Minutes without a good answer that follow one another have the same number of good ones before them.
runs as (
    select
        o.path, o.day, o.first_minute, n.alive, min(n.minute) as dead_first_minute, max(n.minute) as dead_last_minute
    from outages o
    join numbered n on n.path = o.path and n.day = o.day and n.minute between o.first_minute and o.last_minute
    where n.is_dead = 1
    group by o.path, o.day, o.first_minute, n.alive
),
longest as (
    select
        *,
        row_number() over (
            partition by path, day, first_minute order by dead_last_minute - dead_first_minute desc, dead_first_minute
        ) as place
    from runs
)
select
    o.path, o.day, o.first_minute, o.last_minute,
    l.dead_first_minute, l.dead_last_minute, o.failing_minutes, o.failures, o.requests
from outages o
left join longest l on l.path = o.path and l.day = o.day and l.first_minute = o.first_minute and l.place = 1
