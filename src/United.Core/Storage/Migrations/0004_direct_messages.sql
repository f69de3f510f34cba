-- Encrypted direct messages: what the server keeps of them, and can't read.

-- Whose identity keys the pair of a dm is made of. Each of the two may have another key by now; the conversation keeps these.
alter table direct_pairs add column low_user_id uuid;
alter table direct_pairs add column high_user_id uuid;

-- What to seal messages for: the newest key that an account has published, for the identity key that it had then.
create table dm_public_keys (
    user_id uuid primary key references users (id),
    ed25519_pubkey bytea not null,
    x25519_pubkey bytea not null,
    published_at bigint not null,
    key_id bytea,
    created_at bigint,
    expires_at bigint,
    signature bytea
);

-- What a message of type encrypted holds, beside its row in messages: so no other message pays for it with a column or an index, and
-- histories of others stay dense. That a nonce is used once is kept by messages.send_key, which here is the first 16 bytes of
-- SHA-256(conversation, sender, nonce).
create table dm_payloads (
    message_id uuid primary key,
    payload bytea not null,                     -- empty once the message is deleted
    nonce bytea not null,
    ephemeral_pubkey bytea not null,
    sent_at bigint not null,                    -- the sender's clock
    client_key uuid unique                      -- first 16 bytes of SHA-256(conversation, sender, client_id)
);
-- Ciphertext does not get smaller.
--pg: alter table dm_payloads alter column payload set storage external;

-- What a recipient may not have got: written with the message, taken away when a connection of theirs took it, or they say so.
create table dm_offline_queue (
    message_id uuid primary key,
    recipient_id uuid not null references users (id),
    conversation_id uuid not null,
    bytes integer not null,
    queued_at bigint not null,                  -- never before what stands ahead of it in its conversation
    visible_at bigint not null                  -- later than queued_at where somebody seemed to be there to take it
);
create index dm_offline_queue_of_recipient on dm_offline_queue (recipient_id, queued_at);
create index dm_offline_queue_by_time on dm_offline_queue (queued_at);

-- How many entries nobody fetched within 30 days. The messages stay in the history.
create table dm_offline_expired (
    conversation_id uuid not null,
    recipient_id uuid not null,
    count bigint not null,
    primary key (conversation_id, recipient_id)
) --sqlite: without rowid
;
