-- Records made as the missing counterparts of others: the intent, written down before anything is sent, and what became of
-- it. `pair` is the unique external id the record is made under; `sent_at` and `done_run` tell who sent it first.
create table creations (
  id         bigint generated always as identity primary key,
  sync       text    not null,
  run        text    not null,
  crm        text    not null,
  pair       text    not null,
  source_crm text    not null,
  source_id  text    not null,
  name       text    not null,
  fields     json    not null,
  owned      json    not null,
  agreed     json    not null,
  state      text    not null,
  record     text,
  sent_at    bigint,
  done_at    bigint,
  done_run   text,
  error      json
);
create index creations_by_run on creations (run, crm, pair);
create index creations_by_done_run on creations (done_run) where done_run is not null;
create index creations_sent on creations (sync, pair) where sent_at is not null;
-- Whatever is retried, one counterpart per key.
create unique index creations_once on creations (sync, crm, pair) where state = 'created';
