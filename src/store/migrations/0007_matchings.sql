-- What the standing proposals were made from: while it is the same, comparing everything again would find the same.
create table matchings (
  sync  text   primary key,
  basis text   not null,
  run   text   not null
);
