-- One row per month of opening: tickets opened, solved since, and the elapsed hours to the solution (median and P90 by nearest rank).
-- param period_start date
-- param period_end date
-- column month date dimension
-- column opened integer people
-- column solved integer volume of opened
-- column median_hours real rate solved over opened
-- column p90_hours real rate solved over opened
with opened_in as (
    select
        cast(date_trunc('month', opened_day) as date) as month,
        case
            when resolved is not null
            then cast(arrow_cast(resolved, 'Int64') - arrow_cast(opened, 'Int64') as double) / 3600000.0
        end as hours
    from current_tickets
    where opened_day between $period_start and $period_end
),
ranked as (
    select
        month, hours,
        row_number() over (partition by month order by hours) as place,
        count(*) over (partition by month) as solved
    from opened_in
    where hours is not null
),
delays as (
    select
        month,
        max(case when place = cast(ceil(0.5 * solved) as bigint) then hours end) as median_hours,
        max(case when place = cast(ceil(0.9 * solved) as bigint) then hours end) as p90_hours
    from ranked
    group by month
),
counted as (
    select month, count(*) as opened, count(hours) as solved from opened_in group by month
)
select c.month, c.opened, c.solved, d.median_hours, d.p90_hours
from counted c
left join delays d on d.month = c.month
order by c.month
