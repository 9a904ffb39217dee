-- One row per account, snapshot and establishment, with the day of activation.
-- column school_year text dimension
-- column account pseudonym dimension
-- column role text dimension
-- column uai text dimension
-- column valid_from date dimension
-- column valid_to date dimension
-- column activated_on date dimension
with activations as (
    select school_year, account, min(activated_on) as activated_on
    from platform_accounts
    group by school_year, account
)
select p.school_year, p.account, p.role, a.uai, p.valid_from, p.valid_to, x.activated_on
from account_periods p
left join attachments a
    on a.school_year = p.school_year and a.account = p.account and a.snapshot = p.snapshot
left join activations x on x.school_year = p.school_year and x.account = p.account
order by p.school_year, p.account, p.valid_from, a.uai
