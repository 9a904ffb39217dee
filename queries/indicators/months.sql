-- One row per month, level and role (`all` for every one) in a node: accounts loaded on the last day of the month that is told, visitors and visits; a month told in part is not whole.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column month date dimension
-- column level text dimension
-- column role text dimension
-- column is_whole integer open
-- column school_days integer open
-- column loaded_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_school_day real volume of visitors
-- total month elsewhere
-- within visitors visitors period
with here as (
    select e.uai, e.level
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
months as (
    select
        cast(date_trunc('month', day) as date) as month, max(day) as last_day,
        count(*) as days, sum(case when kind = 'school' then 1 else 0 end) as school_days
    from calendar
    where day between $period_start and $period_end and day <= $reference_date
    group by cast(date_trunc('month', day) as date)
),
people as (
    select m.month, h.level, a.role, a.account
    from account_places a
    join here h on h.uai = a.uai
    join months m on m.last_day >= a.valid_from and m.last_day < a.valid_to
),
people_once as (
    select month, level, role, account from people
    union all
    select month, 'all' as level, role, account from people
),
accounts_of as (
    select month, level, coalesce(role, 'all') as role, count(distinct account) as loaded_accounts
    from people_once
    group by grouping sets ((month, level), (month, level, role))
),
month_sets as (
    select
        cast(date_trunc('month', day) as date) as month, role, places,
        people_union(people) as people, sum(visits) as visits
    from day_sets
    where day between $period_start and $period_end and day <= $reference_date
    group by cast(date_trunc('month', day) as date), role, places
),
usage as (
    select
        s.month, n.level, coalesce(s.role, 'all') as role,
        people_count(s.people) as visitors, cast(sum(s.visits) as bigint) as visits
    from month_sets s
    join place_nodes n on n.places = s.places and n.node_kind = $node_kind and n.node = $node
    group by grouping sets ((s.month, n.level), (s.month, n.level, s.role))
),
joined as (
    select
        coalesce(a.month, u.month) as month, coalesce(a.level, u.level) as level, coalesce(a.role, u.role) as role,
        coalesce(a.loaded_accounts, 0) as loaded_accounts,
        coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits
    from accounts_of a
    full outer join usage u on u.month = a.month and u.level = a.level and u.role = a.role
)
select
    j.month, j.level, j.role,
    case when m.days = extract(day from m.month + interval '1 month' - interval '1 day') then 1 else 0 end as is_whole,
    m.school_days, j.loaded_accounts, j.visitors, j.visits,
    cast(j.visitors as double) / nullif(j.loaded_accounts, 0) as active_rate,
    cast(j.visits as double) / nullif(m.school_days, 0) as visits_per_school_day
from joined j
join months m on m.month = j.month
order by j.month, j.level, j.role
