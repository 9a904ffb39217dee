-- One row per role (`all` for every one) in a node: visits as the national measure counts them, in the whole country and in the establishments of the node, and as they are counted here, of the same weeks.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column role text dimension
-- column weeks integer open
-- column national_visits integer open
-- column national_share real open
-- column marked_establishments integer open
-- column marked_visits integer open
-- column marked_share real open
-- column visitors integer people
-- column visits integer volume of visitors
-- column all_visits integer volume of visitors
-- column visit_share real rate visits over all_visits
-- column ratio real volume of visitors
-- within visitors visitors period
--
-- The weeks are those of the period that the national measure has; at its ends it tells whole
-- weeks, and here only days of the period count. A marker in the pages counts a visit in the
-- first establishment of the account; its national counts are open data. The same week in two
-- files counts once: the later one is not smaller.
with told as (
    select week, uai, role, max(visits) as visits
    from national_usage
    where device is null and service is null and visits is not null
        and week between cast(date_trunc('week', $period_start) as date) and $period_end
    group by week, uai, role
),
weeks as (
    select distinct week from told
),
national as (
    select role, count(distinct week) as weeks, cast(sum(visits) as bigint) as national_visits
    from told
    group by role
),
marked as (
    select
        t.role, count(distinct t.uai) as marked_establishments,
        cast(sum(t.visits) as bigint) as marked_visits
    from told t
    join nodes n on n.uai = t.uai and n.node_kind = $node_kind and n.node = $node
    group by t.role
),
period_sets as (
    select s.role, s.places, people_union(s.people) as people, sum(s.visits) as visits
    from day_sets s
    join weeks w on w.week = cast(date_trunc('week', s.day) as date)
    where s.day between $period_start and $period_end
    group by s.role, s.places
),
ours as (
    select
        coalesce(s.role, 'all') as role,
        people_count(s.people) as visitors, cast(sum(s.visits) as bigint) as visits
    from period_sets s
    join place_nodes n
        on n.places = s.places and n.node_kind = $node_kind and n.node = $node and n.level = 'all'
    group by grouping sets ((n.level), (n.level, s.role))
),
whole as (
    select
        max(case when n.role = 'all' then n.national_visits end) as national_visits,
        max(case when n.role = 'all' then m.marked_visits end) as marked_visits,
        max(case when n.role = 'all' then o.visits end) as visits
    from national n
    left join marked m on m.role = n.role
    left join ours o on o.role = n.role
)
select
    n.role, n.weeks, n.national_visits,
    cast(n.national_visits as double) / nullif(a.national_visits, 0) as national_share,
    coalesce(m.marked_establishments, 0) as marked_establishments,
    coalesce(m.marked_visits, 0) as marked_visits,
    cast(m.marked_visits as double) / nullif(a.marked_visits, 0) as marked_share,
    coalesce(o.visitors, 0) as visitors, coalesce(o.visits, 0) as visits,
    coalesce(a.visits, 0) as all_visits,
    cast(o.visits as double) / nullif(a.visits, 0) as visit_share,
    cast(o.visits as double) / nullif(m.marked_visits, 0) as ratio
from national n
cross join whole a
left join marked m on m.role = n.role
left join ours o on o.role = n.role
order by n.role
