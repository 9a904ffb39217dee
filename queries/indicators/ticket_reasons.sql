-- One row per reason (last part of the category): tickets opened in the period.
-- param period_start date
-- param period_end date
-- column reason text dimension
-- column opened integer people
with named as (
    select
        case
            when category is null then 'Non renseigné'
            when strpos(category, ' > ') > 0 then split_part(category, ' > ', -1)
            else category
        end as reason
    from current_tickets
    where opened_day between $period_start and $period_end
)
select reason, count(*) as opened
from named
group by reason
order by opened desc, reason
