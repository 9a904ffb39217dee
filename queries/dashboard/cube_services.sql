-- One row per area of a scope, slice (level or type), sector, role (`all` for every one) and service: visits with at least one request to it.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column service text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column all_visits integer volume of visitors
-- column share real rate visits over all_visits
-- cell visitors visitors period by service
with came as (
    select v.visit_id, v.account, s.kinds
    from visit_sets v
    join kind_sets s
        on s.role = v.role and s.places = v.places and s.node_kind = $node_kind and s.node = $node
    where v.day between $period_start and $period_end
),
asked as (
    select c.account, c.kinds, a.service
    from came c
    join visit_services a on a.visit_id = c.visit_id
    where a.day between $period_start and $period_end
),
-- People by all the kinds that they were of, visits by the kinds of their own: few rows, before each
-- becomes one in every cell.
grouped as (
    select account, kinds, service, text_set(kinds) as all_kinds, count(*) as visits
    from asked
    group by grouping sets ((account, service), (kinds, service))
),
counted as (
    select
        coalesce(kinds, all_kinds) as kinds, service,
        count(account) as visitors, sum(case when account is null then visits else 0 end) as visits
    from grouped
    group by coalesce(kinds, all_kinds), service
),
split as (
    select kinds, service, visitors, visits, unnest(string_to_array(kinds, ' ')) as kind from counted
),
placed as (
    select s.kinds, c.cell, s.service, max(s.visitors) as visitors, max(s.visits) as visits
    from split s
    join kind_cells c on c.kind = s.kind
    group by s.kinds, c.cell, s.service
),
summed as (
    select cell, service, sum(visitors) as visitors, sum(visits) as visits from placed group by cell, service
),
every as (
    select kinds, count(*) as visits from came group by kinds
),
every_split as (
    select kinds, visits, unnest(string_to_array(kinds, ' ')) as kind from every
),
every_placed as (
    select distinct s.kinds, s.visits, c.cell
    from every_split s
    join kind_cells c on c.kind = s.kind
),
totals as (
    select cell, sum(visits) as all_visits from every_placed group by cell
),
names as (
    select distinct cell, area_kind, case area_kind when 'scope' then $node else area end as area, slice, sector, role
    from kind_cells
)
select
    n.area_kind, n.area, n.slice, n.sector, n.role, s.service, s.visitors, s.visits, t.all_visits,
    cast(s.visits as double) / t.all_visits as share
from summed s
join totals t on t.cell = s.cell
join names n on n.cell = s.cell
order by n.area_kind, n.area, n.slice, n.sector, s.service, n.role
