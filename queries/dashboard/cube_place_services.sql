-- One row per establishment of a scope and service: visits of every role with at least one request to it.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column uai text dimension
-- column service text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column all_visits integer volume of visitors
-- column share real rate visits over all_visits
-- cell visitors visitors period by service
with used as (
    select v.uai, v.account, v.visit_id
    from visit_places v
    join nodes n on n.uai = v.uai and n.node_kind = $node_kind and n.node = $node
    where v.day between $period_start and $period_end
),
totals as (
    select uai, count(distinct visit_id) as all_visits from used group by uai
),
counted as (
    select u.uai, s.service, count(distinct u.account) as visitors, count(distinct u.visit_id) as visits
    from used u
    join visit_services s on s.visit_id = u.visit_id
    where s.day between $period_start and $period_end
    group by u.uai, s.service
)
select
    c.uai, c.service, c.visitors, c.visits, t.all_visits, cast(c.visits as double) / t.all_visits as share
from counted c
join totals t on t.uai = c.uai
order by c.uai, c.service
