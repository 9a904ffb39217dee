-- One row per day of the data: its weekday, the calendar year in which its school year began, and the kind of day with whose days it is compared (Wednesdays and other school days, weekdays without school, weekends of term and of holidays).
with school_days as (
    select
        day, weekday(day) as weekday, max(school_time) as is_school,
        case when extract(month from day) >= 8 then extract(year from day) else extract(year from day) - 1 end as year
    from school_minutes
    group by day
),
near as (
    select *, max(is_school) over (order by day rows between 3 preceding and 3 following) as is_near
    from school_days
)
select
    day, weekday, year,
    case
        when is_school = 1 and weekday = 3 then 'wednesday'
        when is_school = 1 then 'school'
        when weekday < 6 then 'free'
        when is_near = 1 then 'weekend of term'
        else 'weekend of holidays'
    end as like_days
from near
