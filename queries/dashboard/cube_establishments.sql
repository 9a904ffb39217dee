-- One row per establishment of a scope: what it is and where.
-- param node_kind text
-- param node text
-- column uai text dimension
-- column name text dimension
-- column commune text dimension
-- column academie text dimension
-- column departement text dimension
-- column level text dimension
-- column type text dimension
-- column sector text dimension
-- column ips text dimension
-- column priority text dimension
-- column area text dimension
-- column latitude real open
-- column longitude real open
--
-- Its quintile, priority education and kind of commune are public, and say who is in a group.
select
    e.uai, e.name, e.commune, e.academie, e.departement, e.level, e.type, e.sector,
    g.group_name as ips, e.priority, e.area, e.latitude, e.longitude
from establishments e
join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
left join establishment_groups g on g.uai = e.uai and g.grouping = 'ips'
order by e.uai
