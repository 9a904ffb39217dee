-- One row per month with school days, level and role (`all` for every one) in a node: accounts loaded on the last day of the month that is told, by the days on which they came, for an average school week (five school days): daily from four days, weekly from one, monthly from one day in the month, none.
-- param period_start date
-- param period_end date
-- param reference_date date
-- param node_kind text
-- param node text
-- column month date dimension
-- column level text dimension
-- column role text dimension
-- column is_whole integer open
-- column school_days integer open
-- column loaded_accounts integer people
-- column daily integer people
-- column weekly integer people
-- column monthly integer people
-- column none integer people
-- column daily_share real rate daily over loaded_accounts
-- column weekly_share real rate weekly over loaded_accounts
-- column monthly_share real rate monthly over loaded_accounts
-- column none_share real rate none over loaded_accounts
-- linked loaded_accounts daily weekly monthly none
-- within loaded_accounts accounts reference
-- within daily accounts reference
-- within weekly accounts reference
-- within monthly accounts reference
-- within none accounts reference
--
-- The rhythm is of the account, whatever establishment it was attached to when it came.
with here as (
    select e.uai, e.level
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
),
months as (
    select
        cast(date_trunc('month', day) as date) as month, max(day) as last_day,
        count(*) as days, sum(case when kind = 'school' then 1 else 0 end) as school_days
    from calendar
    where day between $period_start and $period_end and day <= $reference_date
    group by cast(date_trunc('month', day) as date)
),
days_of as (
    select
        school_year, account, cast(date_trunc('month', day) as date) as month,
        count(distinct day) as days_seen
    from visits
    where day between $period_start and $period_end and day <= $reference_date
    group by school_year, account, cast(date_trunc('month', day) as date)
),
-- Accounts with the same stays are counted together: there are few of these.
accounts_once as (
    select
        a.school_year, a.account, a.role,
        text_set(a.uai || '/' || cast(a.valid_from as varchar) || '/' || cast(a.valid_to as varchar)) as stays
    from account_places a
    join here h on h.uai = a.uai
    where a.valid_from <= $reference_date and a.valid_to > $period_start
    group by a.school_year, a.account, a.role
),
loaded_by_stays as (
    select role, stays, count(*) as accounts from accounts_once group by role, stays
),
stays_once as (
    select distinct stays from loaded_by_stays
),
each_stay as (
    select stays, unnest(string_to_array(stays, ' ')) as stay from stays_once
),
-- The levels of those who are there on the last day of a month.
months_of_stays as (
    select distinct e.stays, m.month, h.level
    from each_stay e
    join here h on h.uai = split_part(e.stay, '/', 1)
    join months m
        on m.last_day >= cast(split_part(e.stay, '/', 2) as date)
        and m.last_day < cast(split_part(e.stay, '/', 3) as date)
    where m.school_days > 0
),
places_of_stays as (
    select stays, month, level from months_of_stays
    union all
    select distinct stays, month, 'all' as level from months_of_stays
),
came as (
    select
        a.role, a.stays, d.month,
        case
            when 5 * d.days_seen >= 4 * m.school_days then 'daily'
            when 5 * d.days_seen >= m.school_days then 'weekly'
            else 'monthly'
        end as rhythm
    from accounts_once a
    join days_of d on d.school_year = a.school_year and d.account = a.account
    join months m on m.month = d.month
),
came_by_stays as (
    select role, stays, month, rhythm, count(*) as accounts from came group by role, stays, month, rhythm
),
-- Who is loaded, and of them who came.
parts as (
    select p.month, p.level, l.role, 'loaded' as part, l.accounts
    from loaded_by_stays l
    join places_of_stays p on p.stays = l.stays
    union all
    select p.month, p.level, c.role, c.rhythm as part, c.accounts
    from came_by_stays c
    join places_of_stays p on p.stays = c.stays and p.month = c.month
),
summed as (
    select
        month, level, coalesce(role, 'all') as role,
        cast(sum(case when part = 'loaded' then accounts else 0 end) as bigint) as loaded_accounts,
        cast(sum(case when part = 'daily' then accounts else 0 end) as bigint) as daily,
        cast(sum(case when part = 'weekly' then accounts else 0 end) as bigint) as weekly,
        cast(sum(case when part = 'monthly' then accounts else 0 end) as bigint) as monthly
    from parts
    group by grouping sets ((month, level), (month, level, role))
),
counted as (
    select *, loaded_accounts - daily - weekly - monthly as none from summed
)
select
    c.month, c.level, c.role,
    case when m.days = extract(day from m.month + interval '1 month' - interval '1 day') then 1 else 0 end as is_whole,
    m.school_days, c.loaded_accounts, c.daily, c.weekly, c.monthly, c.none,
    cast(c.daily as double) / c.loaded_accounts as daily_share,
    cast(c.weekly as double) / c.loaded_accounts as weekly_share,
    cast(c.monthly as double) / c.loaded_accounts as monthly_share,
    cast(c.none as double) / c.loaded_accounts as none_share
from counted c
join months m on m.month = c.month
order by c.month, c.level, c.role
