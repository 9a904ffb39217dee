-- One row per front-end, local day and hour with at least one line: lines, and minutes of the hour that have one.
-- kept by day
-- param first_day date
-- param last_day date
-- column front_end text dimension
-- column day date dimension
-- column hour integer dimension
-- column requests integer open
-- column minutes integer open
select
    front_end, day, local_hour(time) as hour,
    count(*) as requests, count(distinct local_minute(time)) as minutes
from requests
where day between $first_day and $last_day
group by front_end, day, local_hour(time)
order by day, front_end, hour
