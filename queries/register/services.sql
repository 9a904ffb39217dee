-- One row per span (`all`: the period; its months by their first day, where `by_month` is `yes`), service, role (`all` for every one) and establishments of its visitors, as one text: how many visitors have just these, how many of their visits passed by it, and how many of the one of whom most did.
-- param period_start date
-- param period_end date
-- param by_month text
-- column span text dimension
-- column part text dimension
-- column role text dimension
-- column places text dimension
-- column people integer people
-- column visits integer volume of people
-- column most integer volume of people
with timed as (
    select
        s.account, s.role, s.places, cast(date_trunc('month', s.day) as date) as month,
        v.service as part
    from visit_sets s
    join visit_services v on v.visit_id = s.visit_id
    where s.day between $period_start and $period_end
),
came as (
    select account, role, month, part, text_set(places) as places, count(*) as visits
    from timed
    group by account, role, month, part
),
spans as (
    select account, role, 'all' as span, part, places, visits from came
    union all
    select account, role, cast(month as text) as span, part, places, visits from came where $by_month = 'yes'
),
every as (
    select account, role, span, part, places, visits from spans
    union all
    select account, 'all' as role, span, part, places, visits from spans
),
grouped as (
    select account, role, span, part, text_set(places) as places, cast(sum(visits) as bigint) as visits
    from every
    group by account, role, span, part
)
select
    span, part, role, places, count(*) as people,
    cast(sum(visits) as bigint) as visits, max(visits) as most
from grouped
group by span, part, role, places
