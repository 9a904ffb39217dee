-- One row per académie and structure to which people are attached and of which no delivery says the UAI.
-- column source text dimension
-- column structure text dimension
-- column accounts integer open
with attached as (
    select source, structure, count(distinct account) as accounts
    from attachments
    where structure is not null
    group by source, structure
)
select a.source, a.structure, a.accounts
from attached a
left anti join structures s on s.source = a.source and s.structure = a.structure
order by a.source, a.structure
