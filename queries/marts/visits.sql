-- One row per visit; it belongs to the local day and hour in which it starts. Of some only this is kept, their requests being gone.
-- kept by day
-- param first_day date
-- param last_day date
-- column visit_id integer dimension
-- column school_year text dimension
-- column account pseudonym dimension
-- column day date dimension
-- column weekday integer dimension
-- column hour integer dimension
-- column start_time instant dimension
-- column end_time instant dimension
-- column requests integer open
-- column page_views integer open
-- column duration_s integer open
-- column device text dimension
--
-- The number tells the day, then the place in it: a day made anew leaves the others as they are.
with grouped as (
    select
        school_year, account, start_time, local_day(start_time) as day,
        max(time) as end_time,
        count(*) as requests,
        sum(case when kind = 'page' then 1 else 0 end) as page_views,
        min(device) as device
    from counted_requests
    group by school_year, account, start_time
    union all
    select school_year, account, start_time, day, end_time, requests, page_views, device
    from past_visits
),
placed as (
    select
        *,
        row_number() over (partition by day order by school_year, account, start_time) as place
    from grouped
    where day between $first_day and $last_day
)
select
    cast(arrow_cast(day, 'Int32') as bigint) * 1000000000 + cast(place as bigint) as visit_id,
    school_year, account, day,
    weekday(day) as weekday,
    local_hour(start_time) as hour,
    start_time, end_time, requests, page_views,
    (arrow_cast(end_time, 'Int64') - arrow_cast(start_time, 'Int64')) / 1000 as duration_s,
    device
from placed
order by visit_id
