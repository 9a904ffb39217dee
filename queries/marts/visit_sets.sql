-- One row per visit and role of its account on that day: all establishments of the account then, as one text.
-- kept by day
-- param first_day date
-- param last_day date
-- column visit_id integer dimension
-- column account pseudonym dimension
-- column role text dimension
-- column day date dimension
-- column places text dimension
--
-- Visits of one account to the same places add up in every cell: what cuts across the tree of
-- territories counts them by such sets, and each once.
select visit_id, account, role, day, text_set(uai) as places
from visit_places
where uai is not null and day between $first_day and $last_day
group by visit_id, account, role, day
order by visit_id, role
