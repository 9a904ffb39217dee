-- One row per front-end, local day and hour with at least one line: lines, and minutes of the hour that have one.
-- column front_end text dimension
-- column day date dimension
-- column hour integer dimension
-- column requests integer open
-- column minutes integer open
select
    front_end, day, local_hour(time) as hour,
    count(*) as requests, count(distinct local_minute(time)) as minutes
from requests
group by front_end, day, local_hour(time)
order by front_end, day, hour
