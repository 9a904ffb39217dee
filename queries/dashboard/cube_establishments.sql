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
-- column latitude real open
-- column longitude real open
select
    e.uai, e.name, e.commune, e.academie, e.departement, e.level, e.type, e.sector,
    e.latitude, e.longitude
from establishments e
join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
order by e.uai
