-- What the CRMs' own histories of fields told.

-- Per side of a conflict who gave it its value, and when: {"crm": {"value", "actor", "at"}}. Asked once per value.
alter table conflicts add column who jsonb not null default '{}';

-- The change stamp, by the CRM's clock, up to which a record's edits are part of what both sides agreed on.
alter table snapshots add column settled_at bigint;

-- Edits that a write replaced without having seen them: [{"field", "value", "actor", "at", "found", "written"}].
alter table changes add column lost json;
create index changes_lost on changes (sync, done_run) where lost is not null;
