-- One row per level, role (`all` for every one) and moment in a node: visits that start in school time (Mon Tue Thu Fri 8-18, Wed 8-12), in the evening (from 18), at another hour of a school day, on a weekend of term, in holidays; shares are of all visits.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column level text dimension
-- column role text dimension
-- column moment text dimension
-- column visitors integer people
-- column visits integer volume of visitors
-- column all_visits integer volume of visitors
-- column share real rate visits over all_visits
-- total moment elsewhere
-- cell visitors visitors period by moment
with here as (
    select e.uai, e.level
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
attributed as (
    select p.visit_id, p.account, p.role, h.level
    from visit_places p
    join here h on h.uai = p.uai
    where p.day between $period_start and $period_end
),
visits_once as (
    select distinct level, role, visit_id, account from attributed
    union all
    select distinct 'all' as level, role, visit_id, account from attributed
),
timed as (
    select o.level, o.role, o.account, m.moment
    from visits_once o
    join visit_moments m on m.visit_id = o.visit_id
),
counted as (
    select level, coalesce(role, 'all') as role, moment, count(distinct account) as visitors, count(*) as visits
    from timed
    group by grouping sets ((level, moment), (level, role, moment))
),
shared as (
    select *, cast(sum(visits) over (partition by level, role) as bigint) as all_visits from counted
)
select
    level, role, moment, visitors, visits, all_visits,
    cast(visits as double) / all_visits as share
from shared
order by level, role, moment
