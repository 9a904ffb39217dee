-- One row per day in a node: the most visits under way at one moment, and the first local minute of the day when it was so.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column day date dimension
-- column simultaneous_visits integer people
-- column minute integer open
--
-- A visit is under way from its first request to its last one.
with here as (
    select distinct v.visit_id
    from visit_places v
    join nodes n on n.uai = v.uai and n.node_kind = $node_kind and n.node = $node
    where v.day between $period_start and $period_end
),
steps as (
    select v.visit_id, v.start_time as time, 1 as step
    from visits v
    join here h on h.visit_id = v.visit_id
    union all
    select v.visit_id, v.end_time as time, -1 as step
    from visits v
    join here h on h.visit_id = v.visit_id
),
under_way as (
    select
        time,
        sum(step) over (order by time, step desc, visit_id rows between unbounded preceding and current row) as visits
    from steps
),
dated as (
    select local_day(time) as day, local_minute(time) as minute, visits from under_way
),
highest as (
    select day, max(visits) as simultaneous_visits from dated group by day
)
select h.day, cast(h.simultaneous_visits as bigint) as simultaneous_visits, min(d.minute) as minute
from highest h
join dated d on d.day = h.day and d.visits = h.simultaneous_visits
where h.day between $period_start and $period_end
group by h.day, h.simultaneous_visits
order by h.day
