-- One row per path and local minute with an answer whose requests are gone: nothing of people, so kept without limit.
-- param lines_before date
-- column path text dimension
-- column day date dimension
-- column minute integer dimension
-- column requests integer open
-- column failures integer open
select path, day, minute, requests, failures
from minutes
where day < $lines_before
order by path, day, minute
