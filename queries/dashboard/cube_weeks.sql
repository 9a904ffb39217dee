-- One row per area of a scope, slice (level or type), sector, role (`all` for every one) and ISO week (its Monday): visits and distinct visitors.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column week date dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- total week elsewhere
-- cell visitors visitors period by week
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
    select places, role, account, cast(date_trunc('week', day) as date) as week, count(*) as visits
    from visit_sets
    where day between $period_start and $period_end
    group by places, role, account, cast(date_trunc('week', day) as date)
)
select
    c.area_kind, c.area, c.slice, c.sector, coalesce(u.role, 'all') as role, u.week,
    count(distinct u.account) as visitors, sum(u.visits) as visits
from used u
join set_cells c on c.places = u.places
group by grouping sets (
    (c.area_kind, c.area, c.slice, c.sector, u.week), (c.area_kind, c.area, c.slice, c.sector, u.role, u.week)
)
order by c.area_kind, c.area, c.slice, c.sector, u.week, role
