-- One row per area of a scope, slice (level or type), sector, role (`all` for every one) and ISO week (its Monday): visits and distinct visitors.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column week date dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- total week elsewhere
-- cell visitors visitors period by week
with timed as (
    select v.account, s.kinds, cast(date_trunc('week', v.day) as date) as week
    from visit_sets v
    join kind_sets s
        on s.role = v.role and s.places = v.places and s.node_kind = $node_kind and s.node = $node
    where v.day between $period_start and $period_end
),
-- People by all the kinds that they were of, visits by the kinds of their own: few rows, before each
-- becomes one in every cell.
grouped as (
    select account, kinds, week, text_set(kinds) as all_kinds, count(*) as visits
    from timed
    group by grouping sets ((account, week), (kinds, week))
),
counted as (
    select
        coalesce(kinds, all_kinds) as kinds, week,
        count(account) as visitors, sum(case when account is null then visits else 0 end) as visits
    from grouped
    group by coalesce(kinds, all_kinds), week
),
split as (
    select kinds, week, visitors, visits, unnest(string_to_array(kinds, ' ')) as kind from counted
),
placed as (
    select s.kinds, c.cell, s.week, max(s.visitors) as visitors, max(s.visits) as visits
    from split s
    join kind_cells c on c.kind = s.kind
    group by s.kinds, c.cell, s.week
),
summed as (
    select cell, week, sum(visitors) as visitors, sum(visits) as visits from placed group by cell, week
),
names as (
    select distinct cell, area_kind, case area_kind when 'scope' then $node else area end as area, slice, sector, role
    from kind_cells
)
select n.area_kind, n.area, n.slice, n.sector, n.role, s.week, s.visitors, s.visits
from summed s
join names n on n.cell = s.cell
order by n.area_kind, n.area, n.slice, n.sector, s.week, n.role
