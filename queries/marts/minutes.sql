-- One row per path (the ENT, the login) and local minute with at least one answer: answers and failures (5xx).
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
    where status is not null
)
select path, day, minute, count(*) as requests, sum(failed) as failures
from answered
group by path, day, minute
union all
select path, day, minute, requests, failures from past_minutes
order by path, day, minute
