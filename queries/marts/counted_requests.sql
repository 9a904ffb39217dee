-- One row per counted request (a page or an action of a known account), with the number of its visit.
-- param timeout_minutes integer
-- column school_year text dimension
-- column account pseudonym dimension
-- column visit_number integer dimension
-- column time instant dimension
-- column kind text dimension
-- column service text dimension
-- column device text dimension
with counted as (
    select school_year, account, time, arrow_cast(time, 'Int64') as ms, kind, service, device
    from requests
    where account is not null and kind in ('page', 'action')
),
gaps as (
    select
        *,
        ms - lag(ms) over (partition by school_year, account order by ms) as gap_ms
    from counted
),
starts as (
    select *, case when gap_ms is null or gap_ms > $timeout_minutes * 60000 then 1 else 0 end as is_start
    from gaps
)
select
    school_year, account,
    sum(is_start) over (
        partition by school_year, account order by ms, is_start desc
        rows between unbounded preceding and current row
    ) as visit_number,
    time, kind, service, device
from starts
order by school_year, account, time, kind, service, device
