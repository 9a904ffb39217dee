-- One row per area of a scope, slice (level or type), sector, role (`all` for every one) and service: visits with at least one request to it.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column service text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column all_visits integer volume of visitors
-- column share real rate visits over all_visits
-- cell visitors visitors period by service
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
    select places, role, count(*) as visits
    from visit_sets
    where day between $period_start and $period_end
    group by places, role
),
totals as (
    select
        c.area_kind, c.area, c.slice, c.sector, coalesce(u.role, 'all') as role,
        sum(u.visits) as all_visits
    from used u
    join set_cells c on c.places = u.places
    group by grouping sets (
        (c.area_kind, c.area, c.slice, c.sector), (c.area_kind, c.area, c.slice, c.sector, u.role)
    )
),
asked as (
    select v.places, v.role, v.account, s.service, count(*) as visits
    from visit_sets v
    join visit_services s on s.visit_id = v.visit_id
    where v.day between $period_start and $period_end
    group by v.places, v.role, v.account, s.service
),
counted as (
    select
        c.area_kind, c.area, c.slice, c.sector, coalesce(a.role, 'all') as role, a.service,
        count(distinct a.account) as visitors, sum(a.visits) as visits
    from asked a
    join set_cells c on c.places = a.places
    group by grouping sets (
        (c.area_kind, c.area, c.slice, c.sector, a.service),
        (c.area_kind, c.area, c.slice, c.sector, a.role, a.service)
    )
)
select
    c.area_kind, c.area, c.slice, c.sector, c.role, c.service, c.visitors, c.visits, t.all_visits,
    cast(c.visits as double) / t.all_visits as share
from counted c
join totals t
    on t.area_kind = c.area_kind and t.area = c.area and t.slice = c.slice
    and t.sector = c.sector and t.role = c.role
order by c.area_kind, c.area, c.slice, c.sector, c.service, c.role
