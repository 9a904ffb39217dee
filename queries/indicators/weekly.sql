-- One row per ISO week (its Monday), level and role (`all` for every one) in a node: visits and distinct visitors.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column week date dimension
-- column level text dimension
-- column role text dimension
-- column visitors integer people
-- column visits integer volume of visitors
with attributed as (
    select distinct v.visit_id, v.account, v.role, v.day, e.level
    from visit_places v
    join nodes n on n.uai = v.uai and n.node_kind = $node_kind and n.node = $node
    join establishments e on e.uai = v.uai
    where v.day between $period_start and $period_end
),
visits_once as (
    select level, role, visit_id, account, day from attributed
    union all
    select distinct 'all' as level, role, visit_id, account, day from attributed
),
weeks as (
    select *, cast(date_trunc('week', day) as date) as week from visits_once
)
select
    week, level, coalesce(role, 'all') as role,
    count(distinct account) as visitors, count(*) as visits
from weeks
group by grouping sets ((week, level), (week, level, role))
order by week, level, role
