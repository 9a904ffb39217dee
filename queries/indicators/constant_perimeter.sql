-- One row per level and role (`all` for every one) in a node: usage of a period and of one before, over the establishments deployed during both, over all of them, and over the others (entrants of the period, leavers of the one before): all = constant perimeter + the others, in both.
-- param period_start date
-- param period_end date
-- param previous_start date
-- param previous_end date
-- param node_kind text
-- param node text
-- column level text dimension
-- column role text dimension
-- column establishments integer open
-- column all_establishments integer open
-- column school_days integer open
-- column school_days_before integer open
-- column breaks integer open
-- column visitors integer people
-- column visits integer volume of visitors
-- column visitors_before integer people
-- column visits_before integer volume of visitors_before
-- column all_visitors integer people
-- column all_visits integer volume of all_visitors
-- column all_visitors_before integer people
-- column all_visits_before integer volume of all_visitors_before
-- column entrant_visitors integer people
-- column entrant_visits integer volume of entrant_visitors
-- column leaver_visitors integer people
-- column leaver_visits integer volume of leaver_visitors
-- column visits_per_school_day real volume of visitors
-- column all_visits_per_school_day real volume of all_visitors
-- column visitors_change real change visitors over visitors_before
-- column visits_change real change visits over visits_before
-- column visits_per_school_day_change real change visits over visits_before
-- column all_visitors_change real change all_visitors over all_visitors_before
-- column all_visits_change real change all_visits over all_visits_before
-- column all_visits_per_school_day_change real change all_visits over all_visits_before
-- cell all_visitors visitors period
-- cell all_visitors_before visitors previous
--
-- No change is given across a break in the series of visits (register `ruptures`).
-- A visit is of the constant perimeter if one of its establishments is; a person, if one of
-- its visits is.
with here as (
    select
        e.uai, e.level,
        case
            when coalesce(e.deployed_from, $previous_start) <= $previous_start
                and coalesce(e.deployed_to, $period_end) >= $period_end then 1
            else 0
        end as is_constant
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
here_once as (
    select uai, level, is_constant from here
    union all
    select uai, 'all' as level, is_constant from here
),
sizes as (
    select level, cast(sum(is_constant) as bigint) as establishments, count(*) as all_establishments
    from here_once
    group by level
),
school as (
    select
        sum(case when day between $period_start and $period_end then 1 else 0 end) as school_days,
        sum(case when day between $previous_start and $previous_end then 1 else 0 end) as school_days_before
    from calendar
    where kind = 'school'
),
known_breaks as (
    select
        max(case when field = 'indicateur' then value end) as indicator,
        cast(max(case when field = 'date' then value end) as date) as day
    from registers
    where register = 'ruptures'
    group by row
),
broken as (
    select count(*) as breaks
    from known_breaks
    where indicator in ('visits', 'visitors') and day > $previous_start and day <= $period_end
),
attributed as (
    select
        p.level, v.role, v.visit_id, v.account,
        case when v.day >= $period_start then 1 else 0 end as is_now,
        max(p.is_constant) as is_constant
    from visit_places v
    join here_once p on p.uai = v.uai
    where v.day between $period_start and $period_end
        or v.day between $previous_start and $previous_end
    group by p.level, v.role, v.visit_id, v.account, case when v.day >= $period_start then 1 else 0 end
),
counted as (
    select
        level, coalesce(role, 'all') as role,
        count(distinct case when is_now = 1 and is_constant = 1 then account end) as visitors,
        sum(is_now * is_constant) as visits,
        count(distinct case when is_now = 0 and is_constant = 1 then account end) as visitors_before,
        sum((1 - is_now) * is_constant) as visits_before,
        count(distinct case when is_now = 1 then account end) as all_visitors,
        sum(is_now) as all_visits,
        count(distinct case when is_now = 0 then account end) as all_visitors_before,
        sum(1 - is_now) as all_visits_before
    from attributed
    group by grouping sets ((level), (level, role))
),
-- A level without any visit has its establishments all the same.
cells as (
    select
        s.level, coalesce(c.role, 'all') as role, s.establishments, s.all_establishments,
        d.school_days, d.school_days_before, b.breaks,
        coalesce(c.visitors, 0) as visitors, cast(coalesce(c.visits, 0) as bigint) as visits,
        coalesce(c.visitors_before, 0) as visitors_before, cast(coalesce(c.visits_before, 0) as bigint) as visits_before,
        coalesce(c.all_visitors, 0) as all_visitors, cast(coalesce(c.all_visits, 0) as bigint) as all_visits,
        coalesce(c.all_visitors_before, 0) as all_visitors_before,
        cast(coalesce(c.all_visits_before, 0) as bigint) as all_visits_before
    from sizes s
    cross join school d
    cross join broken b
    left join counted c on c.level = s.level
)
select
    level, role, establishments, all_establishments, school_days, school_days_before, breaks,
    visitors, visits, visitors_before, visits_before,
    all_visitors, all_visits, all_visitors_before, all_visits_before,
    all_visitors - visitors as entrant_visitors, all_visits - visits as entrant_visits,
    all_visitors_before - visitors_before as leaver_visitors, all_visits_before - visits_before as leaver_visits,
    cast(visits as double) / nullif(school_days, 0) as visits_per_school_day,
    cast(all_visits as double) / nullif(school_days, 0) as all_visits_per_school_day,
    case when breaks = 0 then cast(visitors as double) / nullif(visitors_before, 0) - 1.0 end as visitors_change,
    case when breaks = 0 then cast(visits as double) / nullif(visits_before, 0) - 1.0 end as visits_change,
    case when breaks = 0 then cast(visits as double) * school_days_before / nullif(visits_before * school_days, 0) - 1.0 end as visits_per_school_day_change,
    case when breaks = 0 then cast(all_visitors as double) / nullif(all_visitors_before, 0) - 1.0 end as all_visitors_change,
    case when breaks = 0 then cast(all_visits as double) / nullif(all_visits_before, 0) - 1.0 end as all_visits_change,
    case when breaks = 0 then cast(all_visits as double) * school_days_before / nullif(all_visits_before * school_days, 0) - 1.0 end as all_visits_per_school_day_change
from cells
order by level, role
