-- One row per territory node or perimeter, level and role (`all` for every one): who came in the period, how many visits and pages; without the accounts that `usage` sets beside them.
-- param period_start date
-- param period_end date
-- column node_kind text dimension
-- column node text dimension
-- column level text dimension
-- column role text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column page_views integer volume of visitors
-- cell visitors visitors period
with period_sets as (
    select
        role, places, people_union(people) as people,
        sum(visits) as visits, sum(page_views) as page_views
    from day_sets
    where day between $period_start and $period_end
    group by role, places
)
select
    n.node_kind, n.node, n.level, coalesce(s.role, 'all') as role,
    people_count(s.people) as visitors,
    cast(sum(s.visits) as bigint) as visits, cast(sum(s.page_views) as bigint) as page_views
from period_sets s
join place_nodes n on n.places = s.places
group by grouping sets ((n.node_kind, n.node, n.level), (n.node_kind, n.node, n.level, s.role))
order by n.node_kind, n.node, n.level, role
