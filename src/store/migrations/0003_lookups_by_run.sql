-- A run is named alone nearly everywhere: its changes and tasks are found without reading those of all runs before it.
drop index changes_by_run;
create index changes_by_run on changes (run, crm, record);
create index tasks_by_run on tasks (run, kind);
