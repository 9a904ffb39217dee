-- One row per school year and account that a directory knows or that made a visit: its person number.
-- kept and added to
-- column school_year text dimension
-- column account pseudonym dimension
-- column person integer dimension
--
-- Numbers are dense, and none is of two years. Those given before stay (`numbered_persons`), so
-- that the sets of other days hold; those of newcomers follow, people of the same establishment
-- together: sets of them are small.
with known as (
    select school_year, account, coalesce(min(uai), '') as place
    from account_places
    group by school_year, account
),
everybody as (
    select school_year, account, place from known
    union all
    select distinct v.school_year, v.account, '' as place
    from visits v
    left join known k on k.school_year = v.school_year and k.account = v.account
    where k.account is null
),
newcomers as (
    select e.school_year, e.account, e.place
    from everybody e
    left join numbered_persons n on n.school_year = e.school_year and n.account = e.account
    where n.account is null
),
given as (
    select coalesce(max(person), 0) as person from numbered_persons
)
select school_year, account, person from numbered_persons
union all
select
    n.school_year, n.account,
    g.person + cast(row_number() over (order by n.school_year, n.place, n.account) as bigint) as person
from newcomers n
cross join given g
order by person
