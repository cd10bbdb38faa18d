-- When a branch was shown last, told by its leaf: choosing a message leads down to the leaf that was active last.
alter table messages add column shown_at timestamptz(3) not null default now();

-- Claims since the reply was asked for or resumed; `attempt` counts them all, since `seq` may never fall.
alter table replies add column tries integer not null default 0;
