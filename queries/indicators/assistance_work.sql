-- One row per month and level of assistance (0 to 3): the work of the level, requests that came by themselves, that another level sent, that it sent on or solved.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column month date dimension
-- column support_level integer dimension
-- column worked integer people
-- column opened integer volume of worked
-- column received integer volume of worked
-- column reopened integer volume of worked
-- column passed integer volume of worked
-- column resolved integer volume of worked
-- column cancelled integer volume of worked
-- column backlog_start integer volume of worked
-- column backlog_end integer volume of worked
-- total month elsewhere
--
-- A request that went through two levels is work of both: these rows are not summed
-- into requests. end = start + opened + received + reopened - passed - resolved - cancelled.
with scope as (
    select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node
),
-- Each span of being open, cut where the level changes.
cuts as (
    select
        s.helpdesk, s.ticket, p.level as support_level,
        case when p.place > 1 and p.arrived > s.started then 'received' else s.began end as began,
        local_day(greatest(s.started, p.arrived)) as started_day,
        case
            when p.left_at is not null and (s.ended is null or p.left_at <= s.ended) then 'passed'
            else s.outcome
        end as outcome,
        local_day(case
            when p.left_at is not null and (s.ended is null or p.left_at <= s.ended) then p.left_at
            else s.ended
        end) as ended_day
    from request_spans s
    join scope c on c.helpdesk = s.helpdesk and c.ticket = s.ticket
    join request_steps p
        on p.helpdesk = s.helpdesk and p.ticket = s.ticket
        and (s.ended is null or p.arrived <= s.ended)
        and (p.left_at is null or p.left_at > s.started)
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
    b.month, k.support_level,
    count(distinct case when k.started_day <= b.last_day and (k.ended_day is null or k.ended_day >= b.first_day) then k.helpdesk || ' ' || cast(k.ticket as varchar) end) as worked,
    count(*) filter (where k.began = 'created' and k.started_day between b.first_day and b.last_day) as opened,
    count(*) filter (where k.began = 'received' and k.started_day between b.first_day and b.last_day) as received,
    count(*) filter (where k.began = 'reopened' and k.started_day between b.first_day and b.last_day) as reopened,
    count(*) filter (where k.outcome = 'passed' and k.ended_day between b.first_day and b.last_day) as passed,
    count(*) filter (where k.outcome = 'resolved' and k.ended_day between b.first_day and b.last_day) as resolved,
    count(*) filter (where k.outcome = 'cancelled' and k.ended_day between b.first_day and b.last_day) as cancelled,
    count(*) filter (where k.started_day < b.first_day and (k.ended_day is null or k.ended_day >= b.first_day)) as backlog_start,
    count(*) filter (where k.started_day <= b.last_day and (k.ended_day is null or k.ended_day > b.last_day)) as backlog_end
from bounds b
cross join cuts k
group by b.month, k.support_level
order by b.month, k.support_level
