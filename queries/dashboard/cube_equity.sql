-- One row per area (the whole of a scope; of the region, a département), slice (a level), way of grouping establishments and group: usage for the accounts loaded at the reference date.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column grouping text dimension
-- column group_name text dimension
-- column establishments integer open
-- column loaded_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_account real rate visits over loaded_accounts
-- total group_name elsewhere
-- cell loaded_accounts accounts reference
-- cell visitors visitors period
--
-- Groups are those of `equity`, and only those cells of which the register of cells knows:
-- each further dimension would make groups of one or two establishments.
with group_cells as (
    select c.area_kind, c.area, c.slice, g.grouping, g.group_name, c.uai
    from dashboard_cells c
    join establishment_groups g on g.uai = c.uai and g.level = c.slice
    where c.node_kind = $node_kind and c.node = $node and c.sector = 'all'
        and (c.area_kind = 'scope' or ($node_kind = 'region' and c.area_kind = 'departement'))
),
set_cells as (
    select distinct s.places, c.area_kind, c.area, c.slice, c.grouping, c.group_name
    from place_sets s
    join group_cells c on c.uai = s.uai
),
visited as (
    select places, account, count(*) as visits
    from visit_sets
    where day between $period_start and $period_end
    group by places, account
),
used as (
    select
        c.area_kind, c.area, c.slice, c.grouping, c.group_name,
        count(distinct v.account) as visitors, sum(v.visits) as visits
    from visited v
    join set_cells c on c.places = v.places
    group by c.area_kind, c.area, c.slice, c.grouping, c.group_name
),
accounts_of as (
    select
        p.area_kind, p.area, p.slice, p.grouping, p.group_name,
        count(distinct p.uai) as establishments, count(distinct a.account) as loaded_accounts
    from group_cells p
    join account_places a on a.uai = p.uai and a.valid_from <= $reference_date and a.valid_to > $reference_date
    group by p.area_kind, p.area, p.slice, p.grouping, p.group_name
)
select
    a.area_kind, a.area, a.slice, a.grouping, a.group_name, a.establishments, a.loaded_accounts,
    coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits,
    cast(coalesce(u.visitors, 0) as double) / a.loaded_accounts as active_rate,
    cast(coalesce(u.visits, 0) as double) / a.loaded_accounts as visits_per_account
from accounts_of a
left join used u
    on u.area_kind = a.area_kind and u.area = a.area and u.slice = a.slice
    and u.grouping = a.grouping and u.group_name = a.group_name
order by a.area_kind, a.area, a.slice, a.grouping, a.group_name
