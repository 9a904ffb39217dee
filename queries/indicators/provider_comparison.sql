-- One row per month, role and kind of export of the provider: its logins, the logins of our events and the visits of access logs, side by side.
-- param period_start date
-- param period_end date
-- param timeout_minutes integer
-- column month date dimension
-- column role text dimension
-- column provider text dimension
-- column level text dimension
-- column frequency text dimension
-- column login_accounts integer people
-- column logins integer volume of login_accounts
-- column provider_visitors integer people
-- column provider_logins integer volume of provider_visitors
-- column visitors integer people
-- column visits integer volume of visitors
-- column difference integer rate logins over provider_logins
-- column ratio real rate logins over provider_logins
-- column visits_per_login real rate visits over logins
--
-- For comparing, never for adding. Visits are always those of access logs here, whatever
-- measures usage. A week belongs to the month of its Monday. The sum over establishments is
-- larger than the platform: people of two establishments count in each. The provider's visitors
-- are those of its busiest period in the month: fewer than those of the month.
with ours as (
    select
        cast(date_trunc('month', day) as date) as month, role,
        count(distinct platform_account) as login_accounts, count(*) as logins
    from events
    where event_type = 'LOGIN' and day between $period_start and $period_end
    group by 1, 2
),
-- The same count in two exports counts once: the later one is not smaller.
exported as (
    select
        source, level, frequency, about, role, measure, device,
        cast(date_trunc('month', period_start) as date) as month,
        coalesce(uai, '') as uai, period_start, max(value) as value
    from provider_statistics
    where measure in ('logins', 'visitors') and level in ('platform', 'structure')
        and period_start between $period_start and $period_end
    group by source, level, frequency, about, role, measure, device, period_start, uai
),
-- Logins by device are those of the other export once more.
provider_logins as (
    select
        month, role, source, level, frequency,
        coalesce(
            sum(case when device is null then value end),
            sum(case when device is not null then value end)
        ) as provider_logins
    from exported
    where measure = 'logins'
    group by month, role, source, level, frequency
),
busiest as (
    select month, role, source, level, frequency, uai, max(value) as visitors
    from exported
    where measure = 'visitors'
    group by month, role, source, level, frequency, uai
),
provider_visitors as (
    select month, role, source, level, frequency, sum(visitors) as provider_visitors
    from busiest
    group by month, role, source, level, frequency
),
gaps as (
    select
        school_year, account, day,
        arrow_cast(time, 'Int64') - lag(arrow_cast(time, 'Int64')) over (
            partition by school_year, account order by time
        ) as gap_ms
    from requests
    where account is not null and kind in ('page', 'action')
        and day between $period_start - interval '1 day' and $period_end
),
starts as (
    select school_year, account, day
    from gaps
    where (gap_ms is null or gap_ms > $timeout_minutes * 60000)
        and day between $period_start and $period_end
),
seen as (
    select
        cast(date_trunc('month', s.day) as date) as month, coalesce(p.role, 'unknown') as role,
        count(distinct s.account) as visitors, count(*) as visits
    from starts s
    left join account_periods p
        on p.school_year = s.school_year and p.account = s.account
        and s.day >= p.valid_from and s.day < p.valid_to
    group by 1, 2
),
cells as (
    select month, role from ours
    union
    select month, role from provider_logins
    union
    select month, role from seen
)
select
    c.month, c.role, l.source as provider, l.level, l.frequency,
    coalesce(o.login_accounts, 0) as login_accounts, coalesce(o.logins, 0) as logins,
    v.provider_visitors, l.provider_logins,
    coalesce(s.visitors, 0) as visitors, coalesce(s.visits, 0) as visits,
    coalesce(o.logins, 0) - l.provider_logins as difference,
    cast(coalesce(o.logins, 0) as double) / nullif(l.provider_logins, 0) as ratio,
    cast(coalesce(s.visits, 0) as double) / nullif(o.logins, 0) as visits_per_login
from cells c
left join ours o on o.month = c.month and o.role = c.role
left join provider_logins l on l.month = c.month and l.role = c.role
left join provider_visitors v
    on v.month = l.month and v.role = l.role and v.source = l.source
    and v.level = l.level and v.frequency = l.frequency
left join seen s on s.month = c.month and s.role = c.role
order by c.month, c.role, l.source, l.level, l.frequency
