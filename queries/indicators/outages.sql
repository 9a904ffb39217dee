-- One row per outage seen in the logs: at least five failing minutes of a path, no more than five minutes apart.
-- param period_start date
-- param period_end date
-- column path text dimension
-- column day date dimension
-- column first_minute integer dimension
-- column last_minute integer dimension
-- column failing_minutes integer open
with failing as (
    select path, day, minute
    from minutes
    where day between $period_start and $period_end and 2 * failures >= requests
),
gaps as (
    select *, minute - lag(minute) over (partition by path, day order by minute) as gap from failing
),
islands as (
    select
        path, day, minute,
        sum(case when gap is null or gap > 5 then 1 else 0 end) over (
            partition by path, day order by minute rows between unbounded preceding and current row
        ) as island
    from gaps
)
select
    path, day, min(minute) as first_minute, max(minute) as last_minute, count(*) as failing_minutes
from islands
group by path, day, island
having count(*) >= 5
order by day, path, first_minute
