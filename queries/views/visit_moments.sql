-- One row per visit: the moment it starts in. `school_time`: 8:00 to 18:00 of a school day (12:00 on a Wednesday); `evening`: after 18:00 of one; `school_day_other`: the rest of one; else the kind of day.
select
    v.visit_id,
    case
        when c.kind is null then 'unknown'
        when c.kind = 'school' and v.hour >= 8 and v.hour < case when c.weekday = 3 then 12 else 18 end then 'school_time'
        when c.kind = 'school' and v.hour >= 18 then 'evening'
        when c.kind = 'school' then 'school_day_other'
        else c.kind
    end as moment
from visits v
left join calendar c on c.day = v.day
