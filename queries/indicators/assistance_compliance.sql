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
-- A helpdesk whose tool tells the first response of less than half of its requests is
-- not judged on those that it does not tell.
with scope as (
    select r.*
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where r.opened_day <= $period_end and coalesce(r.outcome, '') <> 'cancelled'
),
telling as (
    select helpdesk from assistance_requests group by helpdesk having 2 * count(first_response) >= count(*)
),
cases as (
    select
        'first_response' as measure, helpdesk, opened, coalesce(priority, 3) as priority,
        first_response as done, response_ms as spent_ms, response_target_ms as target_ms, 0 as waiting_ms
    from scope
    where first_response is not null
        or helpdesk in (select helpdesk from telling) and (resolved is null or resolved_day > $period_end)
    union all
    select
        'resolution' as measure, helpdesk, opened, coalesce(priority, 3) as priority,
        resolved as done, resolution_ms as spent_ms, resolution_target_ms as target_ms, waiting_ms
    from scope
),
judged as (
    select
        measure, priority, target_ms,
        case
            when local_day(done) between $period_start and $period_end then
                case when spent_ms <= target_ms then 'within' when spent_ms is not null then 'late' end
            when (done is null or local_day(done) > $period_end)
                and opening_ms(helpdesk, opened, arrow_cast(cast($period_end as timestamp) + interval '1 day', 'Timestamp(Millisecond, Some("UTC"))')) - waiting_ms > target_ms
                then 'overdue'
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
