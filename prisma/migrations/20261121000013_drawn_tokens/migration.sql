-- A model behind a server draws tokens that nobody here sees: how many they were is kept beside which they were.
alter table reply_drafts add column drawn_tokens integer not null default 0;
update reply_drafts set drawn_tokens = greatest(0, cardinality(token_ids) - given_tokens);
