-- What all processes know of the allowance of each CRM account. Unlogged: it changes several times a second and the next
-- answer of the CRM tells anew what a crash forgot.
create unlogged table quotas (
  account text primary key,
  version bigint not null,
  state text not null
) with (fillfactor = 50);
