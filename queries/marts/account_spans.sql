-- One row per account, feed, category and time without change in one role, as each feed tells it alone: from when to when (end excluded).
-- column school_year text dimension
-- column account pseudonym dimension
-- column role_rank integer dimension
-- column valid_from date dimension
-- column valid_to date dimension
--
-- The ranks are those of precedence (spec 2): a teacher before staff, a pupil, a parent.
with told as (
    select a.*, r.delivery, r.valid_from, r.valid_to
    from accounts a
    join directory_reach r
        on r.source = a.source and r.feed = a.feed and r.school_year = a.school_year
        and r.category = a.category and r.snapshot = a.snapshot
),
changed as (
    select * from told where delivery = 'delta'
),
-- A change ends what was told of the account before.
nexts as (
    select t.feed, t.category, t.school_year, t.account, t.snapshot, min(c.snapshot) as next_snapshot
    from changed c
    join told t
        on t.feed = c.feed and t.category = c.category
        and t.school_year = c.school_year and t.account = c.account and t.snapshot < c.snapshot
    group by t.feed, t.category, t.school_year, t.account, t.snapshot
),
spans as (
    select
        t.school_year, t.account, t.feed, t.category, t.valid_from,
        least(t.valid_to, coalesce(n.next_snapshot, t.valid_to)) as valid_to,
        case t.role
            when 'teacher' then 1 when 'staff' then 2 when 'student' then 3 when 'parent' then 4 else 5
        end as role_rank
    from told t
    left join nexts n
        on n.feed = t.feed and n.category = t.category
        and n.school_year = t.school_year and n.account = t.account and n.snapshot = t.snapshot
    where t.change = 'present'
),
measured as (
    select *, arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32') as days
    from spans
    where valid_from < valid_to
),
-- The times that one feed tells do not overlap: where they fill the time from the first
-- to the last, they are one.
grouped as (
    select
        school_year, account, feed, category,
        min(role_rank) as role_rank, max(role_rank) as last_rank,
        min(valid_from) as valid_from, max(valid_to) as valid_to, sum(days) as days
    from measured
    group by school_year, account, feed, category
),
judged as (
    select
        *,
        role_rank = last_rank
            and days = arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32') as is_one
    from grouped
)
select school_year, account, role_rank, valid_from, valid_to
from judged
where is_one
union all
select m.school_year, m.account, m.role_rank, m.valid_from, m.valid_to
from measured m
join judged j
    on j.school_year = m.school_year and j.account = m.account
    and j.feed = m.feed and j.category = m.category
where not j.is_one
order by school_year, account, role_rank, valid_from, valid_to
