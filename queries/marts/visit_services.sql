-- One row per visit and service asked for in it.
-- kept by day
-- param first_day date
-- param last_day date
-- column visit_id integer dimension
-- column day date dimension
-- column service text dimension
select distinct v.visit_id, v.day, c.service
from counted_requests c
join visits v
    on v.school_year = c.school_year and v.account = c.account and v.start_time = c.start_time
where v.day between $first_day and $last_day
order by v.visit_id, c.service
