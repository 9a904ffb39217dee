-- One row per visit and establishment to which its account was attached on that day, with the role of that day.
-- kept by day
-- param first_day date
-- param last_day date
-- column visit_id integer dimension
-- column school_year text dimension
-- column account pseudonym dimension
-- column day date dimension
-- column role text dimension
-- column uai text dimension
-- column page_views integer open
with roles as (
    select v.visit_id, v.school_year, v.account, v.day, v.page_views, p.role
    from visits v
    left join account_periods p
        on p.school_year = v.school_year and p.account = v.account
        and v.day >= p.valid_from and v.day < p.valid_to
    where v.day between $first_day and $last_day
)
select
    r.visit_id, r.school_year, r.account, r.day,
    coalesce(r.role, 'unknown') as role,
    a.uai, r.page_views
from roles r
left join account_places a
    on a.school_year = r.school_year and a.account = r.account
    and r.day >= a.valid_from and r.day < a.valid_to
order by r.visit_id, a.uai
