-- One row per establishment that a directory tells and the school list does not: visits of its accounts, and their share of all visits.
-- column uai text dimension
-- column name text dimension
-- column visits integer open
-- column share real open
with told as (
    select uai, max(name) as name from structures group by uai
),
unlisted as (
    select t.uai, t.name
    from told t
    left anti join establishments e on e.uai = t.uai
),
visited as (
    select uai, count(distinct visit_id) as visits from visit_places where uai is not null group by uai
),
total as (
    select count(*) as visits from visits
)
select
    u.uai, u.name, coalesce(v.visits, 0) as visits,
    coalesce(cast(coalesce(v.visits, 0) as double) / nullif(t.visits, 0), 0.0) as share
from unlisted u
cross join total t
left join visited v on v.uai = u.uai
order by u.uai
