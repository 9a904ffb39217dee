-- One row per account and directory snapshot: its role, and all of its establishments as one text (in order, a blank between them; empty without any), from when to when (end excluded).
-- column school_year text dimension
-- column account pseudonym dimension
-- column role text dimension
-- column places text dimension
-- column valid_from date dimension
-- column valid_to date dimension
with attached as (
    select distinct school_year, account, snapshot, uai from attachments
),
together as (
    select school_year, account, snapshot, string_agg(uai, ' ' order by uai) as places
    from attached
    group by school_year, account, snapshot
)
select p.school_year, p.account, p.role, coalesce(t.places, '') as places, p.valid_from, p.valid_to
from account_periods p
left join together t
    on t.school_year = p.school_year and t.account = p.account and t.snapshot = p.snapshot
order by p.school_year, p.account, p.valid_from
