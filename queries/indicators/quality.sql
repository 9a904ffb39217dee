-- One row per path (the ENT, the login) and time (school time, all hours): minutes measured and minutes without failure.
-- param period_start date
-- param period_end date
-- column path text dimension
-- column time_of text dimension
-- column minutes_measured integer open
-- column minutes_up integer open
-- column availability real open
with judged as (
    select
        m.path, c.school_time, case when 100 * m.failures < m.requests then 1 else 0 end as is_up
    from minutes m
    join school_minutes c on c.day = m.day and c.hour = m.minute / 60
    where m.day between $period_start and $period_end
),
scoped as (
    select path, 'toutes heures' as time_of, is_up from judged
    union all
    select path, 'temps scolaire' as time_of, is_up from judged where school_time = 1
)
select
    path, time_of, count(*) as minutes_measured, sum(is_up) as minutes_up,
    cast(sum(is_up) as double) / count(*) as availability
from scoped
group by path, time_of
order by path, time_of
