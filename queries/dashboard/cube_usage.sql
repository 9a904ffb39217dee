-- One row per area of a scope, slice (level or type), sector and role (`all` for every one): accounts at the reference date, usage of the period and of the same period a year before.
-- param period_start date
-- param period_end date
-- param previous_start date
-- param previous_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column area_kind text dimension
-- column area text dimension
-- column slice text dimension
-- column sector text dimension
-- column role text dimension
-- column establishments integer open
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
-- A visit of someone attached to several establishments counts once in each cell. Before the
-- first data there is nothing to compare with: no value, not zero.
with known as (
    select count(*) as earlier_days
    from (select distinct day from visits where day between $previous_start and $previous_end) as days
),
here as (
    select role, places, kinds from kind_sets where node_kind = $node_kind and node = $node
),
used as (
    select v.account, h.kinds, case when v.day >= $period_start then 'now' else 'before' end as span
    from visit_sets v
    join here h on h.role = v.role and h.places = v.places
    where v.day between $period_start and $period_end
        or v.day between $previous_start and $previous_end
),
-- People by all the kinds that they were of, visits by the kinds of their own: few rows, before each
-- becomes one in every cell.
came as (
    select account, kinds, span, text_set(kinds) as all_kinds, count(*) as visits
    from used
    group by grouping sets ((account, span), (kinds, span))
),
people as (
    select
        a.uai, a.account, h.kinds, case when a.activated_on <= $reference_date then h.kinds end as activated_kinds
    from account_places a
    join here h on h.role = a.role and h.places = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $reference_date
),
loaded as (
    select uai, account, text_set(kinds) as kinds, text_set(activated_kinds) as activated_kinds
    from people
    group by grouping sets ((uai), (account))
),
tallied as (
    select
        coalesce(kinds, all_kinds) as kinds,
        case
            when span = 'now' and account is null then 'visits'
            when span = 'now' then 'visitors'
            when account is null then 'visits_before'
            else 'visitors_before'
        end as measure,
        case when account is null then visits else 1 end as number
    from came
    union all
    select
        case m.measure when 'activated' then l.activated_kinds else l.kinds end as kinds,
        m.measure, 1 as number
    from loaded l
    join (values ('establishments', 'uai'), ('loaded', 'account'), ('activated', 'account')) as m (measure, counts)
        on m.counts = case when l.account is null then 'uai' else 'account' end
),
counted as (
    select kinds, measure, sum(number) as number from tallied group by kinds, measure
),
split as (
    select kinds, measure, number, unnest(string_to_array(kinds, ' ')) as kind from counted
),
placed as (
    select distinct s.kinds, s.measure, s.number, c.cell
    from split s
    join kind_cells c on c.kind = s.kind
),
summed as (
    select
        cell,
        sum(case measure when 'establishments' then number else 0 end) as establishments,
        sum(case measure when 'loaded' then number else 0 end) as loaded_accounts,
        sum(case measure when 'activated' then number else 0 end) as activated_accounts,
        sum(case measure when 'visitors' then number else 0 end) as visitors,
        sum(case measure when 'visits' then number else 0 end) as visits,
        sum(case measure when 'visitors_before' then number else 0 end) as visitors_before,
        sum(case measure when 'visits_before' then number else 0 end) as visits_before
    from placed
    group by cell
),
names as (
    select distinct cell, area_kind, case area_kind when 'scope' then $node else area end as area, slice, sector, role
    from kind_cells
)
select
    n.area_kind, n.area, n.slice, n.sector, n.role,
    s.establishments, s.loaded_accounts, s.activated_accounts, s.visitors, s.visits,
    cast(s.activated_accounts as double) / nullif(s.loaded_accounts, 0) as activation_rate,
    cast(s.visitors as double) / nullif(s.loaded_accounts, 0) as active_rate,
    cast(s.visits as double) / nullif(s.visitors, 0) as visits_per_visitor,
    case when k.earlier_days > 0 then s.visitors_before end as visitors_before,
    case when k.earlier_days > 0 then s.visits_before end as visits_before,
    cast(s.visits as double) / nullif(s.visits_before, 0) - 1.0 as visits_change
from summed s
join names n on n.cell = s.cell
cross join known k
order by n.area_kind, n.area, n.slice, n.sector, n.role
