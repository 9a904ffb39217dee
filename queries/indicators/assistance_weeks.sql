-- One row per ISO week (its Monday): requests opened beside the visits of the same people, the number of the week since 1 September, and the minutes of incident that the register declares.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column week date dimension
-- column week_of_year integer dimension
-- column opened integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column per_10000 real rate opened over visits
-- column incident_minutes integer open
-- total week elsewhere beside week_of_year
-- cell visitors visitors period by week
--
-- Week 1 is that of 1 September. An incident is of the day on which it began, as a visit is.
with asked as (
    select cast(date_trunc('week', r.opened_day) as date) as week, count(*) as opened
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where r.opened_day between $period_start and $period_end
    group by cast(date_trunc('week', r.opened_day) as date)
),
used as (
    select
        cast(date_trunc('week', v.day) as date) as week,
        count(distinct v.account) as visitors, count(distinct v.visit_id) as visits
    from visit_places v
    join nodes n on n.uai = v.uai and n.node_kind = $node_kind and n.node = $node
    where v.day between $period_start and $period_end
    group by cast(date_trunc('week', v.day) as date)
),
weeks as (
    select distinct cast(date_trunc('week', day) as date) as week
    from calendar_days
    where day between $period_start and $period_end
),
incidents as (
    select
        row,
        max(case when field = 'nature' then value end) as nature,
        cast(max(case when field = 'debut' then value end) || ':00' as timestamp) as began,
        cast(max(case when field = 'fin' then value end) || ':00' as timestamp) as ended
    from registers
    where register = 'incidents'
    group by row
),
-- Minutes as they pass. The clock changes at 1:00 UTC, before 3:00 by either time: until then
-- the local time of midnight UTC of the day tells how far it is from UTC, then that of the next day.
lasting as (
    select
        cast(date_trunc('week', began) as date) as week,
        (date_part('epoch', ended) - date_part('epoch', began)) / 60
            + local_minute(arrow_cast(date_trunc('day', began + interval '21 hours'), 'Timestamp(Millisecond, Some("UTC"))'))
            - local_minute(arrow_cast(date_trunc('day', ended + interval '21 hours'), 'Timestamp(Millisecond, Some("UTC"))')) as minutes
    from incidents
    where nature = 'incident' and cast(began as date) between $period_start and $period_end
),
down as (
    select week, cast(sum(minutes) as bigint) as minutes from lasting group by week
)
select
    w.week,
    (arrow_cast(w.week, 'Int32') - arrow_cast(cast(date_trunc('week', cast(concat(cast(date_part('year', w.week + interval '6 days' - interval '8 months') as bigint), '-09-01') as date)) as date), 'Int32')) / 7 + 1 as week_of_year,
    coalesce(a.opened, 0) as opened,
    coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits,
    10000.0 * coalesce(a.opened, 0) / nullif(u.visits, 0) as per_10000,
    coalesce(d.minutes, 0) as incident_minutes
from weeks w
left join asked a on a.week = w.week
left join used u on u.week = w.week
left join down d on d.week = w.week
order by w.week
