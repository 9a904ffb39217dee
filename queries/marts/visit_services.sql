-- One row per visit and service asked for in it.
-- column visit_id integer dimension
-- column service text dimension
select distinct v.visit_id, c.service
from counted_requests c
join visits v
    on v.school_year = c.school_year and v.account = c.account and v.visit_number = c.visit_number
order by v.visit_id, c.service
