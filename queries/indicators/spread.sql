-- One row per level: how visits for a loaded account spread over its establishments (nearest rank).
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column level text dimension
-- column establishments integer open
-- column p10 real open
-- column median real open
-- column p90 real open
--
-- Under ten establishments a rank would be one of them: no row.
with here as (
    select e.uai, e.level
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
accounts_of as (
    select uai, count(distinct account) as loaded_accounts
    from account_places
    where valid_from <= $reference_date and valid_to > $reference_date
    group by uai
),
usage as (
    select uai, count(distinct visit_id) as visits
    from visit_places
    where day between $period_start and $period_end
    group by uai
),
intensity as (
    select
        h.level, h.uai,
        cast(coalesce(u.visits, 0) as double) / a.loaded_accounts as visits_per_account
    from here h
    join accounts_of a on a.uai = h.uai
    left join usage u on u.uai = h.uai
),
ranked as (
    select
        level, visits_per_account,
        row_number() over (partition by level order by visits_per_account, uai) as place,
        count(*) over (partition by level) as establishments
    from intensity
)
select
    level, establishments,
    max(case when place = (establishments * 10 + 99) / 100 then visits_per_account end) as p10,
    max(case when place = (establishments * 50 + 99) / 100 then visits_per_account end) as median,
    max(case when place = (establishments * 90 + 99) / 100 then visits_per_account end) as p90
from ranked
where establishments >= 10
group by level, establishments
order by level
