-- What every answer took, also that of a session, which it outlives: so it names session and message without pointing at them.
alter table usage_events
  add column session_id uuid,
  add column message_id uuid,
  add column cached boolean not null default false;
create index usage_events_created_at_idx on usage_events (created_at);

insert into usage_events
  (id, user_id, session_id, message_id, model_name, prompt_tokens, reused_tokens, completion_tokens, generation_ms, created_at)
select gen_random_uuid(), r.user_id, m.session_id, m.id, r.model_name, coalesce(r.prompt_tokens, 0), coalesce(r.reused_tokens, 0),
  coalesce(r.completion_tokens, 0),
  coalesce(r.time_to_first_token_ms, 0) + coalesce(r.completion_tokens * 1000 / nullif(r.tokens_per_second, 0), 0), r.ended_at
from replies r join messages m on m.id = r.message_id
where r.ended_at is not null and r.model_name is not null;
