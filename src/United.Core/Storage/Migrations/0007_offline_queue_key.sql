-- One index instead of three: every entry is of a recipient, and is written with its message while somebody waits for that.
create table dm_offline_entries (
    recipient_id uuid not null,
    message_id uuid not null,
    conversation_id uuid not null,
    bytes integer not null,
    queued_at bigint not null,                  -- never before what stands ahead of it in its conversation
    visible_at bigint not null,                 -- later than queued_at where somebody seemed to be there to take it
    primary key (recipient_id, message_id)
) --sqlite: without rowid
;
insert into dm_offline_entries (recipient_id, message_id, conversation_id, bytes, queued_at, visible_at)
    select recipient_id, message_id, conversation_id, bytes, queued_at, visible_at from dm_offline_queue;
drop table dm_offline_queue;
alter table dm_offline_entries rename to dm_offline_queue;
--pg: alter index dm_offline_entries_pkey rename to dm_offline_queue_pkey;

-- A client_id is used once; most programs give none.
--pg: alter table dm_payloads drop constraint dm_payloads_client_key_key;
--pg: create unique index dm_payloads_client_key on dm_payloads (client_key) where client_key is not null;
