-- One row per month and weekday (1 is Monday) of a period: its days, those with school, those of holidays (public ones and bridges included), those of other weekends, those that no calendar knows.
-- param period_start date
-- param period_end date
-- column month date dimension
-- column weekday integer dimension
-- column days integer open
-- column school_days integer open
-- column holidays integer open
-- column weekend_days integer open
-- column unknown_days integer open
select
    cast(date_trunc('month', day) as date) as month, weekday, count(*) as days,
    sum(case when kind = 'school' then 1 else 0 end) as school_days,
    sum(case when kind = 'holiday' then 1 else 0 end) as holidays,
    sum(case when kind = 'weekend' then 1 else 0 end) as weekend_days,
    sum(case when kind is null then 1 else 0 end) as unknown_days
from calendar
where day between $period_start and $period_end
group by cast(date_trunc('month', day) as date), weekday
order by month, weekday
