create extension if not exists btree_gin;

-- English stems that keep every word: stop words, names and words of other languages are found like any other.
create text search dictionary portal_stems (template = pg_catalog.snowball, language = english);
create text search configuration portal (copy = pg_catalog.english);
alter text search configuration portal alter mapping replace english_stem with portal_stems;

-- The words of a text, each character that is in none replaced by a space, so that places stay the same. Without it
-- Postgres would take paths, hosts and tags for words, and punctuation too where the locale is C. Characters of scripts
-- without spaces go as well. A tsvector holds at most 1 MiB: what stands after 50,000 characters is not searched.
create function searchable_words(content text) returns text
  language sql immutable parallel safe strict as $$
  select regexp_replace(
    left(content, 50000),
    -- Controls and ASCII punctuation; Latin-1's; general punctuation to symbols; CJK and full-width punctuation; emoji.
    '[\u0001-/:-@[-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff'
      -- Thai to Khmer, Kana, Han, and Hangul, whose words grow endings.
      || '\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]',
    ' ', 'g')
$$;

-- What a message is found by: its words, and, of scripts that put no spaces between words, single characters and pairs of
-- neighbours (trigrams could not find a word of two characters).
create function message_search_vector(content text) returns tsvector
  language sql immutable parallel safe strict as $$
  select to_tsvector('public.portal', public.searchable_words(content))
    || case when head ~ unspaced
      then (
        select coalesce(array_to_tsvector(array_agg(distinct gram)), '')
        from (
          select c, lead(c) over (order by place) as following
          from regexp_split_to_table(head, '') with ordinality as characters (c, place)
        ) neighbours,
        lateral (values (c), (case when following ~ unspaced then c || following end)) as grams (gram)
        where c ~ unspaced and gram is not null
      )
      else ''
    end
  from (
    select
      left(content, 50000) as head,
      '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]' as unspaced
  ) bounded
$$;

create table users (
  id uuid primary key,
  email text not null unique,
  name text,
  role text not null default 'user' check (role in ('user', 'admin')),
  created_at timestamptz(3) not null default now()
);

create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  title varchar(255) not null default 'New Chat',
  title_chosen boolean not null default false,
  system_prompt text,
  model_name text,
  generation jsonb not null default '{}',
  favorite boolean not null default false,
  archived_at timestamptz(3),
  message_count integer not null default 0 check (message_count >= 0),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index sessions_user_id_updated_at_id_idx on sessions (user_id, updated_at desc, id desc);

create table messages (
  id uuid primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  parent_id uuid references messages (id) on delete cascade,
  depth integer not null check (depth >= 0 and (depth = 0) = (parent_id is null)),
  active boolean not null default true,
  role text not null check (role in ('user', 'assistant')),
  content text not null default '',
  status text not null check (status in ('pending', 'in_progress', 'complete', 'stopped', 'failed')),
  error_message text,
  rating text check (rating is null or (rating in ('up', 'down') and role = 'assistant')),
  pinned boolean not null default false,
  cached boolean not null default false,
  context jsonb,
  idempotency_key varchar(255),
  created_at timestamptz(3) not null default now(),
  content_search tsvector generated always as (message_search_vector(content)) stored
);
create unique index messages_user_id_idempotency_key_key on messages (user_id, idempotency_key);
create unique index messages_session_id_depth_active_key on messages (session_id, depth) where active;
create index messages_session_id_created_at_idx on messages (session_id, created_at);
create index messages_parent_id_idx on messages (parent_id);
create index messages_pinned_idx on messages (session_id, created_at) where pinned;
-- New entries wait in a list that every search reads through: a short one.
create index messages_user_id_content_search_idx on messages using gin (user_id, content_search)
  with (gin_pending_list_limit = 512);

create table replies (
  message_id uuid primary key references messages (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  queued_at timestamptz(3) not null default now(),
  generation jsonb not null default '{}',
  attempt integer not null default 0,
  owner text,
  heartbeat_at timestamptz(3),
  stop_requested_at timestamptz(3),
  ended_at timestamptz(3),
  last_seq integer,
  model_name text,
  first_included_message_id uuid,
  included_count integer,
  dropped_count integer,
  prompt_tokens integer,
  reused_tokens integer,
  completion_tokens integer,
  time_to_first_token_ms double precision,
  tokens_per_second double precision,
  finish_reason text check (finish_reason in ('stop', 'length', 'cancelled', 'error'))
);
create index replies_user_id_idx on replies (user_id);
create index replies_queued_at_idx on replies (queued_at, message_id) where ended_at is null;

-- Rewritten four times a second while its reply runs: room on the page and no other index make each save a HOT update.
create table reply_drafts (
  message_id uuid primary key references replies (message_id) on delete cascade,
  partial_content text not null,
  token_ids integer[] not null,
  saved_seq integer not null
) with (fillfactor = 50);

insert into users (id, email, role)
values ('00000000-0000-0000-0000-000000000001', 'default@pocketllm.local', 'admin');
