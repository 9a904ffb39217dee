-- One row per service, level and role (`all` for every one) in a node: visits with at least one request to it.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column service text dimension
-- column level text dimension
-- column role text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column all_visits integer volume of visitors
-- column share real rate visits over all_visits
-- cell visitors visitors period by service
with attributed as (
    select p.visit_id, p.account, p.role, e.level
    from visit_places p
    join nodes n on n.uai = p.uai and n.node_kind = $node_kind and n.node = $node
    join establishments e on e.uai = p.uai
    where p.day between $period_start and $period_end
),
visits_once as (
    select distinct level, role, visit_id, account from attributed
    union all
    select distinct 'all' as level, role, visit_id, account from attributed
),
totals as (
    select level, coalesce(role, 'all') as role, count(*) as all_visits
    from visits_once
    group by grouping sets ((level), (level, role))
),
counted as (
    select
        s.service, o.level, coalesce(o.role, 'all') as role,
        count(distinct o.account) as visitors, count(*) as visits
    from visits_once o
    join visit_services s on s.visit_id = o.visit_id
    group by grouping sets ((s.service, o.level), (s.service, o.level, o.role))
)
select
    c.service, c.level, c.role, c.visitors, c.visits, t.all_visits,
    cast(c.visits as double) / t.all_visits as share
from counted c
join totals t on t.level = c.level and t.role = c.role
order by c.level, c.role, c.visits desc, c.service
