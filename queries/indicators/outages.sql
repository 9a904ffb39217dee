-- One row per outage seen in the logs: at least five failing minutes of a path (1 % of the answers or more are errors of the platform), no more than five good ones nor half an hour between them, in which a third of all answers fail; and, inside it, the longest run of minutes without any good answer.
-- param period_start date
-- param period_end date
-- column path text dimension
-- column day date dimension
-- column first_minute integer dimension
-- column last_minute integer dimension
-- column dead_first_minute integer open
-- column dead_last_minute integer open
-- column failing_minutes integer open
-- column failures integer open
-- column requests integer open
select
    path, day, first_minute, last_minute, dead_first_minute, dead_last_minute,
    failing_minutes, failures, requests
from seen_outages
where day between $period_start and $period_end
order by day, path, first_minute
