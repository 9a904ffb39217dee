-- One row per role (`all` for every one) and establishments of a visitor over a period, as one text: how many visitors have just these, how many visits they made, and how many the one made who made most.
-- param period_start date
-- param period_end date
-- column role text dimension
-- column places text dimension
-- column people integer people
-- column visits integer volume of people
-- column most integer volume of people
with came as (
    select account, role, text_set(places) as places, count(*) as visits
    from visit_sets
    where day between $period_start and $period_end
    group by account, role
),
every as (
    select account, role, places, visits from came
    union all
    select account, 'all' as role, places, visits from came
),
grouped as (
    select account, role, text_set(places) as places, cast(sum(visits) as bigint) as visits
    from every
    group by account, role
)
select
    role, places, count(*) as people,
    cast(sum(visits) as bigint) as visits, max(visits) as most
from grouped
group by role, places
order by role, places
