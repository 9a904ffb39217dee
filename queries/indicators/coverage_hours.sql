-- One row per front-end, day and hour in which it was silent, or nearly, where the same hour of like days is not: lines received, and lines usual (lower median over the days received of the same kind: Wednesdays and other school days, weekdays without school, weekends of term and of holidays).
-- param period_start date
-- param period_end date
-- column front_end text dimension
-- column day date dimension
-- column hour integer dimension
-- column requests integer open
-- column usual_requests integer open
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
received as (
    select front_end, day from source_hours group by front_end, day
),
hours as (
    select hour from school_minutes group by hour
),
-- The hour that the clock skips on the last Sunday of March does not exist.
grid as (
    select r.front_end, r.day, h.hour, d.like_days, coalesce(s.requests, 0) as requests
    from received r
    cross join hours h
    join days d on d.day = r.day
    left join source_hours s on s.front_end = r.front_end and s.day = r.day and s.hour = h.hour
    where not (h.hour = 2 and d.weekday = 7 and extract(month from r.day) = 3 and extract(day from r.day) >= 25)
),
ranked as (
    select
        *,
        row_number() over (partition by front_end, like_days, hour order by requests, day) as place,
        count(*) over (partition by front_end, like_days, hour) as days
    from grid
),
usual as (
    select front_end, like_days, hour, max(case when place = (days + 1) / 2 then requests end) as usual_requests
    from ranked
    group by front_end, like_days, hour
)
select g.front_end, g.day, g.hour, g.requests, u.usual_requests
from grid g
join usual u on u.front_end = g.front_end and u.like_days = g.like_days and u.hour = g.hour
where g.day between $period_start and $period_end
    and u.usual_requests >= 60 and 10 * g.requests < u.usual_requests
order by g.front_end, g.day, g.hour
