-- One row per establishment of a scope and device: visits of every role; shares are of the visits whose device is known.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column uai text dimension
-- column device text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column known_visits integer volume of visitors
-- column share real rate visits over known_visits
-- total device elsewhere
-- cell visitors visitors period by device
with used as (
    select v.uai, v.account, v.visit_id, t.device
    from visit_places v
    join nodes n on n.uai = v.uai and n.node_kind = $node_kind and n.node = $node
    join visits t on t.visit_id = v.visit_id
    where v.day between $period_start and $period_end
),
known as (
    select uai, count(distinct case when device <> 'unknown' then visit_id end) as known_visits
    from used
    group by uai
),
counted as (
    select uai, device, count(distinct account) as visitors, count(distinct visit_id) as visits
    from used
    group by uai, device
)
select
    c.uai, c.device, c.visitors, c.visits, k.known_visits,
    case when c.device <> 'unknown' then cast(c.visits as double) / nullif(k.known_visits, 0) end as share
from counted c
join known k on k.uai = c.uai
order by c.uai, c.device
