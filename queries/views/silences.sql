-- One row per silence: a stretch of at least five minutes of one day in which a path answered nothing (where 60 answers were to be expected), or nobody of a role began a visit (where 20 were).
-- What is to be expected of an hour is its lower median over the days of the same kind and school year, reduced by as much as the others of the family (the other path, the other roles) fell short of theirs in the same stretch; they must have reached the same number in it. So a day or an hour without any log is no silence: coverage tells it.
with days as (
    select day, year, like_days from day_kinds where day in (select day from minutes)
),
subjects as (
    select * from (values
        ('path', 'ent', 60), ('path', 'connexion', 60),
        ('role', 'student', 20), ('role', 'parent', 20), ('role', 'teacher', 20), ('role', 'staff', 20)
    ) as v (family, subject, least_expected)
),
roles as (
    select distinct visit_id, role from visit_places where role <> 'unknown'
),
counts as (
    select path as subject, day, minute, requests as n from minutes
    union all
    select r.role as subject, v.day, local_minute(v.start_time) as minute, count(*) as n
    from visits v
    join roles r on r.visit_id = v.visit_id
    group by r.role, v.day, local_minute(v.start_time)
),
by_hour as (
    select subject, day, minute / 60 as hour, sum(n) as n from counts group by subject, day, minute / 60
),
hours as (
    select distinct hour from school_minutes
),
ranked as (
    select
        s.family, s.subject, d.day, d.year, d.like_days, h.hour, coalesce(b.n, 0) as n,
        row_number() over (partition by s.subject, d.year, d.like_days, h.hour order by coalesce(b.n, 0), d.day) as place,
        count(*) over (partition by s.subject, d.year, d.like_days, h.hour) as days
    from subjects s
    cross join days d
    cross join hours h
    left join by_hour b on b.subject = s.subject and b.day = d.day and b.hour = h.hour
),
usual as (
    select
        family, subject, day, hour,
        max(case when place = (days + 1) / 2 then n end) over (partition by subject, year, like_days, hour) as usual
    from ranked
),
-- What is usual from midnight to the start of each hour.
told as (
    select
        family, subject, day, hour, usual,
        sum(usual) over (partition by subject, day order by hour rows between unbounded preceding and current row) - usual as usual_before
    from usual
),
ends as (
    select subject, day, minute from counts
    union all
    select s.subject, d.day, 1440 as minute
    from subjects s
    cross join days d
),
stretches as (
    select
        s.family, s.least_expected, e.subject, e.day,
        lag(e.minute, 1, -1) over (partition by e.subject, e.day order by e.minute) + 1 as first_minute,
        e.minute - 1 as last_minute
    from ends e
    join subjects s on s.subject = e.subject
),
expected as (
    select
        l.family, l.least_expected, l.subject, l.day, l.first_minute, l.last_minute, a.subject as other,
        z.usual_before + z.usual * (l.last_minute + 1 - 60 * z.hour) / 60.0
            - a.usual_before - a.usual * (l.first_minute - 60 * a.hour) / 60.0 as usual
    from stretches l
    join told a on a.family = l.family and a.day = l.day and a.hour = l.first_minute / 60
    join told z on z.subject = a.subject and z.day = l.day and z.hour = l.last_minute / 60
    where l.last_minute - l.first_minute >= 4
),
likely as (
    select
        family, least_expected, subject, day, first_minute, last_minute,
        sum(case when other = subject then usual else 0.0 end) as usual,
        sum(case when other <> subject then usual else 0.0 end) as usual_others
    from expected
    group by family, least_expected, subject, day, first_minute, last_minute
    having sum(case when other = subject then usual else 0.0 end) >= least_expected
),
compared as (
    select
        l.family, l.least_expected, l.subject, l.day, l.first_minute, l.last_minute, l.usual, l.usual_others,
        sum(c.n) as others
    from likely l
    join counts c on c.day = l.day and c.subject <> l.subject and c.minute between l.first_minute and l.last_minute
    join subjects s on s.subject = c.subject and s.family = l.family
    group by l.family, l.least_expected, l.subject, l.day, l.first_minute, l.last_minute, l.usual, l.usual_others
),
judged as (
    select *, usual * least(1.0, others / nullif(usual_others, 0.0)) as expected from compared
)
select family, subject, day, first_minute, last_minute, cast(round(expected) as bigint) as expected
from judged
where others >= least_expected and expected >= least_expected
