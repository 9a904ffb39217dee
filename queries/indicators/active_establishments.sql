-- One row per ISO week (its Monday), level and role (`all` for every one) in a node: establishments that have accounts of the role, those where at least one in ten of these accounts came in the week, those where nobody came; a week told in part is not whole.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column week date dimension
-- column level text dimension
-- column role text dimension
-- column is_whole integer open
-- column establishments integer open
-- column active integer open
-- column silent integer open
-- column active_share real open
with here as (
    select e.uai, e.level
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
weeks as (
    select cast(date_trunc('week', day) as date) as week, count(*) as days
    from calendar
    where day between $period_start and $period_end and day <= $reference_date
    group by cast(date_trunc('week', day) as date)
),
accounts_of as (
    select h.uai, h.level, coalesce(a.role, 'all') as role, count(distinct a.account) as loaded_accounts
    from account_places a
    join here h on h.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
    group by grouping sets ((h.uai, h.level), (h.uai, h.level, a.role))
),
came as (
    select v.uai, v.role, v.account, cast(date_trunc('week', v.day) as date) as week
    from visit_places v
    join here h on h.uai = v.uai
    where v.day between $period_start and $period_end and v.day <= $reference_date
),
usage as (
    select uai, week, coalesce(role, 'all') as role, count(distinct account) as visitors
    from came
    group by grouping sets ((uai, week), (uai, week, role))
),
judged as (
    select
        w.week, a.level, a.role,
        case when 10 * coalesce(u.visitors, 0) >= a.loaded_accounts then 1 else 0 end as is_active,
        case when u.visitors is null then 1 else 0 end as is_silent
    from weeks w
    cross join accounts_of a
    left join usage u on u.uai = a.uai and u.week = w.week and u.role = a.role
),
judged_once as (
    select * from judged
    union all
    select week, 'all' as level, role, is_active, is_silent from judged
),
counted as (
    select week, level, role, count(*) as establishments, sum(is_active) as active, sum(is_silent) as silent
    from judged_once
    group by week, level, role
)
select
    c.week, c.level, c.role, case when w.days = 7 then 1 else 0 end as is_whole,
    c.establishments, c.active, c.silent,
    cast(c.active as double) / c.establishments as active_share
from counted c
join weeks w on w.week = c.week
order by c.week, c.level, c.role
