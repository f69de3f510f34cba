-- What two people have written to each other, whatever keys they had then.
create index direct_pairs_of_users on direct_pairs (low_user_id, high_user_id) where low_user_id is not null;
