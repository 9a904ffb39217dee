-- One row per month of opening: what became of all the requests opened, solved within 1, 2, 5 and 10 opening days; a share is missing until those days are over for all of them.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- param reference_date date
-- column month date dimension
-- column opened integer people
-- column within_1 integer volume of opened
-- column within_2 integer volume of opened
-- column within_5 integer volume of opened
-- column within_10 integer volume of opened
-- column share_1 real rate within_1 over opened
-- column share_2 real rate within_2 over opened
-- column share_5 real rate within_5 over opened
-- column share_10 real rate within_10 over opened
-- total month elsewhere
--
-- As it was on the day of reference: what is opened again or withdrawn later was solved or
-- open then. What is closed without a date is solved within no number of days.
with scope as (
    select r.*
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where r.opened_day between $period_start and $period_end
),
begun as (
    select
        s.helpdesk, s.ticket,
        case when s.ended_day <= $reference_date then s.outcome end as outcome,
        case when s.ended_day <= $reference_date then s.ended end as ended,
        row_number() over (partition by s.helpdesk, s.ticket order by s.place desc) as from_last
    from request_spans s
    join scope r on r.helpdesk = s.helpdesk and r.ticket = s.ticket
    where s.started_day <= $reference_date
),
aged as (
    select
        cast(date_trunc('month', r.opened_day) as date) as month,
        case when b.ended = r.resolved then r.resolution_days else opening_days(r.helpdesk, r.opened, b.ended) end as days,
        opening_days(r.helpdesk, r.opened, arrow_cast(cast($reference_date as timestamp), 'Timestamp(Millisecond, Some("UTC"))')) as seen
    from scope r
    left join begun b on b.helpdesk = r.helpdesk and b.ticket = r.ticket and b.from_last = 1
    where coalesce(b.outcome, '') <> 'cancelled'
),
counted as (
    select
        month, count(*) as opened, min(seen) as seen,
        count(*) filter (where days <= 1) as n1,
        count(*) filter (where days <= 2) as n2,
        count(*) filter (where days <= 5) as n5,
        count(*) filter (where days <= 10) as n10
    from aged
    group by month
)
select
    month, opened,
    case when seen >= 1 then n1 end as within_1,
    case when seen >= 2 then n2 end as within_2,
    case when seen >= 5 then n5 end as within_5,
    case when seen >= 10 then n10 end as within_10,
    case when seen >= 1 then cast(n1 as double) / opened end as share_1,
    case when seen >= 2 then cast(n2 as double) / opened end as share_2,
    case when seen >= 5 then cast(n5 as double) / opened end as share_5,
    case when seen >= 10 then cast(n10 as double) / opened end as share_10
from counted
order by month
