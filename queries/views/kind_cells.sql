-- One row per kind of users (`user_kinds`) and cell of dashboards that it is in: area (none for the whole scope), slice (`all`, a level, a type of the second degree), sector and role (`all` or its own), and the number of the cell.
with kinds as (
    select distinct kind, role, academie, departement, level, type, sector from user_kinds
),
ways as (
    select a.area_kind, s.slice_kind, t.sector_kind, r.role_kind
    from (values ('scope'), ('academie'), ('departement')) as a (area_kind)
    cross join (values ('all'), ('level'), ('type')) as s (slice_kind)
    cross join (values ('all'), ('own')) as t (sector_kind)
    cross join (values ('all'), ('own')) as r (role_kind)
),
cells as (
    select
        kind, area_kind,
        case area_kind when 'academie' then academie when 'departement' then departement end as area,
        case slice_kind when 'level' then level when 'type' then type else 'all' end as slice,
        case sector_kind when 'own' then sector else 'all' end as sector,
        case role_kind when 'own' then role else 'all' end as role
    from kinds cross join ways
    where (slice_kind <> 'type' or type is not null) and (sector_kind <> 'own' or sector is not null)
)
select
    kind, area_kind, area, slice, sector, role,
    dense_rank() over (order by area_kind, area, slice, sector, role) as cell
from cells
