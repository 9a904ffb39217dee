-- One row per establishment of a scope and role (`all` for every one): accounts at the reference date, usage of the period and of the same period a year before.
-- param period_start date
-- param period_end date
-- param previous_start date
-- param previous_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column uai text dimension
-- column role text dimension
-- column loaded_accounts integer people
-- column activated_accounts integer people
-- column visitors integer people
-- column visits integer volume of visitors
-- column activation_rate real rate activated_accounts over loaded_accounts
-- column active_rate real rate visitors over loaded_accounts
-- column visits_per_visitor real rate visits over visitors
-- column visitors_before integer people
-- column visits_before integer volume of visitors_before
-- column visits_change real rate visits over visits_before
-- cell loaded_accounts accounts reference
-- cell activated_accounts activated reference
-- cell visitors visitors period
-- cell visitors_before visitors previous
--
-- Someone attached to several establishments counts in each: not to be added up.
with here as (
    select uai from nodes where node_kind = $node_kind and node = $node
),
known as (
    select count(*) as earlier_days
    from (select distinct day from visits where day between $previous_start and $previous_end) as days
),
used as (
    select
        v.uai, v.role,
        case when v.day >= $period_start then v.account end as account_now,
        case when v.day >= $period_start then v.visit_id end as visit_now,
        case when v.day <= $previous_end then v.account end as account_before,
        case when v.day <= $previous_end then v.visit_id end as visit_before
    from visit_places v
    join here h on h.uai = v.uai
    where v.day between $period_start and $period_end
        or v.day between $previous_start and $previous_end
),
usage as (
    select
        uai, coalesce(role, 'all') as role,
        count(distinct account_now) as visitors, count(distinct visit_now) as visits,
        count(distinct account_before) as visitors_before, count(distinct visit_before) as visits_before
    from used
    group by grouping sets ((uai), (uai, role))
),
people as (
    select a.uai, a.role, a.account, case when a.activated_on <= $reference_date then a.account end as activated
    from account_places a
    join here h on h.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
),
accounts_of as (
    select
        uai, coalesce(role, 'all') as role,
        count(distinct account) as loaded_accounts, count(distinct activated) as activated_accounts
    from people
    group by grouping sets ((uai), (uai, role))
),
joined as (
    select
        coalesce(a.uai, u.uai) as uai, coalesce(a.role, u.role) as role,
        coalesce(a.loaded_accounts, 0) as loaded_accounts,
        coalesce(a.activated_accounts, 0) as activated_accounts,
        coalesce(u.visitors, 0) as visitors, coalesce(u.visits, 0) as visits,
        coalesce(u.visitors_before, 0) as visitors_before, coalesce(u.visits_before, 0) as visits_before
    from accounts_of a
    full outer join usage u on u.uai = a.uai and u.role = a.role
)
select
    j.uai, j.role, j.loaded_accounts, j.activated_accounts, j.visitors, j.visits,
    cast(j.activated_accounts as double) / nullif(j.loaded_accounts, 0) as activation_rate,
    cast(j.visitors as double) / nullif(j.loaded_accounts, 0) as active_rate,
    cast(j.visits as double) / nullif(j.visitors, 0) as visits_per_visitor,
    case when k.earlier_days > 0 then j.visitors_before end as visitors_before,
    case when k.earlier_days > 0 then j.visits_before end as visits_before,
    cast(j.visits as double) / nullif(j.visits_before, 0) - 1.0 as visits_change
from joined j
cross join known k
order by j.uai, j.role
