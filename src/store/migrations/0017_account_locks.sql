-- Accounts of a CRM whose records a task is writing just now. A row counts while its task is open and its worker lives.
create table account_locks (
  org     text   not null,
  crm     text   not null,
  account text   not null,
  task    bigint not null,
  worker  int    not null,
  primary key (org, crm, account)
);
create index account_locks_by_task on account_locks (task);
