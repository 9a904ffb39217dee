-- One row per ticket and span of one state (`open`, `waiting` for the requester, `done`, `cancelled`); the last span has no end.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column state text dimension
-- column started instant dimension
-- column ended instant dimension
-- column place integer dimension
--
-- From the history where there is one; else from the dates of the export, where
-- nothing tells of waiting and of a ticket solved twice only the last time.
with changes as (
    select distinct
        c.helpdesk, c.ticket, c.time,
        case
            when c.status in ('resolved', 'closed') then 'done'
            when c.status in ('new', 'open') then 'open'
            else c.status
        end as state
    from ticket_changes c
    join current_tickets t on t.helpdesk = c.helpdesk and t.ticket = c.ticket
    where c.change = 'status' and c.time >= t.opened
),
told_done as (
    select distinct helpdesk, ticket from changes where state in ('done', 'cancelled')
),
marks as (
    select helpdesk, ticket, opened as time, 'open' as state, 0 as rank from current_tickets
    union all
    select helpdesk, ticket, time, state, 1 as rank from changes
    union all
    select
        t.helpdesk, t.ticket, coalesce(t.resolved, t.closed, t.opened) as time,
        case when t.status = 'cancelled' then 'cancelled' else 'done' end as state, 2 as rank
    from current_tickets t
    left join told_done d on d.helpdesk = t.helpdesk and d.ticket = t.ticket
    where d.ticket is null and t.status in ('resolved', 'closed', 'cancelled')
)
select
    helpdesk, ticket, state, time as started,
    lead(time) over (partition by helpdesk, ticket order by time, rank, state) as ended,
    row_number() over (partition by helpdesk, ticket order by time, rank, state) as place
from marks
order by helpdesk, ticket, place
