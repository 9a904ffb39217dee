-- One row per area of a scope, slice (level or type), sector, role (`all` for every one) and device; shares are of the visits whose device is known.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column device text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column known_visits integer volume of visitors
-- column share real rate visits over known_visits
-- total device elsewhere
-- cell visitors visitors period by device
with cells as (
    select area_kind, area, slice, sector, uai
    from dashboard_cells
    where node_kind = $node_kind and node = $node
),
set_cells as (
    select distinct s.places, c.area_kind, c.area, c.slice, c.sector
    from place_sets s
    join cells c on c.uai = s.uai
),
used as (
    select v.places, v.role, v.account, t.device, count(*) as visits
    from visit_sets v
    join visits t on t.visit_id = v.visit_id
    where v.day between $period_start and $period_end
    group by v.places, v.role, v.account, t.device
),
counted as (
    select
        c.area_kind, c.area, c.slice, c.sector, coalesce(u.role, 'all') as role, u.device,
        count(distinct u.account) as visitors, sum(u.visits) as visits
    from used u
    join set_cells c on c.places = u.places
    group by grouping sets (
        (c.area_kind, c.area, c.slice, c.sector, u.device),
        (c.area_kind, c.area, c.slice, c.sector, u.role, u.device)
    )
),
known as (
    select
        area_kind, area, slice, sector, role,
        sum(case when device <> 'unknown' then visits else 0 end) as known_visits
    from counted
    group by area_kind, area, slice, sector, role
)
select
    c.area_kind, c.area, c.slice, c.sector, c.role, c.device, c.visitors, c.visits, k.known_visits,
    case when c.device <> 'unknown' then cast(c.visits as double) / nullif(k.known_visits, 0) end as share
from counted c
join known k
    on k.area_kind = c.area_kind and k.area = c.area and k.slice = c.slice
    and k.sector = c.sector and k.role = c.role
order by c.area_kind, c.area, c.slice, c.sector, c.device, c.role
