-- Templates that users wrote. Those that come with the portal are data of the program, the same for everybody.
create table prompt_templates (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  name varchar(100) not null,
  category varchar(50) not null,
  description varchar(500) not null default '',
  content text not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index prompt_templates_user_id_idx on prompt_templates (user_id);
