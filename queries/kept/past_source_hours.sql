-- One row per front-end, local day and hour whose requests are gone: nothing of people, so kept without limit.
-- param lines_before date
-- column front_end text dimension
-- column day date dimension
-- column hour integer dimension
-- column requests integer open
-- column minutes integer open
-- column signed_in integer open
-- column unknown integer open
select front_end, day, hour, requests, minutes, signed_in, unknown
from source_hours
where day < $lines_before
order by front_end, day, hour
