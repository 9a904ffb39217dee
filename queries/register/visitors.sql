-- One row per role (`all` for every one) and establishments of a visitor over a period, as one text: how many visitors have just these.
-- param period_start date
-- param period_end date
-- column role text dimension
-- column places text dimension
-- column people integer people
with came as (
    select account, role, text_set(places) as places
    from visit_sets
    where day between $period_start and $period_end
    group by account, role
),
every as (
    select account, role, places from came
    union all
    select account, 'all' as role, places from came
),
grouped as (
    select account, role, text_set(places) as places
    from every
    group by account, role
)
select role, places, count(*) as people
from grouped
group by role, places
order by role, places
