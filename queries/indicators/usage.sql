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
with attributed as (
    select v.visit_id, v.account, v.role, v.page_views, n.node_kind, n.node, e.level
    from visit_places v
    join nodes n on n.uai = v.uai
    join establishments e on e.uai = v.uai
    where v.day between $period_start and $period_end
),
-- A visit of someone attached to several establishments counts once in each node.
visits_once as (
    select distinct node_kind, node, level, role, visit_id, account, page_views from attributed
    union all
    select distinct node_kind, node, 'all' as level, role, visit_id, account, page_views from attributed
),
usage as (
    select
        node_kind, node, level, coalesce(role, 'all') as role,
        count(distinct account) as visitors, count(*) as visits, sum(page_views) as page_views
    from visits_once
    group by grouping sets ((node_kind, node, level), (node_kind, node, level, role))
),
people as (
    select
        n.node_kind, n.node, e.level, a.role, a.account, a.uai,
        case when a.activated_on <= $reference_date then a.account end as activated
    from account_places a
    join nodes n on n.uai = a.uai
    join establishments e on e.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
),
people_once as (
    select * from people
    union all
    select node_kind, node, 'all' as level, role, account, uai, activated from people
),
accounts_of as (
    select
        node_kind, node, level, coalesce(role, 'all') as role,
        count(distinct uai) as establishments,
        count(distinct account) as loaded_accounts,
        count(distinct activated) as activated_accounts
    from people_once
    group by grouping sets ((node_kind, node, level), (node_kind, node, level, role))
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
)
select
    node_kind, node, level, role,
    establishments, loaded_accounts, activated_accounts, visitors, visits, page_views,
    cast(activated_accounts as double) / nullif(loaded_accounts, 0) as activation_rate,
    cast(visitors as double) / nullif(loaded_accounts, 0) as active_rate,
    cast(visits as double) / nullif(visitors, 0) as visits_per_visitor,
    all_visits,
    cast(visits as double) / nullif(all_visits, 0) as visit_share
from shared
order by node_kind, node, level, role
