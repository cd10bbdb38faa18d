-- The model that was asked for with one message alone, and why a reply failed as a code of the closed list.
alter table replies
  add column asked_model varchar(255),
  add column error_code varchar(40);
