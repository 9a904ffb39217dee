-- One row per level and role (`all` for every one) and device in a node; shares are of the visits whose device is known.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column level text dimension
-- column role text dimension
-- column device text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column known_visits integer volume of visitors
-- column share real rate visits over known_visits
-- column all_visits integer volume of visitors
-- column coverage real rate known_visits over all_visits
-- total device elsewhere
-- cell visitors visitors period by device
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
counted as (
    select
        o.level, coalesce(o.role, 'all') as role, v.device,
        count(distinct o.account) as visitors, count(*) as visits
    from visits_once o
    join visits v on v.visit_id = o.visit_id
    group by grouping sets ((o.level, v.device), (o.level, o.role, v.device))
),
totals as (
    select
        *,
        cast(sum(visits) over (partition by level, role) as bigint) as all_visits,
        cast(sum(case when device <> 'unknown' then visits else 0 end) over (partition by level, role) as bigint) as known_visits
    from counted
)
select
    level, role, device, visitors, visits, known_visits,
    case when device <> 'unknown' then cast(visits as double) / known_visits end as share,
    all_visits,
    cast(known_visits as double) / all_visits as coverage
from totals
order by level, role, visits desc, device
