-- One row per area of a scope, slice (level or type), sector, role (`all` for every one), way of grouping establishments and group: usage for the accounts loaded at the reference date.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column grouping text dimension
-- column group_name text dimension
-- column establishments integer open
-- column loaded_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_account real rate visits over loaded_accounts
-- total group_name elsewhere
-- within loaded_accounts accounts reference
-- within visitors visitors period
--
-- Quintiles are those of the scope, level by level.
with cells as (
    select area_kind, area, slice, sector, uai
    from dashboard_cells
    where node_kind = $node_kind and node = $node
),
here as (
    select e.uai, e.level, e.priority, e.area, e.sector, e.ips
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
quintiles as (
    select uai, 'Q' || cast(ntile(5) over (partition by level order by ips, uai) as varchar) as quintile
    from here
    where ips is not null
),
grouped as (
    select 'priority' as grouping, priority as group_name, uai from here where priority is not null
    union all
    select 'area' as grouping, area as group_name, uai from here where area is not null
    union all
    select 'sector' as grouping, sector as group_name, uai from here where sector is not null
    union all
    select 'ips' as grouping, quintile as group_name, uai from quintiles
),
group_cells as (
    select c.area_kind, c.area, c.slice, c.sector, g.grouping, g.group_name, c.uai
    from cells c
    join grouped g on g.uai = c.uai
),
set_cells as (
    select distinct s.places, c.area_kind, c.area, c.slice, c.sector, c.grouping, c.group_name
    from place_sets s
    join group_cells c on c.uai = s.uai
),
visited as (
    select places, role, account, count(*) as visits
    from visit_sets
    where day between $period_start and $period_end
    group by places, role, account
),
used as (
    select
        c.area_kind, c.area, c.slice, c.sector, c.grouping, c.group_name, coalesce(v.role, 'all') as role,
        count(distinct v.account) as visitors, sum(v.visits) as visits
    from visited v
    join set_cells c on c.places = v.places
    group by grouping sets (
        (c.area_kind, c.area, c.slice, c.sector, c.grouping, c.group_name),
        (c.area_kind, c.area, c.slice, c.sector, c.grouping, c.group_name, v.role)
    )
),
accounts_of as (
    select
        p.area_kind, p.area, p.slice, p.sector, p.grouping, p.group_name, coalesce(a.role, 'all') as role,
        count(distinct p.uai) as establishments, count(distinct a.account) as loaded_accounts
    from group_cells p
    join account_places a on a.uai = p.uai and a.valid_from <= $reference_date and a.valid_to > $reference_date
    group by grouping sets (
        (p.area_kind, p.area, p.slice, p.sector, p.grouping, p.group_name),
        (p.area_kind, p.area, p.slice, p.sector, p.grouping, p.group_name, a.role)
    )
)
select
    a.area_kind, a.area, a.slice, a.sector, a.role, a.grouping, a.group_name,
    a.establishments, a.loaded_accounts,
    coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits,
    cast(coalesce(u.visitors, 0) as double) / a.loaded_accounts as active_rate,
    cast(coalesce(u.visits, 0) as double) / a.loaded_accounts as visits_per_account
from accounts_of a
left join used u
    on u.area_kind = a.area_kind and u.area = a.area and u.slice = a.slice and u.sector = a.sector
    and u.role = a.role and u.grouping = a.grouping and u.group_name = a.group_name
order by a.area_kind, a.area, a.slice, a.sector, a.grouping, a.group_name, a.role
