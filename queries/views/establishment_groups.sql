-- One row per way of grouping establishments (quintile of the social position index, priority education, rural or urban, sector), establishment and its group. Quintiles are of all establishments of the lake with the same level, so that a group means the same in every territory.
with quintiles as (
    select uai, level, 'Q' || cast(ntile(5) over (partition by level order by ips, uai) as varchar) as quintile
    from establishments
    where ips is not null
)
select 'ips' as grouping, quintile as group_name, level, uai from quintiles
union all
select 'priority' as grouping, priority as group_name, level, uai from establishments where priority is not null
union all
select 'area' as grouping, area as group_name, level, uai from establishments where area is not null
union all
select 'sector' as grouping, sector as group_name, level, uai from establishments where sector is not null
