-- Which emojis stand on a message, without reading the rows of all who put them there.
create index reactions_standing on reactions (message_id, emoji) where not removed;
