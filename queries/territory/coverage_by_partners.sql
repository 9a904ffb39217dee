-- One row per set of perimeters (of the partners listed) that hold the same establishments, with how many perimeters they are, level, type and sector; none first.
-- param partners text
-- column perimeters integer dimension
-- column partners text dimension
-- column level text dimension
-- column type text dimension
-- column sector text dimension
-- column establishments integer open
-- column example text dimension
with members as (
    select uai, node from nodes
    where node_kind = 'partner' and strpos($partners, ',' || node || ',') > 0
),
covered as (
    select
        e.uai, e.level, e.type, e.sector,
        count(m.node) as perimeters, string_agg(m.node, ' + ' order by m.node) as partners
    from establishments e
    left join members m on m.uai = e.uai
    group by e.uai, e.level, e.type, e.sector
)
select
    perimeters, coalesce(partners, '') as partners, level, type, sector,
    count(*) as establishments, min(uai) as example
from covered
group by perimeters, coalesce(partners, ''), level, type, sector
order by perimeters, partners, level, type, sector
