-- One row per département and ISO week (its Monday): visits and distinct visitors, and visits for the accounts loaded at the reference date.
-- param period_start date
-- param period_end date
-- param reference_date date
-- column departement text dimension
-- column week date dimension
-- column loaded_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column visits_per_account real rate visits over loaded_accounts
-- total week elsewhere
-- within loaded_accounts accounts reference
-- cell visitors visitors period by week
with attributed as (
    select distinct v.visit_id, v.account, v.day, e.departement
    from visit_places v
    join establishments e on e.uai = v.uai
    where v.day between $period_start and $period_end
),
weeks as (
    select
        departement, cast(date_trunc('week', day) as date) as week,
        count(distinct account) as visitors, count(*) as visits
    from attributed
    group by departement, cast(date_trunc('week', day) as date)
),
accounts_of as (
    select e.departement, count(distinct a.account) as loaded_accounts
    from account_places a
    join establishments e on e.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
    group by e.departement
)
select
    w.departement, w.week, coalesce(a.loaded_accounts, 0) as loaded_accounts, w.visitors, w.visits,
    cast(w.visits as double) / a.loaded_accounts as visits_per_account
from weeks w
left join accounts_of a on a.departement = w.departement
order by w.departement, w.week
