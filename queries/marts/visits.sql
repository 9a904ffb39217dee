-- One row per visit; it belongs to the local day and hour in which it starts. Of some only this is kept, their requests being gone.
-- column visit_id integer dimension
-- column school_year text dimension
-- column account pseudonym dimension
-- column visit_number integer dimension
-- column day date dimension
-- column weekday integer dimension
-- column hour integer dimension
-- column start_time instant dimension
-- column end_time instant dimension
-- column requests integer open
-- column page_views integer open
-- column duration_s integer open
-- column device text dimension
with grouped as (
    select
        school_year, account, visit_number,
        min(time) as start_time,
        max(time) as end_time,
        count(*) as requests,
        sum(case when kind = 'page' then 1 else 0 end) as page_views,
        (max(arrow_cast(time, 'Int64')) - min(arrow_cast(time, 'Int64'))) / 1000 as duration_s,
        min(device) as device
    from counted_requests
    group by school_year, account, visit_number
    union all
    select
        school_year, account, visit_number, start_time, end_time,
        requests, page_views, duration_s, device
    from past_visits
)
select
    cast(row_number() over (order by school_year, account, visit_number) as bigint) as visit_id,
    school_year, account, visit_number,
    local_day(start_time) as day,
    weekday(local_day(start_time)) as weekday,
    local_hour(start_time) as hour,
    start_time, end_time, requests, page_views, duration_s, device
from grouped
order by visit_id
