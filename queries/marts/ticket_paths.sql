-- One row per ticket: the request that it is part of, named by its first ticket; a ticket that went from tool to tool is one request.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column request_helpdesk text dimension
-- column request pseudonym dimension
--
-- A parent comes before its tickets (`current_tickets`), so that every climb ends.
with recursive climb as (
    select helpdesk, ticket, helpdesk as at_helpdesk, ticket as at_ticket, parent_helpdesk, parent
    from current_tickets
    union all
    select
        c.helpdesk, c.ticket, p.helpdesk as at_helpdesk, p.ticket as at_ticket, p.parent_helpdesk, p.parent
    from climb c
    join current_tickets p on p.helpdesk = c.parent_helpdesk and p.ticket = c.parent
)
select helpdesk, ticket, at_helpdesk as request_helpdesk, at_ticket as request
from climb
where parent is null
order by helpdesk, ticket
