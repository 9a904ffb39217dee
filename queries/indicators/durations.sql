-- One row per level and role (`all` for every one) in a node: visits of one request, and how long the others last from their first to their last request, in seconds (median and P90 by nearest rank).
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column level text dimension
-- column role text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column single_request_visits integer volume of visitors
-- column timed_visits integer volume of visitors
-- column duration_s integer volume of visitors
-- column mean_s real rate duration_s over timed_visits
-- column median_s real rate timed_visits over visits
-- column p90_s real rate timed_visits over visits
-- cell visitors visitors period
with here as (
    select e.uai, e.level
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
attributed as (
    select p.visit_id, p.account, p.role, h.level
    from visit_places p
    join here h on h.uai = p.uai
    where p.day between $period_start and $period_end
),
-- A visit has one role, and counts once in each level and once in all of them.
cells as (
    select distinct level, role, visit_id, account from attributed
    union all
    select distinct 'all' as level, role, visit_id, account from attributed
    union all
    select distinct level, 'all' as role, visit_id, account from attributed
    union all
    select distinct 'all' as level, 'all' as role, visit_id, account from attributed
),
lasting as (
    select c.level, c.role, c.account, case when v.requests > 1 then v.duration_s end as duration_s
    from cells c
    join visits v on v.visit_id = c.visit_id
),
counted as (
    select
        level, role, count(distinct account) as visitors, count(*) as visits,
        count(duration_s) as timed_visits, coalesce(sum(duration_s), 0) as duration_s
    from lasting
    group by level, role
),
ranked as (
    select
        level, role, duration_s,
        row_number() over (partition by level, role order by duration_s) as place,
        count(*) over (partition by level, role) as timed_visits
    from lasting
    where duration_s is not null
),
ranks as (
    select
        level, role,
        cast(max(case when place = (timed_visits * 50 + 99) / 100 then duration_s end) as double) as median_s,
        cast(max(case when place = (timed_visits * 90 + 99) / 100 then duration_s end) as double) as p90_s
    from ranked
    group by level, role
)
select
    c.level, c.role, c.visitors, c.visits,
    c.visits - c.timed_visits as single_request_visits, c.timed_visits,
    cast(c.duration_s as bigint) as duration_s,
    cast(c.duration_s as double) / nullif(c.timed_visits, 0) as mean_s,
    r.median_s, r.p90_s
from counted c
left join ranks r on r.level = c.level and r.role = c.role
order by c.level, c.role
