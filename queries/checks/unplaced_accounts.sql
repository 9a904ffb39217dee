-- One row per role: accounts of the last day told by directories, and those that no establishment has.
-- column role text dimension
-- column accounts integer open
-- column unplaced integer open
with last_day as (
    select max(valid_from) as day from directory_reach
),
here as (
    select a.role, a.account, a.uai
    from account_places a
    cross join last_day d
    where a.valid_from <= d.day and a.valid_to > d.day
),
counted as (
    select
        role, count(distinct account) as accounts,
        count(distinct case when uai is null then account end) as unplaced
    from here
    group by role
)
select role, accounts, unplaced from counted where unplaced > 0 order by role
