-- One row per span (`all`: the period; its months by their first day, where `by_month` is `yes`), part (axis `week`: its Monday; `hour`: weekday and local hour; `device`; `moment`: school time and the rest), role (`all` for every one) and establishments of a visitor in them, as one text: how many visitors have just these, how many visits they made, and how many the one made who made most.
-- param period_start date
-- param period_end date
-- param axis text
-- param by_month text
-- column span text dimension
-- column part text dimension
-- column role text dimension
-- column places text dimension
-- column people integer people
-- column visits integer volume of people
-- column most integer volume of people
--
-- The parts of an axis are those of the tables that show it: `weekly`, `hours`, `devices`, `moments`.
with timed as (
    select
        s.account, s.role, s.places, cast(date_trunc('month', s.day) as date) as month,
        case $axis
            when 'week' then cast(cast(date_trunc('week', s.day) as date) as text)
            when 'hour' then concat(cast(v.weekday as text), ' ', cast(v.hour as text))
            when 'device' then v.device
            else m.moment
        end as part
    from visit_sets s
    join visits v on v.visit_id = s.visit_id
    join visit_moments m on m.visit_id = s.visit_id
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
