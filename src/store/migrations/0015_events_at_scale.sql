-- The runs of events of a sync that failed in a row: until `next_at` no other is begun.
create table event_troubles (
  sync     text   primary key,
  failures int    not null,
  since    bigint not null,
  next_at  bigint not null,
  error    json   not null
);

-- What a sync's records add up to, per CRM and currency, as the last run that needed it found. Runs of events, which come
-- every few seconds, look it up here instead of adding up the whole portfolio.
create table pipelines (
  sync text   primary key,
  at   bigint not null,
  sums json   not null
);
