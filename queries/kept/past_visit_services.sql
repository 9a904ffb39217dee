-- One row per visit that stays without its requests and service asked for in it.
-- param lines_before date
-- param visits_before date
-- column school_year text dimension
-- column account pseudonym dimension
-- column start_time instant dimension
-- column service text dimension
select
    v.school_year, v.account, v.start_time, s.service
from visits v
join visit_services s on s.visit_id = v.visit_id
where v.day >= $visits_before and v.day < $lines_before
order by v.school_year, v.account, v.start_time, s.service
