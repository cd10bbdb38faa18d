import pg from 'pg';

/** Statements that find what must never be where all answers are ours; each names the rule that it breaks. */
const offenders: Record<string, string> = {
  'a session counts its messages': `
    select s.id from sessions s
    where s.message_count <> (select count(*) from messages m where m.session_id = s.id)`,
  'what follows a message is one deeper, in the same session, of the same user, and of the other role': `
    select m.id from messages m join messages p on p.id = m.parent_id
    where m.depth <> p.depth + 1 or m.session_id <> p.session_id or m.user_id <> p.user_id or m.role = p.role`,
  'what is shown hangs together from its root': `
    select m.id from messages m join messages p on p.id = m.parent_id where m.active and not p.active`,
  'what is shown goes down to a leaf': `
    select m.id from messages m
    where m.active and exists (select from messages c where c.parent_id = m.id)
      and not exists (select from messages c where c.parent_id = m.id and c.active)`,
  'a session shows one message at each depth, and some where it has any': `
    select session_id from messages group by session_id
    having count(*) filter (where active) <> coalesce(max(depth) filter (where active), -2) + 1`,
  'an answer has its record, unless it came from the cache, and nothing else has one': `
    select m.id from messages m full join replies r on r.message_id = m.id
    where case when m.role = 'assistant' then r.message_id is null and not m.cached else r.message_id is not null end`,
  'a message is found by the words of its text': `
    select id from messages where content_search is distinct from message_search_vector(content)`,
  'every question has an answer': `
    select m.id from messages m
    where m.role = 'user' and not exists (select from messages c where c.parent_id = m.id)`,
  'an answer is under way exactly while its record has no end': `
    select m.id from messages m join replies r on r.message_id = m.id
    where (m.status in ('pending', 'in_progress')) <> (r.ended_at is null)`,
  'what has ended belongs to nobody, has the seq of its end, and a reason that goes with its status': `
    select m.id from messages m join replies r on r.message_id = m.id
    where r.ended_at is not null and (
      r.owner is not null or r.last_seq is null or r.finish_reason is null
      or (m.status = 'complete') <> (r.finish_reason in ('stop', 'length'))
      or (m.status = 'stopped') <> (r.finish_reason = 'cancelled')
      or (m.status = 'failed') <> (m.error_message is not null))`,
  'the draft of an answer goes when it ends': `
    select d.message_id from reply_drafts d join replies r using (message_id) where r.ended_at is not null`,
  'the tokens that are kept of an answer that has ended are those of its very text': `
    select t.message_id from reply_tokens t join messages m on m.id = t.message_id join replies r on r.message_id = m.id
    where r.ended_at is not null and t.content_md5 <> md5(m.content)::uuid`,
};

const everyOffender = Object.entries(offenders)
  .map(([rule, statement]) => `select ${pg.escapeLiteral(rule)} as rule, id::text from (${statement}) as offender (id)`)
  .join(' union all ');

/** A statement whose rows are the broken rules, each with the ids that break it. */
export const brokenRules = `select rule, array_agg(distinct id) as ids from (${everyOffender}) as offenders group by rule`;
