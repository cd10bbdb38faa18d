-- Processes that hold models, as they describe themselves: what they can be asked, and whether they are still there. A row outlives
-- its process, so that the models are known while every worker is being restarted.
create table workers (
  owner text primary key,
  started_at timestamptz(3) not null default now(),
  seen_at timestamptz(3) not null default now(),
  -- Replies that it runs at once.
  places integer not null check (places >= 0),
  -- Its engine and its models.
  record jsonb not null
);

-- The process that wrote the last answer of a conversation: what its model has read of it is still in its memory.
alter table sessions add column warm_owner text;
