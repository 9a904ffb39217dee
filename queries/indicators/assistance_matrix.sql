-- One row per level that worked on requests opened in the period and what came next: another level, the solution, a withdrawal, or still open.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column from_level integer dimension
-- column next text dimension
-- column requests integer open
with scope as (
    select r.helpdesk, r.ticket, r.outcome
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where r.opened_day between $period_start and $period_end
),
moves as (
    select
        p.level as from_level,
        case when p.next_level is not null then cast(p.next_level as varchar) else coalesce(s.outcome, 'open') end as next
    from request_steps p
    join scope s on s.helpdesk = p.helpdesk and s.ticket = p.ticket
)
select from_level, next, count(*) as requests
from moves
group by from_level, next
order by from_level, next
