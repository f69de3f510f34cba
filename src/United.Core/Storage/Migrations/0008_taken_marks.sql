-- runs_from 8
-- Behind a restored backup checks are still due, and a table with such can't be altered.
--pg: set constraints all immediate;

-- How far a member of an encrypted conversation has taken what the other wrote: up to here each message was taken, or has an entry in
-- dm_offline_queue; whatever stands above waits. So no message writes anything for the queue.
alter table conversation_members add column taken_sequence bigint not null default 0;

-- Until now each message had an entry from the first.
update conversation_members set taken_sequence = (select c.last_sequence from conversations c where c.id = conversation_members.conversation_id)
    where conversation_id in (select id from conversations where kind = 4);
alter table dm_offline_queue drop column visible_at;
