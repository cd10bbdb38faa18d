-- Where a cached answer came from. The message that gave it may be gone by now, so it is no foreign key.
alter table messages
  add column cache_source_id uuid,
  add column cache_similarity double precision check (cache_similarity between 0 and 1),
  add column cache_age_seconds integer check (cache_age_seconds >= 0);

-- What the cache may do for this reply, and the digest of what was asked: one of several that are asked at once is generated,
-- and the others take its answer.
alter table replies
  add column cache_policy varchar(7) not null default 'use' check (cache_policy in ('use', 'refresh', 'bypass')),
  add column cache_digest char(64);
create index replies_cache_digest_idx on replies (cache_digest) where ended_at is null;
