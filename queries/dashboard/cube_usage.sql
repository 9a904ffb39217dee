-- One row per area of a scope, slice (level or type), sector and role (`all` for every one): accounts at the reference date, usage of the period and of the same period a year before.
-- param period_start date
-- param period_end date
-- param previous_start date
-- param previous_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column establishments integer open
-- column loaded_accounts integer people
-- column activated_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column activation_rate real rate activated_accounts over loaded_accounts
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_visitor real rate visits over visitors
-- column visitors_before integer people
-- column visits_before integer volume of visitors_before
-- column visits_change real rate visits over visits_before
-- cell loaded_accounts accounts reference
-- cell activated_accounts activated reference
-- cell visitors visitors period
-- cell visitors_before visitors previous
--
-- A visit of someone attached to several establishments counts once in each cell. Before the
-- first data there is nothing to compare with: no value, not zero.
with cells as (
    select area_kind, area, slice, sector, uai
    from dashboard_cells
    where node_kind = $node_kind and node = $node
),
known as (
    select count(*) as earlier_days
    from (select distinct day from visits where day between $previous_start and $previous_end) as days
),
set_cells as (
    select distinct s.places, c.area_kind, c.area, c.slice, c.sector
    from place_sets s
    join cells c on c.uai = s.uai
),
used as (
    select
        places, role, account,
        sum(case when day >= $period_start then 1 else 0 end) as visits,
        sum(case when day <= $previous_end then 1 else 0 end) as visits_before
    from visit_sets
    where day between $period_start and $period_end
        or day between $previous_start and $previous_end
    group by places, role, account
),
usage as (
    select
        c.area_kind, c.area, c.slice, c.sector, coalesce(u.role, 'all') as role,
        count(distinct case when u.visits > 0 then u.account end) as visitors,
        sum(u.visits) as visits,
        count(distinct case when u.visits_before > 0 then u.account end) as visitors_before,
        sum(u.visits_before) as visits_before
    from used u
    join set_cells c on c.places = u.places
    group by grouping sets (
        (c.area_kind, c.area, c.slice, c.sector), (c.area_kind, c.area, c.slice, c.sector, u.role)
    )
),
people as (
    select
        c.area_kind, c.area, c.slice, c.sector, a.role, a.account, a.uai,
        case when a.activated_on <= $reference_date then a.account end as activated
    from account_places a
    join cells c on c.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
),
accounts_of as (
    select
        area_kind, area, slice, sector, coalesce(role, 'all') as role,
        count(distinct uai) as establishments,
        count(distinct account) as loaded_accounts, count(distinct activated) as activated_accounts
    from people
    group by grouping sets ((area_kind, area, slice, sector), (area_kind, area, slice, sector, role))
),
joined as (
    select
        coalesce(a.area_kind, u.area_kind) as area_kind, coalesce(a.area, u.area) as area,
        coalesce(a.slice, u.slice) as slice, coalesce(a.sector, u.sector) as sector,
        coalesce(a.role, u.role) as role,
        coalesce(a.establishments, 0) as establishments,
        coalesce(a.loaded_accounts, 0) as loaded_accounts,
        coalesce(a.activated_accounts, 0) as activated_accounts,
        coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits,
        coalesce(u.visitors_before, 0) as visitors_before, coalesce(u.visits_before, 0) as visits_before
    from accounts_of a
    full outer join usage u
        on u.area_kind = a.area_kind and u.area = a.area and u.slice = a.slice
        and u.sector = a.sector and u.role = a.role
)
select
    j.area_kind, j.area, j.slice, j.sector, j.role,
    j.establishments, j.loaded_accounts, j.activated_accounts, j.visitors, j.visits,
    cast(j.activated_accounts as double) / nullif(j.loaded_accounts, 0) as activation_rate,
    cast(j.visitors as double) / nullif(j.loaded_accounts, 0) as active_rate,
    cast(j.visits as double) / nullif(j.visitors, 0) as visits_per_visitor,
    case when k.earlier_days > 0 then j.visitors_before end as visitors_before,
    case when k.earlier_days > 0 then j.visits_before end as visits_before,
    cast(j.visits as double) / nullif(j.visits_before, 0) - 1.0 as visits_change
from joined j
cross join known k
order by j.area_kind, j.area, j.slice, j.sector, j.role
