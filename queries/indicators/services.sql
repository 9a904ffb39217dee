-- One row per service and role (`all` for every one) in a node: visits with at least one request to it.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column service text dimension
-- column role text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column all_visits integer volume of visitors
-- column share real rate visits over all_visits
with attributed as (
    select distinct p.visit_id, p.account, p.role
    from visit_places p
    join nodes n on n.uai = p.uai and n.node_kind = $node_kind and n.node = $node
    where p.day between $period_start and $period_end
),
totals as (
    select coalesce(role, 'all') as role, count(*) as all_visits
    from attributed
    group by grouping sets ((), (role))
),
used as (
    select s.service, a.role, a.visit_id, a.account
    from attributed a
    join visit_services s on s.visit_id = a.visit_id
),
counted as (
    select service, coalesce(role, 'all') as role, count(distinct account) as visitors, count(*) as visits
    from used
    group by grouping sets ((service), (service, role))
)
select
    c.service, c.role, c.visitors, c.visits, t.all_visits,
    cast(c.visits as double) / t.all_visits as share
from counted c
join totals t on t.role = c.role
order by c.role, c.visits desc, c.service
