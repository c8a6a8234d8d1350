-- Events from the CRMs: a row is committed before an event is answered. It names a record and carries no value of it. Rows
-- stay for a while after they were dealt with, so that a repeated delivery is known.
create table inbox (
  n           bigint generated always as identity primary key,
  sync        text   not null,
  crm         text   not null,
  record      text   not null,
  kind        text   not null,
  account     text   not null,
  key         text   not null,
  occurred_at bigint,
  received_at bigint not null,
  run         text,
  done_at     bigint
);
create unique index inbox_once on inbox (sync, crm, key);
create index inbox_waiting on inbox (sync, n) include (received_at) where run is null;
create index inbox_by_run on inbox (run, crm, record) where run is not null;
create index inbox_by_age on inbox (received_at);

-- A run that was started by events knows of the accounts what the run named here found out.
alter table runs add column facts_of text;
alter table runs add column facts_at bigint;
