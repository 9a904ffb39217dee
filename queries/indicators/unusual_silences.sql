-- One row per silence of a path, or of a role while the others came: its minutes, and how many answers or visits were to be expected in them.
-- param period_start date
-- param period_end date
-- column family text dimension
-- column subject text dimension
-- column day date dimension
-- column first_minute integer dimension
-- column last_minute integer dimension
-- column expected integer open
select family, subject, day, first_minute, last_minute, expected
from silences
where day between $period_start and $period_end
order by day, first_minute, family, subject
