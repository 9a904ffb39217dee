-- One row per request for assistance, by the helpdesk where it began: dates, levels, place, and delays in milliseconds, in opening hours of that helpdesk and as they passed.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column opened instant dimension
-- column opened_day date dimension
-- column first_response instant dimension
-- column resolved instant dimension
-- column resolved_day date dimension
-- column outcome text dimension
-- column first_level integer dimension
-- column last_level integer dimension
-- column steps integer dimension
-- column tools integer dimension
-- column openings integer dimension
-- column category text dimension
-- column role text dimension
-- column channel text dimension
-- column priority integer dimension
-- column kind text dimension
-- column satisfaction integer dimension
-- column uai text dimension
-- column departement text dimension
-- column school_level text dimension
-- column response_ms integer dimension
-- column resolution_ms integer dimension
-- column waited integer dimension
-- column waiting_ms integer dimension
-- column elapsed_response_ms integer dimension
-- column elapsed_resolution_ms integer dimension
-- column resolution_days integer dimension
-- column response_target_ms integer dimension
-- column resolution_target_ms integer dimension
--
-- Waiting for the requester is taken out, merged: once another tool works on the
-- request, the waiting of the first is no waiting for the requester. It is told of what has
-- ended, as `waited` (1, at any hour of the day) and `waiting_ms`. `steps`: levels that
-- worked on it one after another, 3 where it went to another one and back. What is closed
-- without a date took a time that nothing tells.
with members as (
    select p.request_helpdesk, p.request, t.*
    from current_tickets t
    join ticket_paths p on p.helpdesk = t.helpdesk and p.ticket = t.ticket
),
answers as (
    select request_helpdesk, request, first_response as time from members where first_response is not null
    union all
    select m.request_helpdesk, m.request, c.time
    from ticket_changes c
    join members m on m.helpdesk = c.helpdesk and m.ticket = c.ticket
    where c.time >= m.opened and (c.change = 'response' or c.change = 'status' and c.status <> 'new')
),
answered as (
    select request_helpdesk, request, min(time) as first_response from answers group by request_helpdesk, request
),
ends as (
    select
        helpdesk, ticket, count(*) as openings,
        case when count(*) = count(ended) then max(ended) end as ended
    from request_spans
    group by helpdesk, ticket
),
outcomes as (
    select
        e.helpdesk, e.ticket, e.openings, e.ended, s.outcome,
        case
            when t.resolved is null and t.closed is null and t.status in ('resolved', 'closed') and e.ended = t.opened then null
            else e.ended
        end as told_end
    from ends e
    join request_spans s on s.helpdesk = e.helpdesk and s.ticket = e.ticket and s.place = e.openings
    join current_tickets t on t.helpdesk = e.helpdesk and t.ticket = e.ticket
),
levels as (
    select
        helpdesk, ticket, count(*) as steps,
        max(case when place = 1 then level end) as first_level,
        max(case when next_level is null then level end) as last_level
    from request_steps
    group by helpdesk, ticket
),
tools as (
    select request_helpdesk, request, count(*) as tools, max(satisfaction) as satisfaction
    from members
    group by request_helpdesk, request
),
children as (
    select parent_helpdesk, parent, min(opened) as opened
    from members
    where parent is not null
    group by parent_helpdesk, parent
),
waits as (
    select
        m.request_helpdesk, m.request, s.started,
        least(coalesce(s.ended, o.ended), coalesce(c.opened, o.ended), o.ended) as ended
    from ticket_spans s
    join members m on m.helpdesk = s.helpdesk and m.ticket = s.ticket
    join outcomes o on o.helpdesk = m.request_helpdesk and o.ticket = m.request
    left join children c on c.parent_helpdesk = s.helpdesk and c.parent = s.ticket
    where s.state = 'waiting' and o.ended is not null
),
-- Two tickets of a request that wait at the same time are one wait.
reached as (
    select
        *,
        max(ended) over (
            partition by request_helpdesk, request order by started, ended
            rows between unbounded preceding and 1 preceding
        ) as reached
    from waits
    where started < ended
),
waited as (
    select
        request_helpdesk, request,
        sum(opening_ms(request_helpdesk, greatest(started, coalesce(reached, started)), ended)) as waiting_ms
    from reached
    group by request_helpdesk, request
),
names as (
    select plain_name(name || ' ' || coalesce(commune, '')) as key, uai from establishments
    union all
    select plain_name(name) as key, uai from establishments
),
unique_names as (
    select key, min(uai) as uai from names group by key having count(distinct uai) = 1
),
placed as (
    select
        m.request_helpdesk, m.request, e.uai, e.level as school_level,
        coalesce(e.departement, case when split_part(m.structure, ' > ', 2) in ('02', '59', '60', '62', '80') then split_part(m.structure, ' > ', 2) end) as departement
    from members m
    left join unique_names n on n.key = plain_name(split_part(m.structure, ' > ', -1))
    left join establishments e on e.uai = coalesce(m.uai, n.uai)
    where m.request_helpdesk = m.helpdesk and m.request = m.ticket
),
timed as (
    select
        r.helpdesk, r.ticket, r.opened, r.opened_day, a.first_response,
        o.ended as resolved, local_day(o.ended) as resolved_day, o.outcome,
        l.first_level, l.last_level, l.steps, t.tools, o.openings,
        r.category, r.role, r.channel, r.priority, r.kind, t.satisfaction,
        p.uai, p.departement, coalesce(p.school_level, 'nd') as school_level,
        opening_ms(r.helpdesk, r.opened, a.first_response) as response_ms,
        opening_ms(r.helpdesk, r.opened, o.told_end) as whole_ms,
        case when w.request is not null then 1 when o.ended is not null then 0 end as waited,
        case when o.ended is not null then coalesce(w.waiting_ms, 0) end as waiting_ms,
        arrow_cast(a.first_response, 'Int64') - arrow_cast(r.opened, 'Int64') as elapsed_response_ms,
        arrow_cast(o.told_end, 'Int64') - arrow_cast(r.opened, 'Int64') as elapsed_resolution_ms,
        opening_days(r.helpdesk, r.opened, o.told_end) as resolution_days
    from members r
    join outcomes o on o.helpdesk = r.helpdesk and o.ticket = r.ticket
    join levels l on l.helpdesk = r.helpdesk and l.ticket = r.ticket
    join tools t on t.request_helpdesk = r.helpdesk and t.request = r.ticket
    join placed p on p.request_helpdesk = r.helpdesk and p.request = r.ticket
    left join answered a on a.request_helpdesk = r.helpdesk and a.request = r.ticket
    left join waited w on w.request_helpdesk = r.helpdesk and w.request = r.ticket
    where r.request_helpdesk = r.helpdesk and r.request = r.ticket
),
-- The most precise service level that holds on the day of opening.
owed as (
    select
        t.helpdesk, t.ticket, s.measure, s.target_ms,
        row_number() over (
            partition by t.helpdesk, t.ticket, s.measure
            order by
                case when s.priority is null then 0 else 4 end + case when s.level is null then 0 else 2 end
                    + case when s.kind is null then 0 else 1 end desc,
                s.valid_from desc, s.target_ms
        ) as place
    from timed t
    join service_levels s
        on t.opened_day >= s.valid_from and t.opened_day < s.valid_to
        and (s.priority is null or s.priority = coalesce(t.priority, 3))
        and (s.level is null or s.level = t.first_level)
        and (s.kind is null or s.kind = t.kind)
),
targets as (
    select
        helpdesk, ticket,
        max(case when measure = 'first_response' then target_ms end) as response_target_ms,
        max(case when measure = 'resolution' then target_ms end) as resolution_target_ms
    from owed
    where place = 1
    group by helpdesk, ticket
)
select
    t.helpdesk, t.ticket, t.opened, t.opened_day, t.first_response, t.resolved, t.resolved_day, t.outcome,
    t.first_level, t.last_level, t.steps, t.tools, t.openings, t.category, t.role, t.channel, t.priority, t.kind, t.satisfaction,
    t.uai, t.departement, t.school_level,
    t.response_ms,
    case when t.whole_ms > t.waiting_ms then t.whole_ms - t.waiting_ms when t.whole_ms is not null then 0 end as resolution_ms,
    t.waited, t.waiting_ms, t.elapsed_response_ms, t.elapsed_resolution_ms, t.resolution_days,
    g.response_target_ms, g.resolution_target_ms
from timed t
left join targets g on g.helpdesk = t.helpdesk and g.ticket = t.ticket
order by t.helpdesk, t.ticket
