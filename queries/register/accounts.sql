-- One row per role (`all` for every one), whether activated, and establishments of an account on a day, as one text: how many accounts have just these.
-- param reference_date date
-- column role text dimension
-- column is_activated integer dimension
-- column places text dimension
-- column people integer people
with here as (
    select
        account, role, uai, case when activated_on <= $reference_date then 1 else 0 end as is_activated
    from account_places
    where valid_from <= $reference_date and valid_to > $reference_date and uai is not null
),
every as (
    select account, role, uai, is_activated from here
    union all
    select account, 'all' as role, uai, is_activated from here
),
grouped as (
    select account, role, max(is_activated) as is_activated, text_set(uai) as places
    from every
    group by account, role
)
select role, is_activated, places, count(*) as people
from grouped
group by role, is_activated, places
order by role, is_activated, places
