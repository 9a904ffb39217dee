-- One row per request and level of assistance (0 to 3) that worked on it, in order: when it came and when it went on or ended.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column place integer dimension
-- column level integer dimension
-- column arrived instant dimension
-- column left_at instant dimension
-- column next_level integer dimension
--
-- A level that only the groups of the export tell, without history, is dated from
-- the first response, or from the opening.
with told as (
    select
        p.request_helpdesk as helpdesk, p.request as ticket,
        t.opened as time, coalesce(h.level, 1) as level, 0 as rank
    from current_tickets t
    join ticket_paths p on p.helpdesk = t.helpdesk and p.ticket = t.ticket
    left join helpdesks h on h.helpdesk = t.helpdesk
    union all
    select p.request_helpdesk as helpdesk, p.request as ticket, c.time, c.level, 1 as rank
    from ticket_changes c
    join current_tickets t on t.helpdesk = c.helpdesk and t.ticket = c.ticket
    join ticket_paths p on p.helpdesk = c.helpdesk and p.ticket = c.ticket
    where c.change = 'level' and c.time >= t.opened
    union all
    select
        p.request_helpdesk as helpdesk, p.request as ticket,
        coalesce(t.first_response, t.opened) as time, t.level, 2 as rank
    from current_tickets t
    join ticket_paths p on p.helpdesk = t.helpdesk and p.ticket = t.ticket
    left join (select distinct helpdesk, ticket from ticket_changes where change = 'level') l
        on l.helpdesk = t.helpdesk and l.ticket = t.ticket
    left join helpdesks h on h.helpdesk = t.helpdesk
    where t.level is not null and l.ticket is null and t.level > coalesce(h.level, 1)
),
compared as (
    select
        *, lag(level) over (partition by helpdesk, ticket order by time, rank, level) as level_before
    from told
),
steps as (
    select helpdesk, ticket, time, rank, level
    from compared
    where level_before is null or level_before <> level
)
select
    helpdesk, ticket,
    row_number() over (partition by helpdesk, ticket order by time, rank, level) as place,
    level, time as arrived,
    lead(time) over (partition by helpdesk, ticket order by time, rank, level) as left_at,
    lead(level) over (partition by helpdesk, ticket order by time, rank, level) as next_level
from steps
order by helpdesk, ticket, place
