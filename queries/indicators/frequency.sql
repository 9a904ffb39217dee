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
people as (
    select distinct m.month, m.school_days, h.level, a.role, a.school_year, a.account
    from account_places a
    join here h on h.uai = a.uai
    join months m on m.last_day >= a.valid_from and m.last_day < a.valid_to
    where m.school_days > 0
),
people_once as (
    select * from people
    union all
    select distinct month, school_days, 'all' as level, role, school_year, account from people
),
classed as (
    select
        p.month, p.level, p.role,
        case
            when d.days_seen is null then 'none'
            when 5 * d.days_seen >= 4 * p.school_days then 'daily'
            when 5 * d.days_seen >= p.school_days then 'weekly'
            else 'monthly'
        end as rhythm
    from people_once p
    left join days_of d on d.month = p.month and d.school_year = p.school_year and d.account = p.account
),
counted as (
    select
        month, level, coalesce(role, 'all') as role, count(*) as loaded_accounts,
        sum(case when rhythm = 'daily' then 1 else 0 end) as daily,
        sum(case when rhythm = 'weekly' then 1 else 0 end) as weekly,
        sum(case when rhythm = 'monthly' then 1 else 0 end) as monthly,
        sum(case when rhythm = 'none' then 1 else 0 end) as none
    from classed
    group by grouping sets ((month, level), (month, level, role))
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
