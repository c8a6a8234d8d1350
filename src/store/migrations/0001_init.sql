-- State of oppsync. Every row carries its sync. Times are epoch milliseconds (bigint); amounts stay text inside JSON.

create table syncs (
  sync            text primary key,
  settings_digest text   not null,
  first_seen      bigint not null
);

-- One execution. At most one run of a sync is running at any time, in any number of processes.
create table runs (
  run             text   primary key,
  sync            text   not null references syncs (sync),
  mode            text   not null,
  phase           text   not null,
  state           text   not null,
  by_whom         text   not null,
  owner           bigint not null,
  full_read       boolean not null,
  settings_digest text   not null,
  facts           json   not null,
  plan_digest     text,
  problems        json   not null default '[]',
  calls           jsonb  not null default '{}',
  started_at      bigint not null,
  finished_at     bigint,
  report          json,
  error           text
);
create unique index runs_one_running on runs (sync) where state = 'running';
create index runs_by_sync on runs (sync, started_at desc);

-- Units of work of a run: the truth of which the queue is only a reminder. `epoch` fences late workers.
create table tasks (
  id         bigint generated always as identity primary key,
  run        text    not null references runs (run) on delete cascade,
  queue      text    not null,
  kind       text    not null,
  payload    json    not null,
  done       boolean not null default false,
  epoch      integer not null default 1,
  worker     bigint,
  queued     boolean not null default false,
  size       integer not null default 1
);
create index tasks_open on tasks (run) where not done;

-- What each CRM said about each record, last time it was read.
create table snapshots (
  sync        text    not null,
  crm         text    not null,
  id          text    not null,
  version     text    not null,
  changed_at  bigint  not null,
  deleted     boolean not null,
  fields      json    not null,
  owned       json    not null,
  evidence    json    not null,
  raw         json    not null,
  pair_key    text,
  linked_id   text,
  absorbed    json,
  hash        text    not null,
  pair        text,
  dirty       boolean not null,
  read_run    text    not null,
  read_at     bigint  not null,
  outcome     text,
  outcome_run text,
  notes       json,
  verdict     json,
  verdict_at  bigint,
  primary key (sync, crm, id)
) with (fillfactor = 80);
create index snapshots_dirty on snapshots (sync, crm, id) where dirty;
create index snapshots_pair on snapshots (sync, pair) where pair is not null;
create unique index snapshots_one_per_side on snapshots (sync, crm, pair) where pair is not null and not deleted;
create index snapshots_pair_key on snapshots (sync, pair_key) where pair_key is not null and pair is null;
create index snapshots_linked on snapshots (sync, crm, linked_id) where linked_id is not null;

-- Links between records of different CRMs, with the values both sides last agreed on (the base of the merge).
create table pairs (
  sync     text   not null,
  pair     text   not null,
  how      text   not null,
  made_by  text   not null,
  made_at  bigint not null,
  run      text   not null,
  base     jsonb  not null default '{}',
  primary key (sync, pair)
);

create table verdict_history (
  id       bigint generated always as identity primary key,
  sync     text   not null,
  crm      text   not null,
  record   text   not null,
  at       bigint not null,
  run      text   not null,
  before   json   not null,
  after    json   not null
);
create index verdict_history_by_record on verdict_history (sync, crm, record, id);

-- Plans and their changes, one row per record; with the result it is the journal.
create table plans (
  sync       text    not null,
  digest     text    not null,
  run        text    not null,
  state      text    not null,
  created_at bigint  not null,
  expires_at bigint  not null,
  records    json    not null,
  changes    integer not null,
  predicted  json    not null,
  primary key (sync, run)
);
create index plans_by_digest on plans (sync, digest);

create table changes (
  id       bigint generated always as identity primary key,
  sync     text    not null,
  run      text    not null,
  crm      text    not null,
  record   text    not null,
  pair     text,
  name     text    not null,
  fields   json    not null,
  agreed   json    not null,
  state    text    not null,
  round    integer not null default 0,
  sent_at  bigint,
  done_at  bigint,
  done_run text,
  error    json
);
create index changes_by_run on changes (sync, run, crm, record);
create index changes_by_record on changes (sync, crm, record, id);

create table conflicts (
  sync     text   not null,
  pair     text   not null,
  field    text   not null,
  details  json   not null,
  run      text   not null,
  since    bigint not null,
  primary key (sync, pair, field)
);

create table quarantine (
  sync     text    not null,
  crm      text    not null,
  record   text    not null,
  cause    text    not null,
  message  text    not null,
  remedy   text    not null,
  field    text,
  intent   text    not null,
  hash     text    not null,
  run      text    not null,
  since    bigint  not null,
  attempts integer not null default 1,
  primary key (sync, crm, record)
);

-- Up to where a CRM is known to be read completely; advanced in the transaction that stores the rows it covers.
create table cursors (
  sync      text   not null,
  crm       text   not null,
  mark      json   not null,
  read_at   bigint not null,
  full_at   bigint,
  full_rows bigint,
  primary key (sync, crm)
);

-- The values a change row writes, as one object: the synced fields, or those oppsync owns.
create function values_of(changes json, is_owned boolean) returns jsonb language sql immutable as $$
  select coalesce(jsonb_object_agg(c ->> 'field', c -> 'after'), '{}'::jsonb)
  from json_array_elements(changes) c where (c ->> 'owned')::boolean = is_owned
$$;
