-- One row per scope (the region, a perimeter, an académie or a département), area inside it (the whole scope, an académie, a département), slice (`all`, a level, a type of the second degree), sector (`all` or its own) and establishment: what the cells of a dashboard are made of.
with here as (
    select n.node_kind, n.node, e.uai, e.level, e.type, e.sector, e.academie, e.departement
    from nodes n
    join establishments e on e.uai = n.uai
    where n.node_kind in ('region', 'partner', 'academie', 'departement')
),
areas as (
    select node_kind, node, uai, 'scope' as area_kind, node as area from here
    union all
    select node_kind, node, uai, 'academie' as area_kind, academie as area from here
    union all
    select node_kind, node, uai, 'departement' as area_kind, departement as area from here
),
slices as (
    select node_kind, node, uai, 'all' as slice from here
    union all
    select node_kind, node, uai, level as slice from here
    union all
    select node_kind, node, uai, type as slice from here where level = '2D' and type is not null
),
sectors as (
    select node_kind, node, uai, 'all' as sector from here
    union all
    select node_kind, node, uai, sector from here where sector is not null
)
select a.node_kind, a.node, a.area_kind, a.area, s.slice, t.sector, a.uai
from areas a
join slices s on s.node_kind = a.node_kind and s.node = a.node and s.uai = a.uai
join sectors t on t.node_kind = a.node_kind and t.node = a.node and t.uai = a.uai
