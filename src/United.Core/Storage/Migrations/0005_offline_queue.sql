-- Up to which message entries have expired: it is told until their recipient has come that far.
alter table dm_offline_expired add column last_sequence bigint not null default 0;
update dm_offline_expired set last_sequence = (select c.last_sequence from conversations c where c.id = dm_offline_expired.conversation_id);

-- Checked and locked for every message, and never broken: the rows of accounts stay.
--pg: alter table dm_offline_queue drop constraint dm_offline_queue_recipient_id_fkey;
