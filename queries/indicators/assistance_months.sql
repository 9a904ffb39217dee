-- One row per month and level of the school (`all`, `nd` where the ticket names none): requests by date of the event, and those open before its first day and after its last.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column month date dimension
-- column level text dimension
-- column semester integer dimension
-- column opened integer people
-- column reopened integer volume of opened
-- column resolved integer volume of opened
-- column cancelled integer volume of opened
-- column backlog_start integer volume of opened
-- column backlog_end integer volume of opened
-- total month elsewhere beside semester
-- total month elsewhere
-- total level all
--
-- Of both the months told and those of a semester (1 from August, 2 from February), whose report
-- tells the total. A month that the period cuts counts the days inside. The stocks are counted by
-- themselves, not from the flows: end = start + opened + reopened - resolved - cancelled.
with scope as (
    select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node
),
spans as (
    select s.*, r.school_level
    from request_spans s
    join scope c on c.helpdesk = s.helpdesk and c.ticket = s.ticket
    join assistance_requests r on r.helpdesk = s.helpdesk and r.ticket = s.ticket
),
leveled as (
    select school_level as level, began, started_day, outcome, ended_day from spans
    union all
    select 'all' as level, began, started_day, outcome, ended_day from spans
),
months as (
    select distinct
        cast(date_trunc('month', day) as date) as month,
        greatest(cast(date_trunc('month', day) as date), $period_start) as first_day
    from calendar_days
    where day between $period_start and $period_end
),
bounds as (
    select
        month, first_day,
        least(cast(month + interval '1 month' - interval '1 day' as date), $period_end) as last_day
    from months
)
select
    b.month, l.level, case when extract(month from b.month) between 2 and 7 then 2 else 1 end as semester,
    count(*) filter (where l.began = 'created' and l.started_day between b.first_day and b.last_day) as opened,
    count(*) filter (where l.began = 'reopened' and l.started_day between b.first_day and b.last_day) as reopened,
    count(*) filter (where l.outcome = 'resolved' and l.ended_day between b.first_day and b.last_day) as resolved,
    count(*) filter (where l.outcome = 'cancelled' and l.ended_day between b.first_day and b.last_day) as cancelled,
    count(*) filter (where l.started_day < b.first_day and (l.ended_day is null or l.ended_day >= b.first_day)) as backlog_start,
    count(*) filter (where l.started_day <= b.last_day and (l.ended_day is null or l.ended_day > b.last_day)) as backlog_end
from bounds b
cross join leveled l
group by b.month, l.level
order by b.month, l.level
