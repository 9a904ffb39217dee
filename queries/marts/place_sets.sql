-- One row per set of establishments that an account visits together, and establishment of it.
-- column places text dimension
-- column uai text dimension
select distinct s.places, v.uai
from visit_sets s
join visit_places v on v.visit_id = s.visit_id and v.role = s.role
where v.uai is not null
order by s.places, v.uai
