-- One row per action of the register `actions` in the period that names its establishments: visits by 100 accounts loaded and school day, on average over the establishments, in the 8 weeks before and the 8 weeks after it, of those concerned and of others of the same type and département without any action in these weeks; how much more the former changed than the latter (difference in differences), with its 95 % interval.
-- param period_start date
-- param period_end date
-- param node_kind text
-- param node text
-- column action text dimension
-- column day date dimension
-- column establishments integer open
-- column others integer open
-- column accounts integer people
-- column other_accounts integer people
-- column before real volume of accounts
-- column after real volume of accounts
-- column others_before real volume of other_accounts
-- column others_after real volume of other_accounts
-- column effect real volume of accounts
-- column low real volume of accounts
-- column high real volume of accounts
--
-- Means are those of five establishments or more: of fewer, one could be told from the others.
-- The interval is Welch's, with Student's quantile for one degree less than the smaller side has
-- establishments, which is on the side of caution. Nothing is given until the data reach to the
-- end of the 8 weeks.
with fields as (
    select
        row,
        max(case when field = 'id' then value end) as action,
        cast(max(case when field = 'date' then value end) as date) as day,
        max(case when field = 'etablissements' then value end) as schools
    from registers
    where register = 'actions'
    group by row
),
acted as (
    select distinct row, action, day, unnest(string_to_array(replace(schools, ',', ' '), ' ')) as uai
    from fields
    where schools is not null
),
bounds as (
    select min(day) as first_day, max(day) as last_day from visits
),
windows as (
    select
        a.row, a.action, a.day,
        cast(a.day - interval '56 days' as date) as from_day, cast(a.day + interval '55 days' as date) as to_day
    from acted a
    join nodes n on n.uai = a.uai and n.node_kind = $node_kind and n.node = $node
    where a.day between $period_start and $period_end
    group by a.row, a.action, a.day
),
whole as (
    select w.* from windows w cross join bounds b where b.first_day <= w.from_day and b.last_day >= w.to_day
),
concerned as (
    select w.row, w.action, w.day, w.from_day, w.to_day, e.uai, e.type, e.departement
    from whole w
    join acted a on a.row = w.row
    join establishments e on e.uai = a.uai
),
likes as (
    select distinct row, action, day, from_day, to_day, type, departement from concerned
),
members as (
    select row, action, day, from_day, to_day, uai, 1 as is_concerned from concerned
    union all
    select l.row, l.action, l.day, l.from_day, l.to_day, e.uai, 0 as is_concerned
    from likes l
    join establishments e on e.type = l.type and e.departement = l.departement
    left join acted o on o.uai = e.uai and o.day between l.from_day and l.to_day
    where o.uai is null
        and coalesce(e.deployed_from, l.from_day) <= l.from_day and coalesce(e.deployed_to, l.to_day) >= l.to_day
),
loaded as (
    select m.row, m.uai, count(distinct p.account) as accounts
    from members m
    join account_places p on p.uai = m.uai and p.valid_from <= m.day and p.valid_to > m.day
    group by m.row, m.uai
),
school as (
    select
        w.row,
        sum(case when c.day < w.day then 1 else 0 end) as days_before,
        sum(case when c.day >= w.day then 1 else 0 end) as days_after
    from whole w
    join calendar c on c.day between w.from_day and w.to_day and c.kind = 'school'
    group by w.row
),
visited as (
    select
        m.row, m.uai,
        sum(case when v.day < m.day then 1 else 0 end) as visits_before,
        sum(case when v.day >= m.day then 1 else 0 end) as visits_after
    from members m
    join visit_places v on v.uai = m.uai and v.day between m.from_day and m.to_day
    group by m.row, m.uai
),
rates as (
    select
        m.row, m.action, m.day, m.is_concerned, l.accounts,
        100.0 * coalesce(v.visits_before, 0) / l.accounts / s.days_before as before,
        100.0 * coalesce(v.visits_after, 0) / l.accounts / s.days_after as after
    from members m
    join loaded l on l.row = m.row and l.uai = m.uai
    join school s on s.row = m.row and s.days_before > 0 and s.days_after > 0
    left join visited v on v.row = m.row and v.uai = m.uai
),
sides as (
    select
        row, action, day, is_concerned,
        count(*) as establishments, cast(sum(accounts) as bigint) as accounts,
        avg(before) as before, avg(after) as after,
        avg(after - before) as change, var_samp(after - before) / count(*) as variance
    from rates
    group by row, action, day, is_concerned
),
both_sides as (
    select
        t.action, t.day, t.establishments, coalesce(o.establishments, 0) as others,
        t.accounts, coalesce(o.accounts, 0) as other_accounts,
        t.before, t.after, o.before as others_before, o.after as others_after,
        t.change - o.change as effect,
        least(t.establishments, coalesce(o.establishments, 0)) - 1 as degrees,
        sqrt(t.variance + o.variance) as error
    from sides t
    left join sides o on o.row = t.row and o.is_concerned = 0
    where t.is_concerned = 1
),
-- Of Student, 0.975, for so many degrees or the next fewer in the table.
judged as (
    select
        *,
        case
            when degrees >= 60 then 2.000 when degrees >= 30 then 2.042 when degrees >= 20 then 2.086
            when degrees >= 15 then 2.131 when degrees >= 10 then 2.228 when degrees = 9 then 2.262
            when degrees = 8 then 2.306 when degrees = 7 then 2.365 when degrees = 6 then 2.447
            when degrees = 5 then 2.571 when degrees = 4 then 2.776
        end as quantile
    from both_sides
)
select
    action, day, establishments, others, accounts, other_accounts,
    case when establishments >= 5 then before end as before,
    case when establishments >= 5 then after end as after,
    case when others >= 5 then others_before end as others_before,
    case when others >= 5 then others_after end as others_after,
    case when degrees >= 4 then effect end as effect,
    case when degrees >= 4 then effect - quantile * error end as low,
    case when degrees >= 4 then effect + quantile * error end as high
from judged
order by day, action
