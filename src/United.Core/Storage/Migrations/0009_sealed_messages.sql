-- runs_from 9
-- What a message of type encrypted holds is written with the message, in columns of its own, and no longer beside it. The payload is empty
-- once the message is deleted; sent_at is the sender's clock; client_key the first 16 bytes of SHA-256(conversation, sender, client_id).
alter table messages add column payload bytea;
alter table messages add column nonce bytea;
alter table messages add column ephemeral_pubkey bytea;
alter table messages add column sent_at bigint;
alter table messages add column client_key uuid;
-- Ciphertext does not get smaller.
--pg: alter table messages alter column payload set storage external;

update messages set payload = d.payload, nonce = d.nonce, ephemeral_pubkey = d.ephemeral_pubkey, sent_at = d.sent_at, client_key = d.client_key
    from dm_payloads d where d.message_id = messages.id;
create unique index messages_client_key on messages (client_key) where client_key is not null;
drop table dm_payloads;
