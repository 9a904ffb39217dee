-- One row per partner that sent communications through the ENT in the period: how many, and how many against article 5.1, for one reason or both.
-- A collectivité may not write to pupils alone; nobody writes to establishments outside of its perimeter.
-- param period_start date
-- param period_end date
-- column sender text dimension
-- column name text dimension
-- column communications integer open
-- column to_pupils_alone integer open
-- column outside_perimeter integer open
-- column against integer open
with fields as (
    select
        row,
        max(case when field = 'emetteur' then value end) as sender,
        cast(max(case when field = 'debut' then value end) as date) as first_day,
        max(case when field = 'profils' then value end) as profiles,
        max(case when field = 'etablissements' then value end) as schools
    from registers
    where register = 'communications'
    group by row
),
sent as (
    -- Profiles are a list, separated by blanks or commas.
    select
        *,
        sender not in ('region-academique', 'draaf') and profiles like '%eleves%'
            and trim(replace(replace(profiles, 'eleves', ''), ',', ' ')) = '' as is_to_pupils_alone
    from fields
    where first_day between $period_start and $period_end
),
targets as (
    select row, sender, unnest(string_to_array(replace(schools, ',', ' '), ' ')) as uai
    from sent
    where schools is not null
),
outside as (
    select distinct t.row
    from targets t
    left join nodes n on n.node_kind = 'partner' and n.node = t.sender and n.uai = t.uai
    where t.uai <> '' and n.uai is null
)
select
    s.sender, p.name,
    count(*) as communications,
    sum(case when s.is_to_pupils_alone then 1 else 0 end) as to_pupils_alone,
    sum(case when o.row is not null then 1 else 0 end) as outside_perimeter,
    sum(case when s.is_to_pupils_alone or o.row is not null then 1 else 0 end) as against
from sent s
left join partners p on p.partner = s.sender
left join outside o on o.row = s.row
group by s.sender, p.name
order by s.sender
