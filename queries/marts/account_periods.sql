-- One row per account and time in one role: from when to when (end excluded). The times of an account do not overlap.
-- column school_year text dimension
-- column account pseudonym dimension
-- column role text dimension
-- column valid_from date dimension
-- column valid_to date dimension
--
-- Most accounts are told once, or one of the times told holds all others in the same role.
with grouped as (
    select
        school_year, account,
        min(role_rank) as role_rank, max(role_rank) as last_rank,
        min(valid_from) as valid_from, max(valid_to) as valid_to,
        max(arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32')) as days
    from account_spans
    group by school_year, account
),
judged as (
    select
        *,
        role_rank = last_rank
            and days = arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32') as is_one
    from grouped
),
several as (
    select s.*
    from account_spans s
    join judged j on j.school_year = s.school_year and j.account = s.account
    where not j.is_one
),
bounds as (
    select school_year, account, valid_from as bound from several
    union
    select school_year, account, valid_to as bound from several
),
pieces as (
    select
        school_year, account, bound as valid_from,
        lead(bound) over (partition by school_year, account order by bound) as valid_to
    from bounds
),
decided as (
    select p.school_year, p.account, min(s.role_rank) as role_rank, p.valid_from, p.valid_to
    from pieces p
    join several s
        on s.school_year = p.school_year and s.account = p.account
        and s.valid_from <= p.valid_from and s.valid_to >= p.valid_to
    group by p.school_year, p.account, p.valid_from, p.valid_to
),
-- What follows without gap in the same role is one time.
begun as (
    select
        *,
        case
            when lag(valid_to) over w = valid_from and lag(role_rank) over w = role_rank then 0
            else 1
        end as begins
    from decided
    window w as (partition by school_year, account order by valid_from)
),
numbered as (
    select
        *,
        sum(begins) over (
            partition by school_year, account order by valid_from
            rows between unbounded preceding and current row
        ) as number
    from begun
),
times as (
    select school_year, account, role_rank, valid_from, valid_to from judged where is_one
    union all
    select
        school_year, account, min(role_rank) as role_rank,
        min(valid_from) as valid_from, max(valid_to) as valid_to
    from numbered
    group by school_year, account, number
)
select
    school_year, account,
    case role_rank
        when 1 then 'teacher' when 2 then 'staff' when 3 then 'student' when 4 then 'parent' else 'unknown'
    end as role,
    valid_from, valid_to
from times
order by school_year, account, valid_from
