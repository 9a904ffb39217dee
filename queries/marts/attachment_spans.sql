-- One row per account, structure and time of attachment without change, as each feed tells it: from when to when (end excluded).
-- column source text dimension
-- column category text dimension
-- column school_year text dimension
-- column account pseudonym dimension
-- column structure text dimension
-- column valid_from date dimension
-- column valid_to date dimension
with attached as (
    select a.*, r.delivery, r.valid_from, r.valid_to
    from attachments a
    join directory_reach r
        on r.source = a.source and r.feed = a.feed and r.school_year = a.school_year
        and r.category = a.category and r.snapshot = a.snapshot
),
again as (
    select distinct feed, category, school_year, account, told_by, snapshot
    from attached
    where delivery = 'delta'
),
-- A change ends what the same attribute told of the account before.
nexts as (
    select
        a.feed, a.category, a.school_year, a.account, a.told_by, a.snapshot,
        min(c.snapshot) as next_snapshot
    from again c
    join attached a
        on a.feed = c.feed and a.category = c.category and a.school_year = c.school_year
        and a.account = c.account and a.told_by = c.told_by and a.snapshot < c.snapshot
    group by a.feed, a.category, a.school_year, a.account, a.told_by, a.snapshot
),
spans as (
    select
        a.source, a.feed, a.category, a.school_year, a.account, a.told_by, a.structure, a.valid_from,
        least(a.valid_to, coalesce(n.next_snapshot, a.valid_to)) as valid_to
    from attached a
    left join nexts n
        on n.feed = a.feed and n.category = a.category and n.school_year = a.school_year
        and n.account = a.account and n.told_by = a.told_by and n.snapshot = a.snapshot
    where a.structure is not null
),
measured as (
    select *, arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32') as days
    from spans
    where valid_from < valid_to
),
grouped as (
    select
        source, feed, category, school_year, account, told_by, structure,
        min(valid_from) as valid_from, max(valid_to) as valid_to, sum(days) as days
    from measured
    group by source, feed, category, school_year, account, told_by, structure
),
judged as (
    select
        *, days = arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32') as is_one
    from grouped
)
select source, category, school_year, account, structure, valid_from, valid_to
from judged
where is_one
union all
select m.source, m.category, m.school_year, m.account, m.structure, m.valid_from, m.valid_to
from measured m
join judged j
    on j.source = m.source and j.feed = m.feed and j.category = m.category
    and j.school_year = m.school_year and j.account = m.account and j.told_by = m.told_by
    and j.structure = m.structure
where not j.is_one
order by source, category, school_year, account, structure, valid_from, valid_to
