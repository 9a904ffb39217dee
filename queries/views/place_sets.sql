-- One row per set of establishments that an account visits together (as one text), and establishment of it.
with every_set as (
    select distinct places from day_sets where places <> ''
)
select places, unnest(string_to_array(places, ' ')) as uai from every_set
