-- One row per service (`all` for every one) and local hour: pages and actions timed in the logs, and their response times in milliseconds (nearest rank).
-- param period_start date
-- param period_end date
-- column service text dimension
-- column hour integer dimension
-- column timed_requests integer open
-- column p50_ms real open
-- column p95_ms real open
-- column p99_ms real open
with timed as (
    select service, local_minute(time) / 60 as hour, duration_us
    from requests
    where day between $period_start and $period_end
        and kind in ('page', 'action') and duration_us is not null
),
told as (
    select service, hour, duration_us from timed
    union all
    select 'all' as service, hour, duration_us from timed
),
ranked as (
    select
        service, hour, duration_us,
        row_number() over (partition by service, hour order by duration_us) as place,
        count(*) over (partition by service, hour) as timed_requests
    from told
)
select
    service, hour, timed_requests,
    cast(max(case when place = (timed_requests * 50 + 99) / 100 then duration_us end) as double) / 1000.0 as p50_ms,
    cast(max(case when place = (timed_requests * 95 + 99) / 100 then duration_us end) as double) / 1000.0 as p95_ms,
    cast(max(case when place = (timed_requests * 99 + 99) / 100 then duration_us end) as double) / 1000.0 as p99_ms
from ranked
group by service, hour, timed_requests
order by service, hour
