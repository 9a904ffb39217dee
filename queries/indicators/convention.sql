-- One row per dated duty of the convention in the school year of a day: its deadline, when it was done, and its state that evening.
-- The convention says how often (articles 3.2, 3.4, 4.2); the deadlines spread that over the school year.
-- param reference_date date
-- column article text dimension
-- column duty text dimension
-- column deadline date dimension
-- column done_on date dimension
-- column state text dimension
with duties (article, duty, body, number, month, day) as (
    values
    ('3.4', 'Observatoire, première réunion', 'Observatoire', 1, 1, 31),
    ('3.4', 'Observatoire, deuxième réunion', 'Observatoire', 2, 7, 31),
    ('4.2', 'Comité stratégique (COSTRA)', 'COSTRA', 1, 7, 31),
    ('4.2', 'Comité de coordination, première réunion', 'Comité de coordination', 1, 12, 31),
    ('4.2', 'Comité de coordination, deuxième réunion', 'Comité de coordination', 2, 3, 31),
    ('4.2', 'Comité de coordination, troisième réunion', 'Comité de coordination', 3, 7, 31),
    ('3.2', 'Statistiques d’assistance, premier semestre', 'Bulletin d’assistance', 1, 2, 28),
    ('3.2', 'Statistiques d’assistance, second semestre', 'Bulletin d’assistance', 2, 7, 31)
),
year as (
    select
        cast(extract(year from $reference_date) as int)
        - case when extract(month from $reference_date) < 8 then 1 else 0 end as first_year
),
dated as (
    select
        d.article, d.duty, d.body, d.number,
        make_date(y.first_year + case when d.month < 8 then 1 else 0 end, d.month, d.day) as deadline,
        make_date(y.first_year, 8, 1) as year_start
    from duties d cross join year y
),
fields as (
    select
        row,
        max(case when field = 'instance' then value end) as body,
        cast(max(case when field = 'date' then value end) as date) as held_on
    from registers
    where register = 'reunions'
    group by row
),
held as (
    select f.body, f.held_on, row_number() over (partition by f.body order by f.held_on, f.row) as number
    from fields f cross join year y
    where f.held_on between make_date(y.first_year, 8, 1) and $reference_date
)
select
    d.article, d.duty, d.deadline, h.held_on as done_on,
    case
        when h.held_on <= d.deadline then 'fait'
        when h.held_on is not null then 'fait en retard'
        when d.deadline <= $reference_date then 'en retard'
        else 'à venir'
    end as state
from dated d
left join held h on h.body = d.body and h.number = d.number
order by d.deadline, d.article, d.duty
