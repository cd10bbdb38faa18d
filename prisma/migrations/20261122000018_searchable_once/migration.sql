-- An answer that is given again was made searchable when it was given first: 8,000 characters take 2 ms. A generated column cannot be given its
-- value, so from here on triggers fill it where none is given.
alter table messages alter column content_search drop expression;

create function make_message_searchable() returns trigger language plpgsql as $$
begin
  new.content_search := public.message_search_vector(new.content);
  return new;
end $$;
create trigger messages_searchable_when_stored before insert on messages
  for each row when (new.content_search is null) execute function make_message_searchable();
create trigger messages_searchable_when_changed before update of content on messages
  for each row when (new.content is distinct from old.content) execute function make_message_searchable();

-- As it was, but for the answer's words of search, which it takes from the message that had the answer first; and it looks itself whether that one is still
-- one to be given. Asked by id and user at once, Postgres without statistics reads every message of the user, and a prepared statement keeps to that.
create or replace function store_answered(
  p_user uuid, p_session uuid, p_parent uuid, p_newest boolean, p_dependent boolean, p_question uuid, p_answer uuid, p_content text, p_context jsonb,
  p_idempotency_key text, p_title text, p_answer_content text, p_source uuid, p_similarity double precision, p_age_seconds integer,
  p_usage uuid, p_model text
) returns table (stored_at timestamptz, stored_parent uuid, stored_depth integer) language plpgsql as $$
declare
  owner uuid;
  leaf uuid;
  parent record;
  parent_depth integer := -1;
  source record;
begin
  select user_id into owner from sessions where id = p_session for update;
  if owner is distinct from p_user then return; end if;
  select user_id, status, rating, case when content = p_answer_content then content_search end as searchable into source
  from messages where id = p_source;
  if not found or source.user_id <> p_user or source.status <> 'complete' or source.rating is not distinct from 'down' then return; end if;

  select id into leaf from messages where session_id = p_session and active order by depth desc limit 1;
  if p_newest then
    if p_dependent and leaf is distinct from p_parent then return; end if;
    p_parent := leaf;
  end if;
  if p_parent is not null then
    select session_id, depth, role, status into parent from messages where id = p_parent;
    if not found or parent.session_id <> p_session or parent.status in ('pending', 'in_progress') then return; end if;
    if not p_newest and parent.role <> 'assistant' then return; end if;
    parent_depth := parent.depth;
  end if;
  perform from messages answer where answer.session_id = p_session and answer.status in ('pending', 'in_progress')
    and (select question.parent_id from messages question where question.id = answer.parent_id) is not distinct from p_parent;
  if found then return; end if;
  if leaf is distinct from p_parent then perform show_branch(p_session, p_parent); end if;

  insert into messages (id, session_id, user_id, parent_id, depth, role, status, content, context, idempotency_key)
  values (p_question, p_session, p_user, p_parent, parent_depth + 1, 'user', 'complete', p_content, p_context, p_idempotency_key)
  returning created_at into stored_at;
  insert into messages (id, session_id, user_id, parent_id, depth, role, status, content, content_search,
    cached, cache_source_id, cache_similarity, cache_age_seconds)
  values (p_answer, p_session, p_user, p_question, parent_depth + 2, 'assistant', 'complete', p_answer_content, source.searchable,
    true, p_source, p_similarity, p_age_seconds);
  insert into usage_events (id, user_id, session_id, message_id, model_name, cached, prompt_tokens, reused_tokens, completion_tokens, generation_ms)
  values (p_usage, p_user, p_session, p_answer, p_model, true, 0, 0, 0, 0);
  update sessions set message_count = message_count + 2, updated_at = now(),
    title = case when message_count = 0 and not title_chosen then p_title else title end
  where id = p_session;
  stored_parent := p_parent;
  stored_depth := parent_depth + 1;
  return next;
end $$;
