-- One row per account, establishment and reason to be there: from when to when (end excluded). A parent's establishments are those of the children.
-- column school_year text dimension
-- column account pseudonym dimension
-- column uai text dimension
-- column valid_from date dimension
-- column valid_to date dimension
with kin as (
    select k.*, r.delivery, r.valid_from, r.valid_to
    from kinships k
    join directory_reach r
        on r.source = k.source and r.feed = k.feed and r.school_year = k.school_year
        and r.category = 'student' and r.snapshot = k.snapshot
),
again as (
    select distinct feed, school_year, account, snapshot from kin where delivery = 'delta'
),
nexts as (
    select k.feed, k.school_year, k.account, k.snapshot, min(c.snapshot) as next_snapshot
    from again c
    join kin k
        on k.feed = c.feed and k.school_year = c.school_year and k.account = c.account
        and k.snapshot < c.snapshot
    group by k.feed, k.school_year, k.account, k.snapshot
),
parents as (
    select
        k.source, k.school_year, k.account, k.parent, k.valid_from,
        least(k.valid_to, coalesce(n.next_snapshot, k.valid_to)) as valid_to
    from kin k
    left join nexts n
        on n.feed = k.feed and n.school_year = k.school_year and n.account = k.account
        and n.snapshot = k.snapshot
    where k.parent is not null
),
of_children as (
    select
        p.source, p.school_year, p.parent as account, o.structure,
        greatest(p.valid_from, o.valid_from) as valid_from, least(p.valid_to, o.valid_to) as valid_to
    from parents p
    join attachment_spans o
        on o.source = p.source and o.school_year = p.school_year and o.account = p.account
        and o.valid_from < p.valid_to and p.valid_from < o.valid_to
    where o.category = 'student'
),
everywhere as (
    select source, school_year, account, structure, valid_from, valid_to from attachment_spans
    union all
    select source, school_year, account, structure, valid_from, valid_to from of_children
),
-- A table of accounts may name establishments by their UAI, which are then their own keys.
named as (
    select
        e.school_year, e.account, e.valid_from, e.valid_to,
        coalesce(
            n.uai, case when e.structure ~ '^[0-9]{7}[A-Z]$' then e.structure end
        ) as uai
    from everywhere e
    left join structure_names n on n.source = e.source and n.structure = e.structure
    where e.valid_from < e.valid_to
)
select school_year, account, uai, valid_from, valid_to
from named
where uai is not null
order by school_year, account, uai, valid_from, valid_to
