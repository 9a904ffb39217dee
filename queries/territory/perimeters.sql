-- One row per partner with a perimeter: establishments in it that are in service on a day.
-- param day date
-- column partner text dimension
-- column establishments integer open
select n.node as partner, count(*) as establishments
from nodes n
join establishments e on e.uai = n.uai
where n.node_kind = 'partner'
    and coalesce(e.deployed_from, $day) <= $day and coalesce(e.deployed_to, $day) >= $day
group by n.node
order by n.node
