-- Why the run of a due moment could not even be started; null when the last one could.
alter table schedules add column trouble jsonb;

-- The nights of every sync are looked up together, behind any number of runs of events.
create index runs_of_nights on runs (sync, started_at desc) where mode = 'sync' and full_read;
