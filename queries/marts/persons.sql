-- One row per school year and account that a directory knows or that made a visit: its person number.
-- column school_year text dimension
-- column account pseudonym dimension
-- column person integer dimension
--
-- Numbers are dense and those of a school year follow each other, people of the same
-- establishment together: sets of them are small. No number is of two years.
with known as (
    select school_year, account, min(uai) as place from account_places group by school_year, account
),
everybody as (
    select school_year, account, coalesce(place, '') as place from known
    union all
    select distinct v.school_year, v.account, '' as place
    from visits v
    left join known k on k.school_year = v.school_year and k.account = v.account
    where k.account is null
)
select
    school_year, account,
    cast(row_number() over (order by school_year, place, account) as bigint) as person
from everybody
order by person
