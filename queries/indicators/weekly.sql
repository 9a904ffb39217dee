-- One row per ISO week (its Monday), level and role (`all` for every one) in a node: visits and distinct visitors.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column week date dimension
-- column level text dimension
-- column role text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- total week elsewhere
-- cell visitors visitors period by week
with week_sets as (
    select
        cast(date_trunc('week', day) as date) as week, role, places,
        people_union(people) as people, sum(visits) as visits
    from day_sets
    where day between $period_start and $period_end
    group by cast(date_trunc('week', day) as date), role, places
)
select
    s.week, n.level, coalesce(s.role, 'all') as role,
    people_count(s.people) as visitors, cast(sum(s.visits) as bigint) as visits
from week_sets s
join place_nodes n on n.places = s.places and n.node_kind = $node_kind and n.node = $node
group by grouping sets ((s.week, n.level), (s.week, n.level, s.role))
order by s.week, n.level, role
