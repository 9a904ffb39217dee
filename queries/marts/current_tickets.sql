-- One row per helpdesk and ticket, as the most advanced of its exports tells it, with the ticket that it continues.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column opened instant dimension
-- column opened_day date dimension
-- column first_response instant dimension
-- column resolved instant dimension
-- column closed instant dimension
-- column status text dimension
-- column category text dimension
-- column role text dimension
-- column structure text dimension
-- column uai text dimension
-- column priority integer dimension
-- column kind text dimension
-- column level integer dimension
-- column channel text dimension
-- column satisfaction integer dimension
-- column parent_helpdesk text dimension
-- column parent pseudonym dimension
--
-- Exports of overlapping periods hold a ticket more than once. A reference without
-- a helpdesk is to the one that the helpdesk of the ticket declares.
with ranked as (
    select
        *,
        row_number() over (
            partition by helpdesk, ticket
            order by
                case status when 'closed' then 1 when 'cancelled' then 2 when 'resolved' then 3 when 'waiting' then 4 when 'open' then 5 else 6 end,
                closed desc nulls last, resolved desc nulls last, opened, category nulls last, role,
                first_response, structure, uai, priority, kind, level, channel, satisfaction,
                from_helpdesk, from_ticket, to_helpdesk, to_ticket
        ) as place
    from tickets
),
last_told as (
    select * from ranked where place = 1
),
references_told as (
    select
        t.helpdesk, t.ticket,
        coalesce(t.from_helpdesk, h.refers_to) as parent_helpdesk, t.from_ticket as parent
    from last_told t
    left join helpdesks h on h.helpdesk = t.helpdesk
    where t.from_ticket is not null
    union all
    select t.to_helpdesk as helpdesk, t.to_ticket as ticket, t.helpdesk as parent_helpdesk, t.ticket as parent
    from last_told t
    where t.to_ticket is not null and t.to_helpdesk is not null
),
-- One parent for each, among the tickets that are there. A parent was opened before, or at
-- the same time under a lesser name: two that name each other are one request.
parents as (
    select
        r.helpdesk, r.ticket, r.parent_helpdesk, r.parent,
        row_number() over (partition by r.helpdesk, r.ticket order by r.parent_helpdesk, r.parent) as place
    from references_told r
    join last_told p on p.helpdesk = r.parent_helpdesk and p.ticket = r.parent
    join last_told c on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where
        p.opened < c.opened
        or (p.opened = c.opened and p.helpdesk < c.helpdesk)
        or (p.opened = c.opened and p.helpdesk = c.helpdesk and p.ticket < c.ticket)
)
select
    t.helpdesk, t.ticket, t.opened, t.opened_day, t.first_response, t.resolved, t.closed, t.status, t.category,
    t.role, t.structure, t.uai, t.priority, t.kind, t.level, t.channel, t.satisfaction,
    p.parent_helpdesk, p.parent
from last_told t
left join parents p on p.helpdesk = t.helpdesk and p.ticket = t.ticket and p.place = 1
order by t.helpdesk, t.ticket
