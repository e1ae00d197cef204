-- Who works on a message, and until when. The table is made anew so that these members come before the document,
-- and are read without it.

CREATE TABLE outbox_claimed (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    process      TEXT NOT NULL,
    peer         TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    refusals     INTEGER NOT NULL DEFAULT 0,
    due          INTEGER NOT NULL,
    worker       TEXT,
    leased_until INTEGER,
    error        TEXT,
    doc          TEXT NOT NULL
) STRICT;

INSERT INTO outbox_claimed (seq, id, process, peer, attempts, due, error, doc)
SELECT seq, id, process, json_extract(doc, '$.peer'), attempts, due, error, doc FROM outbox;

DROP TABLE outbox;
ALTER TABLE outbox_claimed RENAME TO outbox;

CREATE INDEX outbox_process ON outbox (process, seq);
-- A message is born claimed, so one that is delivered at once is never in this index.
CREATE INDEX outbox_free ON outbox (due, peer, process) WHERE leased_until IS NULL;
