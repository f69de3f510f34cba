-- The queue of the moderators is sorted by the time of its messages, not of the reports: no query used it.
drop index message_reports_by_time;
