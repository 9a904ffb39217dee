-- One row per establishment of a scope and ISO week (its Monday): visits and distinct visitors of every role.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column uai text dimension
-- column week date dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- total week elsewhere
-- cell visitors visitors period by week
with here as (
    select uai from nodes where node_kind = $node_kind and node = $node
)
select
    v.uai, cast(date_trunc('week', v.day) as date) as week,
    count(distinct v.account) as visitors, count(distinct v.visit_id) as visits
from visit_places v
join here h on h.uai = v.uai
where v.day between $period_start and $period_end
group by v.uai, cast(date_trunc('week', v.day) as date)
order by v.uai, week
