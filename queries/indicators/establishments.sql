-- One row per establishment of a node with accounts loaded at the reference date: what it is and its usage of the period.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column uai text dimension
-- column name text dimension
-- column commune text dimension
-- column departement text dimension
-- column level text dimension
-- column type text dimension
-- column sector text dimension
-- column latitude real open
-- column longitude real open
-- column loaded_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column active_rate real rate visitors over loaded_accounts
-- cell loaded_accounts accounts reference
-- cell visitors visitors period
with here as (
    select e.* from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
usage as (
    select uai, count(distinct account) as visitors, count(distinct visit_id) as visits
    from visit_places
    where day between $period_start and $period_end
    group by uai
),
accounts_of as (
    select uai, count(distinct account) as loaded_accounts
    from account_places
    where valid_from <= $reference_date and valid_to > $reference_date
    group by uai
)
select
    h.uai, h.name, h.commune, h.departement, h.level, h.type, h.sector,
    h.latitude, h.longitude,
    a.loaded_accounts,
    coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits,
    cast(coalesce(u.visitors, 0) as double) / a.loaded_accounts as active_rate
from here h
join accounts_of a on a.uai = h.uai
left join usage u on u.uai = h.uai
order by h.departement, h.commune, h.name, h.uai
