-- What answers cost that no session keeps; those that one keeps are counted by their receipts.
create table usage_events (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  model_name text not null,
  prompt_tokens integer not null,
  reused_tokens integer not null,
  completion_tokens integer not null,
  generation_ms double precision not null,
  created_at timestamptz(3) not null default now()
);
create index usage_events_user_id_created_at_idx on usage_events (user_id, created_at);
