-- One row per group of establishments (as one text), node that one of them is in, and level (`all` for every one).
with every_group as (
    select distinct places from day_sets where places <> ''
),
members as (
    select places, unnest(string_to_array(places, ' ')) as uai from every_group
),
placed as (
    select m.places, n.node_kind, n.node, e.level
    from members m
    join nodes n on n.uai = m.uai
    join establishments e on e.uai = m.uai
)
select distinct places, node_kind, node, level from placed
union all
select distinct places, node_kind, node, 'all' as level from placed
