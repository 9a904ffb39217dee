-- One row per way of grouping establishments (`all`: none), group and level: how visits for a loaded account spread over the establishments (P10, median and P90 by nearest rank, to a tenth; Gini coefficient: 0 all alike, near 1 all in one, to a hundredth).
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column grouping text dimension
-- column group_name text dimension
-- column level text dimension
-- column establishments integer open
-- column p10 real open
-- column median real open
-- column p90 real open
-- column gini real open
--
-- Under twenty establishments a rank would tell of one of them: no row. Each is that of one
-- establishment, so it is rounded: visits and accounts do not follow from their ratio.
with grouped as (
    select 'all' as grouping, 'all' as group_name, e.level, e.uai
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
    union all
    select g.grouping, g.group_name, g.level, g.uai
    from establishment_groups g
    join nodes n on n.uai = g.uai and n.node_kind = $node_kind and n.node = $node
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
        g.grouping, g.group_name, g.level, g.uai,
        cast(coalesce(u.visits, 0) as double) / a.loaded_accounts as visits_per_account
    from grouped g
    join accounts_of a on a.uai = g.uai
    left join usage u on u.uai = g.uai
),
ranked as (
    select
        grouping, group_name, level, visits_per_account,
        row_number() over (partition by grouping, group_name, level order by visits_per_account, uai) as place,
        count(*) over (partition by grouping, group_name, level) as establishments
    from intensity
)
select
    grouping, group_name, level, establishments,
    round(max(case when place = (establishments * 10 + 99) / 100 then visits_per_account end), 1) as p10,
    round(max(case when place = (establishments * 50 + 99) / 100 then visits_per_account end), 1) as median,
    round(max(case when place = (establishments * 90 + 99) / 100 then visits_per_account end), 1) as p90,
    round(
        sum((2 * place - establishments - 1) * visits_per_account)
            / nullif(establishments * sum(visits_per_account), 0),
        2
    ) as gini
from ranked
where establishments >= 20
group by grouping, group_name, level, establishments
order by grouping, group_name, level
