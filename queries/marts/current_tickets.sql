-- One row per helpdesk and ticket, as the most advanced of its exports tells it.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column opened instant dimension
-- column opened_day date dimension
-- column resolved instant dimension
-- column closed instant dimension
-- column status text dimension
-- column category text dimension
-- column role text dimension
--
-- Exports of overlapping periods hold a ticket more than once.
with ranked as (
    select
        *,
        row_number() over (
            partition by helpdesk, ticket
            order by
                case status when 'closed' then 1 when 'resolved' then 2 when 'waiting' then 3 when 'open' then 4 else 5 end,
                closed desc nulls last, resolved desc nulls last, opened, category nulls last, role
        ) as place
    from tickets
)
select helpdesk, ticket, opened, opened_day, resolved, closed, status, category, role
from ranked
where place = 1
order by helpdesk, ticket
