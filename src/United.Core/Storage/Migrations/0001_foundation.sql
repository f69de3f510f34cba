-- One text for both databases. A comment "--pg:" is code on PostgreSQL, "--sqlite:" on SQLite. SQLite takes any type name:
-- uuid and bytea hold blobs there, boolean holds 0 and 1. Times are Unix milliseconds. Deciding state lives here, never in
-- one process's memory, because several processes may share this database.

create table server_state (
    name text primary key,
    value bytea not null
);

create table server_settings (
    name text primary key,
    value text not null
);

create table users (
    id uuid primary key,
    username text not null unique,              -- lower case
    display_name text not null,
    public_key bytea unique,                    -- Ed25519, 32 bytes
    password_hash text,                         -- PHC string
    avatar_media_id uuid,
    bio text not null default '',
    role smallint not null,                     -- Role
    messaging_access smallint not null default 1, -- 0 everyone, 1 requests, 2 nobody
    read_receipts boolean not null default true,
    presence smallint not null default 0,       -- set by hand: 0 none, 2 away, 3 dnd
    created_at bigint not null,
    last_seen_at bigint,
    suspended_at bigint,
    deleted_at bigint,
    key_reset_until bigint
);
create unique index users_one_owner on users (role) where role = 2;

create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id),
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    user_agent text not null default '',
    address text not null default '',
    refresh_counter bigint not null default 0,
    refresh_hash bytea not null,
    refresh_rotated_at bigint not null,
    ended_at bigint,
    end_reason text
);
create index sessions_of_user on sessions (user_id);

create table auth_challenges (
    id uuid primary key,
    public_key bytea not null,
    nonce bytea not null,
    expires_at bigint not null
);
create index auth_challenges_expiry on auth_challenges (expires_at);

create table invites (
    id uuid primary key,
    code_hash bytea not null unique,
    created_by uuid not null references users (id),
    created_at bigint not null,
    expires_at bigint,
    max_uses integer,
    uses integer not null default 0,
    role smallint not null default 0,
    revoked_at bigint
);

create table roles (
    id uuid primary key,
    name text not null,
    name_key text not null unique,              -- folded
    colour text,                                -- #rrggbb
    position integer not null default 0,
    permissions integer not null default 0
);

create table role_members (
    role_id uuid not null references roles (id) on delete cascade,
    user_id uuid not null references users (id),
    primary key (role_id, user_id)
) --sqlite: without rowid
;
create index role_members_of_user on role_members (user_id);

create table blocks (
    user_id uuid not null references users (id),
    blocked_id uuid not null references users (id),
    created_at bigint not null,
    primary key (user_id, blocked_id)
) --sqlite: without rowid
;

create table key_backups (
    user_id uuid not null references users (id),
    version bigint not null,
    blob bytea not null,
    created_at bigint not null,
    session_id uuid not null,
    primary key (user_id, version)
);

-- Moderation and account acts, for the operator's eyes.
create table audit (
    id uuid primary key,
    at bigint not null,
    actor_id uuid,
    action text not null,
    target_id uuid,
    detail text not null default ''
);
create index audit_by_time on audit (at);

-- No index on a column that a message changes, and room on the page: updates stay heap-only.
create table conversations (
    id uuid primary key,
    kind smallint not null,                     -- 1 channel, 2 group, 3 direct, 4 dm
    name text,
    name_key text,                              -- folded; channels only
    topic text not null default '',
    category text not null default '',
    position integer not null default 0,
    open boolean not null default false,        -- public channel: every member of the server reads it
    read_only boolean not null default false,
    creator_id uuid references users (id),
    avatar_media_id uuid,
    created_at bigint not null,
    deleted_at bigint,
    last_sequence bigint not null default 0,
    revision bigint not null default 0,
    own_revision bigint not null default 0,     -- revision of the last change of this row itself (rename, topic, ...)
    member_revision bigint not null default 0,
    last_message_id uuid,
    last_message_at bigint
) --pg: with (fillfactor = 50)
;
create unique index conversations_channel_name on conversations (name_key) where kind = 1 and deleted_at is null;
create index conversations_open on conversations (id) where open and deleted_at is null;

-- A row of somebody who left stays (state), so that sync can tell of it. Open channels have no members: there a row only holds
-- watermarks (state and revision 0), so that a channel that becomes private keeps those out who were not let in.
create table conversation_members (
    -- Checked at the commit: the log writes the conversation's row after its founding change has written the members.
    conversation_id uuid not null references conversations (id) deferrable initially deferred,
    user_id uuid not null references users (id),
    role smallint not null default 0,           -- 0 member, 1 admin
    state smallint not null default 1,          -- 0 left, 1 member, 2 removed
    joined_at bigint not null,
    last_read_sequence bigint not null default 0,
    last_read_at bigint,
    last_delivered_sequence bigint not null default 0,
    last_delivered_at bigint,
    muted_until bigint,
    notifications smallint not null default 0,  -- 0 all, 1 mentions, 2 none
    hidden_sequence bigint not null default 0,
    revision bigint not null default 0,
    primary key (conversation_id, user_id)
) --sqlite: without rowid
--pg: with (fillfactor = 70)
;
create index conversation_members_of_user on conversation_members (user_id, conversation_id);
create index conversation_members_revision on conversation_members (conversation_id, revision);

