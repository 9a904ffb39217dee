-- One row per request and span in which it was open, waiting included: how it began (`created`, `reopened`) and ended (`resolved`, `cancelled`).
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column place integer dimension
-- column began text dimension
-- column started instant dimension
-- column started_day date dimension
-- column outcome text dimension
-- column ended instant dimension
-- column ended_day date dimension
--
-- A request is open as long as one of its tickets is. What another tool takes over
-- a moment after the first closed its own ticket was not solved between.
with spans as (
    select
        p.request_helpdesk as helpdesk, p.request as ticket,
        s.started, s.ended,
        arrow_cast(s.started, 'Int64') as start_ms,
        coalesce(arrow_cast(s.ended, 'Int64'), 9000000000000) as end_ms,
        case when s.place = 1 and not (p.request_helpdesk = s.helpdesk and p.request = s.ticket) then 1 else 0 end as taken_over
    from ticket_spans s
    join ticket_paths p on p.helpdesk = s.helpdesk and p.ticket = s.ticket
    where s.state in ('open', 'waiting')
),
reached as (
    select
        *,
        max(end_ms) over (
            partition by helpdesk, ticket order by start_ms, end_ms
            rows between unbounded preceding and 1 preceding
        ) as reached_ms
    from spans
),
numbered as (
    select
        *,
        sum(case when reached_ms is null or start_ms > reached_ms and taken_over = 0 then 1 else 0 end) over (
            partition by helpdesk, ticket order by start_ms, end_ms
            rows between unbounded preceding and current row
        ) as place
    from reached
),
islands as (
    select
        helpdesk, ticket, place, min(started) as started, max(end_ms) as end_ms,
        case when max(end_ms) < 9000000000000 then max(ended) end as ended
    from numbered
    group by helpdesk, ticket, place
),
withdrawn as (
    select distinct p.request_helpdesk as helpdesk, p.request as ticket, s.started
    from ticket_spans s
    join ticket_paths p on p.helpdesk = s.helpdesk and p.ticket = s.ticket
    where s.state = 'cancelled'
)
select
    i.helpdesk, i.ticket, i.place,
    case when i.place = 1 then 'created' else 'reopened' end as began,
    i.started, local_day(i.started) as started_day,
    case
        when i.ended is null then null
        when w.started is not null then 'cancelled'
        else 'resolved'
    end as outcome,
    i.ended, local_day(i.ended) as ended_day
from islands i
left join withdrawn w on w.helpdesk = i.helpdesk and w.ticket = i.ticket and w.started = i.ended
order by i.helpdesk, i.ticket, i.place
