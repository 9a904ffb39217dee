-- One row per département, commune, level, type and sector of a node: establishments, those in service on a day, pupils of the official roll.
-- param day date
-- param node_kind text
-- param node text
-- column academie text dimension
-- column departement text dimension
-- column insee text dimension
-- column commune text dimension
-- column level text dimension
-- column type text dimension
-- column sector text dimension
-- column establishments integer open
-- column in_service integer open
-- column roll integer open
with here as (
    select
        e.*,
        case
            when coalesce(e.deployed_from, $day) <= $day
                and coalesce(e.deployed_to, $day) >= $day then 1
            else 0
        end as is_in_service
    from establishments e
    join nodes n on n.uai = e.uai and n.node_kind = $node_kind and n.node = $node
)
select
    academie, departement, insee, max(commune) as commune, level, type, sector,
    count(*) as establishments, sum(is_in_service) as in_service, coalesce(sum(roll), 0) as roll
from here
group by academie, departement, insee, level, type, sector
order by academie, departement, commune, insee, level, type, sector
