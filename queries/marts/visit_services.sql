-- One row per visit and service asked for in it.
-- kept by day
-- param first_day date
-- param last_day date
-- column visit_id integer dimension
-- column day date dimension
-- column service text dimension
with asked as (
    select school_year, account, start_time, service from counted_requests
    union all
    select school_year, account, start_time, service from past_visit_services
)
select distinct v.visit_id, v.day, a.service
from asked a
join visits v
    on v.school_year = a.school_year and v.account = a.account and v.start_time = a.start_time
where v.day between $first_day and $last_day
order by v.visit_id, a.service
