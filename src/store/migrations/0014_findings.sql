-- What objects beside a record prove about it: activities, contracts, quotes, orders, payments. One row per object and record;
-- an object that proves nothing has none. `at` is the moment of a two-way contact (epoch ms), `says` evidence by name.
create table findings (
  sync     text   not null,
  crm      text   not null,
  record   text   not null,
  source   text   not null,
  item     text   not null,
  what     text   not null,
  at       bigint,
  says     json   not null,
  read_run text   not null,
  primary key (sync, crm, record, source, item)
);
create index findings_by_item on findings (sync, crm, source, item);

-- How far the evidence of a CRM was read.
create table evidence_states (
  sync  text not null,
  crm   text not null,
  state json not null,
  primary key (sync, crm)
);

-- Names of accounts that records name only by id. `name` null: it has none, or is not there.
create table accounts (
  sync     text not null,
  crm      text not null,
  account  text not null,
  name     text,
  read_run text not null,
  primary key (sync, crm, account)
);
