-- Pairs proposed by score and what people decided about pairs. Two records are always stored in the order of their CRMs' names.

-- What the last run proposed; replaced as a whole by the next.
create table candidates (
  sync       text   not null,
  first_crm  text   not null,
  first_id   text   not null,
  second_crm text   not null,
  second_id  text   not null,
  band       text   not null,
  score      double precision not null,
  facts      json   not null,
  run        text   not null,
  primary key (sync, first_crm, first_id, second_crm, second_id)
);
create index candidates_second on candidates (sync, second_crm, second_id);

-- Records that seem to be one deal entered several times in one CRM; `leader` is the first id of the group.
create table duplicates (
  sync   text not null,
  crm    text not null,
  id     text not null,
  leader text not null,
  primary key (sync, crm, id)
);

-- `accepted`, `rejected` (never by score), `apart` (never at all) or `uncoupled` (not by our own keys, and by score only to
-- be asked about). At most one stands per two records; earlier ones stay for the record. `dissolved` is the pair it ended.
create table pair_decisions (
  id         bigint generated always as identity primary key,
  sync       text   not null,
  batch      text   not null,
  first_crm  text   not null,
  first_id   text   not null,
  second_crm text   not null,
  second_id  text   not null,
  decision   text   not null,
  dissolved  json,
  by_whom    text   not null,
  at         bigint not null,
  ended_by   text,
  ended_at   bigint
);
create unique index pair_decisions_standing on pair_decisions (sync, first_crm, first_id, second_crm, second_id)
  where ended_at is null;
create index pair_decisions_batch on pair_decisions (sync, batch);

-- Ids that live on in another record after a merge.
create table redirects (
  sync   text   not null,
  crm    text   not null,
  old_id text   not null,
  new_id text   not null,
  run    text   not null,
  at     bigint not null,
  primary key (sync, crm, old_id)
);
