-- One row per territory node or perimeter, level and role (`all` for every one): accounts at the reference date, usage of the period.
-- param period_start date
-- param period_end date
-- param reference_date date
-- column node_kind text dimension
-- column node text dimension
-- column level text dimension
-- column role text dimension
-- column establishments integer open
-- column loaded_accounts integer people
-- column activated_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column page_views integer volume of visitors
-- column activation_rate real rate activated_accounts over loaded_accounts
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_visitor real rate visits over visitors
-- column all_visits integer volume of visitors
-- column visit_share real rate visits over all_visits
-- column school_days integer open
-- column visits_per_school_day real volume of visitors
-- cell loaded_accounts accounts reference
-- cell activated_accounts activated reference
-- cell visitors visitors period
with period_sets as (
    select
        role, places, people_union(people) as people,
        sum(visits) as visits, sum(page_views) as page_views
    from day_sets
    where day between $period_start and $period_end
    group by role, places
),
-- Somebody attached to several establishments of a node counts once in it.
usage as (
    select
        n.node_kind, n.node, n.level, coalesce(s.role, 'all') as role,
        people_count(s.people) as visitors,
        cast(sum(s.visits) as bigint) as visits, cast(sum(s.page_views) as bigint) as page_views
    from period_sets s
    join place_nodes n on n.places = s.places
    group by grouping sets ((n.node_kind, n.node, n.level), (n.node_kind, n.node, n.level, s.role))
),
-- An account has one role on a day: accounts with the same establishments are counted
-- together, and what holds one of these establishments holds them.
accounts_once as (
    select
        account, role, max(case when activated_on <= $reference_date then 1 else 0 end) as activated,
        text_set(uai) as places
    from account_places
    where valid_from <= $reference_date and valid_to > $reference_date and uai is not null
    group by account, role
),
account_sets as (
    select role, places, count(*) as loaded_accounts, sum(activated) as activated_accounts
    from accounts_once
    group by role, places
),
set_members as (
    select role, places, unnest(string_to_array(places, ' ')) as uai from account_sets
),
placed as (
    select m.role, m.places, m.uai, n.node_kind, n.node, e.level
    from set_members m
    join nodes n on n.uai = m.uai
    join establishments e on e.uai = m.uai
),
placed_once as (
    select * from placed
    union all
    select role, places, uai, node_kind, node, 'all' as level from placed
),
establishments_of as (
    select
        node_kind, node, level, coalesce(role, 'all') as role,
        count(distinct uai) as establishments
    from placed_once
    group by grouping sets ((node_kind, node, level), (node_kind, node, level, role))
),
set_nodes as (
    select distinct role, places, node_kind, node, level from placed_once
),
sums as (
    select
        n.node_kind, n.node, n.level, coalesce(s.role, 'all') as role,
        cast(sum(s.loaded_accounts) as bigint) as loaded_accounts,
        cast(sum(s.activated_accounts) as bigint) as activated_accounts
    from account_sets s
    join set_nodes n on n.role = s.role and n.places = s.places
    group by grouping sets ((n.node_kind, n.node, n.level), (n.node_kind, n.node, n.level, s.role))
),
accounts_of as (
    select s.*, e.establishments
    from sums s
    join establishments_of e
        on e.node_kind = s.node_kind and e.node = s.node and e.level = s.level and e.role = s.role
),
joined as (
    select
        coalesce(a.node_kind, u.node_kind) as node_kind,
        coalesce(a.node, u.node) as node,
        coalesce(a.level, u.level) as level,
        coalesce(a.role, u.role) as role,
        coalesce(a.establishments, 0) as establishments,
        coalesce(a.loaded_accounts, 0) as loaded_accounts,
        coalesce(a.activated_accounts, 0) as activated_accounts,
        coalesce(u.visitors, 0) as visitors,
        coalesce(u.visits, 0) as visits,
        coalesce(u.page_views, 0) as page_views
    from accounts_of a
    full outer join usage u
        on u.node_kind = a.node_kind and u.node = a.node and u.level = a.level and u.role = a.role
),
-- Shares are of the visits of every role, not of the roles shown.
shared as (
    select
        *,
        max(case when role = 'all' then visits end) over (partition by node_kind, node, level) as all_visits
    from joined
),
school as (
    select sum(case when kind = 'school' then 1 else 0 end) as school_days
    from calendar
    where day between $period_start and $period_end
)
select
    node_kind, node, level, role,
    establishments, loaded_accounts, activated_accounts, visitors, visits, page_views,
    cast(activated_accounts as double) / nullif(loaded_accounts, 0) as activation_rate,
    cast(visitors as double) / nullif(loaded_accounts, 0) as active_rate,
    cast(visits as double) / nullif(visitors, 0) as visits_per_visitor,
    all_visits,
    cast(visits as double) / nullif(all_visits, 0) as visit_share,
    school_days,
    cast(visits as double) / nullif(school_days, 0) as visits_per_school_day
from shared
cross join school
order by node_kind, node, level, role
