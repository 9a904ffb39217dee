-- One row per role and establishment: the kind of its users in this role, a number as text. Users of one kind are in the same cells of every dashboard.
with roles as (
    select role from account_periods
    union
    select 'unknown' as role
),
placed as (
    select
        r.role, e.uai, e.academie, e.departement, e.level,
        case when e.level = '2D' then e.type end as type, e.sector
    from establishments e
    cross join roles r
)
select
    role, uai, academie, departement, level, type, sector,
    cast(dense_rank() over (order by role, academie, departement, level, type, sector) as text) as kind
from placed
