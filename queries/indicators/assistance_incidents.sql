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
-- A day after is 24 hours as they pass. Usual: the mean over the same weekday of the four
-- weeks before, from the same hour by the clock to that hour of the next day.
with failing as (
    select path, day, min(first_minute) as first_minute, cast(sum(failing_minutes) as bigint) as failing_minutes
    from seen_outages
    where day between $period_start and $period_end
    group by path, day
),
-- As an instant too. The clock changes at 1:00 UTC, before 3:00 by either time: until then the
-- local time of midnight UTC of the day tells how far it is from UTC, then that of the next day.
began as (
    select
        path, day,
        1440 * arrow_cast(day, 'Int32') + first_minute as minute,
        60000 * (
            1440 * arrow_cast(day, 'Int32') + first_minute
            - local_minute(arrow_cast(cast(day as timestamp) + case when first_minute < 180 then interval '0 days' else interval '1 day' end, 'Timestamp(Millisecond, Some("UTC"))'))
        ) as ms
    from failing
),
opened as (
    select
        1440 * arrow_cast(r.opened_day, 'Int32') + local_minute(r.opened) as minute,
        arrow_cast(r.opened, 'Int64') as ms
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
),
near as (
    select
        b.path, b.day,
        o.ms - b.ms as passed_ms,
        o.minute - b.minute as minutes
    from began b
    cross join opened o
    where o.minute - b.minute between -40320 and 1500
),
after as (
    select
        path, day, passed_ms / 60000 as lag,
        row_number() over (partition by path, day order by passed_ms) as place,
        count(*) over (partition by path, day) as n
    from near
    where passed_ms >= 0 and passed_ms < 86400000
),
came as (
    select path, day, count(*) as opened_after, max(case when place = cast(ceil(0.5 * n) as bigint) then lag end) as lag_minutes
    from after
    group by path, day
),
before as (
    select path, day, count(*) as n
    from near
    where minutes < 0 and (minutes + 40320) % 10080 < 1440
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
