-- One row per level that worked on requests opened in the period and what came next by its end: another level, the solution, a withdrawal, or still open.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column from_level integer dimension
-- column next text dimension
-- column passed integer people
-- column requests integer volume of passed
--
-- `passed`: requests that passed by the level, once each; of too few nothing is told.
-- As it was at the end of the period: what is sent on, solved, withdrawn or opened again later
-- changes nothing.
with scope as (
    select r.helpdesk, r.ticket
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where r.opened_day between $period_start and $period_end
),
begun as (
    select
        s.helpdesk, s.ticket,
        case when s.ended_day <= $period_end then s.outcome end as outcome,
        row_number() over (partition by s.helpdesk, s.ticket order by s.place desc) as from_last
    from request_spans s
    join scope c on c.helpdesk = s.helpdesk and c.ticket = s.ticket
    where s.started_day <= $period_end
),
steps as (
    select
        p.helpdesk, p.ticket, p.level as from_level,
        case when local_day(p.left_at) <= $period_end then p.next_level end as next_level
    from request_steps p
    join scope c on c.helpdesk = p.helpdesk and c.ticket = p.ticket
    where local_day(p.arrived) <= $period_end
),
moves as (
    select
        p.helpdesk, p.ticket, p.from_level,
        case when p.next_level is not null then cast(p.next_level as varchar) else coalesce(b.outcome, 'open') end as next
    from steps p
    join begun b on b.helpdesk = p.helpdesk and b.ticket = p.ticket and b.from_last = 1
),
passing as (
    select from_level, count(*) as passed
    from (select distinct helpdesk, ticket, from_level from moves) as once
    group by from_level
)
select m.from_level, m.next, p.passed, count(*) as requests
from moves m
join passing p on p.from_level = m.from_level
group by m.from_level, m.next, p.passed
order by m.from_level, m.next
