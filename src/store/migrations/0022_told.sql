-- Which sentence a refusal is told with, and what fills it, so that it can be told in another language as well.
alter table quarantine add column says text, add column params json;
alter table change_streams add column fault json;
