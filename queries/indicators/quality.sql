-- One row per path (the ENT, the login) and time (school time, all hours): minutes measured, of them those in a silence, and minutes without failure.
-- param period_start date
-- param period_end date
-- column path text dimension
-- column time_of text dimension
-- column minutes_measured integer open
-- column minutes_silent integer open
-- column minutes_up integer open
-- column availability real open
--
-- A minute without any answer is not measured, but in a silence, which counts as down. Where
-- nobody comes because the other path fails, this one is not to blame: it is not measured.
with path_silences as (
    select subject as path, day, first_minute, last_minute
    from silences
    where family = 'path' and day between $period_start and $period_end
),
blamed as (
    select
        s.path, s.day, s.first_minute, s.last_minute,
        case when 2 * sum(m.failures) < sum(m.requests) then 1 else 0 end as is_own
    from path_silences s
    join minutes m on m.path <> s.path and m.day = s.day and m.minute between s.first_minute and s.last_minute
    group by s.path, s.day, s.first_minute, s.last_minute
),
silent as (
    select path, day, unnest(range(first_minute, last_minute + 1)) as minute
    from blamed
    where is_own = 1
),
judged as (
    select path, day, minute, 0 as is_silent, case when 100 * failures < requests then 1 else 0 end as is_up
    from minutes
    where day between $period_start and $period_end
    union all
    select path, day, minute, 1 as is_silent, 0 as is_up from silent
),
timed as (
    select j.path, j.is_silent, j.is_up, c.school_time
    from judged j
    join school_minutes c on c.day = j.day and c.hour = j.minute / 60
),
scoped as (
    select path, 'toutes heures' as time_of, is_silent, is_up from timed
    union all
    select path, 'temps scolaire' as time_of, is_silent, is_up from timed where school_time = 1
)
select
    path, time_of, count(*) as minutes_measured,
    cast(sum(is_silent) as bigint) as minutes_silent, cast(sum(is_up) as bigint) as minutes_up,
    cast(sum(is_up) as double) / count(*) as availability
from scoped
group by path, time_of
order by path, time_of
