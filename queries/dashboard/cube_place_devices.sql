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
    where v.day between $period_start and $period_end and t.day between $period_start and $period_end
),
counted as (
    select uai, device, count(distinct account) as visitors, count(distinct visit_id) as visits
    from used
    group by uai, device
),
known as (
    select
        *, sum(case when device <> 'unknown' then visits else 0 end) over (partition by uai) as known_visits
    from counted
)
select
    uai, device, visitors, visits, known_visits,
    case when device <> 'unknown' then cast(visits as double) / nullif(known_visits, 0) end as share
from known
order by uai, device
