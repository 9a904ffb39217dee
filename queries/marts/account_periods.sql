-- One row per account and directory snapshot: the role it had, and from when to when (end excluded).
-- column school_year text dimension
-- column account pseudonym dimension
-- column role text dimension
-- column snapshot date dimension
-- column valid_from date dimension
-- column valid_to date dimension
--
-- The first snapshot of a school year holds from 1 August, the last one until 31 July.
with snapshots as (
    select distinct source, school_year, snapshot from accounts
),
neighbours as (
    select
        source, school_year, snapshot,
        lag(snapshot) over (partition by source, school_year order by snapshot) as snapshot_before,
        lead(snapshot) over (partition by source, school_year order by snapshot) as snapshot_after
    from snapshots
),
spans as (
    select
        source, school_year, snapshot,
        case
            when snapshot_before is null then cast(substr(school_year, 1, 4) || '-08-01' as date)
            else snapshot
        end as valid_from,
        coalesce(snapshot_after, cast(substr(school_year, 6, 4) || '-08-01' as date)) as valid_to
    from neighbours
)
select a.school_year, a.account, a.role, a.snapshot, s.valid_from, s.valid_to
from accounts a
join spans s on s.source = a.source and s.school_year = a.school_year and s.snapshot = a.snapshot
order by a.school_year, a.account, s.valid_from
