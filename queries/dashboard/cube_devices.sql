-- One row per area of a scope, slice (level or type), sector, role (`all` for every one) and device; shares are of the visits whose device is known.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column device text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column known_visits integer volume of visitors
-- column share real rate visits over known_visits
-- total device elsewhere
-- cell visitors visitors period by device
with used as (
    select v.account, s.kinds, t.device
    from visit_sets v
    join kind_sets s
        on s.role = v.role and s.places = v.places and s.node_kind = $node_kind and s.node = $node
    join visits t on t.visit_id = v.visit_id
    where v.day between $period_start and $period_end and t.day between $period_start and $period_end
),
-- People by all the kinds that they were of, visits by the kinds of their own: few rows, before each
-- becomes one in every cell.
grouped as (
    select account, kinds, device, text_set(kinds) as all_kinds, count(*) as visits
    from used
    group by grouping sets ((account, device), (kinds, device))
),
counted as (
    select
        coalesce(kinds, all_kinds) as kinds, device,
        count(account) as visitors, sum(case when account is null then visits else 0 end) as visits
    from grouped
    group by coalesce(kinds, all_kinds), device
),
split as (
    select kinds, device, visitors, visits, unnest(string_to_array(kinds, ' ')) as kind from counted
),
placed as (
    select s.kinds, c.cell, s.device, max(s.visitors) as visitors, max(s.visits) as visits
    from split s
    join kind_cells c on c.kind = s.kind
    group by s.kinds, c.cell, s.device
),
summed as (
    select cell, device, sum(visitors) as visitors, sum(visits) as visits from placed group by cell, device
),
known as (
    select
        *, sum(case when device <> 'unknown' then visits else 0 end) over (partition by cell) as known_visits
    from summed
),
names as (
    select distinct cell, area_kind, case area_kind when 'scope' then $node else area end as area, slice, sector, role
    from kind_cells
)
select
    n.area_kind, n.area, n.slice, n.sector, n.role, k.device, k.visitors, k.visits, k.known_visits,
    case when k.device <> 'unknown' then cast(k.visits as double) / nullif(k.known_visits, 0) end as share
from known k
join names n on n.cell = k.cell
order by n.area_kind, n.area, n.slice, n.sector, k.device, n.role