-- One conversation per pair, however many ask at once. Low and high: user ids (kind 3) or identity keys (kind 4).
create table direct_pairs (
    kind smallint not null,
    low bytea not null,
    high bytea not null,
    conversation_id uuid not null unique,
    primary key (kind, low, high)
) --sqlite: without rowid
;

-- No foreign keys from here (measured: -23 % of the insert rate).
create table messages (
    conversation_id uuid not null,
    server_sequence bigint not null,
    id uuid not null,
    sender_id uuid not null,
    send_key uuid not null,                     -- first 16 bytes of SHA-256(conversation, sender, client_id); else the id
    client_id text,
    type smallint not null default 0,           -- 0 text, 1 media, 2 voice, 3 shared post, 4 system
    content text not null,
    reply_to_id uuid,
    shared_post_id uuid,
    signature bytea,
    envelope bytea,
    edited_at bigint,
    deleted boolean not null default false,
    flagged boolean not null default false,
    late boolean not null default false,
    revision bigint not null,
    timestamp bigint not null,
    primary key (conversation_id, server_sequence)
) --sqlite: without rowid
;
create unique index messages_id on messages (id);
create unique index messages_send_key on messages (send_key);
create index messages_revision on messages (conversation_id, revision);
create index messages_flagged on messages (timestamp) where flagged;

-- Whom a message means: 1 a user, 2 a role, 3 everyone (the zero id), 4 the author that it replies to.
create table mentions (
    conversation_id uuid not null,
    server_sequence bigint not null,
    kind smallint not null,
    target_id uuid not null,
    primary key (conversation_id, server_sequence, kind, target_id)
) --sqlite: without rowid
;
create index mentions_of_target on mentions (target_id, conversation_id, server_sequence);

-- A reaction stamps its own row; one taken back stays as removed.
create table reactions (
    message_id uuid not null,
    user_id uuid not null,
    emoji text not null,
    conversation_id uuid not null,
    server_sequence bigint not null,
    removed boolean not null default false,
    revision bigint not null,
    timestamp bigint not null,
    primary key (message_id, user_id, emoji)
) --sqlite: without rowid
;
create index reactions_revision on reactions (conversation_id, revision);

-- One row per move of a watermark, in conversations where receipts are told to others; kept 90 days.
create table receipt_events (
    conversation_id uuid not null,
    user_id uuid not null,
    kind smallint not null,                     -- 1 read, 2 delivered
    sequence bigint not null,
    at bigint not null,
    primary key (conversation_id, user_id, kind, sequence)
) --sqlite: without rowid
;
create index receipt_events_by_time on receipt_events (at);

-- How far full-text search has followed each conversation's log.
create table search_progress (
    conversation_id uuid primary key,
    revision bigint not null
) --sqlite: without rowid
;

-- Views for reporting, under the names of the requirements.
create view last_read as
    select user_id, conversation_id as channel_id, last_read_sequence as last_sequence, last_read_at as updated_at
    from conversation_members where last_read_sequence > 0;

create view conversation_participants as
    select conversation_id, user_id, case role when 1 then 'admin' else 'member' end as role, joined_at,
        last_read_sequence, last_read_at, muted_until
    from conversation_members where state = 1;

create view message_reactions as
    select message_id, user_id, emoji, timestamp as created_at from reactions where not removed;

create view conversation_unread_counts as
    select m.conversation_id, m.user_id,
        (select count(*) from messages x where x.conversation_id = m.conversation_id
            and x.server_sequence > m.last_read_sequence and x.server_sequence > m.hidden_sequence and x.sender_id <> m.user_id and not x.deleted and x.type <> 4) as unread_count
    from conversation_members m join conversations c on c.id = m.conversation_id
    where (m.state = 1 or c.open) and c.deleted_at is null;

create view message_read_receipts as
    select x.id as message_id, e.user_id, min(e.at) as read_at
    from messages x join receipt_events e on e.conversation_id = x.conversation_id and e.sequence >= x.server_sequence
    where e.kind = 1 and e.user_id <> x.sender_id
    group by x.id, e.user_id;

create view message_status as
    select x.id as message_id, x.conversation_id, m.user_id,
        case when m.last_read_sequence >= x.server_sequence then 'read'
             when m.last_delivered_sequence >= x.server_sequence then 'delivered' else 'sent' end as status
    from messages x join conversation_members m on m.conversation_id = x.conversation_id join conversations c on c.id = x.conversation_id
    where (m.state = 1 or c.open) and m.user_id <> x.sender_id and not x.deleted;

create view dm_conversations as
    select c.id, p.low as participant_a_pubkey, p.high as participant_b_pubkey, c.created_at, c.last_message_at, c.last_sequence
    from conversations c join direct_pairs p on p.conversation_id = c.id where c.kind = 4;

create view dm_messages as
    select m.id, m.conversation_id, m.sender_id, m.server_sequence, m.timestamp, m.deleted
    from messages m join conversations c on c.id = m.conversation_id where c.kind = 4;
