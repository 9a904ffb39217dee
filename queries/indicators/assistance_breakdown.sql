-- One row per dimension (all, level, role, departement, reason, channel, helpdesk, priority, kind) and its value: requests opened in the period, for 1,000 accounts loaded and 10,000 visits of the same people; without a count, the helpdesks of these requests whose tool never tells a role, channel or kind (no_role, no_channel, no_kind).
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- param reference_date date
-- column dimension text dimension
-- column value text dimension
-- column opened integer people
-- column loaded_accounts integer people
-- column visits integer volume of loaded_accounts
-- column per_1000 real rate opened over loaded_accounts
-- column per_10000 real rate opened over visits
-- total value elsewhere
-- cell loaded_accounts accounts reference
-- within visits visitors period
--
-- What a tool never tells is looked for in all its requests of the period, of any node.
with scope as (
    select r.*
    from assistance_requests r
    join (select distinct helpdesk, ticket from request_nodes where node_kind = $node_kind and node = $node) c
        on c.helpdesk = r.helpdesk and c.ticket = r.ticket
    where r.opened_day between $period_start and $period_end
),
asked as (
    select 'all' as dimension, 'all' as value from scope
    union all select 'level' as dimension, school_level as value from scope
    union all select 'role' as dimension, role as value from scope
    union all select 'departement' as dimension, coalesce(departement, 'nd') as value from scope
    union all select 'reason' as dimension, coalesce(split_part(category, ' > ', -1), 'Non renseigné') as value from scope
    union all select 'channel' as dimension, coalesce(channel, 'Non renseigné') as value from scope
    union all select 'helpdesk' as dimension, coalesce(h.name, s.helpdesk) as value from scope s left join helpdesks h on h.helpdesk = s.helpdesk
    union all select 'priority' as dimension, coalesce(cast(priority as varchar), 'nd') as value from scope
    union all select 'kind' as dimension, coalesce(kind, 'nd') as value from scope
),
counted as (
    select dimension, value, count(*) as opened from asked group by dimension, value
),
tools as (
    select
        r.helpdesk, coalesce(h.name, r.helpdesk) as name,
        count(nullif(r.role, 'unknown')) as roles, count(r.channel) as channels, count(r.kind) as kinds
    from assistance_requests r
    left join helpdesks h on h.helpdesk = r.helpdesk
    where r.opened_day between $period_start and $period_end and r.helpdesk in (select helpdesk from scope)
    group by r.helpdesk, coalesce(h.name, r.helpdesk)
),
told as (
    select dimension, value, opened from counted
    union all select 'no_role' as dimension, name as value, cast(null as bigint) as opened from tools where roles = 0
    union all select 'no_channel' as dimension, name as value, cast(null as bigint) as opened from tools where channels = 0
    union all select 'no_kind' as dimension, name as value, cast(null as bigint) as opened from tools where kinds = 0
),
schools as (
    select n.uai, e.level, e.departement
    from nodes n
    join establishments e on e.uai = n.uai
    where n.node_kind = $node_kind and n.node = $node
),
accounts_of as (
    select a.account, a.role, s.level, s.departement
    from account_places a
    join schools s on s.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
),
people as (
    select 'all' as dimension, 'all' as value, count(distinct account) as n from accounts_of
    union all select 'level' as dimension, level as value, count(distinct account) as n from accounts_of group by level
    union all select 'role' as dimension, role as value, count(distinct account) as n from accounts_of group by role
    union all select 'departement' as dimension, departement as value, count(distinct account) as n from accounts_of group by departement
),
visits_of as (
    select v.visit_id, v.role, s.level, s.departement
    from visit_places v
    join schools s on s.uai = v.uai
    where v.day between $period_start and $period_end
),
used as (
    select 'all' as dimension, 'all' as value, count(distinct visit_id) as n from visits_of
    union all select 'level' as dimension, level as value, count(distinct visit_id) as n from visits_of group by level
    union all select 'role' as dimension, role as value, count(distinct visit_id) as n from visits_of group by role
    union all select 'departement' as dimension, departement as value, count(distinct visit_id) as n from visits_of group by departement
)
select
    c.dimension, c.value, c.opened,
    p.n as loaded_accounts, u.n as visits,
    1000.0 * c.opened / nullif(p.n, 0) as per_1000,
    10000.0 * c.opened / nullif(u.n, 0) as per_10000
from told c
left join people p on p.dimension = c.dimension and p.value = c.value
left join used u on u.dimension = c.dimension and u.value = c.value
order by c.dimension, c.opened desc, c.value
