-- What happened before oppsync watched a record, as the CRMs' own histories tell. `own`: oppsync wrote it.
alter table record_history add column told boolean not null default false;
alter table record_history add column own boolean not null default false;

-- How far the past of a CRM's records was asked for.
create table backfills (
  sync  text not null,
  crm   text not null,
  state json not null,
  primary key (sync, crm)
);
