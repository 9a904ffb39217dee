-- One row per local day, role and group of establishments (those of an account on that day, as one text): who made a visit that starts then, as a set, how many visits, how many pages.
-- column day date dimension
-- column role text dimension
-- column places text dimension
-- column people set dimension
-- column visits integer open
-- column page_views integer open
--
-- A person has one role and one group a day: visits add up over the groups of a node, and
-- the people of a node and a period are the union of their sets.
with placed as (
    select
        v.day, coalesce(g.role, 'unknown') as role, coalesce(g.places, '') as places, p.person, v.page_views
    from visits v
    join persons p on p.school_year = v.school_year and p.account = v.account
    left join account_groups g
        on g.school_year = v.school_year and g.account = v.account
        and v.day >= g.valid_from and v.day < g.valid_to
)
select
    day, role, places, people_set(person) as people,
    count(*) as visits, cast(sum(page_views) as bigint) as page_views
from placed
group by day, role, places
order by day, role, places
