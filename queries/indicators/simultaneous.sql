-- One row per day in a node: the most visits under way at one moment, and the first local minute of the day when it was so.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column day date dimension
-- column simultaneous_visits integer people
-- column minute integer open
--
-- A visit is under way from its first request to its last one; one that goes on at midnight is
-- under way when the next day begins.
with here as (
    select distinct v.visit_id
    from visit_places v
    join nodes n on n.uai = v.uai and n.node_kind = $node_kind and n.node = $node
    where v.day between cast($period_start - interval '1 day' as date) and $period_end
),
under_way as (
    select v.visit_id, v.start_time, v.end_time, v.day, local_day(v.end_time) as last_day
    from visits v
    join here h on h.visit_id = v.visit_id
),
-- Without a time: when the day begins.
steps as (
    select visit_id, day, start_time as time, 1 as step from under_way
    union all
    select u.visit_id, c.day, nullif(u.start_time, u.start_time) as time, 1 as step
    from under_way u
    join calendar c on c.day > u.day and c.day <= u.last_day
    union all
    select visit_id, last_day as day, end_time as time, -1 as step from under_way
),
counted as (
    select
        day, coalesce(local_minute(time), 0) as minute,
        sum(step) over (
            partition by day order by time nulls first, step desc, visit_id
            rows between unbounded preceding and current row
        ) as visits
    from steps
),
highest as (
    select day, max(visits) as simultaneous_visits from counted group by day
)
select h.day, cast(h.simultaneous_visits as bigint) as simultaneous_visits, min(c.minute) as minute
from highest h
join counted c on c.day = h.day and c.visits = h.simultaneous_visits
where h.day between $period_start and $period_end
group by h.day, h.simultaneous_visits
order by h.day
