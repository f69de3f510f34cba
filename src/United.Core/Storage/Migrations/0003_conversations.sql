-- Groups and direct conversations: what their messages carry, and who asked to write to whom.

-- The bytes lie in the data directory under their SHA-256; rows of the same bytes share them.
create table media (
    id uuid primary key,
    owner_id uuid not null references users (id),
    sha256 bytea not null,
    type smallint not null,                     -- 1 image, 2 video, 3 voice, 4 file
    content_type text not null,
    name text not null default '',
    size bigint not null,
    width integer,
    height integer,
    duration bigint,                            -- milliseconds
    waveform bytea,
    thumbnail_id uuid,
    created_at bigint not null,
    collect_at bigint                           -- from then on whoever finds that nothing holds it takes it away; null: something does
);
create index media_of_owner on media (owner_id);
create index media_by_content on media (sha256);
create index media_to_collect on media (collect_at) where collect_at is not null;
create index media_by_thumbnail on media (thumbnail_id) where thumbnail_id is not null;
create index users_by_avatar on users (avatar_media_id) where avatar_media_id is not null;
create index conversations_by_avatar on conversations (avatar_media_id) where avatar_media_id is not null;

create table message_media (
    message_id uuid not null,
    sort_order smallint not null,
    media_id uuid not null,
    conversation_id uuid not null,
    primary key (message_id, sort_order)
) --sqlite: without rowid
;
create index message_media_of_media on message_media (media_id);

create index messages_shared_post on messages (shared_post_id) where shared_post_id is not null;

-- One per requester and recipient, of direct conversation and dm together. Decides whether the requester may write.
create table message_requests (
    id uuid primary key,
    requester_id uuid not null references users (id),
    recipient_id uuid not null references users (id),
    conversation_id uuid not null,
    state smallint not null default 0,          -- 0 pending, 1 accepted, 2 declined
    created_at bigint not null,
    answered_at bigint,
    unique (requester_id, recipient_id)
);
create index message_requests_of_recipient on message_requests (recipient_id, requester_id);

-- What members told the moderators of, until one of them settles it.
create table message_reports (
    message_id uuid not null,
    reporter_id uuid not null references users (id),
    conversation_id uuid not null,
    reason text not null,
    created_at bigint not null,
    primary key (message_id, reporter_id)
) --sqlite: without rowid
;
create index message_reports_by_time on message_reports (created_at);

create index blocks_of_blocked on blocks (blocked_id, user_id);

-- When a member last changed what is theirs alone (mute, notifications, hidden, the answer to a request): for their other devices.
alter table conversation_members add column settings_at bigint;

-- Who came in lately, wherever: asked by nodes that may have missed it. A watermark that moves does not touch it.
create index conversation_members_joined on conversation_members (joined_at) where state = 1;
