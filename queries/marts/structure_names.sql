-- One row per structure of a source: its establishment. The last one told is right for the past too.
-- column source text dimension
-- column structure text dimension
-- column uai text dimension
with ranked as (
    select
        source, structure, uai,
        row_number() over (partition by source, structure order by snapshot desc, feed, uai) as place
    from structures
)
select source, structure, uai from ranked where place = 1
order by source, structure
