-- Engine crashes that this reply was running in since it was asked for or resumed. One that has been in any runs alone, so
-- that the guilty one is found.
alter table replies add column crashes integer not null default 0 check (crashes >= 0);

-- When the reply was taken last: users take turns, and the next is the one who was served longest ago.
alter table replies add column taken_at timestamptz(3);
drop index replies_user_id_idx;
create index replies_user_id_taken_at_idx on replies (user_id, taken_at);

-- Tokens mean something to the model that they belong to and to no other. The first `given_tokens` of a draft were not drawn
-- by it but made from text.
alter table reply_drafts add column model text, add column given_tokens integer not null default 0;

-- The very tokens of answers that have ended, for the prompts that follow: text alone does not survive a round trip through
-- a tokenizer. They stand for the text with this MD5 only; an answer that was changed is read as text again.
create table reply_tokens (
  message_id uuid primary key references replies (message_id) on delete cascade,
  model text not null,
  content_md5 uuid not null,
  token_ids integer[] not null
);
