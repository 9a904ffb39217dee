-- One row per way of grouping establishments, group and level: usage for the accounts loaded at the reference date.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column grouping text dimension
-- column group_name text dimension
-- column level text dimension
-- column establishments integer open
-- column loaded_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_account real rate visits over loaded_accounts
-- total group_name elsewhere
-- cell loaded_accounts accounts reference
-- cell visitors visitors period
with grouped as (
    select g.grouping, g.group_name, g.level, g.uai
    from establishment_groups g
    join nodes n on n.uai = g.uai and n.node_kind = $node_kind and n.node = $node
),
used as (
    select distinct g.grouping, g.group_name, g.level, v.visit_id, v.account
    from grouped g
    join visit_places v on v.uai = g.uai
    where v.day between $period_start and $period_end
),
usage as (
    select grouping, group_name, level, count(distinct account) as visitors, count(*) as visits
    from used
    group by grouping, group_name, level
),
accounts_of as (
    select g.grouping, g.group_name, g.level, count(distinct g.uai) as establishments, count(distinct a.account) as loaded_accounts
    from grouped g
    join account_places a on a.uai = g.uai and a.valid_from <= $reference_date and a.valid_to > $reference_date
    group by g.grouping, g.group_name, g.level
)
select
    a.grouping, a.group_name, a.level, a.establishments, a.loaded_accounts,
    coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits,
    cast(coalesce(u.visitors, 0) as double) / a.loaded_accounts as active_rate,
    cast(coalesce(u.visits, 0) as double) / a.loaded_accounts as visits_per_account
from accounts_of a
left join usage u on u.grouping = a.grouping and u.group_name = a.group_name and u.level = a.level
order by a.grouping, a.group_name, a.level
