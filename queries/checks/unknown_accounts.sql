-- One row per front-end and day with requests of accounts that no directory tells on that day: how many, and their share.
-- column day date dimension
-- column front_end text dimension
-- column requests integer open
-- column unknown integer open
-- column share real open
with signed_in as (
    select day, front_end, school_year, account, count(*) as requests
    from requests
    where account is not null
    group by day, front_end, school_year, account
),
judged as (
    select s.day, s.front_end, s.requests, case when p.account is null then s.requests else 0 end as unknown
    from signed_in s
    left join account_periods p
        on p.school_year = s.school_year and p.account = s.account
        and s.day >= p.valid_from and s.day < p.valid_to
),
counted as (
    select day, front_end, sum(requests) as requests, sum(unknown) as unknown
    from judged
    group by day, front_end
)
select day, front_end, requests, unknown, cast(unknown as double) / requests as share
from counted
where unknown > 0
order by day, front_end
