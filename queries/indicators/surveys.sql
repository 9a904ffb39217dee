-- One row per answer of the register `enquetes` to a survey begun in the period: how many gave it, of how many who answered, of how many who were asked; its share with the margin of error of 95 %, and the share of those asked who answered.
-- param period_start date
-- param period_end date
-- column survey text dimension
-- column first_day date dimension
-- column profile text dimension
-- column question text dimension
-- column answer text dimension
-- column answers integer people
-- column respondents integer people
-- column asked integer open
-- column share real rate answers over respondents
-- column margin real rate answers over respondents
-- column response_rate real rate respondents over asked
-- total answer elsewhere
--
-- The margin is that of a simple random sample, of those who answered: it says nothing of those
-- who did not.
with fields as (
    select
        row,
        max(case when field = 'enquete' then value end) as survey,
        cast(max(case when field = 'debut' then value end) as date) as first_day,
        max(case when field = 'profil' then value end) as profile,
        max(case when field = 'question' then value end) as question,
        max(case when field = 'reponse' then value end) as answer,
        cast(max(case when field = 'effectif' then value end) as bigint) as answers,
        cast(max(case when field = 'repondants' then value end) as bigint) as respondents,
        cast(max(case when field = 'sollicites' then value end) as bigint) as asked
    from registers
    where register = 'enquetes'
    group by row
),
shares as (
    select *, cast(answers as double) / nullif(respondents, 0) as share
    from fields
    where first_day between $period_start and $period_end
)
select
    survey, first_day, profile, question, answer, answers, respondents, asked, share,
    1.96 * sqrt(share * (1.0 - share) / respondents) as margin,
    cast(respondents as double) / nullif(asked, 0) as response_rate
from shares
order by first_day, survey, profile, question, answer, row
