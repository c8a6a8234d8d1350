-- Why the run of a due moment could not even be started; null when the last one could.
alter table schedules add column trouble jsonb;

-- The nights of every sync are looked up together, behind any number of runs of events.
create index runs_of_nights on runs (sync, started_at desc) where mode <> 'events';

-- What all runs come to. A counter may only grow, while runs that had nothing to tell are forgotten; and nobody can add up
-- the runs of years every fifteen seconds.
create table run_totals (
  sync  text   not null,
  what  text   not null,
  label text   not null,
  n     bigint not null,
  primary key (sync, what, label)
);

create function count_run() returns trigger language plpgsql as $$
declare
  ended boolean := new.state <> 'running';
  before jsonb := '{}';
begin
  if tg_op = 'UPDATE' then
    ended := ended and old.state = 'running';
    before := old.calls;
  end if;
  if not ended and new.calls = before then return null; end if;
  insert into run_totals (sync, what, label, n)
  select new.sync, what, label, n from (
    select 'runs' as what, new.state as label, 1::bigint as n where ended
    union all
    select 'calls', c.key, c.value::bigint - coalesce((before ->> c.key)::bigint, 0) from jsonb_each_text(new.calls) c
    union all
    select 'brakes', p ->> 'brake', count(*) from json_array_elements(new.problems) p
    where ended and new.state = 'parked' and p ->> 'brake' is not null group by 2) as told
  where n <> 0 order by what, label
  on conflict (sync, what, label) do update set n = run_totals.n + excluded.n;
  return null;
end $$;

insert into run_totals (sync, what, label, n)
select sync, 'runs', state, count(*) from runs where state <> 'running' group by sync, state
union all
select sync, 'calls', c.key, sum(c.value::bigint) from runs, jsonb_each_text(calls) c group by sync, c.key
union all
select sync, 'brakes', p ->> 'brake', count(*) from runs, json_array_elements(problems) p
where state = 'parked' and p ->> 'brake' is not null group by sync, p ->> 'brake';

create trigger count_run after insert or update of state, calls on runs for each row execute function count_run();

-- The delivery that brought an event: what was made of it is found by this id in logs and traces.
alter table inbox add column delivery text;
