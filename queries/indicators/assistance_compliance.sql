-- One row per measure and priority (0 for all): requests with a service level that were done in the period, within it or late, and those still open at its end and over it, which count as failures.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column measure text dimension
-- column priority integer dimension
-- column target_hours real open
-- column due integer people
-- column within integer volume of due
-- column late integer volume of due
-- column overdue_open integer volume of due
-- column compliance real rate within over due
-- total priority 0
--
-- As it was at the end of the period: what is answered, opened again, solved or withdrawn
-- later, and waiting for the requester later, change nothing. A helpdesk whose tool tells the
-- first response of less than half of its requests is not judged on those that it does not tell.
with scope as (
    select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node
),
begun as (
    select
        s.helpdesk, s.ticket,
        case when s.ended_day <= $period_end then s.outcome end as outcome,
        case when s.ended_day <= $period_end then s.ended end as ended,
        row_number() over (partition by s.helpdesk, s.ticket order by s.place desc) as from_last
    from request_spans s
    join scope c on c.helpdesk = s.helpdesk and c.ticket = s.ticket
    where s.started_day <= $period_end
),
seen as (
    select
        r.helpdesk, r.ticket, r.opened, coalesce(r.priority, 3) as priority,
        r.resolved, r.response_ms, r.resolution_ms, r.response_target_ms, r.resolution_target_ms,
        case when local_day(r.first_response) <= $period_end then r.first_response end as answered, b.ended,
        arrow_cast(cast($period_end as timestamp) + interval '1 day', 'Timestamp(Millisecond, Some("UTC"))') as period_over
    from assistance_requests r
    join begun b on b.helpdesk = r.helpdesk and b.ticket = r.ticket and b.from_last = 1
    where coalesce(b.outcome, '') <> 'cancelled'
),
telling as (
    select helpdesk
    from assistance_requests
    where opened_day <= $period_end
    group by helpdesk
    having 2 * count(case when local_day(first_response) <= $period_end then 1 end) >= count(*)
),
-- As in `assistance_requests`, of what is still open.
taken_over as (
    select parent_helpdesk as helpdesk, parent as ticket, min(opened) as opened
    from current_tickets
    where parent is not null
    group by parent_helpdesk, parent
),
waits as (
    select
        s.helpdesk, s.ticket, w.started,
        least(coalesce(w.ended, s.until), coalesce(t.opened, s.until), s.until) as ended
    from (select helpdesk, ticket, coalesce(ended, period_over) as until from seen) s
    join ticket_paths p on p.request_helpdesk = s.helpdesk and p.request = s.ticket
    join ticket_spans w on w.helpdesk = p.helpdesk and w.ticket = p.ticket
    left join taken_over t on t.helpdesk = w.helpdesk and t.ticket = w.ticket
    where w.state = 'waiting'
),
reached as (
    select
        *,
        max(ended) over (
            partition by helpdesk, ticket order by started, ended
            rows between unbounded preceding and 1 preceding
        ) as reached
    from waits
    where started < ended
),
waited as (
    select helpdesk, ticket, sum(opening_ms(helpdesk, greatest(started, coalesce(reached, started)), ended)) as waiting_ms
    from reached
    group by helpdesk, ticket
),
cases as (
    select
        'first_response' as measure, priority, answered as done, response_target_ms as target_ms,
        case when answered is null then opening_ms(helpdesk, opened, period_over) else response_ms end as spent_ms
    from seen
    where answered is not null or helpdesk in (select helpdesk from telling) and ended is null
    union all
    select
        'resolution' as measure, s.priority, s.ended as done, s.resolution_target_ms as target_ms,
        case
            when s.ended = s.resolved then s.resolution_ms
            else opening_ms(s.helpdesk, s.opened, coalesce(s.ended, s.period_over)) - coalesce(w.waiting_ms, 0)
        end as spent_ms
    from seen s
    left join waited w on w.helpdesk = s.helpdesk and w.ticket = s.ticket
),
judged as (
    select
        measure, priority, target_ms,
        case
            when local_day(done) between $period_start and $period_end and spent_ms <= target_ms then 'within'
            when local_day(done) between $period_start and $period_end and spent_ms is not null then 'late'
            when done is null and spent_ms > target_ms then 'overdue'
        end as verdict
    from cases
    where target_ms is not null
),
grouped as (
    select measure, priority, target_ms, verdict from judged where verdict is not null
    union all
    select measure, 0 as priority, null as target_ms, verdict from judged where verdict is not null
)
select
    measure, priority,
    case when min(target_ms) = max(target_ms) then cast(min(target_ms) as double) / 3600000 end as target_hours,
    count(*) as due,
    count(*) filter (where verdict = 'within') as within,
    count(*) filter (where verdict = 'late') as late,
    count(*) filter (where verdict = 'overdue') as overdue_open,
    cast(count(*) filter (where verdict = 'within') as double) / count(*) as compliance
from grouped
group by measure, priority
order by measure, priority
