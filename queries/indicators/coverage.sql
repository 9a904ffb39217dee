-- One row per front-end: days of the period, days with at least one request, share of signed-in requests whose account no directory knows.
-- param period_start date
-- param period_end date
-- column front_end text dimension
-- column days_expected integer open
-- column days_received integer open
-- column requests integer open
-- column unknown_share real open
select
    front_end,
    cast($period_end - $period_start as bigint) + 1 as days_expected,
    count(distinct day) as days_received,
    cast(sum(requests) as bigint) as requests,
    cast(sum(unknown) as double) / nullif(sum(signed_in), 0) as unknown_share
from source_hours
where day between $period_start and $period_end
group by front_end
order by front_end
