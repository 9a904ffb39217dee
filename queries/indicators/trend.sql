-- One row per year (0 is this period, 1 the same days a year before, up to four) of which the lake has data, level and role (`all` for every one) in a node: visitors and visits, and an index of visits by school day that is 100 in the first year whose days are all in the data.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column years_ago integer dimension
-- column level text dimension
-- column role text dimension
-- column first_day date dimension
-- column last_day date dimension
-- column is_whole integer open
-- column is_known_bad integer open
-- column school_days integer open
-- column visitors integer people
-- column visits integer volume of visitors
-- column visits_per_school_day real volume of visitors
-- column visits_index real volume of visitors
-- column establishments integer open
-- within visitors visitors row
--
-- Visitors of two years are never one person: pseudonyms change.
with here as (
    select e.uai, e.level, e.deployed_from, e.deployed_to
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
spans as (
    select 0 as years_ago, cast($period_start as date) as first_day, cast($period_end as date) as last_day
    union all
    select 1 as years_ago, cast($period_start - interval '12 months' as date) as first_day, cast($period_end - interval '12 months' as date) as last_day
    union all
    select 2 as years_ago, cast($period_start - interval '24 months' as date) as first_day, cast($period_end - interval '24 months' as date) as last_day
    union all
    select 3 as years_ago, cast($period_start - interval '36 months' as date) as first_day, cast($period_end - interval '36 months' as date) as last_day
    union all
    select 4 as years_ago, cast($period_start - interval '48 months' as date) as first_day, cast($period_end - interval '48 months' as date) as last_day
),
bounds as (
    select min(day) as first_data, max(day) as last_data from visits
),
wrong as (
    select
        cast(max(case when field = 'debut' then value end) as date) as from_day,
        cast(max(case when field = 'fin' then value end) as date) as to_day
    from registers
    where register = 'periodes-erronees'
    group by row
),
marked as (
    select s.years_ago, count(*) as periods
    from spans s
    join wrong w on w.from_day <= s.last_day and w.to_day >= s.first_day
    group by s.years_ago
),
measured as (
    select s.years_ago, l.level, count(distinct h.uai) as establishments
    from spans s
    join here h
        on coalesce(h.deployed_from, s.first_day) <= s.last_day and coalesce(h.deployed_to, s.last_day) >= s.first_day
    join (select distinct uai, level from here union all select distinct uai, 'all' as level from here) l on l.uai = h.uai
    group by s.years_ago, l.level
),
years as (
    select
        s.years_ago, s.first_day, s.last_day,
        case when b.first_data <= s.first_day and b.last_data >= s.last_day then 1 else 0 end as is_whole,
        sum(case when c.kind = 'school' and c.day <= b.last_data then 1 else 0 end) as school_days
    from spans s
    cross join bounds b
    join calendar c on c.day between s.first_day and s.last_day and c.day >= b.first_data
    group by s.years_ago, s.first_day, s.last_day, b.first_data, b.last_data
),
attributed as (
    select distinct y.years_ago, h.level, v.role, v.visit_id, v.account
    from visit_places v
    join here h on h.uai = v.uai
    join years y on v.day between y.first_day and y.last_day
),
visits_once as (
    select years_ago, level, role, visit_id, account from attributed
    union all
    select distinct years_ago, 'all' as level, role, visit_id, account from attributed
),
counted as (
    select years_ago, level, coalesce(role, 'all') as role, count(distinct account) as visitors, count(*) as visits
    from visits_once
    group by grouping sets ((years_ago, level), (years_ago, level, role))
),
by_day as (
    select
        c.years_ago, c.level, c.role, y.first_day, y.last_day, y.is_whole, y.school_days, c.visitors, c.visits,
        cast(c.visits as double) / nullif(y.school_days, 0) as visits_per_school_day
    from counted c
    join years y on y.years_ago = c.years_ago
),
bases as (
    select d.level, d.role, max(d.years_ago) as base_year
    from by_day d
    left join marked k on k.years_ago = d.years_ago
    where d.is_whole = 1 and k.periods is null
    group by d.level, d.role
),
based as (
    select d.level, d.role, d.visits_per_school_day as base
    from by_day d
    join bases b on b.level = d.level and b.role = d.role and b.base_year = d.years_ago
)
select
    d.years_ago, d.level, d.role, d.first_day, d.last_day, d.is_whole,
    case when k.periods > 0 then 1 else 0 end as is_known_bad, d.school_days,
    d.visitors, d.visits, d.visits_per_school_day,
    100.0 * d.visits_per_school_day / b.base as visits_index,
    coalesce(m.establishments, 0) as establishments
from by_day d
left join marked k on k.years_ago = d.years_ago
left join measured m on m.years_ago = d.years_ago and m.level = d.level
left join based b on b.level = d.level and b.role = d.role
order by d.years_ago, d.level, d.role
