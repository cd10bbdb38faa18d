-- What a send does where the answer is known already, in one round trip. A function's statements see what was committed before each of them, as
-- those of a transaction do, so what is read after the session's row is locked is what holds until the end.

-- Whether an answer is being written is asked at each send, however long the conversation.
create index messages_running_idx on messages (session_id) where status in ('pending', 'in_progress');

-- Makes the branch from the root to p_leaf the active one as far as that message; null empties the active branch. The caller
-- holds the session's row.
create function show_branch(p_session uuid, p_leaf uuid) returns void language plpgsql as $$
begin
  with recursive path as (
    select id, parent_id from messages where id = p_leaf and session_id = p_session
    union all
    select parent.id, parent.parent_id from messages parent join path on parent.id = path.parent_id
  )
  update messages set active = false where session_id = p_session and active and id not in (select id from path);

  with recursive path as (
    select id, parent_id from messages where id = p_leaf and session_id = p_session
    union all
    select parent.id, parent.parent_id from messages parent join path on parent.id = path.parent_id
  )
  update messages set active = true where id in (select id from path) and not active;
end $$;

-- Stores a question with an answer that the cache gave, both complete: under p_parent (null: as a root), or with p_newest under the newest message
-- shown, which with p_dependent must be p_parent still. Returns when, under what and how deep; no row, and nothing stored, where that cannot be: the session
-- is not the user's, the parent is none of its answers or no longer the newest, or an answer is being written there. What to say then is
-- for the ordinary way.
create function store_answered(
  p_user uuid, p_session uuid, p_parent uuid, p_newest boolean, p_dependent boolean, p_question uuid, p_answer uuid, p_content text, p_context jsonb,
  p_idempotency_key text, p_title text, p_answer_content text, p_source uuid, p_similarity double precision, p_age_seconds integer,
  p_usage uuid, p_model text
) returns table (stored_at timestamptz, stored_parent uuid, stored_depth integer) language plpgsql as $$
declare
  leaf uuid;
  leaf_depth integer;
  parent_depth integer := -1;
begin
  perform from sessions where id = p_session and user_id = p_user for update;
  if not found then return; end if;

  select id, depth into leaf, leaf_depth from messages where session_id = p_session and active order by depth desc limit 1;
  if p_newest then
    if p_dependent and leaf is distinct from p_parent then return; end if;
    p_parent := leaf;
  end if;
  if p_parent is not null then
    select depth into parent_depth from messages
    where id = p_parent and session_id = p_session and (p_newest or role = 'assistant') and status not in ('pending', 'in_progress');
    if not found then return; end if;
  end if;
  perform from messages answer join messages question on question.id = answer.parent_id
  where answer.session_id = p_session and answer.status in ('pending', 'in_progress')
    and question.parent_id is not distinct from p_parent;
  if found then return; end if;
  if leaf is distinct from p_parent then perform show_branch(p_session, p_parent); end if;

  insert into messages (id, session_id, user_id, parent_id, depth, role, status, content, context, idempotency_key)
  values (p_question, p_session, p_user, p_parent, parent_depth + 1, 'user', 'complete', p_content, p_context, p_idempotency_key);
  insert into messages (id, session_id, user_id, parent_id, depth, role, status, content, cached, cache_source_id, cache_similarity, cache_age_seconds)
  values (p_answer, p_session, p_user, p_question, parent_depth + 2, 'assistant', 'complete', p_answer_content, true, p_source, p_similarity, p_age_seconds);
  insert into usage_events (id, user_id, session_id, message_id, model_name, cached, prompt_tokens, reused_tokens, completion_tokens, generation_ms)
  values (p_usage, p_user, p_session, p_answer, p_model, true, 0, 0, 0, 0);
  update sessions set message_count = message_count + 2, updated_at = now(),
    title = case when message_count = 0 and not title_chosen then p_title else title end
  where id = p_session;
  return query select created_at, parent_id, depth from messages where id = p_question;
end $$;
