-- The index of full-text search, fed from the messages by a follower of the log. Its key rises with the time of the message,
-- so that the newest finds come first without sorting. Text is folded by the program, the same for both databases. Dropping all
-- rows and search_progress rebuilds it.
create table message_search (
    id bigint primary key,                      -- milliseconds * 256, and a byte that makes it unique
    conversation_id uuid not null,
    message_id uuid not null unique,
    sender_id uuid not null,
    folded text not null
    --pg: , grams integer[] not null
);

-- Trigrams on both: SQLite's own; on PostgreSQL ours in an array, since pg_trgm would be an extension that the operator has to
-- allow, and leaves out what the database's locale calls no letter. Conversation and sender are three characters of a private
-- area each, so that a search within one of them is an intersection too.
--pg: create index message_search_grams on message_search using gin (grams);
--sqlite: create virtual table message_trigrams using fts5 (folded, conversation, sender, content='', tokenize='trigram case_sensitive 1', detail=none, columnsize=0);
