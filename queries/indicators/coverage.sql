-- One row per front-end: days of the period, days with at least one request, share of signed-in requests whose account no directory knows.
-- param period_start date
-- param period_end date
-- column front_end text dimension
-- column days_expected integer open
-- column days_received integer open
-- column requests integer open
-- column unknown_share real open
with known as (
    select distinct school_year, account from accounts
),
scope as (
    select r.front_end, r.day, r.account, k.account as known_account
    from requests r
    left join known k on k.school_year = r.school_year and k.account = r.account
    where r.day between $period_start and $period_end
)
select
    front_end,
    cast($period_end - $period_start as bigint) + 1 as days_expected,
    count(distinct day) as days_received,
    count(*) as requests,
    cast(count(account) - count(known_account) as double) / nullif(count(account), 0) as unknown_share
from scope
group by front_end
order by front_end
