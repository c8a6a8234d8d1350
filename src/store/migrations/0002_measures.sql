-- What was seen to change on a record, so that time in stage, pushes and waterfalls can be measured. `at` is the CRM's own
-- change stamp (epoch ms); values are canonical text, null = blank.
create table record_history (
  id       bigint generated always as identity primary key,
  sync     text   not null,
  crm      text   not null,
  record   text   not null,
  at       bigint not null,
  field    text   not null,
  before   text,
  after    text,
  run      text   not null
);
create index record_history_by_record on record_history (sync, crm, record, id);

-- One row per scope and day: the series behind trends. `pipeline` '' = all, `currency` '' = none given. Amounts are text.
create table measures (
  sync       text   not null,
  day        date   not null,
  pipeline   text   not null,
  currency   text   not null,
  metrics    json   not null,
  run        text   not null,
  at         bigint not null,
  primary key (sync, day, pipeline, currency)
);

-- An amount as a number; null for text that is none, which a CRM's number field should not hold but a mapped one may.
create function amount_of(fields json) returns numeric language sql immutable as $$
  select case when fields ->> 'amount' ~ '^[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})$' then (fields ->> 'amount')::numeric end
$$;
