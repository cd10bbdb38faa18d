-- Conversations that are deleted: every process that holds models drops what its model kept of them, one that was down as soon as
-- it starts.
create table forgotten_conversations (
  conversation text primary key,
  forgotten_at timestamptz(3) not null default now()
);
create index forgotten_conversations_forgotten_at_idx on forgotten_conversations (forgotten_at);
