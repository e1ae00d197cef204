-- The event log is also read by subject and by type.
CREATE INDEX event_subject ON event (subject, seq);
CREATE INDEX event_kind ON event (kind, seq);
