-- One row per front-end and day on which it should have logs: what became of the day, its lines, and the hours in which it was silent, or nearly (under a tenth of a usual 60 lines or more).
-- param period_start date
-- param period_end date
-- column front_end text dimension
-- column day date dimension
-- column state text dimension
-- column requests integer open
-- column hours_silent integer open
with judged as (
    select
        front_end, day, sum(requests) as requests,
        sum(case when usual_requests >= 60 and 10 * requests < usual_requests then 1 else 0 end) as hours_silent
    from expected_hours
    where day between $period_start and $period_end
    group by front_end, day
),
bad as (
    select
        cast(max(case when field = 'debut' then value end) as date) as first_day,
        cast(max(case when field = 'fin' then value end) as date) as last_day
    from registers
    where register = 'periodes-erronees'
    group by row
),
bad_days as (
    select distinct j.day
    from judged j
    join bad b on j.day between b.first_day and b.last_day
)
select
    j.front_end, j.day,
    case
        when b.day is not null then 'known_bad'
        when j.requests = 0 then 'missing'
        when j.hours_silent > 0 then 'partial'
        else 'received'
    end as state,
    j.requests, j.hours_silent
from judged j
left join bad_days b on b.day = j.day
order by j.front_end, j.day
