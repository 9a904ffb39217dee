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
-- Groups are those of `equity`. Who came without being loaded any more makes a row too, as in
-- `cube_usage`, so that roles add up.
with cells as (
    select area_kind, area, slice, sector, uai
    from dashboard_cells
    where node_kind = $node_kind and node = $node
),
group_cells as (
    select c.area_kind, c.area, c.slice, c.sector, g.grouping, g.group_name, c.uai
    from cells c
    join establishment_groups g on g.uai = c.uai
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
),
joined as (
    select
        coalesce(a.area_kind, u.area_kind) as area_kind, coalesce(a.area, u.area) as area,
        coalesce(a.slice, u.slice) as slice, coalesce(a.sector, u.sector) as sector,
        coalesce(a.role, u.role) as role, coalesce(a.grouping, u.grouping) as grouping,
        coalesce(a.group_name, u.group_name) as group_name,
        coalesce(a.establishments, 0) as establishments,
        coalesce(a.loaded_accounts, 0) as loaded_accounts,
        coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits
    from accounts_of a
    full outer join used u
        on u.area_kind = a.area_kind and u.area = a.area and u.slice = a.slice and u.sector = a.sector
        and u.role = a.role and u.grouping = a.grouping and u.group_name = a.group_name
)
select
    area_kind, area, slice, sector, role, grouping, group_name,
    establishments, loaded_accounts, visitors, visits,
    cast(visitors as double) / nullif(loaded_accounts, 0) as active_rate,
    cast(visits as double) / nullif(loaded_accounts, 0) as visits_per_account
from joined
order by area_kind, area, slice, sector, grouping, group_name, role
