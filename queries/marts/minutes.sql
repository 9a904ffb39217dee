-- One row per path (the ENT, the login) and local minute with at least one answer: answers and failures (5xx).
-- kept by day
-- param first_day date
-- param last_day date
-- column path text dimension
-- column day date dimension
-- column minute integer dimension
-- column requests integer open
-- column failures integer open
with answered as (
    select
        day, local_minute(time) as minute,
        case when service = 'authentification' then 'connexion' else 'ent' end as path,
        case when status >= 500 then 1 else 0 end as failed
    from requests
    where status is not null and day between $first_day and $last_day
)
select path, day, minute, count(*) as requests, sum(failed) as failures
from answered
group by path, day, minute
union all
select path, day, minute, requests, failures
from past_minutes
where day between $first_day and $last_day
order by day, path, minute
