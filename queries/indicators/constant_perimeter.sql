-- One row per level (`all` for every one) in a node: usage of a period and of one before, over the establishments deployed during both.
-- param period_start date
-- param period_end date
-- param previous_start date
-- param previous_end date
-- param node_kind text
-- param node text
-- column level text dimension
-- column establishments integer open
-- column visitors integer people
-- column visits integer volume of visitors
-- column visitors_before integer people
-- column visits_before integer volume of visitors_before
with perimeter as (
    select e.uai, e.level
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
    where coalesce(e.deployed_from, $previous_start) <= $previous_start
        and coalesce(e.deployed_to, $period_end) >= $period_end
),
perimeter_once as (
    select uai, level from perimeter
    union all
    select uai, 'all' as level from perimeter
),
sizes as (
    select level, count(*) as establishments from perimeter_once group by level
),
attributed as (
    select distinct
        p.level, v.visit_id, v.account,
        case when v.day >= $period_start then 1 else 0 end as is_now
    from visit_places v
    join perimeter_once p on p.uai = v.uai
    where v.day between $period_start and $period_end
        or v.day between $previous_start and $previous_end
),
counted as (
    select
        level,
        count(distinct case when is_now = 1 then account end) as visitors,
        sum(is_now) as visits,
        count(distinct case when is_now = 0 then account end) as visitors_before,
        sum(1 - is_now) as visits_before
    from attributed
    group by level
)
select
    s.level, s.establishments,
    coalesce(c.visitors, 0) as visitors, coalesce(c.visits, 0) as visits,
    coalesce(c.visitors_before, 0) as visitors_before, coalesce(c.visits_before, 0) as visits_before
from sizes s
left join counted c on c.level = s.level
order by s.level
