-- One row per scope (the region, a perimeter, an académie or a département), role and set of establishments that an account visits together, or single establishment (as one text): the kinds of users (`user_kinds`) that the account is of in the scope, as one text.
with every_set as (
    select role, places from day_sets where places <> ''
    union
    select role, uai as places from user_kinds
),
members as (
    select role, places, unnest(string_to_array(places, ' ')) as uai from every_set
)
select n.node_kind, n.node, m.role, m.places, text_set(k.kind) as kinds
from members m
join user_kinds k on k.role = m.role and k.uai = m.uai
join nodes n on n.uai = m.uai
where n.node_kind in ('region', 'partner', 'academie', 'departement')
group by n.node_kind, n.node, m.role, m.places
