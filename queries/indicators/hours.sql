-- One row per weekday (Monday is 1) and local hour in a node: visits that start then.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column weekday integer dimension
-- column hour integer dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- total hour elsewhere beside weekday
-- cell visitors visitors period by weekday hour
with attributed as (
    select distinct p.visit_id, p.account, v.weekday, v.hour
    from visit_places p
    join visits v on v.visit_id = p.visit_id
    join nodes n on n.uai = p.uai and n.node_kind = $node_kind and n.node = $node
    where p.day between $period_start and $period_end
)
select weekday, hour, count(distinct account) as visitors, count(*) as visits
from attributed
group by weekday, hour
order by weekday, hour
