-- One row per visit that stays without its requests: the retention of lines is over, that of visits is not.
-- param lines_before date
-- param visits_before date
-- column school_year text dimension
-- column account pseudonym dimension
-- column day date dimension
-- column start_time instant dimension
-- column end_time instant dimension
-- column requests integer open
-- column page_views integer open
-- column duration_s integer open
-- column device text dimension
select
    school_year, account, day, start_time, end_time, requests, page_views, duration_s, device
from visits
where day >= $visits_before and day < $lines_before
order by school_year, account, start_time
