-- One row per request and territory node or perimeter that it comes from: the region has all of them, a département those that name it.
-- column helpdesk text dimension
-- column ticket pseudonym dimension
-- column node_kind text dimension
-- column node text dimension
select helpdesk, ticket, 'region' as node_kind, '32' as node from assistance_requests
union all
select r.helpdesk, r.ticket, n.node_kind, n.node
from assistance_requests r
join nodes n on n.uai = r.uai
where n.node_kind <> 'region'
union all
select helpdesk, ticket, 'departement' as node_kind, departement as node
from assistance_requests
where uai is null and departement is not null
union all
select
    helpdesk, ticket, 'academie' as node_kind,
    case when departement in ('59', '62') then '09' else '20' end as node
from assistance_requests
where uai is null and departement is not null
