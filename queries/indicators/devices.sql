-- One row per role (`all` for every one) and device in a node; shares are of the visits whose device is known.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column role text dimension
-- column device text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column known_visits integer volume of visitors
-- column share real rate visits over known_visits
with attributed as (
    select distinct p.visit_id, p.account, p.role, v.device
    from visit_places p
    join visits v on v.visit_id = p.visit_id
    join nodes n on n.uai = p.uai and n.node_kind = $node_kind and n.node = $node
    where p.day between $period_start and $period_end
),
counted as (
    select coalesce(role, 'all') as role, device, count(distinct account) as visitors, count(*) as visits
    from attributed
    group by grouping sets ((device), (role, device))
),
known as (
    select role, sum(visits) as known_visits from counted where device <> 'unknown' group by role
)
select
    c.role, c.device, c.visitors, c.visits, k.known_visits,
    case when c.device <> 'unknown' then cast(c.visits as double) / k.known_visits end as share
from counted c
join known k on k.role = c.role
order by c.role, c.visits desc, c.device
