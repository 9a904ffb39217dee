-- One row per class of age of the requests open at the end of the period (`all` for every one), with the age in days: median and P90 by nearest rank.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column place integer dimension
-- column age text dimension
-- column open_requests integer people
-- column age_p50 real rate open_requests over open_requests
-- column age_p90 real rate open_requests over open_requests
-- total age all beside place
with open_at_end as (
    select arrow_cast(s.started_day, 'Int32') as first_day
    from request_spans s
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = s.helpdesk and c.ticket = s.ticket
    where s.started_day <= $period_end and (s.ended_day is null or s.ended_day > $period_end)
),
aged as (
    select cast(arrow_cast($period_end, 'Int32') - first_day as bigint) as days from open_at_end
),
classes as (
    select
        days,
        case when days <= 2 then 1 when days <= 5 then 2 when days <= 10 then 3 when days <= 30 then 4 else 5 end as place
    from aged
    union all
    select days, 0 as place from aged
),
ranked as (
    select
        place, days,
        row_number() over (partition by place order by days) as rank,
        count(*) over (partition by place) as n
    from classes
)
select
    cast(place as bigint) as place,
    case place when 0 then 'all' when 1 then '2 jours ou moins' when 2 then '3 à 5 jours' when 3 then '6 à 10 jours' when 4 then '11 à 30 jours' else 'plus de 30 jours' end as age,
    count(*) as open_requests,
    cast(max(case when rank = cast(ceil(0.5 * n) as bigint) then days end) as double) as age_p50,
    cast(max(case when rank = cast(ceil(0.9 * n) as bigint) then days end) as double) as age_p90
from ranked
group by place
order by place
