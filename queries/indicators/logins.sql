-- One row per month and audit log of the login path: logins, what was tried in vain, accounts.
-- param period_start date
-- param period_end date
-- column month date dimension
-- column source text dimension
-- column accounts integer people
-- column logins integer volume of accounts
-- column successes integer volume of accounts
-- column failures integer volume of accounts
-- column service_tickets integer volume of accounts
--
-- A login is a session that begins, where the log tells sessions (CAS: one ticket-granting
-- ticket, then a ticket for each service); else an authentication that succeeds. Two logs of one
-- path tell the same logins: sources are not to be added.
with counted as (
    select
        cast(date_trunc('month', day) as date) as month, source,
        count(distinct case when outcome in ('success', 'session') then account end) as accounts,
        sum(case when outcome = 'session' then 1 else 0 end) as sessions,
        sum(case when outcome = 'success' then 1 else 0 end) as successes,
        sum(case when outcome = 'failure' then 1 else 0 end) as failures,
        sum(case when outcome = 'service_ticket' then 1 else 0 end) as service_tickets
    from logins
    where day between $period_start and $period_end
    group by 1, 2
)
select
    month, source, accounts,
    case when sessions > 0 then sessions else successes end as logins,
    successes, failures, service_tickets
from counted
order by month, source
