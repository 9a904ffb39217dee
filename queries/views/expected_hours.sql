-- One row per front-end, day on which it should have logs (from its first day to the last day of all) and hour: lines received, whether the day has any, and lines usual: the lower median of the same hour over the days received of the same kind (Wednesdays and other school days, weekdays without school, weekends of term and of holidays).
-- By a window: of a group by front_end the engine concludes that a front-end
-- has one day, and leaves the day out of the order of a result.
with first_days as (
    select distinct front_end, min(day) over (partition by front_end) as first_day
    from source_hours
),
hours as (
    select distinct hour from school_minutes
),
-- The hour that the clock skips on the last Sunday of March does not exist.
grid as (
    select
        f.front_end, d.day, d.like_days, h.hour, coalesce(s.requests, 0) as requests,
        max(s.requests) over (partition by f.front_end, d.day) is not null as is_received
    from first_days f
    join day_kinds d on d.day >= f.first_day
    cross join hours h
    left join source_hours s on s.front_end = f.front_end and s.day = d.day and s.hour = h.hour
    where not (h.hour = 2 and d.weekday = 7 and extract(month from d.day) = 3 and extract(day from d.day) >= 25)
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
)
-- Of a kind of day that a front-end never had, nothing is usual: its days are missing all the same.
select
    g.front_end, g.day, g.hour, g.requests, g.is_received,
    coalesce(u.usual_requests, 0) as usual_requests
from grid g
left join usual u on u.front_end = g.front_end and u.like_days = g.like_days and u.hour = g.hour
