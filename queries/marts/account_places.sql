-- One row per account, establishment and time in one role (one without establishment for an account that has none), with the day of activation.
-- column school_year text dimension
-- column account pseudonym dimension
-- column role text dimension
-- column uai text dimension
-- column valid_from date dimension
-- column valid_to date dimension
-- column activated_on date dimension
with activations as (
    select school_year, account, min(activated_on) as activated_on
    from platform_accounts
    group by school_year, account
),
grouped as (
    select
        school_year, account, uai, min(valid_from) as valid_from, max(valid_to) as valid_to,
        max(arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32')) as days
    from place_spans
    group by school_year, account, uai
),
judged as (
    select
        *, days = arrow_cast(valid_to, 'Int32') - arrow_cast(valid_from, 'Int32') as is_one
    from grouped
),
several as (
    select s.*
    from place_spans s
    join judged j on j.school_year = s.school_year and j.account = s.account and j.uai = s.uai
    where not j.is_one
),
reached as (
    select
        *,
        max(valid_to) over (
            partition by school_year, account, uai order by valid_from, valid_to
            rows between unbounded preceding and 1 preceding
        ) as reached
    from several
),
numbered as (
    select
        *,
        sum(case when reached >= valid_from then 0 else 1 end) over (
            partition by school_year, account, uai order by valid_from, valid_to
            rows between unbounded preceding and current row
        ) as number
    from reached
),
times as (
    select school_year, account, uai, valid_from, valid_to from judged where is_one
    union all
    select school_year, account, uai, min(valid_from) as valid_from, max(valid_to) as valid_to
    from numbered
    group by school_year, account, uai, number
)
select
    p.school_year, p.account, p.role, t.uai,
    greatest(p.valid_from, coalesce(t.valid_from, p.valid_from)) as valid_from,
    least(p.valid_to, coalesce(t.valid_to, p.valid_to)) as valid_to,
    x.activated_on
from account_periods p
left join times t
    on t.school_year = p.school_year and t.account = p.account
    and t.valid_from < p.valid_to and p.valid_from < t.valid_to
left join activations x on x.school_year = p.school_year and x.account = p.account
order by p.school_year, p.account, valid_from, t.uai
