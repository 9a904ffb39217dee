-- One row per front-end, local day and hour with at least one line: lines, minutes of the hour that have one, signed-in lines and those whose account no directory knows on that day.
-- kept by day
-- param first_day date
-- param last_day date
-- column front_end text dimension
-- column day date dimension
-- column hour integer dimension
-- column requests integer open
-- column minutes integer open
-- column signed_in integer open
-- column unknown integer open
select
    r.front_end, r.day, local_hour(r.time) as hour,
    count(*) as requests, count(distinct local_minute(r.time)) as minutes,
    count(r.account) as signed_in, count(r.account) - count(p.account) as unknown
from requests r
left join account_periods p
    on p.school_year = r.school_year and p.account = r.account
    and r.day >= p.valid_from and r.day < p.valid_to
where r.day between $first_day and $last_day
group by r.front_end, r.day, local_hour(r.time)
union all
select front_end, day, hour, requests, minutes, signed_in, unknown
from past_source_hours
where day between $first_day and $last_day
order by day, front_end, hour
