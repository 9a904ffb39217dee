-- One row per quarter of an hour among the ten with the most answers of the platform, the highest first.
-- param period_start date
-- param period_end date
-- column day date dimension
-- column first_minute integer dimension
-- column requests integer open
-- column requests_per_second real open
with quarters as (
    select day, minute / 15 * 15 as first_minute, sum(requests) as requests
    from minutes
    where day between $period_start and $period_end
    group by day, minute / 15 * 15
)
select day, first_minute, requests, cast(requests as double) / 900.0 as requests_per_second
from quarters
order by requests desc, day, first_minute
limit 10
