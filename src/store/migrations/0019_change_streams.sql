-- Streams of changes that a CRM keeps for those who come for them: the place each sync has stored everything up to, in the
-- CRM's own bytes, written in the transaction that stores the events before it. `gap_at`: everything changed lately has to be
-- read, by a reading that begins later than this.
create table change_streams (
  sync     text   not null,
  crm      text   not null,
  account  text   not null,
  position bytea,
  moved_at bigint not null,
  state    text   not null,
  trouble  text,
  heard_at bigint,
  event_at bigint,
  lag_ms   bigint,
  gap_at   bigint,
  gap      text,
  primary key (sync, crm)
);
