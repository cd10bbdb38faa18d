-- Who asked for a reply, in the log and in a trace: whoever writes it, perhaps another process, goes on under the same ids.
alter table replies
  add column request_id varchar(64),
  add column trace_parent char(55);
