-- One row per type of establishment, sector and role (`all` for every one) in a node: establishments with accounts, accounts at the reference date, usage of the period.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column type text dimension
-- column sector text dimension
-- column role text dimension
-- column establishments integer open
-- column loaded_accounts integer people
-- column activated_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column page_views integer volume of visitors
-- column activation_rate real rate activated_accounts over loaded_accounts
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_visitor real rate visits over visitors
-- total type elsewhere
-- cell loaded_accounts accounts reference
-- cell activated_accounts activated reference
-- cell visitors visitors period
with here as (
    select e.uai, e.type, coalesce(e.sector, 'unknown') as sector
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
kinds as (
    select uai, type, sector from here
    union all
    select uai, 'all' as type, sector from here
    union all
    select uai, type, 'all' as sector from here
    union all
    select uai, 'all' as type, 'all' as sector from here
),
-- Attached to several establishments of a kind, a visit counts once in it.
visits_once as (
    select distinct k.type, k.sector, v.role, v.visit_id, v.account, v.page_views
    from visit_places v
    join kinds k on k.uai = v.uai
    where v.day between $period_start and $period_end
),
usage as (
    select
        type, sector, coalesce(role, 'all') as role,
        count(distinct account) as visitors, count(*) as visits, cast(sum(page_views) as bigint) as page_views
    from visits_once
    group by grouping sets ((type, sector), (type, sector, role))
),
people as (
    select
        k.type, k.sector, a.role, a.account, a.uai,
        case when a.activated_on <= $reference_date then a.account end as activated
    from account_places a
    join kinds k on k.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
),
accounts_of as (
    select
        type, sector, coalesce(role, 'all') as role, count(distinct uai) as establishments,
        count(distinct account) as loaded_accounts, count(distinct activated) as activated_accounts
    from people
    group by grouping sets ((type, sector), (type, sector, role))
),
joined as (
    select
        coalesce(a.type, u.type) as type, coalesce(a.sector, u.sector) as sector, coalesce(a.role, u.role) as role,
        coalesce(a.establishments, 0) as establishments,
        coalesce(a.loaded_accounts, 0) as loaded_accounts,
        coalesce(a.activated_accounts, 0) as activated_accounts,
        coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits, coalesce(u.page_views, 0) as page_views
    from accounts_of a
    full outer join usage u on u.type = a.type and u.sector = a.sector and u.role = a.role
)
select
    type, sector, role, establishments, loaded_accounts, activated_accounts, visitors, visits, page_views,
    cast(activated_accounts as double) / nullif(loaded_accounts, 0) as activation_rate,
    cast(visitors as double) / nullif(loaded_accounts, 0) as active_rate,
    cast(visits as double) / nullif(visitors, 0) as visits_per_visitor
from joined
order by type, sector, role
