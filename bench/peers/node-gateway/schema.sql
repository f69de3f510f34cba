-- The schema of the reference gateway: what a team would write that counts unread messages in a row of each member.
create table users (
    id uuid primary key,
    name text not null
);

create table conversations (
    id uuid primary key,
    last_message_id uuid,
    last_message_at timestamptz
);

create table participants (
    conversation_id uuid not null references conversations (id),
    user_id uuid not null references users (id),
    primary key (conversation_id, user_id)
);
create index participants_of_user on participants (user_id);

create table messages (
    id uuid primary key,
    conversation_id uuid not null references conversations (id),
    sender_id uuid not null references users (id),
    content text not null,
    created_at timestamptz not null default now()
);
create index messages_of_conversation on messages (conversation_id, created_at);

create table unread_counts (
    conversation_id uuid not null references conversations (id),
    user_id uuid not null references users (id),
    count integer not null default 0,
    primary key (conversation_id, user_id)
);
