-- What people decide about conflicts and undone changes, what was really sent, and who did what when.

-- A conflict keeps its id as long as the same pair disagrees about the same field.
alter table conflicts add column id text generated always as ('c_' || substr(md5(sync || '/' || pair || '/' || field), 1, 12)) stored;
create index conflicts_by_id on conflicts (sync, id);

-- What a person decided for one field, for exactly the values in `seen`: as soon as one of them moves it no longer holds.
-- `subject` is a group: `pair:KEY`, or `CRM:ID` for the fields oppsync owns in one record. `decided` is `use` (the side in
-- `choice` is right), `value` (`choice` goes to both sides) or `leave` (both stay as they are).
create table resolutions (
  sync    text   not null,
  subject text   not null,
  field   text   not null,
  decided text   not null,
  choice  text,
  seen    jsonb  not null,
  by_whom text   not null,
  at      bigint not null,
  run     text,
  primary key (sync, subject, field)
);

-- The changes of a write as they went out, with the values found right before: what undo can rely on.
alter table changes add column sent json;
create index changes_by_done_run on changes (done_run) where done_run is not null;

-- The run whose changes a run of mode `undo` takes back.
alter table runs add column undoes text;

-- What was decided by whom: rows are only ever added, and each carries the hash of the one before.
create table audit (
  n       bigint primary key,
  at      bigint not null,
  sync    text   not null,
  by_whom text   not null,
  action  text   not null,
  details text   not null,
  hash    text   not null
);
-- How many there are and the hash of the last, so that rows missing at the end are noticed.
create table audit_head (
  one  boolean primary key default true check (one),
  n    bigint  not null,
  hash text    not null
);
insert into audit_head (n, hash) values (0, '');

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is append-only: % on % is refused', tg_op, tg_table_name;
end $$;
create trigger audit_keeps_rows before update or delete on audit for each row execute function audit_is_append_only();
create trigger audit_keeps_all before truncate on audit for each statement execute function audit_is_append_only();

create function audit_head_goes_on() returns trigger language plpgsql as $$
begin
  if new.n <> old.n + 1 then
    raise exception 'the audit is append-only: its head goes from % to % only', old.n, old.n + 1;
  end if;
  return new;
end $$;
create trigger audit_head_forward before update on audit_head for each row execute function audit_head_goes_on();
create trigger audit_head_keeps before delete on audit_head for each row execute function audit_is_append_only();
create trigger audit_head_keeps_all before truncate on audit_head for each statement execute function audit_is_append_only();

-- A value as a number; null for text that is none.
create function number_of(value text) returns numeric language sql immutable as $$
  select case when value ~ '^[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})$' then value::numeric end
$$;
