-- One row per delivery of a directory and category: from when to when (end excluded) it says who is there, unless a later change says otherwise.
-- column source text dimension
-- column feed text dimension
-- column school_year text dimension
-- column category text dimension
-- column snapshot date dimension
-- column delivery text dimension
-- column valid_from date dimension
-- column valid_to date dimension
--
-- The first complete delivery of a school year holds from 1 August, the last one until 31 July,
-- each other one until the next complete one. Changes before any complete delivery say nothing.
with complete as (
    select source, feed, school_year, category, snapshot
    from directory_snapshots
    where delivery = 'complete'
),
firsts as (
    select source, feed, school_year, category, min(snapshot) as first_snapshot
    from complete
    group by source, feed, school_year, category
),
nexts as (
    select d.source, d.feed, d.school_year, d.category, d.snapshot, min(c.snapshot) as next_snapshot
    from directory_snapshots d
    join complete c
        on c.source = d.source and c.feed = d.feed and c.school_year = d.school_year
        and c.category = d.category and c.snapshot > d.snapshot
    group by d.source, d.feed, d.school_year, d.category, d.snapshot
)
select
    d.source, d.feed, d.school_year, d.category, d.snapshot, d.delivery,
    case
        when d.snapshot = f.first_snapshot then cast(substr(d.school_year, 1, 4) || '-08-01' as date)
        else d.snapshot
    end as valid_from,
    coalesce(n.next_snapshot, cast(substr(d.school_year, 6, 4) || '-08-01' as date)) as valid_to
from directory_snapshots d
join firsts f
    on f.source = d.source and f.feed = d.feed and f.school_year = d.school_year
    and f.category = d.category and f.first_snapshot <= d.snapshot
left join nexts n
    on n.source = d.source and n.feed = d.feed and n.school_year = d.school_year
    and n.category = d.category and n.snapshot = d.snapshot
order by d.source, d.feed, d.school_year, d.category, d.snapshot
