-- One row per ticket: the request that it is part of, named by its first ticket; a ticket that went from tool to tool is one request.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column request_helpdesk text dimension
-- column request pseudonym dimension
--
-- There are four levels, so three steps lead to the first ticket.
select
    t.helpdesk, t.ticket,
    coalesce(c.parent_helpdesk, b.parent_helpdesk, t.parent_helpdesk, t.helpdesk) as request_helpdesk,
    coalesce(c.parent, b.parent, t.parent, t.ticket) as request
from current_tickets t
left join current_tickets b on b.helpdesk = t.parent_helpdesk and b.ticket = t.parent
left join current_tickets c on c.helpdesk = b.parent_helpdesk and c.ticket = b.parent
order by t.helpdesk, t.ticket
