-- One row per local day, role and group of establishments (those of an account on that day, in order, a blank between them; empty without any): who made a visit that starts then, as a set, how many visits, how many pages.
-- kept by day
-- param first_day date
-- param last_day date
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
        visit_id, school_year, account, day, role, page_views,
        text_set(uai) as places
    from visit_places
    where day between $first_day and $last_day
    group by visit_id, school_year, account, day, role, page_views
)
select
    v.day, v.role, v.places, people_set(p.person) as people,
    count(*) as visits, cast(sum(v.page_views) as bigint) as page_views
from placed v
join persons p on p.school_year = v.school_year and p.account = v.account
group by v.day, v.role, v.places
order by v.day, v.role, v.places
