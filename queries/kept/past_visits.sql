-- One row per visit that stays without its requests: the retention of lines is over, that of visits is not.
-- param lines_before date
-- param visits_before date
-- column school_year text dimension
-- column account pseudonym dimension
-- column visit_number integer dimension
-- column day date dimension
-- column start_time instant dimension
-- column end_time instant dimension
-- column requests integer open
-- column page_views integer open
-- column duration_s integer open
-- column device text dimension
--
-- Numbers follow the time and are all negative: visits made of requests count from 1.
select
    school_year, account,
    arrow_cast(start_time, 'Int64') - 1000000000000000 as visit_number,
    day, start_time, end_time, requests, page_views, duration_s, device
from visits
where day >= $visits_before and day < $lines_before
order by school_year, account, start_time
