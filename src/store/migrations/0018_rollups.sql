-- What the opportunities of an account amount to, kept in fields of the account. One row per account that has, or had, any.
-- `members` are the ids of its records, `held` our fields in it as last read or written, `undone` what a person took back.
create table rollups (
  sync    text not null,
  crm     text not null,
  account text not null,
  name    text,
  members json not null,
  held    json not null default '{}',
  undone  json not null default '{}',
  primary key (sync, crm, account)
);

-- Planned writes into accounts, one row per account and run; with the result it is the journal.
create table rollup_changes (
  id       bigint generated always as identity primary key,
  sync     text   not null,
  run      text   not null,
  crm      text   not null,
  account  text   not null,
  name     text   not null,
  fields   json   not null,
  state    text   not null,
  sent     json,
  sent_at  bigint,
  done_at  bigint,
  done_run text,
  error    json
);
create index rollup_changes_by_run on rollup_changes (run, crm, account);
create index rollup_changes_by_done_run on rollup_changes (done_run) where done_run is not null;

-- What was found when the roll-ups of a CRM were last planned.
create table rollup_findings (
  sync  text not null,
  crm   text not null,
  state json not null,
  primary key (sync, crm)
);
