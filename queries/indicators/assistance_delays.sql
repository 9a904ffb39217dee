-- One row per measure (first response, solution) and priority (0 for all): delays of what was answered or solved in the period, in hours, median and P90 by nearest rank.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column measure text dimension
-- column priority integer dimension
-- column done integer people
-- column opening_p50 real rate done over done
-- column opening_p90 real rate done over done
-- column elapsed_p50 real rate done over done
-- column elapsed_p90 real rate done over done
-- column waited integer volume of done
-- column waiting_share real rate waited over done
-- total priority 0
--
-- Waited: for the requester, at any hour.
with scope as (
    select r.*
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
),
measured as (
    select 'first_response' as measure, coalesce(priority, 3) as priority, response_ms as open_ms, elapsed_response_ms as elapsed_ms, 0 as waited
    from scope
    where local_day(first_response) between $period_start and $period_end
    union all
    select
        'resolution' as measure, coalesce(priority, 3) as priority, resolution_ms as open_ms, elapsed_resolution_ms as elapsed_ms,
        waited
    from scope
    where outcome = 'resolved' and resolution_ms is not null and resolved_day between $period_start and $period_end
),
grouped as (
    select * from measured
    union all
    select measure, 0 as priority, open_ms, elapsed_ms, waited from measured
),
ranked as (
    select
        *,
        row_number() over (partition by measure, priority order by open_ms) as open_place,
        row_number() over (partition by measure, priority order by elapsed_ms) as elapsed_place,
        count(*) over (partition by measure, priority) as n
    from grouped
)
select
    measure, priority, count(*) as done,
    max(case when open_place = cast(ceil(0.5 * n) as bigint) then cast(open_ms as double) / 3600000 end) as opening_p50,
    max(case when open_place = cast(ceil(0.9 * n) as bigint) then cast(open_ms as double) / 3600000 end) as opening_p90,
    max(case when elapsed_place = cast(ceil(0.5 * n) as bigint) then cast(elapsed_ms as double) / 3600000 end) as elapsed_p50,
    max(case when elapsed_place = cast(ceil(0.9 * n) as bigint) then cast(elapsed_ms as double) / 3600000 end) as elapsed_p90,
    sum(waited) as waited,
    cast(sum(waited) as double) / count(*) as waiting_share
from ranked
group by measure, priority
order by measure, priority
