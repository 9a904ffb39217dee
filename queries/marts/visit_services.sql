-- One row per visit and service asked for in it.
-- column visit_id integer dimension
-- column service text dimension
with asked as (
    select school_year, account, visit_number, service from counted_requests
    union all
    select school_year, account, visit_number, service from past_visit_services
)
select distinct v.visit_id, a.service
from asked a
join visits v
    on v.school_year = a.school_year and v.account = a.account and v.visit_number = a.visit_number
order by v.visit_id, a.service
