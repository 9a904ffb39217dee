-- One row per front-end and day on which it should have logs, from its first day to the last day of all: what became of the day, its lines, and the hours in which it was silent, or nearly.
-- param period_start date
-- param period_end date
-- column front_end text dimension
-- column day date dimension
-- column state text dimension
-- column requests integer open
-- column hours_silent integer open
with school_days as (
    select day, weekday(day) as weekday, max(school_time) as is_school
    from school_minutes
    group by day
),
near as (
    select *, max(is_school) over (order by day rows between 3 preceding and 3 following) as is_near
    from school_days
),
days as (
    select
        day, weekday,
        case
            when is_school = 1 and weekday = 3 then 'wednesday'
            when is_school = 1 then 'school'
            when weekday < 6 then 'free'
            when is_near = 1 then 'weekend of term'
            else 'weekend of holidays'
        end as like_days
    from near
),
-- By a window: of a group by front_end the engine concludes that a front-end
-- has one day, and leaves the day out of the order of the result.
first_days as (
    select distinct front_end, min(day) over (partition by front_end) as first_day
    from source_hours
),
expected as (
    select f.front_end, d.day, d.weekday, d.like_days
    from first_days f
    join days d on d.day >= f.first_day
),
hours as (
    select hour from school_minutes group by hour
),
grid as (
    select
        e.front_end, e.day, e.like_days, h.hour, coalesce(s.requests, 0) as requests,
        max(s.requests) over (partition by e.front_end, e.day) is not null as is_received
    from expected e
    cross join hours h
    left join source_hours s on s.front_end = e.front_end and s.day = e.day and s.hour = h.hour
    where not (h.hour = 2 and e.weekday = 7 and extract(month from e.day) = 3 and extract(day from e.day) >= 25)
),
ranked as (
    select
        front_end, like_days, hour, requests,
        row_number() over (partition by front_end, like_days, hour order by requests, day) as place,
        count(*) over (partition by front_end, like_days, hour) as days
    from grid
    where is_received
),
usual as (
    select front_end, like_days, hour, max(case when place = (days + 1) / 2 then requests end) as usual_requests
    from ranked
    group by front_end, like_days, hour
),
judged as (
    select
        g.front_end, g.day, sum(g.requests) as requests,
        sum(case when u.usual_requests >= 60 and 10 * g.requests < u.usual_requests then 1 else 0 end) as hours_silent
    from grid g
    join usual u on u.front_end = g.front_end and u.like_days = g.like_days and u.hour = g.hour
    group by g.front_end, g.day
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
    select d.day
    from days d
    join bad b on d.day between b.first_day and b.last_day
    group by d.day
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
where j.day between $period_start and $period_end
order by j.front_end, j.day
