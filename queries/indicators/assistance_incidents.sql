-- One row per day with an outage seen in the logs: requests opened within a day after it began, those of the same span on usual days, and how long after its beginning half of them had come.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column day date dimension
-- column path text dimension
-- column first_minute integer dimension
-- column failing_minutes integer open
-- column opened_after integer people
-- column usual real volume of opened_after
-- column lag_minutes integer volume of opened_after
--
-- Usual: the mean over the same weekday of the four weeks before.
with failing as (
    select path, day, min(first_minute) as first_minute, cast(sum(failing_minutes) as bigint) as failing_minutes
    from seen_outages
    where day between $period_start and $period_end
    group by path, day
),
opened as (
    select
        r.opened_day as day,
        local_minute(r.opened) as minute,
        arrow_cast(r.opened_day, 'Int32') as day_number
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
),
near as (
    select
        f.path, f.day,
        arrow_cast(f.day, 'Int32') - o.day_number as days_before,
        o.minute - f.first_minute - 1440 * (arrow_cast(f.day, 'Int32') - o.day_number) as lag
    from failing f
    cross join opened o
    where arrow_cast(f.day, 'Int32') - o.day_number between -1 and 28
),
after as (
    select
        path, day, lag,
        row_number() over (partition by path, day order by lag) as place,
        count(*) over (partition by path, day) as n
    from near
    where lag >= 0 and lag < 1440
),
came as (
    select path, day, count(*) as opened_after, max(case when place = cast(ceil(0.5 * n) as bigint) then lag end) as lag_minutes
    from after
    group by path, day
),
before as (
    select path, day, count(*) as n
    from near
    where lag < 0 and (lag + 10080 * 4) % 10080 < 1440
    group by path, day
)
select
    f.day, f.path, f.first_minute, f.failing_minutes,
    coalesce(c.opened_after, 0) as opened_after,
    cast(coalesce(b.n, 0) as double) / 4 as usual,
    c.lag_minutes
from failing f
left join came c on c.path = f.path and c.day = f.day
left join before b on b.path = f.path and b.day = f.day
order by f.day, f.path
