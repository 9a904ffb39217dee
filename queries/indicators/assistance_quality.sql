-- One row: of the requests solved in the period, those opened again within 14 days, solved at the first contact, at the first level; satisfaction with its number of answers.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column resolved integer people
-- column first_contact integer volume of resolved
-- column first_level integer volume of resolved
-- column rated integer people
-- column first_contact_rate real rate first_contact over resolved
-- column first_level_rate real rate first_level over resolved
-- column answer_rate real rate rated over resolved
-- column satisfaction real volume of rated
-- column solutions integer people
-- column reopened integer volume of solutions
-- column reopen_rate real rate reopened over solutions
--
-- First contact: solved by the level that received it, neither sent on (even if it came
-- back) nor opened again nor waiting for the requester at any hour, by the end of the
-- next opening day; what is closed without a date is not. First level: that which
-- received it solved it.
with scope as (
    select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node
),
solved as (
    select r.*
    from assistance_requests r
    join scope c on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where r.outcome = 'resolved' and r.resolved_day between $period_start and $period_end
),
ends as (
    select
        s.ended_day,
        lead(s.started_day) over (partition by s.helpdesk, s.ticket order by s.place) as again,
        s.outcome
    from request_spans s
    join scope c on c.helpdesk = s.helpdesk and c.ticket = s.ticket
),
solutions as (
    select count(*) as solutions, count(*) filter (where arrow_cast(again, 'Int32') - arrow_cast(ended_day, 'Int32') <= 14) as reopened
    from ends
    where outcome = 'resolved' and ended_day between $period_start and $period_end
),
counted as (
    select
        count(*) as resolved,
        count(*) filter (where steps = 1 and tools = 1 and openings = 1 and waited = 0 and resolution_days <= 1) as first_contact,
        count(*) filter (where last_level = first_level) as first_level,
        count(satisfaction) as rated,
        avg(cast(satisfaction as double)) as mean
    from solved
)
select
    c.resolved, c.first_contact, c.first_level, c.rated,
    cast(c.first_contact as double) / nullif(c.resolved, 0) as first_contact_rate,
    cast(c.first_level as double) / nullif(c.resolved, 0) as first_level_rate,
    cast(c.rated as double) / nullif(c.resolved, 0) as answer_rate,
    case when c.rated >= 10 then c.mean end as satisfaction,
    s.solutions, s.reopened,
    cast(s.reopened as double) / nullif(s.solutions, 0) as reopen_rate
from counted c
cross join solutions s
