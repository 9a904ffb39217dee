-- One row per area of a scope, slice (level or type), sector, role (`all` for every one), weekday (Monday is 1) and local hour: visits that start then.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column weekday integer dimension
-- column hour integer dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- total hour elsewhere beside weekday
-- cell visitors visitors period by weekday hour
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
    select v.places, v.role, v.account, t.weekday, t.hour, count(*) as visits
    from visit_sets v
    join visits t on t.visit_id = v.visit_id
    where v.day between $period_start and $period_end
    group by v.places, v.role, v.account, t.weekday, t.hour
)
select
    c.area_kind, c.area, c.slice, c.sector, coalesce(u.role, 'all') as role, u.weekday, u.hour,
    count(distinct u.account) as visitors, sum(u.visits) as visits
from used u
join set_cells c on c.places = u.places
group by grouping sets (
    (c.area_kind, c.area, c.slice, c.sector, u.weekday, u.hour),
    (c.area_kind, c.area, c.slice, c.sector, u.role, u.weekday, u.hour)
)
order by c.area_kind, c.area, c.slice, c.sector, u.weekday, u.hour, role
