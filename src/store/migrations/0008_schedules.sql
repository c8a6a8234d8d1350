-- Where each sync's nightly run stands. `fired_for` is the due moment that was last answered (started, skipped while paused,
-- or found passed when the sync was first seen); `asked_*` is a wish to run it now; `watched_at` a sign of life of a scheduler.
create table schedules (
  sync       text   primary key,
  first_seen bigint not null,
  fired_for  bigint not null,
  paused_by  text,
  paused_at  bigint,
  asked_by   text,
  asked_at   bigint,
  watched_at bigint
);
