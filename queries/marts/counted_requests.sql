-- One row per counted request (a page or an action of a known account), with the first moment of its visit: from access logs or from events, as `usage_sources` says for its day.
-- kept for a step
-- param timeout_minutes integer
-- column school_year text dimension
-- column account pseudonym dimension
-- column start_time instant dimension
-- column time instant dimension
-- column kind text dimension
-- column service text dimension
-- column device text dimension
--
-- Of the days for which marts are made, with the day before and as many after as a visit
-- lasts. Never both sources of a day, so nothing is counted twice. An account that no export of the platform
-- links to the directory stays under its own pseudonym, with no role.
with links as (
    select school_year, platform_account, min(account) as account
    from platform_accounts
    group by school_year, platform_account
),
counted as (
    select r.school_year, r.account, r.time, r.kind, r.service, r.device
    from requests r
    join usage_sources u on u.source = 'requests' and r.day >= u.valid_from and r.day < u.valid_to
    where r.account is not null and r.kind in ('page', 'action')
    union all
    select
        e.school_year, coalesce(l.account, e.platform_account) as account, e.time,
        case when e.event_type = 'ACCESS' then 'page' else 'action' end as kind,
        e.service, 'unknown' as device
    from events e
    join usage_sources u on u.source = 'events' and e.day >= u.valid_from and e.day < u.valid_to
    left join links l on l.school_year = e.school_year and l.platform_account = e.platform_account
    where e.platform_account is not null
        and e.event_type in ('LOGIN', 'ACTIVATION', 'ACCESS', 'CREATE', 'SHARE', 'CONNECTOR', 'GET_RESOURCE')
),
timed as (
    select *, arrow_cast(time, 'Int64') as ms from counted
),
gaps as (
    select
        *,
        ms - lag(ms) over (partition by school_year, account order by ms) as gap_ms
    from timed
),
starts as (
    select *, case when gap_ms is null or gap_ms > $timeout_minutes * 60000 then 1 else 0 end as is_start
    from gaps
)
select
    school_year, account,
    max(case when is_start = 1 then time end) over (
        partition by school_year, account order by ms, is_start desc
        rows between unbounded preceding and current row
    ) as start_time,
    time, kind, service, device
from starts
order by school_year, account, time, kind, service, device
