-- One row per front-end, day and hour in which it was silent, or nearly (under a tenth of a usual 60 lines or more), on a day of which it has logs: lines received, and lines usual.
-- param period_start date
-- param period_end date
-- column front_end text dimension
-- column day date dimension
-- column hour integer dimension
-- column requests integer open
-- column usual_requests integer open
select front_end, day, hour, requests, usual_requests
from expected_hours
where day between $period_start and $period_end
    and is_received and usual_requests >= 60 and 10 * requests < usual_requests
order by front_end, day, hour
