-- One row per front-end, local day and hour with at least one line: lines, minutes of the hour that have one, signed-in lines and those whose account no directory knows.
-- column front_end text dimension
-- column day date dimension
-- column hour integer dimension
-- column requests integer open
-- column minutes integer open
-- column signed_in integer open
-- column unknown integer open
with known as (
    select distinct school_year, account from accounts
)
select
    r.front_end, r.day, local_hour(r.time) as hour,
    count(*) as requests, count(distinct local_minute(r.time)) as minutes,
    count(r.account) as signed_in, count(r.account) - count(k.account) as unknown
from requests r
left join known k on k.school_year = r.school_year and k.account = r.account
group by r.front_end, r.day, local_hour(r.time)
union all
select front_end, day, hour, requests, minutes, signed_in, unknown from past_source_hours
order by front_end, day, hour
